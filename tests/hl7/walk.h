/* tests/hl7/walk.h - touches everything that a parsed message can be asked, for samples and fuzzing. */
#ifndef NIGHTBELL_TESTS_HL7_WALK_H
#define NIGHTBELL_TESTS_HL7_WALK_H

#include "base/utf8.h"
#include "hl7/ack.h"
#include "hl7/dtm.h"
#include "hl7/message.h"
#include "hl7/path.h"

#include <stdlib.h>

static inline void walk_check(bool ok)
{
    if (!ok)
        abort();
}

/* A slice that a message gives lies in its bytes, and its text is UTF-8. */
static inline void walk_value(const struct hl7_message *m, struct arena *arena, struct slice raw)
{
    struct slice wire = hl7_message_wire(m);
    struct hl7_dtm t;

    walk_check(raw.len == 0 || (raw.ptr >= wire.ptr && raw.ptr + raw.len <= wire.ptr + wire.len));
    walk_check(utf8_valid(hl7_text(m, arena, raw)));
    hl7_dtm_parse(raw, 0, &t);
}

static inline void walk_field(const struct hl7_message *m, struct arena *arena, size_t segment,
                              uint32_t field)
{
    struct slice raw;
    uint32_t reps = hl7_repetitions(m, segment, field);

    walk_value(m, arena,
               hl7_get(m, segment, field, 0, 0, 0, &raw) >= HL7_NULL ? raw : (struct slice){ NULL, 0 });
    walk_check(reps == 0 || hl7_get(m, segment, field, reps, 0, 0, &raw) != HL7_ABSENT);
    walk_check(reps == 0 || reps > 1 || hl7_get(m, segment, field, 2, 0, 0, &raw) == HL7_ABSENT);
    for (uint32_t r = 1; r <= reps && r <= 8; r++)
        for (uint32_t c = 1; c <= 12 && hl7_get(m, segment, field, r, c, 0, &raw) != HL7_ABSENT; c++) {
            walk_value(m, arena, raw);
            for (uint32_t s = 1; s <= 4 && hl7_get(m, segment, field, r, c, s, &raw) != HL7_ABSENT; s++)
                walk_value(m, arena, raw);
        }
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
    for (size_t i = 0; i < hl7_message_segments(m); i++) {
        char place[HL7_PLACE];
        if (i < 64)
            hl7_place(m, i, 4000, 9999, place);
        hl7_segment_name(m, i);
        for (uint32_t f = 0; f <= hl7_segment_fields(m, i) + 1; f++)
            walk_field(m, arena, i, f);
    }
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        struct hl7_path *p = hl7_path_compile(arena, slice_of(PATHS[i]), NULL);
        hl7_path_get(p, m, i % 2 ? HL7_NONE : hl7_message_segments(m) - 1, &raw, &many);
        walk_value(m, arena, raw);
    }
}

#endif
