/* What phones and people do under a candidate: as recorded where the record covers it, a model elsewhere. */
#include "lab/compare_parts.h"

#include "base/memory.h"
#include "lab/median.h"

#include <stdlib.h>
#include <string.h>

int64_t medians_get(const struct medians *m)
{
    size_t n = m->count < MEDIAN_KEPT ? m->count : MEDIAN_KEPT;

    if (n == 0)
        return TIME_NONE;
    int64_t *sorted = memory_array(n, sizeof *sorted);
    memcpy(sorted, m->values, n * sizeof *sorted);
    int64_t median = median_of(sorted, n, TIME_NONE);
    free(sorted);
    return median;
}

void medians_add(struct medians *m, int64_t us)
{
    if (m->values == NULL)
        m->values = memory_array(MEDIAN_KEPT, sizeof *m->values);
    m->values[m->count++ % MEDIAN_KEPT] = us;
}

/* --- a heap of what comes later --------------------------------------------------------------------- */

static bool sooner(const struct later *a, const struct later *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

void people_later(struct other *o, const struct later *l)
{
    MEMORY_ROOM(o->later, o->later_count, o->later_room);
    size_t at = o->later_count++;
    o->later[at] = *l;
    o->later[at].order = ++o->order;
    for (; at > 0 && sooner(&o->later[at], &o->later[(at - 1) / 2]); at = (at - 1) / 2) {
        struct later swap = o->later[at];
        o->later[at] = o->later[(at - 1) / 2];
        o->later[(at - 1) / 2] = swap;
    }
}

/* --- the two sides' sends ------------------------------------------------------------------------------ */

static bool same_phone(const struct send *a, const struct send *b)
{
    return a->device == b->device && slice_eq(a->holder, b->holder) &&
           (a->device != 0 || slice_eq(a->endpoint, b->endpoint));
}

/* The very same send, else the nearest in time within the band that stands for none yet; NULL: this phone was
 * not rung then. */
static struct send *counterpart(struct send *list, const struct send *s, enum compare_side side)
{
    struct send *best = NULL;
    int64_t least = COMPARE_BAND_US + 1;

    for (struct send *k = list; k != NULL; k = k->next) {
        int64_t apart = k->at_us > s->at_us ? k->at_us - s->at_us : s->at_us - k->at_us;
        if (!same_phone(k, s) || apart > COMPARE_BAND_US)
            continue;
        if (k->id == s->id)
            return k;
        if (apart < least && k->partner[side] == NULL) {
            best = k;
            least = apart;
        }
    }
    return best;
}

static void react(struct other *o, struct send *s, const struct reaction *r, int64_t at_us)
{
    struct later l = { .due_us = at_us, .kind = LATER_REACTION, .send = s, .reaction = *r };

    people_later(o, &l);
}

/* What came for the recorded one comes for this one, after the same delay. */
static void join(struct other *o, struct send *s, struct send *recorded)
{
    struct send *before = recorded->partner[o->side];

    if (before == s)
        return;
    if (before != NULL)
        before->partner[SIDE_RECORD] = NULL;
    if (s->partner[SIDE_RECORD] != NULL)
        s->partner[SIDE_RECORD]->partner[o->side] = NULL;
    recorded->partner[o->side] = s;
    s->partner[SIDE_RECORD] = recorded;
    for (size_t i = 0; i < recorded->reaction_count; i++)
        react(o, s, &recorded->reactions[i], s->at_us + recorded->reactions[i].after_us);
}

/* By then it is known whether the record rang this phone at that moment too. */
static int64_t not_at_once(int64_t delay_us)
{
    return delay_us > COMPARE_SAME_US ? delay_us : COMPARE_SAME_US;
}

void people_told(struct other *o, struct send *s)
{
    struct send *recorded = counterpart(s->row->sends[SIDE_RECORD], s, o->side);
    int64_t receipt = medians_get(&o->owner->receipts), accept = medians_get(&o->owner->accepts);
    struct later l = { .send = s };

    if (recorded != NULL) {
        join(o, s, recorded);
        return;
    }
    l.kind = LATER_RECEIPT;
    l.due_us = s->at_us + not_at_once(receipt != TIME_NONE ? receipt : TIME_S);
    people_later(o, &l);
    l.kind = LATER_ACCEPT;
    l.due_us = s->at_us + not_at_once(accept);
    if (o->side == SIDE_EVERYBODY && accept != TIME_NONE && !s->fyi)
        people_later(o, &l);
}

void people_rang(struct compare *c, struct send *recorded)
{
    for (int i = 0; i < 2 && c->other[i].core != NULL; i++) {
        struct other *o = &c->other[i];
        struct send *s = counterpart(recorded->row->sends[o->side], recorded, SIDE_RECORD);
        if (s != NULL)
            join(o, s, recorded);
    }
}

static void note_delay(struct compare *c, const struct send *s, const struct reaction *r)
{
    if (r->delivery)
        return;
    if (r->answer.kind == ANSWER_ACCEPT || r->answer.kind == ANSWER_READBACK)
        medians_add(&c->accepts, r->after_us);
    else if (r->answer.kind == ANSWER_RECEIVED || r->answer.kind == ANSWER_DELIVERED)
        medians_add(&c->receipts, r->after_us);
    (void)s;
}

static struct reaction reaction_of(struct compare *c, const struct core_input *in, int64_t after_us)
{
    struct reaction r = { .delivery = in->kind == INPUT_DELIVERY, .after_us = after_us };

    if (r.delivery) {
        r.report = in->as.delivery;
        r.report.detail = compare_name(c, in->as.delivery.detail);
    } else {
        r.answer = in->as.answer;
        r.answer.reason = compare_name(c, in->as.answer.reason);
        r.answer.endpoint = compare_name(c, in->as.answer.endpoint);
    }
    return r;
}

static void said(struct compare *c, struct send *recorded, const struct reaction *r, int64_t at_us)
{
    struct reaction *more;

    if (recorded->reaction_count == recorded->reaction_room) {
        size_t room = recorded->reaction_room > 0 ? recorded->reaction_room * 2 : 2;
        more = arena_array(c->kept, room, sizeof *more);
        if (recorded->reaction_count > 0)
            memcpy(more, recorded->reactions, recorded->reaction_count * sizeof *more);
        recorded->reactions = more;
        recorded->reaction_room = room;
    }
    recorded->reactions[recorded->reaction_count++] = *r;
    for (int i = 0; i < 2 && c->other[i].core != NULL; i++) {
        struct other *o = &c->other[i];
        struct send *s = recorded->partner[o->side];
        if (s != NULL) /* told later: the same delay after that */
            react(o, s, r, at_us > s->at_us + r->after_us ? at_us : s->at_us + r->after_us);
    }
}

void people_said(struct compare *c, const struct record *r)
{
    struct recorded one = { 0, r, NULL, 1 };
    struct core_input in;

    if (!recorded_input(&one, 0, c->scratch, &in))
        return;
    uint64_t id = in.kind == INPUT_DELIVERY ? in.as.delivery.delivery : in.as.answer.delivery;
    struct send *s = map_get(c->sends, (struct slice){ (const char *)&id, sizeof id });
    if (s == NULL) { /* a quiet notice, or an alert from before: the same id, or nothing */
        for (int i = 0; i < 2 && c->other[i].core != NULL; i++)
            other_decide(&c->other[i], &in, r->lane_us, 0);
        return;
    }
    struct reaction what = reaction_of(c, &in, r->lane_us - s->at_us);
    note_delay(c, s, &what);
    said(c, s, &what, r->lane_us);
}

/* --- the moment itself --------------------------------------------------------------------------------- */

static struct core_input answer_in(const struct send *s, enum answer_kind kind, uint64_t nonce)
{
    struct core_input in = { .kind = INPUT_ANSWER };

    in.as.answer =
        (struct answer){ .device = s->device, .endpoint = s->endpoint, .delivery = s->id, .kind = kind };
    memcpy(in.as.answer.nonce, &nonce, sizeof nonce);
    return in;
}

bool people_act(struct other *o, const struct later *l, struct core_input *in)
{
    struct compare *c = o->owner;

    if (l->kind == LATER_REPORT) {
        *in = (struct core_input){ .kind = INPUT_REPORT,
                                   .as.report = { l->report, REPORT_TAKEN, SLICE("AA") } };
        return true;
    }
    if (l->kind == LATER_REACTION) {
        *in = l->reaction.delivery
                  ? (struct core_input){ .kind = INPUT_DELIVERY, .as.delivery = l->reaction.report }
                  : (struct core_input){ .kind = INPUT_ANSWER, .as.answer = l->reaction.answer };
        if (l->reaction.delivery)
            in->as.delivery.delivery = l->send->id;
        else
            in->as.answer.delivery = l->send->id;
        c->answered += o->side == SIDE_NOBODY && !l->reaction.delivery;
        return true;
    }
    if (l->send->partner[SIDE_RECORD] != NULL)
        return false; /* the record rang this phone after all: what it did then counts */
    c->uncovered += l->kind == LATER_RECEIPT && o->side == SIDE_NOBODY;
    c->invented += l->kind == LATER_ACCEPT;
    *in = answer_in(l->send, l->kind == LATER_ACCEPT ? ANSWER_ACCEPT : ANSWER_RECEIVED, l->order);
    return true;
}
