#include "fhir/tree.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "fhir/tree_layout.h"

struct node {
    enum fhir_kind kind;
    uint32_t name_len, name_at, text_at, text_len, parent, end;
};

static uint32_t get_u32(const char *p)
{
    unsigned char b[4];
    memcpy(b, p, 4);
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static struct node node_read(const char *p)
{
    unsigned char b[4];
    memcpy(b, p, 4);
    return (struct node){ .kind = (enum fhir_kind)b[0],
                          .name_len = (uint32_t)b[2] | (uint32_t)b[3] << 8,
                          .name_at = get_u32(p + 4),
                          .text_at = get_u32(p + 8),
                          .text_len = get_u32(p + 12),
                          .parent = get_u32(p + 16),
                          .end = get_u32(p + 20) };
}

static bool node_get(const struct fhir_tree *t, uint32_t index, struct node *out)
{
    if (index >= t->count)
        return false;
    *out = node_read(t->nodes.ptr + (size_t)index * TREE_NODE);
    return true;
}

/* RFC 8259 section 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
bool tree_is_number(struct slice s)
{
    size_t i = 0, digits = 0;
    if (i < s.len && s.ptr[i] == '-')
        i++;
    bool zero = i < s.len && s.ptr[i] == '0';
    for (; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        digits++;
    if (digits == 0 || (zero && digits > 1))
        return false;
    if (i < s.len && s.ptr[i] == '.') {
        for (i++, digits = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
            digits++;
        if (digits == 0)
            return false;
    }
    if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
        i++;
        if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
            i++;
        for (digits = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
            digits++;
        if (digits == 0)
            return false;
    }
    return i == s.len;
}

static bool broken(struct error *err, const char *what)
{
    return error_set(err, ERROR_SYNTAX, "fhir tree block: %s", what);
}

static bool check_value(const struct node *n, struct slice text)
{
    switch (n->kind) {
    case FHIR_BOOL:
        return slice_is(text, "true") || slice_is(text, "false");
    case FHIR_NUMBER:
        return tree_is_number(text);
    case FHIR_STRING:
        return utf8_valid(text);
    case FHIR_NULL:
    case FHIR_ARRAY:
    case FHIR_OBJECT:
        return text.len == 0;
    }
    return false;
}

/* What is open while the nodes are walked: the innermost container stands on top. */
struct walk {
    uint32_t open[LIMIT_FHIR_DEPTH], depth;
    uint32_t text_used;
};

static bool check_node(const struct fhir_tree *t, uint32_t i, struct walk *w, struct error *err)
{
    struct node n, up = { .kind = FHIR_NULL };
    node_get(t, i, &n);
    while (w->depth > 0 && node_get(t, w->open[w->depth - 1], &up) && up.end == i)
        w->depth--;
    uint32_t parent = w->depth > 0 ? w->open[w->depth - 1] : FHIR_NONE;
    bool container = n.kind == FHIR_ARRAY || n.kind == FHIR_OBJECT;
    uint32_t limit = parent == FHIR_NONE ? t->count : up.end;

    if (n.kind > FHIR_OBJECT || t->nodes.ptr[(size_t)i * TREE_NODE + 1] != 0)
        return broken(err, "unknown kind of node");
    if (n.parent != parent || (parent == FHIR_NONE) != (i == 0))
        return broken(err, "a node under the wrong parent");
    if (n.end <= i || n.end > limit || (!container && n.end != i + 1))
        return broken(err, "a node ends outside its parent");
    if (n.name_len > 0 && (parent == FHIR_NONE || up.kind != FHIR_OBJECT))
        return broken(err, "a name where none can be");
    if (n.name_at != w->text_used || n.name_len > t->text.len - n.name_at ||
        n.text_at != n.name_at + n.name_len || n.text_len > t->text.len - n.text_at)
        return broken(err, "texts out of order");
    w->text_used = n.text_at + n.text_len;
    if (!utf8_valid(slice_sub(t->text, n.name_at, n.name_len)) ||
        !check_value(&n, slice_sub(t->text, n.text_at, n.text_len)))
        return broken(err, "a text not of its kind");
    if (container && w->depth == LIMIT_FHIR_DEPTH)
        return error_set(err, ERROR_LIMIT, "fhir-depth: more than %d levels", (int)LIMIT_FHIR_DEPTH);
    if (n.end > i + 1)
        w->open[w->depth++] = i;
    return true;
}

bool fhir_tree_open(struct slice bytes, struct fhir_tree *out, struct error *err)
{
    *out = (struct fhir_tree){ .count = 0 };
    if (bytes.len < TREE_HEADER || memcmp(bytes.ptr, "FHT", 3) != 0)
        return broken(err, "no header");
    if ((unsigned char)bytes.ptr[3] != FHIR_TREE_VERSION)
        return error_set(err, ERROR_VERSION, "fhir tree block: version %u, this program reads %d",
                         (unsigned)(unsigned char)bytes.ptr[3], (int)FHIR_TREE_VERSION);
    uint32_t count = get_u32(bytes.ptr + 4), text = get_u32(bytes.ptr + 8);
    if (count > LIMIT_FHIR_NODES)
        return error_set(err, ERROR_LIMIT, "fhir-nodes: more than %d elements", (int)LIMIT_FHIR_NODES);
    if (count == 0 || bytes.len != TREE_HEADER + (size_t)count * TREE_NODE + text)
        return broken(err, "length does not fit the header");
    struct fhir_tree t = { slice_sub(bytes, TREE_HEADER, (size_t)count * TREE_NODE),
                           slice_sub(bytes, TREE_HEADER + (size_t)count * TREE_NODE, text), count };
    struct walk w = { .depth = 0 };
    for (uint32_t i = 0; i < count; i++)
        if (!check_node(&t, i, &w, err))
            return false;
    struct node root;
    node_get(&t, 0, &root);
    if (root.kind != FHIR_OBJECT || root.end != count || w.text_used != text)
        return broken(err, "the root is not the whole document");
    *out = t;
    return true;
}

enum fhir_kind fhir_kind(const struct fhir_tree *t, uint32_t node)
{
    struct node n;
    return node_get(t, node, &n) ? n.kind : FHIR_NULL;
}

struct slice fhir_name(const struct fhir_tree *t, uint32_t node)
{
    struct node n;
    return node_get(t, node, &n) ? slice_sub(t->text, n.name_at, n.name_len) : (struct slice){ NULL, 0 };
}

struct slice fhir_text(const struct fhir_tree *t, uint32_t node)
{
    struct node n;
    return node_get(t, node, &n) ? slice_sub(t->text, n.text_at, n.text_len) : (struct slice){ NULL, 0 };
}

uint32_t fhir_parent(const struct fhir_tree *t, uint32_t node)
{
    struct node n;
    return node_get(t, node, &n) ? n.parent : FHIR_NONE;
}

uint32_t fhir_first(const struct fhir_tree *t, uint32_t node)
{
    struct node n;
    return node_get(t, node, &n) && n.end > node + 1 ? node + 1 : FHIR_NONE;
}

uint32_t fhir_next(const struct fhir_tree *t, uint32_t node)
{
    struct node n, up;
    if (!node_get(t, node, &n) || !node_get(t, n.parent, &up))
        return FHIR_NONE;
    return n.end < up.end ? n.end : FHIR_NONE;
}

static uint32_t child_named(const struct fhir_tree *t, uint32_t node, struct slice name)
{
    if (fhir_kind(t, node) != FHIR_OBJECT)
        return FHIR_NONE;
    for (uint32_t c = fhir_first(t, node); c != FHIR_NONE; c = fhir_next(t, c))
        if (slice_eq(fhir_name(t, c), name))
            return c;
    return FHIR_NONE;
}

uint32_t fhir_child(const struct fhir_tree *t, uint32_t node, const char *name)
{
    return child_named(t, node, slice_of(name));
}

uint32_t fhir_count(const struct fhir_tree *t, uint32_t node)
{
    if (fhir_kind(t, node) != FHIR_ARRAY)
        return fhir_kind(t, node) == FHIR_NULL ? 0 : 1;
    uint32_t count = 0;
    for (uint32_t c = fhir_first(t, node); c != FHIR_NONE; c = fhir_next(t, c))
        count++;
    return count;
}

uint32_t fhir_item(const struct fhir_tree *t, uint32_t node, uint32_t index)
{
    if (fhir_kind(t, node) != FHIR_ARRAY)
        return index == 0 && fhir_kind(t, node) != FHIR_NULL ? node : FHIR_NONE;
    uint32_t c = fhir_first(t, node);
    while (c != FHIR_NONE && index-- > 0)
        c = fhir_next(t, c);
    return c;
}

uint32_t fhir_find(const struct fhir_tree *t, uint32_t node, const char *dotted)
{
    struct slice rest = slice_of(dotted);
    uint32_t at = fhir_item(t, node, 0);
    while (rest.len > 0 && at != FHIR_NONE)
        at = fhir_item(t, child_named(t, at, slice_cut(&rest, '.')), 0);
    return at;
}

struct slice fhir_get(const struct fhir_tree *t, uint32_t node, const char *dotted)
{
    return fhir_text(t, fhir_find(t, node, dotted));
}
