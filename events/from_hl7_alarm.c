/* PCD-04 (ORU^R40) and nurse-call alerts into alarm and call events: IHE PCD TF-2 3.4 and B.8, with the
 * faults that are seen in the field (docs/rules/events.md lists them). */
#include "events/from_hl7_facets.h"
#include "events/mdc.h"

#include <string.h>

/* What the seven facets say, before it becomes an event. */
struct alert {
    const struct alert_group *group;
    struct sent_code code;
    struct slice metric_ref; /* ref-id of the source, for device.type of technical alerts */
    bool technical;
    size_t event_obx;
    const char *where;
    unsigned flags[FACET_COUNT]; /* enum flag, of each facet's OBX-8 */
    enum event_priority flagged; /* the most urgent one of OBX-8 */
};

/* May this OBX-3 name the phase, by number or by name? Asked of every OBX of every result: no decoding. */
static bool may_be_phase(struct hl7_in *in, size_t obx)
{
    enum { LONGEST = 200 };
    struct slice raw;
    if (hl7_get(in->m, obx, 3, 1, 0, 0, &raw) != HL7_VALUE || raw.len > LONGEST)
        return false;
    for (size_t at = 0; at + 5 <= raw.len; at++)
        if (memcmp(raw.ptr + at, "68481", 5) == 0 || memcmp(raw.ptr + at, "PHASE", 5) == 0)
            return true;
    return false;
}

bool hl7_is_alarm(struct hl7_in *in)
{
    for (size_t i = hl7_segment_find(in->m, SLICE("OBX"), 1); i != HL7_NONE;
         i = hl7_segment_next(in->m, SLICE("OBX"), i + 1)) {
        if (!may_be_phase(in, i))
            continue;
        struct coded c = hl7_coded(in, i, 3, false);
        if (c.number == MDC_EVENT_PHASE || slice_is(c.ref, "MDC_ATTR_EVENT_PHASE"))
            return true;
    }
    struct coded order = hl7_coded(in, hl7_segment_find(in->m, SLICE("OBR"), 1), 4, false);
    return order.number == MDC_EVT_ALARM;
}

/* The number and the name of a term should agree. When they do not, both are looked up and the more
 * urgent reading wins; when only the name is known, it wins. Always a finding. */
static void settle_code(struct hl7_in *in, struct sent_code *code, const char *where)
{
    uint32_t number, by_ref = mdc_code(code->ref);
    if (by_ref == 0 || !slice_to_u32(code->code, &number) || number == by_ref || number == 0 ||
        number == by_ref + 1)
        return;
    struct sent_code other = *code;
    other.code = arena_printf(in->draft.arena, "%u", (unsigned)by_ref);
    const struct catalogue_row *here = draft_row(&in->draft, code), *there = draft_row(&in->draft, &other);
    draft_finding(&in->draft, "code-mismatch", where,
                  arena_printf(in->draft.arena, "%.*s|%.*s", SLICE_ARG(code->code), SLICE_ARG(code->ref)));
    if (here == NULL || (there != NULL && there->class < here->class))
        *code = other;
}

/* OBX-5 as what people read: CWE.9, else the name (wherever it stands), else the whole text. */
static struct slice shown_text(struct hl7_in *in, size_t obx)
{
    struct slice original = hl7_part(in, obx, 5, 9);
    struct coded c = hl7_coded(in, obx, 5, false);
    return original.len > 0 ? original : c.ref.len > 0 ? c.ref : c.code;
}

static bool is_generic(const struct coded *c)
{
    return c->number == MDC_EVT_ALARM || slice_is(c->ref, "MDC_EVT_ALARM") ||
           slice_eq_nocase(c->code, SLICE("ALARM"));
}

static void read_source(struct hl7_in *in, struct alert *a)
{
    size_t obx = a->group->facets[FACET_SOURCE];
    struct coded c = hl7_coded(in, obx, 3, true);
    if (c.number == MDC_ALERT_SOURCE || slice_is(c.ref, "MDC_ATTR_ALERT_SOURCE") || c.number == 68164)
        c = hl7_coded(in, obx, 5, false);
    uint32_t by_ref = c.number == 0 ? mdc_code(c.ref) : 0;
    a->code.source = by_ref > 0 ? arena_printf(in->draft.arena, "%u", (unsigned)by_ref) : c.code;
    a->metric_ref = c.ref;
}

