/* Short messages are indexed without counting, and short values searched a register at a time: they read the
 * same as long ones, and nothing past the last byte of the message is touched (a page nobody may read is
 * behind it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "hl7/message.h"
#include "tests/guard.h"

#define MSH "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|1|P|2.5\r"

enum { BOUND = 4096 /* SHORT in hl7/message.c */, AROUND = 70, PARTS_MAX = 48 };

static struct arena *arena;

static int arena_open(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int arena_close(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct slice put(struct buf *out, const char *head, const char *unit, size_t bytes)
{
    buf_reset(out);
    buf_put(out, slice_of(MSH));
    buf_put(out, slice_of(head));
    for (size_t at = 0, len = strlen(unit); out->len < bytes; at = (at + 1) % len)
        buf_bytes(out, unit + at, 1);
    return buf_slice(out);
}

/* What stands in front of the place where a message is cut is the same in a message that goes on. */
static void same_in_front(const struct hl7_message *m, const struct hl7_message *longer)
{
    for (size_t i = 0; i + 1 < hl7_message_segments(m); i++) {
        assert_true(slice_eq(hl7_segment_raw(m, i), hl7_segment_raw(longer, i)));
        assert_true(slice_eq(hl7_segment_name(m, i), hl7_segment_name(longer, i)));
        assert_int_equal(hl7_segment_fields(m, i), hl7_segment_fields(longer, i));
    }
    size_t last = hl7_message_segments(m) - 1;
    for (uint32_t f = 1; f < hl7_segment_fields(m, last) && f < 200; f++) {
        struct slice here, there;
        enum hl7_presence presence = hl7_get(m, last, f, 0, 0, 0, &here);
        assert_int_equal(presence, hl7_get(longer, last, f, 0, 0, 0, &there));
        assert_true(slice_eq(here, there));
    }
}

static void both_sides_of_the_bound_read_the_same(void **state)
{
    static const struct {
        const char *name, *head, *unit;
    } ROWS[] = {
        { "lines", "", "OBX|1|NM|8302-2^Body height^LN||170|cm\r" },
        { "short lines", "", "ZZ1|\rZZ2\r\rZZ3|a" },
        { "line ends alone", "PID|1", "\r" },
        { "separators alone", "OBX|", "||" },
        { "one text", "OBX|1|TX|", "abc~d^e&" },
        { "lines by LF within CR", "OBX|1|TX|", "abc\nOBX|2\r" },
        { "lines that are no segments", "", "obx\rOB|1\ra|b\r1BX|2\rObx|3\r" },
    };
    struct buf out = buf_make(4 * BOUND);

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (size_t len = BOUND - AROUND; len <= BOUND + AROUND; len++) {
            struct guard g = guard_make(put(&out, ROWS[i].head, ROWS[i].unit, len));
            struct guard more = guard_make(put(&out, ROWS[i].head, ROWS[i].unit, len + BOUND));
            struct error err = { 0 };
            const struct hl7_message *m = hl7_message_parse(arena, g.bytes, &err);
            const struct hl7_message *longer = hl7_message_parse(arena, more.bytes, NULL);
            if ((m == NULL) != (err.code != ERROR_NONE))
                fail_msg("%s, %zu bytes", ROWS[i].name, len);
            if (m != NULL && longer != NULL)
                same_in_front(m, longer);
            guard_free(&g);
            guard_free(&more);
            arena_reset(arena);
        }
    buf_free(&out);
}

/* The n-th part, byte by byte. */
static bool part_plainly(struct slice value, char separator, uint32_t n, struct slice *part)
{
    size_t from = 0;

    for (size_t i = 0;; i++) {
        if (i < value.len && value.ptr[i] != separator)
            continue;
        *part = slice_sub(value, from, i - from);
        if (--n == 0)
            return true;
        if (i >= value.len)
            return false;
        from = i + 1;
    }
}

static void check_parts(const struct hl7_message *m, uint32_t field, struct slice value)
{
    struct slice expected = { NULL, 0 }, got;

    for (uint32_t n = 1; n <= PARTS_MAX; n++) {
        bool there = value.len > 0 && part_plainly(value, '~', n, &expected);
        enum hl7_presence presence = hl7_get(m, 1, field, n, 0, 0, &got);
        if (value.len > 0 ? (presence != HL7_ABSENT) != there : presence > HL7_EMPTY)
            fail_msg("part %u of a value of %zu bytes", n, value.len);
        assert_true(!there || slice_eq(got, expected));
        there = there && part_plainly(expected, '^', 2, &expected);
        assert_int_equal(hl7_get(m, 1, field, n, 2, 0, &got) > HL7_EMPTY, there && expected.len > 0);
        assert_true(!there || slice_eq(got, expected));
    }
}

/* Values of every length up to some registers, at the end of the message and before another value, whose
 * separators are not theirs. */
static void parts_of_short_values(void **state)
{
    struct buf out = buf_make(BOUND);

    (void)state;
    for (size_t len = 0; len < 200; len++)
        for (size_t step = 1; step <= 37; step += 3)
            for (int last = 0; last < 2; last++) {
                buf_reset(&out);
                buf_put(&out, slice_of(MSH "OBX|"));
                for (size_t i = 0; i < len; i++)
                    buf_bytes(&out, i % step == step - 1 ? (i % 2 == 0 ? "~" : "^") : "v", 1);
                buf_put(&out, slice_of(last ? "" : "|~^~^~^~^~^~^~^~^~^"));
                struct guard g = guard_make(buf_slice(&out));
                const struct hl7_message *m = hl7_message_parse(arena, g.bytes, NULL);
                assert_non_null(m);
                check_parts(m, 1, slice_sub(g.bytes, strlen(MSH "OBX|"), len));
                guard_free(&g);
                arena_reset(arena);
            }
    buf_free(&out);
}

/* Which lines are segments does not depend on how the line is recognised: from the third on, at a glance. */
static void names_of_every_byte(void **state)
{
    char wire[] = MSH "PID|1\rPV1|1\rXYZ|1|2";
    char *name = wire + strlen(MSH "PID|1\rPV1|1\r");

    (void)state;
    for (int place = 0; place < 4; place++)
        for (int c = 0; c < 256; c++) {
            memcpy(name, "XYZ|", 4);
            name[place] = (char)(unsigned char)c;
            if (c == '\r' || c == '\n')
                continue;
            /* Small letters count in a Z-segment alone, as XYZ is none that the standard knows. */
            bool code = (c >= 'A' && c <= 'Z') || (place > 0 && c >= '0' && c <= '9');
            bool is_segment = place == 3 ? c == '|' : code || (place == 0 && c == 'z');
            struct guard g = guard_make((struct slice){ wire, sizeof wire - 1 });
            const struct hl7_message *m = hl7_message_parse(arena, g.bytes, NULL);
            assert_non_null(m);
            if (hl7_message_segments(m) != (is_segment ? 4 : 3))
                fail_msg("byte %d at %d", c, place);
            if (is_segment)
                assert_true(slice_eq(hl7_segment_name(m, 3), (struct slice){ name, 3 }));
            guard_free(&g);
            arena_reset(arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_of_the_bound_read_the_same),
        cmocka_unit_test(parts_of_short_values),
        cmocka_unit_test(names_of_every_byte),
    };

    return cmocka_run_group_tests(tests, arena_open, arena_close);
}
