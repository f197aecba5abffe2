/* Character sets of MSH-18 (table 0211), switches between them, and delimiters that are part of a character.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "hl7/charset.h"
#include "hl7/message.h"
#include "tests/guard.h"

#include <stdio.h>

#define JIS   "\x1B$B"
#define ASCII "\x1B(B"

static struct hl7_message *parse(struct arena *arena, struct slice wire,
                                 const struct hl7_charset_choice *choice)
{
    struct error err = { 0 };
    struct hl7_message *m = hl7_message_parse_as(arena, wire, choice, &err);

    if (m == NULL)
        fail_msg("refused: %s %s", err.where, err.message);
    return m;
}

static void names_are_known_in_every_spelling(void **state)
{
    static const struct {
        const char *declared;
        enum hl7_charset charset;
        const char *iconv_name;
    } ROWS[] = {
        { "", HL7_CHARSET_GUESS, NULL },
        { "ASCII", HL7_CHARSET_GUESS, NULL },
        { "US-ASCII", HL7_CHARSET_GUESS, NULL },
        { "ISO IR6", HL7_CHARSET_GUESS, NULL },
        { "UNICODE", HL7_CHARSET_GUESS, NULL },
        { "UNICODE UTF-16", HL7_CHARSET_GUESS, NULL },
        { "UNICODE UTF-32", HL7_CHARSET_GUESS, NULL },
        { "UNICODE UTF-8", HL7_CHARSET_UTF8, NULL },
        { "unicode utf-8", HL7_CHARSET_UTF8, NULL },
        { "UTF-8", HL7_CHARSET_UTF8, NULL },
        { "UTF8", HL7_CHARSET_UTF8, NULL },
        { "ISO IR192", HL7_CHARSET_UTF8, NULL },
        { "ISO_IR 192", HL7_CHARSET_UTF8, NULL },
        { "8859/1", HL7_CHARSET_8859_1, NULL },
        { "ISO-8859-1", HL7_CHARSET_8859_1, NULL },
        { "ISO 8859/1", HL7_CHARSET_8859_1, NULL },
        { "ISO8859-1", HL7_CHARSET_8859_1, NULL },
        { "ISO_IR 100", HL7_CHARSET_8859_1, NULL },
        { "CP1252", HL7_CHARSET_8859_1, NULL },
        { "WINDOWS-1252", HL7_CHARSET_8859_1, NULL },
        { "8859/2", HL7_CHARSET_NAMED, "ISO-8859-2" },
        { "8859/11", HL7_CHARSET_NAMED, "ISO-8859-11" },
        { "8859/15", HL7_CHARSET_NAMED, "ISO-8859-15" },
        { "ISO-8859-15", HL7_CHARSET_NAMED, "ISO-8859-15" },
        { "windows-1250", HL7_CHARSET_NAMED, "CP1250" },
        { "GB 18030-2000", HL7_CHARSET_NAMED, "GB18030" },
        { "gb2312", HL7_CHARSET_NAMED, "GB18030" },
        { "BIG-5", HL7_CHARSET_NAMED, "BIG5" },
        { "KS X 1001", HL7_CHARSET_NAMED, "UHC" },
        { "CNS 11643-1992", HL7_CHARSET_NAMED, "EUC-TW" },
        { "ISO IR13", HL7_CHARSET_NAMED, "CP932" },
        { "ISO IR14", HL7_CHARSET_GUESS, NULL },
        { "ISO IR87", HL7_CHARSET_GUESS, NULL },
        { "ISO 2022 IR 87", HL7_CHARSET_GUESS, NULL },
        { "ISO IR159", HL7_CHARSET_GUESS, NULL },
        { "KLINGON", HL7_CHARSET_GUESS, NULL },
        { "8859/1?", HL7_CHARSET_GUESS, NULL },
        { "a name that is much longer than any other", HL7_CHARSET_GUESS, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard g = guard_make(slice_of(ROWS[i].declared));
        const char *name;
        enum hl7_charset set = hl7_charset_find(g.bytes, &name);
        if (set != ROWS[i].charset || !slice_eq(slice_of(name), slice_of(ROWS[i].iconv_name)))
            fail_msg("%s: %d %s", ROWS[i].declared, set, name);
        guard_free(&g);
    }
}

/* A text in NTE-1 of a message that declares a set. */
struct text_row {
    const char *name, *declared, *force, *fallback, *raw, *text;
};

