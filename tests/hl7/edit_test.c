/* Edits: what was asked for is read back, all else stays byte for byte, and no value makes a segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "hl7/batch.h"
#include "hl7/edit.h"
#include "tests/guard.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define MSH "MSH|^~\\&|a|b"

static struct hl7_path *path_of(struct arena *arena, const char *text)
{
    struct hl7_path *path = hl7_path_compile(arena, slice_of(text), NULL);

    if (path == NULL)
        fail_msg("path %s", text);
    return path;
}

/* One edit: "PID-3=text", "PID-3:=raw", "PID-3!" (null), "+2 ZXX|raw" (add behind), "+ ZXX" (at the end),
 * "-2". */
static bool edit_do(struct hl7_edit *e, struct arena *arena, const char *what, struct error *err)
{
    char *copy = arena_text(arena, slice_of(what)), *filter = strstr(copy, "']");
    char *equals = strchr(filter != NULL ? filter : copy, '=');
    size_t at = HL7_NONE;

    if (what[0] == '+') {
        if (what[1] != ' ')
            at = (size_t)strtoul(what + 1, NULL, 10);
        return hl7_edit_add(e, at, slice_of(strchr(what, ' ') + 1), err);
    }
    if (what[0] == '-')
        return hl7_edit_drop(e, (size_t)strtoul(what + 1, NULL, 10), err);
    if (equals == NULL) {
        copy[strlen(copy) - 1] = 0;
        return hl7_edit_set_null(e, path_of(arena, copy), err);
    }
    bool raw = equals[-1] == ':';
    equals[raw ? -1 : 0] = 0;
    return (raw ? hl7_edit_set_raw : hl7_edit_set)(e, path_of(arena, copy), slice_of(equals + 1), err);
}

