/* Frames: what is written is read, every beginning of a frame is refused or read without a look past its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "adapters/net/frames.h"
#include "base/limits.h"
#include "tests/guard.h"

static const struct error an_error = {
    .code = ERROR_VALUE, .where = "OBX[3]-5.1", .message = "not a number", .hint = "digits only"
};

static void same_slice(struct slice a, struct slice b)
{
    assert_true(slice_eq(a, b));
}

static void write_submit(struct buf *out)
{
    struct submit_item i = { .connection = UINT64_C(0x0100000200000003),
                             .sequence = 7,
                             .listener = SLICE_INIT("telemetry"),
                             .principal = SLICE_INIT("monitor-7"),
                             .control_id = SLICE_INIT("A1"),
                             .bytes = SLICE_INIT("MSH|^~\\&\r"),
                             .format = 1,
                             .suspect = true,
                             .syntax = an_error };

    for (uint8_t k = 0; k < 16; k++)
        i.duplicate_key[k] = k;
    frame_begin(out, FRAME_SUBMIT, 42);
    submit_write(out, &i);
    i.bytes = (struct slice){ NULL, 0 };
    i.syntax = (struct error){ .code = ERROR_NONE };
    submit_write(out, &i);
}

static void read_submit(struct frame *f)
{
    struct submit_item i;

    assert_int_equal(f->count, 2);
    assert_true(submit_read(&f->body, &i));
    assert_int_equal(i.connection, UINT64_C(0x0100000200000003));
    assert_int_equal(i.sequence, 7);
    same_slice(i.listener, SLICE("telemetry"));
    same_slice(i.principal, SLICE("monitor-7"));
    same_slice(i.control_id, SLICE("A1"));
    same_slice(i.bytes, SLICE("MSH|^~\\&\r"));
    assert_int_equal(i.duplicate_key[15], 15);
    assert_int_equal(i.format, 1);
    assert_true(i.suspect);
    assert_int_equal(i.syntax.code, ERROR_VALUE);
    assert_string_equal(i.syntax.where, an_error.where);
    assert_string_equal(i.syntax.message, an_error.message);
    assert_string_equal(i.syntax.hint, an_error.hint);
    assert_true(submit_read(&f->body, &i));
    assert_int_equal(i.bytes.len, 0);
    assert_int_equal(i.syntax.code, ERROR_NONE);
}

static void write_verdicts(struct buf *out)
{
    frame_begin(out, FRAME_VERDICTS, 42);
    verdict_write(out, &(struct verdict_item){ .connection = 1,
                                               .sequence = 2,
                                               .position = 3,
                                               .verdict = 3,
                                               .accepted = true,
                                               .wall_us = -4,
                                               .error = an_error });
}

static void read_verdicts(struct frame *f)
{
    struct verdict_item v;

    assert_true(verdict_read(&f->body, &v));
    assert_int_equal(v.connection, 1);
    assert_int_equal(v.sequence, 2);
    assert_int_equal(v.position, 3);
    assert_int_equal(v.verdict, 3);
    assert_true(v.accepted);
    assert_true(v.wall_us == -4);
    assert_string_equal(v.error.where, an_error.where);
}

static void write_deliver(struct buf *out)
{
    static const char point[65] = { 4, 1, 2, 3 };

    frame_begin(out, FRAME_DELIVER, 42);
    deliver_write(out, &(struct deliver_item){ .delivery = 1,
                                               .alert = 2,
                                               .device = 3,
                                               .what = DELIVER_NOTICE,
                                               .level = 2,
                                               .key = { point, 65 },
                                               .endpoint = SLICE("phones"),
                                               .address = SLICE("a"),
                                               .payload = SLICE("{}") });
}

static void read_deliver(struct frame *f)
{
    struct deliver_item d;

    assert_true(deliver_read(&f->body, &d));
    assert_int_equal(d.delivery, 1);
    assert_int_equal(d.alert, 2);
    assert_int_equal(d.device, 3);
    assert_int_equal(d.what, DELIVER_NOTICE);
    assert_int_equal(d.level, 2);
    assert_int_equal(d.key.len, 65);
    same_slice(d.endpoint, SLICE("phones"));
    same_slice(d.payload, SLICE("{}"));
}

static void write_report(struct buf *out)
{
    frame_begin(out, FRAME_REPORT, 42);
    report_write(out, &(struct report_item){ 9, 2, SLICE("gone") });
}

static void read_report(struct frame *f)
{
    struct report_item r;

    assert_true(report_read(&f->body, &r));
    assert_int_equal(r.delivery, 9);
    assert_int_equal(r.state, 2);
    same_slice(r.detail, SLICE("gone"));
}

static void write_push(struct buf *out)
{
    frame_begin(out, FRAME_PUSH, 42);
    push_write(out, &(struct push_item){ 5, 6, SLICE("a.b.c.d.e") });
}

static void read_push(struct frame *f)
{
    struct push_item i;

    assert_true(push_read(&f->body, &i));
    assert_int_equal(i.delivery, 5);
    assert_int_equal(i.device, 6);
    same_slice(i.jwe, SLICE("a.b.c.d.e"));
}

static void write_pushed(struct buf *out)
{
    frame_begin(out, FRAME_PUSHED, 42);
    pushed_write(out, &(struct pushed_item){ 5, true });
}

static void read_pushed(struct frame *f)
{
    struct pushed_item i;

    assert_true(pushed_read(&f->body, &i));
    assert_int_equal(i.delivery, 5);
    assert_true(i.written);
}

static void write_hello(struct buf *out)
{
    hello_write(out, 42, ROLE_WEB, 99);
}

static void read_hello(struct frame *f)
{
    assert_int_equal(read_u8(&f->body), ROLE_WEB);
    assert_int_equal(read_u64(&f->body), 99);
}

static void write_welcome(struct buf *out)
{
    welcome_write(out, 42, 99, SLICE("{}"));
}

static void read_welcome(struct frame *f)
{
    assert_int_equal(read_u64(&f->body), 99);
    assert_int_equal(read_u32(&f->body), LIMIT_BUS_CREDIT_ITEMS);
    assert_int_equal(read_u32(&f->body), LIMIT_BUS_CREDIT_BYTES);
    same_slice(read_slice(&f->body), SLICE("{}"));
}

static void write_ask(struct buf *out)
{
    ask_write(out, 42, 7, QUESTION_SESSION, SLICE("jws"));
}

static void read_ask(struct frame *f)
{
    assert_int_equal(read_u64(&f->body), 7);
    assert_int_equal(read_u8(&f->body), QUESTION_SESSION);
    same_slice(read_slice(&f->body), SLICE("jws"));
}

static void write_reply(struct buf *out)
{
    reply_write(out, 42, 7, 403, SLICE("{}"));
}

static void read_reply(struct frame *f)
{
    assert_int_equal(read_u64(&f->body), 7);
    assert_int_equal(read_u16(&f->body), 403);
    same_slice(read_slice(&f->body), SLICE("{}"));
}

static void write_stream(struct buf *out)
{
    stream_write(out, 42, 8, true);
}

static void read_stream(struct frame *f)
{
    assert_int_equal(read_u64(&f->body), 8);
    assert_int_equal(read_u8(&f->body), 1);
}

static void write_configuration(struct buf *out)
{
    configuration_write(out, 42, SLICE("{}"));
}

static void read_configuration(struct frame *f)
{
    same_slice(read_slice(&f->body), SLICE("{}"));
}

static void write_stale(struct buf *out)
{
    stale_write(out, 42);
}

static void read_nothing(struct frame *f)
{
    (void)f;
}

static const struct {
    enum frame_type type;
    void (*write)(struct buf *out);
    void (*read)(struct frame *f);
} frames[] = {
    { FRAME_HELLO, write_hello, read_hello },
    { FRAME_WELCOME, write_welcome, read_welcome },
    { FRAME_SUBMIT, write_submit, read_submit },
    { FRAME_VERDICTS, write_verdicts, read_verdicts },
    { FRAME_ASK, write_ask, read_ask },
    { FRAME_REPLY, write_reply, read_reply },
    { FRAME_DELIVER, write_deliver, read_deliver },
    { FRAME_REPORT, write_report, read_report },
    { FRAME_PUSH, write_push, read_push },
    { FRAME_PUSHED, write_pushed, read_pushed },
    { FRAME_STREAM, write_stream, read_stream },
    { FRAME_CONFIGURATION, write_configuration, read_configuration },
    { FRAME_STALE, write_stale, read_nothing },
};
enum { FRAMES = sizeof frames / sizeof frames[0] };

static void what_is_written_is_read(void **state)
{
    (void)state;
    assert_int_equal(FRAMES, FRAME_TYPES - 1);
    for (size_t i = 0; i < FRAMES; i++) {
        struct buf b = buf_make(1 << 16);
        struct error err = { .code = ERROR_NONE };
        struct frame f;
        frames[i].write(&b);
        assert_true(frame_open(buf_slice(&b), &f, &err));
        assert_int_equal(f.type, frames[i].type);
        assert_int_equal(f.session, 42);
        frames[i].read(&f);
        assert_true(reader_done(&f.body));
        buf_free(&b);
    }
}

/* Every item reader over whatever is there: bounded by the count, never past the end. */
static void read_anything(struct frame *f)
{
    union {
        struct submit_item s;
        struct verdict_item v;
        struct deliver_item d;
        struct report_item r;
        struct push_item p;
        struct pushed_item q;
    } i;

    for (int how = 0; how < 6; how++) {
        struct reader in = f->body;
        for (uint32_t n = 0; n < 4 && !in.failed; n++)
            (void)(how == 0   ? submit_read(&in, &i.s)
                   : how == 1 ? verdict_read(&in, &i.v)
                   : how == 2 ? deliver_read(&in, &i.d)
                   : how == 3 ? report_read(&in, &i.r)
                   : how == 4 ? push_read(&in, &i.p)
                              : pushed_read(&in, &i.q));
    }
}

