/* What a source hears back on a connection of its own: PCD-05 as an alert goes on (IHE ACM, STANDARDS 1.5),
 * and the application acknowledgement that MSH-16 asks for beside the accept acknowledgement (2.9.3).
 *
 * Decided where the cause is decided: core_emit shows every record to reports_follow, which emits the REPORT
 * records right behind it. Nothing is reported while records are only applied. */
#include "router/state.h"

#include "base/limits.h"
#include "hl7/ack.h"
#include "hl7/message.h"
#include "router/pcd05.h"

/* --- the site ------------------------------------------------------------------------------------------ */

static const struct block *reporting_block(const struct core *c, struct slice listener)
{
    const struct block *b = c->site != NULL && c->site_reports ? site_block(c->site, listener) : NULL;

    return b != NULL && !b->endpoint && block_setting(b, SLICE("reports")) != NULL ? b : NULL;
}

void reports_expect(struct core *c)
{
    c->site_reports = false;
    for (size_t i = 0; i < c->site->block_count; i++)
        c->site_reports = c->site_reports || (!c->site->blocks[i].endpoint &&
                                              block_setting(&c->site->blocks[i], SLICE("reports")) != NULL);
}

static bool when_asked(const struct block *b)
{
    const struct setting *s = block_setting(b, SLICE("reports"));

    return s->value_count > 1 && slice_is(s->values[0], "when-asked");
}

/* --- the queue ----------------------------------------------------------------------------------------- */

static void emit_dropped(struct core *c, const struct record_report *p, const char *why)
{
    struct record r = { .type = RECORD_REPORT_DONE };

    r.as.report_done = (struct record_report_done){ .alert = p->alert,
                                                    .listener = p->listener,
                                                    .kind = p->kind,
                                                    .status = p->status,
                                                    .outcome = REPORT_DROPPED,
                                                    .detail = slice_of(why) };
    core_emit(c, &r);
}

/* The newest is what gives way: what waits keeps its order and its promise. */
static bool has_room(struct core *c, const struct record_report *p)
{
    if (reports_waiting(&c->reports, p->listener) < LIMIT_OPEN_REPORTS)
        return true;
    emit_dropped(c, p, "open-reports");
    return false;
}

static void emit_report(struct core *c, const struct record_report *p)
{
    struct record r = { .type = RECORD_REPORT };

    r.as.report = *p;
    core_emit(c, &r);
}

/* --- status reports ------------------------------------------------------------------------------------ */

struct telling { /* one PCD-05 in the making */
    struct core *core;
    struct alert *alert;
    const struct report_trail *trail;
    enum report_status status;
    struct report_person *people; /* in scratch */
    size_t count, room;
};

static bool wanted(const struct report_trail *t, enum report_status status)
{
    struct report_template template;
    struct reader in = reader_make(t->template_bytes);

    layout_read(&in, &template_layout, &template);
    return !in.failed && (template.wanted & STATUS_BIT(status)) != 0;
}

static bool telling_begin(struct telling *t, struct core *c, uint64_t alert, enum report_status status)
{
    *t = (struct telling){
        .core = c, .alert = core_alert(c, alert), .trail = reports_trail(&c->reports, alert), .status = status
    };
    return t->alert != NULL && t->trail != NULL && wanted(t->trail, status);
}

static void add_person(struct telling *t, const struct report_person *p)
{
    if (t->count == t->room) {
        size_t room = t->room > 0 ? 2 * t->room : 4;
        struct report_person *more = arena_array(t->core->scratch, room, sizeof *more);
        for (size_t i = 0; i < t->count; i++)
            more[i] = t->people[i];
        t->people = more;
        t->room = room;
    }
    t->people[t->count] = *p;
    t->people[t->count++].again = report_told(t->trail, p->dissemination) != 0;
}

static struct report_person person_named(const struct telling *t, struct slice holder)
{
    struct report_person p = { .dissemination = t->alert->id, .holder = holder, .title = holder };

    core_holder(t->core, holder, &p.title, &p.desk);
    return p;
}

static void add_delivery(struct telling *t, const struct delivery *d)
{
    struct report_person p = person_named(t, d->holder);

    p.dissemination = d->id;
    p.device = d->device;
    p.endpoint = d->endpoint;
    p.address = d->device == 0 ? d->address : (struct slice){ NULL, 0 };
    add_person(t, &p);
}

/* Nobody in particular: the alert itself. */
static void add_nobody(struct telling *t)
{
    add_person(t, &(struct report_person){ .dissemination = t->alert->id });
}

