#include "nightbell/replay_run.h"

#include "adapters/net/clock.h"
#include "base/limits.h"
#include "base/time.h"
#include "nightbell/router_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *count_text(uint64_t n, char out[COUNT_TEXT])
{
    char digits[COUNT_TEXT];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    size_t at = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

void replay_progress(const char *what, uint64_t at, uint64_t end)
{
    static int64_t last_us;
    int64_t now = clock_boot_us();
    char a[COUNT_TEXT], b[COUNT_TEXT];

    if (isatty(STDERR_FILENO) == 0 || (at < end && now - last_us < 200000))
        return;
    last_us = now;
    fprintf(stderr, "\r%s  %s of %s records %s", what, count_text(at, a), count_text(end, b),
            at < end ? "" : "\n");
}

bool replay_time(const char *text, int64_t *out)
{
    return text == NULL || time_parse_iso(slice_of(text), 0, out);
}

bool replay_range_fits(const struct replay_range *r)
{
    return r->from_us == TIME_NONE || r->to_us == TIME_NONE || r->from_us <= r->to_us;
}

struct running {
    struct replay *replay;
    struct replay_range range;
    struct replay_same *out;
    uint64_t end;
    struct error *err;
};

static bool each_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct running *r = ctx;
    int64_t wall = append_wall_us(a);
    bool begins = r->range.from_us == TIME_NONE || wall >= r->range.from_us;

    if (r->range.to_us != TIME_NONE && wall > r->range.to_us)
        return false;
    if (begins && r->out->from_us == TIME_NONE) {
        r->out->from_us = wall;
        r->out->first = first;
    }
    begins = r->out->from_us != TIME_NONE; /* a wall clock that was set back does not end it */
    if (begins)
        r->out->to_us = wall;
    replay_progress("replay", first + a->count, r->end);
    return replay_append(r->replay, first, a->count, a->records, begins, r->err);
}

bool replay_same(struct history *h, const struct replay_range *range, struct replay_same *out,
                 struct error *err)
{
    struct replay_options options = { .compile_site = history_compile, .lane = LANE };
    struct buf snapshot = buf_make((size_t)1 << 31);
    uint64_t at = 0;

    if (history_keys(h) != NULL) {
        options.alert_id = history_alert_id;
        options.ctx = (void *)(uintptr_t)history_keys(h);
    }
    struct running r = { replay_new(&options), *range, out, history_end(h, err), err };
    *out = (struct replay_same){ .from_us = TIME_NONE, .to_us = TIME_NONE };
    bool fine = history_begin(h, range->from_us, &at, &snapshot, err) &&
                (snapshot.len == 0 || replay_restore(r.replay, buf_slice(&snapshot), err)) &&
                history_read(h, at, each_append, &r, err);
    if (fine) {
        snprintf(out->difference, sizeof out->difference, "%.*s", SLICE_ARG(replay_difference(r.replay)));
        out->counts = replay_counted(r.replay);
        out->state = replay_state_hash(r.replay);
    }
    replay_free(&r.replay);
    buf_free(&snapshot);
    return fine;
}
