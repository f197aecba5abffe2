/* Alerts that are part of another one: what happens to a part, and to the whole when its parts are over.
 *
 * A part is an alert of its own with the state "joined": its source's events find it by its identity, and it
 * has its own story. Its whole rings, is answered and escalates for all. The whole is over when its own
 * source and those of all its parts have ended it. */
#include "router/state.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>

struct alert *alert_whole(const struct core *c, const struct alert *a)
{
    return a->joined_to != 0 ? core_alert(c, a->joined_to) : NULL;
}

struct alert **alert_parts(struct core *c, const struct alert *whole, size_t *count)
{
    struct alert **list = arena_array(c->scratch, (size_t)whole->joined + 1, sizeof(struct alert *));

    *count = 0;
    for (struct alert *a = sameness_first(&c->sameness, SAME_WHOLE, whole->id);
         a != NULL && *count < whole->joined; a = sameness_next(a, SAME_WHOLE))
        list[(*count)++] = a;
    qsort(list, *count, sizeof *list, alerts_by_place);
    return list;
}

void decide_join(struct core *c, struct alert *a, struct alert *into, enum join_why why)
{
    struct record r = { .type = RECORD_JOINED, .as.joined = { a->id, into->id, (uint8_t)why } };

    core_emit(c, &r);
}

/* --- the texts of a whole
 * ------------------------------------------------------------------------------------
 */

/* As many characters as fit; what is cut ends in "...". */
static struct slice fitted(struct core *c, struct slice text, size_t most)
{
    size_t at = 0, chars = 0, keep = 0;

    while (at < text.len) {
        if (chars == most - 3)
            keep = at;
        if (chars == most)
            return arena_printf(c->scratch, "%.*s...", (int)keep, text.ptr);
        at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
            at++;
        chars++;
    }
    return text;
}

static void put_rendered(struct core *c, struct buf *out, struct slice text_template, struct alert *of)
{
    plan_render_in(out, text_template, alert_event(c, of), c->site->zone);
}

/* "3x high 5W 12" on a locked screen, and "3: ...; ...; ..." with a member after the other. */
void decide_joint_texts(struct core *c, struct alert *const *parts, size_t count, struct plan_message *m)
{
    struct buf lock = buf_make(4096), full = buf_make(LIMIT_CONTROL_BYTES);

    if (count > 1) {
        buf_printf(&lock, "%zux ", count);
        buf_printf(&full, "%zu: ", count);
    }
    put_rendered(c, &lock, m->lock_template, parts[0]);
    for (size_t i = 0; i < count && full.len < 4 * LIMIT_FULL_CHARS; i++) {
        buf_text(&full, i > 0 ? "; " : "");
        put_rendered(c, &full, m->full_template, parts[i]);
        buf_text(&full, parts[i]->state == ALERT_CLOSED && parts[i]->copy_of == 0 ? " (ended)" : "");
    }
    m->lock = fitted(c, arena_copy(c->scratch, buf_slice(&lock)), LIMIT_LOCK_CHARS);
    m->full = fitted(c, arena_copy(c->scratch, buf_slice(&full)), LIMIT_FULL_CHARS);
    buf_free(&lock);
    buf_free(&full);
}

/* Those of which the source says nothing else than that they are there; the whole first. */
static struct alert **still_there(struct core *c, struct alert *whole, size_t *count)
{
    size_t parts;
    struct alert **joined = alert_parts(c, whole, &parts);
    struct alert **all = arena_array(c->scratch, parts + 1, sizeof(struct alert *));

    *count = 0;
    if (whole->own_over == OWN_GOES_ON)
        all[(*count)++] = whole;
    for (size_t i = 0; i < parts; i++)
        all[(*count)++] = joined[i];
    return all;
}

static bool is_bundle(struct core *c, struct alert *whole)
{
    return alert_plan(c, whole)->clauses.bundle_us > 0;
}

static struct slice texts_of(struct core *c, struct alert *whole)
{
    size_t count;
    struct alert **parts = still_there(c, whole, &count);
    struct plan p = *alert_plan(c, whole);
    struct plan_message *list = arena_array(c->scratch, p.message_count + 1, sizeof *list);
    struct buf b = buf_make(LIMIT_MESSAGE_BYTES);

