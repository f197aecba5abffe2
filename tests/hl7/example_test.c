/* The example of docs/hl7.md, compiled and run so that it stays true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* example: begin */
#include "hl7/ack.h"
#include "hl7/mllp.h"
#include "hl7/path.h"

/* Answers every message in `bytes` (what a socket has given so far) and copies PID-3.1 of the last one. */
static size_t answer_all(struct arena *arena, struct mllp_framer *framer, struct slice *bytes, int64_t now_us,
                         struct buf *answers, struct slice *patient)
{
    struct hl7_path *path = hl7_path_compile(arena, SLICE("PID-3.1"), NULL);
    struct error err = { 0 };
    struct slice frame, raw;
    size_t count = 0;

    for (enum mllp_result r; (r = mllp_next(framer, bytes, &frame, &err)) != MLLP_MORE; error_clear(&err)) {
        struct buf answer = buf_make(64 * 1024);
        struct hl7_header header;
        bool has_header = hl7_header_scan(frame, &header);
        struct hl7_message *m = r == MLLP_FRAME ? hl7_message_parse(arena, frame, &err) : NULL;
        if (r == MLLP_EMPTY)
            continue;
        if (m != NULL && hl7_path_get(path, m, HL7_NONE, &raw, NULL) == HL7_VALUE)
            *patient = hl7_text(m, arena, raw);
        struct hl7_ack_due due =
            hl7_ack_due(has_header ? &header : NULL, m != NULL ? HL7_OUTCOME_OK : HL7_OUTCOME_REJECT);
        const char *code = due.accept[0] != 0 ? due.accept : due.application;
        if (code[0] != 0) {
            hl7_ack_write(&answer, has_header ? &header : NULL, code, SLICE("1"), now_us, &err);
            mllp_wrap(answers, buf_slice(&answer));
        }
        buf_free(&answer);
        count++;
    }
    return count;
}
/* example: end */

static void the_example_works(void **state)
{
    struct arena *arena = arena_new();
    struct mllp_framer framer = mllp_framer_make(1 << 20);
    struct buf answers = buf_make(4096);
    struct slice patient = { NULL, 0 };
    struct slice in = SLICE("\x0bMSH|^~\\&|a|b|c|d|||ADT^A01|77|P|2.5\rPID|||m\\T\\1^^^H\r\x1c\r"
                            "\x0b\x1c\r\x0bhello\x1c\r\x0bMSH|^~");

    (void)state;
    assert_int_equal(answer_all(arena, &framer, &in, 0, &answers, &patient), 2);
    assert_true(slice_is(patient, "m&1"));
    buf_u8(&answers, 0);
    assert_string_equal(answers.ptr, "\x0bMSH|^~\\&|c|d|a|b|19700101000000+0000||ACK^A01^ACK|1|P|2.5\r"
                                     "MSA|AA|77\r\x1c\r\x0bMSH|^~\\&|||||19700101000000+0000||ACK|1|P|2.5\r"
                                     "MSA|AR||MSH: the message does not begin with MSH\r"
                                     "ERR||MSH^1|100^Segment sequence error^HL70357|E||||"
                                     "the message does not begin with MSH\r\x1c\r");
    buf_free(&answers);
    arena_free(&arena);
}

static struct slice file_read(const char *path, struct buf *into)
{
    char chunk[4096];
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_bytes(into, chunk, n);
    fclose(f);
    return buf_slice(into);
}

/* What stands in `text` between the two marks. */
static struct slice between(struct slice text, const char *from, const char *to)
{
    const char *start = memmem(text.ptr, text.len, from, strlen(from));
    assert_non_null(start);
    start += strlen(from);
    const char *end = memmem(start, text.len - (size_t)(start - text.ptr), to, strlen(to));
    assert_non_null(end);
    return slice_trim((struct slice){ start, (size_t)(end - start) });
}

static void the_page_shows_this_example(void **state)
{
    struct buf source = buf_make(1 << 20), page = buf_make(1 << 20);
    struct slice here = file_read(PROJECT_DIR "/tests/hl7/example_test.c", &source);
    struct slice there = file_read(PROJECT_DIR "/docs/hl7.md", &page);

    (void)state;
    assert_true(slice_eq(between(here, "/* example: begin */\n", "/* example: end */"),
                         between(there, "```c\n", "```\n")));
    buf_free(&source);
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_works),
        cmocka_unit_test(the_page_shows_this_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
