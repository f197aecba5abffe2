/* What the records of reports change: queues, trails, counters. */
#include "router/state.h"

#include "router/pcd05.h"

static void touch(struct core *c, uint64_t alert)
{
    struct alert *a = alert != 0 ? core_alert(c, alert) : NULL;

    if (a != NULL)
        a->last_position = c->position;
}

void apply_report_to(struct core *c, const struct record *r)
{
    const struct record_report_to *t = &r->as.report_to;

    if (core_alert(c, t->alert) == NULL) {
        c->damaged = true;
        return;
    }
    reports_trail_set(&c->reports, t->alert, t->listener, t->template_bytes);
    touch(c, t->alert);
}

static void take_marks(struct core *c, const struct record_report *p)
{
    struct reader in = reader_make(p->marks);
    uint32_t count = read_u32(&in);

    for (uint32_t i = 0; i < count && p->status < STATUS_COUNT; i++) {
        uint64_t id = read_u64(&in);
        if (in.failed)
            return;
        reports_mark(&c->reports, p->alert, id, STATUS_BIT(p->status));
    }
}

void apply_report(struct core *c, const struct record *r)
{
    const struct record_report *p = &r->as.report;
    struct report_row row = { .report = p->report,
                              .alert = p->alert,
                              .kind = p->kind,
                              .status = p->status,
                              .at_us = r->lane_us,
                              .bytes = p->bytes };

    reports_add(&c->reports, p->listener, &row);
    c->counters[COUNTER_REPORTS]++;
    take_marks(c, p);
    core_effect(c, EFFECT_REPORT, p->report);
    touch(c, p->alert);
}

static void list_lost(struct core *c, const struct record *r, const struct record_report_done *d)
{
    char id[REPORT_CONTROL_ID];
    bool dropped = d->outcome == REPORT_DROPPED;
    struct list_row row = { .what = dropped ? SLICE("report-dropped") : SLICE("report-refused"),
                            .key = dropped ? d->detail : report_control_id(d->report, id),
                            .where = d->listener,
                            .count = 1,
                            .position = c->position,
                            .at_us = r->wall_us };

    lists_add(&c->lists, dropped ? LIST_FINDING : LIST_DEAD_LETTER, &row, !dropped);
}

void apply_report_done(struct core *c, const struct record *r)
{
    const struct record_report_done *d = &r->as.report_done;

    switch ((enum report_outcome)d->outcome) {
    case REPORT_TAKEN:
        c->counters[COUNTER_REPORTS_TAKEN]++;
        reports_settle(&c->reports, d->listener, d->report);
        break;
    case REPORT_REFUSED:
        c->counters[COUNTER_REPORTS_REFUSED]++;
        reports_settle(&c->reports, d->listener, d->report);
        list_lost(c, r, d);
        break;
    case REPORT_STALLED:
        reports_stall(&c->reports, d->listener, d->report);
        break;
    case REPORT_DROPPED:
        c->counters[COUNTER_REPORTS_DROPPED]++;
        list_lost(c, r, d);
        break;
    default:
        c->damaged = true;
    }
    touch(c, d->alert);
}
