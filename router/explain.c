/* What explain prints: one JSON object a line for each record about an alert, with a sentence in it.
 *
 *   {"position":17,"at":"2026-10-14T07:10:04.000Z","clock":"02:10:04","type":"step","text":"..."}
 * Holds patient data: it goes to who may read the journal. */
#include "router/telling.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "events/schema.h"
#include "router/pcd05.h"

static void clock_text(struct buf *out, const struct core *c, int64_t wall_us)
{
    struct civil t = c->site != NULL ? tz_to_civil(c->site->zone, wall_us) : time_to_civil(wall_us);

    buf_printf(out, "%02u:%02u:%02u", t.hour, t.minute, t.second);
}

static void put_clock(struct telling *t, int64_t lane_us, const struct record *r)
{
    clock_text(&t->text, t->core, r->wall_us + (lane_us - r->lane_us));
}

static void put_field(struct telling *t, const struct event *e, const char *name, const char *before)
{
    size_t id, at = t->text.len;

    if (!schema_find(slice_of(name), &id))
        return;
    buf_text(&t->text, before);
    if (!event_field_text(e, id, &t->text))
        t->text.len = at; /* absent: as if nothing had been written */
}

void put_event(struct telling *t, struct slice blob)
{
    struct event e = event_empty(EVENT_ALARM, PHASE_STARTS);
    struct reader in = reader_make(blob);

    if (!event_read(&in, &e))
        return;
    buf_printf(&t->text, "%s ", event_kind_name(e.kind));
    buf_put(&t->text, e.code.len > 0 ? e.code : e.title);
    buf_printf(&t->text, " %s", event_phase_name(e.phase));
    if (e.place.unit.len > 0) {
        buf_text(&t->text, " at ");
        buf_put(&t->text, e.place.unit);
        buf_text(&t->text, e.place.bed.len > 0 ? "-" : "");
        buf_put(&t->text, e.place.bed);
    }
    put_field(t, &e, "value", ", value ");
    buf_text(&t->text, ", from ");
    buf_put(&t->text, e.listener);
    if (e.identity_mismatch)
        buf_text(&t->text, ", identity mismatch: the name is hidden");
}

static void tell_open(struct telling *t, const struct record *r)
{
    const struct record_alert_open *o = &r->as.alert_open;

    put_event(t, o->event);
    buf_text(&t->text, o->copy_of != 0 ? "; copy " : "; owned by ");
    buf_put(&t->text, o->rule);
    buf_text(&t->text, ": ");
    buf_put(&t->text, o->why);
    if (o->hold_until_us != TIME_NONE && o->hold_until_us > r->lane_us) {
        buf_text(&t->text, "; held until ");
        put_clock(t, o->hold_until_us, r);
    }
    put_member(t, "rule", o->rule);
    if (o->copy_of != 0 && o->copy_of != o->alert) {
        put_key(t, "copy_of");
        buf_printf(&t->more, "\"%016llx\"", (unsigned long long)o->copy_of);
    }
    if (o->others.len > 0) /* written before there were decisions */
        put_member(t, "others", o->others);
}

static void tell_worse(struct telling *t, const struct record *r)
{
    put_event(t, r->as.alert_worse.event);
    buf_text(&t->text, "; moved up to ");
    buf_put(&t->text, r->as.alert_worse.rule);
    buf_text(&t->text, ": ");
    buf_put(&t->text, r->as.alert_worse.why);
}

static void tell_alert_adopt(struct telling *t, const struct record *r)
{
    const struct record_alert_adopt *d = &r->as.alert_adopt;
    struct reader in = reader_make(d->steps);
    uint32_t count = read_u32(&in), kept = 0;

    for (uint32_t i = 0; i < count && !in.failed; i++)
        kept += read_u32(&in) != 0;
    buf_printf(&t->text, "goes over to site version %02x%02x%02x%02x%02x%02x, rule ", d->site[0], d->site[1],
               d->site[2], d->site[3], d->site[4], d->site[5]);
    buf_put(&t->text, d->rule);
    buf_printf(&t->text, ": %u of its %u steps have fired already; ", kept, count);
    buf_put(&t->text, d->why);
}