/* The newest send of the alert to each that was told. */
static void add_recipients(struct telling *t)
{
    const struct alert *a = t->alert;

    for (size_t i = 0; i < a->recipient_count; i++) {
        const struct delivery *newest = NULL;
        for (size_t k = 0; k < a->delivery_count; k++)
            if (a->deliveries[k]->notice.len == 0 &&
                slice_eq(a->deliveries[k]->holder, a->recipients[i].holder))
                newest = a->deliveries[k];
        if (newest != NULL)
            add_delivery(t, newest);
    }
    if (t->count == 0)
        add_nobody(t);
}

static struct slice marks_of(const struct telling *t)
{
    struct buf b = buf_make(LIMIT_APPEND_BYTES);

    buf_u32(&b, (uint32_t)t->count);
    for (size_t i = 0; i < t->count; i++)
        buf_u64(&b, t->people[i].dissemination);
    struct slice kept = arena_copy(t->core->scratch, buf_slice(&b));
    buf_free(&b);
    return kept;
}

static struct slice holders_of(const struct telling *t)
{
    struct slice *names = arena_array(t->core->scratch, t->count + 1, sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++)
        if (t->people[i].holder.len > 0)
            names[count++] = t->people[i].holder;
    return texts_write(t->core->scratch, names, count);
}

static void telling_end(struct telling *t)
{
    struct core *c = t->core;
    struct report_template template;
    struct reader in = reader_make(t->trail->template_bytes);
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);
    struct record_report p = { .alert = t->alert->id,
                               .report = c->position,
                               .listener = t->trail->listener,
                               .kind = REPORT_STATUS,
                               .status = (uint32_t)t->status };

    if (!has_room(c, &p))
        return;
    struct report_content content = { .report = p.report,
                                      .wall_us = core_wall(c, c->now_us),
                                      .status = t->status,
                                      .people = t->people,
                                      .person_count = t->count };
    layout_read(&in, &template_layout, &template);
    bool fine = report_write_status(&bytes, &template, &content);
    p.holders = holders_of(t);
    p.marks = marks_of(t);
    p.bytes = fine ? arena_copy(c->scratch, buf_slice(&bytes)) : (struct slice){ NULL, 0 };
    buf_free(&bytes);
    if (fine)
        emit_report(c, &p);
    else
        emit_dropped(c, &p, "cannot-be-written");
}

/* About nobody in particular. */
static void tell_alone(struct core *c, uint64_t alert, enum report_status status)
{
    struct telling t;

    if (!telling_begin(&t, c, alert, status))
        return;
    add_nobody(&t);
    telling_end(&t);
}

static void tell_delivery(struct core *c, const struct delivery *d, enum report_status status)
{
    struct telling t;

    if (d == NULL || d->notice.len > 0 || !telling_begin(&t, c, d->alert->id, status))
        return;
    if (status == STATUS_READ && (report_told(t.trail, d->id) & STATUS_BIT(STATUS_READ)) != 0)
        return; /* displayed, then read: once */
    add_delivery(&t, d);
    telling_end(&t);
}

/* --- what became of the alert's message ------------------------------------------------------------------
 */

/* The alert answers to this message from now on. A sender that wants nothing, and never did, leaves no trace.
 */
static void bind(struct core *c, const struct message_context *m, struct alert *a)
{
    const struct block *b = reporting_block(c, m->source->listener);
    const struct report_trail *old = reports_trail(&c->reports, a->id);
    struct record r = { .type = RECORD_REPORT_TO };
    struct report_template template;
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);

    report_template_read(m->hl7, m->event != NULL ? m->event->part : 0, when_asked(b), &template);
    layout_write(&bytes, &template_layout, &template);
    if (!bytes.failed && (template.wanted != 0 || old != NULL)) {
        r.as.report_to =
            (struct record_report_to){ .alert = a->id,
                                       .position = m->position,
                                       .listener = m->source->listener,
                                       .template_bytes = arena_copy(c->scratch, buf_slice(&bytes)) };
        core_emit(c, &r);
    }
    buf_free(&bytes);
    size_t before = reports_waiting_all(&c->reports);
    tell_alone(c, a->id, STATUS_RECEIVED);
    c->reported = c->reported || reports_waiting_all(&c->reports) > before;
}

void reports_message(struct core *c, const struct message_context *m, struct alert *a)
{
    if (c->reporting == m)
        bind(c, m, a);
}

