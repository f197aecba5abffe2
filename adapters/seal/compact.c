#include "adapters/seal/compact.h"

#include "base/base64url.h"
#include "base/utf8.h"

bool compact_split(struct slice text, struct slice *parts, size_t count, struct error *err)
{
    size_t dots = 0;
    for (size_t i = 0; i < text.len; i++)
        dots += text.ptr[i] == '.';
    if (dots + 1 != count)
        return error_set(err, ERROR_SYNTAX, "a compact form of %zu parts is needed", count);
    for (size_t i = 0; i < count; i++)
        parts[i] = slice_cut(&text, '.');
    return true;
}

json_t *compact_header(struct slice part, size_t max_bytes, struct error *err)
{
    struct buf text = buf_make(max_bytes);
    json_error_t where;
    json_t *object = NULL;

    if (part.len == 0 || part.len > max_bytes / 3 * 4 || !base64url_decode(part, &text) || text.failed)
        error_set(err, ERROR_SYNTAX, "the protected header is not base64url of a sensible size");
    else
        object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(object)) {
        json_decref(object);
        object = NULL;
        error_set(err, ERROR_SYNTAX, "the protected header is not one JSON object without repeated members");
    }
    buf_free(&text);
    return object;
}

struct slice compact_text(const json_t *header, const char *name)
{
    const json_t *v = json_object_get(header, name);
    if (!json_is_string(v))
        return (struct slice){ NULL, 0 };
    return (struct slice){ json_string_value(v), json_string_length(v) };
}

bool compact_has(const json_t *header, const char *name)
{
    return json_object_get(header, name) != NULL;
}

void compact_put_member(struct buf *out, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    buf_printf(out, ",\"%s\":\"", name);
    utf8_put_json(out, value);
    buf_text(out, "\"");
}
