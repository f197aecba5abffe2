/* Framing: each case whole and byte by byte, as tools would send it (docs/hl7.md has the table). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/mllp.h"
#include "tests/guard.h"

#include <stdio.h>
#include <string.h>

enum { MAX = 64 };

/* Feeds `input` in chunks and notes what came: "<one>" a frame, "0" an empty one, "+" and "-" commit
 * acknowledgements, "!text" an error with the beginning of the frame. Each chunk moves what is left to a
 * fresh guarded place, as a buffer would. */
static void feed(struct mllp_framer *f, struct slice input, size_t chunk, struct buf *seen)
{
    struct buf held = buf_make(1 << 20);
    size_t at = 0;

    while (at < input.len) {
        struct slice more = slice_sub(input, at, chunk), frame;
        enum mllp_result result;
        buf_put(&held, more);
        at += more.len;
        struct guard guard = guard_make(buf_slice(&held));
        struct slice in = guard.bytes;
        while ((result = mllp_next(f, &in, &frame, NULL)) != MLLP_MORE) {
            if (result == MLLP_FRAME || result == MLLP_ERROR)
                buf_printf(seen, result == MLLP_FRAME ? "<%.*s>" : "!%.*s", SLICE_ARG(frame));
            else
                buf_text(seen, result == MLLP_EMPTY ? "0" : result == MLLP_COMMIT_ACK ? "+" : "-");
        }
        buf_reset(&held);
        buf_put(&held, in);
        guard_free(&guard);
    }
    buf_free(&held);
}

#define VT "\x0b"
#define FS "\x1c"

static void frames_are_found(void **state)
{
    static const struct {
        const char *name, *input, *seen;
        uint64_t noise, lost;
        bool inside;
    } ROWS[] = {
        { "nothing", "", "", 0, 0, false },
        { "one message", VT "one" FS "\r", "<one>", 0, 0, false },
        { "two in one segment", VT "one" FS "\r" VT "two" FS "\r", "<one><two>", 0, 0, false },
        { "no CR after FS", VT "one" FS, "<one>", 0, 0, false },
        { "no CR between two", VT "one" FS VT "two" FS, "<one><two>", 0, 0, false },
        { "bytes before VT", "\r\n" VT "one" FS "\r", "<one>", 2, 0, false },
        { "LF after the frame", VT "one" FS "\r\n" VT "two" FS "\r", "<one><two>", 1, 0, false },
        { "two CRs after the frame", VT "one" FS "\r\r" VT "two" FS "\r", "<one><two>", 1, 0, false },
        { "empty frame, then one", VT FS "\r" VT "one" FS "\r", "0<one>", 0, 0, false },
        { "CR inside", VT "o\rne\r" FS "\r", "<o\rne\r>", 0, 0, false },
        { "unframed", "MSH|^~\\&|\r", "", 10, 0, false },
        { "not HL7 at all", VT "hello" FS "\r", "<hello>", 0, 0, false },
        { "lost end", VT "lost" VT "one" FS "\r", "<one>", 0, 1, false },
        { "two lost ends", VT "a" VT "b" VT "one" FS "\r", "<one>", 0, 2, false },
        { "VT twice", VT VT "one" FS "\r", "<one>", 0, 1, false },
        { "FS alone is noise", FS "\r" VT "one" FS "\r", "<one>", 2, 0, false },
        { "unfinished", VT "one" FS "\r" VT "tw", "<one>", 0, 0, true },
        { "only VT", VT, "", 0, 0, true },
        { "release 2 commit", VT "\x06" FS "\r", "+", 0, 0, false },
        { "release 2 refusal", VT "\x15" FS "\r", "-", 0, 0, false },
        { "release 2, then its answer", VT "\x06" FS "\r" VT "one" FS "\r", "+<one>", 0, 0, false },
        { "release 2 without CR", VT "\x06" FS VT "one" FS, "+<one>", 0, 0, false },
        { "two bytes are no commit", VT "\x06\x06" FS "\r", "<\x06\x06>", 0, 0, false },
        { "one byte is no commit", VT "x" FS "\r", "<x>", 0, 0, false },
        { "commit bytes outside are noise", "\x06\x15" VT "one" FS "\r", "<one>", 2, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (size_t chunk = 1; chunk <= 40; chunk++) {
            struct mllp_framer f = mllp_framer_make(MAX);
            struct buf seen = buf_make(4096);
            feed(&f, slice_of(ROWS[i].input), chunk, &seen);
            if (!slice_is(buf_slice(&seen), ROWS[i].seen) || f.noise_bytes != ROWS[i].noise ||
                f.lost_frames != ROWS[i].lost || mllp_inside(&f) != ROWS[i].inside)
                fail_msg("%s in %zu: %.*s, noise %d, lost %d", ROWS[i].name, chunk,
                         SLICE_ARG(buf_slice(&seen)), (int)f.noise_bytes, (int)f.lost_frames);
            buf_free(&seen);
        }
}

static void a_frame_past_the_limit_is_an_error(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk < 12; chunk++) {
        struct mllp_framer f = mllp_framer_make(4);
        struct buf seen = buf_make(4096);
        feed(&f, slice_of(VT "1234" FS "\r" VT "12345678" FS "\r" VT "ok" FS "\r"), chunk, &seen);
        assert_true(slice_is(buf_slice(&seen), "<1234>!1234<ok>"));
        buf_free(&seen);
    }
    struct mllp_framer f = mllp_framer_make(4);
    struct slice in = slice_of(VT "12345"), frame;
    struct error err = { 0 };
    assert_int_equal(mllp_next(&f, &in, &frame, &err), MLLP_ERROR);
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "message-bytes"));
}