static void every_beginning_is_read_within_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        struct buf b = buf_make(1 << 16);
        frames[i].write(&b);
        for (size_t length = 0; length < b.len; length++) {
            struct guard g = guard_make(slice_sub(buf_slice(&b), 0, length));
            struct error err = { .code = ERROR_NONE };
            struct frame f;
            bool opened = frame_open(g.bytes, &f, &err);
            assert_int_equal(opened, err.code == ERROR_NONE);
            if (length < FRAME_HEADER_BYTES)
                assert_false(opened);
            if (opened)
                read_anything(&f);
            guard_free(&g);
        }
        buf_free(&b);
    }
}

static void a_short_item_is_no_item(void **state)
{
    struct buf b = buf_make(1 << 16);
    struct error err = { .code = ERROR_NONE };
    struct submit_item i;
    struct frame f;

    (void)state;
    write_submit(&b);
    assert_true(frame_open(slice_sub(buf_slice(&b), 0, b.len - 1), &f, &err));
    assert_true(submit_read(&f.body, &i));
    assert_false(submit_read(&f.body, &i));
    buf_free(&b);
}

static const struct {
    const char *name, *bytes;
    size_t length;
    enum error_code code;
} refused[] = {
    { "nothing", "", 0, ERROR_SYNTAX },
    { "version 0",
      "\0\1"
      "12345678",
      10, ERROR_VERSION },
    { "version 2",
      "\2\1"
      "12345678",
      10, ERROR_VERSION },
    { "type 0",
      "\1\0"
      "12345678",
      10, ERROR_UNSUPPORTED },
    { "type 14",
      "\1\16"
      "12345678",
      10, ERROR_UNSUPPORTED },
    { "no count",
      "\1\3"
      "12345678"
      "\1\0\0",
      13, ERROR_SYNTAX },
    { "too many",
      "\1\3"
      "12345678"
      "\1\4\0\0",
      14, ERROR_LIMIT },
};