void reports_begin(struct core *c, const struct message_context *m)
{
    c->reported = false;
    c->reporting = NULL;
    if (c->site_reports && m->hl7 != NULL && reporting_block(c, m->source->listener) != NULL &&
        pcd04_is(m->hl7))
        c->reporting = m;
}

void reports_end(struct core *c)
{
    c->reporting = NULL;
}

/* --- what follows from a record ------------------------------------------------------------------------ */

static void follow_open(struct core *c, const struct record_alert_open *o)
{
    struct alert *a = c->reporting != NULL && o->copy_of == 0 ? core_alert(c, o->alert) : NULL;

    /* What we raise ourselves while its message is in hand is not the reporter's. */
    if (a != NULL && slice_eq(alert_event(c, a)->listener, c->reporting->source->listener))
        bind(c, c->reporting, a);
}

/* A step that found nobody: who was looked for, and cannot be reached. */
static void follow_step(struct core *c, const struct record_step *s)
{
    struct telling t;
    size_t count;

    if (s->sends.len > sizeof(uint32_t) || s->why == WHY_HANDOFF ||
        !telling_begin(&t, c, s->alert, STATUS_UNDELIVERABLE))
        return;
    const struct told_item *told = items_read(c->scratch, &told_layout, s->told, &count);
    for (size_t i = 0; i < count; i++) {
        struct report_person p = person_named(&t, told[i].holder);
        if (alert_recipient(t.alert, told[i].holder) == NULL) /* else she was told before, and is not again */
            add_person(&t, &p);
    }
    if (count == 0)
        add_nobody(&t);
    if (t.count > 0)
        telling_end(&t);
}

static bool answer_status(const struct record_answer *n, enum report_status *out)
{
    switch ((enum answer_kind)n->kind) {
    case ANSWER_RECEIVED:
    case ANSWER_DELIVERED:
        *out = STATUS_DELIVERED;
        break;
    case ANSWER_DISPLAYED:
    case ANSWER_READ:
        *out = STATUS_READ;
        break;
    case ANSWER_ACCEPT:
    case ANSWER_READBACK: /* a relay desk's accept counts for nothing: it has only been read */
        *out = n->credits != 0 ? STATUS_ACCEPTED : STATUS_READ;
        break;
    case ANSWER_CONFIRM:
    case ANSWER_DONE:
        *out = STATUS_ACCEPTED_POSITIVE;
        break;
    case ANSWER_DISMISS:
        *out = slice_is(n->reason, "not-relevant") ? STATUS_ACCEPTED_NOT_RELEVANT : STATUS_ACCEPTED_FALSE;
        break;
    case ANSWER_DECLINE:
        *out = STATUS_REJECTED;
        break;
    case ANSWER_CALLBACK:
        *out = STATUS_CALLBACK_START;
        break;
    case ANSWER_UNDECRYPTABLE:
        *out = STATUS_UNDELIVERABLE;
        break;
    default:
        return false;
    }
    return true;
}

static void follow_answer(struct core *c, const struct record_answer *n)
{
    enum report_status status;

    if (n->result == ANSWER_TAKEN && answer_status(n, &status))
        tell_delivery(c, core_delivery(c, n->delivery), status);
}

/* Failed is still tried; a revoked phone is not. */
static void follow_delivery(struct core *c, const struct record_delivery *n)
{
    if (n->state == SEND_DEAD || (n->state == SEND_FAILED && slice_is(n->detail, "device-revoked")))
        tell_delivery(c, core_delivery(c, n->delivery), STATUS_UNDELIVERABLE);
}

static void follow_close(struct core *c, const struct record_close *e)
{
    struct telling t;

    if (e->reason != CLOSED_WITHDRAWN || !telling_begin(&t, c, e->alert, STATUS_CANCELLED))
        return;
    add_recipients(&t);
    telling_end(&t);
}

void reports_follow(struct core *c, const struct record *r)
{
    if (c->reporting == NULL && map_count(c->reports.trails) == 0)
        return;
    switch (r->type) {
    case RECORD_ALERT_OPEN:
        follow_open(c, &r->as.alert_open);
        break;
    case RECORD_STEP:
        follow_step(c, &r->as.step);
        break;
    case RECORD_ANSWER:
        follow_answer(c, &r->as.answer);
        break;
    case RECORD_DELIVERY:
        follow_delivery(c, &r->as.delivery);
        break;
    case RECORD_EXHAUSTED:
        if (r->as.exhausted.nobody)
            tell_alone(c, r->as.exhausted.alert, STATUS_UNDELIVERABLE);
        break;
    case RECORD_CLOSE:
        follow_close(c, &r->as.close);
        break;
    default:
        break;
    }
}

