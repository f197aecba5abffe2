#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "fhir/tree.h"
#include "fhir/tree_layout.h"

/* A whole block must still fit a bus frame with some room for what stands around it there. */
enum { BLOCK_MAX = LIMIT_BUS_FRAME_BYTES - 65536 };

struct fhir_builder {
    struct buf nodes, text;
    uint32_t count, depth;
    uint32_t open[LIMIT_FHIR_DEPTH];
    struct error err;
};

struct fhir_builder *fhir_builder_new(void)
{
    struct fhir_builder *b = memory_new(sizeof *b);
    b->nodes = buf_make((size_t)LIMIT_FHIR_NODES * TREE_NODE);
    b->text = buf_make(BLOCK_MAX);
    return b;
}

void fhir_builder_free(struct fhir_builder **b)
{
    if (b == NULL || *b == NULL)
        return;
    buf_free(&(*b)->nodes);
    buf_free(&(*b)->text);
    free(*b);
    *b = NULL;
}

bool fhir_builder_failed(const struct fhir_builder *b)
{
    return b->err.code != ERROR_NONE;
}

static enum fhir_kind kind_of(const struct fhir_builder *b, uint32_t node)
{
    return (enum fhir_kind)(unsigned char)b->nodes.ptr[(size_t)node * TREE_NODE];
}

static bool name_fits(struct fhir_builder *b, struct slice name)
{
    bool member = b->depth > 0 && kind_of(b, b->open[b->depth - 1]) == FHIR_OBJECT;
    if (!member && name.len > 0)
        return error_set(&b->err, ERROR_INTERNAL, "fhir tree: a name outside an object");
    if (name.len > TREE_NAME_MAX || !utf8_valid(name))
        return error_set(&b->err, ERROR_SYNTAX, "an element name is not one of FHIR's");
    return true;
}

static bool add(struct fhir_builder *b, struct slice name, enum fhir_kind kind, struct slice text)
{
    if (fhir_builder_failed(b) || !name_fits(b, name))
        return false;
    if (b->count == LIMIT_FHIR_NODES)
        return error_set(&b->err, ERROR_LIMIT, "fhir-nodes: more than %d elements", (int)LIMIT_FHIR_NODES);
    if (b->text.len + name.len + text.len + b->nodes.len > BLOCK_MAX - TREE_NODE - TREE_HEADER)
        return error_set(&b->err, ERROR_LIMIT, "bus-frame-bytes: the document has more text than fits");
    buf_u8(&b->nodes, (uint8_t)kind);
    buf_u8(&b->nodes, 0);
    buf_u16(&b->nodes, (uint16_t)name.len);
    buf_u32(&b->nodes, (uint32_t)b->text.len);
    buf_u32(&b->nodes, (uint32_t)(b->text.len + name.len));
    buf_u32(&b->nodes, (uint32_t)text.len);
    buf_u32(&b->nodes, b->depth > 0 ? b->open[b->depth - 1] : FHIR_NONE);
    buf_u32(&b->nodes, b->count + 1);
    buf_put(&b->text, name);
    buf_put(&b->text, text);
    b->count++;
    return true;
}

void fhir_builder_open(struct fhir_builder *b, struct slice name, enum fhir_kind array_or_object)
{
    if (fhir_builder_failed(b))
        return;
    if (b->depth == LIMIT_FHIR_DEPTH) {
        error_set(&b->err, ERROR_LIMIT, "fhir-depth: more than %d levels", (int)LIMIT_FHIR_DEPTH);
        return;
    }
    if (add(b, name, array_or_object, (struct slice){ NULL, 0 }))
        b->open[b->depth++] = b->count - 1;
}

void fhir_builder_close(struct fhir_builder *b)
{
    if (fhir_builder_failed(b))
        return;
    if (b->depth == 0) {
        error_set(&b->err, ERROR_INTERNAL, "fhir tree: closed more than was opened");
        return;
    }
    uint32_t node = b->open[--b->depth];
    buf_patch_u32(&b->nodes, (size_t)node * TREE_NODE + 20, b->count);
}

void fhir_builder_leaf(struct fhir_builder *b, struct slice name, enum fhir_kind kind, struct slice text)
{
    if (fhir_builder_failed(b))
        return;
    if (kind == FHIR_NUMBER && !tree_is_number(text))
        error_set(&b->err, ERROR_SYNTAX, "a number is not one");
    else if (kind == FHIR_STRING && !utf8_valid(text))
        error_set(&b->err, ERROR_SYNTAX, "text is not utf-8");
    else
        add(b, name, kind, text);
}

bool fhir_builder_finish(struct fhir_builder *b, struct buf *out, struct error *err)
{
    if (!fhir_builder_failed(b) && (b->depth != 0 || b->count == 0))
        error_set(&b->err, ERROR_INTERNAL, "fhir tree: not closed");
    if (fhir_builder_failed(b)) {
        if (err != NULL && err->code == ERROR_NONE)
            *err = b->err;
        return false;
    }
    buf_bytes(out, "FHT", 3);
    buf_u8(out, FHIR_TREE_VERSION);
    buf_u32(out, b->count);
    buf_u32(out, (uint32_t)b->text.len);
    buf_put(out, buf_slice(&b->nodes));
    buf_put(out, buf_slice(&b->text));
    if (out->failed)
        return error_set(err, ERROR_LIMIT, "bus-frame-bytes: the document does not fit the buffer");
    return true;
}