static void what_is_no_frame_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error err = { .code = ERROR_NONE };
        struct frame f;
        if (frame_open((struct slice){ refused[i].bytes, refused[i].length }, &f, &err) ||
            err.code != refused[i].code)
            fail_msg("%s: %s", refused[i].name, err.message);
    }
}

static void a_list_says_when_it_is_full(void **state)
{
    struct buf b = buf_make(LIMIT_BUS_FRAME_BYTES);

    (void)state;
    frame_begin(&b, FRAME_PUSHED, 1);
    assert_true(frame_full(&b, LIMIT_BUS_FRAME_BYTES));
    for (uint32_t n = 0; n < LIMIT_BUS_FRAME_ITEMS; n++) {
        assert_false(frame_full(&b, 9));
        pushed_write(&b, &(struct pushed_item){ n, true });
        assert_int_equal(frame_count(&b), n + 1);
    }
    assert_true(frame_full(&b, 0));
    frame_begin(&b, FRAME_PUSHED, 1);
    assert_int_equal(frame_count(&b), 0);
    buf_free(&b);
}

static void an_error_is_cut_to_its_room_and_an_unknown_code_is_ours(void **state)
{
    struct buf b = buf_make(1 << 16);
    struct error err = { .code = ERROR_NONE };
    struct frame f;
    struct verdict_item v;
    char many[300];

    (void)state;
    memset(many, 'x', sizeof many);
    frame_begin(&b, FRAME_VERDICTS, 1);
    for (int k = 0; k < 2; k++)
        buf_u64(&b, 1);
    buf_u8(&b, 0);
    buf_u8(&b, 0);
    buf_u64(&b, 0);
    buf_i64(&b, 0);
    buf_u8(&b, 200);
    for (int k = 0; k < 3; k++)
        buf_slice_put(&b, (struct slice){ many, sizeof many });
    frame_item(&b);
    assert_true(frame_open(buf_slice(&b), &f, &err));
    assert_true(verdict_read(&f.body, &v));
    assert_int_equal(v.error.code, ERROR_INTERNAL);
    assert_int_equal(strlen(v.error.where), sizeof v.error.where - 1);
    assert_int_equal(strlen(v.error.message), sizeof v.error.message - 1);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_beginning_is_read_within_its_bytes),
        cmocka_unit_test(a_short_item_is_no_item),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(a_list_says_when_it_is_full),
        cmocka_unit_test(an_error_is_cut_to_its_room_and_an_unknown_code_is_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
