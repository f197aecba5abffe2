/* One canonical event: does it open an alert, change one, or end one? (LANGUAGE 3 and 7) */
#include "router/state.h"

#include "base/limits.h"
#include "events/units.h"
#include "fhir/path.h"
#include "fhir/tree.h"
#include "hl7/message.h"
#include "hl7/path.h"

static bool raw_hl7(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    struct message_context *m = ctx;
    struct slice raw;
    bool many = false;

    if (m->hl7 == NULL)
        return false;
    size_t base = m->event != NULL && m->event->part > 0
                      ? hl7_segment_find(m->hl7, SLICE("OBX"), m->event->part)
                      : HL7_NONE;
    bool found = hl7_path_get(path, m->hl7, base, &raw, &many) == HL7_VALUE;
    m->two_matches = m->two_matches || many;
    if (!found || many)
        return false;
    *out = hl7_text(m->hl7, a, raw);
    return true;
}

static bool raw_fhir(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    struct message_context *m = ctx;
    uint32_t node = FHIR_NONE, resource = FHIR_ROOT;

    (void)a;
    if (m->fhir == NULL)
        return false;
    if (m->event != NULL && m->event->part > 0) {
        uint32_t entry = fhir_item(m->fhir, fhir_child(m->fhir, FHIR_ROOT, "entry"), m->event->part - 1);
        resource = fhir_child(m->fhir, entry, "resource");
    }
    enum fhir_match found = fhir_path_get(path, m->fhir, resource, &node);
    m->two_matches = m->two_matches || found == FHIR_MATCH_MANY;
    if (found != FHIR_MATCH_ONE)
        return false;
    *out = fhir_text(m->fhir, node);
    return true;
}

struct switch_view {
    const struct core *core;
    int64_t wall_us;
};

static bool switch_on(const void *ctx, struct slice name)
{
    const struct switch_view *v = ctx;

    return devices_switch_on(&v->core->devices, name, v->wall_us);
}

struct eval_now core_eval(struct core *c, struct message_context *m)
{
    return core_eval_at(c, m, c->site);
}

struct eval_now core_eval_at(struct core *c, struct message_context *m, const struct site *site)
{
    struct switch_view *v = arena_alloc(c->scratch, sizeof *v);

    *v = (struct switch_view){ c, core_wall(c, c->now_us) };
    return (struct eval_now){ .wall_us = v->wall_us,
                              .zone = site->zone,
                              .switch_on = switch_on,
                              .ctx = v,
                              .raw = { raw_hl7, raw_fhir, m } };
}

struct slice event_bytes(struct core *c, const struct event *e)
{
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);

    event_write(&b, e);
    struct slice kept = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    return kept;
}

struct slice plan_bytes(struct core *c, const struct plan *p)
{
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);

    plan_write(&b, p);
    struct slice kept = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    return kept;
}

/* An ignoring default never swallows a critical-flagged or STAT result: `default` proper takes it. */
static const struct rule *no_swallowing(const struct core *c, const struct rule *owner, const struct event *e)
{
    bool critical = e->abnormal == ABNORMAL_CRITICAL || e->abnormal == ABNORMAL_CRITICAL_LOW ||
                    e->abnormal == ABNORMAL_CRITICAL_HIGH || e->priority == PRIORITY_STAT;
    const struct rule *proper = ruleset_rule(c->site->rules, SLICE("default"));

    if (!critical || !rule_is_default(owner) || rule_ignores(owner).len == 0 || proper == NULL)
        return owner;
    return proper;
}

static bool source_will_end(const struct event *e, const struct message_context *m)
{
    return (e->kind == EVENT_ALARM || e->kind == EVENT_CALL) && !m->source->sends_starts_only &&
           !event_is_drill(e);
}

static uint64_t new_alert_id(struct core *c, struct message_context *m)
{
    return c->hooks.alert_id(c->hooks.ctx, c->head.lane, m->position, m->ordinal++);
}

/* Copies inform only: they fire, and are over. */
static void open_copy(struct core *c, struct message_context *m, const struct rule *copy,
                      const struct event *e, uint64_t owner)
{
    struct record r = { .type = RECORD_ALERT_OPEN };
    const struct plan *plan = plan_make(copy, e, c->scratch);
    uint64_t id;

    r.as.alert_open.ordinal = m->ordinal;
    id = new_alert_id(c, m);
    r.as.alert_open.alert = id;
    r.as.alert_open.position = m->position;
    r.as.alert_open.copy_of = owner != 0 ? owner : id;
    r.as.alert_open.event = event_bytes(c, e);
    r.as.alert_open.plan = plan_bytes(c, plan);
    r.as.alert_open.rule = rule_name(copy);
    r.as.alert_open.why = SLICE("a copy: it informs");
    r.as.alert_open.hold_until_us = plan_waits(plan) ? c->now_us : TIME_NONE;
    r.as.alert_open.source_ends = source_will_end(e, m);
    core_emit(c, &r);
    struct alert *a = core_alert(c, id);
    if (a != NULL)
        decide_time_zero(c, a, c->now_us);
}

