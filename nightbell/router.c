/* nightbell/router.c - the process that holds the journal and the core. */
#include "nightbell/router_state.h"

#include "adapters/seal/random.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "nightbell/anchor.h"
#include "nightbell/site_trial.h"
#include "nightbell/suspect.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { READ_PAGE = 64, SNAPSHOT_RECORDS = 400000, SNAPSHOT_BYTES = 128 << 20, BUSY_TRIES = 100 };

void router_end(struct router *r, int code)
{
    r->code = code;
    r->leaving = true;
    event_base_loopbreak(r->loop);
}

bool router_decide(struct router *r, const struct core_input *in, struct core_result *out)
{
    struct error err = { .code = ERROR_NONE };
    struct core_result ignored;

    if (r->leaving)
        return false;
    if (core_decide(r->core, in, lane_clock_now(&r->clock), r->position + r->count, &r->append, &r->count,
                    out != NULL ? out : &ignored, &err))
        return true;
    log_error("router", "cannot-decide", &err);
    router_end(r, EXIT_REBUILD);
    return false;
}

enum { KEPT_ROOM = 16 * 1024 * 1024 }; /* one huge message gives its memory back */

bool router_commit(struct router *r)
{
    struct error err = { .code = ERROR_NONE };

    if (r->leaving && r->code != EXIT_LEFT)
        return false;
    if (r->count > 0) {
        struct journal_append a = { .lane = LANE,
                                    .epoch = r->epoch,
                                    .expected = r->position,
                                    .count = r->count,
                                    .lane_us = lane_clock_now(&r->clock),
                                    .wall_us = clock_wall_us(),
                                    .records = buf_slice(&r->append) };
        if (r->append.failed || r->journal->ops->append(r->journal, &a, &err) != JOURNAL_DURABLE) {
            error_set(&err, ERROR_LIMIT, "append-bytes: one batch passes %d bytes", LIMIT_APPEND_BYTES);
            log_error("router", "cannot-append", &err);
            router_end(r, EXIT_REBUILD);
            return false;
        }
        r->position += r->count;
        r->records_since_snapshot += r->count;
        r->bytes_since_snapshot += r->append.len;
        r->commits++;
        r->commit_records += r->count;
        r->count = 0;
        if (r->append.room > KEPT_ROOM)
            buf_free(&r->append);
        buf_reset(&r->append);
        event_active(r->idle, EV_TIMEOUT, 0);
    }
    router_send_verdicts(r);
    router_send_replies(r);
    control_after_commit(r);
    router_send_effects(r);
    router_arm_timer(r);
    return true;
}

void router_arm_timer(struct router *r)
{
    int64_t deadline = core_next_deadline(r->core);

    if (deadline == INT64_MAX) {
        event_del(r->timer);
        return;
    }
    int64_t wait = lane_clock_until(&r->clock, deadline);
    struct timeval tv = { .tv_sec = wait / 1000000, .tv_usec = wait % 1000000 };
    event_add(r->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct router *r = arg;
    struct core_input in = { .kind = INPUT_TIMER };

    (void)fd;
    (void)what;
    if (core_next_deadline(r->core) <= lane_clock_now(&r->clock) && !router_decide(r, &in, NULL))
        return;
    router_commit(r);
}

bool router_snapshot(struct router *r)
{
    struct buf state = buf_make((size_t)1 << 31);
    struct error err = { .code = ERROR_NONE };

    core_snapshot(r->core, &state);
    bool fine = !state.failed &&
                r->journal->ops->snapshot_write(r->journal, LANE, r->position, buf_slice(&state), &err);
    if (!fine)
        log_error("router", "snapshot-failed", &err);
    r->records_since_snapshot = r->bytes_since_snapshot = 0;
    buf_free(&state);
    return fine;
}

/* After acknowledgements and effects have left: move the log along, and now and then a snapshot. */
static void on_idle(evutil_socket_t fd, short what, void *arg)
{
    struct router *r = arg;

    (void)fd;
    (void)what;
    r->journal->ops->idle(r->journal);
    if (r->records_since_snapshot >= SNAPSHOT_RECORDS || r->bytes_since_snapshot >= SNAPSHOT_BYTES)
        router_snapshot(r);
}

/* Has somebody set the wall clock? Rosters and people follow it; deadlines do not. */
static void on_minute(evutil_socket_t fd, short what, void *arg)
{
    struct router *r = arg;
    int64_t offset = clock_wall_us() - lane_clock_now(&r->clock);
    int64_t drift = offset - core_wall_offset(r->core);

    (void)fd;
    (void)what;
    if (r->clock.rate_permille != 1000 || (drift < 250000 && drift > -250000))
        return;
    struct core_input in = { .kind = INPUT_CLOCK, .as.clock.wall_offset_us = offset };
    if (router_decide(r, &in, NULL))
        router_commit(r);
}

static bool apply_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct router *r = ctx;
    struct error err = { .code = ERROR_NONE };

    if (core_apply(r->core, first, a->count, a->records, &err))
        return true;
    log_error("router", "cannot-apply", &err);
    return false;
}