static void read_code(struct hl7_in *in, struct alert *a)
{
    size_t obx = a->group->facets[FACET_EVENT], text = a->group->facets[FACET_TEXT];
    a->event_obx = obx;
    a->where = hl7_where(in, obx, 3);
    if (obx == HL7_NONE) {
        a->where = "OBX";
        draft_finding(&in->draft, "no-facet", "OBX", SLICE("1"));
    }
    struct coded c = hl7_coded(in, obx, 3, true);
    a->technical = is_generic(&c);
    if (a->technical) { /* the event itself is the value */
        struct coded value = hl7_coded(in, obx, 5, true);
        if (value.code.len + value.ref.len > 0)
            c = value;
    }
    a->code = (struct sent_code){ c.system, c.code, c.ref, shown_text(in, obx), { NULL, 0 } };
    if (text != HL7_NONE)
        a->code.text = hl7_part(in, text, 5, 1);
    if (a->code.code.len == 0 && mdc_code(c.ref) > 0)
        a->code.code = arena_printf(in->draft.arena, "%u", (unsigned)mdc_code(c.ref));
    read_source(in, a);
    settle_code(in, &a->code, a->where);
}

/* OBX-8 of each facet, read once. */
enum flag { FLAG_TEST = 1, FLAG_DEMO = 2, FLAG_CAL = 4, FLAG_INVALID = 8 };

static unsigned flag_of(struct slice token)
{
    static const struct {
        struct slice token;
        unsigned flag;
    } tokens[] = { { SLICE_INIT("TEST"), FLAG_TEST },
                   { SLICE_INIT("DEMO"), FLAG_DEMO },
                   { SLICE_INIT("CAL"), FLAG_CAL },
                   { SLICE_INIT("INV"), FLAG_INVALID },
                   { SLICE_INIT("NAV"), FLAG_INVALID } };
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (slice_eq_nocase(token, tokens[i].token))
            return tokens[i].flag;
    return 0;
}

static bool is_priority(struct slice token)
{
    return token.len == 2 && (token.ptr[0] | 0x20) == 'p';
}

static void read_flags(struct hl7_in *in, struct alert *a)
{
    for (size_t f = FACET_EVENT; f <= FACET_TYPE; f++) {
        size_t obx = a->group->facets[f];
        uint32_t repetitions = hl7_repetitions(in->m, obx, 8);
        for (uint32_t rep = 1; rep <= repetitions; rep++) {
            struct slice token = hl7_part_at(in, obx, 8, rep, 1, 0);
            enum event_priority p;
            a->flags[f] |= flag_of(token);
            if (f <= FACET_STATE && is_priority(token) && priority_of_word(token, &p) &&
                (a->flagged == PRIORITY_NONE || p < a->flagged))
                a->flagged = p;
        }
    }
}

/* What OBX-8 says counts only where facet 6 does not say it. */
static enum event_priority read_priority(struct hl7_in *in, const struct alert *a)
{
    enum event_priority p = PRIORITY_NONE;
    size_t facet = a->group->facets[FACET_PRIORITY];
    if (facet != HL7_NONE && priority_of_word(hl7_part(in, facet, 5, 1), &p))
        return p;
    if (facet != HL7_NONE)
        draft_finding(&in->draft, "unknown-priority", hl7_where(in, facet, 5), (struct slice){ NULL, 0 });
    return a->flagged;
}

/* Repeats (IHE PCD TF-2 B.8.7.5): what silences most is what counts. */
static struct slice read_inactivation(struct hl7_in *in, size_t obx)
{
    static const char *const words[] = { "alarm-off",    "alarm-paused",       "audio-off",
                                         "audio-paused", "alert-acknowledged", "enabled" };
    enum { WORDS = sizeof words / sizeof words[0] };
    struct slice found = { NULL, 0 };
    size_t best = WORDS + 1;
    uint32_t repetitions = hl7_repetitions(in->m, obx, 5);
    for (uint32_t rep = 1; rep <= repetitions; rep++) {
        struct slice word = hl7_part_at(in, obx, 5, rep, 1, 0);
        size_t rank = 0;
        while (rank < WORDS && !slice_eq_nocase(word, slice_of(words[rank])))
            rank++;
        if (word.len > 0 && rank < best) {
            found = rank < WORDS ? slice_of(words[rank]) : word;
            best = rank;
        }
    }
    return found;
}

/* Somebody stood at the device: any repetition says so. */
static bool seen_at_source(struct hl7_in *in, size_t obx)
{
    uint32_t repetitions = hl7_repetitions(in->m, obx, 5);
    for (uint32_t rep = 1; rep <= repetitions; rep++) {
        struct slice word = hl7_part_at(in, obx, 5, rep, 1, 0);
        if (slice_eq_nocase(word, SLICE("audio-paused")) ||
            slice_eq_nocase(word, SLICE("alert-acknowledged")))
            return true;
    }
    return false;
}