static void open_alert(struct core *c, struct message_context *m, const struct event *e,
                       const struct match *match, const struct rule *owner)
{
    struct record r = { .type = RECORD_ALERT_OPEN };
    struct record_alert_open *o = &r.as.alert_open;
    struct eval_now now = core_eval(c, m);
    const struct plan *made = plan_make(owner, e, c->scratch);
    const struct plan *plan = event_is_drill(e) ? drill_plan(c, made) : made;
    bool held = plan->hold_us > 0 && !rule_hold_skipped(owner, e, &now, c->scratch);

    o->ordinal = m->ordinal;
    o->alert = new_alert_id(c, m);
    o->position = m->position;
    o->copies = (uint32_t)match->copy_count;
    o->event = event_bytes(c, e);
    o->plan = plan_bytes(c, plan);
    o->rule = rule_name(owner);
    o->why = owner == match->owner    ? match->why_owner
             : rule_is_default(owner) ? SLICE("default: critical or STAT is never ignored")
                                      : SLICE("it corrects what this rule told");
    o->hold_until_us = held ? c->now_us + plan->hold_us : plan_waits(plan) ? c->now_us : TIME_NONE;
    o->source_ends = source_will_end(e, m);
    uint64_t id = o->alert;
    core_emit(c, &r);
    decide_decision(c, m, e, match, owner, o->why, id);
    for (size_t i = 0; i < match->copy_count; i++)
        open_copy(c, m, match->copies[i], e, id);
    struct alert *a = core_alert(c, id);
    if (!held && a != NULL)
        decide_time_zero(c, a, a->base_us);
}

/* Nobody owns the corrected result, but what it corrects was told: its rule tells them. */
static const struct rule *corrects(const struct core *c, const struct rule *owner, const struct alert *before,
                                   const struct event *e)
{
    const struct rule *told = before != NULL && e->phase == PHASE_CORRECTED && alert_told(before)
                                  ? ruleset_rule(c->site->rules, before->rule)
                                  : NULL;

    return told != NULL && (rule_is_default(owner) || rule_ignores(owner).len > 0) ? told : owner;
}

static void ask_rules(struct core *c, const struct ruleset *rules, const struct event *e,
                      const struct eval_now *now, struct match *match)
{
    if (c->hooks.asked != NULL)
        c->hooks.asked(c->hooks.ctx, rules, e, now);
    ruleset_match(rules, e, now, false, c->scratch, match);
}

/* A drill is its rule's, whatever else would match; copies do not hear of it. */
static enum fate decide_drill(struct core *c, struct message_context *m, const struct event *e)
{
    const struct rule *owner = drill_rule(c, e);
    struct match match = { .owner = owner, .why_owner = SLICE("a drill of this rule") };

    if (owner == NULL)
        return FATE_IGNORED;
    if (c->open_count >= LIMIT_OPEN_ALERTS)
        return FATE_QUARANTINED;
    open_alert(c, m, e, &match, owner);
    return FATE_OWNED;
}

/* What counted as absent although the sender said something: counted and listed, for somebody to look. */
static void note_doubts(struct core *c, struct message_context *m, const struct event *e)
{
    const struct catalogue_row *row = catalogue_named(c->site->catalogue, e->code);
    const struct quantity *v = &e->value;
    bool strange = row != NULL && row->unit.len > 0 && v->state != QUANTITY_ABSENT && v->unit.len > 0 &&
                   !slice_eq(v->unit, row->unit) && !unit_same_dimension(v->unit, row->unit);

    if (m->source != NULL && strange)
        decide_finding(c, m, "unit-mismatch", event_kind_name(e->kind), e->code);
    if (m->source != NULL && m->two_matches)
        decide_finding(c, m, "two-matches", event_kind_name(e->kind), e->code);
    m->two_matches = false;
}

