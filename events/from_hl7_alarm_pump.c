/* ORU^R42 (IHE PCD-10, infusion pump events): what a pump did, for the record of the infusion. An event of
 * it rings only where the site's catalogue or map names it; the rest is understood and listed. */
#include "events/from_hl7_facets.h"
#include "events/mdc.h"

static bool is_condition(const struct coded *c)
{
    return c->number == MDC_EVENT_CONDITION || slice_is(c->ref, "MDC_ATTR_EVT_COND");
}

static struct slice device_of(struct hl7_in *in, size_t obx)
{
    struct slice id = hl7_part(in, obx, 18, 1);
    return id.len > 0 ? id : hl7_part(in, obx, 18, 3);
}

static struct slice identity_of(struct hl7_in *in, const struct event *e, size_t obr, size_t obx)
{
    struct slice entity =
        draft_entity(&in->draft, hl7_part(in, obr, 3, 1), hl7_part(in, obr, 3, 2), hl7_part(in, obr, 3, 3));
    const struct slice parts[] = { SLICE("pump"), entity.len > 0 ? entity : e->device_id, e->raw_code,
                                   hl7_part(in, obx, 4, 1) };
    return draft_identity(&in->draft, in->sender, parts, 4);
}

/* `device` is the first OBX with an OBX-18: that of the device tree. */
static bool read_condition(struct hl7_in *in, size_t obr, size_t obx, size_t device)
{
    struct event e = hl7_event(in, EVENT_ALARM, PHASE_STARTS);
    struct coded c = hl7_coded(in, obx, 5, true), type = hl7_coded(in, device, 3, false);
    struct sent_code sent = { c.system, c.code, c.ref, c.text, { NULL, 0 } };
    const struct catalogue_row *row = draft_row(&in->draft, &sent);
    if (row == NULL) {
        draft_unmapped(&in->draft, &sent, hl7_where(in, obx, 5));
        return true;
    }
    draft_take_row(&e, &sent, row);
    e.device_id = device_of(in, device);
    e.device_type = type.ref.len > 0 ? type.ref : type.code;
    e.time_us = hl7_instant(in, obx, 14, 1);
    if (e.time_us == TIME_NONE)
        e.time_us = hl7_instant(in, obr, 7, 1);
    if (e.time_us == TIME_NONE)
        e.time_us = in->message_us;
    e.identity = identity_of(in, &e, obr, obx);
    e.part = (uint32_t)hl7_segment_occurrence(in->m, obx);
    return draft_event(&in->draft, &e, in->err);
}

bool hl7_read_pump_event(struct hl7_in *in)
{
    size_t obr = HL7_NONE, device = HL7_NONE, conditions = 0;
    for (size_t i = 1; i < hl7_message_segments(in->m); i++) {
        struct slice name = hl7_segment_name(in->m, i);
        if (slice_is(name, "OBR"))
            obr = i;
        if (!slice_is(name, "OBX"))
            continue;
        if (device == HL7_NONE && device_of(in, i).len > 0)
            device = i;
        struct coded c = hl7_coded(in, i, 3, false);
        if (!is_condition(&c))
            continue;
        conditions++;
        if (!read_condition(in, obr, i, device))
            return false;
    }
    if (conditions == 0) /* facets without a phase are all that is left to look for */
        return hl7_read_alarm(in);
    in->draft.out->context_only = in->draft.out->event_count == 0;
    return true;
}
