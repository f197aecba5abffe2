/* What must leave after the commit, built from the alert and its delivery at the moment it is asked for. */
#include "router/state.h"

static struct slice title_of(const struct core *c, struct slice holder)
{
    struct slice title = holder;
    bool desk;

    core_holder(c, holder, &title, &desk);
    return title;
}

static void fill_texts(struct effect *e, const struct plan *p, const struct delivery *d)
{
    if (d->step >= p->step_count)
        return;
    const struct plan_step *s = &p->steps[d->step];
    e->level = s->level;
    if (s->message >= p->message_count)
        return;
    e->lock = p->messages[s->message].lock;
    e->full = p->messages[s->message].full;
    if (d->full.len > 0) { /* a summary speaks for more than its alert */
        e->lock = d->lock;
        e->full = d->full;
    }
}

static void build(struct core *c, struct arena *arena, struct delivery *d, enum effect_kind kind,
                  struct effect *e)
{
    struct alert *a = d->alert;
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    struct event *event = arena_alloc(arena, sizeof *event);
    struct reader pr = reader_make(a->plan), er = reader_make(a->event);

    plan_read(&pr, arena, plan);
    event_read(&er, event);
    *e = (struct effect){ .kind = kind,
                          .delivery = d->id,
                          .alert = a->id,
                          .device = d->device,
                          .holder = d->holder,
                          .endpoint = d->endpoint,
                          .address = d->address,
                          .fyi = d->fyi,
                          .step = d->step,
                          .repeat = d->round,
                          .seq = d->seq,
                          .notice = d->notice,
                          .notice_by = d->notice_by,
                          .title = event->title.len > 0 ? event->title : plan->title,
                          .class = event->class,
                          .unit = event->place.unit,
                          .bed = event->place.bed,
                          .replies = delivery_replies(plan, d),
                          .opened_us = a->opened_us,
                          .next_step_us = alert_next_ring(c, a),
                          .expires_us = TIME_NONE,
                          .rule = a->rule,
                          .state = slice_of(alert_state_name((enum alert_state)a->state)),
                          .identity_mismatch = event->identity_mismatch };
    fill_texts(e, plan, d);
    if (d->notice.len > 0)
        e->level = LEVEL_SILENT;
}

static void build_report(const struct report_queue *q, const struct report_row *row, struct effect *e)
{
    *e = (struct effect){ .kind = EFFECT_REPORT,
                          .delivery = row->report,
                          .alert = row->alert,
                          .endpoint = q->listener,
                          .bytes = row->bytes };
}

static bool build_pending(struct core *c, const struct pending_effect *p, struct effect *e)
{
    if (p->kind == EFFECT_REPORT) {
        const struct report_queue *q = NULL;
        const struct report_row *row = reports_find(&c->reports, p->delivery, &q);
        if (row != NULL)
            build_report(q, row, e);
        return row != NULL;
    }
    struct delivery *d = core_delivery(c, p->delivery);
    if (d != NULL)
        build(c, c->effect_arena, d, p->kind, e);
    return d != NULL;
}

void core_effects(struct core *c, void (*each)(void *ctx, const struct effect *e), void *ctx)
{
    arena_reset(c->effect_arena);
    for (size_t i = 0; i < c->effect_count; i++) {
        struct effect e;
        if (build_pending(c, &c->effects[i], &e))
            each(ctx, &e);
    }
    c->effect_count = 0;
}

/* Not settled: on its way; or, for a device that comes back, still to be shown while the alert is open. */
static bool outstanding(const struct core *c, const struct delivery *d, uint64_t device)
{
    const struct alert *a = d->alert;
    const struct device *v = devices_find(&c->devices, d->device);

    if (d->device != 0 && (v == NULL || v->revoked))
        return false;
    bool on_its_way = d->state == SEND_QUEUED || d->state == SEND_PUSHED;
    bool open = a->state != ALERT_CLOSED && d->notice.len == 0;
    /* A gateway that was away may be back; what a phone could not open is sealed for it anew. */
    bool again = open && (d->state == SEND_FAILED || (device != 0 && d->state == SEND_UNDECRYPTABLE));
    bool shown = open && device != 0 && delivery_heard(d);

    return on_its_way || again || shown;
}

static void walk(struct core *c, struct alert *first, uint64_t device,
                 void (*each)(void *ctx, const struct effect *e), void *ctx)
{
    for (struct alert *a = first; a != NULL; a = a->next_open)
        for (size_t i = 0; i < a->delivery_count; i++) {
            struct delivery *d = a->deliveries[i];
            struct effect e;
            if ((device != 0 && d->device != device) || !outstanding(c, d, device))
                continue;
            build(c, c->effect_arena, d, d->notice.len > 0 ? EFFECT_NOTICE : EFFECT_SEND, &e);
            each(ctx, &e);
        }
}

static void walk_reports(struct core *c, void (*each)(void *ctx, const struct effect *e), void *ctx)
{
    void *queue, *row;

    for (size_t at = 0; map_next(c->reports.queues, &at, NULL, &queue);)
        for (size_t n = 0; map_next(((struct report_queue *)queue)->rows, &n, NULL, &row);) {
            struct effect e;
            build_report(queue, row, &e);
            each(ctx, &e);
        }
}

void core_outstanding(struct core *c, uint64_t device, void (*each)(void *ctx, const struct effect *e),
                      void *ctx)
{
    arena_reset(c->effect_arena);
    walk(c, c->closed_first, device, each, ctx);
    walk(c, c->open_first, device, each, ctx);
    if (device == 0)
        walk_reports(c, each, ctx);
}

/* Which words stand in an alert row: a person's or desk's title, never an identifier alone. */
struct slice core_title(const struct core *c, struct slice holder)
{
    return holder.len > 0 ? title_of(c, holder) : holder;
}
