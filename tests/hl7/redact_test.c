/* Redaction: nobody is left in it, and everything else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "hl7/batch.h"
#include "hl7/redact.h"
#include "tests/guard.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define MSH "MSH|^~\\&|a|b\r"

static const uint8_t KEY[32] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22
};

static struct hl7_message *redact(struct hl7_redaction *r, struct arena *arena, struct slice whole)
{
    struct buf out = buf_make(1 << 24);
    struct error err = { 0 };
    struct hl7_message *m = hl7_message_parse(arena, whole, &err);

    if (m == NULL || !hl7_redact(r, m, whole, &out, &err))
        fail_msg("%s %s", err.where, err.message);
    struct slice bytes = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    m = hl7_message_parse(arena, bytes, &err);
    if (m == NULL)
        fail_msg("redacted, it does not parse: %s %s", err.where, err.message);
    return m;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/* ! a capital, ? a small letter, # a digit, * letters; all else is itself. */
static bool is_like(const char *pattern, struct slice text)
{
    size_t at = 0;

    for (; *pattern != 0; pattern++) {
        char c = at < text.len ? text.ptr[at] : 0;
        if (*pattern == '*') {
            size_t from = at;
            while (at < text.len && (is_upper(text.ptr[at]) || is_lower(text.ptr[at])))
                at++;
            if (at == from)
                return false;
            continue;
        }
        bool fits = *pattern == '!'   ? is_upper(c)
                    : *pattern == '?' ? is_lower(c)
                    : *pattern == '#' ? c >= '0' && c <= '9'
                                      : c == *pattern;
        if (!fits)
            return false;
        at++;
    }
    return at == text.len;
}

