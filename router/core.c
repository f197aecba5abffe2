#include "router/core.h"

#include "base/limits.h"
#include "base/memory.h"
#include "router/state.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(, head_layout, "head", struct core_head, HEAD_MEMBERS)

struct core *core_new(uint64_t lane, const struct core_hooks *hooks)
{
    struct core *c = memory_new(sizeof *c);

    c->hooks = *hooks;
    c->head = (struct core_head){
        .lane = lane, .lane_us = INT64_MIN, .rate_permille = 1000, .start_us = INT64_MIN
    };
    lists_init(&c->lists);
    census_init(&c->census);
    devices_init(&c->devices);
    c->staff = memory_new(sizeof *c->staff);
    staff_init(c->staff);
    c->sources = map_new();
    reports_init(&c->reports);
    limits_init(&c->limits);
    c->alerts = map_new();
    c->identities = map_new();
    c->deliveries = map_new();
    c->scratch = arena_new();
    c->scratch_number = 1;
    c->roster_due_us = INT64_MAX;
    c->effect_arena = arena_new();
    return c;
}

static void alerts_free(struct alert *first)
{
    for (struct alert *a = first, *next; a != NULL; a = next) {
        next = a->next_open;
        alert_free(a);
    }
}

void core_free(struct core **core)
{
    struct core *c = core != NULL ? *core : NULL;

    if (c == NULL)
        return;
    alerts_free(c->open_first);
    alerts_free(c->closed_first);
    sources_free(c);
    reports_free(&c->reports);
    limits_free(&c->limits);
    map_free(&c->alerts, NULL);
    map_free(&c->identities, NULL);
    map_free(&c->deliveries, NULL);
    timers_free(&c->timers);
    sameness_free(&c->sameness);
    lists_free(&c->lists);
    census_free(&c->census);
    devices_free(&c->devices);
    staff_free(c->staff);
    free(c->staff);
    duplicates_free(&c->duplicates);
    site_free(&c->site);
    site_free(&c->fresh);
    versions_free(&c->versions);
    layout_drop(&head_layout, &c->head);
    arena_free(&c->scratch);
    arena_free(&c->effect_arena);
    free(c->effects);
    free(c);
    *core = NULL;
}

void core_scratch_reset(struct core *c)
{
    arena_reset(c->scratch);
    c->scratch_number++;
}

int64_t core_wall(const struct core *c, int64_t lane_us)
{
    return lane_us + c->head.wall_offset_us;
}

void core_effect(struct core *c, enum effect_kind kind, uint64_t delivery)
{
    if (!c->live)
        return;
    MEMORY_ROOM(c->effects, c->effect_count, c->effect_room);
    c->effects[c->effect_count++] = (struct pending_effect){ kind, delivery };
}

void core_emit(struct core *c, struct record *r)
{
    r->lane_us = c->now_us;
    r->wall_us = core_wall(c, c->now_us);
    record_write(c->append, r);
    record_apply(c, r);
    c->appended++;
    c->position++;
    reports_follow(c, r);
}

static bool dispatch(struct core *c, const struct core_input *in, struct core_result *out)
{
    switch (in->kind) {
    case INPUT_START:
        c->roster_due_us = INT64_MAX;
        return decide_start(c, in, out);
    case INPUT_CLOCK: {
        struct record r = { .type = RECORD_CLOCK, .as.clock = { in->as.clock.wall_offset_us } };
        core_emit(c, &r);
        c->roster_due_us = INT64_MAX; /* whole minutes lie elsewhere now */
        decide_clock(c);
        decide_handoff_all(c);
        return true;
    }
    case INPUT_SITE:
        return decide_site(c, in, out);
    case INPUT_MESSAGE:
        decide_message(c, &in->as.message, out);
        return true;
    case INPUT_TIMER:
        return true;
    case INPUT_ANSWER:
        decide_answer(c, &in->as.answer, out);
        return true;
    case INPUT_DELIVERY:
        decide_delivery(c, &in->as.delivery, out);
        return true;
    case INPUT_REPORT:
        decide_report(c, &in->as.report, out);
        return true;
    case INPUT_CODE:
        decide_code(c, &in->as.code, out);
        return true;
    case INPUT_DEVICE:
        decide_device(c, &in->as.device, out);
        return true;
    case INPUT_TOKEN:
        decide_token(c, &in->as.token, out);
        return true;
    case INPUT_ASSIGN:
        decide_assign(c, &in->as.assign, out);
        return true;
    case INPUT_AWAY:
        decide_away(c, in, out);
        return true;
    case INPUT_SWITCH:
        decide_toggle(c, in, out);
        return true;
    case INPUT_ADOPT:
        decide_adopt(c, in, out);
        return true;
    case INPUT_SITE_FINDING:
        decide_site_finding(c, in, out);
        return true;
    }
    return error_set(&out->error, ERROR_INTERNAL, "an input of no kind");
}

