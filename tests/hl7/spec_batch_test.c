/* STANDARDS section 3.5, a row for each sentence, and what files of the field look like. The answer to a
 * batch is in ack_master_test.c and, over a connection, in tests/adapters/mllp_batch_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/ack.h"
#include "hl7/batch.h"
#include "tests/hl7/spec_help.h"

#define M(id) "MSH|^~\\&|A||||||ADT|" id "\rPID|1\r"
#define FHS   "FHS|^~\\&|||||||||f1\r"
#define BHS   "BHS|^~\\&|||||||||b1\r"

/* "F f1, B b1, M 1 ...": kinds in order; of a header its control id, of a message its MSH-10 (in brackets
 * when it stands in a batch), of a trailer declared/counted. */
static void put_item(struct buf *out, const struct hl7_item *item)
{
    static const char LETTERS[] = "MFBbfo";
    struct hl7_header h;

    buf_bytes(out, &LETTERS[item->kind], 1);
    if (item->kind == HL7_ITEM_MESSAGE && hl7_header_scan(item->bytes, &h))
        buf_printf(out, item->in_batch ? "(%.*s)" : "%.*s", SLICE_ARG(h.control_id));
    if (item->kind == HL7_ITEM_FILE_HEADER || item->kind == HL7_ITEM_BATCH_HEADER)
        buf_put(out, item->control_id);
    if (item->kind == HL7_ITEM_BATCH_TRAILER || item->kind == HL7_ITEM_FILE_TRAILER) {
        if (item->has_declared)
            buf_printf(out, "%u", (unsigned)item->declared);
        buf_printf(out, "/%u", (unsigned)item->counted);
    }
    buf_text(out, " ");
}

