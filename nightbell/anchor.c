#include "nightbell/anchor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct anchor {
    char boot[64];
    int64_t boot_us, lane_us;
    uint32_t rate_permille;
};

static const char path[] = "run/anchor";

static bool boot_id(char out[64])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool fine = f != NULL && fscanf(f, "%63s", out) == 1;

    if (f != NULL)
        fclose(f);
    return fine;
}

static bool anchor_read(struct anchor *a)
{
    FILE *f = fopen(path, "re");
    bool fine = f != NULL && fscanf(f, "%63s %" SCNd64 " %" SCNd64 " %" SCNu32, a->boot, &a->boot_us,
                                    &a->lane_us, &a->rate_permille) == 4;

    if (f != NULL)
        fclose(f);
    return fine;
}

/* Written aside and renamed: a torn file would only mean the wall clock's answer. */
static void anchor_write(const struct lane_clock *c, const char *boot)
{
    FILE *f = fopen("run/anchor.new", "we");

    if (f == NULL)
        return;
    fprintf(f, "%s %" PRId64 " %" PRId64 " %" PRIu32 "\n", boot, c->anchor_boot_us, c->anchor_lane_us,
            c->rate_permille);
    if (fclose(f) == 0)
        rename("run/anchor.new", path);
}

struct lane_clock anchor_start(int64_t last_lane_us, int64_t last_wall_us, uint32_t rate_permille)
{
    struct lane_clock c = lane_clock_start(last_lane_us, last_wall_us, rate_permille);
    struct anchor a;
    char boot[64];

    if (!boot_id(boot))
        return c;
    if (last_lane_us != 0 && anchor_read(&a) && strcmp(a.boot, boot) == 0 &&
        a.rate_permille == rate_permille) {
        struct lane_clock before = { .anchor_boot_us = a.boot_us,
                                     .anchor_lane_us = a.lane_us,
                                     .last_lane_us = last_lane_us,
                                     .rate_permille = rate_permille };
        c.anchor_boot_us = clock_boot_us();
        c.anchor_lane_us = c.last_lane_us = lane_clock_now(&before);
    }
    anchor_write(&c, boot);
    return c;
}