static void edits_are_written(void **state)
{
    static const struct {
        const char *name, *before, *edits[4], *after;
    } ROWS[] = {
        { "nothing",
          "\xEF\xBB\xBF\r\n" MSH "\r\n\r\nPID|1||\r\n\n",
          { NULL },
          "\xEF\xBB\xBF\r\n" MSH "\r\n\r\nPID|1||\r\n\n" },
        { "a field", MSH "\rPID|1|x|y|z\r", { "PID-3=new" }, MSH "\rPID|1|x|new|z\r" },
        { "an empty field", MSH "\rPID|1||y\r", { "PID-2=new" }, MSH "\rPID|1|new|y\r" },
        { "the last field", MSH "\rPID|1|x", { "PID-2=new" }, MSH "\rPID|1|new" },
        { "beyond the end", MSH "\rPID|1|x\rEVN|A", { "PID-5=new" }, MSH "\rPID|1|x|||new\rEVN|A" },
        { "two beyond the end", MSH "\rPID\r", { "PID-4=b", "PID-2=a" }, MSH "\rPID||a||b\r" },
        { "MSH", MSH "\rPID|1", { "MSH-3=x", "MSH-10=id" }, "MSH|^~\\&|x|b||||||id\rPID|1" },
        { "the whole first repetition", MSH "\rPID|||a^b~c\r", { "PID-3=n" }, MSH "\rPID|||n~c\r" },
        { "another repetition", MSH "\rPID|||a~b~c\r", { "PID-3[2]=n" }, MSH "\rPID|||a~n~c\r" },
        { "a repetition beyond", MSH "\rPID|||a\r", { "PID-3[3].2=n" }, MSH "\rPID|||a~~^n\r" },
        { "a component", MSH "\rPID|||a^b&c^d~e\r", { "PID-3.2.2=n" }, MSH "\rPID|||a^b&n^d~e\r" },
        { "a component beyond", MSH "\rPID|||a~e\r", { "PID-3.4.2=n" }, MSH "\rPID|||a^^^&n~e\r" },
        { "a part of a value without parts", MSH "\rPID|||a\r", { "PID-3.1.1=n" }, MSH "\rPID|||n\r" },
        { "several in one field",
          MSH "\rPID|||a^b~c\r",
          { "PID-3.2=x", "PID-3[2].2=y", "PID-3.1=z" },
          MSH "\rPID|||z^x~c^y\r" },
        { "the same twice", MSH "\rPID|||a\r", { "PID-3=x", "PID-3=y" }, MSH "\rPID|||y\r" },
        { "deleted", MSH "\rPID|||a^b|c\r", { "PID-3=", "PID-4=" }, MSH "\rPID||||\r" },
        { "a deleted component", MSH "\rPID|||a^b^c\r", { "PID-3.2=" }, MSH "\rPID|||a^^c\r" },
        { "null", MSH "\rPID|||a^b\r", { "PID-3!", "PID-5.2!" }, MSH "\rPID|||\"\"||^\"\"\r" },
        { "two quotes as text", MSH "\rPID|1\r", { "PID-1=\"\"" }, MSH "\rPID|\\X2222\\\r" },
        { "delimiters in text",
          MSH "\rPID|1\r",
          { "PID-1=|^~\\&\r\n" },
          MSH "\rPID|\\F\\\\S\\\\R\\\\E\\\\T\\\\X0D\\\\X0A\\\r" },
        { "raw",
          MSH "\rPID|1|2\r",
          { "PID-1:=a^b&c~d\\F\\", "PID-2.2:=x&y" },
          MSH "\rPID|a^b&c~d\\F\\|2^x&y\r" },
        { "every repetition", MSH "\rPID|||a~~c^d\r", { "PID-3[*].2=n" }, MSH "\rPID|||a^n~^n~c^n\r" },
        { "every segment",
          MSH "\rOBX|1\rNTE|1\rOBX|2|x\r",
          { "OBX[*]-2=n" },
          MSH "\rOBX|1|n\rNTE|1\rOBX|2|n\r" },
        { "one of several", MSH "\rOBX|1\rOBX|2\r", { "OBX[2]-1=n" }, MSH "\rOBX|1\rOBX|n\r" },
        { "by a filter", MSH "\rOBX|1|a\rOBX|2|b\r", { "OBX[@2='b']-1=n" }, MSH "\rOBX|1|a\rOBX|n|b\r" },
        { "LF", MSH "\nPID|1\nEVN|x\n", { "PID-2=n", "+1 ZXX|q" }, MSH "\nPID|1|n\nZXX|q\nEVN|x\n" },
        { "CRLF", MSH "\r\nPID|1\r\n", { "+ NTE|1", "+ NTE|2" }, MSH "\r\nPID|1\r\nNTE|1\r\nNTE|2\r\n" },
        { "one line without an end", MSH, { "+ PID", "MSH-5=c" }, MSH "|c\rPID" },
        { "in the middle",
          MSH "\rPID|1\rEVN\r",
          { "+0 ZAA", "+1 ZBB", "PID-1=n" },
          MSH "\rZAA\rPID|n\rZBB\rEVN\r" },
        { "dropped", MSH "\r\nPID|1\r\n\r\nEVN\r\n", { "-1" }, MSH "\r\n\r\nEVN\r\n" },
        { "the last dropped", MSH "\rPID|1\rEVN\r\r", { "-2" }, MSH "\rPID|1\r\r" },
        { "the last without an end dropped", MSH "\rPID|1", { "-1" }, MSH "\r" },
        { "replaced", MSH "\rPID|1\rEVN\r", { "-1", "+1 ZAA|1", "+1 ZBB|2" }, MSH "\rZAA|1\rZBB|2\rEVN\r" },
        { "broken lines stay",
          MSH "\rOBX|1|TX|a\nb\rc^d|x\rNTE|1\r",
          { "OBX-3.2=n", "OBX-6=F" },
          MSH "\rOBX|1|TX|a\nb\rc^n|x||F\rNTE|1\r" },
        { "other delimiters",
          "MSH$%*@!$a\rPID$1$x%y!z\r",
          { "PID-2.2.1=$%*@!", "PID-2[2]=r" },
          "MSH$%*@!$a\rPID$1$x%@F@@S@@R@@E@@T@!z*r\r" },
        { "the truncation character", "MSH|^~\\&#|a\rPID|1\r", { "PID-1=#" }, "MSH|^~\\&#|a\rPID|\\P\\\r" },
        { "the character set itself",
          MSH "||||||||||||||8859/1\rPID|\xFC\r",
          { "MSH-18=UNICODE UTF-8", "PID-2=\u00e9" },
          MSH "||||||||||||||UNICODE UTF-8\rPID|\xFC|\xE9\r" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct guard guard = guard_make(slice_of(ROWS[i].before));
        struct buf out = buf_make(1 << 16);
        struct error err = { 0 };
        struct hl7_message *m = hl7_message_parse(arena, guard.bytes, &err);
        assert_non_null(m);
        struct hl7_edit *e = hl7_edit_begin(arena, m, guard.bytes);
        for (int j = 0; j < 4 && ROWS[i].edits[j] != NULL; j++)
            if (!edit_do(e, arena, ROWS[i].edits[j], &err))
                fail_msg("%s: %s %s", ROWS[i].name, err.where, err.message);
        hl7_edit_write(e, &out);
        if (!slice_is(buf_slice(&out), ROWS[i].after))
            fail_msg("%s: \"%.*s\"", ROWS[i].name, SLICE_ARG(buf_slice(&out)));
        if (hl7_message_parse(arena, buf_slice(&out), &err) == NULL)
            fail_msg("%s: cannot be read again", ROWS[i].name);
        buf_free(&out);
        guard_free(&guard);
        arena_free(&arena);
    }
}

/* Refused, at a place, and the message stays as it was. */
static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *before, *edit;
        enum error_code code;
        const char *where;
    } ROWS[] = {
        { MSH "\rPID|1", "MSH-1=x", ERROR_UNSUPPORTED, "MSH-1" },
        { MSH "\rPID|1", "MSH-2=x", ERROR_UNSUPPORTED, "MSH-2" },
        { MSH "\rPID|1", "OBX-5=x", ERROR_MISSING, "OBX" },
        { MSH "\rPID|1", "PID[2]-5=x", ERROR_MISSING, "PID" },
        { MSH "\rPID|1", "PID-3[20000]=x", ERROR_VALUE, "PID-3" },
        { MSH "\rPID|1", "PID-3.20000=x", ERROR_VALUE, "PID-3.20000" },
        { "MSH|^~|\rPID|1", "PID-3.1.2=x", ERROR_UNSUPPORTED, "PID-3.1" },
        { "MSH|^|\rPID|1", "PID-3[2]=x", ERROR_UNSUPPORTED, "PID-3" },
        { "MSH|^~|\rPID|1", "PID-3=a|b", ERROR_VALUE, "" },
        { "MSH|^~|\rPID|1", "PID-3=a\rb", ERROR_VALUE, "" },
        { "MSH|^~\\\"|\rPID|1", "PID-3!", ERROR_UNSUPPORTED, "MSH-2" },
        { MSH "\rPID|1", "PID-3:=a|b", ERROR_VALUE, "PID-3" },
        { MSH "\rPID|1", "PID-3:=a\rOBX", ERROR_VALUE, "PID-3" },
        { MSH "\rPID|1", "PID-3:=a\nb", ERROR_VALUE, "PID-3" },
        { MSH "\rPID|1", "PID-3:=a\x1C", ERROR_VALUE, "PID-3" },
        { MSH "\rPID|1", "PID-3.1:=a^b", ERROR_VALUE, "PID-3.1" },
        { MSH "\rPID|1", "PID-3.1:=a~b", ERROR_VALUE, "PID-3.1" },
        { MSH "\rPID|1", "PID-3.1.1:=a&b", ERROR_VALUE, "PID-3.1" },
        { MSH "\rPID|1", "PID-3=\xFF\xFE", ERROR_VALUE, "" },
        { MSH "||||||||||||||8859/1\rPID|1", "PID-3=\u20ac", ERROR_VALUE, "" },
        { MSH "||||||||||||||ASCII\rPID|1", "PID-3=\u00e9", ERROR_VALUE, "" },
        { MSH "\rPID|\xFC", "PID-3=\u0414", ERROR_VALUE, "" },
        { MSH "\rPID|1", "+9 ZXX", ERROR_MISSING, "" },
        { MSH "\rPID|1", "+ zxx", ERROR_SYNTAX, "" },
        { MSH "\rPID|1", "+ ZX", ERROR_SYNTAX, "" },
        { MSH "\rPID|1", "+ ZXX^a", ERROR_SYNTAX, "" },
        { MSH "\rPID|1", "+ ZXX|a\rZYY|b", ERROR_SYNTAX, "" },
        { MSH "\rPID|1", "+ MSH|^~\\&", ERROR_CONFLICT, "" },
        { MSH "\rPID|1", "+ BTS|1", ERROR_CONFLICT, "" },
        { MSH "\rstray line\rPID|1", "+0 ZXX", ERROR_CONFLICT, "segment 2" },
        { MSH "\rPID|1", "-0", ERROR_UNSUPPORTED, "MSH" },
        { MSH "\rPID|1", "-2", ERROR_MISSING, "" },
        { "MSH|^~\\&|a\nb|c\nPID|1|x\rPID|2", "MSH-3=x", ERROR_CONFLICT, "MSH-3" },
        { MSH "\rOBX|1|TX|one\rtwo", "OBX-5=x", ERROR_CONFLICT, "OBX-5" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct buf out = buf_make(1 << 16);
        struct error err = { 0 };
        struct slice before = slice_of(ROWS[i].before);
        struct hl7_edit *e = hl7_edit_begin(arena, hl7_message_parse(arena, before, NULL), before);
        if (edit_do(e, arena, ROWS[i].edit, &err) || err.code != ROWS[i].code ||
            strcmp(err.where, ROWS[i].where) != 0)
            fail_msg("%s: %s at %s: %s", ROWS[i].edit, error_name(err.code), err.where, err.message);
        hl7_edit_write(e, &out);
        assert_true(slice_eq(buf_slice(&out), before));
        buf_free(&out);
        arena_free(&arena);
    }
}

