/* nightbell/router_drill.c - a drill: a marked event of our own, which the rule takes as if it were real
 * (docs/control.md). */
#include "nightbell/router_requests.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "events/canonical.h"
#include "nightbell/json_text.h"

#include <string.h>

static struct slice or_text(struct slice given, struct slice otherwise)
{
    return given.len > 0 ? given : otherwise;
}

static struct event drill_event(struct router *r, const struct rule *rule, const json_t *q, struct arena *a)
{
    const struct site *site = core_site(r->core);
    int64_t now = lane_clock_now(&r->clock);
    struct event e;

    rule_sample(rule, site->catalogue, &e);
    e.listener = SLICE(EVENT_OWN_LISTENER);
    e.sender = SLICE(EVENT_DRILL);
    e.title = arena_printf(a, "DRILL %.*s", SLICE_ARG(e.title));
    e.place =
        (struct place){ .unit = or_text(json_member(q, "unit"), e.place.unit), .bed = json_member(q, "bed") };
    e.time_us = now + core_wall_offset(r->core);
    e.mapped = true;
    e.identity =
        arena_printf(a, EVENT_OWN_LISTENER "|" EVENT_DRILL "|%.*s|%.*s|%.*s|%lld", SLICE_ARG(rule_name(rule)),
                     SLICE_ARG(e.place.unit), SLICE_ARG(e.place.bed), (long long)now);
    return e;
}

static json_t *drilled(struct router *r, uint64_t position, struct arena *a)
{
    struct alert_row *rows;
    size_t count;

    core_alerts(r->core, a, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].first_position == position)
            return router_alert_json(r, &rows[i]);
    return json_pack("{s:b}", "done", 1);
}

static void send_drill(struct router *r, struct caller *c, const struct rule *rule, const json_t *q)
{
    struct arena *arena = arena_new();
    struct event e = drill_event(r, rule, q, arena);
    struct core_input in = { .kind = INPUT_MESSAGE, .as.message.format = FORMAT_EVENT };
    struct core_result result = { .done = false };
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);
    uint8_t key[HASH_BYTES];

    canonical_put_event(&bytes, &e);
    in.as.message.bytes = buf_slice(&bytes);
    hash_sha256(in.as.message.bytes, key);
    memcpy(in.as.message.duplicate_key, key, sizeof in.as.message.duplicate_key);
    if (router_decide(r, &in, &result) && result.accepted)
        control_later(c, drilled(r, result.position, arena));
    else
        control_refuse(c, result.error.message[0] != '\0' ? result.error.message : "the drill was not taken");
    buf_free(&bytes);
    arena_free(&arena);
}

void router_ask_drill(struct router *r, struct caller *c, const json_t *q)
{
    const struct site *site = core_site(r->core);
    struct slice unit = json_member(q, "unit"), name = json_member(q, "rule");
    const struct rule *rule = ruleset_rule(site->rules, name);

    if (rule == NULL) {
        control_refuse(c, "the site has no such rule");
        return;
    }
    if (!rule_may_drill(rule)) {
        control_refuse(c, "only a live rule that tells people can be tried: no draft, shadow or copy, and "
                          "none that ignores");
        return;
    }
    if (unit.len > 0 && directory_unit(site->directory, unit) == NULL) {
        control_refuse(c, "the site has no such unit");
        return;
    }
    if (!json_is_true(json_object_get(q, "send"))) {
        struct event e;
        rule_sample(rule, site->catalogue, &e);
        unit = or_text(unit, e.place.unit);
        control_line(c, json_pack("{s:s%,s:s,s:s%,s:b}", "rule", name.ptr, name.len, "class",
                                  event_class_name(e.class), "unit", unit.ptr != NULL ? unit.ptr : "",
                                  unit.len, "team", rule_rings_team(rule) ? 1 : 0));
        return;
    }
    if (rule_rings_team(rule) && !slice_eq(json_member(q, "confirm"), name)) {
        control_refuse(
            c,
            "this rule rings a team or is of the lethal class: its name must be said again (--confirm RULE)");
        return;
    }
    send_drill(r, c, rule, q);
}
