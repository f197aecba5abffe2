/* Large messages cost what their bytes cost: nothing here may be quadratic. Each part has a number of steps
 * that would take minutes if it were, and a bound in CPU seconds that a slow machine under a sanitizer keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "hl7/message.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define MSH "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5||||||%s\r"

enum { MB = 1 << 20, SECONDS = 60, MANY = 300000, SEGMENTS = 100000 };

static struct buf bytes;
static struct arena *arena;
static clock_t begun;

static void begin(const char *charset)
{
    bytes = buf_make(64 * MB);
    arena = arena_new();
    buf_printf(&bytes, MSH, charset);
    begun = clock();
}

static struct hl7_message *parse(void)
{
    struct error err = { 0 };
    struct hl7_message *m = hl7_message_parse(arena, buf_slice(&bytes), &err);

    if (m == NULL)
        fail_msg("refused: %s %s", err.where, err.message);
    return m;
}

static void end(void)
{
    double seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;

    if (seconds > SECONDS)
        fail_msg("%.1f s", seconds);
    buf_free(&bytes);
    arena_free(&arena);
}

static void repeat(const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_text(&bytes, text);
}

static void a_large_document_is_one_field(void **state)
{
    struct slice raw;

    (void)state;
    begin("UNICODE UTF-8");
    buf_text(&bytes, "OBX|1|ED|1^PDF||^application^pdf^Base64^");
    repeat("JVBERi0xLjQKJeLjz9MK", 8 * MB / 20);
    buf_text(&bytes, "||||||F\r");
    struct hl7_message *m = parse();
    assert_int_equal(hl7_get(m, 1, 5, 1, 5, 0, &raw), HL7_VALUE);
    assert_int_equal(raw.len, 8 * MB / 20 * 20);
    assert_ptr_equal(hl7_text(m, arena, raw).ptr, raw.ptr);
    assert_int_equal(hl7_get(m, 1, 11, 1, 0, 0, &raw), HL7_VALUE);
    end();
}

/* Texts whose decoding could look ahead again and again. */
static void large_texts_are_decoded(void **state)
{
    static const struct {
        const char *name, *charset, *part;
    } ROWS[] = {
        { "escapes", "", "\\T\\" },
        { "lone escape characters", "", "a \\ " },
        { "unclosed", "", "\\X" },
        { "unknown", "", "\\Q1\\" },
        { "not UTF-8", "", "\xFC" },
        { "named set", "8859/2", "\xB3" },
        { "pairs", "BIG-5", "\xCA\x7C" },
        { "switches", "ISO IR87", "\x1B$BK|\x1B(B" },
        { "spelled switches that never go back", "ISO IR87", "\\M2442\\ " },
        { "spelled switches", "ISO IR87", "\\M2442\\K|\\C2842\\" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct slice text;
        begin(ROWS[i].charset);
        buf_text(&bytes, "OBX|");
        repeat(ROWS[i].part, MANY);
        buf_text(&bytes, "|F\r");
        struct hl7_message *m = parse();
        text = hl7_value(m, arena, 1, 1, 0, 0, 0);
        if (text.len < MANY || !slice_is(hl7_value(m, arena, 1, 2, 1, 0, 0), "F"))
            fail_msg("%s: %zu", ROWS[i].name, text.len);
        end();
    }
}

static void every_segment_is_found_by_its_number(void **state)
{
    char place[HL7_PLACE];
    size_t at = 0, walked = 0;

    (void)state;
    begin("");
    for (int i = 1; i <= SEGMENTS / 2; i++)
        buf_printf(&bytes, "OBX|%d\rNTE|%d\r", i, i);
    struct hl7_message *m = parse();
    assert_int_equal(hl7_segment_find(m, SLICE("OBX"), SEGMENTS / 2), SEGMENTS - 1);
    assert_true(hl7_segment_find(m, SLICE("OBX"), SEGMENTS / 2 + 1) == HL7_NONE);
    for (size_t n = 1; n <= SEGMENTS / 2; n++) {
        size_t found = hl7_segment_find(m, SLICE("NTE"), n);
        assert_int_equal(found, n * 2);
        assert_int_equal(hl7_segment_occurrence(m, found), n);
        assert_int_equal(hl7_segment_next(m, SLICE("OBX"), found - 1), found - 1);
        hl7_place(m, found, 1, 0, place);
    }
    assert_string_equal(place, "NTE[50000]-1");
    while ((at = hl7_segment_next(m, SLICE("OBX"), at + 1)) != HL7_NONE)
        walked++;
    assert_int_equal(walked, SEGMENTS / 2);
    end();
}

/* As many names as three letters give, each once. */
static void names_may_be_many(void **state)
{
    char name[4] = "ZAA", place[HL7_PLACE];

    (void)state;
    begin("");
    for (int i = 0; i < 26 * 26 * 26; i++) {
        snprintf(name, sizeof name, "%c%c%c", 'A' + i / 676, 'A' + i / 26 % 26, 'A' + i % 26);
        if (strcmp(name, "MSH") != 0)
            buf_printf(&bytes, "%s|%d\r", name, i);
    }
    struct hl7_message *m = parse();
    assert_int_equal(hl7_message_segments(m), 26 * 26 * 26);
    for (size_t i = 1; i < hl7_message_segments(m); i++) {
        assert_int_equal(hl7_segment_find(m, hl7_segment_name(m, i), 1), i);
        assert_true(hl7_segment_next(m, hl7_segment_name(m, i), i + 1) == HL7_NONE);
    }
    assert_string_equal(hl7_place(m, 1, 1, 0, place), "AAA-1");
    end();
}

/* One field of `parts` parts, each asked for in turn. */
static void every_part_is_found_by_its_number(void **state)
{
    static const char *const JOINTS[] = { "a~", "a^", "a&" };

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct slice raw;
        begin("");
        buf_text(&bytes, "OBX|");
        repeat(JOINTS[kind], MANY);
        buf_text(&bytes, "b|F\r");
        struct hl7_message *m = parse();
        for (uint32_t n = 1; n <= MANY + 1; n++) {
            enum hl7_presence got = kind == 0   ? hl7_get(m, 1, 1, n, 1, 1, &raw)
                                    : kind == 1 ? hl7_get(m, 1, 1, 1, n, 1, &raw)
                                                : hl7_get(m, 1, 1, 1, 1, n, &raw);
            assert_int_equal(got, HL7_VALUE);
            assert_int_equal(raw.ptr[0], n <= MANY ? 'a' : 'b');
            assert_true(kind != 0 || n <= hl7_repetitions(m, 1, 1));
        }
        assert_int_equal(hl7_get(m, 1, 1, kind == 0 ? MANY + 2 : 1, kind == 1 ? MANY + 2 : 1,
                                 kind == 2 ? MANY + 2 : 1, &raw),
                         HL7_ABSENT);
        end();
    }
}

