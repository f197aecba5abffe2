#include "lab/compare_parts.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where the candidates' own records stand, apart from all recorded ones: positions make alert ids. */
#define OWN_POSITIONS (UINT64_C(1) << 47)

struct id_key {
    uint64_t position, ordinal;
};

static uint64_t make_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    const struct compare *c = ctx;
    const struct id_key key = { position, ordinal };
    struct slice bytes = { (const char *)&key, sizeof key };
    const uint64_t *id = c->options.alert_id == NULL ? map_get(c->ids, bytes) : NULL;

    if (c->options.alert_id != NULL)
        return c->options.alert_id(c->options.ctx, lane, position, ordinal);
    return id != NULL ? *id : slice_hash(bytes, 17) | 1;
}

static struct site *compile_record(void *ctx, struct slice fileset, struct error *err)
{
    const struct compare *c = ctx;

    return c->options.compile_site(c->options.ctx, fileset, err);
}

static struct site *compile_other(void *ctx, struct slice fileset, struct error *err)
{
    const struct compare *c = ctx;

    return c->options.compile_candidate(c->options.ctx, fileset, err);
}

struct compare *compare_new(const struct compare_options *options)
{
    struct compare *c = memory_new(sizeof *c);
    struct core_hooks hooks = { .compile_site = compile_record, .alert_id = make_id, .ctx = c };

    c->options = *options;
    c->record = core_new(options->lane, &hooks);
    c->ids = map_new();
    c->by_key = map_new();
    c->alerts = map_new();
    c->sends = map_new();
    c->names = map_new();
    c->sent_hours = map_new();
    c->person_hours = map_new();
    c->kept = arena_new();
    c->scratch = arena_new();
    c->append = buf_make(LIMIT_APPEND_BYTES);
    for (int i = 0; i < 2; i++)
        c->other[i] = (struct other){ .owner = c,
                                      .side = i == 0 ? SIDE_NOBODY : SIDE_EVERYBODY,
                                      .alerts = map_new(),
                                      .position = OWN_POSITIONS };
    return c;
}

void compare_free(struct compare **compare)
{
    struct compare *c = compare != NULL ? *compare : NULL;

    if (c == NULL)
        return;
    core_free(&c->record);
    for (int i = 0; i < 2; i++) {
        core_free(&c->other[i].core);
        map_free(&c->other[i].alerts, NULL);
        free(c->other[i].later);
    }
    map_free(&c->ids, NULL);
    map_free(&c->by_key, NULL);
    map_free(&c->alerts, NULL);
    map_free(&c->sends, NULL);
    map_free(&c->names, NULL);
    map_free(&c->sent_hours, NULL);
    map_free(&c->person_hours, NULL);
    arena_free(&c->kept);
    arena_free(&c->scratch);
    buf_free(&c->append);
    free(c->accepts.values);
    free(c->receipts.values);
    free(c->rows);
    free(c);
    *compare = NULL;
}

bool compare_restore(struct compare *c, struct slice snapshot, struct error *err)
{
    return core_restore(c->record, snapshot, err);
}

uint64_t compare_record_hash(const struct compare *c)
{
    return core_state_hash(c->record);
}

/* --- a candidate's core -------------------------------------------------------------------------------- */

static void each_send(void *ctx, struct send *s)
{
    people_told(ctx, s);
}

/* Reports go nowhere; their source is said to have taken them. */
static void each_effect(void *ctx, const struct effect *e)
{
    struct other *o = ctx;
    struct later l = { .kind = LATER_REPORT, .report = e->delivery };

    l.due_us = INT64_MIN; /* at once */
    if (e->kind == EFFECT_REPORT)
        people_later(o, &l);
}

static bool note_all(struct other *o, uint32_t count, uint64_t position)
{
    struct reader in = reader_make(buf_slice(&o->owner->append));
    struct record r;

    for (uint32_t i = 0; i < count; i++)
        if (!record_read(&in, &r, &o->owner->error) ||
            !compare_note(o->owner, o->side, o->alerts, &r, position + i, each_send, o))
            return false;
    return true;
}