static void an_edit_is_done_everywhere_or_nowhere(void **state)
{
    const struct slice before = SLICE(MSH "\rOBX|1\rOBX|2|a\rb|c\rabc\rOBX|3");
    struct arena *arena = arena_new();
    struct buf out = buf_make(1 << 16);
    struct error err = { 0 };
    struct hl7_edit *e = hl7_edit_begin(arena, hl7_message_parse(arena, before, NULL), before);

    (void)state;
    assert_false(edit_do(e, arena, "OBX[*]-6=x", &err));
    assert_true(edit_do(e, arena, "-1", NULL));
    assert_false(edit_do(e, arena, "OBX[1]-1=x", NULL)); /* it was dropped */
    hl7_edit_write(e, &out);
    assert_true(slice_eq(buf_slice(&out), SLICE(MSH "\rOBX|2|a\rb|c\rabc\rOBX|3")));
    buf_free(&out);
    out = buf_make(5);
    hl7_edit_write(e, &out);
    assert_true(out.failed);
    buf_free(&out);
    arena_free(&arena);
}

/* Text in a set stays text in that set, and other bytes stay. */
static void text_is_written_in_the_messages_set(void **state)
{
    static const struct {
        const char *set, *before, *text, *raw;
    } ROWS[] = {
        { "", "x", "\u00e9", "\xC3\xA9" },
        { "", "\xFC", "\u00e9\u20ac", "\xE9\x80" },
        { "ASCII", "\xFC", "\u00e9", "\xE9" },
        { "UNICODE UTF-8", "x", "\u4e85", "\xE4\xBA\x85" },
        { "8859/1", "\xFC", "\u00e9|", "\xE9\\F\\" },
        { "8859/15", "\xFC", "\u20ac", "\xA4" },
        { "GB 18030-2000", "\xCD\xF5", "\u738b", "\xCD\xF5" },
        { "GB 18030-2000", "\xCD\xF5", "\u4e85", "\\X817C\\" },
        /* characters before it whose second bytes are separators */
        { "GB 18030-2000", "\x81\x7C\x81\x5E\x81\x7E", "a|b", "a\\F\\b" },
        { "BIG-5", "\xA4\x7C", "\u56db", "\\XA57C\\" },
        { "ISO IR87", "\x1B$B;3\x1B(B", "\u5c71", "\\X1B24423B331B2842\\" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct buf out = buf_make(1 << 16);
        struct slice whole =
            arena_printf(arena, MSH "||||||||||||||%s\rPID|%s|\r", ROWS[i].set, ROWS[i].before);
        struct hl7_message *m = hl7_message_parse(arena, whole, NULL);
        struct hl7_edit *e = hl7_edit_begin(arena, m, whole);
        struct error err = { 0 };
        struct slice raw;
        if (!hl7_edit_set(e, path_of(arena, "PID-2"), slice_of(ROWS[i].text), &err))
            fail_msg("%zu %s: %s", i, ROWS[i].set, err.message);
        hl7_edit_write(e, &out);
        m = hl7_message_parse(arena, buf_slice(&out), NULL);
        hl7_get(m, 1, 1, 1, 0, 0, &raw);
        assert_true(slice_is(raw, ROWS[i].before));
        hl7_get(m, 1, 2, 1, 0, 0, &raw);
        if (!slice_is(raw, ROWS[i].raw) || !slice_is(hl7_text(m, arena, raw), ROWS[i].text))
            fail_msg("%zu %s", i, ROWS[i].set);
        buf_free(&out);
        arena_free(&arena);
    }
}

/* --- properties ----------------------------------------------------------------------------------- */

/* Without edits: the same bytes. With one: the value is read back, and all other bytes stay. */
static void check_message(struct arena *arena, struct slice whole, struct prng *random)
{
    struct hl7_message *m = hl7_message_parse(arena, whole, NULL);
    struct buf out = buf_make(1 << 24);

    if (m == NULL)
        return;
    hl7_edit_write(hl7_edit_begin(arena, m, whole), &out);
    assert_true(slice_eq(buf_slice(&out), whole));
    for (int round = 0; round < 5; round++) {
        struct hl7_edit *e = hl7_edit_begin(arena, m, whole);
        size_t segment = prng_below(random, hl7_message_segments(m));
        struct slice name = hl7_segment_name(m, segment);
        char text[16], path[80];
        struct slice value = { text, prng_below(random, sizeof text) + 1 };
        for (size_t i = 0; i < value.len; i++)
            text[i] = "|^~\\&#\r\n\x1c\x0b\"ABX0.$*"[prng_below(random, 19)];
        snprintf(
            path, sizeof path, "%.*s[%zu]-%u[%u].%u.%u", SLICE_ARG(name), hl7_segment_occurrence(m, segment),
            (unsigned)prng_below(random, 12) + (segment == 0 ? 3 : 1), (unsigned)prng_below(random, 3) + 1,
            (unsigned)prng_below(random, 4) + 1, (unsigned)prng_below(random, 3) + 1);
        struct hl7_path *p = hl7_path_compile(arena, slice_of(path), NULL);
        if (p == NULL || !hl7_edit_set(e, p, value, NULL))
            continue;
        buf_reset(&out);
        hl7_edit_write(e, &out);
        struct hl7_message *after = hl7_message_parse(arena, buf_slice(&out), NULL);
        struct slice raw, before;
        assert_non_null(after);
        assert_int_equal(hl7_message_segments(after), hl7_message_segments(m));
        assert_int_equal(hl7_path_get(p, after, HL7_NONE, &raw, NULL), HL7_VALUE);
        assert_true(slice_eq(hl7_text(after, arena, raw), value));
        for (size_t i = 0; i < hl7_message_segments(m); i++)
            for (uint32_t f = 1; f <= hl7_segment_fields(m, i); f++) {
                if (i == segment && f == hl7_path_field(p))
                    continue;
                assert_int_equal(hl7_get(m, i, f, 0, 0, 0, &before), hl7_get(after, i, f, 0, 0, 0, &raw));
                assert_true(slice_eq(before, raw));
            }
        /* Head and tail are the same; what differs between them was the place's own bytes. */
        size_t head = 0, tail = 0, least = whole.len < out.len ? whole.len : out.len;
        while (head < least && whole.ptr[head] == out.ptr[head])
            head++;
        while (tail < least - head && whole.ptr[whole.len - 1 - tail] == out.ptr[out.len - 1 - tail])
            tail++;
        hl7_path_get(p, m, HL7_NONE, &before, NULL);
        assert_true(whole.len - head - tail <= before.len);
    }
    buf_free(&out);
}

static void untouched_bytes_of_every_sample_stay(void **state)
{
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    struct prng random = prng_make(5);
    char *bytes = malloc(1 << 20);

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct arena *arena = arena_new();
        char path[1024];
        snprintf(path, sizeof path, "%s/hl7v2/%s", SAMPLES_DIR, entry->d_name);
        FILE *f = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        struct slice rest = { bytes, f != NULL ? fread(bytes, 1, 1 << 20, f) : 0 }, message;
        check_message(arena, rest, &random);
        while (hl7_batch_next(&rest, &message)) {
            arena_reset(arena);
            check_message(arena, message, &random);
        }
        if (f != NULL)
            fclose(f);
        arena_free(&arena);
    }
    closedir(dir);
    free(bytes);
}

