#include "events/from_hl7.h"

static void read_message_time(struct hl7_in *in)
{
    struct hl7_dtm t;
    in->message_us = hl7_instant(in, 0, 7, 1);
    if (hl7_dtm_parse(slice_trim(in->header.time), 0, &t) && t.has_zone) {
        in->has_offset = true;
        in->offset_min = t.offset_min;
    }
}

/* MSH-11 T (training) and D (debugging) never page unless the listener is declared to. */
static bool is_test(const struct hl7_in *in)
{
    struct slice id = slice_trim(in->header.processing_id);
    const struct event_source *src = in->draft.src;
    return (slice_eq_nocase(id, SLICE("T")) && !src->allow_test) ||
           (slice_eq_nocase(id, SLICE("D")) && !src->allow_debug);
}

static bool is_one_of(struct slice word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (slice_is(word, *words))
            return true;
    return false;
}

static bool read_observations(struct hl7_in *in, struct slice trigger)
{
    static const char *const alarms[] = { "R40", "R42", NULL };
    static const char *const results[] = { "R01", "R03", "R30", "R31", "R32", "", NULL };
    if (is_one_of(trigger, alarms) || (is_one_of(trigger, results) && hl7_is_alarm(in)))
        return hl7_read_alarm(in);
    if (is_one_of(trigger, results))
        return hl7_read_results(in);
    return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this kind of observation message is not read");
}

static bool read_by_type(struct hl7_in *in)
{
    static const char *const orders[] = { "ORM", "OMG", "OML", NULL };
    struct slice type = hl7_part(in, 0, 9, 1), trigger = hl7_part(in, 0, 9, 2);
    if (slice_is(type, "ADT")) /* v2.1 and v2.2 name the event in EVN-1 alone */
        return hl7_read_adt(
            in, trigger.len > 0 ? trigger : hl7_part(in, hl7_segment_find(in->m, SLICE("EVN"), 1), 1, 1));
    if (slice_is(type, "ORU"))
        return read_observations(in, trigger);
    if (slice_is(type, "SIU"))
        return hl7_read_appointment(in, trigger);
    if (is_one_of(type, orders))
        return hl7_read_orders(in);
    return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9", "this message type is not read");
}

bool reading_from_hl7(struct arena *a, const struct hl7_message *m, const struct event_source *src,
                      struct reading *out, struct error *err)
{
    struct hl7_in in = { .draft = draft_make(a, src, out), .m = m, .err = err };
    hl7_header_read(m, &in.header);
    if (in.header.is_answer)
        return error_at(err, ERROR_UNSUPPORTED, "MSA", "an acknowledgement holds no event");
    in.sender = draft_sender(&in.draft, hl7_part(&in, 0, 3, 1), hl7_part(&in, 0, 4, 1));
    read_message_time(&in);
    in.test = is_test(&in);
    return read_by_type(&in);
}