bool other_decide(struct other *o, const struct core_input *in, int64_t lane_us, uint64_t position)
{
    struct compare *c = o->owner;
    struct core_result result;
    uint32_t count = 0;
    bool own = position == 0;

    position = own ? o->position : position;
    buf_reset(&c->append);
    bool fine = core_decide(o->core, in, lane_us, position, &c->append, &count, &result, &c->error);
    o->position += own ? count : 0;
    fine = fine && note_all(o, count, position);
    core_effects(o->core, each_effect, o);
    bool admin = in->kind == INPUT_ASSIGN || in->kind == INPUT_AWAY || in->kind == INPUT_CODE ||
                 in->kind == INPUT_DEVICE || in->kind == INPUT_TOKEN;
    if (fine && in->kind == INPUT_SITE && !result.done)
        return error_set(&c->error, ERROR_VALUE, "the candidate is not taken: %s", result.error.message);
    c->refused += admin && !result.done && o->side == SIDE_NOBODY;
    return fine;
}

static struct later take_first(struct other *o)
{
    struct later first = o->later[0];
    struct later last = o->later[--o->later_count];
    size_t at = 0;

    for (size_t kid; (kid = 2 * at + 1) < o->later_count; at = kid) {
        const struct later *right = &o->later[kid + 1];
        if (kid + 1 < o->later_count &&
            (right->due_us != o->later[kid].due_us ? right->due_us < o->later[kid].due_us
                                                   : right->order < o->later[kid].order))
            kid++;
        if (last.due_us != o->later[kid].due_us ? last.due_us < o->later[kid].due_us
                                                : last.order < o->later[kid].order)
            break;
        o->later[at] = o->later[kid];
    }
    if (o->later_count > 0)
        o->later[at] = last;
    return first;
}

bool other_until(struct other *o, int64_t until_us)
{
    for (;;) {
        int64_t deadline = core_next_deadline(o->core);
        int64_t later = o->later_count > 0 ? o->later[0].due_us : INT64_MAX;
        struct core_input in = { .kind = INPUT_TIMER };
        bool fine = true;
        if ((deadline < later ? deadline : later) > until_us)
            return true;
        if (deadline < later) {
            fine = other_decide(o, &in, deadline, 0);
        } else {
            struct later l = take_first(o);
            if (people_act(o, &l, &in))
                fine = other_decide(o, &in, l.due_us, 0);
        }
        if (!fine)
            return false;
    }
}

/* --- the record --------------------------------------------------------------------------------------- */

static bool begin_others(struct compare *c)
{
    struct buf state = buf_make((size_t)1 << 31);
    struct core_hooks hooks = { .compile_site = compile_other, .alert_id = make_id, .ctx = c };
    bool fine = true;

    core_snapshot(c->record, &state);
    for (int i = 0; i < 2 && fine; i++) {
        struct core_input in = { .kind = INPUT_SITE };
        c->other[i].core = core_new(c->options.lane, &hooks);
        fine = core_site(c->record) == NULL || core_restore(c->other[i].core, buf_slice(&state), &c->error);
        in.as.site.fileset = c->options.candidate;
        in.as.site.by = in.as.site.how = SLICE("replay");
        memcpy(in.as.site.hash, c->options.candidate_hash, sizeof in.as.site.hash);
        if (fine && c->options.candidate.len > 0 && core_site(c->record) != NULL)
            fine = other_decide(&c->other[i], &in, INT64_MIN, 0);
    }
    buf_free(&state);
    c->deciding = fine;
    return fine;
}

static void each_rung(void *ctx, struct send *s)
{
    struct compare *c = ctx;

    map_put(c->sends, (struct slice){ (const char *)&s->id, sizeof s->id }, s);
    people_rang(c, s);
}

static bool follow(struct compare *c, const struct recorded *rec, size_t i)
{
    const struct record *r = &rec->records[i];

    return compare_note(c, SIDE_RECORD, c->alerts, r, rec->first + i, each_rung, c);
}