/* --- the application acknowledgement ------------------------------------------------------------------- */

/* Both are due: the accept acknowledgement is the answer on the sender's connection, this one comes on ours.
 * A PCD-04 whose reporter has a PCD-05 of it has its application's answer in that (MSA of ORA^R41). What was
 * quarantined is accepted, and the answer says what was wrong with it, as it would on the sender's
 * connection. */
void reports_acknowledge(struct core *c, const struct message_input *in, const struct error *why)
{
    const struct block *b = in->format == FORMAT_HL7V2 ? reporting_block(c, in->listener) : NULL;
    struct hl7_header h;

    if (b == NULL || c->reported ||
        !slice_is(block_value(b, SLICE("ack"), SLICE("by-header")), "by-header") ||
        !hl7_header_scan(in->bytes, &h))
        return;
    struct hl7_ack_due due = hl7_ack_due(&h, HL7_OUTCOME_OK);
    struct record_report p = { .report = c->position, .listener = in->listener, .kind = REPORT_ANSWER };
    if (due.accept[0] == '\0' || due.application[0] == '\0' || !has_room(c, &p))
        return;
    char id[REPORT_CONTROL_ID];
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);
    hl7_ack_put(&bytes, &(struct hl7_ack_request){ .header = &h,
                                                   .code = due.application,
                                                   .control_id = report_control_id(p.report, id),
                                                   .wall_us = core_wall(c, c->now_us),
                                                   .err = why->code != ERROR_NONE ? why : NULL,
                                                   .kept = in->bytes });
    p.bytes = bytes.failed ? (struct slice){ NULL, 0 } : arena_copy(c->scratch, buf_slice(&bytes));
    buf_free(&bytes);
    if (p.bytes.len > 0)
        emit_report(c, &p);
    else
        emit_dropped(c, &p, "cannot-be-written");
}

/* --- what became of a report --------------------------------------------------------------------------- */

static const struct place NOWHERE;

static struct slice stall_text(struct core *c, struct slice listener, uint64_t report)
{
    char id[REPORT_CONTROL_ID];

    return arena_printf(c->scratch, "%.*s since %.*s", SLICE_ARG(listener),
                        SLICE_ARG(report_control_id(report, id)));
}

static void stalled(struct core *c, struct slice listener, uint64_t report)
{
    struct message_context m = { .position = c->position };
    const char *title =
        arena_text(c->scratch, arena_printf(c->scratch, "%.*s takes no reports", SLICE_ARG(listener)));

    decide_technical(c, &m, "reports-stalled", title, NOWHERE, stall_text(c, listener, report));
}

/* It takes them again: the technical alert is over. */
static void flows(struct core *c, struct slice listener, uint64_t stalled_by)
{
    struct slice none = { NULL, 0 };
    struct alert *a = core_identity(c, arena_printf(c->scratch, "nightbell|reports-stalled|||%.*s",
                                                    SLICE_ARG(stall_text(c, listener, stalled_by))));

    if (a != NULL && a->state != ALERT_CLOSED)
        decide_close(c, a, CLOSED_SOURCE_CLEARED, none, none);
}

void decide_report(struct core *c, const struct report_input *in, struct core_result *out)
{
    const struct report_queue *q = NULL;
    const struct report_row *row = reports_find(&c->reports, in->report, &q);
    struct record r = { .type = RECORD_REPORT_DONE };

    out->done = row != NULL || error_set(&out->error, ERROR_UNKNOWN, "no such report");
    if (row == NULL || in->outcome >= REPORT_DROPPED || (in->outcome == REPORT_STALLED && q->stalled_by != 0))
        return;
    uint64_t stalled_by = q->stalled_by;
    struct slice listener = q->listener; /* queues stay */
    r.as.report_done = (struct record_report_done){ .alert = row->alert,
                                                    .report = row->report,
                                                    .listener = listener,
                                                    .kind = row->kind,
                                                    .status = row->status,
                                                    .outcome = (uint8_t)in->outcome,
                                                    .detail = in->detail,
                                                    .after_us = c->now_us - row->at_us };
    core_emit(c, &r);
    if (in->outcome == REPORT_STALLED)
        stalled(c, listener, in->report);
    else if (stalled_by != 0)
        flows(c, listener, stalled_by);
}
