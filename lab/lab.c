#include "lab/lab.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where records go on after a snapshot, which does not say its own: past every journal's. */
#define SNAPSHOT_POSITIONS (UINT64_C(1) << 48)

static uint64_t make_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    uint64_t parts[3] = { lane, position, ordinal };
    uint64_t h = slice_hash((struct slice){ (const char *)parts, sizeof parts }, 1);

    (void)ctx;
    return (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9) | 1;
}

static struct core *new_core(const struct lab *lab)
{
    struct core_hooks hooks = { .compile_site = lab->options.compile_site,
                                .alert_id = make_id,
                                .ctx = lab->options.ctx,
                                .asked = lab->options.asked };

    return core_new(1, &hooks);
}

static bool fail(struct lab *lab, const struct error *err, const char *what)
{
    if (!lab->broken) {
        lab->broken = true;
        error_set(&lab->error, err->code != ERROR_NONE ? err->code : ERROR_INTERNAL, "%s: %s", what,
                  err->message);
    }
    return false;
}

static void keep_heard(struct lab *lab, const struct effect *e)
{
    MEMORY_ROOM(lab->heard, lab->heard_count, lab->heard_room);
    lab->heard[lab->heard_count++] = (struct lab_heard){
        .at_us = lab->now_us,
        .kind = e->kind,
        .delivery = e->delivery,
        .alert = e->alert,
        .device = e->device,
        .holder = arena_copy(lab->arena, e->holder),
        .rule = arena_copy(lab->arena, e->rule),
        .notice = arena_copy(lab->arena, e->notice),
        .full = arena_copy(lab->arena, e->full),
        .lock = arena_copy(lab->arena, e->lock),
        .listener =
            arena_copy(lab->arena, e->kind == EFFECT_REPORT ? e->endpoint : (struct slice){ NULL, 0 }),
        .endpoint = arena_copy(lab->arena, e->endpoint),
        .bytes = arena_copy(lab->arena, e->bytes),
        .level = e->level,
        .fyi = e->fyi,
        .mismatch = e->identity_mismatch,
        .step = e->step,
        .repeat = e->repeat,
        .next_step_us = e->next_step_us,
        .replies = e->replies
    };
}

static void each_effect(void *ctx, const struct effect *e)
{
    keep_heard(ctx, e);
}

static struct core *restored(struct lab *lab, const struct core *from)
{
    struct error err = { .code = ERROR_NONE };
    struct buf b = buf_make(SIZE_MAX / 2);
    struct core *copy = new_core(lab);

    core_snapshot(from, &b);
    if (!core_restore(copy, buf_slice(&b), &err))
        fail(lab, &err, "restore");
    buf_free(&b);
    return copy;
}

/* Live, replayed and restored are one and the same. */
static bool compare(struct lab *lab, bool swap)
{
    struct error err = { .code = ERROR_NONE };
    uint64_t live = core_state_hash(lab->core);

    if (core_state_hash(lab->replica) != live)
        return fail(lab, &err, "the replayed state differs");
    if (!core_invariants(lab->core, &err))
        return fail(lab, &err, "invariant");
    /* Restoring compiles the site: every time only when asked to go on with the copy. */
    if (!swap && lab->append_count % 16 != 0)
        return true;
    struct core *copy = restored(lab, lab->core);
    if (!lab->broken && core_state_hash(copy) != live)
        fail(lab, &err, "the restored state differs");
    if (!lab->broken && !core_invariants(copy, &err))
        fail(lab, &err, "the restored timers");
    if (swap && !lab->broken) {
        struct core *old = lab->core;
        lab->core = copy;
        copy = old;
    }
    core_free(&copy);
    return !lab->broken;
}

