/* `limit N per D`: after N tellings of one rule in D a person hears of the rest in one summary (LANGUAGE 7).
 *
 * The alerts of the surplus go on as they would: their steps fire in time and tell others. The summary leaves
 * when the window has room again, and who answers it answers for all in it. */
#include "router/state.h"

#include "base/limits.h"

struct part_item *summary_items(struct core *c, struct slice blob, size_t *count)
{
    struct reader in = reader_make(blob);
    uint32_t most = blob.len > 0 ? read_u32(&in) : 0;
    struct part_item *items = arena_array(c->scratch, blob.len / 12 + 1, sizeof *items);

    *count = 0;
    for (uint32_t i = 0; i < most && i < blob.len / 12; i++)
        items[(*count)++] = (struct part_item){ read_u64(&in), read_u32(&in) };
    return items;
}

static bool was_told(const struct alert *a, struct slice holder)
{
    const struct recipient *p = alert_recipient(a, holder);

    return p != NULL && !p->past;
}

/* Does this person have to wait? *new_us: until when, for one whose waiting begins with this alert. */
static bool must_wait(struct core *c, const struct alert *a, const struct plan_clauses *k,
                      struct slice holder, int64_t *new_us)
{
    const struct limit_row *row = limits_find(&c->limits, a->rule, holder);
    int64_t oldest = TIME_NONE;

    *new_us = TIME_NONE;
    if (was_told(a, holder))
        return false;
    if (limits_waits(row, a->id))
        return true;
    if (limits_waiting(row) >= LIMIT_SURPLUS)
        return false;
    if (limits_waiting(row) > 0)
        *new_us = row->due_us;
    else if (limits_heard(row, c->now_us - k->limit_us, k->limit, &oldest) >= k->limit)
        *new_us = oldest + k->limit_us;
    return *new_us != TIME_NONE;
}

bool decide_surplus(struct core *c, struct alert *a, uint32_t step, struct told_list *told)
{
    const struct plan_clauses k = alert_plan(c, a)->clauses;
    bool any = false;

    for (size_t i = 0; k.limit_us > 0 && i < told->count; i++) {
        struct told_item *t = &told->items[i];
        int64_t due;
        if (!t->told || !must_wait(c, a, &k, t->holder, &due))
            continue;
        t->told = false;
        t->reason = SLICE("limit: in the summary");
        told->told--;
        any = true;
        struct record r = { .type = RECORD_LIMITED,
                            .as.limited = { a->id, a->rule, t->holder, t->desk, step, due } };
        if (due != TIME_NONE)
            core_emit(c, &r);
    }
    return any;
}

/* --- the summary
 * ----------------------------------------------------------------------------------------------
 */

static bool was_withdrawn(const struct alert *a)
{
    return a->state == ALERT_CLOSED && a->reason == CLOSED_WITHDRAWN;
}

/* Those that are remembered and that the holder has not heard of in another way; the newest last. What the
 * source took back before anybody heard of it is told to nobody. */
static struct alert **known(struct core *c, const struct part_item *items, size_t count, struct slice holder,
                            size_t *found)
{
    struct alert **list = arena_array(c->scratch, count + 1, sizeof(struct alert *));

    *found = 0;
    for (size_t i = 0; i < count; i++) {
        struct alert *a = core_alert(c, items[i].alert);
        if (a != NULL && !was_withdrawn(a) && !was_told(a, holder))
            list[(*found)++] = a;
    }
    return list;
}

/* On whose account it leaves: the newest that is open, or the newest. */
static struct alert *speaker(struct alert *const *list, size_t count)
{
    for (size_t i = count; i-- > 0;)
        if (list[i]->state == ALERT_NOTIFYING || list[i]->state == ALERT_ACCEPTED)
            return list[i];
    return count > 0 ? list[count - 1] : NULL;
}

static uint32_t step_of(const struct part_item *items, size_t count, const struct alert *a)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].alert == a->id)
            return items[i].step < a->step_count ? items[i].step : 0;
    return 0;
}

static void fill_sends(struct core *c, struct alert *a, struct record_summary *s, uint32_t step)
{
    struct sends sends = { .count = 0 };
    bool open = a->state == ALERT_NOTIFYING || a->state == ALERT_ACCEPTED;
    bool fyi = !open || (step < a->step_count && a->steps[step].fyi);

    s->round = a->round + 1;
    if (s->desk || !devices_away(&c->devices, s->holder))
        core_sends_add(c, a, &sends, s->holder, step, s->round, fyi);
    s->sends = items_write(c->scratch, &send_layout, sends.items, sends.count);
}

static void emit_summary(struct core *c, const struct limit_row *row)
{
    struct record r = { .type = RECORD_SUMMARY };
    struct record_summary *s = &r.as.summary;
    struct buf b = buf_make(LIMIT_EVENT_BYTES);
    size_t count, found;

    buf_u32(&b, (uint32_t)limits_waiting(row));
    buf_put(&b, row->waiting);
    s->alerts = arena_copy(c->scratch, buf_slice(&b));
    buf_free(&b);
    s->rule = arena_copy(c->scratch, row->rule);
    s->holder = arena_copy(c->scratch, row->holder);
    s->desk = row->desk;
    const struct part_item *items = summary_items(c, s->alerts, &count);
    struct alert **list = known(c, items, count, s->holder, &found), *a = speaker(list, found);
    if (a != NULL) {
        uint32_t step = step_of(items, count, a);
        const struct plan *p = alert_plan(c, a);
        struct plan_message m = step < p->step_count ? p->messages[p->steps[step].message] : p->messages[0];
        decide_joint_texts(c, list, found, &m);
        s->alert = a->id;
        s->lock = m.lock;
        s->full = m.full;
        fill_sends(c, a, s, step);
    }
    core_emit(c, &r);
}

void decide_summaries(struct core *c)
{
    const struct limit_row *row;

    while ((row = limits_first_due(&c->limits, c->now_us)) != NULL && !c->damaged)
        emit_summary(c, row);
}
