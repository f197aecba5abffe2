/* nightbell/router_requests.c - status, alerts, explain, enroll, assign, tokens (docs/control.md). */
#include "nightbell/router_requests.h"

#include "adapters/seal/code.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "base/log.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <string.h>

enum { CODE_LIFE_S = 600, MOST_BEDS = 256 };

/* Lane time as people read it: the wall clock of the lane. */
static json_t *wall(const struct router *r, int64_t lane_us)
{
    char out[TIME_TEXT];

    return lane_us == TIME_NONE ? json_null()
                                : json_of_slice(time_text(lane_us + core_wall_offset(r->core), out));
}

/* --- looking ---------------------------------------------------------------------------------------- */

json_t *router_alert_json(struct router *r, const struct alert_row *a)
{
    json_t *o = json_object();
    int64_t now = lane_clock_now(&r->clock);

    json_object_set_new(o, "alert", json_of_id(a->alert));
    json_object_set_new(o, "state", json_of_slice(a->state));
    json_object_set_new(o, "class", json_string(event_class_name(a->class)));
    json_object_set_new(o, "title", json_of_slice(a->title));
    json_object_set_new(o, "unit", json_of_slice(a->unit));
    json_object_set_new(o, "bed", json_of_slice(a->bed));
    json_object_set_new(o, "code", json_of_slice(a->code));
    json_object_set_new(o, "rule", json_of_slice(a->rule));
    json_object_set_new(o, "ruleset", router_ruleset_json(a->site));
    json_object_set_new(o, "taken_by", json_of_slice(a->taken_by));
    json_object_set_new(o, "waiting_for", json_of_slice(a->waiting_for));
    json_object_set_new(o, "step", json_integer(a->step));
    json_object_set_new(o, "steps", json_integer(a->steps));
    json_object_set_new(o, "told", json_integer(a->told));
    json_object_set_new(o, "opened", wall(r, a->opened_us));
    json_object_set_new(o, "age_ms", json_integer((now - a->opened_us) / 1000));
    json_object_set_new(o, "next_in_ms",
                        a->next_us == TIME_NONE || a->next_us == INT64_MAX
                            ? json_null()
                            : json_integer((a->next_us - now) / 1000));
    json_object_set_new(o, "closed", wall(r, a->closed_us));
    json_object_set_new(o, "cleared_unseen", json_boolean(a->cleared_unseen));
    json_object_set_new(o, "exhausted", json_boolean(a->exhausted));
    json_object_set_new(o, "escalated", json_boolean(a->escalated));
    return o;
}

