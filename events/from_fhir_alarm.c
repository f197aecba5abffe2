/* Alarms sent as Observation: the seven facets of PCD-04 as code, components and interpretation
 * (docs/rules/events.md has the table and examples/messages/ the files). */
#include "events/from_fhir.h"

#include "events/mdc.h"

enum { MDC_METRIC_FIRST = 131072 }; /* partition 2: what is measured */

/* Components by their MDC code; FHIR_NONE when absent. */
struct facets {
    uint32_t phase, state, inactivation, priority, source, metric;
    struct slice metric_code;
};

static bool mdc_number(const struct sent_code *c, uint32_t *out)
{
    return slice_is(c->system, "MDC") && slice_to_u32(c->code, out);
}

static struct facets find_facets(struct fhir_in *in, uint32_t observation)
{
    struct facets f = { FHIR_NONE, FHIR_NONE, FHIR_NONE, FHIR_NONE, FHIR_NONE, FHIR_NONE, { NULL, 0 } };
    uint32_t list = fhir_child(in->t, observation, "component");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t component = fhir_item(in->t, list, i), n;
        struct sent_code c;
        if (!in_coding(in, fhir_child(in->t, component, "code"), &c) || !mdc_number(&c, &n))
            continue;
        if (n == MDC_EVENT_PHASE)
            f.phase = component;
        else if (n == MDC_ALARM_STATE)
            f.state = component;
        else if (n == MDC_INACTIVATION)
            f.inactivation = component;
        else if (n == MDC_ALARM_PRIORITY)
            f.priority = component;
        else if (n == MDC_ALERT_SOURCE)
            f.source = component;
        else if (n >= MDC_METRIC_FIRST && n < MDC_EVT_PARTITION && f.metric == FHIR_NONE) {
            f.metric = component;
            f.metric_code = c.code;
        }
    }
    return f;
}

/* A component's word: valueString, valueCode or the first coding of its concept. */
static struct slice word(const struct fhir_in *in, uint32_t component)
{
    static const char *const forms[] = { "valueString", "valueCodeableConcept.coding.code",
                                         "valueCodeableConcept.text" };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct slice s = in_get(in, component, forms[i]);
        if (s.len > 0)
            return s;
    }
    return (struct slice){ NULL, 0 };
}

bool fhir_is_alarm(struct fhir_in *in, uint32_t observation)
{
    struct sent_code c = { .code = { NULL, 0 } };
    uint32_t category = fhir_child(in->t, observation, "category"), n = 0;
    if (in_has_code(in, category, "alert") || in_has_code(in, category, "alarm"))
        return true;
    in_coding(in, fhir_child(in->t, observation, "code"), &c);
    if (mdc_number(&c, &n) && n >= MDC_EVT_PARTITION && n < MDC_EVT_END)
        return true;
    const struct catalogue_row *row = draft_row(&in->draft, &c);
    if (row != NULL)
        return row->kind == EVENT_ALARM || row->kind == EVENT_CALL;
    return find_facets(in, observation).phase != FHIR_NONE;
}

static enum event_phase phase_of(struct fhir_in *in, uint32_t observation, const struct facets *f,
                                 const struct event *e)
{
    struct slice status = in_get(in, observation, "status");
    enum event_phase phase = PHASE_STARTS;
    if (slice_is(status, "cancelled") || slice_is(status, "entered-in-error"))
        return PHASE_WITHDRAWN;
    if (f->phase == FHIR_NONE) { /* a period that has ended is an alarm that has */
        if (slice_is(status, "amended") || slice_is(status, "corrected"))
            phase = PHASE_UPDATES;
        return in_get(in, observation, "effectivePeriod.end").len > 0 ? PHASE_ENDS : phase;
    }
    if (!phase_of_word(word(in, f->phase), &phase)) {
        draft_finding(&in->draft, "unknown-phase", in_where(in, f->phase), (struct slice){ NULL, 0 });
        return PHASE_UPDATES;
    }
    bool seen_at_source =
        slice_is(e->inactivation, "audio-paused") || slice_is(e->inactivation, "alert-acknowledged");
    return phase == PHASE_UPDATES && seen_at_source ? PHASE_ATTENDED : phase;
}

static enum event_priority priority_of(struct fhir_in *in, uint32_t observation, const struct facets *f)
{
    static const char *const codes[] = { "PH", "PM", "PL", "PI", "PN" };
    enum event_priority p = PRIORITY_NONE;
    if (f->priority != FHIR_NONE && priority_of_word(word(in, f->priority), &p))
        return p;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (in_has_code(in, fhir_child(in->t, observation, "interpretation"), codes[i]) &&
            priority_of_word(slice_of(codes[i]), &p))
            return p;
    return PRIORITY_NONE;
}

