/* Any bytes as a message: parse, walk everything, decode all, answer; and as a path. */
#include "hl7/batch.h"
#include "hl7/escape.h"
#include "tests/hl7/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text that is escaped and read again is the same text. */
static void check_escapes(struct arena *arena, struct slice bytes)
{
    struct hl7_delimiters d = { '|', '^', '~', '\\', '&', '#' };
    struct buf out = buf_make(bytes.len * 5 + 16);

    walk_check(hl7_escape_put(&out, &d, bytes) && !out.failed);
    walk_check(slice_eq(hl7_unescape(arena, &d, buf_slice(&out)), bytes));
    buf_free(&out);
}

static void check_path(struct arena *arena, struct slice bytes)
{
    struct error err = { 0 };
    struct hl7_path *p = hl7_path_compile(arena, bytes, &err);

    walk_check((p == NULL) == (err.code != ERROR_NONE));
    walk_check(p != NULL || (err.column > 0 && err.column <= bytes.len + 1));
    if (p != NULL)
        hl7_path_check(p, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice wire = { (const char *)data, size }, rest = wire, message;
    struct arena *arena = arena_new();

    walk_message(arena, wire);
    check_escapes(arena, wire);
    check_path(arena, slice_sub(wire, 0, 64));
    for (int n = 0; n < 8 && hl7_batch_next(&rest, &message); n++)
        walk_message(arena, message);
    arena_free(&arena);
    return 0;
}