/* Snapshot, then tail: nothing is decided again. */
static bool rebuild(struct router *r, uint64_t end, struct error *err)
{
    struct buf state = buf_make((size_t)1 << 31);
    uint64_t at = 0;
    bool fine = r->journal->ops->snapshot_read(r->journal, LANE, &at, &state, err);

    if (fine && at > 0)
        fine = core_restore(r->core, buf_slice(&state), err);
    buf_free(&state);
    while (fine && at < end) {
        uint64_t next = at;
        fine = r->journal->ops->read(r->journal, LANE, at, READ_PAGE, apply_append, r, &next, err);
        if (fine && next == at)
            fine = error_set(err, ERROR_INTERNAL, "the journal holds a record that cannot be applied");
        at = next;
    }
    return fine;
}

/* The router before us may still be leaving: its lock on the file goes with it. */
static bool open_journal(struct router *r, struct error *err)
{
    struct store_keys keys = { .master = r->keys };
    const struct timespec pause = { 0, 50 * 1000 * 1000 };

    for (int tries = 0; tries < BUSY_TRIES; tries++) {
        error_clear(err);
        r->journal = journal_sqlite_open(".", &keys, NULL, err);
        if (r->journal != NULL || err->code != ERROR_CONFLICT)
            break;
        nanosleep(&pause, NULL);
    }
    return r->journal != NULL;
}

static uint64_t make_alert_id(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    const struct router *r = ctx;

    return keys_alert_id(r->keys, lane, position, ordinal);
}

static bool start_core(struct router *r, struct error *err)
{
    uint64_t end = 0, epoch = 0;
    int64_t lane_us = 0, wall_us = 0;
    struct core_hooks hooks = { .compile_site = router_compile_site, .alert_id = make_alert_id, .ctx = r };

    if (!r->journal->ops->end(r->journal, LANE, &end, &epoch, &lane_us, &wall_us, err))
        return false;
    r->core = core_new(LANE, &hooks);
    r->position = end;
    r->epoch = epoch + 1;
    if (!rebuild(r, end, err))
        return false;
    r->clock = anchor_start(lane_us, wall_us, r->env->options->rate_permille);
    return true;
}

/* What a crash left in hand twice is journaled as quarantined, so that a person sees it. */
static void journal_suspects(struct router *r)
{
    struct suspect_kept kept;

    while (suspect_take(r->env->suspects, &kept)) {
        struct core_input in = { .kind = INPUT_MESSAGE,
                                 .as.message = { .listener = kept.listener,
                                                 .format = (enum message_format)kept.format,
                                                 .suspect = true,
                                                 .bytes = kept.bytes } };
        for (size_t i = 0; i < sizeof kept.hash; i++)
            in.as.message.duplicate_key[i] = kept.hash[i];
        router_decide(r, &in, NULL);
        log_event(LOG_ERROR, "router", "suspect-quarantined", NULL);
    }
}

static bool start_lane(struct router *r, struct error *err)
{
    struct core_input in = { .kind = INPUT_START,
                             .as.start = { .wall_offset_us = clock_wall_us() - lane_clock_now(&r->clock),
                                           .rate_permille = r->clock.rate_permille,
                                           .version = slice_of(NIGHTBELL_VERSION) } };

    if (!router_decide(r, &in, NULL) || !router_start_site(r, err))
        return error_set(err, ERROR_INTERNAL, "the lane cannot be started");
    journal_suspects(r);
    return router_commit(r) || error_set(err, ERROR_IO, "the journal cannot be written");
}

