/* One message as it came: exactly one counted fate each (RELIABILITY L1, L2). */
#include "router/state.h"

#include "events/canonical.h"
#include "fhir/tree.h"
#include "hl7/message.h"

#include <string.h>

struct verdicts { /* what the FATE record will say */
    enum fate fate;
    enum verdict verdict;
    bool accepted;
    struct error error;
    struct slice reason;
};

static uint64_t control_hash(const struct message_input *in)
{
    uint64_t h = in->control_id.len > 0 ? slice_hash(in->control_id, slice_hash(in->listener, 7)) : 0;

    return in->control_id.len > 0 && h == 0 ? 1 : h;
}

static void emit_message(struct core *c, const struct message_input *in)
{
    struct record r = { .type = RECORD_MESSAGE };

    r.as.message.listener = in->listener;
    r.as.message.format = (uint8_t)in->format;
    r.as.message.principal = in->principal;
    r.as.message.control_id = in->control_id;
    r.as.message.bytes = in->bytes;
    memcpy(r.as.message.key, in->duplicate_key, sizeof r.as.message.key);
    core_emit(c, &r);
}

static void emit_fate(struct core *c, const struct message_input *in, uint64_t position, uint64_t control,
                      const struct verdicts *v, struct slice ignored)
{
    struct record r = { .type = RECORD_FATE };

    r.as.fate = (struct record_fate){ .position = position,
                                      .control = control,
                                      .fate = (uint8_t)v->fate,
                                      .verdict = (uint8_t)v->verdict,
                                      .accepted = v->accepted,
                                      .code = (uint8_t)v->error.code,
                                      .where = slice_of(v->error.where),
                                      .reason = v->reason,
                                      .listener = in->listener,
                                      .ignored = ignored };
    memcpy(r.as.fate.key, in->duplicate_key, sizeof r.as.fate.key);
    core_emit(c, &r);
}

/* A master file is refused unless the listener says otherwise: its sender must learn that nothing of it
 * counts.
 */
static bool on_bad_accepts(const struct core *c, struct slice listener, bool master_file)
{
    const struct block *b = c->site != NULL ? site_block(c->site, listener) : NULL;
    struct slice otherwise = master_file ? SLICE("nak") : SLICE("quarantine");

    return b == NULL || !slice_is(block_value(b, SLICE("on-bad"), otherwise), "nak");
}

/* Readable but not mappable: kept and listed; the listener's `on-bad` says what the sender hears. */
static void quarantine(struct core *c, const struct message_input *in, bool master_file, struct verdicts *v)
{
    v->fate = FATE_QUARANTINED;
    v->verdict = VERDICT_BAD;
    v->accepted = v->error.code != ERROR_LIMIT && on_bad_accepts(c, in->listener, master_file);
    v->reason = slice_of(v->error.message);
}

/* Unreadable, suspect or past a limit: kept and listed as well, refused for good. */
static void reject(struct verdicts *v, const struct error *why)
{
    v->fate = FATE_QUARANTINED;
    v->verdict = VERDICT_REJECTED;
    v->accepted = false;
    v->error = *why;
    v->reason = slice_of(v->error.message);
}

static bool read_message(struct core *c, const struct message_input *in, struct message_context *m,
                         struct fhir_tree *tree, struct reading *out, struct verdicts *v)
{
    struct error err = { .code = ERROR_NONE };

    if (in->format == FORMAT_HL7V2) {
        const struct hl7_charset_choice charset = { m->source->charset, m->source->charset_fallback };
        m->hl7 = hl7_message_parse_as(c->scratch, in->bytes, &charset, &err);
        if (m->hl7 != NULL)
            return reading_from_hl7(c->scratch, m->hl7, m->source, out, &v->error);
    } else if (in->format == FORMAT_EVENT) {
        if (canonical_read(c->scratch, in->bytes, out, &err))
            return true;
    } else if (fhir_tree_open(in->bytes, tree, &err)) {
        m->fhir = tree;
        return reading_from_fhir(c->scratch, tree, m->source, out, &v->error);
    }
    reject(v, &err);
    return false;
}

static void list_findings(struct core *c, const struct reading *read, const struct message_input *in,
                          uint64_t position)
{
    for (size_t i = 0; i < read->finding_count; i++) {
        const struct finding *f = &read->findings[i];
        struct record r = { .type = RECORD_FINDING };
        struct slice where = arena_printf(c->scratch, "%.*s %s", SLICE_ARG(in->listener), f->where);
        r.as.finding = (struct record_finding){ slice_of(f->what), f->key, where, position };
        core_emit(c, &r);
    }
}

/* Fates in the order of FATES: the first is the heaviest. */
static enum fate heavier(enum fate a, enum fate b)
{
    return a < b ? a : b;
}

/* Who cares for an id that was merged away cares for the survivor. */
static struct care_change *cares_of_survivors(struct core *c, const struct reading *read)
{
    struct care_change *list = arena_array(c->scratch, read->care_count + 1, sizeof *list);

