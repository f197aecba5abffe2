/* Observation as a result: one value, one event; components are events of their own. */
#include "events/from_fhir.h"

struct status {
    const char *sent, *name;
    enum event_phase phase;
};

/* hl7.org/fhir/valueset-observation-status.html; NULL for `registered`: nothing is measured yet. */
static const struct status *status_of(struct slice sent)
{
    static const struct status table[] = {
        { "preliminary", "preliminary", PHASE_PRELIMINARY },  { "final", "final", PHASE_FINAL },
        { "amended", "corrected", PHASE_CORRECTED },          { "corrected", "corrected", PHASE_CORRECTED },
        { "appended", "corrected", PHASE_CORRECTED },         { "cancelled", "withdrawn", PHASE_WITHDRAWN },
        { "entered-in-error", "withdrawn", PHASE_WITHDRAWN }, { "unknown", "preliminary", PHASE_PRELIMINARY },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (slice_is(sent, table[i].sent))
            return &table[i];
    return NULL;
}

static struct quantity value_of(const struct fhir_in *in, uint32_t holder, struct slice row_unit)
{
    static const char *const texts[] = { "valueInteger", "valueString" };
    uint32_t quantity = fhir_child(in->t, holder, "valueQuantity"),
             range = fhir_child(in->t, holder, "valueRange");
    struct quantity q = { .state = QUANTITY_ABSENT };
    if (quantity != FHIR_NONE)
        return in_quantity(in, quantity, row_unit);
    if (range != FHIR_NONE)
        return in_range(in, range, row_unit);
    for (size_t i = 0; i < 2 && q.state == QUANTITY_ABSENT; i++)
        q = quantity_parse(in_get(in, holder, texts[i]));
    quantity_set_unit(&q, (struct slice){ NULL, 0 }, row_unit);
    return q;
}

static enum event_abnormal abnormal_of(const struct fhir_in *in, uint32_t holder)
{
    enum event_abnormal worst = ABNORMAL_NONE;
    uint32_t list = fhir_child(in->t, holder, "interpretation");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t codings = fhir_child(in->t, fhir_item(in->t, list, i), "coding");
        for (uint32_t j = 0; j < fhir_count(in->t, codings); j++)
            worst = abnormal_worse(worst, in_get(in, fhir_item(in->t, codings, j), "code"));
    }
    return worst;
}

static bool has_value(const struct fhir_in *in, uint32_t holder)
{
    for (uint32_t n = fhir_first(in->t, holder); n != FHIR_NONE; n = fhir_next(in->t, n))
        if (slice_starts(fhir_name(in->t, n), SLICE("value")))
            return true;
    return false;
}

/* `holder` is the Observation or one of its components. */
static bool add_result(struct fhir_in *in, const struct event *shared, uint32_t observation, uint32_t holder)
{
    struct event e = *shared;
    struct sent_code code = { .code = { NULL, 0 } };
    uint32_t concept = fhir_child(in->t, holder, "code");
    in_coding(in, concept, &code);
    draft_classify(&in->draft, &e, &code, in_where(in, concept));
    const struct catalogue_row *row = catalogue_named(in->draft.src->catalogue, e.code);
    struct slice unit = row != NULL ? row->unit : (struct slice){ NULL, 0 };
    e.abnormal = abnormal_of(in, holder);
    e.value = value_of(in, holder, unit);
    e.threshold = in_range(in, fhir_item(in->t, fhir_child(in->t, holder, "referenceRange"), 0), unit);
    e.class = class_of_result(&e, e.mapped ? e.class : class_of_priority(e.priority, CLASS_LOW));
    e.identity = in_identity(in, observation, &e);
    if (holder != observation)
        e.identity = draft_identity(&in->draft, e.identity, &e.raw_code, 1);
    return draft_event(&in->draft, &e, in->err);
}

/* Who ordered it, and how urgently, stands in the ServiceRequest when that was sent along. */
static void read_order(struct fhir_in *in, uint32_t observation, struct event *e)
{
    uint32_t order = in_resolve(in, fhir_item(in->t, fhir_child(in->t, observation, "basedOn"), 0));
    if (!slice_is(fhir_type(in->t, order), "ServiceRequest"))
        return;
    e->ordering_provider = in_person(in, fhir_child(in->t, order, "requester"));
    if (!priority_of_word(in_get(in, order, "priority"), &e->priority))
        e->priority = PRIORITY_NONE;
}

static int64_t time_of(const struct fhir_in *in, uint32_t observation)
{
    static const char *const places[] = { "issued", "effectiveDateTime", "effectiveInstant",
                                          "effectivePeriod.end", "effectivePeriod.start" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int64_t t = in_instant(in, observation, places[i]);
        if (t != TIME_NONE)
            return t;
    }
    return TIME_NONE;
}

bool fhir_read_result(struct fhir_in *in, uint32_t observation)
{
    const struct status *status = status_of(in_get(in, observation, "status"));
    uint32_t components = fhir_child(in->t, observation, "component");
    if (status == NULL) {
        if (slice_is(in_get(in, observation, "status"), "registered"))
            return true;
        return error_at(in->err, ERROR_VALUE, in_where(in, observation),
                        "an Observation needs a status that FHIR knows");
    }
    struct event shared = in_event(in, observation, EVENT_RESULT, status->phase);
    shared.result_status = slice_of(status->name);
    shared.time_us = time_of(in, observation);
    read_order(in, observation, &shared);
    if ((has_value(in, observation) || fhir_count(in->t, components) == 0 ||
         status->phase == PHASE_WITHDRAWN) &&
        !add_result(in, &shared, observation, observation))
        return false;
    for (uint32_t i = 0; i < fhir_count(in->t, components); i++)
        if (!add_result(in, &shared, observation, fhir_item(in->t, components, i)))
            return false;
    return true;
}