/* 2 MB in small pieces: what was searched is not searched again, so this ends at once. */
static void a_large_message_is_searched_once(void **state)
{
    enum { LEN = 2 << 20 };
    struct buf wire = buf_make(LEN + 16);
    struct mllp_framer f = mllp_framer_make(LEN);
    struct slice frame = { NULL, 0 };

    (void)state;
    buf_text(&wire, VT);
    memset(buf_extend(&wire, LEN), 'x', LEN);
    buf_text(&wire, FS);
    for (size_t have = 16; have < wire.len; have += 16) {
        struct slice in = { wire.ptr, have };
        assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_MORE);
        assert_int_equal(f.scanned, have);
    }
    struct slice in = buf_slice(&wire);
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_FRAME);
    assert_int_equal(frame.len, LEN);
    assert_int_equal(in.len, 0);
    buf_free(&wire);
}

static void wrapping_refuses_what_would_break_the_frame(void **state)
{
    struct buf out = buf_make(64);

    (void)state;
    assert_true(mllp_wrap(&out, SLICE("MSA|AA\r")));
    assert_true(slice_is(buf_slice(&out), VT "MSA|AA\r" FS "\r"));
    assert_false(mllp_wrap(&out, SLICE("a" VT "b")));
    assert_false(mllp_wrap(&out, SLICE("a" FS "b")));
    assert_int_equal(out.len, 10);
    buf_free(&out);
}

static void commits_are_written_as_they_are_read(void **state)
{
    (void)state;
    for (int stored = 0; stored <= 1; stored++) {
        struct mllp_framer f = mllp_framer_make(MAX);
        struct slice in = mllp_commit(stored), frame;
        assert_int_equal(in.len, MLLP_COMMIT_BYTES);
        assert_int_equal(mllp_next(&f, &in, &frame, NULL), stored ? MLLP_COMMIT_ACK : MLLP_COMMIT_NAK);
        assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_MORE);
        assert_int_equal(f.noise_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_found),
        cmocka_unit_test(a_frame_past_the_limit_is_an_error),
        cmocka_unit_test(a_large_message_is_searched_once),
        cmocka_unit_test(wrapping_refuses_what_would_break_the_frame),
        cmocka_unit_test(commits_are_written_as_they_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
