/* STANDARDS section 3.6: every character set of table 0211, and "declared charset -> else valid UTF-8 -> else
 * Latin-1/CP1252 by per-source setting; never fail on it". Expected texts are written down from the code
 * charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "hl7/charset.h"
#include "hl7/encode.h"
#include "tests/hl7/spec_help.h"

#define IN(set, text) "MSH|^~\\&|APP||||||ADT|1|P|2.5||||||" set "\rNTE|1||" text "|end"
#define JIS           "\x1B$B"
#define BACK          "\x1B(B"
#define TAIL(rule, set, text)                                                                                \
    {                                                                                                        \
        rule ": what follows keeps its place", IN(set, text), "NTE-4", HL7_VALUE, "end"                      \
    }

static void each_set_of_table_0211(void **state)
{
    static const struct spec_row rows[] = {
        { "ASCII (default)", IN("", "plain"), "NTE-3", HL7_VALUE, "plain" },
        { "ASCII by name", IN("ASCII", "plain"), "NTE-3", HL7_VALUE, "plain" },
        { "8859/1, u with dots", IN("8859/1", "\xFC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "8859/2, l with stroke", IN("8859/2", "\xB3"), "NTE-3", HL7_VALUE, "\xC5\x82" },
        { "8859/3, h with stroke", IN("8859/3", "\xB1"), "NTE-3", HL7_VALUE, "\xC4\xA7" },
        { "8859/4, a with macron", IN("8859/4", "\xE0"), "NTE-3", HL7_VALUE, "\xC4\x81" },
        { "8859/5, Cyrillic small zhe", IN("8859/5", "\xD6"), "NTE-3", HL7_VALUE, "\xD0\xB6" },
        { "8859/6, Arabic beh", IN("8859/6", "\xC8"), "NTE-3", HL7_VALUE, "\xD8\xA8" },
        { "8859/7, Greek alpha", IN("8859/7", "\xE1"), "NTE-3", HL7_VALUE, "\xCE\xB1" },
        { "8859/8, Hebrew shin", IN("8859/8", "\xF9"), "NTE-3", HL7_VALUE, "\xD7\xA9" },
        { "8859/9, dotless i", IN("8859/9", "\xFD"), "NTE-3", HL7_VALUE, "\xC4\xB1" },
        { "8859/15, euro", IN("8859/15", "\xA4"), "NTE-3", HL7_VALUE, "\xE2\x82\xAC" },
        { "ISO IR6 is ASCII", IN("ISO IR6", "plain"), "NTE-3", HL7_VALUE, "plain" },
        { "ISO IR14, romaji", IN("ISO IR14", "\x1B(J5\x1B(B"), "NTE-3", HL7_VALUE, "5" },
        { "ISO IR87, kanji", IN("ISO IR87", JIS ";3" BACK), "NTE-3", HL7_VALUE, "\xE5\xB1\xB1" },
        TAIL("ISO IR87 whose bytes are |", "ISO IR87", JIS "K|8^" BACK),
        { "ISO IR87 whose bytes are |", IN("ISO IR87", JIS "K|8^" BACK), "NTE-3", HL7_VALUE,
          "\xE4\xB8\x87\xE4\xBA\x94" },
        { "ISO IR159, more kanji", IN("~ISO IR159", "\x1B$(D0!" BACK), "NTE-3", HL7_VALUE, "\xE4\xB8\x82" },
        { "GB 18030-2000, two bytes", IN("GB 18030-2000", "\xD6\xD0"), "NTE-3", HL7_VALUE, "\xE4\xB8\xAD" },
        { "GB 18030-2000, four bytes", IN("GB 18030-2000", "\x81\x30\x86\x30"), "NTE-3", HL7_VALUE,
          "\xC2\xB8" },
        TAIL("GB 18030-2000 whose second byte is |", "GB 18030-2000", "\x81\x7C"),
        { "KS X 1001", IN("KS X 1001", "\xB0\xA1"), "NTE-3", HL7_VALUE, "\xEA\xB0\x80" },
        { "CNS 11643-1992", IN("CNS 11643-1992", "\xC4\xE3"), "NTE-3", HL7_VALUE, "\xE4\xB8\xAD" },
        { "BIG-5", IN("BIG-5", "\xA4\xA4"), "NTE-3", HL7_VALUE, "\xE4\xB8\xAD" },
        TAIL("BIG-5 whose second byte is the escape character", "BIG-5", "\xB3\x5C"),
        TAIL("BIG-5 whose second byte is |", "BIG-5", "\xCA\x7C"),
        { "UNICODE (old): as its bytes are", IN("UNICODE", "\xC3\xBC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "UNICODE UTF-8", IN("UNICODE UTF-8", "\xC3\xBC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "UNICODE UTF-16, in single bytes", IN("UNICODE UTF-16", "\xC3\xBC"), "NTE-3", HL7_VALUE,
          "\xC3\xBC" },
        { "UNICODE UTF-32, in single bytes", IN("UNICODE UTF-32", "x"), "NTE-3", HL7_VALUE, "x" },
        { "the first of a list is the set", IN("8859/7~8859/1", "\xE1"), "NTE-3", HL7_VALUE, "\xCE\xB1" },
        { "blanks round a name", IN(" 8859/7 ", "\xE1"), "NTE-3", HL7_VALUE, "\xCE\xB1" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

static void declared_and_real_bytes_disagree(void **state)
{
    static const struct spec_row rows[] = {
        { "declared: it is that", IN("8859/15", "\xC3\xBC"), "NTE-3", HL7_VALUE, "\xC3\x83\xC5\x92" },
        { "declared UTF-8 and is none: Windows-1252", IN("UNICODE UTF-8", "\xFC\x80"), "NTE-3", HL7_VALUE,
          "\xC3\xBC\xE2\x82\xAC" },
        { "declared, not of that set, and UTF-8", IN("8859/7", "\xE2\x82\xAC\xD2\xAE"), "NTE-3", HL7_VALUE,
          "\xE2\x82\xAC\xD2\xAE" },
        { "declared, not of that set, and no UTF-8", IN("GB 18030-2000", "a\xFF"), "NTE-3", HL7_VALUE,
          "a\xC3\xBF" },
        { "nothing declared, valid UTF-8", IN("", "M\xC3\xBCller"), "NTE-3", HL7_VALUE, "M\xC3\xBCller" },
        { "nothing declared, else CP1252", IN("", "M\xFCller \x80"), "NTE-3", HL7_VALUE,
          "M\xC3\xBCller \xE2\x82\xAC" },
        { "nothing declared: 0xA0 (a fault of 1.7)", IN("", "V\xA0"), "NTE-3", HL7_VALUE, "V\xC2\xA0" },
        { "ASCII declared, UTF-8 sent", IN("ASCII", "\xC3\xBC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "ASCII declared, Latin-1 sent", IN("ASCII", "\xFC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "a name of no table", IN("KLINGON", "\xFC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "a name with what else there is", IN("8859/1^x", "\xFC"), "NTE-3", HL7_VALUE, "\xC3\xBC" },
        { "bytes that no set has: 0x81", IN("", "a\x81z"), "NTE-3", HL7_VALUE, "a\xC2\x81z" },
        { "a character cut in two", IN("UNICODE UTF-8", "a\xE2\x82"), "NTE-3", HL7_VALUE,
          "a\xC3\xA2\xE2\x80\x9A" },
        { "too long a form of /", IN("UNICODE UTF-8", "\xC0\xAF"), "NTE-3", HL7_VALUE, "\xC3\x80\xC2\xAF" },
    };

    (void)state;
    SPEC_CHECK(rows);
}

/* "by per-source setting" */
static void a_source_can_be_told_apart(void **state)
{
    static const struct {
        const char *rule, *declared, *force, *fallback, *raw, *text;
    } rows[] = {
        { "fallback for what is neither declared nor UTF-8", "", "", "8859/2", "\xB3", "\xC5\x82" },
        { "fallback leaves UTF-8 alone", "", "", "8859/2", "\xC3\xBC", "\xC3\xBC" },
        { "fallback leaves the declared set alone", "8859/7", "", "8859/2", "\xE1", "\xCE\xB1" },
        { "force in place of MSH-18", "8859/1", "8859/5", "", "\xD6", "\xD0\xB6" },
        { "force and fallback", "8859/1", "UNICODE UTF-8", "8859/5", "\xD6", "\xD0\xB6" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        char wire[300];
        struct hl7_charset_choice choice = { slice_of(rows[i].force), slice_of(rows[i].fallback) };
        snprintf(wire, sizeof wire, IN("%s", "%s"), rows[i].declared, rows[i].raw);
        struct guard g = guard_make(slice_of(wire));
        struct hl7_message *m = hl7_message_parse_as(arena, g.bytes, &choice, NULL);
        assert_non_null(m);
        if (!slice_is(hl7_value(m, arena, 1, 3, 1, 1, 1), rows[i].text))
            fail_msg("%s: %.*s", rows[i].rule, SLICE_ARG(hl7_value(m, arena, 1, 3, 1, 1, 1)));
        guard_free(&g);
        arena_free(&arena);
    }
}

/* "never fail an alert on it": any two bytes, under any declaration, read as valid UTF-8, and the message
 * keeps its segments unless those bytes end a line. */
static void no_bytes_fail_a_message(void **state)
{
    static const char *const SETS[] = { "",          "UNICODE UTF-8",  "8859/1",
                                        "8859/6",    "GB 18030-2000",  "BIG-5",
                                        "KS X 1001", "CNS 11643-1992", "ISO IR87",
                                        "~ISO IR87", "ISO IR13",       "SHIFT_JIS",
                                        "KLINGON" };

    (void)state;
    for (size_t set = 0; set < sizeof SETS / sizeof *SETS; set++) {
        struct arena *arena = arena_new();
        for (unsigned pair = 0; pair < 0x10000; pair += set == 0 ? 1 : 7) {
            char wire[200];
            int at = snprintf(wire, sizeof wire, IN("%s", ""), SETS[set]) - 4;
            wire[at++] = (char)(pair >> 8);
            wire[at++] = (char)pair;
            memcpy(wire + at, "|end", 4);
            struct hl7_message *m = spec_parse(arena, SETS[set], (struct slice){ wire, (size_t)at + 4 });
            for (uint32_t field = 1; field <= hl7_segment_fields(m, 1); field++)
                assert_true(utf8_valid(hl7_value(m, arena, 1, field, 0, 0, 0)));
            arena_reset(arena);
        }
        arena_free(&arena);
    }
}

/* And back: what a set can hold is written so that it reads as it was; what it cannot is refused whole. */
static void text_goes_into_each_set_and_back(void **state)
{
    static const struct {
        const char *set, *text;
        bool fits;
    } rows[] = {
        { "", "plain | ^ & ~ \\ \r", true },
        { "UNICODE UTF-8", "\xE2\x82\xAC \xE4\xB8\xAD \xF0\x9F\x92\x89", true },
        { "8859/1", "\xC3\xBC\xC3\x9F", true },
        { "8859/1", "\xC5\x82", false },
        { "8859/2", "\xC5\x82", true },
        { "8859/15", "\xE2\x82\xAC", true },
        { "8859/5", "\xD0\xB6", true },
        { "8859/5", "\xE4\xB8\xAD", false },
        { "GB 18030-2000", "\xE4\xBA\x85\xC2\xB8\xE4\xB8\xAD", true },
        { "BIG-5", "\xE5\x90\x9C\xE8\xA8\xB1", true },
        { "BIG-5", "\xD0\xB6\xF0\x9F\x92\x89", false },
        { "ISO IR87", "\xE4\xB8\x87\xE4\xBA\x94 and more", true },
        { "KS X 1001", "\xEA\xB0\x80", true },
    };
    const struct hl7_delimiters d = { '|', '^', '~', '\\', '&', 0 };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct buf wire = buf_make(4096);
        buf_printf(&wire, "MSH|^~\\&|APP||||||ADT|1|P|2.5||||||%s\rNTE|1||", rows[i].set);
        size_t before = wire.len;
        bool ok = hl7_encode(&wire, &d, hl7_encoding_name(slice_of(rows[i].set)), slice_of(rows[i].text));
        if (ok != rows[i].fits || (!ok && wire.len != before))
            fail_msg("%s into \"%s\": %d", rows[i].text, rows[i].set, ok);
        buf_text(&wire, "|end");
        struct hl7_message *m = spec_parse(arena, rows[i].set, buf_slice(&wire));
        assert_int_equal(hl7_segment_fields(m, 1), 4);
        if (ok && !slice_is(hl7_value(m, arena, 1, 3, 0, 0, 0), rows[i].text))
            fail_msg("%s in \"%s\" reads %.*s", rows[i].text, rows[i].set,
                     SLICE_ARG(hl7_value(m, arena, 1, 3, 0, 0, 0)));
        buf_free(&wire);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_set_of_table_0211),
        cmocka_unit_test(declared_and_real_bytes_disagree),
        cmocka_unit_test(a_source_can_be_told_apart),
        cmocka_unit_test(no_bytes_fail_a_message),
        cmocka_unit_test(text_goes_into_each_set_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