static void put_told(struct telling *t, struct slice told_blob, struct slice sends_blob, bool told)
{
    size_t count, send_count;
    const struct told_item *items = items_read(t->arena, &told_layout, told_blob, &count);
    const struct send_item *sends = items_read(t->arena, &send_layout, sends_blob, &send_count);
    bool first = true;

    if (told)
        put_people(t, items, count, sends, send_count);
    for (size_t i = 0; i < count; i++) {
        if (items[i].told != told)
            continue;
        buf_text(&t->text, first ? (told ? "told " : "; skipped ") : ", ");
        put_title(t, items[i].holder);
        buf_text(&t->text, " (");
        buf_put(&t->text, items[i].reason);
        if (told)
            buf_printf(&t->text, "; sends: %zu", sends_to(sends, send_count, items[i].holder));
        buf_text(&t->text, ")");
        first = false;
    }
    if (told && first)
        buf_text(&t->text, "found nobody");
}

static void tell_step(struct telling *t, const struct record *r)
{
    const struct record_step *s = &r->as.step;

    buf_printf(&t->text, "step %u (%s): ", s->step + 1, step_why_text((enum step_why)s->why));
    put_number(t, "step", s->step + 1);
    put_member(t, "why", slice_of(step_why_text((enum step_why)s->why)));
    put_told(t, s->told, s->sends, true);
    put_told(t, s->told, s->sends, false);
    if (s->receipt_us != TIME_NONE) {
        buf_text(&t->text, "; a receipt is due by ");
        put_clock(t, s->receipt_us, r);
    }
}

static void tell_ring(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "rings again (%s): ", step_why_text((enum step_why)r->as.ring.why));
    put_number(t, "step", r->as.ring.step + 1);
    put_member(t, "why", slice_of(step_why_text((enum step_why)r->as.ring.why)));
    put_told(t, r->as.ring.told, r->as.ring.sends, true);
}

static void tell_answer(struct telling *t, const struct record *r)
{
    static const char *const RESULTS[] = { "", " (said before)", " (late)", " (unknown)", " (not offered)" };
    const struct record_answer *n = &r->as.answer;

    put_title(t, n->holder);
    buf_printf(&t->text, ": %s", answer_kind_name((enum answer_kind)n->kind));
    if (n->reason.len > 0) {
        buf_text(&t->text, ", ");
        buf_put(&t->text, n->reason);
    }
    if (n->result < sizeof RESULTS / sizeof RESULTS[0])
        buf_text(&t->text, RESULTS[n->result]);
}

static void tell_delivery(struct telling *t, const struct record *r)
{
    const struct delivery *d = core_delivery(t->core, r->as.delivery.delivery);

    buf_printf(&t->text, "send %s", send_state_name((enum send_state)r->as.delivery.state));
    if (d != NULL) {
        buf_text(&t->text, " to ");
        put_title(t, d->holder);
    }
    if (r->as.delivery.detail.len > 0) {
        buf_text(&t->text, ": ");
        buf_put(&t->text, r->as.delivery.detail);
    }
}

static void tell_accepted(struct telling *t, const struct record *r)
{
    buf_text(&t->text, "accepted by ");
    put_title(t, r->as.accepted.by);
    if (r->as.accepted.lease_until_us != TIME_NONE) {
        buf_text(&t->text, "; holds until ");
        put_clock(t, r->as.accepted.lease_until_us, r);
    }
}

static void tell_close(struct telling *t, const struct record *r)
{
    const struct record_close *e = &r->as.close;

    buf_printf(&t->text, "closed: %s", close_reason_name((enum close_reason)e->reason));
    if (e->by.len > 0) {
        buf_text(&t->text, " by ");
        put_title(t, e->by);
    }
    if (e->detail.len > 0) {
        buf_text(&t->text, ", ");
        buf_put(&t->text, e->detail);
    }
}

static void tell_notice(struct telling *t, const struct record *r)
{
    size_t count;

    items_read(t->arena, &send_layout, r->as.notice.sends, &count);
    buf_text(&t->text, "quiet word \"");
    buf_put(&t->text, r->as.notice.word);
    buf_printf(&t->text, "\" to %zu", count);
}

static void tell_update(struct telling *t, const struct record *r)
{
    put_event(t, r->as.alert_update.event);
}

static void tell_begin(struct telling *t, const struct record *r)
{
    (void)r;
    buf_text(&t->text, "what it waited for is over: the plan begins");
}

static void tell_step_skip(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "step %u: its condition is not true", r->as.step_skip.step + 1);
}