static void check_text(const struct text_row *row)
{
    struct arena *arena = arena_new();
    struct hl7_charset_choice choice = { slice_of(row->force), slice_of(row->fallback) };
    char wire[512];

    snprintf(wire, sizeof wire, "MSH|^~\\&||||||||||||||||%s\rNTE|%s|x\rZZZ|y", row->declared, row->raw);
    struct guard guard = guard_make(slice_of(wire));
    struct hl7_message *m = parse(arena, guard.bytes, row->force || row->fallback ? &choice : NULL);
    struct slice text = hl7_value(m, arena, 1, 1, 1, 1, 1);
    if (!slice_is(text, row->text))
        fail_msg("%s: \"%.*s\"", row->name, SLICE_ARG(text));
    if (!slice_is(hl7_value(m, arena, 1, 2, 1, 1, 1), "x") ||
        !slice_is(hl7_value(m, arena, 2, 1, 1, 1, 1), "y"))
        fail_msg("%s: what follows is lost", row->name);
    guard_free(&guard);
    arena_free(&arena);
}

static void every_set_of_table_0211_is_read(void **state)
{
    static const struct text_row ROWS[] = {
        { "8859/1", "8859/1", NULL, NULL, "\xFC", "\xC3\xBC" },
        { "8859/1 as Windows means it", "8859/1", NULL, NULL, "\x80", "\xE2\x82\xAC" },
        { "8859/2", "8859/2", NULL, NULL, "\xB3", "\xC5\x82" },
        { "8859/3", "8859/3", NULL, NULL, "\xB1", "\xC4\xA7" },
        { "8859/4", "8859/4", NULL, NULL, "\xBF", "\xC5\x8B" },
        { "8859/5", "8859/5", NULL, NULL, "\xD6", "\xD0\xB6" },
        { "8859/6", "8859/6", NULL, NULL, "\xC8", "\xD8\xA8" },
        { "8859/7", "8859/7", NULL, NULL, "\xE1", "\xCE\xB1" },
        { "8859/8", "8859/8", NULL, NULL, "\xF9", "\xD7\xA9" },
        { "8859/9", "8859/9", NULL, NULL, "\xFE", "\xC5\x9F" },
        { "8859/15", "8859/15", NULL, NULL, "\xA4", "\xE2\x82\xAC" },
        { "a letter and its mark", "WINDOWS-1258", NULL, NULL,
          "a\xEC\xFE"
          "A",
          "\xC3\xA1\xE2\x82\xAB"
          "A" },
        { "UNICODE UTF-8", "UNICODE UTF-8", NULL, NULL, "\xC3\xBC", "\xC3\xBC" },
        { "GB 18030, two bytes", "GB 18030-2000", NULL, NULL, "\xA2\xE3", "\xE2\x82\xAC" },
        { "GB 18030, four bytes", "GB 18030-2000", NULL, NULL, "\x95\x32\x82\x36", "\xF0\xA0\x80\x80" },
        { "KS X 1001", "KS X 1001", NULL, NULL, "\xC8\xAB\xB1\xE6\xB5\xBF",
          "\xED\x99\x8D\xEA\xB8\xB8\xEB\x8F\x99" },
        { "KS X 1001 as Windows means it", "KS X 1001", NULL, NULL, "\x8C\x63", "\xEB\x98\xA0" },
        { "BIG-5", "BIG-5", NULL, NULL, "\xB3\x5C\xA5\x5C\xBB\x5C", "\xE8\xA8\xB1\xE5\x8A\x9F\xE8\x93\x8B" },
        { "CNS 11643", "CNS 11643-1992", NULL, NULL, "\xC4\xE3", "\xE4\xB8\xAD" },
        { "ISO IR87", "ISO IR87", NULL, NULL, JIS ";3EDB@O:" ASCII,
          "\xE5\xB1\xB1\xE7\x94\xB0\xE5\xA4\xAA\xE9\x83\x8E" },
        { "ISO IR159", "ISO IR159", NULL, NULL, "\x1B$(D0!" ASCII "!", "\xE4\xB8\x82!" },
        { "ISO IR14 and 87", "ISO IR14~ISO IR87", NULL, NULL,
          "a" JIS ";3"
          "\x1B(Jb",
          "a\xE5\xB1\xB1"
          "b" },
        { "katakana in the upper half", "ISO IR13", NULL, NULL, "\xD4\xCF", "\xEF\xBE\x94\xEF\xBE\x8F" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_text(&ROWS[i]);
}

static void what_is_declared_wins_then_utf8_then_the_fallback(void **state)
{
    static const struct text_row ROWS[] = {
        { "declared set though it is UTF-8", "8859/1", NULL, NULL, "\xC3\xBC", "\xC3\x83\xC2\xBC" },
        { "not of the declared set: UTF-8", "8859/7", NULL, NULL, "\xE2\x82\xAC\xD2\xAE",
          "\xE2\x82\xAC\xD2\xAE" },
        { "neither: Windows-1252", "GB 18030-2000", NULL, NULL, "a\xFF", "a\xC3\xBF" },
        { "neither: the fallback", "UNICODE UTF-8", NULL, "8859/2", "\xB3", "\xC5\x82" },
        { "nothing declared: the fallback", "", NULL, "8859/7", "\xE1", "\xCE\xB1" },
        { "nothing declared, UTF-8", "", NULL, "8859/7", "\xC3\xBC", "\xC3\xBC" },
        { "not of the fallback either", "", NULL, "GB 18030-2000", "a\xFF", "a\xC3\xBF" },
        { "a fallback of no such name", "", NULL, "KLINGON", "\xE1", "\xC3\xA1" },
        { "Windows-1252 asked for", "", NULL, "WINDOWS-1252", "\x80", "\xE2\x82\xAC" },
        { "the fallback leaves what is declared", "8859/15", NULL, "8859/2", "\xA4", "\xE2\x82\xAC" },
        { "forced", "8859/1", "UNICODE UTF-8", NULL, "\xC3\xBC", "\xC3\xBC" },
        { "forced, and hiding", "UNICODE UTF-8", "BIG-5", NULL, "\xCA\x7C", "\xE5\x90\x9C" },
        { "forced, without a declaration", "", "8859/5", NULL, "\xD6", "\xD0\xB6" },
        { "forced UTF-8 that is none", "8859/5", "UTF-8", "8859/2", "\xB3", "\xC5\x82" },
        { "UTF-16 declared", "UNICODE UTF-16", NULL, NULL, "\xC3\xBC", "\xC3\xBC" },
        { "ISO IR87 declared, bytes of Latin-1", "ISO IR87", NULL, NULL, "\xFC", "\xC3\xBC" },
        { "ISO IR87 declared, bytes of UTF-8", "ISO IR87", NULL, NULL, "\xC3\xBC", "\xC3\xBC" },
        { "BIG-5 declared, bytes of Latin-1", "BIG-5", NULL, NULL, "\xB3\x5C\xFC ", "\xC2\xB3\\\xC3\xBC " },
        { "cut in the middle of a character", "KS X 1001", NULL, NULL, "\xC8", "\xC3\x88" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_text(&ROWS[i]);
}

static void a_delimiter_in_a_character_is_none(void **state)
{
    static const struct text_row ROWS[] = {
        { "GB 18030 |", "GB 18030-2000", NULL, NULL, "\x81\x7C", "\xE4\xBA\x85" },
        { "GB 18030 ^", "GB 18030-2000", NULL, NULL, "\x81\x5E", "\xE4\xB9\x9B" },
        { "GB 18030 ~", "GB 18030-2000", NULL, NULL, "\x81\x7E", "\xE4\xBA\x8A" },
        { "GB 18030 \\", "GB 18030-2000", NULL, NULL, "\x81\x5C", "\xE4\xB9\x97" },
        { "GB 18030 \\ before an escape", "GB 18030-2000", NULL, NULL, "\x81\x5C\\T\\\x81\x5C",
          "\xE4\xB9\x97&\xE4\xB9\x97" },
        { "BIG-5 |", "BIG-5", NULL, NULL, "\xCA\x7C", "\xE5\x90\x9C" },
        { "BIG-5 ^", "BIG-5", NULL, NULL, "\xA4\x5E", "\xE4\xB9\x9E" },
        { "BIG-5 ~", "BIG-5", NULL, NULL, "\xCA\x7E", "\xE5\x90\x98" },
        { "BIG-5 \\", "BIG-5", NULL, NULL, "\xA4\x5C", "\xE4\xB9\x88" },
        { "Shift JIS |", "SHIFT_JIS", NULL, NULL, "\x93\x7C", "\xE5\x80\x92" },
        { "Shift JIS, katakana before |", "SHIFT_JIS", NULL, NULL, "\xD4", "\xEF\xBE\x94" },
        { "ISO IR87 |", "ISO IR87", NULL, NULL, JIS "K|" ASCII, "\xE4\xB8\x87" },
        { "ISO IR87 ^", "ISO IR87", NULL, NULL, JIS "8^" ASCII, "\xE4\xBA\x94" },
        { "ISO IR87 ~", "ISO IR87", NULL, NULL, JIS "5~" ASCII, "\xE4\xBA\xAC" },
        { "ISO IR87 \\", "ISO IR87", NULL, NULL, JIS "P\\" ASCII, "\xE4\xBF\x91" },
        { "ISO IR87 &", "ISO IR87", NULL, NULL, JIS "P&" ASCII, "\xE4\xB8\xB6" },
        { "ISO IR87 as the second set", "~ISO IR87", NULL, NULL, JIS "K|8^" ASCII,
          "\xE4\xB8\x87\xE4\xBA\x94" },
        { "never switched back", "ISO IR87", NULL, NULL, JIS "K|8^", "\xE4\xB8\x87\xE4\xBA\x94" },
        { "an escape beside it", "ISO IR87", NULL, NULL, "\\T\\" JIS "P\\" ASCII "\\T\\", "&\xE4\xBF\x91&" },
        { "blank among the pairs", "ISO IR87", NULL, NULL, JIS "K| 8^" ASCII, "\xE4\xB8\x87 \xE4\xBA\x94" },
        { "katakana of one byte", "~ISO IR13", NULL, NULL, "\x1B(IT^\x1B(B", "\xEF\xBE\x94\xEF\xBE\x9E" },
        { "shifted out", "~KS X 1001", NULL, NULL, "\x1B$)C\x0EH+1f\x0F!", "\xED\x99\x8D\xEA\xB8\xB8!" },
        { "a pair spelled by \\M..\\", "~ISO IR87", NULL, NULL, "\\M2442\\K|P\\\\C2842\\!",
          "\xE4\xB8\x87\xE4\xBF\x91!" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_text(&ROWS[i]);
}

static void values_switch_sets(void **state)
{
    static const struct text_row ROWS[] = {
        { "\\C..\\ to the second set", "8859/1~8859/7", NULL, NULL, "\xFC \\C2D46\\\xE1",
          "\xC3\xBC \xCE\xB1" },
        { "\\C..\\ without a declaration", "", NULL, NULL, "\\C2D46\\\xE1", "\xCE\xB1" },
        { "\\C2842\\ alone is nothing", "", NULL, NULL, "a\\C2842\\b", "ab" },
        { "\\M..\\ and back", "", NULL, NULL, "\\M2442\\;3\\C2842\\!", "\xE5\xB1\xB1!" },
        { "\\M..\\ of three bytes", "", NULL, NULL, "\\M242844\\0!\\C2842\\!", "\xE4\xB8\x82!" },
        { "in small letters it is not one", "", NULL, NULL, "\\m2442\\", "\\m2442\\" },
        { "a set that is not known", "", NULL, NULL, "\\C2D7E\\", "\\C2D7E\\" },
        { "\\C..\\ with three bytes", "", NULL, NULL, "\\C242844\\", "\\C242844\\" },
        { "\\C..\\ of one byte", "", NULL, NULL, "\\C28\\", "\\C28\\" },
        { "\\C..\\ that is not hex", "", NULL, NULL, "\\C28zz\\", "\\C28zz\\" },
        { "longer than one sequence", "", NULL, NULL, "\\M24424242\\", "\\M24424242\\" },
        { "ISO 2022 in the bytes", "8859/1~8859/7", NULL, NULL, "\xFC\x1B-F\xE1", "\xC3\xBC\xCE\xB1" },
        { "every kind of set", "~8859/2", NULL, NULL, "\x1B-B\xB3\x1B-A\xFC\x1B-b\xA4",
          "\xC5\x82\xC3\xBC\xE2\x82\xAC" },
        { "Chinese and Korean pairs", "~GB 18030-2000", NULL, NULL, "\x1B$AVP\x1B$(CH+\x1B(B.",
          "\xE4\xB8\xAD\xED\x99\x8D." },
        { "upper half after it", "~GB 18030-2000", NULL, NULL, "\x1B$)A\xD6\xD0!\x1B(B", "\xE4\xB8\xAD!" },
        { "upper half of the set itself", "8859/1~ISO IR87", NULL, NULL, JIS ";3" ASCII "\xFC",
          "\xE5\xB1\xB1\xC3\xBC" },
        { "and among the pairs", "8859/1~ISO IR87", NULL, NULL, JIS ";3\xFC" ASCII, "\xE5\xB1\xB1\xC3\xBC" },
        { "an unknown sequence stays", "~8859/2", NULL, NULL, "a\x1B%Gb", "a\x1B%Gb" },
        { "ESC at the end stays", "~8859/2", NULL, NULL, "a\x1B", "a\x1B" },
        { "shift without a set stays", "~8859/2", NULL, NULL,
          "\x1B(B\x0E"
          "a",
          "\x1B(B\x0E"
          "a" },
        { "half a pair stays", "~ISO IR87", NULL, NULL, JIS ";" ASCII, JIS ";" ASCII },
        { "not of the switched set: stays", "~8859/7", NULL, NULL, "\x1B-F\xD2!", "\x1B-F\xC3\x92!" },
        { "ESC where nothing is declared is data", "", NULL, NULL, JIS "ab", JIS "ab" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_text(&ROWS[i]);
}

/* A delimiter hidden in MSH itself, before MSH-18. */
static void msh_18_is_found_behind_hidden_delimiters(void **state)
{
    static const struct {
        const char *name, *msh, *facility;
    } ROWS[] = {
        { "GB 18030", "MSH|^~\\&|A|\x81\x7C\x81\x7C||||||||||||||GB 18030-2000|",
          "\xE4\xBA\x85\xE4\xBA\x85" },
        { "BIG-5", "MSH|^~\\&|A|\xCA\x7C||||||||||||||BIG-5|", "\xE5\x90\x9C" },
        { "ISO IR87", "MSH|^~\\&|A|" JIS "K|" ASCII "||||||||||||||ISO IR87|", "\xE4\xB8\x87" },
        { "ISO IR87 as the second set", "MSH|^~\\&|A|" JIS "K|" ASCII "||||||||||||||~ISO IR87|",
          "\xE4\xB8\x87" },
        { "nothing hides what is unknown", "MSH|^~\\&|A|B\xFC||||||||||||||KLINGON|", "B\xC3\xBC" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct hl7_message *m = parse(arena, slice_of(ROWS[i].msh), NULL);
        if (!slice_is(hl7_value(m, arena, 0, 4, 1, 1, 1), ROWS[i].facility) || hl7_segment_fields(m, 0) != 19)
            fail_msg("%s: %u fields", ROWS[i].name, hl7_segment_fields(m, 0));
    }
    arena_free(&arena);
}

/* Slices are of the wire, not of the mask. */
static void slices_stay_in_the_wire(void **state)
{
    struct arena *arena = arena_new();
    struct slice wire = SLICE("MSH|^~\\&||||||||||||||||BIG-5\rPID|\xCA\x7C^\xA4\x5E~\xCA\x7E&\xA4\x5C"), raw;
    struct hl7_message *m = parse(arena, wire, NULL);

    (void)state;
    assert_int_equal(hl7_segment_fields(m, 1), 1);
    assert_int_equal(hl7_repetitions(m, 1, 1), 2);
    assert_int_equal(hl7_get(m, 1, 1, 2, 1, 2, &raw), HL7_VALUE);
    assert_ptr_equal(raw.ptr, wire.ptr + wire.len - 2);
    assert_true(slice_is(raw, "\xA4\x5C"));
    assert_ptr_equal(hl7_message_wire(m).ptr, wire.ptr);
    arena_free(&arena);
}

static void bytes_of_utf16_are_refused(void **state)
{
    static const struct slice ROWS[] = {
        SLICE_INIT("\xFF\xFEM\0S\0H\0"),   SLICE_INIT("\xFE\xFF\0M\0S\0H"), SLICE_INIT("M\0S\0H\0|\0"),
        SLICE_INIT("\0M\0S\0H\0|"),        SLICE_INIT("M\0\0\0S\0\0\0"),    SLICE_INIT("\0\0\0M\0\0\0S"),
        SLICE_INIT("\0\0\xFE\xFF\0\0\0M"),
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error err = { 0 };
        assert_null(hl7_message_parse(arena, ROWS[i], &err));
        assert_int_equal(err.code, ERROR_UNSUPPORTED);
        assert_string_equal(err.where, "MSH");
        assert_non_null(strstr(err.message, "UTF-16"));
        assert_non_null(strstr(err.hint, "UTF-8"));
    }
    arena_free(&arena);
}

static void what_cannot_be_is_answered(void **state)
{
    struct hl7_reading plain = hl7_reading_find(SLICE("8859/2"), 0, NULL),
                       none = { .charset = HL7_CHARSET_NAMED };
    struct arena *arena = arena_new();
    struct buf out = buf_make(100);
    char mask[4] = "xyz";

    (void)state;
    assert_false(hl7_iconv_put(&out, "NO-SUCH-SET", SLICE("a")));
    assert_int_equal(out.len, 0);
    assert_true(
        slice_is(hl7_charset_text(arena, HL7_CHARSET_NAMED, "NO-SUCH-SET", SLICE("\xFC")), "\xC3\xBC"));
    assert_true(slice_is(hl7_reading_text(arena, &none, SLICE("\xFC")), "\xC3\xBC"));
    assert_true(slice_is(hl7_reading_text(arena, &plain, (struct slice){ NULL, 0 }), ""));
    assert_false(hl7_charset_hides(&plain, SLICE("\xCA\x7C")));
    hl7_charset_mask(&plain, '\\', SLICE("ab"), mask);
    assert_string_equal(mask, "abz");
    plain.hiding = HL7_HIDES_ISO_2022;
    assert_false(hl7_charset_hides(&plain, (struct slice){ NULL, 0 }));
    hl7_charset_mask(&plain, 0, (struct slice){ NULL, 0 }, mask);
    hl7_charset_mask(&plain, 0, SLICE("\\M2"), mask);
    assert_memory_equal(mask, "\\M2", 3);
    buf_free(&out);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known_in_every_spelling),
        cmocka_unit_test(every_set_of_table_0211_is_read),
        cmocka_unit_test(what_is_declared_wins_then_utf8_then_the_fallback),
        cmocka_unit_test(a_delimiter_in_a_character_is_none),
        cmocka_unit_test(values_switch_sets),
        cmocka_unit_test(msh_18_is_found_behind_hidden_delimiters),
        cmocka_unit_test(slices_stay_in_the_wire),
        cmocka_unit_test(bytes_of_utf16_are_refused),
        cmocka_unit_test(what_cannot_be_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
