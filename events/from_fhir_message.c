/* Communication and CommunicationRequest (IHE mACM ITI-84) as alarms or calls; Flag as a patient's flag. */
#include "events/from_fhir.h"

/* --- Communication ---------------------------------------------------------------------------------------
 */

/* False: nothing to tell anybody (a draft). */
static bool communication_phase(const struct fhir_in *in, uint32_t resource, enum event_phase *out)
{
    static const struct {
        const char *type, *status;
        enum event_phase phase;
    } table[] = {
        { "CommunicationRequest", "active", PHASE_STARTS },
        { "CommunicationRequest", "unknown", PHASE_STARTS },
        { "CommunicationRequest", "on-hold", PHASE_ATTENDED },
        { "CommunicationRequest", "completed", PHASE_ENDS },
        { "CommunicationRequest", "ended", PHASE_ENDS },
        { "CommunicationRequest", "revoked", PHASE_WITHDRAWN },
        { "CommunicationRequest", "entered-in-error", PHASE_WITHDRAWN },
        { "Communication", "in-progress", PHASE_STARTS },
        { "Communication", "completed", PHASE_STARTS }, /* a message that was sent is complete */
        { "Communication", "unknown", PHASE_STARTS },
        { "Communication", "on-hold", PHASE_ATTENDED },
        { "Communication", "stopped", PHASE_ENDS },
        { "Communication", "not-done", PHASE_WITHDRAWN },
        { "Communication", "entered-in-error", PHASE_WITHDRAWN },
    };
    struct slice type = fhir_type(in->t, resource), status = in_get(in, resource, "status");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (slice_is(type, table[i].type) && slice_is(status, table[i].status)) {
            *out = table[i].phase;
            return true;
        }
    }
    return false;
}

/* The first text of the payload: contentString (R4), contentAttachment.title, contentCodeableConcept (R5). */
static struct slice payload_text(const struct fhir_in *in, uint32_t resource)
{
    static const char *const forms[] = { "contentString", "contentCodeableConcept.text",
                                         "contentCodeableConcept.coding.display", "contentAttachment.title" };
    uint32_t list = fhir_child(in->t, resource, "payload");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++)
        for (size_t j = 0; j < sizeof forms / sizeof forms[0]; j++) {
            struct slice s = in_get(in, fhir_item(in->t, list, i), forms[j]);
            if (s.len > 0)
                return s;
        }
    return (struct slice){ NULL, 0 };
}

/* The first concept that the site knows says what it is; the payload's text may, too. */
static struct sent_code communication_code(struct fhir_in *in, uint32_t resource, struct slice text)
{
    static const char *const places[] = { "reasonCode", "reason", "topic", "category" };
    struct sent_code first = { .text = text }, c;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint32_t list = fhir_child(in->t, resource, places[i]);
        for (uint32_t j = 0; j < fhir_count(in->t, list); j++) {
            uint32_t item = fhir_item(in->t, list, j), concept = fhir_child(in->t, item, "concept");
            if (!in_coding(in, concept != FHIR_NONE ? concept : item, &c))
                continue;
            c.text = text.len > 0 ? text : c.text;
            if (draft_row(&in->draft, &c) != NULL)
                return c;
            if (first.code.len == 0)
                first = c;
        }
    }
    return first;
}

static int64_t communication_time(const struct fhir_in *in, uint32_t resource)
{
    static const char *const places[] = { "sent", "occurrenceDateTime", "occurrencePeriod.start",
                                          "authoredOn", "received" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int64_t t = in_instant(in, resource, places[i]);
        if (t != TIME_NONE)
            return t;
    }
    return TIME_NONE;
}

