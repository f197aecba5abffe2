#include "nightbell/recall.h"

#include "lab/recall.h"
#include "nightbell/replay_run.h"
#include "nightbell/router_state.h"

struct recalling {
    struct recall *recall;
    uint64_t position;
    struct buf *lines;
    struct error *err;
    bool fine, done;
};

static bool each_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct recalling *x = ctx;
    uint64_t at = first + a->count < x->position ? first + a->count : x->position;

    x->fine = recall_append(x->recall, first, a->count, a->records, &x->done, x->lines, x->err);
    replay_progress("explain", at, x->position);
    return x->fine && !x->done;
}

static bool tell(struct history *h, uint64_t position, struct buf *lines, struct error *err)
{
    const struct replay_options options = { .compile_site = history_compile,
                                            .alert_id = history_alert_id,
                                            .ctx = (void *)(uintptr_t)history_keys(h),
                                            .lane = LANE };
    struct recalling x = { recall_new(&options, position), position, lines, err, true, false };
    struct buf snapshot = buf_make((size_t)1 << 31);
    uint64_t at;

    bool fine = history_before(h, position, &at, &snapshot, err) &&
                (snapshot.len == 0 || recall_restore(x.recall, buf_slice(&snapshot), err)) &&
                history_read(h, at, each_append, &x, err) && x.fine;
    recall_free(&x.recall);
    buf_free(&snapshot);
    return fine && (x.done || error_set(err, ERROR_VALUE, "no message has this position"));
}

bool recall_message(const struct history_options *options, uint64_t position, struct buf *json_lines,
                    struct error *err)
{
    struct history *h = history_open(options, err);
    bool fine = h != NULL && (history_keys(h) != NULL ||
                              error_set(err, ERROR_AUTH, "the master key is needed: --key FILE"));

    fine = fine && tell(h, position, json_lines, err);
    history_close(&h);
    return fine;
}
