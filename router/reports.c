#include "router/reports.h"

#include "base/memory.h"
#include "router/core.h"
#include "router/devices.h"

#include <stdlib.h>

LAYOUT_DEFINE(static, row_layout, "report", struct report_row, REPORT_ROW_MEMBERS)
LAYOUT_DEFINE(static, queue_layout, "reports", struct report_queue, REPORT_QUEUE_MEMBERS)
LAYOUT_DEFINE(static, trail_layout, "trail", struct report_trail, REPORT_TRAIL_MEMBERS)
LAYOUT_DEFINE(static, mark_layout, "mark", struct report_mark, REPORT_MARK_MEMBERS)

#define X(id, name) name,
static const char *const OUTCOMES[] = { REPORT_OUTCOMES(X) };
#undef X

const char *report_outcome_name(enum report_outcome o)
{
    return o < REPORT_OUTCOME_COUNT ? OUTCOMES[o] : "?";
}

void reports_init(struct reports *r)
{
    *r = (struct reports){ .queues = map_new(), .trails = map_new() };
}

static void queue_free(void *value)
{
    struct report_queue *q = value;

    objects_free(&q->rows, &row_layout);
    layout_drop(&queue_layout, q);
    free(q);
}

static void trail_free(void *value)
{
    struct report_trail *t = value;

    free(t->marks);
    layout_drop(&trail_layout, t);
    free(t);
}

void reports_free(struct reports *r)
{
    map_free(&r->queues, queue_free);
    map_free(&r->trails, trail_free);
}

/* --- looking ----------------------------------------------------------------------------------------- */

const struct report_queue *reports_queue(const struct reports *r, struct slice listener)
{
    return map_get(r->queues, listener);
}

const struct report_row *reports_find(const struct reports *r, uint64_t report,
                                      const struct report_queue **queue)
{
    void *value;

    for (size_t at = 0; map_next(r->queues, &at, NULL, &value);) {
        const struct report_queue *q = value;
        const struct report_row *row = map_get(q->rows, id_key(&report));
        if (row == NULL)
            continue;
        if (queue != NULL)
            *queue = q;
        return row;
    }
    return NULL;
}

size_t reports_waiting(const struct reports *r, struct slice listener)
{
    const struct report_queue *q = reports_queue(r, listener);

    return q != NULL ? map_count(q->rows) : 0;
}

size_t reports_waiting_all(const struct reports *r)
{
    size_t count = 0;
    void *value;

    for (size_t at = 0; map_next(r->queues, &at, NULL, &value);)
        count += map_count(((const struct report_queue *)value)->rows);
    return count;
}

const struct report_trail *reports_trail(const struct reports *r, uint64_t alert)
{
    return map_get(r->trails, id_key(&alert));
}

uint32_t report_told(const struct report_trail *t, uint64_t id)
{
    for (size_t i = 0; i < t->mark_count; i++)
        if (t->marks[i].id == id)
            return t->marks[i].told;
    return 0;
}

/* --- changing ---------------------------------------------------------------------------------------- */

void reports_trail_set(struct reports *r, uint64_t alert, struct slice listener, struct slice template_bytes)
{
    struct report_trail *t = map_get(r->trails, id_key(&alert));

    if (t == NULL) {
        t = memory_new(sizeof *t);
        t->alert = alert;
        map_put(r->trails, id_key(&alert), t);
    }
    text_set(&t->listener, listener);
    text_set(&t->template_bytes, template_bytes);
}

void reports_trail_drop(struct reports *r, uint64_t alert)
{
    struct report_trail *t = map_count(r->trails) > 0 ? map_remove(r->trails, id_key(&alert)) : NULL;

    if (t != NULL)
        trail_free(t);
}

void reports_mark(struct reports *r, uint64_t alert, uint64_t id, uint32_t status_bit)
{
    struct report_trail *t = map_get(r->trails, id_key(&alert));

    if (t == NULL)
        return;
    for (size_t i = 0; i < t->mark_count; i++)
        if (t->marks[i].id == id) {
            t->marks[i].told |= status_bit;
            return;
        }
    MEMORY_ROOM(t->marks, t->mark_count, t->mark_room);
    t->marks[t->mark_count++] = (struct report_mark){ id, status_bit };
}

static struct report_queue *queue_make(struct reports *r, struct slice listener)
{
    struct report_queue *q = map_get(r->queues, listener);

    if (q == NULL) {
        q = memory_new(sizeof *q);
        q->rows = map_new();
        text_set(&q->listener, listener);
        map_put(r->queues, listener, q);
    }
    return q;
}

void reports_add(struct reports *r, struct slice listener, const struct report_row *row)
{
    objects_put(queue_make(r, listener)->rows, id_key(&row->report), &row_layout, row);
}

void reports_settle(struct reports *r, struct slice listener, uint64_t report)
{
    struct report_queue *q = queue_make(r, listener);

    q->stalled_by = 0;
    objects_remove(q->rows, id_key(&report), &row_layout);
}

void reports_stall(struct reports *r, struct slice listener, uint64_t report)
{
    queue_make(r, listener)->stalled_by = report;
}

/* --- snapshot ---------------------------------------------------------------------------------------- */

void reports_write(const struct reports *r, struct buf *out)
{
    void *value;

    buf_u32(out, (uint32_t)map_count(r->queues));
    for (size_t at = 0; map_next(r->queues, &at, NULL, &value);) {
        const struct report_queue *q = value;
        layout_write(out, &queue_layout, q);
        objects_write(q->rows, &row_layout, out);
    }
    buf_u32(out, (uint32_t)map_count(r->trails));
    for (size_t at = 0; map_next(r->trails, &at, NULL, &value);) {
        const struct report_trail *t = value;
        layout_write(out, &trail_layout, t);
        buf_u32(out, (uint32_t)t->mark_count);
        for (size_t i = 0; i < t->mark_count; i++)
            layout_write(out, &mark_layout, &t->marks[i]);
    }
}

static void queue_read(struct reports *r, struct reader *in)
{
    struct report_queue read;

    layout_read(in, &queue_layout, &read);
    if (in->failed)
        return;
    queue_make(r, read.listener)->stalled_by = read.stalled_by;
    uint32_t rows = read_u32(in);
    for (uint32_t i = 0; i < rows && !in->failed; i++) {
        struct report_row row;
        layout_read(in, &row_layout, &row);
        if (!in->failed)
            reports_add(r, read.listener, &row);
    }
}

static void trail_read(struct reports *r, struct reader *in)
{
    struct report_trail read;

    layout_read(in, &trail_layout, &read);
    if (in->failed)
        return;
    reports_trail_set(r, read.alert, read.listener, read.template_bytes);
    uint32_t marks = read_u32(in);
    for (uint32_t i = 0; i < marks && !in->failed; i++) {
        struct report_mark mark;
        layout_read(in, &mark_layout, &mark);
        if (!in->failed)
            reports_mark(r, read.alert, mark.id, mark.told);
    }
}

void reports_read(struct reports *r, struct reader *in)
{
    uint32_t queues = read_u32(in);

    for (uint32_t i = 0; i < queues && !in->failed; i++)
        queue_read(r, in);
    uint32_t trails = read_u32(in);
    for (uint32_t i = 0; i < trails && !in->failed; i++)
        trail_read(r, in);
}