    if (count == 0)
        return (struct slice){ NULL, 0 };
    /* The same once more: the newest of them says how it stands. */
    if (!is_bundle(c, whole) || count == 1)
        return decide_texts(c, whole, alert_event(c, parts[count - 1]));
    for (size_t i = 0; i < p.message_count; i++) {
        list[i] = p.messages[i];
        decide_joint_texts(c, parts, count, &list[i]);
    }
    p.messages = list;
    plan_write(&b, &p);
    struct slice bytes = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    return slice_eq(bytes, whole->plan) ? (struct slice){ NULL, 0 } : bytes;
}

bool decide_parts_write(struct core *c, struct alert *whole)
{
    struct record r = { .type = RECORD_TEXTS, .as.texts = { whole->id, texts_of(c, whole) } };

    if (r.as.texts.plan.len > 0)
        core_emit(c, &r);
    return r.as.texts.plan.len > 0;
}

void decide_parts_texts(struct core *c, struct alert *whole)
{
    bool told = whole->state == ALERT_NOTIFYING || whole->state == ALERT_ACCEPTED;
    bool news = told && (whole->updated_us == TIME_NONE || whole->updated_us + UPDATED_US <= c->now_us);

    if (decide_parts_write(c, whole) && news)
        decide_notice(c, whole, "updated", (struct slice){ NULL, 0 }, 0);
}

/* --- ends
 * ---------------------------------------------------------------------------------------------------- */

void decide_parts_leave(struct core *c, struct alert *whole)
{
    size_t count, first = 0;
    struct alert **parts = alert_parts(c, whole, &count);

    while (first < count && parts[first]->join_why != JOIN_BUNDLE)
        first++;
    if (first == count)
        return;
    bool waits = whole->state == ALERT_HELD && whole->hold_until_us > c->now_us;
    struct record r = { .type = RECORD_LEAD,
                        .as.lead = { parts[first]->id, whole->id,
                                     waits ? whole->hold_until_us : c->now_us } };
    core_emit(c, &r);
}

void decide_part_left(struct core *c, struct alert *whole, uint64_t position)
{
    struct slice none = { NULL, 0 };

    if (whole == NULL || whole->state == ALERT_CLOSED)
        return;
    if (whole->own_over == OWN_GOES_ON || whole->joined > 0)
        decide_parts_texts(c, whole);
    else if (whole->own_over == OWN_WITHDRAWN && !whole->part_seen)
        decide_close(c, whole, CLOSED_WITHDRAWN, none, none);
    else
        decide_end(c, whole, position);
}

static enum close_reason part_reason(const struct alert *whole, enum close_reason reason)
{
    if (reason != CLOSED_SOURCE_CLEARED)
        return reason;
    return whole->state == ALERT_HELD       ? CLOSED_SELF_RESOLVED
           : whole->state == ALERT_ACCEPTED ? CLOSED_RESOLVED
                                            : CLOSED_SOURCE_CLEARED;
}

bool decide_part_over(struct core *c, struct alert *a, enum close_reason reason, struct slice by,
                      uint64_t position)
{
    struct alert *whole = alert_whole(c, a);
    struct record r = { .type = RECORD_PART_OVER,
                        .as.part_over = { a->id, position, reason == CLOSED_WITHDRAWN } };

    if (whole != NULL) {
        decide_close(c, a, part_reason(whole, reason), by, (struct slice){ NULL, 0 });
        decide_part_left(c, whole, position);
        return true;
    }
    if (a->joined == 0)
        return false;
    if (a->own_over == OWN_GOES_ON) {
        core_emit(c, &r);
        decide_parts_texts(c, a);
    }
    return true;
}

void decide_parts_close(struct core *c, struct alert *whole, enum close_reason reason, struct slice by,
                        struct slice detail)
{
    size_t count;
    struct alert **parts = alert_parts(c, whole, &count);

    for (size_t i = 0; i < count; i++)
        if (parts[i]->state == ALERT_JOINED)
            decide_close(c, parts[i], reason, by, detail);
}
