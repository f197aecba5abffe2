/* tests/hl7/walk.h - touches everything that a parsed message can be asked, for samples and fuzzing. */
#ifndef NIGHTBELL_TESTS_HL7_WALK_H
#define NIGHTBELL_TESTS_HL7_WALK_H

#include "base/buf.h"
#include "base/utf8.h"
#include "hl7/ack.h"
#include "hl7/dtm.h"
#include "hl7/message.h"
#include "hl7/path.h"

#include <stdio.h>
#include <stdlib.h>

static inline void walk_check_at(bool ok, const char *what, int line)
{
    if (!ok) {
        fprintf(stderr, "walk.h:%d: %s\n", line, what);
        abort();
    }
}
#define walk_check(ok) walk_check_at((ok), #ok, __LINE__)

/* A slice that a message gives lies in its bytes, and its text is UTF-8. */
static inline void walk_value(const struct hl7_message *m, struct arena *arena, struct slice raw)
{
    struct slice wire = hl7_message_wire(m);
    struct hl7_dtm t;

    walk_check(raw.len == 0 || (raw.ptr >= wire.ptr && raw.ptr + raw.len <= wire.ptr + wire.len));
    walk_check(utf8_valid(hl7_text(m, arena, raw)));
    hl7_dtm_parse(raw, 0, &t);
}

/* Parts lie one behind another, a delimiter between, and make up the whole; gives how many there are. */
static inline uint32_t walk_parts(const struct hl7_message *m, struct arena *arena, size_t segment,
                                  uint32_t field, const uint32_t place[3], int level)
{
    uint32_t at[3] = { place[0], place[1], place[2] }, n = 0;
    struct slice whole, part;
    enum hl7_presence state = hl7_get(m, segment, field, at[0], at[1], at[2], &whole);
    const char *next = whole.ptr;

    if (state != HL7_VALUE)
        return 0;
    for (at[level] = 1; hl7_get(m, segment, field, at[0], at[1], at[2], &part) != HL7_ABSENT; at[level]++) {
        walk_check(part.len == 0 || part.ptr == next);
        next += part.len + 1;
        if (n++ < 8)
            walk_value(m, arena, part);
    }
    walk_check(next == whole.ptr + whole.len + 1);
    return n;
}

static inline void walk_field(const struct hl7_message *m, struct arena *arena, size_t segment,
                              uint32_t field)
{
    struct slice raw;
    enum hl7_presence state = hl7_get(m, segment, field, 0, 0, 0, &raw);
    uint32_t reps = hl7_repetitions(m, segment, field);

    walk_value(m, arena, raw);
    walk_check((state == HL7_ABSENT) == (field == 0 || field > hl7_segment_fields(m, segment)));
    walk_check((reps > 0) == (raw.len > 0));
    walk_check(state != HL7_VALUE ||
               walk_parts(m, arena, segment, field, (uint32_t[]){ 0, 0, 0 }, 0) == reps);
    for (uint32_t r = 1; r <= reps && r <= 4; r++) {
        uint32_t components = walk_parts(m, arena, segment, field, (uint32_t[]){ r, 0, 0 }, 1);
        for (uint32_t c = 1; c <= components && c <= 8; c++)
            walk_parts(m, arena, segment, field, (uint32_t[]){ r, c, 0 }, 2);
    }
}

/* Every segment is found by its name and number, and the walk over its name meets it. */
static inline void walk_names(const struct hl7_message *m)
{
    size_t at = HL7_NONE;

    for (size_t i = 0; i < hl7_message_segments(m); i++) {
        char place[HL7_PLACE];
        struct slice name = hl7_segment_name(m, i);
        hl7_place(m, i, 4000, 9999, place);
        walk_check(name.len == 3 ? hl7_segment_find(m, name, hl7_segment_occurrence(m, i)) == i &&
                                       hl7_segment_next(m, name, i) == i
                                 : hl7_segment_find(m, name, 1) == HL7_NONE);
    }
    for (size_t n = 0; (at = hl7_segment_next(m, SLICE("OBX"), at + 1)) != HL7_NONE; n++)
        walk_check(hl7_segment_occurrence(m, at) == n + 1);
}

/* What is written again from its segments, each with a CR, is the same message. (Not so where a text was
 * joined to a name that stands alone on its line: beside CR, the LF between makes one word of both.) */
static inline void walk_again(struct arena *arena, const struct hl7_message *m)
{
    struct buf again = buf_make(SIZE_MAX / 2);

    for (size_t i = 0; i < hl7_message_segments(m); i++) {
        struct slice raw = hl7_segment_raw(m, i);
        if (raw.len > 3 && raw.ptr[3] == '\n') {
            buf_free(&again);
            return;
        }
        buf_put(&again, raw);
        buf_text(&again, "\r");
    }
    struct hl7_message *same = hl7_message_parse(arena, buf_slice(&again), NULL);
    walk_check(same != NULL && hl7_message_segments(same) == hl7_message_segments(m));
    for (size_t i = 0; i < hl7_message_segments(m); i++)
        walk_check(slice_eq(hl7_segment_raw(same, i), hl7_segment_raw(m, i)) &&
                   hl7_segment_fields(same, i) == hl7_segment_fields(m, i));
    walk_check(hl7_message_charset(same) == hl7_message_charset(m));
    buf_free(&again);
}

static inline void walk_acks(struct slice wire, const struct hl7_header *h, const struct error *err)
{
    struct buf out = buf_make(wire.len * 4 + 4096);

    hl7_ack_write(&out, h, "AE", SLICE("1"), 0, err);
    walk_check(!out.failed);
    buf_free(&out);
}

static inline void walk_message(struct arena *arena, struct slice wire)
{
    static const char *const PATHS[] = { "MSH-9.2", "PID-3[2].4.1", "OBX[2]-5", "OBX[@3.1='68481']-5",
                                         "OBX[@5.1='']-3" };
    struct error err = { 0 };
    struct hl7_header h;
    struct slice raw;
    bool many, scanned = hl7_header_scan(wire, &h);
    struct hl7_message *m = hl7_message_parse(arena, wire, &err);

    walk_acks(wire, scanned ? &h : NULL, m == NULL ? &err : NULL);
    walk_check((m == NULL) == (err.code != ERROR_NONE));
    if (m == NULL)
        return;
    walk_check(scanned);
    hl7_header_read(m, &h);
    hl7_ack_due(&h, HL7_OUTCOME_ERROR);
    walk_acks(wire, &h, NULL);
    walk_names(m);
    walk_again(arena, m);
    for (size_t i = 0; i < hl7_message_segments(m); i++)
        for (uint32_t f = 0; f <= hl7_segment_fields(m, i) + 1; f++)
            walk_field(m, arena, i, f);
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct hl7_path *p = hl7_path_compile(arena, slice_of(PATHS[i]), NULL);
        hl7_path_get(p, m, i % 2 ? HL7_NONE : hl7_message_segments(m) - 1, &raw, &many);
        walk_value(m, arena, raw);
    }
}

#endif
