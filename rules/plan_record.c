/* rules/plan_record.c - a plan as bytes: it goes into the journal with the alert it was made for. */
#include "base/limits.h"
#include "rules/plan.h"

enum { PLAN_VERSION = 2, MESSAGES_MAX = LIMIT_RULE_STEPS + 2, TARGETS_MAX = 1000, NEEDS_MAX = 64 };

static void put_who(struct buf *out, const struct who *w)
{
    struct target one = { w, 1 };

    target_write(out, &one);
}

static void put_step(struct buf *out, const struct plan_step *s)
{
    buf_i64(out, s->at_us);
    buf_u8(out, (uint8_t)s->state);
    buf_u8(out, (uint8_t)s->level);
    buf_u8(out, (uint8_t)(s->fyi | s->appended << 1));
    buf_u16(out, s->message);
    buf_u16(out, s->line);
    buf_u16(out, (uint16_t)s->target_count);
    for (size_t i = 0; i < s->target_count; i++)
        target_write(out, &s->targets[i]);
}

static void put_message(struct buf *out, const struct plan_message *m)
{
    buf_slice_put(out, m->lock);
    buf_slice_put(out, m->full);
    buf_u8(out, (uint8_t)m->replies);
    buf_slice_put(out, m->lock_template);
    buf_slice_put(out, m->full_template);
}

static void put_need(struct buf *out, const struct plan_need *n)
{
    buf_u32(out, n->count);
    buf_u8(out, n->any);
    if (!n->any)
        put_who(out, &n->from);
}

void plan_write(struct buf *out, const struct plan *p)
{
    buf_u8(out, PLAN_VERSION);
    buf_slice_put(out, p->rule);
    buf_slice_put(out, p->title);
    buf_slice_put(out, p->file);
    buf_u32(out, p->line);
    buf_i64(out, p->hold_us);
    buf_i64(out, p->repeat_every_us);
    buf_u32(out, p->repeat_max);
    buf_u8(out, p->repeat_all);
    buf_u8(out, (uint8_t)p->stop);
    buf_i64(out, p->lease_us);
    buf_u16(out, (uint16_t)p->step_count);
    for (size_t i = 0; i < p->step_count; i++)
        put_step(out, &p->steps[i]);
    buf_u16(out, (uint16_t)p->message_count);
    for (size_t i = 0; i < p->message_count; i++)
        put_message(out, &p->messages[i]);
    buf_u16(out, (uint16_t)p->need_count);
    for (size_t i = 0; i < p->need_count; i++)
        put_need(out, &p->needs[i]);
    plan_clauses_write(out, &p->clauses);
}

static bool get_step(struct reader *in, struct arena *a, struct plan_step *s)
{
    s->at_us = read_i64(in);
    uint8_t state = read_u8(in), level = read_u8(in), bits = read_u8(in);
    s->state = (enum step_state)state;
    s->level = (enum notify_level)level;
    s->fyi = bits & 1;
    s->appended = bits >> 1 & 1;
    s->message = read_u16(in);
    s->line = read_u16(in);
    s->target_count = read_u16(in);
    if (in->failed || state > STEP_OPEN || level > LEVEL_SILENT || bits > 3 ||
        s->target_count > TARGETS_MAX || s->at_us < 0)
        return false;
    struct target *list = arena_array(a, s->target_count, sizeof *list);
    for (size_t i = 0; i < s->target_count; i++)
        if (!target_read(in, a, &list[i]))
            return false;
    s->targets = list;
    return true;
}

static bool get_steps(struct reader *in, struct arena *a, struct plan *p)
{
    p->step_count = read_u16(in);
    if (in->failed || p->step_count > LIMIT_RULE_STEPS + 1)
        return false;
    struct plan_step *list = arena_array(a, p->step_count, sizeof *list);
    for (size_t i = 0; i < p->step_count; i++)
        if (!get_step(in, a, &list[i]))
            return false;
    p->steps = list;
    return true;
}

static bool get_messages(struct reader *in, struct arena *a, struct plan *p)
{
    p->message_count = read_u16(in);
    if (in->failed || p->message_count > MESSAGES_MAX)
        return false;
    struct plan_message *list = arena_array(a, p->message_count, sizeof *list);
    for (size_t i = 0; i < p->message_count; i++) {
        list[i].lock = read_slice(in);
        list[i].full = read_slice(in);
        list[i].replies = read_u8(in);
        list[i].lock_template = read_slice(in);
        list[i].full_template = read_slice(in);
    }
    p->messages = list;
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].message >= p->message_count)
            return false;
    return !in->failed;
}

static bool get_needs(struct reader *in, struct arena *a, struct plan *p)
{
    p->need_count = read_u16(in);
    if (in->failed || p->need_count > NEEDS_MAX)
        return false;
    struct plan_need *list = arena_array(a, p->need_count, sizeof *list);
    for (size_t i = 0; i < p->need_count; i++) {
        struct target one;
        list[i].count = read_u32(in);
        list[i].any = read_u8(in) != 0;
        if (in->failed)
            return false;
        if (list[i].any)
            continue;
        if (!target_read(in, a, &one) || one.count != 1)
            return false;
        list[i].from = one.alternatives[0];
    }
    p->needs = list;
    return true;
}

bool plan_read(struct reader *in, struct arena *a, struct plan *out)
{
    *out = (struct plan){ .line = 0 };
    uint8_t version = read_u8(in);
    if (version == 0 || version > PLAN_VERSION)
        return false;
    out->rule = read_slice(in);
    out->title = read_slice(in);
    out->file = read_slice(in);
    out->line = read_u32(in);
    out->hold_us = read_i64(in);
    out->repeat_every_us = read_i64(in);
    out->repeat_max = read_u32(in);
    out->repeat_all = read_u8(in) != 0;
    out->stop = read_u8(in);
    out->lease_us = read_i64(in);
    if (in->failed || out->hold_us < 0 || out->repeat_every_us < 0 || out->lease_us < 0)
        return false;
    return get_steps(in, a, out) && get_messages(in, a, out) && get_needs(in, a, out) &&
           (version < 2 || plan_clauses_read(in, a, &out->clauses));
}

const struct plan *plan_packed(const struct plan *p, struct arena *a)
{
    struct plan writable = *p, *packed = arena_alloc(a, sizeof *packed);
    struct buf bytes = buf_make(LIMIT_SITE_BYTES);

    writable.lease_us = 0; /* "by class" is no lease that a record could hold */
    plan_write(&bytes, &writable);
    struct reader in = reader_make(arena_copy(a, buf_slice(&bytes)));
    bool fine = !bytes.failed && plan_read(&in, a, packed);
    buf_free(&bytes);
    packed->lease_us = p->lease_us;
    return fine ? packed : p;
}