static void each_kind_of_value_becomes_its_own(void **state)
{
    static const struct {
        const char *name, *segment, *becomes;
    } ROWS[] = {
        { "names", "PID|||||DOE^Jane^Q^JR^MRS^PHD^L", "PID|||||*^*^!^!!^!!!^!!!^L" },
        { "names of several words and parts", "PID|||||van der Berg&van&Berg^Anna-Lena",
          "PID|||||* * *&*&*^*-*" },
        { "identifiers with their authority", "PID|||00123-AB^7^M11^HOSP&1.2&ISO^MR^^19990101",
          "PID|||#####-!!^#^M11^HOSP&1.2&ISO^MR^^19######" },
        { "repetitions", "PID|||123~~456^^^X", "PID|||###~~###^^^X" },
        { "an address", "PID|||||||||||12 Main Street^Apt B^Springfield^OH^12345^USA^H^^LUCAS",
          "PID|||||||||||## * *^* !^*^OH^#####^USA^H^^*" },
        { "a state in words", "PID|||||||||||^^^California", "PID|||||||||||^^^*" },
        { "phones", "PID|||||||||||||(614)234-5678^PRN^PH^ann.lee@clinic.test",
          "PID|||||||||||||(###)555-01##^PRN^PH^???.???@example.org" },
        { "a short phone", "PID|||||||||||||1234", "PID|||||||||||||####" },
        { "parts of a phone", "PID|||||||||||||^PRN^PH^^1^614^2345678^12",
          "PID|||||||||||||^PRN^PH^^1^###^55501##^##" },
        { "sex, race and codes", "PID||||||||F||2106-3^White^CDCREC", "PID||||||||F||2106-3^White^CDCREC" },
        { "a text without a code", "PID||||||||||^somebody's words", "PID||||||||||^texttext'? text?" },
        { "numbers of persons", "PID|||||||||||||||||||123-45-6789|OH1234^OH^20300101",
          "PID|||||||||||||||||||###-##-####|!!####^OH^20######" },
        { "null and empty", "PID||\"\"|\"\"^^^X||\"\"", "PID||\"\"|\"\"^^^X||\"\"" },
        { "places stay", "PV1||I|3W^312^A^HOSP", "PV1||I|3W^312^A^HOSP" },
        { "doctors", "PV1|||||||1234^SMITH^ANN^^^DR^MD^^NPI", "PV1|||||||####^*^*^^^!!^!!^^NPI" },
        { "contacts", "NK1|1|ROE^MARY|SPO^Spouse|1 Elm Rd|555-9999", "NK1|1|*^*|SPO^Spouse|1 * *|555-01##" },
        { "a number stays", "OBX|1|NM|8867-4^Heart rate^LN|1.0.0.1|141|/min^/min^UCUM|60-100|HH|||F",
          "OBX|1|NM|8867-4^Heart rate^LN|1.0.0.1|141|/min^/min^UCUM|60-100|HH|||F" },
        { "a structured number", "OBX|1|SN|1||>^120", "OBX|1|SN|1||>^120" },
        { "a measured text", "OBX|1|ST|1||<0.5", "OBX|1|ST|1||<0.5" },
        { "a free text", "OBX|1|TX|1||Seen by Dr Who, 12 May\\.br\\call",
          "OBX|1|TX|1||text te te tex, ## tex\\.br\\text" },
        { "a coded result", "OBX|1|CWE|1||A^Alpha^L", "OBX|1|CWE|1||A^Alpha^L" },
        { "a coded result in old words", "OBX|1|CE|1||^no code here", "OBX|1|CE|1||^te text text" },
        { "words in place of a code", "DG1|1||chest pain at home||", "DG1|1||textt text te text||" },
        { "an alarm's phase", "OBX|1|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1|start",
          "OBX|1|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1|start" },
        { "a person as a result", "OBX|1|XPN|1||DOE^JANE", "OBX|1|XPN|1||*^*" },
        { "data",
          "OBX|1|ED|1||^IM^PDF^Base64^JVBERi0xLjQKJdPr6eE=", "OBX|1|ED|1||^IM^PDF^Base64^c3ludGhldGlj" },
        { "an unknown type", "OBX|1|QQ|1||Jane", "OBX|1|QQ|1||text" },
        { "a note", "NTE|1|L|wants her son", "NTE|1|L|textt tex tex" },
        { "orders are identifiers", "OBR|1|P-77^PL|F88^FI|24331-1^Lipids^LN",
          "OBR|1|!-##^PL|!##^FI|24331-1^Lipids^LN" },
        { "a Z-segment", "ZPD|Jane Doe|19800514|12.5|123456789|7|A12",
          "ZPD|text tex|19######|12.5|#########|7|!##" },
        { "an unknown segment", "QQQ|Jane^Doe&Roe~x", "QQQ|text^tex&tex~t" },
        { "beyond the standard", "EVN|A01||||||||||||||||Jane", "EVN|A01||||||||||||||||text" },
        { "escapes", "NTE|1||a\\T\\b\\F\\c\\X41\\", "NTE|1||t\\T\\t\\F\\te" },
        { "other letters", "PID|||\u00e91||\u00c4\u00d6\u00dc^J\u00f6rg", "PID|||?#||*^*" },
        { "a line that is none", "Jane Doe^x", "text tex^t" },
        { "a person where a code belongs", "DG1|1||444-44-4444^HIPPO^HOWARD H^^^^MD",
          "DG1|1||###-##-####^textt^textte t^^^^te" },
        { "a coding system of two words", "DG1|1||A1^Alpha^SNOMED CT", "DG1|1||A1^Alpha^SNOMED CT" },
        { "a person's number in a place", "PV1||I|3W^312-45-6789", "PV1||I|3W^###-##-####" },
        { "mail in a place", "PV1||I|ann@clinic.test", "PV1||I|???@example.org" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct hl7_redaction *r = hl7_redaction_new(KEY);
        struct guard guard = guard_make(arena_printf(arena, MSH "%s", ROWS[i].segment));
        struct slice after = hl7_segment_raw(redact(r, arena, guard.bytes), 1);
        if (!is_like(ROWS[i].becomes, after))
            fail_msg("%s: %.*s", ROWS[i].name, SLICE_ARG(after));
        guard_free(&guard);
        hl7_redaction_free(&r);
        arena_free(&arena);
    }
}

static struct slice value(struct arena *arena, const struct hl7_message *m, const char *segment,
                          uint32_t field)
{
    return hl7_value(m, arena, hl7_segment_find(m, slice_of(segment), 1), field, 1, 1, 1);
}

static struct slice redact_one(struct hl7_redaction *r, struct arena *arena, const char *line, uint32_t field)
{
    struct hl7_message *m = redact(r, arena, arena_printf(arena, MSH "%s", line));

    return hl7_value(m, arena, 1, field, 1, 1, 1);
}

/* Days since 1970 of YYYYMMDD. */
static int64_t days_of(struct slice date)
{
    uint32_t n = 0;
    assert_true(slice_to_u32(slice_sub(date, 0, 8), &n));
    int64_t y = n / 10000, m = n / 100 % 100, d = n % 100;
    y -= m <= 2;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d;
}

static void dates_keep_their_distances(void **state)
{
    static const char *const DATES[] = { "19800229", "20240229101500.123+0100", "20231231", "196507041200" };
    struct arena *arena = arena_new();
    struct hl7_redaction *r = hl7_redaction_new(KEY);
    int64_t moved = 0;

    (void)state;
    for (size_t i = 0; i < sizeof DATES / sizeof *DATES; i++) {
        struct slice before = slice_of(DATES[i]);
        struct slice after = redact_one(r, arena, arena_printf(arena, "PID|||||||%s", DATES[i]).ptr, 7);
        int64_t days = days_of(after) - days_of(before);
        assert_true(days <= -364 && days % 7 == 0 && (i == 0 || days == moved));
        assert_true(slice_eq(slice_sub(after, 8, SIZE_MAX), slice_sub(before, 8, SIZE_MAX)));
        moved = days;
    }
    assert_int_equal(redact_one(r, arena, "PID|||||||1980", 7).len, 4);
    assert_int_equal(redact_one(r, arena, "PID|||||||198005", 7).len, 6);
    /* what is no date loses its digits as an identifier does */
    assert_true(is_like("####-##-##", redact_one(r, arena, "PID|||||||1980-05-14", 7)));
    assert_true(is_like("########", redact_one(r, arena, "PID|||||||20230231", 7)));
    hl7_redaction_free(&r);
    arena_free(&arena);
}

static void messages_still_belong_together(void **state)
{
    struct arena *arena = arena_new();
    struct hl7_redaction *r = hl7_redaction_new(KEY), *other = hl7_redaction_new((const uint8_t[32]){ 9 });
    struct slice sent =
        SLICE("MSH|^~\\&|app|fac|||20240101||ADT^A40|MSGID77|P|2.5\rPID|||900123||DOE^JANE\rMRG|900124\r");
    struct slice ack = SLICE(
        "MSH|^~\\&|||app|fac|20240101||ACK|1|P|2.5\rMSA|AA|MSGID77|Jane is here\rPID|||900124||doe^Jane\r");
    struct hl7_message *a = redact(r, arena, sent), *b = redact(r, arena, ack),
                       *c = redact(other, arena, sent);

    (void)state;
    assert_true(slice_eq(value(arena, a, "MSH", 10), value(arena, b, "MSA", 2)));
    assert_true(slice_eq(value(arena, a, "MRG", 1), value(arena, b, "PID", 3)));
    assert_true(slice_eq_nocase(value(arena, a, "PID", 5), value(arena, b, "PID", 5)));
    assert_true(slice_is(value(arena, a, "MSH", 3), "app") && slice_is(value(arena, a, "MSH", 9), "ADT"));
    assert_false(slice_eq(value(arena, a, "MSH", 10), value(arena, c, "MSH", 10)));
    assert_false(slice_eq(value(arena, a, "PID", 3), value(arena, c, "PID", 3)));
    hl7_redaction_free(&r);
    r = hl7_redaction_new(KEY); /* the same key gives the same again */
    assert_true(slice_eq(hl7_message_wire(a), hl7_message_wire(redact(r, arena, sent))));
    hl7_redaction_free(&r);
    hl7_redaction_free(&r);
    hl7_redaction_free(NULL);
    hl7_redaction_free(&other);
    arena_free(&arena);
}

/* Half of all numbers of four digits: still one for each. */
static void no_two_identifiers_become_one(void **state)
{
    static bool taken[10000];
    struct hl7_redaction *r = hl7_redaction_new(KEY);

    (void)state;
    for (int i = 0; i < 4000; i++) {
        struct arena *arena = arena_new();
        uint32_t id = 10000;
        struct slice made = redact_one(r, arena, arena_printf(arena, "PID|||%04d", 1000 + i).ptr, 3);
        assert_true(slice_to_u32(made, &id) && id < 10000 && id != (uint32_t)i + 1000 && !taken[id]);
        taken[id] = true;
        arena_free(&arena);
    }
    hl7_redaction_free(&r);
}

static void what_frames_the_message_stays(void **state)
{
    const struct slice whole = SLICE(
                           "\xEF\xBB\xBF\r\nMSH!@*%$!a!b\r\n\r\nPID!!!12@3*4!!A$B\r\nOBX!1!TX!x!!one\r\n"),
                       few = SLICE("MSH|^|a\nNTE|1|x|a~b\nnext\nZZZ|J D");
    struct arena *arena = arena_new();
    struct hl7_redaction *r = hl7_redaction_new(KEY);
    struct buf out = buf_make(1 << 16), small = buf_make(20);
    struct error err = { 0 };

    (void)state;
    struct hl7_message *m = hl7_message_parse(arena, whole, NULL);
    assert_true(hl7_redact(r, m, whole, &out, NULL));
    assert_true(is_like("\xEF\xBB\xBF\r\nMSH", slice_sub(buf_slice(&out), 0, 8)));
    assert_true(slice_ends(buf_slice(&out), SLICE("\r\nOBX!1!TX!x!!tex\r\n")));
    assert_false(hl7_redact(r, m, whole, &small, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    /* line feeds that are data may not become line ends when the first of them goes */
    m = redact(r, arena, SLICE("MSH|^~\\&|a\nb|c\nPID|||x|P|2.3\nPID|1\rPID|2"));
    assert_int_equal(hl7_message_segments(m), 2);
    /* without an escape character, a line end in a value becomes a blank */
    m = redact(r, arena, few);
    assert_true(slice_is(hl7_segment_raw(m, 1), "NTE|1|x|t~t text"));
    buf_free(&out);
    buf_free(&small);
    hl7_redaction_free(&r);
    arena_free(&arena);
}

/* --- samples -------------------------------------------------------------------------------------- */

/* Values that must not be found again: components of fields that are about persons. */
static const struct {
    const char *segment;
    uint32_t field, from, to;
} PERSONAL[] = {
    { "PID", 2, 1, 1 },  { "PID", 3, 1, 1 },  { "PID", 4, 1, 1 },  { "PID", 5, 1, 6 },  { "PID", 6, 1, 6 },
    { "PID", 9, 1, 6 },  { "PID", 11, 1, 6 }, { "PID", 13, 1, 1 }, { "PID", 13, 4, 9 }, { "PID", 14, 1, 1 },
    { "PID", 18, 1, 1 }, { "PID", 19, 1, 1 }, { "PID", 20, 1, 1 }, { "PID", 23, 1, 1 }, { "NK1", 2, 1, 6 },
    { "NK1", 4, 1, 6 },  { "NK1", 5, 1, 1 },  { "NK1", 5, 4, 9 },  { "GT1", 3, 1, 6 },  { "GT1", 5, 1, 6 },
    { "GT1", 6, 1, 1 },  { "GT1", 12, 1, 1 }, { "IN1", 4, 1, 1 },  { "IN1", 5, 1, 6 },  { "IN1", 16, 1, 6 },
    { "IN1", 19, 1, 6 }, { "IN1", 36, 1, 1 }, { "IN1", 49, 1, 1 }, { "MRG", 1, 1, 1 },  { "MRG", 7, 1, 6 },
    { "PV1", 7, 1, 7 },  { "PV1", 8, 1, 7 },  { "PV1", 9, 1, 7 },  { "PV1", 17, 1, 7 }, { "PV1", 19, 1, 1 },
    { "OBR", 16, 1, 7 }, { "ORC", 12, 1, 7 }, { "STF", 3, 1, 6 },  { "NTE", 3, 1, 1 },
};

static size_t count_of(struct slice s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len && c != 0; i++)
        n += s.ptr[i] == c;
    return n;
}

static void check_structure(const struct hl7_message *a, const struct hl7_message *b)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(a);

    assert_memory_equal(d, hl7_message_delimiters(b), sizeof *d);
    assert_int_equal(hl7_message_segments(a), hl7_message_segments(b));
    for (size_t i = 0; i < hl7_message_segments(a); i++) {
        struct slice left = hl7_segment_raw(a, i), right = hl7_segment_raw(b, i);
        assert_int_equal(hl7_segment_fields(a, i), hl7_segment_fields(b, i));
        for (uint32_t f = 1; f <= hl7_segment_fields(a, i); f++)
            assert_int_equal(hl7_repetitions(a, i, f), hl7_repetitions(b, i, f));
        if (hl7_segment_name(a, i).len == 3 && i != 1)
            assert_true(slice_eq(hl7_segment_name(a, i), hl7_segment_name(b, i)));
        if (hl7_message_charset(a) == HL7_CHARSET_NAMED)
            continue; /* a byte of a character may look like a separator */
        assert_int_equal(count_of(left, d->component), count_of(right, d->component));
        assert_int_equal(count_of(left, d->subcomponent), count_of(right, d->subcomponent));
    }
}

/* Names that are somebody's in one place and stay in another: a word of codes, an authority, the maker of the
 * software, a payer's plan, and a message of which a field is shifted into the code of an order. */
static bool is_elsewhere_by_rule(struct slice name)
{
    static const char *const NAMES[] = { "TEST", "OLIST", "Seven", "MEDICARE", "Shephard" };

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (slice_is(name, NAMES[i]))
            return true;
    return false;
}

static bool holds(struct slice whole, struct slice part)
{
    return memmem(whole.ptr, whole.len, part.ptr, part.len) != NULL;
}

static int checked;

/* A personal value of four letters or more must be nowhere in the result. */
static void check_gone(const char *file, struct arena *arena, const struct hl7_message *a,
                       const struct hl7_message *b)
{
    for (size_t i = 0; i < hl7_message_segments(a); i++)
        for (size_t p = 0; p < sizeof PERSONAL / sizeof *PERSONAL; p++)
            for (uint32_t r = 1; r <= hl7_repetitions(a, i, PERSONAL[p].field); r++)
                for (uint32_t c = PERSONAL[p].from; c <= PERSONAL[p].to; c++) {
                    uint32_t f = PERSONAL[p].field;
                    struct slice before = hl7_value(a, arena, i, f, r, c, 1),
                                 after = hl7_value(b, arena, i, f, r, c, 1);
                    size_t letters = 0;
                    for (size_t k = 0; k < before.len; k++)
                        letters += is_upper(before.ptr[k]) || is_lower(before.ptr[k]);
                    if (letters < 4 || !slice_is(hl7_segment_name(a, i), PERSONAL[p].segment))
                        continue;
                    checked++;
                    if (slice_eq(before, after))
                        fail_msg("%s: %s-%u.%u stayed: %.*s", file, PERSONAL[p].segment, f, c,
                                 SLICE_ARG(before));
                    if (holds(hl7_message_wire(b), before) && !is_elsewhere_by_rule(before))
                        fail_msg("%s: %s-%u.%u is found elsewhere: %.*s", file, PERSONAL[p].segment, f, c,
                                 SLICE_ARG(before));
                }
}

static void check_sample(const char *file, struct slice whole)
{
    struct arena *arena = arena_new();
    struct hl7_redaction *r = hl7_redaction_new(KEY);
    struct hl7_message *a = hl7_message_parse(arena, whole, NULL);

    if (a != NULL) {
        struct hl7_message *b = redact(r, arena, whole);
        check_structure(a, b);
        if (strncmp(file, "fuzz-", 5) != 0)
            check_gone(file, arena, a, b);
    }
    hl7_redaction_free(&r);
    arena_free(&arena);
}

static void nobody_is_left_in_any_sample(void **state)
{
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    char *bytes = malloc(1 << 20);

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[1024];
        snprintf(path, sizeof path, "%s/hl7v2/%s", SAMPLES_DIR, entry->d_name);
        FILE *f = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        struct slice rest = { bytes, f != NULL ? fread(bytes, 1, 1 << 20, f) : 0 }, message;
        while (hl7_batch_next(&rest, &message))
            check_sample(entry->d_name, message);
        if (f != NULL)
            fclose(f);
    }
    closedir(dir);
    free(bytes);
    assert_true(checked > 500);
}