static enum event_phase read_phase(struct hl7_in *in, const struct alert_group *g, struct event *e)
{
    enum event_phase phase = PHASE_UPDATES;
    size_t facet = g->facets[FACET_PHASE], event = g->facets[FACET_EVENT];
    struct slice status = hl7_part(in, event, 11, 1);
    if (slice_is(status, "W") || slice_is(status, "D"))
        return PHASE_WITHDRAWN;
    if (facet == HL7_NONE || !phase_of_word(hl7_part(in, facet, 5, 1), &phase)) {
        draft_finding(&in->draft, facet == HL7_NONE ? "no-phase" : "unknown-phase",
                      facet == HL7_NONE ? "OBX" : hl7_where(in, facet, 5), (struct slice){ NULL, 0 });
        if (slice_is(e->state, "inactive") || slice_is(e->state, "off"))
            return PHASE_ENDS;
        return facet == HL7_NONE ? PHASE_STARTS : PHASE_UPDATES;
    }
    bool attended = phase == PHASE_UPDATES && seen_at_source(in, g->facets[FACET_INACTIVATION]);
    return attended ? PHASE_ATTENDED : phase;
}

static bool says_test(const struct hl7_in *in, const struct alert *a)
{
    const struct event_source *src = in->draft.src;
    unsigned flags = 0;
    for (size_t f = FACET_EVENT; f <= FACET_TYPE; f++)
        flags |= a->flags[f];
    return ((flags & FLAG_TEST) != 0 && !src->allow_test) ||
           ((flags & FLAG_DEMO) != 0 && !src->allow_debug) || (flags & FLAG_CAL) != 0;
}

static bool lost_its_signal(const struct alert *a)
{
    return ((a->flags[FACET_EVENT] | a->flags[FACET_SOURCE]) & FLAG_INVALID) != 0;
}

/* OBX-18 is an EI: id in component 1, or in 3 where only that is filled. */
static struct slice device_of(struct hl7_in *in, const struct alert_group *g)
{
    const size_t places[] = { g->facets[FACET_EVENT], g->facets[FACET_SOURCE], g->device };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct slice id = hl7_part(in, places[i], 18, 1), universal = hl7_part(in, places[i], 18, 3);
        if (id.len + universal.len > 0)
            return id.len > 0 ? id : universal;
    }
    return (struct slice){ NULL, 0 };
}

/* The first containment OBX names the device; a technical alert names it as its source. */
static struct slice device_type(struct hl7_in *in, const struct alert *a)
{
    struct coded c = hl7_coded(in, a->group->device, 3, false);
    if (c.ref.len == 0 && a->technical)
        return a->metric_ref;
    return c.ref.len > 0 ? c.ref : c.code;
}

/* OBR-29.2 holds the first message's OBR-3 as sub-components; some senders put one string into 29.1. */
static struct slice entity_of(struct hl7_in *in, const struct alert_group *g)
{
    struct slice parent = group_obr(in, g, 29, 2, 1);
    if (parent.len > 0)
        return draft_entity(&in->draft, parent, group_obr(in, g, 29, 2, 2), group_obr(in, g, 29, 2, 3));
    parent = group_obr(in, g, 29, 1, 1);
    if (parent.len > 0)
        return draft_entity(&in->draft, parent, group_obr(in, g, 29, 1, 2), group_obr(in, g, 29, 1, 3));
    return draft_entity(&in->draft, group_obr(in, g, 3, 1, 0), group_obr(in, g, 3, 2, 0),
                        group_obr(in, g, 3, 3, 0));
}

static struct slice identity_of(struct hl7_in *in, const struct alert *a, const struct event *e)
{
    struct slice entity = entity_of(in, a->group);
    if (entity.len > 0)
        return draft_identity(&in->draft, in->sender, &entity, 1);
    const struct slice parts[] = { e->device_id, a->group->prefix, e->code.len > 0 ? e->code : e->raw_code,
                                   e->raw_text,  e->place.unit,    e->place.room,
                                   e->place.bed };
    return draft_identity(&in->draft, in->sender, parts, sizeof parts / sizeof parts[0]);
}

static int64_t time_of(struct hl7_in *in, const struct alert_group *g)
{
    int64_t t = hl7_instant(in, g->facets[FACET_EVENT], 14, 1);
    if (t == TIME_NONE)
        t = hl7_instant_of(in, group_obr(in, g, 7, 1, 0));
    return t == TIME_NONE ? in->message_us : t;
}