static void tell_advance(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "step %u ends early: %s", r->as.advance.step + 1,
               step_why_text((enum step_why)r->as.advance.why));
}

static void tell_lapse(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "the accept no longer holds: %s", step_why_text((enum step_why)r->as.lapse.why));
}

static void tell_attended(struct telling *t, const struct record *r)
{
    (void)r;
    buf_text(&t->text, "staff are there");
}

static void tell_cleared(struct telling *t, const struct record *r)
{
    (void)r;
    buf_text(&t->text, "cleared by the source, unseen: the plan goes on");
}

static void tell_exhausted(struct telling *t, const struct record *r)
{
    buf_text(&t->text, r->as.exhausted.nobody ? "exhausted: nobody and no desk could be reached"
                                              : "exhausted: it stays open at its desk");
}

/* "to the reporter: Accepted, Ana Ruiz RN (NR812)" */
static void tell_report(struct telling *t, const struct record *r)
{
    const struct record_report *p = &r->as.report;
    char id[REPORT_CONTROL_ID];
    size_t count;
    const struct slice *holders = texts_read(t->arena, p->holders, &count);

    buf_printf(&t->text, "to the reporter: %s", report_status_word((enum report_status)p->status));
    for (size_t i = 0; i < count; i++) {
        buf_text(&t->text, ", ");
        put_title(t, holders[i]);
    }
    buf_text(&t->text, " (");
    buf_put(&t->text, report_control_id(p->report, id));
    buf_text(&t->text, ")");
}

/* "0.2 s" */
static void put_seconds(struct telling *t, int64_t us)
{
    int64_t tenths = (us + 50 * TIME_MS) / (100 * TIME_MS);

    buf_printf(&t->text, "%lld.%lld s", (long long)(tenths / 10), (long long)(tenths % 10));
}

static void tell_report_done(struct telling *t, const struct record *r)
{
    const struct record_report_done *d = &r->as.report_done;
    char id[REPORT_CONTROL_ID];

    buf_printf(&t->text, "the reporter was %stold: %s, ", d->outcome == REPORT_TAKEN ? "" : "not ",
               report_status_word((enum report_status)d->status));
    buf_text(&t->text, report_outcome_name((enum report_outcome)d->outcome));
    if (d->outcome != REPORT_DROPPED) {
        buf_text(&t->text, d->outcome == REPORT_STALLED ? " since " : " after ");
        put_seconds(t, d->after_us);
    }
    if (d->detail.len > 0) {
        buf_text(&t->text, ", ");
        buf_put(&t->text, d->detail);
    }
    if (d->report != 0) {
        buf_text(&t->text, " (");
        buf_put(&t->text, report_control_id(d->report, id));
        buf_text(&t->text, ")");
    }
}

static void tell_message(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "a message of %zu bytes from %.*s", r->as.message.bytes.len,
               SLICE_ARG(r->as.message.listener));
}

static void tell_fate(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "%s", fate_name((enum fate)r->as.fate.fate));
    if (r->as.fate.reason.len > 0)
        buf_printf(&t->text, ": %.*s", SLICE_ARG(r->as.fate.reason));
    if (r->as.fate.ignored.len > 0)
        put_ignored(t, r->as.fate.ignored);
}

static void tell_finding(struct telling *t, const struct record *r)
{
    buf_printf(&t->text, "%.*s: %.*s, %.*s", SLICE_ARG(r->as.finding.what), SLICE_ARG(r->as.finding.key),
               SLICE_ARG(r->as.finding.where));
}

/* "7f3a0c11d2e4b596 (spo2-probe-off)" */
static void put_alert(struct telling *t, uint64_t id)
{
    const struct alert *a = core_alert(t->core, id);

    buf_printf(&t->text, "%016llx", (unsigned long long)id);
    if (a != NULL)
        buf_printf(&t->text, " (%.*s)", SLICE_ARG(a->rule));
}

static void tell_wait(struct telling *t, const struct record *r)
{
    const struct record_wait *w = &r->as.wait;

    if (w->kind == WAIT_SUPPRESSED) {
        buf_text(&t->text, "suppressed while alert ");
        put_alert(t, w->by);
        buf_text(&t->text, " is open, at most until ");
    } else if (w->kind == WAIT_SHIFT) {
        buf_printf(&t->text, "waits for the shift %.*s, which opens at ", SLICE_ARG(w->shift));
    } else {
        buf_text(&t->text, "waits for others to join until ");
    }
    put_clock(t, w->until_us, r);
}