/* Whatever parses is redacted to something that parses to the same structure. */
static void random_messages_keep_their_structure(void **state)
{
    static const char *const PARTS[] = { "PID",  "OBX|1|TX|", "NTE|1|", "|",      "|",        "^",      "~",
                                         "&",    "\\",        "\r",     "\n",     "\"\"",     "abc",    "ABC",
                                         "\xFC", "\xC3\xA9",  "\\F\\",  "\rPID|", "19990101", "\rZZ1\r" };
    static const char *const HEADS[] = { "MSH|^~\\&|",  "MSH|^~\\&#|\r",
                                         "MSH|^~\\&\n", "MSH|^|a\r\n",
                                         "MSH|^~b0|\r", "MSH|^~\\&||||||||||||||||GB 18030-2000\r" };
    struct prng random = prng_make(23);

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct buf in = buf_make(4096);
        buf_text(&in, HEADS[prng_below(&random, sizeof HEADS / sizeof *HEADS)]);
        for (uint64_t n = prng_below(&random, 24); n > 0; n--)
            buf_text(&in, PARTS[prng_below(&random, sizeof PARTS / sizeof *PARTS)]);
        struct guard guard = guard_make(buf_slice(&in));
        check_sample("fuzz-random", guard.bytes);
        guard_free(&guard);
        buf_free(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_value_becomes_its_own),
        cmocka_unit_test(dates_keep_their_distances),
        cmocka_unit_test(messages_still_belong_together),
        cmocka_unit_test(no_two_identifiers_become_one),
        cmocka_unit_test(what_frames_the_message_stays),
        cmocka_unit_test(nobody_is_left_in_any_sample),
        cmocka_unit_test(random_messages_keep_their_structure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
