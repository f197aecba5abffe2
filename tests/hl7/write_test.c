/* Writing: what goes in comes out again, and no value can make a segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/prng.h"
#include "hl7/delimiters.h"
#include "hl7/write.h"

static void a_message_is_built(void **state)
{
    struct buf out = buf_make(4096);
    struct hl7_writer w = hl7_writer_make(&out, NULL);

    (void)state;
    hl7_write_segment(&w, "MSH");
    hl7_write_field(&w, 3, SLICE("mon|itor"));
    hl7_write_raw(&w, 9, SLICE("ORU^R40^ORU_R40"));
    hl7_write_field(&w, 10, SLICE(""));
    hl7_write_field(&w, 12, SLICE("2.6"));
    hl7_write_segment(&w, "EVN");
    hl7_write_segment(&w, "PID");
    hl7_write_at(&w, 3, 1, 1, 1, SLICE("m1"));
    hl7_write_at(&w, 3, 1, 4, 2, SLICE("oid"));
    hl7_write_at(&w, 3, 2, 1, 1, SLICE("m2"));
    hl7_write_at(&w, 5, 1, 2, 1, SLICE("A^B~C\\D&E\rOBX|1\n"));
    hl7_write_raw(&w, 6, SLICE("x^y\rOBX|1"));
    hl7_write_field(&w, 7, SLICE("\"\""));
    hl7_write_raw(&w, 8, SLICE("\"\""));
    assert_true(hl7_write_end(&w));
    assert_string_equal(out.failed ? "" : (buf_u8(&out, 0), out.ptr),
                        "MSH|^~\\&|mon\\F\\itor||||||ORU^R40^ORU_R40|||2.6\rEVN\r"
                        "PID|||m1^^^&oid~m2||^A\\S\\B\\R\\C\\E\\D\\T\\E\\X0D\\OBX\\F\\1\\X0A\\|"
                        "x^y\\X0D\\OBX\\F\\1|\\X2222\\|\"\"\r");
    buf_free(&out);
}

static void mistakes_of_the_caller_are_told(void **state)
{
    const struct hl7_delimiters few = { .field = '|', .component = '^' };
    struct buf out = buf_make(4096), small = buf_make(8);
    struct hl7_writer w = hl7_writer_make(&out, NULL);

    (void)state;
    hl7_write_field(&w, 1, SLICE("no segment"));
    assert_true(w.failed);
    w = hl7_writer_make(&out, NULL);
    hl7_write_segment(&w, "pid");
    assert_true(w.failed);
    w = hl7_writer_make(&out, NULL);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, 3, SLICE("a"));
    hl7_write_field(&w, 3, SLICE("again"));
    assert_true(w.failed);
    w = hl7_writer_make(&out, NULL);
    hl7_write_segment(&w, "PID");
    hl7_write_raw(&w, 3, SLICE("a^b"));
    hl7_write_at(&w, 3, 2, 1, 1, SLICE("after a raw one"));
    assert_true(w.failed);
    w = hl7_writer_make(&out, NULL);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, LIMIT_FIELDS + 1, SLICE("far"));
    assert_true(w.failed);
    w = hl7_writer_make(&out, &few);
    hl7_write_segment(&w, "PID");
    hl7_write_at(&w, 3, 1, 1, 2, SLICE("no such delimiter"));
    assert_true(w.failed);
    w = hl7_writer_make(&out, &few);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, 3, SLICE("a|b"));
    assert_true(w.failed);
    w = hl7_writer_make(&small, NULL);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, 3, SLICE("too long"));
    assert_false(hl7_write_end(&w));
    buf_free(&small);
    buf_free(&out);
}

/* Any bytes, in any place, with any delimiters: read back they are the same. */
static void any_text_survives(void **state)
{
    const struct hl7_delimiters other = { '!', '%', '*', '@', '#', '$' };
    struct prng random = prng_make(42);
    struct arena *arena = arena_new();

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct buf out = buf_make(1 << 16);
        struct hl7_writer w = hl7_writer_make(&out, round % 2 ? &other : NULL);
        char bytes[24];
        struct slice text = { bytes, prng_below(&random, sizeof bytes) + 1 };
        for (size_t i = 0; i < text.len; i++)
            bytes[i] = "|^~\\&!%*@#$\r\n\x0b\x1c"
                       "ABXF.0\"\t\x7f"[prng_below(&random, 25)];
        uint32_t at[4];
        for (int i = 0; i < 4; i++)
            at[i] = (uint32_t)prng_below(&random, 5) + 1;
        hl7_write_segment(&w, "MSH");
        hl7_write_segment(&w, "OBX");
        hl7_write_at(&w, at[0], at[1], at[2], at[3], text);
        assert_true(hl7_write_end(&w));
        struct hl7_message *m = hl7_message_parse(arena, buf_slice(&out), NULL);
        assert_non_null(m);
        assert_int_equal(hl7_message_segments(m), 2);
        assert_true(slice_eq(hl7_value(m, arena, 1, at[0], at[1], at[2], at[3]), text));
        arena_reset(arena);
        buf_free(&out);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_built),
        cmocka_unit_test(mistakes_of_the_caller_are_told),
        cmocka_unit_test(any_text_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
