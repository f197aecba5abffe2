/* Kept sorted by name, so that equal sets give equal bytes whatever the order of adding was. */
#include "rules/site/fileset.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FILESET_VERSION = 1, NAME_MAX_BYTES = 512 };

struct entry {
    char *bytes; /* the name, then the contents */
    struct slice name, contents;
};

struct fileset {
    struct entry *entries;
    size_t count, room, total_bytes;
};

struct fileset *fileset_new(void)
{
    return memory_new(sizeof(struct fileset));
}

void fileset_free(struct fileset **f)
{
    if (f == NULL || *f == NULL)
        return;
    for (size_t i = 0; i < (*f)->count; i++)
        free((*f)->entries[i].bytes);
    free((*f)->entries);
    free(*f);
    *f = NULL;
}

/* Index of the name, or of the place where it belongs. */
static size_t find_place(const struct fileset *f, struct slice name, bool *found)
{
    size_t from = 0, to = f->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (slice_cmp(f->entries[middle].name, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    *found = from < f->count && slice_eq(f->entries[from].name, name);
    return from;
}

static bool has_control(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f || s.ptr[i] == '\\')
            return true;
    return false;
}

/* Relative, '/' between parts, no part empty, "." or "..". */
static bool name_valid(struct slice name)
{
    struct slice rest = name;

    if (name.len == 0 || name.len > NAME_MAX_BYTES || name.ptr[name.len - 1] == '/' || has_control(name) ||
        !utf8_valid(name))
        return false;
    while (rest.len > 0) {
        struct slice part = slice_cut(&rest, '/');

        if (part.len == 0 || slice_is(part, ".") || slice_is(part, ".."))
            return false;
    }
    return true;
}

static void insert(struct fileset *f, size_t at, struct slice name, struct slice bytes)
{
    struct entry e = { memory_new(name.len + bytes.len + 1), { NULL, 0 }, { NULL, 0 } };

    memcpy(e.bytes, name.ptr, name.len);
    if (bytes.len > 0)
        memcpy(e.bytes + name.len, bytes.ptr, bytes.len);
    e.name = (struct slice){ e.bytes, name.len };
    e.contents = (struct slice){ e.bytes + name.len, bytes.len };
    MEMORY_ROOM(f->entries, f->count, f->room);
    memmove(f->entries + at + 1, f->entries + at, (f->count - at) * sizeof *f->entries);
    f->entries[at] = e;
    f->count++;
    f->total_bytes += bytes.len;
}

bool fileset_add(struct fileset *f, struct slice name, struct slice bytes, struct error *err)
{
    bool found;
    size_t at;

    if (!name_valid(name))
        return error_set(err, ERROR_VALUE, "a file name must be relative, in UTF-8, without \"..\"");
    at = find_place(f, name, &found);
    if (found)
        return error_set(err, ERROR_CONFLICT, "file \"%.*s\" is there twice",
                         (int)(name.len > 80 ? 80 : name.len), name.ptr);
    if (f->count >= LIMIT_SITE_FILES)
        return error_set(err, ERROR_LIMIT, "site-files: a site holds at most %d files", LIMIT_SITE_FILES);
    if (bytes.len > LIMIT_SITE_BYTES - f->total_bytes)
        return error_set(err, ERROR_LIMIT, "site-bytes: the files of a site hold at most %d bytes",
                         LIMIT_SITE_BYTES);
    insert(f, at, name, bytes);
    return true;
}

bool fileset_find(const struct fileset *f, struct slice name, struct slice *bytes)
{
    bool found;
    size_t at = find_place(f, name, &found);

    if (found)
        *bytes = f->entries[at].contents;
    return found;
}

size_t fileset_count(const struct fileset *f)
{
    return f->count;
}

void fileset_at(const struct fileset *f, size_t index, struct slice *name, struct slice *bytes)
{
    *name = f->entries[index].name;
    *bytes = f->entries[index].contents;
}

void fileset_write(struct buf *out, const struct fileset *f)
{
    buf_u8(out, FILESET_VERSION);
    buf_u32(out, (uint32_t)f->count);
    for (size_t i = 0; i < f->count; i++) {
        buf_slice_put(out, f->entries[i].name);
        buf_slice_put(out, f->entries[i].contents);
    }
}

/* Only the canonical order is read, so that equal hashes mean equal sites. */
static bool read_entry(struct fileset *f, struct reader *in, struct error *err)
{
    struct slice name = read_slice(in), contents = read_slice(in);

    if (in->failed)
        return error_set(err, ERROR_SYNTAX, "site record: it ends too early");
    if (f->count > 0 && slice_cmp(f->entries[f->count - 1].name, name) >= 0)
        return error_set(err, ERROR_SYNTAX, "site record: its files are not in order");
    return fileset_add(f, name, contents, err);
}

static bool read_all(struct fileset *f, struct reader *in, struct error *err)
{
    uint8_t version = read_u8(in);
    uint32_t count = read_u32(in);

    if (in->failed)
        return error_set(err, ERROR_SYNTAX, "site record: it ends too early");
    if (version != FILESET_VERSION)
        return error_set(err, ERROR_VERSION, "site record: version %u is not known here", version);
    for (uint32_t i = 0; i < count; i++)
        if (!read_entry(f, in, err))
            return false;
    return reader_done(in) || error_set(err, ERROR_SYNTAX, "site record: bytes follow its end");
}

struct fileset *fileset_read(struct slice bytes, struct error *err)
{
    struct fileset *f = fileset_new();
    struct reader in = reader_make(bytes);

    if (!read_all(f, &in, err))
        fileset_free(&f);
    return f;
}
