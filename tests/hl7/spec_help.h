/* tests/hl7/spec_help.h - one rule of STANDARDS section 3, one row: a message, a place, what stands there.
 *
 * Every row is read at a guard page, whole; then framed and fed byte by byte, and what came out is read
 * again. So each rule holds for a parser and for a stream. */
#ifndef NIGHTBELL_TESTS_HL7_SPEC_HELP_H
#define NIGHTBELL_TESTS_HL7_SPEC_HELP_H

#include "hl7/ack.h"
#include "hl7/message.h"
#include "hl7/mllp.h"
#include "hl7/path.h"
#include "tests/guard.h"

#include <stdio.h>

struct spec_row {
    const char *rule, *wire, *path;
    enum hl7_presence state;
    const char *text; /* decoded; NULL where there is none */
};

/* The usual header, and one that declares other delimiters. */
#define SPEC_MSH    "MSH|^~\\&|APP|FAC|||20261122130509+0000||ADT^A01^ADT_A01|77|P|2.5\r"
#define SPEC_MSH_OF "MSH|^~\\&|APP|FAC|||20261122130509+0000||ADT^A01^ADT_A01|77|P|"

static inline struct hl7_message *spec_parse(struct arena *arena, const char *rule, struct slice wire)
{
    struct error err = { 0 };
    struct hl7_message *m = hl7_message_parse(arena, wire, &err);

    if (m == NULL)
        fail_msg("%s: refused, %s %s", rule, err.where, err.message);
    return m;
}

static inline void spec_look(const struct spec_row *row, struct slice wire)
{
    struct arena *arena = arena_new();
    struct error err = { 0 };
    struct hl7_message *m = spec_parse(arena, row->rule, wire);
    struct hl7_path *path = hl7_path_compile(arena, slice_of(row->path), &err);
    struct slice raw;

    if (path == NULL)
        fail_msg("%s: path %s", row->rule, err.message);
    enum hl7_presence state = hl7_path_get(path, m, HL7_NONE, &raw, NULL);
    bool is_header = slice_is(hl7_path_segment(path), "MSH") && hl7_path_field(path) <= 2;
    struct slice text = is_header ? raw : hl7_text(m, arena, raw);
    if (state != row->state || !slice_eq(text, slice_of(row->text)))
        fail_msg("%s: %s is %d \"%.*s\"", row->rule, row->path, state, SLICE_ARG(text));
    arena_free(&arena);
}

/* Frames `message`, feeds it byte by byte from guarded places, and hands on what comes out. */
static inline void spec_stream(const char *rule, struct slice message,
                               void (*each)(const void *ctx, struct slice frame), const void *ctx)
{
    struct mllp_framer f = mllp_framer_make(1 << 20);
    struct buf wire = buf_make(1 << 20);
    int frames = 0;

    if (!mllp_wrap(&wire, message))
        fail_msg("%s: cannot be framed", rule);
    for (size_t from = 0, to = 1; to <= wire.len; to++) {
        struct guard g = guard_make((struct slice){ wire.ptr + from, to - from });
        struct slice in = g.bytes, frame;
        enum mllp_result r;
        while ((r = mllp_next(&f, &in, &frame, NULL)) != MLLP_MORE) {
            if (r != MLLP_FRAME || ++frames > 1 || !slice_eq(frame, message))
                fail_msg("%s: another frame came out", rule);
            each(ctx, frame);
        }
        from = to - in.len;
        guard_free(&g);
    }
    if (frames != 1 || mllp_inside(&f) || f.noise_bytes > 0)
        fail_msg("%s: %d frames", rule, frames);
    buf_free(&wire);
}

static inline void spec_look_again(const void *row, struct slice frame)
{
    spec_look(row, frame);
}

static inline void spec_check(const struct spec_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct guard g = guard_make(slice_of(rows[i].wire));
        spec_look(&rows[i], g.bytes);
        guard_free(&g);
        spec_stream(rows[i].rule, slice_of(rows[i].wire), spec_look_again, &rows[i]);
    }
}
#define SPEC_CHECK(rows) spec_check(rows, sizeof rows / sizeof *rows)

/* The same header, read from a message and from bytes; where a field is missing, nothing is nothing. */
static inline bool spec_same_header(const struct hl7_header *a, const struct hl7_header *b)
{
    const char *from = (const char *)a, *other = (const char *)b;

    for (size_t at = offsetof(struct hl7_header, encoding); at < offsetof(struct hl7_header, is_answer);
         at += sizeof(struct slice)) {
        struct slice left, right;
        memcpy(&left, from + at, sizeof left);
        memcpy(&right, other + at, sizeof right);
        if (!slice_eq(left, right))
            return false;
    }
    return a->is_answer == b->is_answer && memcmp(&a->delimiters, &b->delimiters, sizeof a->delimiters) == 0;
}

/* What has no meaning is refused, with a place and without a word of the message. */
struct spec_refusal {
    const char *rule, *wire, *where;
    enum error_code code;
};

static inline void spec_refuse(const struct spec_refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new();
        struct guard g = guard_make(slice_of(rows[i].wire));
        struct error err = { 0 };
        if (hl7_message_parse(arena, g.bytes, &err) != NULL)
            fail_msg("%s: is read", rows[i].rule);
        if (err.code != rows[i].code || !slice_is(slice_of(err.where), rows[i].where))
            fail_msg("%s: %s at \"%s\": %s", rows[i].rule, error_name(err.code), err.where, err.message);
        if (hl7_message_parse(arena, g.bytes, NULL) != NULL)
            fail_msg("%s: is read when nobody asks why", rows[i].rule);
        guard_free(&g);
        arena_free(&arena);
    }
}
#define SPEC_REFUSE(rows) spec_refuse(rows, sizeof rows / sizeof *rows)

#endif
