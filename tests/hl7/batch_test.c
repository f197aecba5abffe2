/* Bytes that hold several messages: every item, every count, and no byte lost (STANDARDS 3.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "hl7/batch.h"
#include "hl7/delimiters.h"
#include "tests/guard.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>

#define MESSAGE "MSH|^~\\&|a|b\rPID|1\r"

static void put_item(struct buf *out, const struct hl7_item *item)
{
    static const char LETTERS[] = "MFBbfo";

    buf_bytes(out, &LETTERS[item->kind], 1);
    if (item->kind == HL7_ITEM_MESSAGE && item->in_batch)
        buf_text(out, "+");
    if (item->kind == HL7_ITEM_BATCH_TRAILER || item->kind == HL7_ITEM_FILE_TRAILER) {
        if (item->has_declared)
            buf_printf(out, "%llu", (unsigned long long)item->declared);
        buf_printf(out, "/%llu", (unsigned long long)item->counted);
    }
    if (item->control_id.len > 0)
        buf_printf(out, "(%.*s)", SLICE_ARG(item->control_id));
    buf_text(out, " ");
}

/* All items as one line; they must be all bytes, and no message may hold a frame mark. */
static void items_text(struct slice bytes, struct buf *out, struct hl7_stream *stream)
{
    struct hl7_item item;
    size_t at = 0;

    *stream = hl7_stream_make(bytes);
    while (hl7_stream_next(stream, &item)) {
        assert_int_equal(item.offset, at);
        assert_ptr_equal(item.bytes.ptr, bytes.ptr + at);
        assert_true(item.bytes.len > 0);
        at += item.bytes.len;
        if (item.kind == HL7_ITEM_MESSAGE) {
            assert_true(slice_starts(item.bytes, SLICE("MSH")));
            assert_int_equal(slice_find(item.bytes, 0x0B), item.bytes.len);
            assert_int_equal(slice_find(item.bytes, 0x1C), item.bytes.len);
        }
        put_item(out, &item);
    }
    assert_int_equal(at, bytes.len);
}