static void untouched_bytes_of_random_messages_stay(void **state)
{
    static const char *const PARTS[] = { "PID", "OBX|", "NTE|1|", "|",        "|",     "^",      "~",
                                         "&",   "\\",   "\r",     "\n",       "\r\n",  "\"\"",   "abc",
                                         "ABC", "Z",    "\xFC",   "\xC3\xA9", "\\F\\", "\rPID|", "\nOBX|" };
    static const char *const HEADS[] = { "MSH|^~\\&|",
                                         "MSH|^~\\&#|\r",
                                         "\xEF\xBB\xBF\nMSH|^~\\&\n",
                                         "MSH|^|a\r\n",
                                         "MSH|^~\\&||||||||||||||||8859/1\r",
                                         "MSH|^~|" };
    struct prng random = prng_make(11);
    struct arena *arena = arena_new();

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct buf in = buf_make(4096);
        buf_text(&in, HEADS[prng_below(&random, sizeof HEADS / sizeof *HEADS)]);
        for (uint64_t n = prng_below(&random, 24); n > 0; n--)
            buf_text(&in, PARTS[prng_below(&random, sizeof PARTS / sizeof *PARTS)]);
        struct guard guard = guard_make(buf_slice(&in));
        check_message(arena, guard.bytes, &random);
        arena_reset(arena);
        guard_free(&guard);
        buf_free(&in);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_written),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(an_edit_is_done_everywhere_or_nowhere),
        cmocka_unit_test(text_is_written_in_the_messages_set),
        cmocka_unit_test(untouched_bytes_of_every_sample_stay),
        cmocka_unit_test(untouched_bytes_of_random_messages_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