    for (size_t i = 0; i < read->care_count; i++) {
        list[i] = read->care[i];
        list[i].patient = arena_copy(c->scratch, census_survivor(&c->census, list[i].patient));
    }
    return list;
}

static void decide_reading(struct core *c, const struct message_input *in, struct message_context *m,
                           const struct reading *read, struct verdicts *v)
{
    list_findings(c, read, in, m->position);
    m->planned_stop = read->planned_stop;
    reports_begin(c, m);
    decide_master(c, m, read);
    bool acted = read->change_count == 0;
    for (size_t i = 0; i < read->change_count; i++)
        acted = decide_change(c, &read->changes[i]) || acted;
    struct reading now = *read;
    now.care = cares_of_survivors(c, read);
    decide_care(c, m, &now);
    v->fate = FATE_CONTEXT;
    for (size_t i = 0; i < read->event_count && !c->damaged; i++)
        if (acted || read->events[i].kind != EVENT_TRANSFER) /* a late one is no transfer any more */
            v->fate = heavier(v->fate, decide_event(c, m, &read->events[i]));
    reports_end(c);
    if (v->fate == FATE_QUARANTINED) {
        error_set(&v->error, ERROR_LIMIT, "open-alerts: too many alerts are open");
        v->verdict = VERDICT_REJECTED;
        v->accepted = false;
        v->reason = slice_of(v->error.message);
    }
}

/* A canonical event has been read already: it needs no listener. */
static const struct event_source *source_of(const struct core *c, const struct message_input *in)
{
    static const struct event_source none;

    if (c->site == NULL)
        return NULL;
    return in->format == FORMAT_EVENT && in->listener.len == 0 ? &none : site_source(c->site, in->listener);
}

static void decide_fresh(struct core *c, const struct message_input *in, struct message_context *m,
                         struct verdicts *v)
{
    struct reading read = { .event_count = 0 };
    struct fhir_tree *tree = arena_alloc(c->scratch, sizeof *tree);

    if (in->suspect || in->syntax.code != ERROR_NONE) {
        struct error suspect = { .code = ERROR_NONE };
        error_set(&suspect, ERROR_INTERNAL, "set aside: it may have stopped the program");
        reject(v, in->suspect ? &suspect : &in->syntax);
        if (in->suspect)
            decide_technical(c, m, "suspect-message", "A message was set aside: see the quarantine list",
                             (struct place){ .unit = { NULL, 0 } }, in->listener);
        return;
    }
    m->source = source_of(c, in);
    if (m->source == NULL) {
        error_set(&v->error, ERROR_UNKNOWN, "no listener of this name in the site");
        quarantine(c, in, false, v);
    } else if (read_message(c, in, m, tree, &read, v)) {
        decide_reading(c, in, m, &read, v);
    } else if (v->verdict != VERDICT_REJECTED) {
        quarantine(c, in, read.master_file, v);
    }
}

/* The stored answer again: position, time and code of the first one. */
static bool decide_again(struct core *c, const struct message_input *in, struct core_result *out)
{
    const struct duplicate *d = duplicates_find(&c->duplicates, in->duplicate_key);

    if (d == NULL || d->lane_us <= c->now_us - DUPLICATE_WINDOW_US)
        return false;
    out->verdict = VERDICT_DUPLICATE;
    out->first = (enum verdict)d->verdict;
    out->accepted = d->accepted;
    out->position = d->position;
    out->wall_us = d->wall_us;
    if (d->fault != NULL)
        error_at(&out->error, (enum error_code)d->code, d->fault->where, "%s", d->fault->message);
    struct verdicts v = { .fate = FATE_DUPLICATE, .verdict = VERDICT_DUPLICATE, .accepted = d->accepted };
    emit_fate(c, in, d->position, d->control, &v,
              (struct slice){ NULL, 0 }); /* equal keys, equal control ids */
    return true;
}

void decide_message(struct core *c, const struct message_input *in, struct core_result *out)
{
    struct verdicts v = { .fate = FATE_CONTEXT, .verdict = VERDICT_OK, .accepted = true };
    struct ignored_list ignored = { .count = 0 };
    struct message_context m = { .position = c->position, .ignored = &ignored, .explain = in->explain };

    c->reported = false;
    out->done = true;
    if (decide_again(c, in, out))
        return;
    struct alert *silence = sources_silent_alert(c, in->listener);
    emit_message(c, in);
    decide_fresh(c, in, &m, &v);
    emit_fate(c, in, m.position, control_hash(in), &v, ignored_write(c->scratch, &ignored));
    if (m.planned_stop) /* after the fate, by which the source was heard */
        sources_stopped(c, in->listener, m.position);
    if (silence != NULL && silence->state != ALERT_CLOSED)
        decide_close(c, silence, CLOSED_SOURCE_CLEARED, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 });
    if (v.accepted)
        reports_acknowledge(c, in, &v.error);
    out->verdict = v.verdict;
    out->accepted = v.accepted;
    out->error = v.error;
    out->position = m.position;
}
