/* Any bytes as a message: parse, walk everything, decode all, answer; and as a path. Inputs are changed as
 * messages are made (hl7_mutate.h), and by byte. */
#include "hl7/batch.h"
#include "hl7/charset.h"
#include "hl7/escape.h"
#include "hl7/scan.h"
#include "tests/fuzz/hl7_mutate.h"
#include "tests/hl7/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return mutate_message(data, size, max_size, seed);
}

/* All ways of scanning find what the plain one finds. */
static void check_scan(struct arena *arena, struct slice bytes)
{
    char field = bytes.len > 3 && bytes.ptr[3] > ' ' ? bytes.ptr[3] : '|';
    struct hl7_counts n = hl7_scan_count_by(HL7_SCAN_PLAIN, bytes, field);
    size_t ends = n.ends + 1 + HL7_SCAN_SLACK, fields = n.fields + HL7_SCAN_SLACK;
    uint32_t *plain = arena_array(arena, fields, sizeof *plain),
             *other = arena_array(arena, fields, sizeof *other);
    struct hl7_line_end *plain_ends = arena_array(arena, ends, sizeof *plain_ends);
    struct hl7_line_end *other_ends = arena_array(arena, ends, sizeof *other_ends);

    hl7_scan_by(HL7_SCAN_PLAIN, bytes, field, plain, plain_ends);
    for (enum hl7_scan_way way = HL7_SCAN_SSE2; way < HL7_SCAN_WAYS; way++) {
        if (!hl7_scan_has(way))
            continue;
        struct hl7_counts same = hl7_scan_count_by(way, bytes, field);
        hl7_scan_by(way, bytes, field, other, other_ends);
        walk_check(same.fields == n.fields && same.ends == n.ends);
        walk_check(memcmp(plain, other, n.fields * sizeof *plain) == 0);
        walk_check(memcmp(plain_ends, other_ends, (n.ends + 1) * sizeof *plain_ends) == 0);
    }
}

/* Any bytes under any choice of set are a message still, or the same error. */
static void check_choice(struct arena *arena, struct slice wire)
{
    static const struct hl7_charset_choice CHOICES[] = {
        { SLICE_INIT("ISO IR87"), SLICE_INIT("8859/2") },
        { SLICE_INIT("GB 18030-2000"), SLICE_INIT("UNICODE UTF-8") },
        { SLICE_INIT(""), SLICE_INIT("BIG-5") },
    };

    for (size_t i = 0; i < sizeof CHOICES / sizeof *CHOICES; i++) {
        struct hl7_message *m = hl7_message_parse_as(arena, wire, &CHOICES[i], NULL);
        for (size_t s = 0; m != NULL && s < hl7_message_segments(m); s++)
            walk_field(m, arena, s, hl7_segment_fields(m, s));
    }
}

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
    check_scan(arena, wire);
    check_choice(arena, wire);
    check_escapes(arena, wire);
    check_path(arena, slice_sub(wire, 0, 64));
    for (int n = 0; n < 8 && hl7_batch_next(&rest, &message); n++)
        walk_message(arena, message);
    arena_free(&arena);
    return 0;
}
