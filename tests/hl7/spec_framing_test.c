/* STANDARDS section 3.1, a row for each sentence. What needs a connection (time of a frame, one message after
 * another's answer, TLS) stands in tests/adapters/mllp_test.c and mllp_sender_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/hl7/spec_help.h"

#define VT   "\x0B"
#define FS   "\x1C"
#define ADT  "MSH|^~\\&|A||||||ADT|1\rPID|1\r"
#define ADT2 "MSH|^~\\&|B||||||ADT|2\r"

enum { MAX = 64 };

/* F a frame, 0 an empty one, + and - commit acknowledgements, E too long; frames as "F<bytes>". */
static void take_all(struct mllp_framer *f, struct slice *in, struct buf *seen)
{
    static const char LETTERS[] = { [MLLP_FRAME] = 'F',
                                    [MLLP_EMPTY] = '0',
                                    [MLLP_COMMIT_ACK] = '+',
                                    [MLLP_COMMIT_NAK] = '-',
                                    [MLLP_ERROR] = 'E' };
    struct slice frame;
    enum mllp_result r;

    while ((r = mllp_next(f, in, &frame, NULL)) != MLLP_MORE) {
        buf_bytes(seen, &LETTERS[r], 1);
        if (r == MLLP_FRAME)
            buf_printf(seen, "<%.*s>", SLICE_ARG(frame));
    }
}

/* In chunks of `size` bytes, each offered at the end of a guarded page. */
static void feed(struct mllp_framer *f, struct slice input, size_t size, struct buf *seen)
{
    size_t from = 0, to = 0;

    while (to < input.len) {
        to = input.len - to < size ? input.len : to + size;
        struct guard g = guard_make((struct slice){ input.ptr + from, to - from });
        struct slice in = g.bytes;
        take_all(f, &in, seen);
        from = to - in.len;
        guard_free(&g);
    }
}

static void frames_are_as_the_protocol_says(void **state)
{
    static const struct {
        const char *rule, *input, *seen;
        uint64_t noise, lost;
        bool inside;
    } rows[] = {
        { "0x0B message 0x1C 0x0D", VT ADT FS "\r", "F<" ADT ">", 0, 0, false },
        { "one behind another", VT ADT FS "\r" VT ADT2 FS "\r", "F<" ADT ">F<" ADT2 ">", 0, 0, false },
        { "outside a frame is noise: skipped and counted", "hello" VT ADT FS "\r", "F<" ADT ">", 5, 0,
          false },
        { "noise between frames", VT ADT FS "\r\r\n " VT ADT2 FS "\r", "F<" ADT ">F<" ADT2 ">", 3, 0, false },
        { "noise alone", ADT, "", sizeof ADT - 1, 0, false },
        { "noise: a lone end", FS "\r", "", 2, 0, false },
        { "noise: log lines of a sender before each message", "[07:05]\r\n" VT ADT FS "\r", "F<" ADT ">", 9,
          0, false },
        { "a missing final 0x0D", VT ADT FS VT ADT2 FS, "F<" ADT ">F<" ADT2 ">", 0, 0, false },
        { "a final 0x0D alone is no noise, a second is", VT ADT FS "\r\r", "F<" ADT ">", 1, 0, false },
        { "an end with another byte behind it", VT ADT FS "\n", "F<" ADT ">", 1, 0, false },
        { "0x0B inside a frame = lost end: resync", VT "MSH|lost" VT ADT FS "\r", "F<" ADT ">", 0, 1, false },
        { "twice", VT "a" VT "b" VT ADT FS "\r", "F<" ADT ">", 0, 2, false },
        { "0x0B right behind 0x0B", VT VT ADT FS "\r", "F<" ADT ">", 0, 1, false },
        { "a frame that has begun", VT "MSH|^~", "", 0, 0, true },
        { "a frame of nothing", VT FS "\r" VT ADT FS "\r", "0F<" ADT ">", 0, 0, false },
        { "a frame of a CR is a frame", VT "\r" FS "\r", "F<\r>", 0, 0, false },
        { "a blank line in a message begins no other", VT "MSH|^~\\&|A\r\rPID|1\r" FS "\r",
          "F<MSH|^~\\&|A\r\rPID|1\r>", 0, 0, false },
        { "release 2: stored", VT "\x06" FS "\r", "+", 0, 0, false },
        { "release 2: not stored", VT "\x15" FS "\r", "-", 0, 0, false },
        { "release 2: the commit comes before the answer", VT "\x06" FS "\r" VT ADT2 FS "\r", "+F<" ADT2 ">",
          0, 0, false },
        { "release 2: another byte is a message that does not parse", VT "\x07" FS "\r", "F<\x07>", 0, 0,
          false },
        { "frame size is limited",
          VT "0123456789012345678901234567890123456789012345678901234567890123xx" FS "\r" VT ADT2 FS "\r",
          "EF<" ADT2 ">", 4, 0, false },
        { "the limit itself is allowed",
          VT "0123456789012345678901234567890123456789012345678901234567890123" FS "\r",
          "F<0123456789012345678901234567890123456789012345678901234567890123>", 0, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t size = 1; size <= strlen(rows[i].input) + 1; size++) {
            struct mllp_framer f = mllp_framer_make(MAX);
            struct buf seen = buf_make(4096);
            feed(&f, slice_of(rows[i].input), size, &seen);
            if (!slice_is(buf_slice(&seen), rows[i].seen) || f.lost_frames != rows[i].lost ||
                mllp_inside(&f) != rows[i].inside || f.noise_bytes != rows[i].noise)
                fail_msg("%s in %zu: %.*s, noise %d, lost %d", rows[i].rule, size,
                         SLICE_ARG(buf_slice(&seen)), (int)f.noise_bytes, (int)f.lost_frames);
            buf_free(&seen);
        }
}

/* Framed at every length, cut at every byte: the rest comes later or never, and nothing is made up. */
static void a_cut_frame_is_no_frame(void **state)
{
    const struct slice whole = slice_of(VT ADT FS "\r");

    (void)state;
    for (size_t cut = 0; cut < whole.len - 1; cut++) {
        struct mllp_framer f = mllp_framer_make(MAX);
        struct buf seen = buf_make(4096);
        feed(&f, slice_sub(whole, 0, cut), 3, &seen);
        assert_int_equal(seen.len, 0);
        assert_true(mllp_inside(&f) == (cut > 0));
        buf_free(&seen);
    }
}

/* A caller that offers less than it did before begins again with what is there; it is no reason to read past
 * the end. */
static void fewer_bytes_than_before_are_not_passed_over(void **state)
{
    struct mllp_framer f = mllp_framer_make(MAX);
    struct slice in = SLICE(VT "abc"), frame;

    (void)state;
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_MORE);
    struct guard g = guard_make(SLICE(VT "a" FS));
    in = g.bytes;
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_FRAME);
    assert_true(slice_is(frame, "a"));
    in = SLICE(VT "abc");
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_MORE);
    in = SLICE("");
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_MORE);
    assert_true(mllp_inside(&f));
    guard_free(&g);
}