static bool decide(struct lab *lab, const struct core_input *in)
{
    struct buf append = buf_make(LIMIT_APPEND_BYTES);
    struct error err = { .code = ERROR_NONE };
    uint32_t count = 0;
    bool fine = core_decide(lab->core, in, lab->now_us, lab->position, &append, &count, &lab->last, &err);

    core_effects(lab->core, each_effect, lab);
    if (fine && count > 0) {
        MEMORY_ROOM(lab->appends, lab->append_count, lab->append_room);
        struct lab_append *kept = &lab->appends[lab->append_count++];
        *kept = (struct lab_append){ lab->position, count, arena_copy(lab->arena, buf_slice(&append)) };
        if (lab->replica != NULL)
            fine = core_apply(lab->replica, kept->first, kept->count, kept->records, &err);
        lab->position += count;
    }
    buf_free(&append);
    if (!fine)
        return fail(lab, &err, "decide");
    /* Without a record nothing has changed. */
    return !lab->options.check || count == 0 || compare(lab, lab->options.swap);
}

static bool is_silent(const struct lab *lab, struct slice holder)
{
    for (size_t i = 0; i < lab->silent_count; i++)
        if (slice_eq(lab->silent[i], holder))
            return true;
    return false;
}

static struct answer answer_to(struct lab *lab, const struct lab_heard *h, enum answer_kind kind)
{
    struct answer a = {
        .device = h->device, .delivery = h->delivery, .kind = kind, .device_us = lab->now_us
    };
    uint64_t nonce = ++lab->next_id;

    memcpy(a.nonce, &nonce, sizeof nonce);
    if (h->device == 0)
        a.endpoint = h->endpoint;
    return a;
}

/* Every phone that is not silent says at once that it has what it got. */
static bool give_receipts(struct lab *lab)
{
    while (lab->receipted < lab->heard_count && !lab->broken) {
        struct lab_heard h = lab->heard[lab->receipted++];
        bool rings = h.kind == EFFECT_SEND || h.kind == EFFECT_NOTICE;
        if (!rings || (h.device == 0 && !lab->options.gateways) || is_silent(lab, h.holder))
            continue;
        struct core_input in = { .kind = INPUT_ANSWER, .as.answer = answer_to(lab, &h, ANSWER_RECEIVED) };
        decide(lab, &in);
    }
    return !lab->broken;
}

bool lab_input(struct lab *lab, const struct core_input *in)
{
    if (lab->broken)
        return false;
    bool fine = decide(lab, in);
    struct core_result mine = lab->last;
    fine = fine && give_receipts(lab);
    lab->last = mine;
    return fine;
}

bool lab_until(struct lab *lab, int64_t us)
{
    struct core_input in = { .kind = INPUT_TIMER };

    while (!lab->broken && core_next_deadline(lab->core) <= us) {
        int64_t due = core_next_deadline(lab->core);
        lab->now_us = due > lab->now_us ? due : lab->now_us;
        lab_input(lab, &in);
        if (!lab->broken && core_next_deadline(lab->core) <= due) {
            struct error err = { .code = ERROR_NONE };
            return fail(lab, &err, "a deadline stays");
        }
    }
    if (us > lab->now_us)
        lab->now_us = us;
    return !lab->broken;
}

static bool start(struct lab *lab)
{
    struct core_input in = { .kind = INPUT_START };

    in.as.start.wall_offset_us = lab->options.wall_us;
    in.as.start.rate_permille = 1000;
    in.as.start.version = SLICE("lab");
    return lab_input(lab, &in);
}

bool lab_restart(struct lab *lab, int64_t down_us, bool from_snapshot)
{
    struct error err = { .code = ERROR_NONE };
    struct core *next = from_snapshot ? restored(lab, lab->core) : new_core(lab);

    for (size_t i = 0; !from_snapshot && i < lab->append_count; i++)
        if (!core_apply(next, lab->appends[i].first, lab->appends[i].count, lab->appends[i].records, &err))
            return core_free(&next), fail(lab, &err, "replay");
    if (core_state_hash(next) != core_state_hash(lab->core))
        fail(lab, &err, "the state after a restart differs");
    core_free(&lab->core);
    lab->core = next;
    lab->now_us += down_us;
    return start(lab);
}

/* As good as the program's SHA-256 here: equal files, equal names. */
static void name_version(struct slice fileset, uint8_t hash[32])
{
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t part = slice_hash(fileset, i + 1);
        memcpy(hash + i * sizeof part, &part, sizeof part);
    }
}

