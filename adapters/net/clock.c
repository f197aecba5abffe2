#include "adapters/net/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_boot_us(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

struct lane_clock lane_clock_start(int64_t last_lane_us, int64_t last_wall_us, uint32_t rate_permille)
{
    int64_t wall = clock_wall_us();
    int64_t lane = wall;

    /* The wall column holds the real wall clock of the append, so what passed since is real time. */
    if (last_lane_us != 0 || last_wall_us != 0) {
        int64_t away = wall > last_wall_us ? wall - last_wall_us : 0;
        lane = last_lane_us + away / 1000 * rate_permille;
    }
    return (struct lane_clock){ .anchor_boot_us = clock_boot_us(),
                                .anchor_lane_us = lane,
                                .last_lane_us = lane,
                                .rate_permille = rate_permille };
}

int64_t lane_clock_now(struct lane_clock *c)
{
    int64_t passed = clock_boot_us() - c->anchor_boot_us;
    int64_t lane =
        c->anchor_lane_us + passed / 1000 * c->rate_permille + passed % 1000 * c->rate_permille / 1000;

    if (lane > c->last_lane_us)
        c->last_lane_us = lane;
    return c->last_lane_us;
}

int64_t lane_clock_real(const struct lane_clock *c, int64_t lane_us)
{
    return lane_us / c->rate_permille * 1000 + lane_us % c->rate_permille * 1000 / c->rate_permille;
}

int64_t lane_clock_until(struct lane_clock *c, int64_t deadline_us)
{
    int64_t left = deadline_us - lane_clock_now(c);

    return left > 0 ? lane_clock_real(c, left) : 0;
}
