#include "fhir/json.h"

#include <jansson.h>

#include "base/limits.h"
#include "fhir/json_mark.h"
#include "fhir/tree.h"

void fhir_json_prepare(void)
{
    json_object_seed(0);
}

/* jansson's own text may quote the input: only its code and position are used. */
static const char *what_is_wrong(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input:
        return "the JSON text ends too early";
    case json_error_end_of_input_expected:
        return "something stands behind the end of the JSON text";
    case json_error_invalid_utf8:
        return "the text is not utf-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character, which FHIR does not allow";
    case json_error_duplicate_key:
        return "a member stands twice in one object";
    case json_error_stack_overflow:
        return "nested too deep";
    default:
        return "not valid JSON";
    }
}

static bool refuse(const json_error_t *je, struct slice text, struct error *err)
{
    error_set(err, ERROR_SYNTAX, "%s", what_is_wrong(json_error_code(je)));
    if (err != NULL && err->line == 0)
        json_mark_place(text, je->position > 0 ? (size_t)je->position - 1 : 0, &err->line, &err->column);
    return false;
}

/* A marked string: 's' and text, or 'n' and digits. */
static void put_string(struct fhir_builder *b, struct slice name, const json_t *value)
{
    struct slice s = { json_string_value(value), json_string_length(value) };
    bool number = s.len > 0 && s.ptr[0] == 'n';
    fhir_builder_leaf(b, name, number ? FHIR_NUMBER : FHIR_STRING, slice_sub(s, 1, s.len));
}

static bool put_value(struct fhir_builder *b, struct slice name, const json_t *value, struct error *err);

static bool put_object(struct fhir_builder *b, struct slice name, const json_t *value, struct error *err)
{
    const char *key;
    json_t *member;
    fhir_builder_open(b, name, FHIR_OBJECT);
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        struct slice k = slice_of(key);
        if (k.len == 0 || k.ptr[0] != 's')
            return error_set(err, ERROR_SYNTAX, "a member's name is not a string");
        if (!put_value(b, slice_sub(k, 1, k.len), member, err))
            return false;
    }
    fhir_builder_close(b);
    return true;
}

/* Depth was bounded by json_mark, so the recursion is. */
static bool put_value(struct fhir_builder *b, struct slice name, const json_t *value, struct error *err)
{
    const struct slice none = { NULL, 0 };
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(b, name, value, err);
    case JSON_ARRAY:
        fhir_builder_open(b, name, FHIR_ARRAY);
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!put_value(b, none, json_array_get(value, i), err))
                return false;
        fhir_builder_close(b);
        return true;
    case JSON_STRING:
        put_string(b, name, value);
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        fhir_builder_leaf(b, name, FHIR_BOOL, json_is_true(value) ? SLICE("true") : SLICE("false"));
        return true;
    case JSON_NULL:
        fhir_builder_leaf(b, name, FHIR_NULL, none);
        return true;
    case JSON_INTEGER:
    case JSON_REAL: /* every well-formed number was marked */
        break;
    }
    return error_set(err, ERROR_SYNTAX, "a number is not well formed");
}

static bool build(const json_t *root, struct buf *tree_out, struct error *err)
{
    const json_t *type = json_object_get(root, "sresourceType");
    if (!json_is_object(root))
        return error_set(err, ERROR_SYNTAX, "a FHIR document is one JSON object");
    if (!json_is_string(type) || json_string_length(type) < 2 || json_string_value(type)[0] != 's')
        return error_set(err, ERROR_MISSING, "the document has no resourceType");
    struct fhir_builder *b = fhir_builder_new();
    bool ok = put_object(b, (struct slice){ NULL, 0 }, root, err) && fhir_builder_finish(b, tree_out, err);
    fhir_builder_free(&b);
    return ok;
}

bool fhir_json_read(struct slice body, struct buf *tree_out, struct error *err)
{
    struct slice text = body;
    if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
        text = slice_sub(text, 3, text.len);
    struct buf marked = buf_make(5 * text.len + 16);
    json_error_t je = { .line = 0 };
    json_t *root = NULL;
    bool ok = false;

    if (json_mark(text, &marked, err)) {
        root = json_loadb(marked.ptr != NULL ? marked.ptr : "", marked.len, JSON_REJECT_DUPLICATES, &je);
        ok = root != NULL ? build(root, tree_out, err) : refuse(&je, text, err);
    }
    json_decref(root);
    buf_free(&marked);
    return ok;
}