static void tell_joined(struct telling *t, const struct record *r)
{
    buf_text(&t->text, "alert ");
    put_alert(t, r->as.joined.alert);
    buf_text(&t->text, r->as.joined.why == JOIN_DEDUPE ? " is the same again: part of alert "
                                                       : " is in the bundle of alert ");
    put_alert(t, r->as.joined.into);
}

static void tell_reopen(struct telling *t, const struct record *r)
{
    buf_text(&t->text, "open again: alert ");
    put_alert(t, r->as.reopen.by);
    buf_text(&t->text, " is the same, soon after the end");
}

static void tell_part_over(struct telling *t, const struct record *r)
{
    buf_text(&t->text, r->as.part_over.withdrawn ? "withdrawn by its source; those that joined it go on"
                                                 : "ended by its source; those that joined it go on");
}

static void tell_limited(struct telling *t, const struct record *r)
{
    put_title(t, r->as.limited.holder);
    buf_printf(&t->text, " has heard enough of %.*s for now: in the summary at ",
               SLICE_ARG(r->as.limited.rule));
    put_clock(t, r->as.limited.due_us, r);
}

static void tell_summary(struct telling *t, const struct record *r)
{
    struct reader in = reader_make(r->as.summary.alerts);
    size_t sends;

    items_read(t->arena, &send_layout, r->as.summary.sends, &sends);
    buf_printf(&t->text, "summary of %u to ", read_u32(&in));
    put_title(t, r->as.summary.holder);
    buf_printf(&t->text, "; sends: %zu", sends);
}

/* Does a summary speak of this alert too? */
static bool in_summary(const struct record *r, uint64_t alert)
{
    struct reader in = reader_make(r->as.summary.alerts);
    uint32_t count = read_u32(&in);
    bool found = false;

    for (uint32_t i = 0; i < count && !in.failed; i++) {
        found = found || read_u64(&in) == alert;
        read_u32(&in);
    }
    return found;
}

static void tell_lead(struct telling *t, const struct record *r)
{
    buf_text(&t->text, "the bundle goes on without alert ");
    put_alert(t, r->as.lead.from);
}

static void tell_texts(struct telling *t, const struct record *r)
{
    (void)r;
    buf_text(&t->text, "the text says how all of them stand");
}

/* Every type of record that is about one alert: where its id stands, and the sentence. Those with
 * `of_message` say where the position of the message stands that they came of. */
#define STORY(TYPE, member)                                                                                  \
    {                                                                                                        \
        RECORD_##TYPE, offsetof(struct record, as.member.alert), 0, tell_##member                            \
    }
#define OF_MESSAGE(TYPE, member)                                                                             \
    {                                                                                                        \
        RECORD_##TYPE, offsetof(struct record, as.member.alert),                                             \
            offsetof(struct record, as.member.position), tell_##member                                       \
    }
#define MESSAGE_ONLY(TYPE, member, position)                                                                 \
    {                                                                                                        \
        RECORD_##TYPE, 0, position, tell_##member                                                            \
    }
static const struct {
    unsigned type;
    size_t alert, of_message; /* 0: it has none */
    void (*tell)(struct telling *t, const struct record *r);
} stories[] = {
    { RECORD_ALERT_OPEN, offsetof(struct record, as.alert_open.alert),
      offsetof(struct record, as.alert_open.position), tell_open },
    { RECORD_ALERT_UPDATE, offsetof(struct record, as.alert_update.alert),
      offsetof(struct record, as.alert_update.position), tell_update },
    { RECORD_ALERT_WORSE, offsetof(struct record, as.alert_worse.alert),
      offsetof(struct record, as.alert_worse.position), tell_worse },
    { RECORD_ALERT_BEGIN, offsetof(struct record, as.alert_begin.alert), 0, tell_begin },
    OF_MESSAGE(DECISION, decision),
    { RECORD_MESSAGE, 0, 0, tell_message },
    MESSAGE_ONLY(FATE, fate, offsetof(struct record, as.fate.position)),
    MESSAGE_ONLY(FINDING, finding, offsetof(struct record, as.finding.position)),
    STORY(STEP, step),
    STORY(STEP_SKIP, step_skip),
    STORY(ADVANCE, advance),
    STORY(RING, ring),
    STORY(ACCEPTED, accepted),
    STORY(LAPSE, lapse),
    OF_MESSAGE(ATTENDED, attended),
    OF_MESSAGE(CLEARED, cleared),
    STORY(EXHAUSTED, exhausted),
    OF_MESSAGE(CLOSE, close),
    STORY(NOTICE, notice),
    STORY(ANSWER, answer),
    STORY(DELIVERY, delivery),
    STORY(REPORT, report),
    STORY(REPORT_DONE, report_done),
    STORY(ALERT_ADOPT, alert_adopt),
    STORY(WAIT, wait),
    STORY(JOINED, joined),
    STORY(REOPEN, reopen),
    STORY(PART_OVER, part_over),
    STORY(TEXTS, texts),
    STORY(LEAD, lead),
    STORY(LIMITED, limited),
    STORY(SUMMARY, summary),
};
#undef STORY
#undef OF_MESSAGE
#undef MESSAGE_ONLY