bool lab_site(struct lab *lab, struct slice fileset)
{
    struct core_input in = { .kind = INPUT_SITE };

    in.as.site.fileset = fileset;
    in.as.site.by = SLICE("lab");
    in.as.site.how = SLICE("apply");
    if (memcmp(lab->options.hash, in.as.site.hash, sizeof lab->options.hash) != 0)
        memcpy(in.as.site.hash, lab->options.hash, sizeof in.as.site.hash);
    else
        name_version(fileset, in.as.site.hash);
    return lab_input(lab, &in) && lab->last.done;
}

bool lab_adopt(struct lab *lab)
{
    struct core_input in = { .kind = INPUT_ADOPT };

    return lab_input(lab, &in) && lab->last.done;
}

/* Lane time goes on from where the snapshot ends; the wall clock there is what the options say. */
static void begin_restored(struct lab *lab)
{
    struct core_input in = { .kind = INPUT_CLOCK };
    struct error err = { .code = ERROR_NONE };

    if (!core_restore(lab->core, lab->options.snapshot, &err) ||
        (lab->replica != NULL && !core_restore(lab->replica, lab->options.snapshot, &err))) {
        fail(lab, &err, "the snapshot");
        return;
    }
    lab->now_us = core_lane_time(lab->core);
    lab->position = SNAPSHOT_POSITIONS;
    in.as.clock.wall_offset_us = lab->options.wall_us - lab->now_us;
    lab_input(lab, &in);
}

static struct lab *new_lab(const struct lab_options *options)
{
    struct lab *lab = memory_new(sizeof *lab);

    lab->options = *options;
    lab->arena = arena_new();
    return lab;
}

struct lab *lab_new(const struct lab_options *options)
{
    struct lab *lab = new_lab(options);

    lab->core = new_core(lab);
    lab->replica = options->alone ? NULL : new_core(lab);
    if (options->snapshot.len > 0)
        begin_restored(lab);
    else if (start(lab))
        lab_site(lab, options->fileset);
    return lab;
}

struct lab *lab_new_from(const struct lab *from, int64_t wall_us)
{
    struct lab *lab = new_lab(&from->options);

    lab->options.wall_us = wall_us;
    lab->core = restored(lab, from->core);
    lab->replica = restored(lab, from->core);
    lab->position = from->position;
    lab->next_id = from->next_id;
    lab->appends = memory_array(from->append_count + 1, sizeof *lab->appends);
    lab->append_count = from->append_count;
    lab->append_room = from->append_count + 1;
    memcpy(lab->appends, from->appends, from->append_count * sizeof *lab->appends);
    start(lab);
    return lab;
}

void lab_free(struct lab **lab)
{
    if (lab == NULL || *lab == NULL)
        return;
    core_free(&(*lab)->core);
    core_free(&(*lab)->replica);
    arena_free(&(*lab)->arena);
    free((*lab)->appends);
    free((*lab)->heard);
    free(*lab);
    *lab = NULL;
}

bool lab_enrol(struct lab *lab, const char *holder)
{
    struct core_input code = { .kind = INPUT_CODE }, device = { .kind = INPUT_DEVICE };
    uint64_t id = ++lab->next_id + 1000;

    code.as.code.what = CODE_ISSUED;
    memcpy(code.as.code.hash, &id, sizeof id);
    code.as.code.holder = device.as.device.holder = slice_of(holder);
    code.as.code.expires_us = lab->now_us + 10 * TIME_MIN;
    device.as.device.device = id;
    memcpy(device.as.device.code_hash, &id, sizeof id);
    device.as.device.label = SLICE("lab phone");
    return lab_input(lab, &code) && lab->last.done && lab_input(lab, &device) && lab->last.done;
}

bool lab_submit(struct lab *lab, struct slice listener, enum message_format format, struct slice bytes,
                uint64_t own)
{
    struct core_input in = { .kind = INPUT_MESSAGE };
    uint64_t one = slice_hash(bytes, 11 + own), two = slice_hash(bytes, 13 + own);

    in.as.message.listener = listener;
    in.as.message.format = format;
    in.as.message.bytes = bytes;
    memcpy(in.as.message.duplicate_key, &one, sizeof one);
    memcpy(in.as.message.duplicate_key + 8, &two, sizeof two);
    return lab_input(lab, &in);
}