static void ask_alerts(struct router *r, struct caller *c)
{
    struct alert_row *rows;
    size_t count;

    arena_reset(r->arena);
    core_alerts(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        control_line(c, router_alert_json(r, &rows[i]));
}

static json_t *list_json(struct router *r, struct slice what)
{
    struct listed *rows;
    size_t count;
    json_t *list = json_array();

    core_list(r->core, what, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "what", json_of_slice(rows[i].what));
        json_object_set_new(o, "key", json_of_slice(rows[i].key));
        json_object_set_new(o, "where", json_of_slice(rows[i].where));
        json_object_set_new(o, "count", json_integer((json_int_t)rows[i].count));
        json_object_set_new(o, "position", json_integer((json_int_t)rows[i].position));
        json_object_set_new(o, "at", wall(r, rows[i].at_us));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *open_counts(struct router *r)
{
    struct alert_row *rows;
    size_t count;
    json_t *o = json_object();

    core_alerts(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        char state[64];
        if (rows[i].closed_us != TIME_NONE)
            continue;
        snprintf(state, sizeof state, "%.*s", SLICE_ARG(rows[i].state));
        json_object_set_new(o, state, json_integer(json_integer_value(json_object_get(o, state)) + 1));
    }
    return o;
}

static json_t *insecure_listeners(const struct site *site)
{
    json_t *list = json_array();

    for (size_t i = 0; i < site->block_count; i++)
        if (block_setting(&site->blocks[i], SLICE("insecure")) != NULL)
            json_array_append_new(list, json_of_slice(site->blocks[i].name));
    return list;
}

static json_t *switches_on(struct router *r)
{
    struct switch_line *rows;
    size_t count;
    json_t *list = json_array();

    core_switches(r->core, lane_clock_now(&r->clock), r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "name", json_of_slice(rows[i].name));
        json_object_set_new(o, "title", json_of_slice(rows[i].title));
        json_object_set_new(o, "by", json_of_slice(rows[i].by));
        json_object_set_new(o, "until", wall(r, rows[i].until_us - core_wall_offset(r->core)));
        json_array_append_new(list, o);
    }
    return list;
}

static void ask_status(struct router *r, struct caller *c)
{
    static const char *const lists[] = { "quarantine",      "dead-letter", "unmatched-code",
                                         "unmatched-place", "coverage",    "finding" };
    struct counter *rows;
    size_t count;
    json_t *o = json_object(), *counters = json_object();

    arena_reset(r->arena);
    core_counters(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", SLICE_ARG(rows[i].name));
        json_object_set_new(counters, name, json_integer((json_int_t)rows[i].value));
    }
    json_object_set_new(o, "site", json_of_slice(core_site(r->core)->name));
    uint8_t hash[32] = { 0 };
    core_site_hash(r->core, hash);
    json_object_set_new(o, "ruleset", router_ruleset_json(hash));
    json_object_set_new(o, "version", json_string(NIGHTBELL_VERSION));
    json_object_set_new(o, "position", json_integer((json_int_t)r->position));
    json_object_set_new(o, "epoch", json_integer((json_int_t)r->epoch));
    json_object_set_new(o, "commits", json_integer((json_int_t)r->commits));
    json_object_set_new(o, "now", wall(r, lane_clock_now(&r->clock)));
    json_object_set_new(o, "rate", json_real(r->clock.rate_permille / 1000.0));
    json_object_set_new(o, "demo_keys", json_boolean(r->env->options->key_file == NULL));
    json_object_set_new(o, "insecure", insecure_listeners(core_site(r->core)));
    json_object_set_new(o, "switches", switches_on(r));
    json_object_set_new(o, "open", open_counts(r));
    json_object_set_new(o, "counters", counters);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        json_object_set_new(o, lists[i], list_json(r, slice_of(lists[i])));
    control_line(c, o);
}

static void ask_list(struct router *r, struct caller *c, const json_t *q)
{
    json_t *list;
    json_t *row;
    size_t i;

    arena_reset(r->arena);
    list = list_json(r, json_member(q, "what"));
    json_array_foreach(list, i, row) control_line(c, json_incref(row));
    json_decref(list);
}

/* --- changing ---------------------------------------------------------------------------------------- */

/* Decides; answers `line` after the commit, or why not at once. Takes the reference to `line`. */
static void change(struct router *r, struct caller *c, const struct core_input *in, json_t *line)
{
    struct core_result result = { .done = false };

    if (!router_decide(r, in, &result) || !result.done) {
        control_refuse(c, result.error.message[0] != '\0' ? result.error.message : "that was not done");
        json_decref(line);
        return;
    }
    control_later(c, line);
}

static json_t *done(void)
{
    return json_pack("{s:b}", "done", 1);
}

static void ask_enroll(struct router *r, struct caller *c, const json_t *q)
{
    struct core_input in = { .kind = INPUT_CODE };
    struct slice holder = json_member(q, "holder"), title = holder;
    char code[CODE_TEXT];
    bool desk = false;

    if (!core_holder_named(r->core, holder, &holder) || !core_holder(r->core, holder, &title, &desk)) {
        control_refuse(c, "no person or desk of that name: the site declares them, or a staff feed");
        return;
    }
    code_new(code);
    code_hash(r->keys, slice_of(code), in.as.code.hash);
    in.as.code.what = CODE_ISSUED;
    in.as.code.holder = holder;
    /* Ten minutes for people, whatever the rate of lane time. */
    in.as.code.expires_us = lane_clock_now(&r->clock) + CODE_LIFE_S * (int64_t)r->clock.rate_permille * 1000;
    json_t *o = json_object();
    json_object_set_new(o, "code", json_string(code));
    json_object_set_new(o, "holder", json_of_slice(holder));
    json_object_set_new(o, "title", json_of_slice(title));
    json_object_set_new(o, "minutes", json_integer(CODE_LIFE_S / 60));
    change(r, c, &in, o);
}

static void ask_revoke(struct router *r, struct caller *c, const json_t *q)
{
    struct core_input in = { .kind = INPUT_DEVICE, .as.device.revoke = true };
    struct buf id = buf_make(16);

    if (hex_decode(json_member(q, "device"), &id) && id.len == 8) {
        for (size_t i = 0; i < 8; i++)
            in.as.device.device = in.as.device.device << 8 | (unsigned char)id.ptr[i];
        change(r, c, &in, done());
    } else {
        control_refuse(c, "a device is named by 16 hex digits");
    }
    buf_free(&id);
}

static void ask_assign(struct router *r, struct caller *c, const json_t *q)
{
    struct slice beds[MOST_BEDS], until = json_member(q, "until");
    struct core_input in = { .kind = INPUT_ASSIGN };
    const json_t *list = json_object_get(q, "beds");
    size_t count = json_array_size(list);

    in.as.assign = (struct assign_input){ .end = json_is_true(json_object_get(q, "end")),
                                          .person = json_member(q, "person"),
                                          .role = json_member(q, "role"),
                                          .unit = json_member(q, "unit"),
                                          .beds = beds,
                                          .bed_count = count < MOST_BEDS ? count : MOST_BEDS,
                                          .until_us = TIME_NONE,
                                          .by = slice_of(control_user(c)) };
    if (count > MOST_BEDS) {
        control_refuse(c, "at most 256 beds in one assignment");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *bed = json_array_get(list, i);
        beds[i] = json_is_string(bed) ? slice_of(json_string_value(bed)) : SLICE("");
    }
    if (until.len > 0 && !time_parse_iso(until, 0, &in.as.assign.until_us)) {
        control_refuse(c, "until is an instant such as 2026-11-22T19:00:00Z");
        return;
    }
    change(r, c, &in, done());
}

static void ask_away(struct router *r, struct caller *c, const json_t *q)
{
    struct core_input in = { .kind = INPUT_AWAY };

    in.as.away.person = json_member(q, "person");
    in.as.away.away = json_is_true(json_object_get(q, "away"));
    change(r, c, &in, done());
}

static void ask_switch(struct router *r, struct caller *c, const json_t *q)
{
    struct core_input in = { .kind = INPUT_SWITCH };
    struct slice by = json_member(q, "by");
    struct error err = { .code = ERROR_NONE };
    int64_t until = TIME_NONE, now = lane_clock_now(&r->clock);

    core_holder_named(r->core, by, &by);
    if (!core_may_switch(r->core, json_member(q, "name"), by, json_member(q, "for"), now, &until, &err)) {
        control_refuse(c, err.message);
        return;
    }
    in.as.toggle.name = json_member(q, "name");
    in.as.toggle.by = by;
    in.as.toggle.on = json_is_true(json_object_get(q, "on"));
    in.as.toggle.until_us = in.as.toggle.on ? until : TIME_NONE;
    json_t *o = done();
    if (in.as.toggle.on)
        json_object_set_new(o, "until", wall(r, until - core_wall_offset(r->core)));
    change(r, c, &in, o);
}

static void ask_token(struct router *r, struct caller *c, const json_t *q, bool add)
{
    struct core_input in = { .kind = INPUT_TOKEN };
    char token[TOKEN_TEXT] = "";

    in.as.token = (struct token_input){ .remove = !add,
                                        .listener = json_member(q, "listener"),
                                        .name = json_member(q, "name") };
    if (in.as.token.name.len == 0) {
        control_refuse(c, "a token needs a name");
        return;
    }
    const struct block *b = site_block(core_site(r->core), in.as.token.listener);
    if (add && b != NULL && !slice_is(block_value(b, SLICE("client"), SLICE("")), "token")) {
        control_refuse(c, "that listener does not ask for tokens: a fhir block with `client token` does");
        return;
    }
    if (add) {
        token_new(token);
        token_hash(slice_of(token), in.as.token.hash);
    }
    change(r, c, &in, add ? json_pack("{s:s}", "token", token) : done());
    if (router_commit(r))
        router_send_configuration(r); /* web learns of the new hash */
}

void router_request(struct router *r, struct caller *c, const json_t *q)
{
    struct slice what = json_member(q, "do");

    if (slice_is(what, "status"))
        ask_status(r, c);
    else if (slice_is(what, "alerts"))
        ask_alerts(r, c);
    else if (slice_is(what, "list"))
        ask_list(r, c, q);
    else if (slice_is(what, "explain"))
        router_ask_explain(r, c, q);
    else if (slice_is(what, "snapshot"))
        router_ask_snapshot(r, c);
    else if (slice_is(what, "drill"))
        router_ask_drill(r, c, q);
    else if (slice_is(what, "unmatched"))
        router_ask_unmatched(r, c, q);
    else if (slice_is(what, "apply"))
        router_ask_apply(r, c, q);
    else if (slice_is(what, "rollback"))
        router_ask_rollback(r, c, q);
    else if (slice_is(what, "versions"))
        router_ask_versions(r, c);
    else if (slice_is(what, "staff"))
        router_ask_staff(r, c);
    else if (slice_is(what, "places"))
        router_ask_places(r, c);
    else if (slice_is(what, "journal"))
        router_ask_journal(r, c, q);
    else if (slice_is(what, "enroll"))
        ask_enroll(r, c, q);
    else if (slice_is(what, "revoke"))
        ask_revoke(r, c, q);
    else if (slice_is(what, "assign"))
        ask_assign(r, c, q);
    else if (slice_is(what, "away"))
        ask_away(r, c, q);
    else if (slice_is(what, "switch"))
        ask_switch(r, c, q);
    else if (slice_is(what, "token-add") || slice_is(what, "token-remove"))
        ask_token(r, c, q, slice_is(what, "token-add"));
    else
        control_refuse(c, "that cannot be asked: see docs/control.md");
}