static uint64_t number_at(const struct record *r, size_t offset)
{
    uint64_t n = 0;

    if (offset != 0)
        memcpy(&n, (const char *)r + offset, sizeof n);
    return n;
}

/* Writes the sentence; false when the record is not of the story. */
static bool tell(struct telling *t, const struct record *r, uint64_t position, const struct story *s)
{
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        if (stories[i].type != (unsigned)r->type)
            continue;
        bool into = (r->type == RECORD_JOINED && r->as.joined.into == s->alert) ||
                    (r->type == RECORD_SUMMARY && in_summary(r, s->alert));
        uint64_t alert = number_at(r, stories[i].alert);
        bool mine = s->alert != 0                       ? alert == s->alert || into
                    : alert != 0 && story_has(s, alert) ? true
                    : r->type == RECORD_MESSAGE         ? position == s->message
                                                        : number_at(r, stories[i].of_message) == s->message;
        if (mine && alert != 0 && s->alert == 0) {
            put_key(t, "alert");
            buf_printf(&t->more, "\"%016llx\"", (unsigned long long)alert);
        }
        if (mine)
            stories[i].tell(t, r);
        return mine;
    }
    return false;
}

static void put_line(const struct telling *t, const struct record *r, uint64_t position, struct buf *out)
{
    char at[TIME_TEXT];
    struct slice name = slice_of(record_name(r->type));

    buf_printf(out, "{\"position\":%llu,\"at\":\"", (unsigned long long)position);
    buf_put(out, time_text(r->wall_us, at));
    buf_text(out, "\",\"clock\":\"");
    clock_text(out, t->core, r->wall_us);
    buf_text(out, "\",\"type\":\"");
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.ptr[i];
        buf_u8(out, (uint8_t)(ch == '_' ? '-' : ch >= 'A' && ch <= 'Z' ? ch - 'A' + 'a' : ch));
    }
    buf_text(out, "\",\"text\":\"");
    utf8_put_json(out, buf_slice(&t->text));
    buf_text(out, "\"");
    buf_put(out, buf_slice(&t->more));
    buf_text(out, "}\n");
}

bool core_story(const struct core *c, struct story *s, uint64_t first_position, struct slice records,
                struct buf *json_lines)
{
    struct reader in = reader_make(records);
    struct telling t = { .core = c,
                         .arena = arena_new(),
                         .text = buf_make(LIMIT_CONTROL_BYTES),
                         .more = buf_make(LIMIT_CONTROL_BYTES) };
    bool more = true;
    struct record r;

    for (uint64_t at = first_position; in.len > 0 && record_read(&in, &r, NULL); at++) {
        more = r.wall_us <= s->until_us;
        if (!more)
            break;
        buf_reset(&t.text);
        buf_reset(&t.more);
        if (!tell(&t, &r, at, s) ||
            (s->no_receipts && r.type == RECORD_ANSWER && r.as.answer.kind == ANSWER_RECEIVED))
            continue;
        put_line(&t, &r, at, json_lines);
        story_follow(s, &r);
    }
    buf_free(&t.text);
    buf_free(&t.more);
    arena_free(&t.arena);
    return more;
}

void core_explain(const struct core *c, uint64_t alert, uint64_t first_position, struct slice records,
                  struct buf *json_lines)
{
    struct story s = { .alert = alert, .until_us = INT64_MAX, .arena = arena_new() };

    core_story(c, &s, first_position, records, json_lines);
    arena_free(&s.arena);
}