/* `before`: the closed alert of the same identity, or NULL. */
static enum fate decide_opening(struct core *c, struct message_context *m, struct event *e,
                                const struct alert *before)
{
    struct eval_now now = core_eval(c, m);
    struct match match;

    /* A first-seen update is the first sight of an alert: some senders send only updates. */
    if (e->phase == PHASE_UPDATES || e->phase == PHASE_WORSENS || e->phase == PHASE_EASES)
        e->phase = PHASE_STARTS;
    ask_rules(c, c->site->rules, e, &now, &match);
    note_doubts(c, m, e);
    const struct rule *owner = corrects(c, no_swallowing(c, match.owner, e), before, e);
    if (rule_ignores(owner).len > 0) {
        if (m->ignored == NULL || m->explain)
            decide_decision(c, m, e, &match, owner, match.why_owner, 0);
        unowned_note(c, m, e, owner);
        for (size_t i = 0; i < match.copy_count; i++)
            open_copy(c, m, match.copies[i], e, 0);
        return FATE_IGNORED;
    }
    if (c->open_count >= LIMIT_OPEN_ALERTS)
        return FATE_QUARANTINED;
    open_alert(c, m, e, &match, owner);
    return rule_is_default(owner) ? FATE_DEFAULT : FATE_OWNED;
}

/* Is the plan of this alert's rule the same but for the texts? Then only they are written again. */
struct slice decide_texts(struct core *c, struct alert *a, const struct event *e)
{
    const struct tz *zone = alert_site(c, a)->zone;
    struct plan p = *alert_plan(c, a);
    struct plan_message *list = arena_array(c->scratch, p.message_count, sizeof *list);
    bool differs = false;

    for (size_t i = 0; i < p.message_count; i++) {
        struct buf lock = buf_make(4096), full = buf_make(16384);
        list[i] = p.messages[i];
        plan_render_in(&lock, list[i].lock_template, e, zone);
        plan_render_in(&full, list[i].full_template, e, zone);
        differs =
            differs || !slice_eq(buf_slice(&lock), list[i].lock) || !slice_eq(buf_slice(&full), list[i].full);
        list[i].lock = arena_copy(c->scratch, buf_slice(&lock));
        list[i].full = arena_copy(c->scratch, buf_slice(&full));
        buf_free(&lock);
        buf_free(&full);
    }
    p.messages = list;
    return differs ? plan_bytes(c, &p) : (struct slice){ NULL, 0 };
}

/* What nobody has heard of yet may wait by the new rule as well; what rings goes on ringing. */
static int64_t worse_until(struct core *c, struct message_context *m, struct alert *a, const struct event *e,
                           const struct rule *owner, const struct plan *plan)
{
    struct eval_now now = core_eval_at(c, m, alert_site(c, a));

    if (a->state == ALERT_HELD && a->wait == WAIT_HOLD && plan->hold_us > 0 &&
        !rule_hold_skipped(owner, e, &now, c->scratch))
        return c->now_us + plan->hold_us;
    return a->recipient_count == 0 && plan_waits(plan) ? c->now_us : TIME_NONE;
}

/* `by`: whose event it is; the alert itself, or one that joined it. */
static void worsen(struct core *c, struct message_context *m, struct alert *a, const struct alert *by,
                   const struct event *e, const struct match *match, const struct rule *owner,
                   struct slice why)
{
    struct alert *whole = alert_whole(c, a);
    struct record r = { .type = RECORD_ALERT_WORSE };
    struct record_alert_worse *w = &r.as.alert_worse;
    const struct plan *plan = plan_make(owner, e, c->scratch);

    *w = (struct record_alert_worse){ .alert = a->id,
                                      .position = m->position,
                                      .event = event_bytes(c, e),
                                      .plan = plan_bytes(c, plan),
                                      .rule = rule_name(owner),
                                      .why = why };
    w->by_part = by != a;
    decide_parts_leave(c, a);
    w->hold_until_us = worse_until(c, m, a, e, owner, plan);
    core_emit(c, &r);
    decide_decision(c, m, e, match, owner, why, a->id);
    if (w->hold_until_us == TIME_NONE || w->hold_until_us <= c->now_us)
        decide_time_zero(c, a, c->now_us);
    decide_part_left(c, whole, m->position);
}

/* Matched again as if it had just started; moves to a more urgent rule, never down. */
static bool moves_up(struct core *c, struct message_context *m, struct alert *a, const struct event *e)
{
    const struct site *site = alert_site(c, a);
    const struct rule *mine = alert_rule(c, a);
    struct eval_now now = core_eval_at(c, m, site);
    struct event as_new = *e;
    struct match match;

    if (e->kind == EVENT_ALARM || e->kind == EVENT_CALL || e->kind == EVENT_ORDER)
        as_new.phase = PHASE_STARTS;
    ask_rules(c, site->rules, &as_new, &now, &match);
    if (mine == NULL || match.owner == mine || rule_ignores(match.owner).len > 0 ||
        !rule_more_urgent(mine, match.owner))
        return false;
    /* The same once more is one alert: all of it moves up. One of a bundle goes by itself. */
    struct alert *whole = a->join_why == JOIN_DEDUPE ? alert_whole(c, a) : NULL;
    worsen(c, m, whole != NULL ? whole : a, a, e, &match, match.owner, match.why_owner);
    return true;
}

