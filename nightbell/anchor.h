/* nightbell/anchor.h - where lane time stood on this machine's boot clock, kept over restarts.
 *
 * run/anchor holds one line: boot id, boot clock, lane time, rate. Within one boot lane time goes on by
 * the boot clock, so that somebody who sets the wall clock while the router restarts moves no deadline
 * (RELIABILITY T2). After a reboot, or without the file, the wall clock of the last append serves. */
#ifndef NIGHTBELL_NIGHTBELL_ANCHOR_H
#define NIGHTBELL_NIGHTBELL_ANCHOR_H

#include "adapters/net/clock.h"

/* The clock to go on with, given the newest append's lane and wall time; writes the new anchor. */
struct lane_clock anchor_start(int64_t last_lane_us, int64_t last_wall_us, uint32_t rate_permille);

#endif