/* M message (+ in a batch), F FHS, B BHS, b BTS declared/counted, f FTS declared/counted, o other bytes. */
static void items_are_told(void **state)
{
    static const struct {
        const char *name, *bytes, *items;
        bool is_batch;
    } ROWS[] = {
        { "nothing", "", "", false },
        { "no message", "hello\r\n", "o ", false },
        { "one message", MESSAGE, "M ", false },
        { "three messages, no headers", MESSAGE MESSAGE MESSAGE, "M M M ", true },
        { "LF", "MSH|^~\\&|a\nPID|1\nMSH|^~\\&|b\n", "M M ", true },
        { "CRLF and blank lines", "\r\n\r\nMSH|^~\\&|a\r\n\r\nMSH|^~\\&|b\r\n", "o M M ", true },
        { "byte order mark", "\xEF\xBB\xBF" MESSAGE MESSAGE, "o M M ", true },
        { "file and batch",
          "FHS|^~\\&|||||||||f1\rBHS|^~\\&|||||||||b1|b0\r" MESSAGE MESSAGE "BTS|2\rFTS|1\r",
          "F(f1) B(b1) M+ M+ b2/2 f1/1 ", true },
        { "wrong counts", "FHS|^~\\&\rBHS|^~\\&\r" MESSAGE "BTS|7\rFTS|9\r", "F B M+ b7/1 f9/1 ", true },
        { "empty counts", "BHS|^~\\&\r" MESSAGE "BTS|\rBTS\r", "B M+ b/1 b/0 ", true },
        { "a count that is no number", "BHS|^~\\&\r" MESSAGE "BTS|one|x\r", "B M+ b/1 ", true },
        { "a count with blanks and a comment", "BHS|^~\\&\r" MESSAGE "BTS| 1 |all\r", "B M+ b1/1 ", true },
        { "a count past 64 bits", "BTS|99999999999999999999999\r", "b/0 ", false },
        { "no trailer", "BHS|^~\\&\r" MESSAGE, "B M+ ", true },
        { "a batch in a batch", "BHS|^~\\&|||||||||1\r" MESSAGE "BHS|^~\\&|||||||||2\r" MESSAGE "BTS|1\r",
          "B(1) M+ B(2) M+ b1/1 ", true },
        { "a trailer without header", MESSAGE MESSAGE "BTS|2\rFTS|1\r", "M M b2/2 f1/1 ", true },
        { "messages between batches", "BHS|^~\\&\rBTS|0\r" MESSAGE "BHS|^~\\&\r" MESSAGE "BTS|1\rFTS|3\r",
          "B b0/0 M B M+ b1/1 f3/3 ", true },
        { "two files", "FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1\rFHS|^~\\&\rFTS|0\r", "F B b0/0 f1/1 F f0/0 ",
          true },
        { "own delimiters", "BHS!@*%$!!!!!!!!!id\rMSH|^~\\&|a\rBTS!1!x\r", "B(id) M+ b1/1 ", true },
        { "a header without a separator", "BHS\r" MESSAGE "BTS\r", "B M+ b/1 ", true },
        { "a segment after the header", "BHS|^~\\&\rNTE|1\r" MESSAGE, "B o M+ ", true },
        { "frames in a file", "\x0B" MESSAGE "\x1C\r\x0B" MESSAGE "\x1C\r", "o M o M o ", true },
        { "frames round a batch",
          "\x0B"
          "BHS|^~\\&\r" MESSAGE "BTS|1\r\x1C\r",
          "o B M+ b1/1 o ", true },
        { "a mark behind a trailer", "BHS|^~\\&\rBTS|0\x1C\r" MESSAGE, "B b0/0 o M ", true },
        { "a frame mark inside a line", "MSH|^~\\&|a\x1Cxx\rMSH|^~\\&|b\r", "M o M ", true },
        { "a longer word", "MSHX|a\rMSH1|\rBTSA\r" MESSAGE, "o M ", false },
        { "MSH in a line", "MSH|^~\\&|MSH|^~\\&\rOBX|1|ST|MSH|\r", "M ", false },
        { "MSH at the start of a broken line", "MSH|^~\\&|a\rOBX|1|TX|||text\rMSH text\r", "M ", false },
        { "cut in a name", "MSH|^~\\&|a\rBT", "M ", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct guard guard = guard_make(slice_of(ROWS[i].bytes));
        struct buf out = buf_make(4096);
        struct hl7_stream s;
        items_text(guard.bytes, &out, &s);
        if (!slice_is(buf_slice(&out), ROWS[i].items))
            fail_msg("%s: \"%.*s\"", ROWS[i].name, SLICE_ARG(buf_slice(&out)));
        if (hl7_batch_is(guard.bytes) != ROWS[i].is_batch)
            fail_msg("%s: is a batch?", ROWS[i].name);
        buf_free(&out);
        guard_free(&guard);
    }
}

/* What is open at the end, and the sums, can be asked of the stream. */
static void a_missing_trailer_is_seen(void **state)
{
    struct buf out = buf_make(4096);
    struct hl7_stream s;

    (void)state;
    items_text(SLICE("FHS!@*%$\rBHS#^~\\&\r" MESSAGE MESSAGE), &out, &s);
    assert_true(s.in_batch && s.in_file);
    assert_int_equal(s.messages, 2);
    assert_int_equal(s.batches, 1);
    assert_int_equal(s.batch_messages, 2);
    assert_int_equal(s.delimiters.field, '#');
    items_text(SLICE("FHS|^~\\&\rBHS|^~\\&\r" MESSAGE "BTS|1\rFTS|1\r"), &out, &s);
    assert_false(s.in_batch || s.in_file);
    buf_free(&out);
}

static void all_items_of_every_sample_are_all_bytes(void **state)
{
    DIR *dir = opendir(SAMPLES_DIR "/hl7v2");
    char *bytes = malloc(1 << 20);
    int files = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL; files++) {
        char path[1024];
        struct buf out = buf_make(1 << 20);
        struct hl7_stream s;
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/hl7v2/%s", SAMPLES_DIR, e->d_name);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        struct slice all = { bytes, fread(bytes, 1, 1 << 20, f) };
        fclose(f);
        for (size_t len = all.len; len > 0; len = len > 500 ? len - len / 9 : len - 1) {
            items_text(slice_sub(all, 0, len), &out, &s);
            struct slice rest = slice_sub(all, 0, len), message;
            size_t messages = 0;
            while (hl7_batch_next(&rest, &message))
                messages++;
            assert_int_equal(messages, s.messages);
            buf_reset(&out);
        }
        buf_free(&out);
    }
    closedir(dir);
    free(bytes);
    assert_true(files > 100);
}

