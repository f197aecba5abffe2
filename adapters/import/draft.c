#include "adapters/import/draft.h"

#include "base/memory.h"

#include <stdlib.h>

struct import_draft *draft_new(const char *endpoint)
{
    struct import_draft *d = memory_new(sizeof *d);

    d->arena = arena_new();
    d->rules = buf_make(4 * IMPORT_BYTES);
    d->catalogue = buf_make(4 * IMPORT_BYTES);
    d->endpoint = endpoint;
    return d;
}

void draft_free(struct import_draft **d)
{
    if (d == NULL || *d == NULL)
        return;
    buf_free(&(*d)->rules);
    buf_free(&(*d)->catalogue);
    arena_free(&(*d)->arena);
    free(*d);
    *d = NULL;
}

static char name_sign(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

struct slice draft_word(struct import_draft *d, struct slice text)
{
    struct buf out = buf_make(256);

    for (size_t i = 0; i < text.len && i < 64; i++) {
        char c = name_sign(text.ptr[i]);
        bool again = c == '-' && (out.len == 0 || out.ptr[out.len - 1] == '-');
        if (out.len == 0 && c >= '0' && c <= '9')
            buf_text(&out, "n");
        if (!again)
            buf_u8(&out, (uint8_t)c);
    }
    while (out.len > 0 && out.ptr[out.len - 1] == '-')
        out.len--;
    if (out.len == 0)
        buf_text(&out, "unnamed");
    struct slice name = arena_copy(d->arena, buf_slice(&out));
    buf_free(&out);
    return name;
}

static bool is_taken(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(names[i], name))
            return true;
    return false;
}

struct slice draft_new_word(struct import_draft *d, struct slice text)
{
    struct slice plain = draft_word(d, text), name = plain;

    for (unsigned n = 2; is_taken(d->names, d->name_count, name); n++)
        name = arena_printf(d->arena, "%.*s-%u", SLICE_ARG(plain), n);
    if (d->name_count == IMPORT_NAMES)
        return (struct slice){ NULL, 0 };
    d->names[d->name_count++] = name;
    return name;
}

void draft_quoted(struct buf *out, struct slice text)
{
    buf_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_u8(out, '\\');
        if (text.ptr[i] == '\n')
            buf_text(out, "\\n");
        else if ((unsigned char)text.ptr[i] >= ' ')
            buf_u8(out, (uint8_t)text.ptr[i]);
    }
    buf_u8(out, '"');
}

void draft_comment(struct buf *out, const char *before, struct slice text)
{
    buf_printf(out, "# %s", before);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n')
            buf_text(out, "\n#   ");
        else if ((unsigned char)text.ptr[i] >= ' ')
            buf_u8(out, (uint8_t)text.ptr[i]);
    }
    buf_u8(out, '\n');
}

void draft_has_desk(struct import_draft *d, struct slice name)
{
    if (d->desk_count < IMPORT_NAMES)
        d->desks[d->desk_count++] = arena_copy(d->arena, name);
}

struct slice draft_desk(struct import_draft *d, struct slice text)
{
    struct slice name = draft_word(d, text);

    if (is_taken(d->desks, d->desk_count, name) || d->desk_count == IMPORT_NAMES)
        return name;
    draft_has_desk(d, name);
    buf_printf(&d->rules, "desk %.*s ", SLICE_ARG(name));
    draft_quoted(&d->rules, text);
    buf_printf(&d->rules, " staffed always reach %s\n", d->endpoint);
    return name;
}
