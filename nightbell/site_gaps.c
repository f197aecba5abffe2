/* nightbell/site_gaps.c - rotas that lose somebody by a change: an export that ends on Sunday is no error,
 * but a person must hear of it before Sunday. */
#include "nightbell/site_trial.h"

enum { LOOK_DAYS = 14 };

/* The first moment without anybody; TIME_NONE when there is none. */
static int64_t first_gap(const struct rota *r, int64_t from_us, int64_t to_us)
{
    struct slice one;

    for (int64_t at = from_us; at != TIME_NONE && at < to_us; at = rota_next_change(r, at))
        if (rota_at(r, at, &one, 1) == 0)
            return at;
    return TIME_NONE;
}

size_t site_new_gaps(const struct site *before, const struct site *after, int64_t now_us, struct buf *text)
{
    int64_t to = now_us + LOOK_DAYS * TIME_DAY;
    size_t found = 0;

    for (size_t i = 0; i < after->directory->rota_count; i++) {
        const struct rota *r = &after->directory->rotas[i];
        const struct rota *was = before != NULL ? directory_rota(before->directory, r->name) : NULL;
        int64_t gap = first_gap(r, now_us, to);
        if (gap == TIME_NONE || (was != NULL && first_gap(was, now_us, to) != TIME_NONE))
            continue;
        struct civil c = tz_to_civil(r->zone, gap);
        buf_printf(text, "warning: rota \"%.*s\" has nobody from %04d-%02u-%02u %02u:%02u on\n",
                   SLICE_ARG(r->name), c.year, c.month, c.day, c.hour, c.minute);
        found++;
    }
    return found;
}
