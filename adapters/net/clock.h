/* adapters/net/clock.h - lane time from the machine's clocks (docs/ids.md).
 *
 * Lane time runs on CLOCK_BOOTTIME times a rate and never goes back. The router continues from the
 * last recorded lane time; how much passed while it was away comes from the boot clock when the boot
 * is the same one, else from the wall clock, never less than nothing. */
#ifndef NIGHTBELL_ADAPTERS_NET_CLOCK_H
#define NIGHTBELL_ADAPTERS_NET_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct lane_clock {
    int64_t anchor_boot_us, anchor_lane_us, last_lane_us;
    uint32_t rate_permille; /* 1000 = real time */
};

int64_t clock_wall_us(void); /* CLOCK_REALTIME */
int64_t clock_boot_us(void); /* CLOCK_BOOTTIME */

/* `last_lane_us`, `last_wall_us`: of the newest journal append (0, 0: an empty journal starts at wall time).
 */
struct lane_clock lane_clock_start(int64_t last_lane_us, int64_t last_wall_us, uint32_t rate_permille);
int64_t lane_clock_now(struct lane_clock *c);
/* Real microseconds until lane time `deadline_us`; 0 when it has passed. */
int64_t lane_clock_until(struct lane_clock *c, int64_t deadline_us);
/* Real microseconds that a stretch of lane time takes. */
int64_t lane_clock_real(const struct lane_clock *c, int64_t lane_us);

#endif
