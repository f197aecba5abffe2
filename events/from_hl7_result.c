/* ORU^R01 and its like: one OBX, one event (LANGUAGE section 3; HL7 v2 chapter 7). This file walks over
 * the patients and orders; from_hl7_result_obx.c reads an observation. */
#include "events/from_hl7_result.h"

#include "base/limits.h"

/* Where the walk over the segments stands. */
struct walk {
    struct hl7_order order;
    struct event shared; /* patient and place of this group */
    bool shared_ready;
    size_t pid, pv1; /* of this group; HL7_NONE: none */
    bool specimens;  /* OUL^R22 to R24: SPM begins a group, and its own OBX belong to no order */
    uint32_t obx_seen;
    bool order_seen;
    struct seen_table seen;
};

static struct seen_table seen_make(struct hl7_in *in)
{
    size_t size = 16, wanted = 2 * hl7_message_segments(in->m);
    while (size < wanted && size < (size_t)2 * LIMIT_EVENTS_PER_MESSAGE)
        size *= 2;
    return (struct seen_table){ arena_array(in->draft.arena, size, sizeof(uint32_t)), size };
}

static struct hl7_order order_at(size_t orc, size_t obr, size_t from)
{
    return (struct hl7_order){ .orc = orc, .obr = obr, .from = from, .time_us = TIME_NONE };
}

/* A further PID: what follows is another patient's. The first group also holds what stands before its PID. */
static void begin_patient(struct hl7_in *in, struct walk *w, size_t pid)
{
    size_t next = hl7_segment_next(in->m, SLICE("PID"), pid + 1);
    w->pv1 = hl7_within(in, "PV1", w->pid == HL7_NONE ? 1 : pid, next);
    w->pid = pid;
    w->shared_ready = false;
    w->order = order_at(HL7_NONE, HL7_NONE, pid);
}

/* The ORC stands before its OBR in an ORU, behind it in an OUL^R22. */
static void take_orc(struct walk *w, size_t at)
{
    if (w->specimens && w->order.obr != HL7_NONE && w->order.orc == HL7_NONE && !w->order.ready)
        w->order.orc = at;
    else
        w->order = order_at(at, HL7_NONE, at);
}

static void take_obr(struct walk *w, size_t at)
{
    bool has_orc = w->order.orc != HL7_NONE && w->order.obr == HL7_NONE && !w->order.ready;
    w->order_seen = true;
    w->order = order_at(has_orc ? w->order.orc : HL7_NONE, at, has_orc ? w->order.from : at);
}

/* The number that the filler gave; the placer's where there is none. */
static struct slice order_number(struct hl7_in *in, const struct hl7_order *o)
{
    const struct {
        size_t segment;
        uint32_t field;
    } places[] = { { o->obr, 3 }, { o->orc, 3 }, { o->obr, 2 }, { o->orc, 2 } };
    struct slice id = { NULL, 0 };
    for (size_t i = 0; i < sizeof places / sizeof places[0] && id.len == 0; i++)
        id = draft_entity(&in->draft, hl7_part(in, places[i].segment, places[i].field, 1),
                          hl7_part(in, places[i].segment, places[i].field, 2),
                          hl7_part(in, places[i].segment, places[i].field, 3));
    return id;
}

static int64_t order_time(struct hl7_in *in, size_t obr)
{
    int64_t reported = hl7_instant(in, obr, 22, 1);
    int64_t taken = reported == TIME_NONE ? hl7_instant(in, obr, 7, 1) : reported;
    return taken == TIME_NONE ? in->message_us : taken;
}

static void read_shared(struct hl7_in *in, struct walk *w, size_t first_obx)
{
    struct hl7_order *o = &w->order;
    if (!w->shared_ready) {
        w->shared = hl7_event_of(in, EVENT_RESULT, PHASE_FINAL, w->pid, w->pv1);
        w->shared_ready = true;
    }
    if (o->ready)
        return;
    struct slice filler = order_number(in, o);
    const struct slice parts[] = { SLICE("result"), filler,
                                   filler.len > 0 ? SLICE("") : w->shared.patient.id };
    o->key = draft_identity(&in->draft, in->sender, parts, 3);
    o->parent = hl7_part(in, o->obr, 26, 2);
    o->status = hl7_part(in, o->obr, 25, 1);
    o->provider = hl7_person(in, o->obr, 16);
    if (o->provider.id.len + o->provider.name.len == 0)
        o->provider = hl7_person(in, o->orc, 12);
    o->priority = hl7_order_priority(in, o->from, first_obx);
    o->time_us = order_time(in, o->obr);
    o->ready = true;
}

static bool take_segment(struct hl7_in *in, struct walk *w, size_t at)
{
    struct slice name = hl7_segment_name(in->m, at);
    if (slice_is(name, "OBX")) {
        read_shared(in, w, at);
        return hl7_read_observation(in, &w->shared, &w->order, &w->seen, at, ++w->obx_seen);
    }
    if (slice_is(name, "PID"))
        begin_patient(in, w, at);
    else if (slice_is(name, "ORC"))
        take_orc(w, at);
    else if (slice_is(name, "OBR"))
        take_obr(w, at);
    else if (w->specimens && slice_is(name, "SPM"))
        w->order = order_at(HL7_NONE, HL7_NONE, at);
    return true;
}

bool hl7_read_results(struct hl7_in *in, bool specimens)
{
    struct walk w = { .order = order_at(HL7_NONE, HL7_NONE, 1),
                      .pid = HL7_NONE,
                      .pv1 = hl7_segment_find(in->m, SLICE("PV1"), 1),
                      .specimens = specimens,
                      .seen = seen_make(in) };
    draft_reserve(&in->draft, hl7_message_segments(in->m));
    for (size_t i = 1; i < hl7_message_segments(in->m); i++)
        if (!take_segment(in, &w, i))
            return false;
    in->draft.out->context_only = in->draft.out->event_count == 0;
    if (w.obx_seen == 0 && !w.order_seen)
        return error_at(in->err, ERROR_MISSING, "OBX", "a result message without OBR and OBX");
    return true;
}
