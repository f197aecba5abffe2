/* nightbell/router_explain.c - the stories of alerts and messages, read back from the journal; and the state
 * as it is, for whoever asks what would become of a message (docs/control.md). */
#include "nightbell/router_requests.h"

#include "base/base64url.h"
#include "base/limits.h"
#include "nightbell/json_text.h"
#include "nightbell/unmatched.h"

enum { PAGE_APPENDS = 64, PART_BYTES = 3 << 18, MOST_UNMATCHED = 200 };

struct telling_on {
    struct router *router;
    struct story story;
    struct buf lines;
    uint64_t last; /* the position behind which nothing is of the story */
};

static bool tell_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct telling_on *x = ctx;

    return first <= x->last && core_story(x->router->core, &x->story, first, a->records, &x->lines);
}

/* Pages through the journal from the story's first record to its last. */
static bool tell_all(struct telling_on *x, uint64_t first, struct error *err)
{
    struct journal *j = x->router->journal;
    uint64_t at = first, next = first;

    for (; at <= x->last; at = next) {
        if (!j->ops->read(j, LANE, at, PAGE_APPENDS, tell_append, x, &next, err))
            return false;
        if (next == at || (x->story.until_us != INT64_MAX && x->story.at_us > x->story.until_us))
            break;
    }
    return true;
}

static bool read_until(const struct router *r, const json_t *q, int64_t *until_us)
{
    struct slice at = json_member(q, "at");

    *until_us = INT64_MAX;
    return at.len == 0 || tz_parse_instant(core_site(r->core)->zone, at, until_us);
}

static void answer(struct telling_on *x, struct caller *c, bool fine, const struct error *err)
{
    if (fine && x->story.until_us != INT64_MAX)
        core_story_state(x->router->core, &x->story, &x->lines);
    if (!fine)
        control_refuse(c, err->message);
    else if (x->lines.len == 0)
        control_refuse(c, "no message has this position");
    else
        control_text(c, buf_slice(&x->lines));
    buf_free(&x->lines);
    arena_free(&x->story.arena);
}

/* What came of the message whose record is there; its alerts as far as they were decided with it. */
static void explain_message(struct router *r, struct caller *c, const json_t *q)
{
    struct telling_on x = { .router = r,
                            .story = { .message =
                                           (uint64_t)json_integer_value(json_object_get(q, "position")),
                                       .until_us = INT64_MAX,
                                       .arena = arena_new() },
                            .lines = buf_make(LIMIT_BUS_FRAME_BYTES) };
    struct error err = { .code = ERROR_NONE };

    x.last = x.story.message;
    answer(&x, c, tell_all(&x, x.story.message, &err), &err);
}

void router_ask_explain(struct router *r, struct caller *c, const json_t *q)
{
    struct error err = { .code = ERROR_NONE };
    struct alert_row row;
    int64_t until_us;

    if (json_is_integer(json_object_get(q, "position"))) {
        explain_message(r, c, q);
        return;
    }
    if (!read_until(r, q, &until_us)) {
        control_refuse(c, "at is an instant such as 2026-11-22T19:00:00Z");
        return;
    }
    if (!core_alert_find(r->core, json_member(q, "alert"), &row, &err)) {
        control_refuse(c, err.message);
        return;
    }
    struct telling_on x = { .router = r,
                            .story = { .alert = row.alert, .until_us = until_us, .arena = arena_new() },
                            .lines = buf_make(LIMIT_BUS_FRAME_BYTES),
                            .last = row.last_position };
    control_line(c, router_alert_json(r, &row));
    answer(&x, c, tell_all(&x, row.first_position, &err), &err);
}

/* The whole state as it is: who asks goes on with a copy, in a process of their own, and changes nothing
 * here. */
void router_ask_snapshot(struct router *r, struct caller *c)
{
    struct buf state = buf_make(LIMIT_BUS_FRAME_BYTES), part = buf_make(2 * PART_BYTES);

    core_snapshot(r->core, &state);
    if (state.failed) {
        control_refuse(c, "bus-frame-bytes: the state is too large to be copied");
    } else {
        control_line(
            c, json_pack("{s:I,s:I,s:I}", "bytes", (json_int_t)state.len, "position", (json_int_t)r->position,
                         "wall_us",
                         (json_int_t)lane_clock_now(&r->clock) + (json_int_t)core_wall_offset(r->core)));
        for (size_t at = 0; at < state.len; at += PART_BYTES) {
            buf_reset(&part);
            base64url_put(&part, slice_sub(buf_slice(&state), at, PART_BYTES));
            control_line(c, json_pack("{s:s%}", "part", part.ptr, part.len));
        }
    }
    buf_free(&state);
    buf_free(&part);
}

/* --- what no rule wants ----------------------------------------------------------------------------------
 */

struct looking_up {
    const struct listed *row;
    struct arena *arena;
    struct event event;
    bool found;
};

static bool look_up(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct looking_up *x = ctx;
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);

    (void)first;
    x->found = core_unowned_event(x->row, a->records, x->arena, &e);
    if (x->found)
        x->event = *event_copy(x->arena, &e); /* the append's bytes go */
    return false;
}

void router_ask_unmatched(struct router *r, struct caller *c, const json_t *q)
{
    bool places = json_is_true(json_object_get(q, "places"));
    json_int_t top = json_integer_value(json_object_get(q, "top"));
    struct error err = { .code = ERROR_NONE };
    struct arena *arena = arena_new();
    struct listed *rows;
    size_t count;

    core_list(r->core, places ? SLICE("unmatched-place") : SLICE("unowned"), arena, &rows, &count);
    unmatched_sort(rows, count);
    for (size_t i = 0; i < count && i < (top > 0 && top < MOST_UNMATCHED ? (size_t)top : MOST_UNMATCHED);
         i++) {
        struct looking_up x = { .row = &rows[i], .arena = arena };
        uint64_t next;
        if (!places)
            r->journal->ops->read(r->journal, LANE, rows[i].position, 1, look_up, &x, &next, &err);
        control_line(
            c, places ? unmatched_place_json(&rows[i])
                      : unmatched_code_json(core_site(r->core), &rows[i], x.found ? &x.event : NULL, arena));
    }
    arena_free(&arena);
}