static void put_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_u8(out, (uint8_t)(0xC0 | c >> 6));
        buf_u8(out, (uint8_t)(0x80 | (c & 63)));
    } else {
        if (c < 0x10000) {
            buf_u8(out, (uint8_t)(0xE0 | c >> 12));
        } else {
            buf_u8(out, (uint8_t)(0xF0 | c >> 18));
            buf_u8(out, (uint8_t)(0x80 | (c >> 12 & 63)));
        }
        buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 63)));
        buf_u8(out, (uint8_t)(0x80 | (c & 63)));
    }
}

/* "UTF-8 and 8859-x never contain 0x0B/0x1C as part of a character": every character of Unicode, and every
 * byte of the upper half, goes through a frame. */
static void characters_never_break_a_frame(void **state)
{
    struct mllp_framer f = mllp_framer_make(8 << 20);
    struct buf text = buf_make(8 << 20), wire = buf_make(8 << 20);
    struct slice in, frame;

    (void)state;
    for (uint32_t c = 0x20; c < 0x110000; c++)
        if (c < 0xD800 || c > 0xDFFF)
            put_utf8(&text, c);
    for (unsigned c = 0xA0; c < 0x100; c++)
        buf_u8(&text, (uint8_t)c);
    assert_true(mllp_wrap(&wire, buf_slice(&text)));
    in = buf_slice(&wire);
    assert_int_equal(mllp_next(&f, &in, &frame, NULL), MLLP_FRAME);
    assert_true(slice_eq(frame, buf_slice(&text)));
    assert_int_equal(f.noise_bytes + f.lost_frames, 0);
    buf_free(&text);
    buf_free(&wire);
}

/* "UTF-16 does: not allowed on MLLP": refused with the reason, in both orders, with a mark and without. */
static void utf_16_is_refused(void **state)
{
    static const struct {
        const char *rule;
        struct slice bytes;
    } rows[] = {
        { "little end first, with a mark", SLICE_INIT("\xFF\xFEM\0S\0H\0|\0^\0") },
        { "big end first, with a mark", SLICE_INIT("\xFE\xFF\0M\0S\0H\0|\0^") },
        { "little end first", SLICE_INIT("M\0S\0H\0|\0^\0~\0") },
        { "big end first", SLICE_INIT("\0M\0S\0H\0|\0^\0~") },
        { "UTF-32, little end first", SLICE_INIT("M\0\0\0S\0\0\0H\0\0\0") },
        { "UTF-32, big end first", SLICE_INIT("\0\0\0M\0\0\0S\0\0\0H") },
        { "UTF-32, big end first, with a mark", SLICE_INIT("\0\0\xFE\xFF\0\0\0M") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct guard g = guard_make(rows[i].bytes);
        struct error err = { 0 };
        if (hl7_message_parse(arena, g.bytes, &err) != NULL || err.code != ERROR_UNSUPPORTED ||
            strstr(err.message, "UTF-16") == NULL || strstr(err.hint, "UTF-8") == NULL)
            fail_msg("%s: %s", rows[i].rule, err.message);
        guard_free(&g);
        arena_free(&arena);
    }
    /* What would break a frame is not framed: the sender hears of it. */
    struct buf out = buf_make(64);
    assert_false(mllp_wrap(&out, SLICE("\x0B\x01")));
    assert_false(mllp_wrap(&out, SLICE("\x1C\x01")));
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_as_the_protocol_says),
        cmocka_unit_test(a_cut_frame_is_no_frame),
        cmocka_unit_test(fewer_bytes_than_before_are_not_passed_over),
        cmocka_unit_test(characters_never_break_a_frame),
        cmocka_unit_test(utf_16_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
