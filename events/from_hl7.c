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

static bool is_context(struct hl7_in *in)
{
    in->draft.out->context_only = true;
    return true;
}

static bool is_one_of(struct slice word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (slice_is(word, *words))
            return true;
    return false;
}

/* ORU by trigger. R40 is PCD-04, R42 PCD-10; R01 and its like hold results, or an alarm of a sender that
 * knows no R40. R41 is only ever an answer (PCD-05). */
static bool read_observations(struct hl7_in *in, struct slice trigger)
{
    static const char *const results[] = { "R01", "R03", "R30", "R31", "R32", "", NULL };
    if (slice_is(trigger, "R40"))
        return hl7_read_alarm(in);
    if (slice_is(trigger, "R42"))
        return hl7_is_alarm(in) ? hl7_read_alarm(in) : hl7_read_pump_event(in);
    if (slice_is(trigger, "R41"))
        return is_context(in);
    if (is_one_of(trigger, results))
        return hl7_is_alarm(in) ? hl7_read_alarm(in) : hl7_read_results(in, false);
    return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this kind of observation message is not read");
}

static bool read_laboratory(struct hl7_in *in, struct slice trigger)
{
    static const char *const by_specimen[] = { "R22", "R23", "R24", NULL };
    if (!slice_is(trigger, "R21") && !is_one_of(trigger, by_specimen))
        return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9.2", "this kind of laboratory message is not read");
    return hl7_read_results(in, is_one_of(trigger, by_specimen));
}

static bool read_by_type(struct hl7_in *in)
{
    static const char *const orders[] = { "ORM", "OMG", "OML", "OMI", "OMP", "RDE", NULL };
    struct slice type = hl7_part(in, 0, 9, 1), trigger = hl7_part(in, 0, 9, 2);
    if (slice_is(type, "ADT")) /* v2.1 and v2.2 name the event in EVN-1 alone */
        return hl7_read_adt(
            in, trigger.len > 0 ? trigger : hl7_part(in, hl7_segment_find(in->m, SLICE("EVN"), 1), 1, 1));
    if (slice_is(type, "ORU"))
        return read_observations(in, trigger);
    if (slice_is(type, "OUL"))
        return read_laboratory(in, trigger);
    if (slice_is(type, "SIU"))
        return hl7_read_appointment(in, trigger);
    if (is_one_of(type, orders))
        return hl7_read_orders(in);
    if (slice_is(type, "MFN"))
        return hl7_read_master(in, trigger);
    if (slice_is(type, "PMU")) /* v2.3 and v2.4 may name the event in EVN-1 alone */
        return hl7_read_personnel(
            in, trigger.len > 0 ? trigger : hl7_part(in, hl7_segment_find(in->m, SLICE("EVN"), 1), 1, 1));
    return error_at(in->err, ERROR_UNSUPPORTED, "MSH-9", "this message type is not read");
}

/* Roles of patient and visit. PCD-04 (R40) names whom to tell in them, and PCD-10 (R42) nobody; a movement
 * that is history only (ZBE-5) assigns nobody now. */
static bool read_roles(struct hl7_in *in)
{
    struct slice trigger = hl7_part(in, 0, 9, 2);
    size_t zbe = hl7_segment_find(in->m, SLICE("ZBE"), 1);

    return slice_is(trigger, "R40") || slice_is(trigger, "R42") || slice_is(hl7_part(in, zbe, 5, 1), "Y") ||
           hl7_read_care(in);
}

/* An answer to a query or an order, or the status of an alert (ORA, ORF, ORR, ORL ...): nothing in it is new
 * to who asked. A bare ACK is none of them and belongs to the connection that it came on. An unsolicited
 * result, order or movement that carries an MSA all the same is read as what it is. */
static bool is_answer(const struct hl7_in *in, struct slice type)
{
    static const char *const own[] = { "ORU", "OUL", "ORM", "OMG", "OML", "ADT", "SIU", NULL };
    static const char *const answers[] = { "ORA", "ORF", "ORR", "ORL", "ORG", "ORI", "ORP", "RRE", NULL };
    return is_one_of(type, answers) || (in->header.is_answer && !is_one_of(type, own));
}

/* A message that goes on in another one (DSC-1), or goes on from one (MSH-14): half of it may mean what the
 * whole does not. */
static bool is_whole(struct hl7_in *in)
{
    size_t dsc = hl7_segment_find(in->m, SLICE("DSC"), 1);
    bool goes_on = hl7_part(in, dsc, 1, 1).len > 0;

    if (!goes_on && slice_trim(in->header.continuation).len == 0)
        return true;
    return error_at(in->err, ERROR_UNSUPPORTED, goes_on ? "DSC-1" : "MSH-14",
                    "a message in several pieces is not read");
}

bool reading_from_hl7(struct arena *a, const struct hl7_message *m, const struct event_source *src,
                      struct reading *out, struct error *err)
{
    struct hl7_in in = { .draft = draft_make(a, src, out), .m = m, .err = err };
    hl7_header_read(m, &in.header);
    struct slice type = hl7_part(&in, 0, 9, 1);
    if (slice_is(type, "ACK") || slice_is(type, "MCF") || (in.header.is_answer && type.len == 0))
        return error_at(err, ERROR_UNSUPPORTED, "MSA", "an acknowledgement holds no event");
    if (is_answer(&in, type))
        return is_context(&in);
    if (!is_whole(&in))
        return false;
    in.sender = draft_sender(&in.draft, hl7_part(&in, 0, 3, 1), hl7_part(&in, 0, 4, 1));
    read_message_time(&in);
    in.test = is_test(&in);
    return read_by_type(&in) && read_roles(&in);
}
