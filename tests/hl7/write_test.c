/* Writing: what goes in comes out again, and no value can make a segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/prng.h"
#include "hl7/delimiters.h"
#include "hl7/escape.h"
#include "hl7/write.h"

#include <string.h>

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

/* Three to six different printable characters, letters and digits among them: MSH may declare any. */
static struct hl7_delimiters any_delimiters(struct prng *random)
{
    static const char USUAL[] = "|^~\\&#!@$%*+-/:;<=>?_`{}\"'()[],";
    char all[6] = { 0 };
    bool words = prng_below(random, 2) == 0;

    for (int i = 0; i < 6; i++)
        for (bool fresh = false; !fresh;) {
            fresh = true;
            all[i] = words ? (char)(0x21 + prng_below(random, 0x7F - 0x21))
                           : USUAL[prng_below(random, sizeof USUAL - 1)];
            for (int j = 0; j < i; j++)
                fresh &= all[j] != all[i];
        }
    if (prng_below(random, 3) == 0)
        all[5] = 0;
    else if (prng_below(random, 8) == 0)
        memset(all + 3, 0, 3);
    return (struct hl7_delimiters){ all[0], all[1], all[2], all[3], all[4], all[5] };
}

static bool has_words(const char name[3], const struct hl7_delimiters *d)
{
    return memchr(name, d->field, 3) != NULL;
}

/* A value of any bytes, with any set of delimiters, is read back as it was or refused; and in no case does
 * it make a segment, a field, a repetition or a component. */
static void no_value_makes_a_segment_with_any_delimiters(void **state)
{
    struct prng random = prng_make(77);
    struct arena *arena = arena_new();
    int refused = 0, rounds = 20000;

    (void)state;
    for (int round = 0; round < rounds; round++) {
        struct hl7_delimiters d = any_delimiters(&random);
        const char specials[] = { d.field,      d.component, d.repetition, d.escape, d.subcomponent,
                                  d.truncation, '\r',        '\n',         'X',      '0' };
        struct buf out = buf_make(1 << 16);
        struct hl7_writer w = hl7_writer_make(&out, &d);
        char bytes[24];
        struct slice text = { bytes, prng_below(&random, sizeof bytes) + 1 }, raw;
        for (size_t i = 0; i < text.len; i++)
            bytes[i] = prng_below(&random, 2) ? (char)prng_next(&random)
                                              : specials[prng_below(&random, sizeof specials)];
        hl7_write_segment(&w, "MSH");
        hl7_write_segment(&w, "OBX");
        hl7_write_at(&w, 5, 1, 2, 1, text);
        hl7_write_field(&w, 6, SLICE(""));
        if (!hl7_write_end(&w) || has_words("MSH", &d)) {
            refused++;
        } else {
            struct hl7_message *m = hl7_message_parse(arena, buf_slice(&out), NULL);
            assert_non_null(m);
            assert_int_equal(hl7_message_segments(m), 2);
            assert_int_equal(hl7_segment_fields(m, 1), 5);
            assert_int_equal(hl7_repetitions(m, 1, 5), 1);
            assert_int_equal(hl7_get(m, 1, 5, 1, 2, 1, &raw), HL7_VALUE);
            assert_true(slice_eq(hl7_unescape(arena, &d, raw), text));
        }
        arena_reset(arena);
        buf_free(&out);
    }
    assert_true(refused < rounds / 2);
    arena_free(&arena);
}