/* One of several: its own event is kept, and the texts are those of all. */
static void update_part(struct core *c, struct message_context *m, struct alert *a, const struct event *e)
{
    struct record r = { .type = RECORD_ALERT_UPDATE };
    struct alert *whole = alert_whole(c, a);

    r.as.alert_update = (struct record_alert_update){
        .alert = a->id, .position = m->position, .event = event_bytes(c, e), .active = true
    };
    core_emit(c, &r);
    decide_parts_texts(c, whole != NULL ? whole : a);
}

static void update(struct core *c, struct message_context *m, struct alert *a, const struct event *e,
                   bool tell_now)
{
    struct record r = { .type = RECORD_ALERT_UPDATE };
    const struct rule *mine = alert_rule(c, a);
    struct eval_now now = core_eval_at(c, m, alert_site(c, a));

    r.as.alert_update = (struct record_alert_update){ .alert = a->id,
                                                      .position = m->position,
                                                      .event = event_bytes(c, e),
                                                      .plan = decide_texts(c, a, e),
                                                      .active = true };
    /* A monitor may send values every second: phones hear of them now and then, and with every ring. */
    bool news = r.as.alert_update.plan.len > 0 && a->state != ALERT_HELD &&
                (tell_now || a->updated_us == TIME_NONE || a->updated_us + UPDATED_US <= c->now_us);
    core_emit(c, &r);
    if (a->state == ALERT_HELD && a->wait == WAIT_HOLD && mine != NULL &&
        rule_hold_skipped(mine, e, &now, c->scratch))
        decide_time_zero(c, a, c->now_us);
    else if (news)
        decide_notice(c, a, "updated", (struct slice){ NULL, 0 }, 0);
}

static void decide_update(struct core *c, struct message_context *m, struct alert *a, const struct event *e)
{
    if (moves_up(c, m, a, e))
        return;
    if (a->joined_to != 0 || a->joined > 0)
        update_part(c, m, a, e);
    else
        update(c, m, a, e, false);
}

static enum close_reason resolved_while_held(const struct alert *a)
{
    return a->wait == WAIT_SUPPRESSED ? CLOSED_SUPPRESSED : CLOSED_SELF_RESOLVED;
}

/* "7f3a0c11d2e4b596 (spo2-probe-off)": what held it back. */
static struct slice held_back_by(struct core *c, const struct alert *a)
{
    const struct alert *by = a->held_by != 0 ? core_alert(c, a->held_by) : NULL;

    if (by == NULL)
        return (struct slice){ NULL, 0 };
    return arena_printf(c->scratch, "%016llx (%.*s)", (unsigned long long)by->id, SLICE_ARG(by->rule));
}

void decide_end(struct core *c, struct alert *a, uint64_t position)
{
    struct record r = { .type = RECORD_CLEARED, .as.cleared = { a->id, position } };
    struct slice none = { NULL, 0 };

    if (decide_part_over(c, a, CLOSED_SOURCE_CLEARED, none, position))
        return;
    if (a->state == ALERT_HELD)
        decide_close(c, a, resolved_while_held(a), none, held_back_by(c, a));
    else if (a->state == ALERT_ACCEPTED)
        decide_close(c, a, CLOSED_RESOLVED, none, none);
    else if ((a->stop & STOP_ENDED) != 0)
        decide_close(c, a, CLOSED_SOURCE_CLEARED, none, none);
    else if (!a->cleared_unseen) {
        core_emit(c, &r);
        decide_notice(c, a, "cleared", none, 0);
    }
}

static void decide_attended(struct core *c, struct message_context *m, struct alert *a, const struct event *e)
{
    const struct catalogue_row *row = catalogue_named(c->site->catalogue, e->code);
    struct record r = { .type = RECORD_ATTENDED, .as.attended = { a->id, m->position } };
    struct slice none = { NULL, 0 };

    if ((a->stop & STOP_ATTENDED) != 0 && a->state != ALERT_HELD) {
        if (!decide_part_over(c, a, CLOSED_ATTENDED, e->actor.id, m->position))
            decide_close(c, a, CLOSED_ATTENDED, e->actor.id, none);
    } else if (row != NULL && row->attended_ends)
        decide_end(c, a, m->position);
    else if (!a->was_attended)
        core_emit(c, &r);
}

