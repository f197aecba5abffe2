/* Differences: what means the same is the same; what differs is told at its smallest place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/prng.h"
#include "hl7/diff.h"
#include "hl7/edit.h"
#include "tests/guard.h"

#include <dirent.h>
#include <stdio.h>

#define MSH "MSH|^~\\&|a|b\r"

static bool put_difference(void *ctx, const struct hl7_difference *d)
{
    struct buf *out = ctx;

    buf_printf(out, "%c", d->kind == HL7_CHANGED ? '!' : d->kind == HL7_ONLY_LEFT ? '<' : '>');
    if (d->left != HL7_NONE)
        buf_printf(out, "%zu", d->left);
    buf_text(out, "/");
    if (d->right != HL7_NONE)
        buf_printf(out, "%zu", d->right);
    if (d->field > 0)
        buf_printf(out, "-%u", d->field);
    if (d->repetition > 0)
        buf_printf(out, "[%u]", d->repetition);
    if (d->component > 0)
        buf_printf(out, ".%u", d->component);
    if (d->sub > 0)
        buf_printf(out, ".%u", d->sub);
    if (d->field > 0)
        buf_printf(out, "(%.*s,%.*s)", SLICE_ARG(d->left_text), SLICE_ARG(d->right_text));
    buf_text(out, " ");
    return true;
}

static void differences_are_told(void **state)
{
    static const struct {
        const char *name, *left, *right, *told;
    } ROWS[] = {
        { "the same", MSH "PID|1", MSH "PID|1", "" },
        { "line ends and marks", MSH "PID|1\r", "\xEF\xBB\xBFMSH|^~\\&|a|b\nPID|1\n\n", "" },
        { "delimiters", MSH "PID|1|x^y~z&w", "MSH$*@!%$a$b\rPID$1$x*y@z%w", "" },
        { "escapes", MSH "PID|a\\T\\b|\\X41\\", MSH "PID|a\\X26\\b|A", "" },
        { "character sets", "MSH|^~\\&||||||||||||||||8859/1\rPID|\xFC",
          "MSH|^~\\&||||||||||||||||UNICODE UTF-8\rPID|\xC3\xBC", "!0/0-18(8859/1,UNICODE UTF-8) " },
        { "characters with a separator in them",
          "MSH|^~\\&||||||||||||||||GB 18030-2000\rPID|\x81\x7C\x81\x5E\x81\x7E^a|b",
          "MSH|^~\\&||||||||||||||||GB 18030-2000\rPID|\x81\x7C\x81\x5E\x81\x7E^c|b", "!1/1-1.2(a,c) " },
        { "trailing empties", MSH "PID|1|a^b^^~|||", MSH "PID|1|a&^b", "" },
        { "absent is empty", MSH "PID|1", MSH "PID|1|^~&|", "" },
        { "null is not empty", MSH "PID|\"\"|x", MSH "PID||\"\"", "<1/1-1(\"\",) !1/1-2(x,\"\") " },
        { "null is not two quotes", MSH "PID|\"\"", MSH "PID|\\X2222\\", "!1/1-1(\"\",\"\") " },
        { "a field", MSH "PID|1|a", MSH "PID|1|b", "!1/1-2(a,b) " },
        { "a field on one side", MSH "PID|1|a^b|", MSH "PID|||c&d", "<1/1-1(1,) <1/1-2(a^b,) >1/1-3(,c&d) " },
        { "a repetition", MSH "PID|a~b^c~d", MSH "PID|a~b^e", "!1/1-1[2].2(c,e) <1/1-1[3](d,) " },
        { "a component", MSH "PID|a^b^c", MSH "PID|a^x", "!1/1-1.2(b,x) <1/1-1.3(c,) " },
        { "a sub-component", MSH "PID|a&b^c", MSH "PID|a&d^c", "!1/1-1.1.2(b,d) " },
        { "one more sub-component", MSH "PID|a", MSH "PID|a&d", ">1/1-1.1.2(,d) " },
        { "a segment", MSH "PID|1\rEVN|1", MSH "PID|1\rNTE|1\rEVN|1", ">/2 " },
        { "segments on both sides", MSH "PID|1\rZAA", MSH "EVN|1\rPID|2", ">/1 !1/2-1(1,2) <2/ " },
        { "an equal one is paired first", MSH "OBX|1|A\rOBX|2|B", MSH "OBX|2|B", "<1/ " },
        { "then the same code", MSH "OBX|1||A|x\rOBX|2||B|y", MSH "OBX|1||B|z",
          "<1/ !2/1-1(2,1) !2/1-4(y,z) " },
        { "another order", MSH "PID|1\rEVN|1", MSH "EVN|1\rPID|1", "<1/ >/2 " },
        { "broken lines", MSH "OBX|1|a\rb c", MSH "OBX|1|a b c", "!1/1-2(a\rb c,a b c) " },
        { "MSH", "MSH|^~\\&|a", "MSH|^~\\&#|c|d", "!0/0-3(a,c) >0/0-4(,d) " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena *arena = arena_new();
        struct guard left = guard_make(slice_of(ROWS[i].left)), right = guard_make(slice_of(ROWS[i].right));
        struct buf out = buf_make(1 << 16);
        hl7_diff(arena, hl7_message_parse(arena, left.bytes, NULL),
                 hl7_message_parse(arena, right.bytes, NULL), put_difference, &out);
        if (!slice_is(buf_slice(&out), ROWS[i].told))
            fail_msg("%s: \"%.*s\"", ROWS[i].name, SLICE_ARG(buf_slice(&out)));
        buf_free(&out);
        guard_free(&left);
        guard_free(&right);
        arena_free(&arena);
    }
}

static bool stop(void *ctx, const struct hl7_difference *d)
{
    (void)d;
    return ++*(int *)ctx < 2;
}

static void the_caller_may_stop(void **state)
{
    struct arena *arena = arena_new();
    int calls = 0;

    (void)state;
    assert_int_equal(hl7_diff(arena, hl7_message_parse(arena, SLICE(MSH "PID|1|2^3~4|5\rZAA\rZBB"), NULL),
                              hl7_message_parse(arena, SLICE(MSH "PID|6|7^8~9|0\rZCC"), NULL), stop, &calls),
                     2);
    assert_int_equal(calls, 2);
    arena_free(&arena);
}

/* Past the table's size: still linear, and one change among many segments is one difference. */
static void long_messages_are_paired(void **state)
{
    enum { SEGMENTS = 20000 };
    struct arena *arena = arena_new();
    struct buf left = buf_make(1 << 24), right = buf_make(1 << 24), out = buf_make(1 << 16);

    (void)state;
    buf_text(&left, MSH);
    buf_text(&right, MSH);
    for (int i = 0; i < SEGMENTS; i++) {
        buf_printf(&left, "OBX|%d|NM|c%d||%d\r", i, i, i == 5 || i == SEGMENTS - 5 ? -1 : i);
        if (i != 100)
            buf_printf(&right, "OBX|%d|NM|c%d||%d\r", i, i, i);
    }
    assert_int_equal(hl7_diff(arena, hl7_message_parse(arena, buf_slice(&left), NULL),
                              hl7_message_parse(arena, buf_slice(&right), NULL), put_difference, &out),
                     3);
    buf_u8(&out, 0);
    assert_string_equal(out.ptr, "!6/6-5(-1,5) <101/ !19996/19995-5(-1,19995) ");
    buf_free(&left);
    buf_free(&right);
    buf_free(&out);
    arena_free(&arena);
}