/* Shifts and turns change on whole minutes of the wall clock: while an alert rings, each of them asks the
 * roster again, so that it follows the bed to the incoming nurse. Not state: a check that finds nobody new
 * leaves no record, and after a restart the next minute comes as well. */
static void watch_roster(struct core *c)
{
    if (c->roster_due_us <= c->now_us) {
        decide_give_back(c); /* a leaving that was announced */
        decide_handoff_all(c);
        c->roster_due_us = INT64_MAX;
    }
    core_watch_roster(c);
}

void core_watch_roster(struct core *c)
{
    int64_t wall = core_wall(c, c->now_us);

    if (c->open_first == NULL)
        c->roster_due_us = INT64_MAX;
    else if (c->roster_due_us == INT64_MAX)
        c->roster_due_us = c->now_us + TIME_MIN - ((wall % TIME_MIN) + TIME_MIN) % TIME_MIN;
}

/* That a deadline has come is an input like any other: by it the journal alone says when the core decided
 * what, and deciding again gives the same bytes. `alone`: nothing else was asked in this call. */
static void note_tick(struct core *c, bool alone)
{
    struct record r = { .type = RECORD_TICK, .as.tick = { core_next_deadline(c), alone } };

    if (r.as.tick.due_us <= c->now_us)
        core_emit(c, &r);
}

void apply_tick(struct core *c, const struct record *r)
{
    (void)c; /* what fell due stands in the records behind it */
    (void)r;
}

/* Bytes that the input itself brings into the append; decisions on it come on top of that. */
static size_t input_bytes(const struct core_input *in)
{
    if (in->kind == INPUT_MESSAGE)
        return in->as.message.bytes.len;
    return in->kind == INPUT_SITE ? in->as.site.fileset.len : 0;
}

enum { DECISION_ROOM = 4 * 1024 * 1024 }; /* for the decisions on one input */

bool core_decide(struct core *c, const struct core_input *in, int64_t lane_us, uint64_t position,
                 struct buf *append, uint32_t *count, struct core_result *out, struct error *err)
{
    memset(out, 0, sizeof *out);
    if (append->failed || append->max - append->len < input_bytes(in) + DECISION_ROOM)
        return error_set(err, ERROR_LIMIT,
                         "append-bytes: make the batch durable first, then decide this input");
    core_scratch_reset(c);
    c->now_us = lane_us > c->head.lane_us ? lane_us : c->head.lane_us;
    c->position = position;
    c->append = append;
    c->appended = 0;
    c->live = true;
    out->position = position;
    out->wall_us = core_wall(c, c->now_us);
    /* What fell due before this input goes first, so that a batch is in the order of time. */
    if (in->kind != INPUT_START) {
        note_tick(c, in->kind == INPUT_TIMER);
        decide_timers(c);
        decide_summaries(c);
    }
    bool fine = dispatch(c, in, out);
    decide_silence(c);
    decide_timers(c);
    decide_summaries(c);
    watch_roster(c);
    c->live = false;
    *count += c->appended;
    c->append = NULL;
    if (!fine && out->error.code != ERROR_NONE && err != NULL)
        *err = out->error;
    if (append->failed)
        return error_set(err, ERROR_LIMIT, "append-bytes: the decisions on one input do not fit");
    if (c->damaged)
        return error_set(err, ERROR_INTERNAL, "a decision does not fit the state");
    return fine;
}

int64_t core_next_deadline(const struct core *c)
{
    const struct alert *a = timers_first(&c->timers);
    int64_t due = a != NULL ? a->due_us : INT64_MAX;

    int64_t silence = sources_deadline(c);
    int64_t summary = limits_due(&c->limits);
    due = silence < due ? silence : due;
    due = summary < due ? summary : due;
    return c->roster_due_us < due ? c->roster_due_us : due;
}

bool core_apply(struct core *c, uint64_t first_position, uint32_t count, struct slice records,
                struct error *err)
{
    struct reader in = reader_make(records);

    c->live = false;
    for (uint32_t i = 0; i < count; i++) {
        struct record r;
        core_scratch_reset(c);
        if (!record_read(&in, &r, err))
            return false;
        c->position = first_position + i;
        c->now_us = r.lane_us;
        record_apply(c, &r);
        if (c->damaged)
            return error_set(err, ERROR_INTERNAL, "record %llu (%s) does not fit the state",
                             (unsigned long long)c->position, record_name(r.type));
    }
    if (!reader_done(&in))
        return error_set(err, ERROR_SYNTAX, "an append that holds more than its records");
    c->roster_due_us = INT64_MAX; /* as the core that decided them goes on */
    core_watch_roster(c);
    return true;
}

const struct site *core_site(const struct core *c)
{
    return c->site;
}

int64_t core_lane_time(const struct core *c)
{
    return c->head.lane_us;
}

int64_t core_wall_offset(const struct core *c)
{
    return c->head.wall_offset_us;
}