static void text_is_brought_into_the_character_set(void **state)
{
    static const struct {
        const char *declared, *text, *wire; /* NULL: refused */
    } ROWS[] = {
        { "UNICODE UTF-8", "M\u00fcller|\u20ac", "M\xC3\xBCller\\F\\\xE2\x82\xAC" },
        { "UNICODE UTF-8", "M\xFCller", NULL },
        { "8859/1", "M\u00fcller|", "M\xFCller\\F\\" },
        { "8859/1", "\u20ac", NULL },
        { "8859/1", "\xFF", NULL },
        { "8859/15", "\u20ac", "\xA4" },
        { "8859/2", "\u0141\u00f3d\u017a",
          "\xA3\xF3"
          "d\xBC" },
        { "8859/5", "\u0414", "\xB4" },
        { "8859/7", "\u03a9\u03b1", "\xD9\xE1" },
        { "8859/9", "\u0130\u015f", "\xDD\xFE" },
        { "8859/9", "\u0141", NULL },
        { "GB 18030-2000", "\u738b^", "\xCD\xF5\\S\\" },
        /* its second byte is a vertical bar */
        { "GB 18030-2000", "\u4e85", "\\X817C\\" },
        { "KS X 1001", "\uae40", "\xB1\xE8" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct buf out = buf_make(4096);
        struct arena *arena = arena_new();
        struct hl7_writer w = hl7_writer_make(&out, NULL);
        assert_true(hl7_writer_charset(&w, slice_of(ROWS[i].declared)));
        hl7_write_segment(&w, "MSH");
        hl7_write_field(&w, 18, slice_of(ROWS[i].declared));
        hl7_write_segment(&w, "PID");
        hl7_write_at(&w, 5, 1, 1, 1, slice_of(ROWS[i].text));
        hl7_write_field(&w, 6, SLICE(""));
        if (hl7_write_end(&w) != (ROWS[i].wire != NULL))
            fail_msg("%zu %s", i, ROWS[i].declared);
        struct hl7_message *m = w.failed ? NULL : hl7_message_parse(arena, buf_slice(&out), NULL);
        struct slice raw;
        if (m != NULL && (hl7_get(m, 1, 5, 1, 1, 1, &raw) != HL7_VALUE || !slice_is(raw, ROWS[i].wire) ||
                          !slice_is(hl7_text(m, arena, raw), ROWS[i].text)))
            fail_msg("%zu %s: \"%.*s\"", i, ROWS[i].declared, SLICE_ARG(raw));
        arena_free(&arena);
        buf_free(&out);
    }
    struct hl7_writer w = hl7_writer_make(NULL, NULL);
    assert_false(hl7_writer_charset(&w, SLICE("klingon")));
}

static void null_and_truncation_are_written(void **state)
{
    const struct hl7_delimiters v27 = { '|', '^', '~', '\\', '&', '#' },
                                few = { .field = '|', .component = '^' };
    const struct hl7_delimiters quotes = { '|', '^', '~', '\\', '"', 0 },
                                letter = { .field = 'P', .component = '^' };
    struct buf out = buf_make(4096);
    struct hl7_writer w = hl7_writer_make(&out, &v27);

    (void)state;
    hl7_write_segment(&w, "MSH");
    hl7_write_null(&w, 3, 1, 1, 1);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, 3, SLICE("a#"));
    hl7_write_null(&w, 3, 2, 4, 2);
    hl7_write_null(&w, 5, 1, 1, 1);
    assert_true(hl7_write_end(&w));
    buf_u8(&out, 0);
    assert_string_equal(out.ptr, "MSH|^~\\&#|\"\"\rPID|||a\\P\\~^^^&\"\"||\"\"\r");
    w = hl7_writer_make(&out, &quotes);
    hl7_write_segment(&w, "PID");
    hl7_write_null(&w, 3, 1, 1, 1);
    assert_true(w.failed);
    w = hl7_writer_make(&out, &few);
    hl7_write_segment(&w, "PID");
    hl7_write_field(&w, 3, SLICE("\"\"")); /* would be read as "delete" */
    assert_true(w.failed);
    w = hl7_writer_make(&out, &letter);
    hl7_write_segment(&w, "PID");
    assert_true(w.failed);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_makes_a_segment_with_any_delimiters),
        cmocka_unit_test(text_is_brought_into_the_character_set),
        cmocka_unit_test(null_and_truncation_are_written),
        cmocka_unit_test(a_message_is_built),
        cmocka_unit_test(mistakes_of_the_caller_are_told),
        cmocka_unit_test(any_text_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