/* A message is no different from itself; changed at one place, that one difference is told. */
static void every_sample_is_like_itself(void **state)
{
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    char *bytes = malloc(1 << 20);
    int changed = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct arena *arena = arena_new();
        struct buf out = buf_make(1 << 20), told = buf_make(1 << 20);
        char path[1024];
        snprintf(path, sizeof path, "%s/hl7v2/%s", SAMPLES_DIR, entry->d_name);
        FILE *f = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        struct slice whole = { bytes, f != NULL ? fread(bytes, 1, 1 << 20, f) : 0 };
        struct hl7_message *m = hl7_message_parse(arena, whole, NULL);
        if (m != NULL) {
            assert_int_equal(hl7_diff(arena, m, m, put_difference, &told), 0);
            struct hl7_edit *e = hl7_edit_begin(arena, m, whole);
            struct hl7_path *id = hl7_path_compile(arena, SLICE("MSH-10"), NULL);
            /* Not where line feeds in MSH say how lines end: an edit may not touch that. */
            if (hl7_edit_set(e, id, SLICE("another id"), NULL)) {
                hl7_edit_write(e, &out);
                struct hl7_message *other = hl7_message_parse(arena, buf_slice(&out), NULL);
                assert_int_equal(hl7_diff(arena, m, other, put_difference, &told), 1);
                assert_true(slice_starts(slice_sub(buf_slice(&told), 1, SIZE_MAX), SLICE("0/0-10(")));
                changed++;
            }
        }
        if (f != NULL)
            fclose(f);
        buf_free(&out);
        buf_free(&told);
        arena_free(&arena);
    }
    closedir(dir);
    free(bytes);
    assert_true(changed > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_told),
        cmocka_unit_test(the_caller_may_stop),
        cmocka_unit_test(long_messages_are_paired),
        cmocka_unit_test(every_sample_is_like_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