static void random_bytes_are_all_items(void **state)
{
    static const char *const PARTS[] = { "MSH|^~\\&|", "BHS|", "FHS|^~\\&", "BTS|2", "FTS", "\r", "\n",
                                         "\x0B",       "\x1C", "x",         "|",     "PID", "\r", "\r\n" };
    struct prng random = prng_make(7);

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct buf in = buf_make(4096), out = buf_make(4096);
        struct hl7_stream s;
        for (uint64_t n = prng_below(&random, 20); n > 0; n--)
            buf_text(&in, PARTS[prng_below(&random, sizeof PARTS / sizeof *PARTS)]);
        struct guard guard = guard_make(buf_slice(&in));
        items_text(guard.bytes, &out, &s);
        guard_free(&guard);
        buf_free(&in);
        buf_free(&out);
    }
}

/* 100,000 messages and 50 MB: the same work for each byte. */
static void long_streams_take_linear_time(void **state)
{
    enum { MESSAGES = 100000, BODY = 480 };
    struct buf in = buf_make(1 << 26);
    char body[BODY];
    struct hl7_item item;

    (void)state;
    for (int i = 0; i < BODY; i++)
        body[i] = i % 40 == 39 ? '\r' : 'x';
    for (int i = 0; i < MESSAGES; i++) {
        buf_text(&in, MESSAGE);
        buf_bytes(&in, body, BODY);
    }
    struct hl7_stream s = hl7_stream_make(buf_slice(&in));
    clock_t begin = clock();
    while (hl7_stream_next(&s, &item))
        assert_int_equal(item.kind, HL7_ITEM_MESSAGE);
    assert_int_equal(s.messages, MESSAGES);
    assert_true((clock() - begin) / CLOCKS_PER_SEC < 20);
    buf_free(&in);
}

static void a_batch_is_written(void **state)
{
    const struct hl7_delimiters other = { '!', '@', '*', '%', '$', '#' };
    const struct hl7_batch_header header = { .sending_application = SLICE_INIT("app|1"),
                                             .receiving_facility = SLICE_INIT("ward!2"),
                                             .control_id = SLICE_INIT("b\r7"),
                                             .reference_id = SLICE_INIT("b6") };
    struct buf out = buf_make(4096), told = buf_make(4096);
    struct hl7_stream s;

    (void)state;
    assert_true(hl7_batch_begin(&out, "FHS", NULL, &header));
    assert_true(hl7_batch_begin(&out, "BHS", &other, &header));
    buf_text(&out, MESSAGE);
    hl7_batch_end(&out, "BTS", &other, 1);
    hl7_batch_end(&out, "FTS", NULL, 18446744073709551615u);
    buf_u8(&out, 0);
    assert_string_equal(out.ptr, "FHS|^~\\&|app\\F\\1|||ward!2|19700101000000+0000||||b\\X0D\\7|b6\r"
                                 "BHS!@*%$#!app|1!!!ward%F%2!19700101000000+0000!!!!b%X0D%7!b6\r" MESSAGE
                                 "BTS!1\rFTS|18446744073709551615\r");
    items_text(slice_sub(buf_slice(&out), 0, out.len - 1), &told, &s);
    buf_u8(&told, 0);
    assert_string_equal(told.ptr, "F(b\\X0D\\7) B(b%X0D%7) M+ b1/1 f18446744073709551615/1 ");
    buf_free(&out);
    buf_free(&told);
    assert_false(hl7_batch_begin(&out, "bhs", NULL, &header));
    buf_free(&out);
    out = buf_make(10);
    assert_false(hl7_batch_begin(&out, "BHS", NULL, &header));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_told),
        cmocka_unit_test(a_missing_trailer_is_seen),
        cmocka_unit_test(all_items_of_every_sample_are_all_bytes),
        cmocka_unit_test(random_bytes_are_all_items),
        cmocka_unit_test(long_streams_take_linear_time),
        cmocka_unit_test(a_batch_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