static void on_quit(void *ctx)
{
    router_end(ctx, EXIT_LEFT);
}

static bool start_bus(struct router *r, struct error *err)
{
    static const struct timeval minute = { 60, 0 };
    struct bus_options o = { .side = BUS_BIND,
                             .address = r->env->router_address,
                             .on_frame = router_on_frame,
                             .on_turn = router_on_turn,
                             .ctx = r };

    event_add(r->minute, &minute);
    r->bus = bus_open(r->env->bus, r->loop, &o, err);
    return r->bus != NULL && control_open(r, err);
}

static void log_started(struct router *r, int64_t began_us)
{
    char records[LOG_NUM], ms[LOG_NUM];

    log_event(LOG_INFO, "router", "started", "records", log_num(records, (int64_t)r->position),
              "milliseconds", log_num(ms, (clock_boot_us() - began_us) / 1000), NULL);
}

static bool start(struct router *r, struct error *err)
{
    struct buf fileset = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    int64_t began = clock_boot_us();
    bool fine = memory_file_read(r->env->site, &fileset, err) && router_keys(r, buf_slice(&fileset), err);

    buf_free(&fileset);
    if (!fine)
        r->code = EXIT_CONFIG;
    fine = fine && open_journal(r, err);
    if (!fine && (err->code == ERROR_CRYPTO || err->code == ERROR_VERSION || err->code == ERROR_CONFLICT))
        r->code =
            EXIT_CONFIG; /* another key, a newer version, another nightbell: starting again cannot help */
    fine = fine && start_core(r, err) && start_lane(r, err) && start_bus(r, err);
    if (fine)
        log_started(r, began);
    return fine;
}

static void open_events(struct router *r)
{
    r->loop = event_base_new();
    r->timer = event_new(r->loop, -1, 0, on_timer, r);
    r->idle = event_new(r->loop, -1, 0, on_idle, r);
    r->minute = event_new(r->loop, -1, EV_PERSIST, on_minute, r);
    r->wire = (struct role_wire){ .on_quit = on_quit, .on_site = router_on_site, .ctx = r };
    role_wire_open(&r->wire, r->loop, r->env);
}

static void close_all(struct router *r)
{
    control_close(r);
    bus_close(&r->bus);
    if (r->journal != NULL)
        r->journal->ops->close(&r->journal);
    router_forget_site_request(r);
    core_free(&r->core);
    keys_free(&r->keys);
    for (size_t i = 0; i < r->peer_count; i++)
        buf_free(&r->peers[i].verdicts);
    for (size_t i = 0; i < r->reply_count; i++)
        free(r->replies[i].body);
    free(r->replies);
    buf_free(&r->append);
    buf_free(&r->deliver);
    buf_free(&r->small);
    buf_free(&r->payload);
    arena_free(&r->arena);
    role_wire_close(&r->wire);
    event_free(r->timer);
    event_free(r->idle);
    event_free(r->minute);
    event_base_free(r->loop);
}

int router_run(const struct role_env *env)
{
    struct router *r = memory_new(sizeof *r);
    struct error err = { .code = ERROR_NONE };

    *r = (struct router){ .env = env,
                          .session = seal_random_u64(),
                          .code = EXIT_REBUILD,
                          .arena = arena_new(),
                          .append = buf_make(LIMIT_APPEND_BYTES),
                          .deliver = buf_make(LIMIT_BUS_FRAME_BYTES),
                          .small = buf_make(LIMIT_BUS_FRAME_BYTES),
                          .payload = buf_make(LIMIT_CONTROL_BYTES) };
    open_events(r);
    if (start(r, &err)) {
        role_say(&r->wire, 'R');
        router_tell_kept_site(r);
        event_base_dispatch(r->loop);
        if (r->code == EXIT_LEFT && router_commit(r))
            router_snapshot(r);
    } else {
        log_error("router", "cannot-start", &err);
    }
    int code = r->code;
    close_all(r);
    free(r);
    return code;
}
