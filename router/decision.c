/* Why a rule owns an event, written down when it is decided, so that nobody has to guess it again later:
 * the rules may be others by then, the patient may lie elsewhere, the roster may have changed. */
#include "router/state.h"

#include <string.h>

static bool same_value(const struct field_value *a, const struct field_value *b)
{
    if (a->present != b->present || a->list_count != b->list_count || !slice_eq(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->list_count; i++)
        if (!slice_eq(a->list[i], b->list[i]))
            return false;
    return true;
}

/* Who told the place that the message left out, or told otherwise. */
static struct slice place_from(struct core *c, const struct event *e)
{
    const struct record_device_place *d = census_device(&c->census, e->device_id);

    if (event_follows_patient(e->kind) || e->device_id.len == 0 || d == NULL ||
        !slice_eq(d->unit, e->place.unit) || !slice_eq(d->bed, e->place.bed))
        return SLICE("where the patient is");
    return SLICE("where the device was seen");
}

static struct slice value_text(struct core *c, const struct event *e, size_t id)
{
    struct buf b = buf_make(4096);

    if (!event_field_text_in(e, id, c->site->zone, &b))
        buf_text(&b, "(hidden)"); /* the message said it, and it is in doubt */
    struct slice kept = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    return kept;
}

/* Each field that the census added to the message, or changed. */
static struct slice facts_of(struct core *c, const struct event *e, const struct event *raw)
{
    struct fact *list = arena_array(c->scratch, schema_count() + 1, sizeof *list);
    size_t count = 0;

    for (size_t id = 0; raw != NULL && id < schema_count(); id++) {
        const struct field_info *f = schema_field(id);
        if (f->display_only || f->type == TYPE_NUMBER || f->type == TYPE_INSTANT)
            continue;
        struct field_value now = event_field(e, id), before = event_field(raw, id);
        if (!same_value(&now, &before))
            list[count++] = (struct fact){ slice_of(f->name), value_text(c, e, id),
                                           f->type == TYPE_PLACE ? place_from(c, e) : SLICE("census") };
    }
    if (e->identity_mismatch)
        list[count++] = (struct fact){ SLICE("patient"), SLICE("(hidden)"), SLICE("identity mismatch") };
    return items_write(c->scratch, &fact_layout, list, count);
}

static struct slice judged_of(struct core *c, const struct match *match)
{
    struct judged *list = arena_array(c->scratch, match->candidate_count + 1, sizeof *list);

    for (size_t i = 0; i < match->candidate_count; i++) {
        const struct candidate *k = &match->candidates[i];
        list[i] = (struct judged){ .rule = rule_name(k->rule),
                                   .fate = (uint8_t)k->fate,
                                   .file = rule_file(k->rule),
                                   .line = k->line,
                                   .reason = k->reason };
    }
    return items_write(c->scratch, &judged_layout, list, match->candidate_count);
}

void decide_decision(struct core *c, const struct message_context *m, const struct event *e,
                     const struct match *match, const struct rule *owner, struct slice why, uint64_t alert)
{
    struct record r = { .type = RECORD_DECISION };
    struct record_decision *d = &r.as.decision;
    struct message_context context = *m;
    struct alert *a = alert != 0 ? core_alert(c, alert) : NULL;
    const struct site *site = a != NULL ? alert_site(c, a) : c->site;
    struct eval_now now = core_eval_at(c, &context, site);
    struct match judged;

    if (match != NULL)
        judged = *match;
    else
        ruleset_match(site->rules, e, &now, false, c->scratch, &judged);
    judged.owner = owner;
    judged.why_owner = why;
    ruleset_explain(site->rules, e, &now, c->scratch, &judged);
    *d = (struct record_decision){ .alert = alert,
                                   .position = m->position,
                                   .fate = rule_ignores(owner).len > 0 ? FATE_IGNORED
                                           : rule_is_default(owner)    ? FATE_DEFAULT
                                                                       : FATE_OWNED,
                                   .unowned = rule_is_default(owner) && (alert != 0 || m->ignored == NULL),
                                   .rule = rule_name(owner),
                                   .why = why,
                                   .roster = c->head.roster,
                                   .facts = facts_of(c, e, m->raw),
                                   .rules = judged_of(c, &judged),
                                   .more = judged.more };
    if (alert == 0)
        d->event = event_bytes(c, e);
    memcpy(d->site, a != NULL ? a->site : c->head.site_hash, sizeof d->site);
    core_emit(c, &r);
}
