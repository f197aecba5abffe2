/* Where a node stands, and what a reference in it names. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "fhir/tree.h"
#include "fhir/tree_layout.h"

struct slice fhir_type(const struct fhir_tree *t, uint32_t node)
{
    return fhir_text(t, fhir_child(t, node, "resourceType"));
}

uint32_t fhir_resource_of(const struct fhir_tree *t, uint32_t node)
{
    while (node != FHIR_NONE && fhir_type(t, node).len == 0)
        node = fhir_parent(t, node);
    return node;
}

static bool element_name(struct slice s)
{
    if (s.len == 0 || s.len > 64)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c == '_' && i == 0);
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static uint32_t position_in(const struct fhir_tree *t, uint32_t array, uint32_t node)
{
    uint32_t index = 0;
    for (uint32_t c = fhir_first(t, array); c != FHIR_NONE && c != node; c = fhir_next(t, c))
        index++;
    return index;
}

/* Puts `text` before what stands at the end of out[], moving *at down; false when there is no room. */
static bool put_before(char *out, size_t *at, struct slice text)
{
    if (text.len > *at)
        return false;
    *at -= text.len;
    memcpy(out + *at, text.ptr, text.len);
    return true;
}

static bool put_step(const struct fhir_tree *t, uint32_t node, char *out, size_t *at)
{
    uint32_t up = fhir_parent(t, node);
    char index[16];
    if (up == FHIR_NONE) {
        struct slice type = fhir_type(t, node);
        return put_before(out, at, element_name(type) ? type : SLICE("?"));
    }
    if (fhir_kind(t, up) == FHIR_ARRAY) {
        snprintf(index, sizeof index, "[%u]", (unsigned)position_in(t, up, node));
        return put_before(out, at, slice_of(index));
    }
    struct slice name = fhir_name(t, node);
    return put_before(out, at, element_name(name) ? name : SLICE("?")) && put_before(out, at, SLICE("."));
}

const char *fhir_where(const struct fhir_tree *t, uint32_t node, char out[FHIR_WHERE])
{
    char text[512];
    size_t at = sizeof text;
    bool whole = true;
    for (; node < t->count && whole; node = fhir_parent(t, node))
        whole = put_step(t, node, text, &at);
    size_t len = sizeof text - at;
    if (whole && len < FHIR_WHERE) {
        memcpy(out, text + at, len);
        out[len] = '\0';
        return out;
    }
    size_t keep = len < FHIR_WHERE - 4 ? len : FHIR_WHERE - 4;
    memcpy(out, "...", 3);
    memcpy(out + 3, text + sizeof text - keep, keep);
    out[3 + keep] = '\0';
    return out;
}

static uint32_t resolve_contained(const struct fhir_tree *t, uint32_t from, struct slice id)
{
    for (uint32_t r = fhir_resource_of(t, from); r != FHIR_NONE; r = fhir_resource_of(t, fhir_parent(t, r))) {
        uint32_t contained = fhir_child(t, r, "contained");
        uint32_t c = fhir_kind(t, contained) == FHIR_ARRAY ? fhir_first(t, contained) : contained;
        for (; c != FHIR_NONE; c = c == contained ? FHIR_NONE : fhir_next(t, c))
            if (slice_eq(fhir_get(t, c, "id"), id))
                return c;
    }
    return FHIR_NONE;
}

/* "…/Patient/1/_history/2" without its version. */
static struct slice without_version(struct slice ref)
{
    static const char mark[] = "/_history/";
    for (size_t i = 0; i + sizeof mark - 1 <= ref.len; i++)
        if (memcmp(ref.ptr + i, mark, sizeof mark - 1) == 0)
            return slice_sub(ref, 0, i);
    return ref;
}

/* Does the reference end with "Type/id" of this resource, alone or after a '/'? */
static bool names_resource(const struct fhir_tree *t, struct slice ref, uint32_t resource)
{
    struct slice type = fhir_type(t, resource), id = fhir_get(t, resource, "id");
    size_t len = type.len + 1 + id.len;
    if (type.len == 0 || id.len == 0 || ref.len < len)
        return false;
    struct slice tail = slice_sub(ref, ref.len - len, len);
    return slice_starts(tail, type) && tail.ptr[type.len] == '/' && slice_ends(tail, id) &&
           (ref.len == len || ref.ptr[ref.len - len - 1] == '/');
}

uint32_t fhir_resolve(const struct fhir_tree *t, uint32_t from, struct slice reference)
{
    if (reference.len == 0)
        return FHIR_NONE;
    if (reference.ptr[0] == '#')
        return resolve_contained(t, from, slice_sub(reference, 1, reference.len));
    if (!slice_is(fhir_type(t, FHIR_ROOT), "Bundle"))
        return FHIR_NONE;
    struct slice ref = without_version(reference);
    uint32_t entries = fhir_child(t, FHIR_ROOT, "entry"), by_name = FHIR_NONE;
    uint32_t e = fhir_kind(t, entries) == FHIR_ARRAY ? fhir_first(t, entries) : entries;
    for (; e != FHIR_NONE; e = e == entries ? FHIR_NONE : fhir_next(t, e)) {
        uint32_t resource = fhir_child(t, e, "resource");
        if (slice_eq(without_version(fhir_get(t, e, "fullUrl")), ref) && resource != FHIR_NONE)
            return resource;
        if (by_name == FHIR_NONE && names_resource(t, ref, resource))
            by_name = resource;
    }
    return by_name;
}