static bool takes_back(enum event_phase p)
{
    return p == PHASE_WITHDRAWN || p == PHASE_CANCELLED || p == PHASE_DELETED;
}

/* A corrected result is told anew, whatever it says now: those who were told must hear of it, and who has
 * accepted it acted on the old one. */
static void decide_corrected(struct core *c, struct message_context *m, struct alert *a,
                             const struct event *e)
{
    const struct rule *mine = alert_rule(c, a);

    if (moves_up(c, m, a, e))
        return;
    if (a->state == ALERT_ACCEPTED && mine != NULL)
        worsen(c, m, a, a, e, NULL, mine, SLICE("the result was corrected"));
    else
        update(c, m, a, e, true);
}

static void decide_withdrawn(struct core *c, struct message_context *m, struct alert *a)
{
    struct slice none = { NULL, 0 };

    if (!decide_part_over(c, a, CLOSED_WITHDRAWN, none, m->position))
        decide_close(c, a, CLOSED_WITHDRAWN, none, none);
}

static void decide_known(struct core *c, struct message_context *m, struct alert *a, const struct event *e)
{
    if (takes_back(e->phase))
        decide_withdrawn(c, m, a);
    else if (e->phase == PHASE_ENDS && !e->signal_lost)
        decide_end(c, a, m->position);
    else if (e->phase == PHASE_ATTENDED)
        decide_attended(c, m, a, e);
    else if (e->phase == PHASE_CORRECTED)
        decide_corrected(c, m, a, e);
    else if (e->phase != PHASE_ENDS) /* an end that came with a lost signal is no end */
        decide_update(c, m, a, e);
}

/* Something a person must look at, raised by ourselves: routed like any technical alarm. Once for each
 * identity while it is remembered, so that a faulty sender does not ring for every message. */
void decide_technical(struct core *c, struct message_context *m, const char *code, const char *title,
                      struct place place, struct slice detail)
{
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    struct event_source self = { .listener = SLICE("nightbell"), .sends_starts_only = true };
    struct message_context own = {
        .position = m->position, .ordinal = m->ordinal, .source = &self, .event = &e
    };

    e.class = CLASS_TECHNICAL;
    e.priority = PRIORITY_INFO;
    e.listener = e.sender = self.listener;
    e.code = slice_of(code);
    e.title = slice_of(title);
    e.place = place;
    e.time_us = core_wall(c, c->now_us);
    e.identity = arena_printf(c->scratch, "nightbell|%s|%.*s|%.*s|%.*s", code, SLICE_ARG(place.unit),
                              SLICE_ARG(place.bed), SLICE_ARG(detail));
    if (c->site != NULL && core_identity(c, e.identity) == NULL)
        decide_opening(c, &own, &e, NULL);
    m->ordinal = own.ordinal;
}

static enum fate decide_one(struct core *c, struct message_context *m, struct event *e)
{
    struct alert *a = core_identity(c, e->identity);

    if (a != NULL && a->state != ALERT_CLOSED)
        reports_message(c, m, a);
    if (a != NULL)
        event_follow(c, m, a, e);
    if (a != NULL && event_is_again(a, e))
        return FATE_UPDATE;
    if (a != NULL && a->state != ALERT_CLOSED) {
        decide_known(c, m, a, e);
        return FATE_UPDATE;
    }
    if (a != NULL && e->phase == PHASE_WITHDRAWN)
        decide_recall(c, a);
    if (!event_phase_opens(e->phase))
        return a != NULL ? FATE_UPDATE : FATE_CONTEXT;
    return decide_opening(c, m, e, a);
}

enum fate decide_event(struct core *c, struct message_context *m, const struct event *raw)
{
    if (raw->test && !m->source->allow_test && !m->source->allow_debug)
        return FATE_IGNORED;
    m->event = m->raw = raw;
    if (event_is_drill(raw)) /* nobody's name is in it: the census is not asked */
        return core_identity(c, raw->identity) == NULL ? decide_drill(c, m, raw) : FATE_UPDATE;
    struct event *e = enrich_event(c, raw, m);
    m->event = e;
    enum fate fate = decide_one(c, m, e);
    if (e->identity_mismatch)
        decide_technical(c, m, "identity-mismatch", "Identity mismatch: who is in this bed?", e->place,
                         raw->patient.id);
    return fate;
}
