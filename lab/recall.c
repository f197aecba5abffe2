#include "lab/recall.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>

struct recall {
    struct core *core;
    struct arena *arena;
    uint64_t position;
};

struct recall *recall_new(const struct replay_options *o, uint64_t position)
{
    struct recall *r = memory_new(sizeof *r);
    struct core_hooks hooks = { .compile_site = o->compile_site, .alert_id = o->alert_id, .ctx = o->ctx };

    r->core = core_new(o->lane, &hooks);
    r->arena = arena_new();
    r->position = position;
    return r;
}

void recall_free(struct recall **recall)
{
    struct recall *r = recall != NULL ? *recall : NULL;

    if (r == NULL)
        return;
    core_free(&r->core);
    arena_free(&r->arena);
    free(r);
    *recall = NULL;
}

bool recall_restore(struct recall *r, struct slice snapshot, struct error *err)
{
    return core_restore(r->core, snapshot, err);
}

/* Where the call began that decided the message at i: at the deadline that had come by then, if any had. */
static size_t call_of(const struct recorded *rec, size_t i)
{
    size_t k = i;

    while (k > 0 && rec->records[k].type != RECORD_TICK && rec->records[k].lane_us == rec->records[i].lane_us)
        k--;
    return rec->records[k].type == RECORD_TICK && recorded_call(rec, k) == i ? k : i;
}

/* Decides the message at i again in the call that began at `from`; what stood before has been applied. */
static bool decide(struct recall *r, const struct recorded *rec, size_t from, size_t i,
                   struct buf *json_lines, struct error *err)
{
    struct buf append = buf_make(LIMIT_APPEND_BYTES);
    struct story story = { .message = r->position, .until_us = INT64_MAX, .arena = r->arena };
    struct core_result result;
    struct core_input in;
    uint32_t count = 0;

    bool fine = (rec->records[i].type == RECORD_MESSAGE && recorded_input(rec, i, r->arena, &in)) ||
                error_set(err, ERROR_VALUE, "record %llu is no message", (unsigned long long)r->position);
    if (fine) {
        in.as.message.explain = true;
        fine = core_decide(r->core, &in, rec->records[i].lane_us, rec->first + from, &append, &count, &result,
                           err);
    }
    if (fine)
        core_story(r->core, &story, rec->first + from, buf_slice(&append), json_lines);
    buf_free(&append);
    return fine;
}

bool recall_append(struct recall *r, uint64_t first, uint32_t count, struct slice records, bool *done,
                   struct buf *json_lines, struct error *err)
{
    struct recorded rec;
    size_t before = r->position - first;

    *done = false;
    if (first > r->position)
        return error_set(err, ERROR_VALUE, "no record %llu is there", (unsigned long long)r->position);
    if (before >= count)
        return core_apply(r->core, first, count, records, err);
    arena_reset(r->arena);
    if (!recorded_read(r->arena, first, count, records, &rec, err))
        return false;
    size_t from = call_of(&rec, before);
    *done = true;
    return core_apply(r->core, first, (uint32_t)from,
                      slice_sub(records, 0, (size_t)(rec.raw[from].ptr - records.ptr)), err) &&
           decide(r, &rec, from, before, json_lines, err);
}