static void files_and_batches(void **state)
{
    static const struct {
        const char *rule, *bytes, *items;
    } rows[] = {
        { "[FHS] { [BHS] { MSH } [BTS] } [FTS]", FHS BHS M("1") M("2") "BTS|2\rFTS|1\r",
          "Ff1 Bb1 M(1) M(2) b2/2 f1/1 " },
        { "several batches", FHS BHS M("1") "BTS|1\r" BHS M("2") "BTS|1\rFTS|2\r",
          "Ff1 Bb1 M(1) b1/1 Bb1 M(2) b1/1 f2/2 " },
        { "[BHS]: a file of messages alone", FHS M("1") M("2") "FTS|1\r", "Ff1 M1 M2 f1/1 " },
        { "[FHS]: a batch alone", BHS M("1") "BTS|1\r", "Bb1 M(1) b1/1 " },
        { "[BTS]: left out", FHS BHS M("1") "FTS|1\r", "Ff1 Bb1 M(1) f1/1 " },
        { "[FTS]: left out", FHS BHS M("1") "BTS|1\r", "Ff1 Bb1 M(1) b1/1 " },
        { "{ MSH }: none", BHS "BTS|0\r", "Bb1 b0/0 " },
        { "BTS-1 message count", BHS M("1") M("2") M("3") "BTS|3\r", "Bb1 M(1) M(2) M(3) b3/3 " },
        { "FTS-1 batch count", FHS BHS "BTS|0\r" BHS "BTS|0\rFTS|2\r", "Ff1 Bb1 b0/0 Bb1 b0/0 f2/2 " },
        { "often wrong", FHS BHS M("1") "BTS|9\rFTS|9\r", "Ff1 Bb1 M(1) b9/1 f9/1 " },
        { "or empty", FHS BHS M("1") "BTS|\rFTS\r", "Ff1 Bb1 M(1) b/1 f/1 " },
        { "or no number", BHS M("1") "BTS|one\r", "Bb1 M(1) b/1 " },
        { "or negative", BHS M("1") "BTS|-1\r", "Bb1 M(1) b/1 " },
        { "BTS-2 comment, BTS-3 totals", BHS M("1") "BTS|1|done|7\r", "Bb1 M(1) b1/1 " },
        { "BHS-11 and FHS-11 control id: missing", "FHS|^~\\&\rBHS|^~\\&|a|b\r" M("1"), "F B M(1) " },
        { "BHS-11: as it was sent", "BHS|^~\\&|||||||||a\\T\\b^c|d\r", "Ba\\T\\b^c " },
        { "files without FHS/BHS are common", M("1") M("2") M("3"), "M1 M2 M3 " },
        { "split on \\rMSH: not at an MSH inside a field", "MSH|^~\\&|A||||||ADT|1\rNTE|1||MSH|\r" M("2"),
          "M1 M2 " },
        { "split on \\rMSH: not at a longer word", "MSH|^~\\&|A||||||ADT|1\rMSHX|1\r" M("2"), "M1 M2 " },
        { "blank lines between messages", M("1") "\r\n\r\n" M("2"), "M1 M2 " },
        { "a form feed between messages is of the one before", M("1") "\f\r" M("2"), "M1 M2 " },
        { "LF ends", "BHS|^~\\&|||||||||b1\nMSH|^~\\&|||||||ADT|1\nPID|1\nMSH|^~\\&|||||||ADT|2\nBTS|2\n",
          "Bb1 M(1) M(2) b2/2 " },
        { "CRLF ends", "BHS|^~\\&|||||||||b1\r\nMSH|^~\\&|||||||ADT|1\r\nBTS|1\r\n", "Bb1 M(1) b1/1 " },
        { "a mark in front", "\xEF\xBB\xBF" BHS M("1") "BTS|1\r", "o Bb1 M(1) b1/1 " },
        { "inside MLLP one frame may hold a batch", "\x0B" BHS M("1") "BTS|1\r\x1C\r", "o Bb1 M(1) b1/1 o " },
        { "a file of frames", "\x0B" M("1") "\x1C\r\x0B" M("2") "\x1C\r", "o M1 o M2 o " },
        { "no message in it", "PID|1\rPV1|1\r", "o " },
        { "text before the first message", "-- export --\r\n" M("1"), "o M1 " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct guard g = guard_make(slice_of(rows[i].bytes));
        struct hl7_stream s = hl7_stream_make(g.bytes);
        struct buf out = buf_make(4096);
        struct hl7_item item;
        size_t at = 0, messages = 0;
        while (hl7_stream_next(&s, &item)) {
            assert_true(item.offset == at && item.bytes.ptr == g.bytes.ptr + at);
            at += item.bytes.len;
            messages += item.kind == HL7_ITEM_MESSAGE;
            put_item(&out, &item);
        }
        if (at != g.bytes.len || !slice_is(buf_slice(&out), rows[i].items))
            fail_msg("%s: %.*s", rows[i].rule, SLICE_ARG(buf_slice(&out)));
        struct slice rest = g.bytes, message;
        for (; hl7_batch_next(&rest, &message); messages--)
            assert_true(slice_starts(message, SLICE("MSH")));
        assert_int_equal(messages, 0);
        buf_free(&out);
        guard_free(&g);
    }
}

/* Cut at every byte, no byte is lost and none is read twice. */
static void a_cut_file_keeps_every_byte(void **state)
{
    const struct slice whole = slice_of(FHS BHS M("1") "\x1C\r\x0B" M("2") "BTS|2\r\nFTS|1\r\n");

    (void)state;
    for (size_t cut = 0; cut <= whole.len; cut++) {
        struct guard g = guard_make(slice_sub(whole, 0, cut));
        struct hl7_stream s = hl7_stream_make(g.bytes);
        struct hl7_item item;
        size_t at = 0;
        for (; hl7_stream_next(&s, &item); at += item.bytes.len)
            assert_int_equal(item.offset, at);
        assert_int_equal(at, cut);
        guard_free(&g);
    }
}

/* "ack each message, or one batch of ACKs": the batch that answers a batch is one that we read ourselves. */
static void one_batch_of_acks(void **state)
{
    const struct slice header = slice_of("BHS|^~\\&|LAB|L1|NB|MAIN|20261122||\"\"||b77\r");
    struct buf out = buf_make(4096);
    struct hl7_item item;
    struct hl7_header h;

    (void)state;
    hl7_ack_batch_begin(&out, "BHS", header, SLICE("N1"), (int64_t)1795352709 * 1000000);
    for (int i = 0; i < 2; i++) {
        assert_true(hl7_header_scan(slice_of(i == 0 ? M("1") : M("2")), &h));
        hl7_ack_write(&out, &h, "AA", SLICE("N2"), 0, NULL);
    }
    hl7_ack_batch_end(&out, "BTS", header, 2);
    assert_true(slice_starts(buf_slice(&out),
                             SLICE("BHS|^~\\&|NB|MAIN|LAB|L1|20261122130509+0000||||N1|b77\rMSH|^~\\&|")));
    assert_true(slice_ends(buf_slice(&out), SLICE("MSA|AA|2\rBTS|2\r")));
    struct hl7_stream s = hl7_stream_make(buf_slice(&out));
    while (hl7_stream_next(&s, &item)) {
        struct hl7_answer a;
        assert_true(item.kind != HL7_ITEM_MESSAGE || (hl7_answer_read(item.bytes, &a) && item.in_batch));
        assert_true(item.kind != HL7_ITEM_BATCH_TRAILER || item.declared == item.counted);
    }
    assert_int_equal(s.messages, 2);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_batches),
        cmocka_unit_test(a_cut_file_keeps_every_byte),
        cmocka_unit_test(one_batch_of_acks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