static void read_device(struct fhir_in *in, uint32_t observation, struct event *e)
{
    uint32_t reference = fhir_child(in->t, observation, "device"), device = in_resolve(in, reference);
    struct sent_code type = { .code = { NULL, 0 } };
    uint32_t n;
    if (slice_is(fhir_type(in->t, device), "DeviceMetric")) {
        e->device_state = in_get(in, device, "operationalStatus");
        reference = fhir_child(in->t, device, "source");
        device = in_resolve(in, reference);
    }
    e->device_id = in_get(in, device, "identifier.value");
    if (e->device_id.len == 0)
        e->device_id = in_get(in, reference, "identifier.value");
    if (e->device_id.len == 0)
        e->device_id = in_get(in, reference, "display");
    if (!in_coding(in, fhir_child(in->t, device, "type"), &type))
        return;
    const char *ref = mdc_number(&type, &n) ? mdc_ref(n) : NULL;
    e->device_type = ref != NULL         ? slice_of(ref)
                     : type.ref.len > 0  ? type.ref
                     : type.code.len > 0 ? type.code
                                         : type.text;
}

static int64_t time_of(const struct fhir_in *in, uint32_t observation, enum event_phase phase)
{
    static const char *const places[] = { "effectiveDateTime", "effectiveInstant", "effectivePeriod.start",
                                          "issued" };
    int64_t end = in_instant(in, observation, "effectivePeriod.end");
    if (phase == PHASE_ENDS && end != TIME_NONE)
        return end;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int64_t t = in_instant(in, observation, places[i]);
        if (t != TIME_NONE)
            return t;
    }
    return TIME_NONE;
}

/* The event code; a generic alarm (196616) carries it as its value, as in PCD-04. */
static struct sent_code event_code(struct fhir_in *in, uint32_t observation, const struct facets *f)
{
    struct sent_code c = { .code = { NULL, 0 } }, value, source;
    uint32_t n = 0;
    in_coding(in, fhir_child(in->t, observation, "code"), &c);
    if (mdc_number(&c, &n) && n == MDC_EVT_ALARM &&
        in_coding(in, fhir_child(in->t, observation, "valueCodeableConcept"), &value))
        c = value;
    c.source = f->metric_code;
    if (f->source != FHIR_NONE &&
        in_coding(in, fhir_child(in->t, f->source, "valueCodeableConcept"), &source))
        c.source = source.code;
    if (c.ref.len == 0 && slice_is(c.system, "MDC") && slice_to_u32(c.code, &n) && mdc_ref(n) != NULL)
        c.ref = slice_of(mdc_ref(n));
    return c;
}

static bool is_heartbeat(const struct sent_code *c)
{
    uint32_t n;
    return mdc_number(c, &n) && (n == MDC_EVT_ACTIVE || n == MDC_EVT_WATCHDOG);
}

static void read_values(struct fhir_in *in, uint32_t observation, const struct facets *f, struct event *e)
{
    const struct catalogue_row *row = catalogue_named(in->draft.src->catalogue, e->code);
    struct slice unit = row != NULL ? row->unit : (struct slice){ NULL, 0 };
    uint32_t holder = f->metric != FHIR_NONE ? f->metric : observation;
    e->value = in_quantity(in, fhir_child(in->t, holder, "valueQuantity"), unit);
    e->threshold = in_range(in, fhir_item(in->t, fhir_child(in->t, holder, "referenceRange"), 0), unit);
}

bool fhir_read_alarm(struct fhir_in *in, uint32_t observation)
{
    struct facets f = find_facets(in, observation);
    struct sent_code code = event_code(in, observation, &f);
    struct event e = in_event(in, observation, EVENT_ALARM, PHASE_STARTS);
    if (is_heartbeat(&code)) {
        in->draft.out->heartbeat = true;
        in->draft.out->planned_stop = slice_is(word(in, f.state), "inactive");
        return true;
    }
    e.priority = priority_of(in, observation, &f);
    e.state = word(in, f.state);
    e.inactivation = word(in, f.inactivation);
    e.phase = phase_of(in, observation, &f, &e);
    e.time_us = time_of(in, observation, e.phase);
    read_device(in, observation, &e);
    draft_classify(&in->draft, &e, &code, in_where(in, fhir_child(in->t, observation, "code")));
    read_values(in, observation, &f, &e);
    if (e.kind == EVENT_CALL)
        e.actor = in_person(in, fhir_item(in->t, fhir_child(in->t, observation, "performer"), 0));
    e.identity = in_identity(in, observation, &e);
    return draft_event(&in->draft, &e, in->err);
}