static bool site_input(struct compare *c, struct core_input *in)
{
    if (c->options.candidate.len == 0)
        return true;
    if (c->other[0].core != NULL && core_site(c->other[0].core) != NULL)
        return false; /* the candidate stays */
    in->as.site.fileset = c->options.candidate;
    memcpy(in->as.site.hash, c->options.candidate_hash, sizeof in->as.site.hash);
    return true;
}

/* The same input for a candidate, or not: what people said is theirs to say, and reports go nowhere. */
static bool passes(struct compare *c, struct core_input *in)
{
    switch (in->kind) {
    case INPUT_SITE:
        return site_input(c, in);
    case INPUT_ADOPT:
        return c->options.candidate.len == 0;
    case INPUT_ANSWER:
    case INPUT_DELIVERY:
    case INPUT_REPORT:
    case INPUT_SITE_FINDING:
        return false;
    default:
        return true;
    }
}

/* A router that is down decides nothing: only START goes on from where the record stands. */
static bool others_until(struct compare *c, const struct recorded *rec, size_t i)
{
    const struct record *r = &rec->records[i];
    int64_t until = r->lane_us;

    if (r->type == RECORD_START)
        return true;
    if (r->type == RECORD_TICK) /* what is due at that very moment is decided when the router woke */
        until = r->as.tick.due_us - 1;
    return other_until(&c->other[0], until) && other_until(&c->other[1], until);
}

static bool tick(struct other *o, const struct record *r)
{
    struct core_input in = { .kind = INPUT_TIMER };

    return core_next_deadline(o->core) != r->as.tick.due_us || other_decide(o, &in, r->lane_us, 0);
}

static bool decide_others(struct compare *c, const struct recorded *rec, size_t i)
{
    const struct record *r = &rec->records[i];
    struct core_input in;

    if (!recorded_input(rec, i, c->scratch, &in))
        return true;
    if (!others_until(c, rec, i))
        return false;
    if (r->type == RECORD_TICK)
        return tick(&c->other[0], r) && tick(&c->other[1], r);
    if (in.kind == INPUT_ANSWER || in.kind == INPUT_DELIVERY)
        people_said(c, r);
    if (!passes(c, &in))
        return true;
    if (in.kind == INPUT_MESSAGE) {
        c->messages += r->type == RECORD_MESSAGE;
        const struct site *site = core_site(c->other[0].core);
        bool known = site != NULL &&
                     (in.as.message.listener.len == 0 || site_source(site, in.as.message.listener) != NULL);
        c->full_context += r->type == RECORD_MESSAGE && known;
    }
    return other_decide(&c->other[0], &in, r->lane_us, rec->first + i) &&
           other_decide(&c->other[1], &in, r->lane_us, rec->first + i) && others_until(c, rec, i);
}

static void learn(struct compare *c, const struct recorded *rec)
{
    for (size_t i = 0; i < rec->count && c->options.alert_id == NULL; i++) {
        const struct record_alert_open *o = &rec->records[i].as.alert_open;
        if (rec->records[i].type != RECORD_ALERT_OPEN)
            continue;
        struct id_key key = { o->position, o->ordinal };
        uint64_t *id = arena_alloc(c->kept, sizeof *id);
        *id = o->alert;
        map_put(c->ids, (struct slice){ (const char *)&key, sizeof key }, id);
    }
}

bool compare_append(struct compare *c, uint64_t first, uint32_t count, struct slice records, bool decide,
                    struct error *err)
{
    struct recorded rec;

    arena_reset(c->scratch);
    bool fine = recorded_read(c->scratch, first, count, records, &rec, &c->error);
    if (fine)
        learn(c, &rec);
    fine = fine && (!decide || c->deciding || begin_others(c));
    for (size_t i = 0; i < rec.count && fine && decide; i++)
        fine = decide_others(c, &rec, i) && follow(c, &rec, i);
    fine = fine && core_apply(c->record, first, count, records, &c->error);
    if (!fine && err != NULL)
        *err = c->error;
    return fine || error_set(err, ERROR_INTERNAL, "the comparison cannot go on");
}
