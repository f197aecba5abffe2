/* The edges of writing, editing, acknowledging and redacting, row by row: names that are almost names, places
 * that are too far, delimiters that cannot carry a text, buffers that are full. What cannot be written is
 * refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "hl7/ack.h"
#include "hl7/edit.h"
#include "hl7/encode.h"
#include "hl7/redact.h"
#include "hl7/write.h"
#include "tests/hl7/spec_help.h"

static void the_writer_refuses_what_is_no_segment(void **state)
{
    static const char *const NAMES[] = { "",    "PI",  "PIDX", "pid", "@ID", "[ID", "P@D",
                                         "P[D", "P/D", "P:D",  "PI@", "PI[", "PI/", "PI:",
                                         "1ID", "PiD", "PId",  "P|D", "|ID" };

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct buf out = buf_make(64);
        struct hl7_writer w = hl7_writer_make(&out, NULL);
        hl7_write_segment(&w, NAMES[i]);
        if (!w.failed || hl7_write_end(&w) || out.len > 0)
            fail_msg("%s is written", NAMES[i]);
        buf_free(&out);
    }
}

/* One call of the writer behind MSH: whether it holds, and what the segment is then. */
static void the_writer_never_goes_back(void **state)
{
    static const struct {
        const char *rule;
        uint32_t first[4], second[4];
        const char *text; /* NULL: refused */
    } rows[] = {
        { "a later field", { 1, 1, 1, 1 }, { 3, 1, 1, 1 }, "ZZZ|x||y\r" },
        { "a later repetition", { 1, 1, 1, 1 }, { 1, 3, 1, 1 }, "ZZZ|x~~y\r" },
        { "a later component", { 1, 1, 1, 1 }, { 1, 1, 3, 1 }, "ZZZ|x^^y\r" },
        { "a later sub-component", { 1, 1, 1, 1 }, { 1, 1, 1, 3 }, "ZZZ|x&&y\r" },
        { "everything later", { 1, 1, 1, 1 }, { 2, 2, 2, 2 }, "ZZZ|x|~^&y\r" },
        { "the same place", { 1, 1, 1, 1 }, { 1, 1, 1, 1 }, NULL },
        { "an earlier field", { 2, 1, 1, 1 }, { 1, 1, 1, 1 }, NULL },
        { "an earlier repetition", { 1, 2, 1, 1 }, { 1, 1, 2, 1 }, NULL },
        { "an earlier component", { 1, 1, 2, 1 }, { 1, 1, 1, 2 }, NULL },
        { "an earlier sub-component", { 1, 1, 1, 2 }, { 1, 1, 1, 1 }, NULL },
        { "field 0", { 1, 1, 1, 1 }, { 0, 1, 1, 1 }, NULL },
        { "repetition 0", { 1, 1, 1, 1 }, { 2, 0, 1, 1 }, NULL },
        { "component 0", { 1, 1, 1, 1 }, { 2, 1, 0, 1 }, NULL },
        { "sub-component 0", { 1, 1, 1, 1 }, { 2, 1, 1, 0 }, NULL },
        { "a field past the limit", { 1, 1, 1, 1 }, { LIMIT_FIELDS + 1, 1, 1, 1 }, NULL },
        { "a repetition that is absurd", { 1, 1, 1, 1 }, { 2, UINT32_MAX, 1, 1 }, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int null = 0; null < 2; null++) {
            struct buf out = buf_make(1 << 16);
            struct hl7_writer w = hl7_writer_make(&out, NULL);
            const uint32_t *a = rows[i].first, *b = rows[i].second;
            char expected[100];
            hl7_write_segment(&w, "ZZZ");
            hl7_write_at(&w, a[0], a[1], a[2], a[3], SLICE("x"));
            if (null == 0)
                hl7_write_at(&w, b[0], b[1], b[2], b[3], SLICE("y"));
            else
                hl7_write_null(&w, b[0], b[1], b[2], b[3]);
            bool ok = hl7_write_end(&w);
            if (ok != (rows[i].text != NULL))
                fail_msg("%s: %d", rows[i].rule, ok);
            if (ok) {
                snprintf(expected, sizeof expected, "%s", rows[i].text);
                if (null == 1) /* y at the end becomes a null */
                    snprintf(strchr(expected, 'y'), 4, "\"\"\r");
                assert_true(slice_is(buf_slice(&out), expected));
            }
            buf_free(&out);
        }
}

static void raw_fields_keep_delimiters_and_nothing_worse(void **state)
{
    struct buf out = buf_make(4096);
    struct hl7_writer w = hl7_writer_make(&out, NULL);

    (void)state;
    hl7_write_raw(&w, 1, SLICE("x")); /* no segment is begun */
    assert_true(w.failed);
    w = hl7_writer_make(&out, NULL);
    hl7_write_segment(&w, "ZZZ");
    hl7_write_raw(&w, 1, SLICE("a^b~c&d|e\rf\x7Fg\\F\\"));
    hl7_write_raw(&w, 2, SLICE(""));
    hl7_write_raw(&w, 3, SLICE("z"));
    assert_true(hl7_write_end(&w));
    assert_true(slice_is(buf_slice(&out), "ZZZ|a^b~c&d\\F\\e\\X0D\\f\\X7F\\g\\F\\||z\r"));
    hl7_write_segment(&w, "ZZY");
    hl7_write_raw(&w, 2, SLICE("z"));
    hl7_write_raw(&w, 2, SLICE("y")); /* a raw field is closed */
    assert_true(w.failed);
    buf_reset(&out);
    const struct hl7_delimiters no_escape = { '|', '^', '~', 0, 0, 0 };
    w = hl7_writer_make(&out, &no_escape);
    hl7_write_segment(&w, "ZZZ");
    hl7_write_raw(&w, 1, SLICE("a\rb"));
    assert_false(hl7_write_end(&w));
    /* Not even a component: MSH-2 would be empty. */
    const struct hl7_delimiters field_only = { '|', 0, 0, 0, 0, 0 };
    buf_reset(&out);
    w = hl7_writer_make(&out, &field_only);
    hl7_write_segment(&w, "MSH");
    hl7_write_field(&w, 3, SLICE("x"));
    hl7_write_end(&w);
    assert_null(hl7_message_parse(NULL, buf_slice(&out), NULL));
    buf_free(&out);
}

static void texts_that_no_set_or_delimiter_can_carry(void **state)
{
    static const struct {
        const char *rule, *set, *text;
        struct hl7_delimiters d;
        const char *written; /* NULL: refused */
    } rows[] = {
        { "a set of no such name", "NO-SUCH-SET", "x\xC3\xBC", { '|', '^', '~', '\\', '&', 0 }, NULL },
        { "bytes that are no UTF-8", "ISO-8859-1", "\xFF", { '|', '^', '~', '\\', '&', 0 }, NULL },
        { "bytes that are no UTF-8, into UTF-8", "UTF-8", "\xFF", { '|', '^', '~', '\\', '&', 0 }, NULL },
        { "three bytes", "GB18030", "\xE4\xB8\xAD", { '|', '^', '~', '\\', '&', 0 }, "\xD6\xD0" },
        { "four bytes", "GB18030", "\xF0\xA0\x80\x80", { '|', '^', '~', '\\', '&', 0 }, "\x95\x32\x82\x36" },
        { "a character that holds a delimiter is one \\X..\\",
          "GB18030",
          "\xE4\xBA\x85",
          { '|', '^', '~', '\\', '&', 0 },
          "\\X817C\\" },
        { "the same without an escape character",
          "GB18030",
          "\xE4\xBA\x85",
          { '|', '^', '~', 0, 0, 0 },
          NULL },
        { "a delimiter without an escape character", "GB18030", "a|b", { '|', '^', '~', 0, 0, 0 }, NULL },
        { "a delimiter behind a character", "GB18030", "\xE4\xB8\xAD|b", { '|', '^', '~', 0, 0, 0 }, NULL },
        { "nothing to escape without an escape character",
          "GB18030",
          "ab\xE4\xB8\xAD",
          { '|', '^', '~', 0, 0, 0 },
          "ab\xD6\xD0" },
        { "two quotes without an escape character", "UTF-8", "\"\"", { '|', '^', '~', 0, 0, 0 }, NULL },
        { "letters as delimiters that its escape does not need",
          "UTF-8",
          "aXb",
          { '|', 'X', '~', '\\', '&', 0 },
          "a\\S\\b" },
        { "letters as delimiters that it does not hold",
          "UTF-8",
          "ab",
          { '|', 'X', '~', '\\', '&', 0 },
          "ab" },
        { "a point as delimiter", "UTF-8", "a.b", { '|', '.', '~', '\\', '&', 0 }, "a\\S\\b" },
        { "a digit as delimiter that hex needs", "UTF-8", "a\rb", { '|', '0', '~', '\\', '&', 0 }, NULL },
        { "an S as delimiter that \\S\\ needs", "UTF-8", "aSb", { '|', 'S', '~', '\\', '&', 0 }, NULL },
        { "every delimiter, the truncation too",
          "UTF-8",
          "|^~\\&#",
          { '|', '^', '~', '\\', '&', '#' },
          "\\F\\\\S\\\\R\\\\E\\\\T\\\\P\\" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_make(200);
        bool ok = hl7_encode(&out, &rows[i].d, rows[i].set, slice_of(rows[i].text));
        if (ok != (rows[i].written != NULL) || !slice_eq(buf_slice(&out), slice_of(rows[i].written)))
            fail_msg("%s: %d %.*s", rows[i].rule, ok, SLICE_ARG(buf_slice(&out)));
        buf_free(&out);
    }
    const struct hl7_delimiters all = { '|', '^', '~', '\\', '&', '#' };
    for (int c = 0; c < 128; c++)
        assert_true(hl7_is_delimiter(&all, (char)c) == (c != 0 && strchr("|^~\\&#", c) != NULL));
}

/* --- editing ------------------------------------------------------------------------------------------ */

#define MESSAGE "MSH|^~\\&|A\rPID|1||x~y\rNTE|1||one\rtwo\r"

static void edits_that_cannot_be_done(void **state)
{
    static const struct {
        const char *rule, *wire, *path, *text, *where;
        enum error_code code;
        bool raw;
    } rows[] = {
        { "no such segment", MESSAGE, "ZZZ-1", "x", "ZZZ", ERROR_MISSING, false },
        { "MSH-1", MESSAGE, "MSH-1", "x", "MSH-1", ERROR_UNSUPPORTED, false },
        { "MSH-2", MESSAGE, "MSH-2", "x", "MSH-2", ERROR_UNSUPPORTED, false },
        { "a repetition that is absurd", MESSAGE, "PID-3[90000]", "x", "PID-3", ERROR_VALUE, false },
        { "a component that is absurd", MESSAGE, "PID-3.90000", "x", "PID-3.90000", ERROR_VALUE, false },
        { "a sub-component that is absurd", MESSAGE, "PID-3.1.90000", "x", "PID-3.1", ERROR_VALUE, false },
        { "a repetition without a separator", "MSH|^|A\rPID|1", "PID-1[2]", "x", "PID-1", ERROR_UNSUPPORTED,
          false },
        { "a sub-component without a separator", "MSH|^~\\|A\rPID|1", "PID-1.1.2", "x", "PID-1.1",
          ERROR_UNSUPPORTED, false },
        { "line feeds in MSH", "MSH|^~\\&|A\nB|x\rPID|1", "MSH-4", "y", "MSH-4", ERROR_CONFLICT, false },
        { "a broken line would become a segment", "MSH|^~\\&|A\rNTE|1||one\rtwo\rPID|1", "NTE-9", "x",
          "NTE-9", ERROR_CONFLICT, false },
        { "a text that no delimiter can carry", "MSH|^~|A\rPID|1", "PID-1", "a|b", "", ERROR_VALUE, false },
        { "a text that MSH-18 cannot hold", "MSH|^~\\&|A|||||||||||||||8859/1\rPID|1", "PID-1",
          "\xE4\xB8\xAD", "", ERROR_VALUE, false },
        { "a text beyond ASCII in a message that says ASCII", "MSH|^~\\&|A|||||||||||||||ASCII\rPID|1",
          "PID-1", "\xC3\xBC", "", ERROR_VALUE, false },
        { "raw: a CR", MESSAGE, "PID-3", "a\rb", "PID-3", ERROR_VALUE, true },
        { "raw: a field separator", MESSAGE, "PID-3", "a|b", "PID-3", ERROR_VALUE, true },
        { "raw: a component in a component", MESSAGE, "PID-3.1", "a^b", "PID-3.1", ERROR_VALUE, true },
        { "raw: a repetition in a component", MESSAGE, "PID-3.1", "a~b", "PID-3.1", ERROR_VALUE, true },
        { "raw: a sub-component in a sub-component", MESSAGE, "PID-3.1.1", "a&b", "PID-3.1", ERROR_VALUE,
          true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct slice whole = slice_of(rows[i].wire);
        struct hl7_message *m = spec_parse(arena, rows[i].rule, whole);
        struct hl7_edit *e = hl7_edit_begin(arena, m, whole);
        struct hl7_path *p = hl7_path_compile(arena, slice_of(rows[i].path), NULL);
        struct error err = { 0 };
        struct buf out = buf_make(4096);
        assert_non_null(p);
        bool ok = rows[i].raw ? hl7_edit_set_raw(e, p, slice_of(rows[i].text), &err)
                              : hl7_edit_set(e, p, slice_of(rows[i].text), &err);
        if (ok || err.code != rows[i].code || strcmp(err.where, rows[i].where) != 0)
            fail_msg("%s: %s at \"%s\"", rows[i].rule, error_name(err.code), err.where);
        hl7_edit_write(e, &out);
        assert_true(slice_eq(buf_slice(&out), whole)); /* nothing was changed */
        buf_free(&out);
        arena_free(&arena);
    }
}

static void segments_that_cannot_be_added(void **state)
{
    static const struct {
        const char *rule, *wire;
        size_t after;
        const char *segment;
        enum error_code code; /* ERROR_NONE: it is added */
    } rows[] = {
        { "a name", MESSAGE, HL7_NONE, "ZZZ", ERROR_NONE },
        { "a name and fields", MESSAGE, 0, "Z01|1", ERROR_NONE },
        { "too short", MESSAGE, 0, "ZZ", ERROR_SYNTAX },
        { "small letters", MESSAGE, 0, "zzz|1", ERROR_SYNTAX },
        { "a small letter in it", MESSAGE, 0, "ZzZ|1", ERROR_SYNTAX },
        { "a sign in it", MESSAGE, 0, "ZZ-|1", ERROR_SYNTAX },
        { "a colon in it", MESSAGE, 0, "Z:Z|1", ERROR_SYNTAX },
        { "a digit first", MESSAGE, 0, "1ZZ|1", ERROR_SYNTAX },
        { "four letters", MESSAGE, 0, "ZZZZ", ERROR_SYNTAX },
        { "another separator", MESSAGE, 0, "ZZZ^1", ERROR_SYNTAX },
        { "a line end", MESSAGE, 0, "ZZZ|1\rPID|2", ERROR_SYNTAX },
        { "a frame mark", MESSAGE, 0, "ZZZ|1\x1C", ERROR_SYNTAX },
        { "a second MSH", MESSAGE, 0, "MSH|^~\\&|B", ERROR_CONFLICT },
        { "FHS", MESSAGE, 0, "FHS|1", ERROR_CONFLICT },
        { "BHS", MESSAGE, 0, "BHS|1", ERROR_CONFLICT },
        { "BTS", MESSAGE, 0, "BTS|1", ERROR_CONFLICT },
        { "FTS", MESSAGE, 0, "FTS|1", ERROR_CONFLICT },
        { "behind a segment that is not there", MESSAGE, 99, "ZZZ|1", ERROR_MISSING },
        { "a stray line behind MSH would join it", "MSH|^~\\&|A\r??|1\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a short stray line", "MSH|^~\\&|A\rA\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray line of digits", "MSH|^~\\&|A\r1AB|\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray second byte", "MSH|^~\\&|A\rA-B|\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray third byte", "MSH|^~\\&|A\rAB-|\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray long word", "MSH|^~\\&|A\rABCD|\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray small word alone", "MSH|^~\\&|A\rabc\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a stray small word with a field", "MSH|^~\\&|A\rend|x\rPID|1", 0, "ZZZ|1", ERROR_CONFLICT },
        { "a name alone behind MSH is a segment", "MSH|^~\\&|A\rABC\rPID|1", 0, "ZZZ|1", ERROR_NONE },
        { "a stray line, and one behind it", "MSH|^~\\&|A\r??\rPID|1", 1, "ZZZ|1", ERROR_NONE },
        { "behind MSH alone", "MSH|^~\\&|A", 0, "ZZZ|1", ERROR_NONE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct slice whole = slice_of(rows[i].wire);
        struct hl7_message *m = spec_parse(arena, rows[i].rule, whole);
        struct hl7_edit *e = hl7_edit_begin(arena, m, whole);
        struct error err = { 0 };
        struct buf out = buf_make(4096);
        hl7_edit_add(e, rows[i].after, slice_of(rows[i].segment), &err);
        if (err.code != rows[i].code)
            fail_msg("%s: %s %s", rows[i].rule, error_name(err.code), err.message);
        hl7_edit_write(e, &out);
        m = spec_parse(arena, rows[i].rule, buf_slice(&out));
        assert_true((hl7_segment_find(m, slice_sub(slice_of(rows[i].segment), 0, 3), 1) != HL7_NONE) ==
                    (err.code == ERROR_NONE || rows[i].segment[0] == 'M'));
        buf_free(&out);
        arena_free(&arena);
    }
}

static void limits_hold_for_edits_too(void **state)
{
    struct arena *arena = arena_new();
    struct buf segment = buf_make(1 << 16), wire = buf_make(4 << 20);
    struct slice whole = SLICE(MESSAGE);
    struct hl7_edit *e = hl7_edit_begin(arena, spec_parse(arena, "m", whole), whole);
    struct error err = { 0 };
    char path[20];

    (void)state;
    snprintf(path, sizeof path, "PID-%d", LIMIT_FIELDS + 1);
    struct hl7_path *p = hl7_path_compile(arena, slice_of(path), NULL);
    if (p != NULL) { /* a path may say so; a message may not hold it */
        assert_false(hl7_edit_set(e, p, SLICE("x"), &err));
        assert_int_equal(err.code, ERROR_LIMIT);
        assert_non_null(strstr(err.message, "fields"));
    }
    error_clear(&err);
    buf_text(&segment, "ZZZ");
    for (int i = 0; i <= LIMIT_FIELDS; i++)
        buf_text(&segment, "|");
    assert_false(hl7_edit_add(e, 0, buf_slice(&segment), &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    error_clear(&err);
    buf_text(&wire, "MSH|^~\\&|A\r");
    for (int i = 1; i < LIMIT_MESSAGE_SEGMENTS; i++)
        buf_text(&wire, "NTE|1\r");
    struct hl7_message *m = spec_parse(arena, "many", buf_slice(&wire));
    assert_false(hl7_edit_add(hl7_edit_begin(arena, m, buf_slice(&wire)), 0, SLICE("ZZZ"), &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "message-segments"));
    buf_free(&wire);
    buf_free(&segment);
    arena_free(&arena);
}

/* Fields in any order, several places of one field, and bytes that are not those of the message. */
static void edits_come_in_any_order(void **state)
{
    static const char *const PATHS[] = { "PID-9",    "PID-2",      "PID-5.2", "PID-5.1",  "PID-7",
                                         "PID-3[*]", "PID-3[2].2", "PID-2",   "PID-12[2]" };
    struct arena *arena = arena_new();
    struct slice whole = SLICE(MESSAGE), other = SLICE("something else");

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct hl7_message *m = spec_parse(arena, "m", whole);
        struct hl7_edit *e = hl7_edit_begin(arena, m, turn == 0 ? whole : other);
        struct buf out = buf_make(4096);
        for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
            char text[4] = { (char)('a' + (char)i) };
            assert_true(
                hl7_edit_set(e, hl7_path_compile(arena, slice_of(PATHS[i]), NULL), slice_of(text), NULL));
        }
        hl7_edit_write(e, &out);
        assert_true(slice_starts(buf_slice(&out),
                                 SLICE("MSH|^~\\&|A\rPID|1|h|f~f^g||d^c||e||a|||~i\rNTE|1||one\rtwo")));
        buf_free(&out);
    }
    arena_free(&arena);
}

/* --- acknowledging ------------------------------------------------------------------------------------- */

static void odd_acknowledgements(void **state)
{
    struct buf out = buf_make(4096);
    struct hl7_header h, none = { .encoding = { NULL, 0 } };
    struct error err = { 0 };

    (void)state;
    /* A header that holds nothing is none. */
    hl7_ack_write(&out, &none, "AR", SLICE("N"), 0, NULL);
    assert_true(slice_is(buf_slice(&out), "MSH|^~\\&|||||19700101000000+0000||ACK|N|P|2.5\rMSA|AR|\r"));
    /* The greatest sequence number has no next one; MSH-15 of nothing asks for nothing. */
    assert_true(hl7_header_scan(SLICE("MSH|^~\\&|A||||||ADT|1|P|2.5|18446744073709551615"), &h));
    buf_reset(&out);
    hl7_ack_put(&out, &(struct hl7_ack_request){
                          .header = &h, .code = "AA", .control_id = SLICE("N"), .accept_ack = "" });
    assert_true(slice_is(buf_slice(&out), "MSH|^~\\&|||A||19700101000000+0000||ACK|N|P|2.5\rMSA|AA|1\r"));
    /* A place with a gap in it keeps its order; bytes that end a line are no part of an id. */
    assert_true(hl7_header_scan(SLICE("MSH|^~\\&|A||||||ADT|1|P|2.5"), &h));
    error_at(&err, ERROR_VALUE, "PID[2].4", "odd");
    buf_reset(&out);
    hl7_ack_write(&out, &h, "AE", SLICE("N"), 0, &err);
    buf_u8(&out, 0);
    assert_non_null(strstr(out.ptr, "\rERR||PID^2^^^4|103^"));
    buf_reset(&out);
    hl7_ack_batch_begin(&out, "BHS", SLICE("BHS|^~\\&|A"),
                        SLICE("a\rb\nc\x0B\x1C"
                              "d"),
                        0);
    assert_true(slice_is(buf_slice(&out), "BHS|^~\\&|||A||19700101000000+0000||||a b c  d|\r"));
    buf_free(&out);
}

/* What is kept of a master file for its answer: names alone, but of MSH, MFI and MFE. */
static void what_is_kept_of_a_master_file(void **state)
{
    static const struct {
        const char *rule, *wire, *kept;
    } rows[] = {
        { "lines whole, others by name", "MSH|^~\\&|A\rMFI|STF\rMFE|MAD|1\rSTF|1||Roe\r",
          "MSH|^~\\&|A\rMFI|STF\rMFE|MAD|1\rSTF\r" },
        { "LF", "MSH|^~\\&|A\nMFI|STF\nMFE|MAD\n", "MSH|^~\\&|A\rMFI|STF\rMFE|MAD\r" },
        { "a name alone", "MSH|^~\\&|A\rMFI\rSTF", "MSH|^~\\&|A\rMFI\rSTF\r" },
        { "what is no segment is passed over",
          "MSH|^~\\&|A\rMFI|1\r@BC|\rA[C|\rAB`|\rAB{|\rA:C|\rA/C|\rAB\rMFIX|1\r", "MSH|^~\\&|A\rMFI|1\r" },
        { "digits and small letters are names", "MSH|^~\\&|A\rZ01|1\rz9z|2\r", "MSH|^~\\&|A\rZ01\rz9z\r" },
        { "MSH alone", "MSH\rMFI|1", "MSH\rMFI|1\r" },
        { "line ends behind the last line", "MSH|^~\\&|A\nx\rMFI|1\n\r", "MSH|^~\\&|A\nx\rMFI|1\r" },
        { "nothing", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_make(4096);
        struct guard g = guard_make(slice_of(rows[i].wire));
        hl7_master_keep(&out, g.bytes);
        if (!slice_is(buf_slice(&out), rows[i].kept))
            fail_msg("%s: %.*s", rows[i].rule, SLICE_ARG(buf_slice(&out)));
        guard_free(&g);
        buf_free(&out);
    }
}

/* Which of its rows is at fault, wherever the fault is said to be. */
static void which_row_of_a_master_file_is_at_fault(void **state)
{
#define MFN "MSH|^~\\&|A||||||MFN^M02|1|P|2.5\rMFI|STF||UPD|||AL\rMFE|MAD|a\rSTF|1\rMFE|MAD|b\rSTF|2\r"
    static const struct {
        const char *where;
        int row; /* 0: none says why */
    } rows[] = { { "STF[2]-3", 2 }, { "STF-3", 1 }, { "MFE[2]-1", 2 }, { "MFI-3", 0 },
                 { "STF[3]-1", 0 }, { "PID-3", 0 }, { "", 0 },         { NULL, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = buf_make(4096);
        struct hl7_header h;
        struct error err = { 0 };
        if (rows[i].where != NULL)
            error_at(&err, ERROR_VALUE, rows[i].where, "odd");
        assert_true(hl7_header_scan(SLICE(MFN), &h));
        hl7_ack_put(&out, &(struct hl7_ack_request){ .header = &h,
                                                     .code = "AE",
                                                     .control_id = SLICE("N"),
                                                     .err = rows[i].where != NULL ? &err : NULL,
                                                     .kept = SLICE(MFN) });
        buf_u8(&out, 0);
        const char *first = strstr(out.ptr, "\rMFA|MAD|a|"), *second = strstr(out.ptr, "\rMFA|MAD|b|");
        const char *why = first != NULL ? strstr(first, "^103^") : NULL;
        assert_true(first != NULL && second != NULL);
        int row = why == NULL ? 0 : why < second ? 1 : 2;
        if (row != rows[i].row)
            fail_msg("%s: row %d in %s", rows[i].where, row, out.ptr);
        buf_free(&out);
    }
}

/* --- redacting ----------------------------------------------------------------------------------------- */

/* Delimiters that cannot carry a text, types of every spelling, dates that are almost dates: what comes out
 * parses, has the same segments, and none of the words. */
static void odd_messages_are_redacted(void **state)
{
    static const char *const ROWS[] = {
        "MSH|^|APP\rPID|||77^SECRETB||Secretc^Secretd\rNTE|1||SECRETE\x01SECRETF",
        "MSH|^~|A\rNTE|1||SECRET\\.br\\TEXT",
        "MSH|^~\\b|A\rNTE|1||SECRET\\.br\\TEXT",
        "MSH|^~\\r|A\rNTE|1||SECRET\\.br\\TEXT",
        "MSH|^~\\.|A\rNTE|1||SECRET\\.br\\TEXT",
        "MSH|^~\\&|A\rNTE|1||SECRET\nTEXT\rOBX|1|TS|C||19540317\rOBX|2|DT|C||19540317\rOBX|3|DTM|C||19540317",
        "MSH|^~\\&|A\rOBX|1|FT|C||SECRET\rOBX|2|TX|C||SECRET\rOBX|3|ST|C||SECRET\rOBX|4|XX|C||SECRET",
        "MSH|^~\\&|A\rOBX|1|CX|C||SECRET^^^A&1.2\rOBX|2|XPN|C||SECRET&a&b^x\rOBX|3|CWE|C||^SECRET&x^^^SECRET",
        "MSH|^~\\&|A\rZZZ|1234.5678901|123.4|20269999|20260231|18001301|SECRET|17000101",
        "MSH|^~\\&|A\rPID|||SECRET&SECRET^x&y~SECRET||SECRET&SECRET&x^SECRET||||||SECRET^^SECRET",
    };
    static const uint8_t key[32] = { 7 };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (size_t len = strlen(ROWS[i]); len > 12; len--) {
            struct arena *arena = arena_new();
            struct hl7_redaction *r = hl7_redaction_new(key);
            struct buf out = buf_make(1 << 16), full = buf_make(40);
            struct error err = { 0 };
            struct guard g = guard_make(slice_sub(slice_of(ROWS[i]), 0, len));
            struct hl7_message *m = spec_parse(arena, ROWS[i], g.bytes);
            assert_true(hl7_redact(r, m, g.bytes, &out, &err));
            struct hl7_message *n = spec_parse(arena, ROWS[i], buf_slice(&out));
            assert_int_equal(hl7_message_segments(n), hl7_message_segments(m));
            buf_u8(&out, 0);
            if (strcasestr(out.ptr, "secret") != NULL || strstr(out.ptr, "19540317") != NULL)
                fail_msg("%s", out.ptr);
            /* Bytes that are not those of the message are none of its lines. */
            buf_reset(&out);
            assert_true(hl7_redact(r, m, SLICE("another text"), &out, NULL));
            /* A buffer that is too small is an error, told once. */
            if (len > 60) {
                assert_false(hl7_redact(r, m, g.bytes, &full, &err));
                assert_int_equal(err.code, ERROR_LIMIT);
            }
            guard_free(&g);
            buf_free(&out);
            buf_free(&full);
            hl7_redaction_free(&r);
            arena_free(&arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_writer_refuses_what_is_no_segment),
        cmocka_unit_test(the_writer_never_goes_back),
        cmocka_unit_test(raw_fields_keep_delimiters_and_nothing_worse),
        cmocka_unit_test(texts_that_no_set_or_delimiter_can_carry),
        cmocka_unit_test(edits_that_cannot_be_done),
        cmocka_unit_test(segments_that_cannot_be_added),
        cmocka_unit_test(limits_hold_for_edits_too),
        cmocka_unit_test(edits_come_in_any_order),
        cmocka_unit_test(odd_acknowledgements),
        cmocka_unit_test(what_is_kept_of_a_master_file),
        cmocka_unit_test(which_row_of_a_master_file_is_at_fault),
        cmocka_unit_test(odd_messages_are_redacted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
