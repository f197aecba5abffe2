#include "lab/replay.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct replay {
    struct replay_options options;
    struct core *core, *applied; /* core: decides; NULL after a difference */
    struct map *ids;             /* (position, ordinal) -> alert id as text bytes; when ids are learnt */
    struct arena *scratch, *kept;
    struct buf append;
    struct slice difference;
    struct replay_counts counts;
    bool compared;
};

struct id_key {
    uint64_t position, ordinal;
};

static struct slice key_bytes(const struct id_key *k)
{
    return (struct slice){ (const char *)k, sizeof *k };
}

static uint64_t learnt_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    const struct replay *r = ctx;
    const struct id_key key = { position, ordinal };
    const uint64_t *id = map_get(r->ids, key_bytes(&key));

    (void)lane;
    return id != NULL ? *id : slice_hash(key_bytes(&key), 17) | 1; /* of an alert that no record opens */
}

static struct site *compile(void *ctx, struct slice fileset, struct error *err)
{
    const struct replay *r = ctx;

    return r->options.compile_site(r->options.ctx, fileset, err);
}

static uint64_t make_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    const struct replay *r = ctx;

    return r->options.alert_id != NULL ? r->options.alert_id(r->options.ctx, lane, position, ordinal)
                                       : learnt_id(ctx, lane, position, ordinal);
}

struct replay *replay_new(const struct replay_options *options)
{
    struct replay *r = memory_new(sizeof *r);
    struct core_hooks hooks = { .compile_site = compile, .alert_id = make_id, .ctx = r };

    r->options = *options;
    r->core = core_new(options->lane, &hooks);
    r->applied = core_new(options->lane, &hooks);
    r->ids = map_new();
    r->scratch = arena_new();
    r->kept = arena_new();
    r->append = buf_make(LIMIT_APPEND_BYTES);
    return r;
}

void replay_free(struct replay **replay)
{
    struct replay *r = replay != NULL ? *replay : NULL;

    if (r == NULL)
        return;
    core_free(&r->core);
    core_free(&r->applied);
    map_free(&r->ids, NULL); /* what it points at is of `kept` */
    arena_free(&r->scratch);
    arena_free(&r->kept);
    buf_free(&r->append);
    free(r);
    *replay = NULL;
}

bool replay_restore(struct replay *r, struct slice snapshot, struct error *err)
{
    return core_restore(r->core, snapshot, err) && core_restore(r->applied, snapshot, err);
}

static void learn(struct replay *r, const struct recorded *rec)
{
    for (size_t i = 0; i < rec->count && r->options.alert_id == NULL; i++) {
        const struct record_alert_open *o = &rec->records[i].as.alert_open;
        if (rec->records[i].type != RECORD_ALERT_OPEN)
            continue;
        struct id_key key = { o->position, o->ordinal };
        uint64_t *id = arena_alloc(r->kept, sizeof *id);
        *id = o->alert;
        map_put(r->ids, key_bytes(&key), id);
    }
}

static void differs(struct replay *r, uint64_t position, struct slice recorded, struct slice decided)
{
    r->difference = arena_printf(r->kept, "position %llu: the journal has %.*s, decided again it is %.*s",
                                 (unsigned long long)position, SLICE_ARG(recorded), SLICE_ARG(decided));
    core_free(&r->core);
}

static struct slice name_of(const struct recorded *rec, size_t i)
{
    return i < rec->count ? slice_of(record_name(rec->records[i].type)) : SLICE("nothing");
}

/* What was decided for record `at` against what stands there. Returns how many records it makes. */
static size_t compare(struct replay *r, const struct recorded *rec, size_t at, uint32_t count)
{
    struct reader in = reader_make(buf_slice(&r->append));
    struct error err = { .code = ERROR_NONE };

    for (uint32_t k = 0; k < count; k++) {
        const char *from = in.ptr;
        struct record mine;
        bool there = at + k < rec->count && record_read(&in, &mine, &err);
        struct slice bytes = { from, there ? (size_t)(in.ptr - from) : 0 };
        if (there && slice_eq(bytes, rec->raw[at + k]))
            continue;
        struct slice name = there ? slice_of(record_name(mine.type)) : SLICE("one record more");
        if (there && mine.type == rec->records[at + k].type)
            name = arena_printf(r->scratch, "another %.*s", SLICE_ARG(name));
        differs(r, rec->first + at + k, name_of(rec, at + k), name);
        return k;
    }
    return count;
}

/* Decides what stands at record i and gives how many records it stands for; 0 after a difference. */
static size_t decide(struct replay *r, const struct recorded *rec, size_t i)
{
    struct core_input in;
    struct core_result result;
    struct error err = { .code = ERROR_NONE };
    uint32_t count = 0;
    size_t call = recorded_call(rec, i);

    if (call == rec->count)
        in = recorded_nothing();
    else if (!recorded_input(rec, call, r->scratch, &in)) {
        differs(r, rec->first + i, name_of(rec, i), SLICE("nothing"));
        return 0;
    }
    buf_reset(&r->append);
    if (!core_decide(r->core, &in, rec->records[i].lane_us, rec->first + i, &r->append, &count, &result,
                     &err)) {
        differs(r, rec->first + i, name_of(rec, i), slice_of(err.message));
        return 0;
    }
    r->counts.inputs++;
    if (count == 0)
        differs(r, rec->first + i, name_of(rec, i), SLICE("nothing"));
    return compare(r, rec, i, count);
}

static void count_records(struct replay *r, const struct recorded *rec)
{
    struct replay_counts *n = &r->counts;

    n->records += rec->count;
    for (size_t i = 0; i < rec->count; i++) {
        size_t sends = 0;
        n->messages += rec->records[i].type == RECORD_MESSAGE;
        n->alerts += rec->records[i].type == RECORD_ALERT_OPEN;
        n->older += (uint8_t)rec->raw[i].ptr[0] != RECORD_VERSION;
        if (rec->records[i].type == RECORD_STEP)
            items_read(r->scratch, &send_layout, rec->records[i].as.step.sends, &sends);
        else if (rec->records[i].type == RECORD_RING)
            items_read(r->scratch, &send_layout, rec->records[i].as.ring.sends, &sends);
        n->sends += sends;
    }
}

static void no_effect(void *ctx, const struct effect *e)
{
    (void)ctx;
    (void)e;
}

bool replay_append(struct replay *r, uint64_t first, uint32_t count, struct slice records, bool decide_it,
                   struct error *err)
{
    struct recorded rec;

    arena_reset(r->scratch);
    if (!recorded_read(r->scratch, first, count, records, &rec, err))
        return false;
    learn(r, &rec);
    for (size_t i = 0; decide_it && r->core != NULL && i < rec.count;)
        i += decide(r, &rec, i);
    if (decide_it) {
        count_records(r, &rec);
        if (r->core != NULL)
            core_effects(r->core, no_effect, NULL); /* nothing leaves */
    } else if (r->core != NULL && !core_apply(r->core, first, count, records, err)) {
        return false;
    }
    return core_apply(r->applied, first, count, records, err);
}

struct slice replay_difference(struct replay *r)
{
    if (r->core != NULL && !r->compared && core_state_hash(r->core) != core_state_hash(r->applied))
        r->difference = SLICE("every record is equal, and yet the states differ");
    r->compared = true;
    return r->difference;
}

struct replay_counts replay_counted(const struct replay *r)
{
    return r->counts;
}

uint64_t replay_state_hash(const struct replay *r)
{
    return core_state_hash(r->applied);
}

const struct core *replay_core(const struct replay *r)
{
    return r->applied;
}