bool lab_message(struct lab *lab, const char *listener, const char *wire)
{
    return lab_submit(lab, slice_of(listener), FORMAT_HL7V2, slice_of(wire), 0);
}

static const struct lab_heard *newest_for(const struct lab *lab, const char *holder)
{
    for (size_t i = lab->heard_count; i-- > 0;)
        if (lab->heard[i].kind == EFFECT_SEND && !lab->heard[i].fyi && slice_is(lab->heard[i].holder, holder))
            return &lab->heard[i];
    return NULL;
}

bool lab_answer(struct lab *lab, const char *holder, enum answer_kind kind, const char *reason)
{
    const struct lab_heard *h = newest_for(lab, holder);
    struct core_input in = { .kind = INPUT_ANSWER };

    if (h == NULL)
        return false;
    in.as.answer = answer_to(lab, h, kind);
    in.as.answer.reason = slice_of(reason);
    return lab_input(lab, &in);
}

bool lab_report(struct lab *lab, const char *holder, int delivery_state)
{
    const struct lab_heard *h = newest_for(lab, holder);
    struct core_input in = { .kind = INPUT_DELIVERY };

    if (h == NULL)
        return false;
    in.as.delivery.delivery = h->delivery;
    in.as.delivery.detail = SLICE("lab");
    if (delivery_state == DELIVERY_PUSHED)
        in.as.delivery.state = DELIVERY_PUSHED;
    else if (delivery_state == DELIVERY_FAILED)
        in.as.delivery.state = DELIVERY_FAILED;
    else
        in.as.delivery.state = DELIVERY_DEAD;
    return lab_input(lab, &in);
}

static void first_report(void *ctx, const struct effect *e)
{
    uint64_t *report = ctx;

    if (e->kind == EFFECT_REPORT && *report == 0)
        *report = e->delivery;
}

bool lab_report_done(struct lab *lab, enum report_outcome outcome, const char *detail)
{
    struct core_input in = { .kind = INPUT_REPORT, .as.report = { .outcome = outcome } };

    core_outstanding(lab->core, 0, first_report, &in.as.report.report);
    in.as.report.detail = slice_of(detail);
    return in.as.report.report != 0 && lab_input(lab, &in) && lab->last.done;
}

void lab_silent(struct lab *lab, const char *holder, bool silent)
{
    size_t kept = 0;

    for (size_t i = 0; i < lab->silent_count; i++)
        if (!slice_is(lab->silent[i], holder))
            lab->silent[kept++] = lab->silent[i];
    lab->silent_count = kept;
    if (silent && kept < sizeof lab->silent / sizeof lab->silent[0])
        lab->silent[lab->silent_count++] = arena_copy(lab->arena, slice_of(holder));
}

uint64_t lab_alert(const struct lab *lab)
{
    struct arena *a = arena_new();
    struct alert_row *rows;
    size_t count;
    uint64_t newest = 0;
    int64_t at = INT64_MIN;

    core_alerts(lab->core, a, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].opened_us >= at && !slice_is(rows[i].state, "informed")) {
            at = rows[i].opened_us;
            newest = rows[i].alert;
        }
    arena_free(&a);
    return newest;
}

struct slice lab_state(const struct lab *lab, uint64_t alert)
{
    struct arena *a = arena_new();
    struct alert_row *rows;
    size_t count;
    struct slice state = { NULL, 0 };

    core_alerts(lab->core, a, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].alert == alert)
            state = rows[i].state; /* names of states are constants */
    arena_free(&a);
    return state;
}

uint64_t lab_counter(const struct lab *lab, const char *name)
{
    struct arena *a = arena_new();
    struct counter *rows;
    size_t count;
    uint64_t value = UINT64_MAX;

    core_counters(lab->core, a, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(rows[i].name, name))
            value = rows[i].value;
    arena_free(&a);
    return value;
}
