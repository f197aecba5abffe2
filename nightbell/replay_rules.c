#include "nightbell/replay_report.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/router_state.h"
#include "nightbell/site_folder.h"
#include "nightbell/site_load.h"

#include <stdio.h>
#include <string.h>

bool replay_candidate(const char *folder, struct buf *out, struct error *err)
{
    struct fileset *files = site_folder_read(folder, err);
    struct site *site = files != NULL ? site_from_files(files, folder, err) : NULL;

    if (site != NULL)
        fileset_write(out, files);
    bool fine = site != NULL && !out->failed;
    site_free(&site);
    fileset_free(&files);
    return fine || error_set(err, ERROR_VALUE, "the candidate cannot be read");
}

struct running {
    struct compare *compare;
    struct replay_range range;
    struct replay_report *out;
    uint64_t end;
    struct error *err;
};

static bool each_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct running *r = ctx;
    int64_t wall = append_wall_us(a);

    if (r->range.to_us != TIME_NONE && wall > r->range.to_us)
        return false;
    if (r->out->from_us == TIME_NONE && (r->range.from_us == TIME_NONE || wall >= r->range.from_us))
        r->out->from_us = wall;
    bool begun = r->out->from_us != TIME_NONE;
    if (begun)
        r->out->to_us = wall;
    replay_progress("replay", first + a->count, r->end);
    return compare_append(r->compare, first, a->count, a->records, begun, r->err);
}

bool replay_rules(struct history *h, const struct replay_range *range, struct slice candidate,
                  struct replay_report *out, struct error *err)
{
    struct compare_options o = { .compile_site = history_compile,
                                 .compile_candidate = history_compile_candidate,
                                 .lane = LANE,
                                 .candidate = candidate };
    struct buf snapshot = buf_make((size_t)1 << 31);
    uint64_t at = 0;

    if (history_keys(h) != NULL) {
        o.alert_id = history_alert_id;
        o.ctx = (void *)(uintptr_t)history_keys(h);
    }
    hash_sha256(candidate, o.candidate_hash);
    struct compare *c = compare_new(&o);
    *out = (struct replay_report){
        .compare = c, .arena = arena_new(), .from_us = TIME_NONE, .to_us = TIME_NONE
    };
    struct running r = { c, *range, out, history_end(h, err), err };
    bool fine = history_begin(h, range->from_us, &at, &snapshot, err) &&
                (snapshot.len == 0 || compare_restore(c, buf_slice(&snapshot), err)) &&
                history_read(h, at, each_append, &r, err);
    buf_free(&snapshot);
    if (fine)
        compare_figures(c, out->arena, &out->figures);
    else
        replay_report_free(out);
    return fine;
}

void replay_report_free(struct replay_report *r)
{
    struct compare *c = (struct compare *)(uintptr_t)r->compare;

    compare_free(&c);
    r->compare = NULL;
    arena_free(&r->arena);
}

const char *bounds_text(const uint64_t sides[SIDE_COUNT], char out[BOUNDS_TEXT])
{
    char a[COUNT_TEXT], b[COUNT_TEXT];
    uint64_t low = sides[SIDE_NOBODY], high = sides[SIDE_EVERYBODY];

    if (low == high)
        snprintf(out, BOUNDS_TEXT, "%s", count_text(low, a));
    else
        snprintf(out, BOUNDS_TEXT, "%s to %s", count_text(low < high ? low : high, a),
                 count_text(low < high ? high : low, b));
    return out;
}

const char *shift_text(int64_t us, char out[BOUNDS_TEXT])
{
    int64_t abs = us < 0 ? -us : us;
    char sign = us < 0 ? '-' : '+';

    if (abs < 10 * TIME_S)
        snprintf(out, BOUNDS_TEXT, "%c%lld.%lld s", sign, (long long)(abs / TIME_S),
                 (long long)(abs % TIME_S / 100000));
    else if (abs < 2 * TIME_MIN)
        snprintf(out, BOUNDS_TEXT, "%c%lld s", sign, (long long)(abs / TIME_S));
    else
        snprintf(out, BOUNDS_TEXT, "%c%lld min %lld s", sign, (long long)(abs / TIME_MIN),
                 (long long)(abs % TIME_MIN / TIME_S));
    return out;
}

bool replay_changed(const struct compare_row *r)
{
    return compare_changed(r, SIDE_NOBODY) || compare_changed(r, SIDE_EVERYBODY);
}