/* The measured value and its limits stand in facet 2, unless that names a device. */
static void read_values(struct hl7_in *in, const struct alert *a, struct event *e)
{
    size_t obx = a->group->facets[FACET_SOURCE];
    const struct catalogue_row *row = catalogue_named(in->draft.src->catalogue, e->code);
    struct slice unit = hl7_units(in, obx, 6), row_unit = row != NULL ? row->unit : (struct slice){ NULL, 0 };
    struct coded c = hl7_coded(in, obx, 3, false);
    if (obx == HL7_NONE || c.number == MDC_ALERT_SOURCE || slice_is(c.ref, "MDC_ATTR_ALERT_SOURCE"))
        return;
    struct slice in_value = { NULL, 0 }, in_range = { NULL, 0 };
    e->value = hl7_quantity(in, obx, &in_value);
    e->threshold = hl7_range(in, obx, &in_range);
    unit = unit.len > 0 ? unit : in_value;
    quantity_set_unit(&e->value, unit, row_unit);
    quantity_set_unit(&e->threshold, in_range.len > 0 ? in_range : unit, row_unit);
}

/* A keep-alive only shows that the source lives; `inactive` announces a planned stop. */
static bool read_heartbeat(struct hl7_in *in, const struct alert *a)
{
    uint32_t by_ref = mdc_code(a->code.ref), number = 0;
    slice_to_u32(a->code.code, &number);
    bool beat = number == MDC_EVT_ACTIVE || number == MDC_EVT_WATCHDOG || by_ref == MDC_EVT_ACTIVE ||
                by_ref == MDC_EVT_WATCHDOG;
    if (!beat)
        return false;
    in->draft.out->heartbeat = true;
    in->draft.out->planned_stop = slice_is(hl7_part(in, a->group->facets[FACET_STATE], 5, 1), "inactive");
    return true;
}

static struct event alarm_event(struct hl7_in *in, const struct alert *a)
{
    const struct alert_group *g = a->group;
    struct event e = hl7_event(in, EVENT_ALARM, PHASE_STARTS);
    e.priority = read_priority(in, a);
    e.state = hl7_part(in, g->facets[FACET_STATE], 5, 1);
    e.inactivation = read_inactivation(in, g->facets[FACET_INACTIVATION]);
    e.phase = read_phase(in, g, &e);
    e.test = e.test || says_test(in, a);
    e.device_id = device_of(in, g);
    e.device_type = device_type(in, a);
    e.time_us = time_of(in, g);
    draft_classify(&in->draft, &e, &a->code, a->where);
    read_values(in, a, &e);
    e.signal_lost = e.phase == PHASE_ENDS && lost_its_signal(a);
    if (e.kind == EVENT_CALL)
        e.actor = hl7_person(in, a->event_obx, 16);
    e.identity = identity_of(in, a, &e);
    e.part = a->event_obx != HL7_NONE ? (uint32_t)hl7_segment_occurrence(in->m, a->event_obx) : 0;
    return e;
}

/* Evidence repeats its alert in a further OBR; another alert in the same message is one too many, and is
 * delivered all the same. */
static bool deliver(struct hl7_in *in, struct event *e, const struct alert *a)
{
    struct reading *out = in->draft.out;
    for (size_t i = 0; i < out->event_count; i++) {
        const struct event *other = &out->events[i];
        if (!slice_eq(other->identity, e->identity))
            continue;
        if (slice_eq(other->raw_code, e->raw_code) && slice_eq(other->raw_text, e->raw_text))
            return true;
        const struct slice parts[] = { a->group->prefix, e->raw_code, e->raw_text };
        e->identity = draft_identity(&in->draft, e->identity, parts, 3);
    }
    if (out->event_count > 0)
        draft_finding(&in->draft, "two-alerts", a->where, e->raw_code);
    return draft_event(&in->draft, e, in->err);
}

/* A group without event and phase is evidence (waveforms, readings), not an alert. */
static bool is_alert(const struct alert_group *g)
{
    return g->facets[FACET_EVENT] != HL7_NONE || g->facets[FACET_PHASE] != HL7_NONE;
}

bool hl7_read_alarm(struct hl7_in *in)
{
    struct alert_group *groups;
    size_t count, seen = 0;
    if (!hl7_alert_groups(in, &groups, &count))
        return false;
    draft_reserve(&in->draft, 1); /* nearly always */
    for (size_t i = 0; i < count; i++) {
        struct alert a = { .group = &groups[i] };
        if (!is_alert(a.group))
            continue;
        seen++;
        read_code(in, &a);
        if (read_heartbeat(in, &a))
            continue;
        read_flags(in, &a);
        struct event e = alarm_event(in, &a);
        if (!deliver(in, &e, &a))
            return false;
    }
    if (seen == 0)
        return error_at(in->err, ERROR_MISSING, "OBX", "no OBX says which event this alert is about");
    in->draft.out->context_only = in->draft.out->event_count == 0;
    return true;
}