/* Without an Encounter the place may be what the message is about. */
static struct place about_place(struct fhir_in *in, uint32_t resource)
{
    uint32_t list = fhir_child(in->t, resource, "about");
    for (uint32_t i = 0; i < fhir_count(in->t, list); i++) {
        uint32_t item = fhir_item(in->t, list, i);
        if (slice_is(fhir_type(in->t, in_resolve(in, item)), "Location") ||
            slice_is(in_get(in, item, "type"), "Location") ||
            slice_starts(in_get(in, item, "reference"), SLICE("Location/")))
            return in_location(in, item);
    }
    return (struct place){ { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
}

bool fhir_read_communication(struct fhir_in *in, uint32_t resource)
{
    enum event_phase phase;
    struct slice text = payload_text(in, resource);
    if (!communication_phase(in, resource, &phase)) {
        draft_finding(&in->draft, "not-sent", in_where(in, resource), (struct slice){ NULL, 0 });
        return true;
    }
    struct event e = in_event(in, resource, EVENT_ALARM, phase);
    struct sent_code code = communication_code(in, resource, text);
    uint32_t sender = fhir_child(in->t, resource, "sender"),
             requester = fhir_child(in->t, resource, "requester");
    if (!priority_of_word(in_get(in, resource, "priority"), &e.priority))
        e.priority = PRIORITY_ROUTINE; /* the default of both resources */
    e.time_us = communication_time(in, resource);
    draft_classify(&in->draft, &e, &code, in_where(in, resource));
    if (e.place.unit.len + e.place.bed.len == 0)
        e.place = about_place(in, resource);
    if (e.kind == EVENT_CALL)
        e.actor = in_person(in, sender != FHIR_NONE ? sender : requester);
    e.identity = in_identity(in, resource, &e);
    return draft_event(&in->draft, &e, in->err);
}

/* --- Flag -------------------------------------------------------------------------------------------------
 */

static bool starts_with_letter(struct slice s)
{
    return s.len > 0 && ((s.ptr[0] >= 'a' && s.ptr[0] <= 'z') || (s.ptr[0] >= 'A' && s.ptr[0] <= 'Z'));
}

/* "At risk for falls" -> "at-risk-for-falls": a NAME of the rule language. */
static struct slice as_name(struct fhir_in *in, struct slice text)
{
    enum { NAME_MAX_BYTES = 48 };
    char *out = arena_alloc(in->draft.arena, NAME_MAX_BYTES);
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < NAME_MAX_BYTES; i++) {
        char c = text.ptr[i];
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (upper || lower || digit || c == '_')
            out[len++] = upper ? (char)(c - 'A' + 'a') : c;
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    }
    while (len > 0 && out[len - 1] == '-')
        len--;
    return (struct slice){ out, len };
}

static struct slice flag_name(struct fhir_in *in, const struct sent_code *code)
{
    static const char *const known[][2] = { { "129839007", "fall-risk" }, /* at risk for falls */
                                            { "225915006", "allergy-risk" },
                                            { "409524006", "isolation" },
                                            { "225444004", "suicide-risk" } };
    struct slice name = codemap_find(in->draft.src->map, code->code, code->text);
    for (size_t i = 0; i < sizeof known / sizeof known[0] && name.len == 0; i++)
        if (slice_is(code->system, "SCT") && slice_is(code->code, known[i][0]))
            name = slice_of(known[i][1]);
    if (name.len > 0)
        return name;
    return as_name(in, starts_with_letter(code->code) || code->text.len == 0 ? code->code : code->text);
}

/* A Flag whose code is an alarm or call of the catalogue is one. */
static bool flag_alarm(struct fhir_in *in, uint32_t flag, const struct sent_code *code, bool active,
                       bool wrong)
{
    struct event e = in_event(in, flag, EVENT_ALARM,
                              wrong    ? PHASE_WITHDRAWN
                              : active ? PHASE_STARTS
                                       : PHASE_ENDS);
    e.time_us = in_instant(in, flag, active ? "period.start" : "period.end");
    draft_classify(&in->draft, &e, code, in_where(in, fhir_child(in->t, flag, "code")));
    e.identity = in_identity(in, flag, &e);
    return draft_event(&in->draft, &e, in->err);
}

bool fhir_read_flag(struct fhir_in *in, uint32_t flag)
{
    struct slice status = in_get(in, flag, "status");
    struct sent_code code = { .code = { NULL, 0 } };
    bool active = slice_is(status, "active"), wrong = slice_is(status, "entered-in-error");
    if (!active && !wrong && !slice_is(status, "inactive"))
        return error_at(in->err, ERROR_VALUE, in_where(in, flag), "a Flag needs a status that FHIR knows");
    if (!in_coding(in, fhir_child(in->t, flag, "code"), &code))
        return error_at(in->err, ERROR_MISSING, in_where(in, flag), "a Flag needs a code");
    const struct catalogue_row *row = draft_row(&in->draft, &code);
    if (row != NULL && (row->kind == EVENT_ALARM || row->kind == EVENT_CALL))
        return flag_alarm(in, flag, &code, active, wrong);
    struct change c = { .kind = active ? CHANGE_FLAG : CHANGE_UNFLAG };
    c.patient = in_patient(in, fhir_child(in->t, flag, "subject"),
                           in_resolve(in, fhir_child(in->t, flag, "encounter")));
    c.patient.flags[0] = flag_name(in, &code);
    c.patient.flag_count = 1;
    c.occurred_us = in_instant(in, flag, active ? "period.start" : "period.end");
    if (c.patient.id.len == 0)
        return error_at(in->err, ERROR_MISSING, in_where(in, flag), "a Flag needs a patient as its subject");
    if (c.patient.flags[0].len == 0)
        return error_at(in->err, ERROR_VALUE, in_where(in, flag), "the code of a Flag gives no name");
    return draft_change(&in->draft, &c, in->err);
}