/* Loops within loops, backwards, and over two fields in turn: the cursor must never give another part. */
static void parts_are_right_in_any_order(void **state)
{
    char expected[32];
    struct slice raw;

    (void)state;
    begin("");
    for (int field = 1; field <= 2; field++) {
        buf_text(&bytes, field == 1 ? "OBX|" : "|");
        for (int r = 1; r <= 20; r++)
            for (int c = 1; c <= 20; c++)
                for (int s = 1; s <= 12; s++)
                    buf_printf(&bytes, "%d.%d.%d.%d%s", field, r, c, s,
                               s < 12   ? "&"
                               : c < 20 ? "^"
                               : r < 20 ? "~"
                                        : "");
    }
    struct hl7_message *m = parse();
    for (uint32_t i = 0; i < 60000; i++) {
        uint32_t mixed = i * 2654435761u >> 8, n = i < 30000 ? i : mixed;
        uint32_t f = 1 + n % 2, r = 1 + n / 2 % 20, c = 1 + n / 40 % 20, s = 1 + n / 800 % 12;
        snprintf(expected, sizeof expected, "%u.%u.%u.%u", f, r, c, s);
        assert_int_equal(hl7_get(m, 1, f, r, c, s, &raw), HL7_VALUE);
        if (!slice_is(raw, expected))
            fail_msg("%s: \"%.*s\"", expected, SLICE_ARG(raw));
        assert_int_equal(hl7_repetitions(m, 1, f), 20);
    }
    end();
}

/* Past 4 GB offsets would not fit: refused before a byte of the body is read. */
static void four_gigabytes_are_refused(void **state)
{
    size_t len = (size_t)UINT32_MAX;
    char *wire = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct error err = { 0 };

    (void)state;
    if (wire == MAP_FAILED)
        skip();
    memcpy(wire, "MSH|^~\\&|A", 10);
    arena = arena_new();
    assert_null(hl7_message_parse(arena, (struct slice){ wire, len }, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "message-bytes"));
    arena_free(&arena);
    munmap(wire, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_document_is_one_field),
        cmocka_unit_test(large_texts_are_decoded),
        cmocka_unit_test(every_segment_is_found_by_its_number),
        cmocka_unit_test(names_may_be_many),
        cmocka_unit_test(every_part_is_found_by_its_number),
        cmocka_unit_test(parts_are_right_in_any_order),
        cmocka_unit_test(four_gigabytes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
