/* router/census.h - which patient is in which bed, from ADT and Encounters; owned by the core's state.
 *
 * A bed's occupants are a set (couplets, twins, swing beds); a patient at a temporary place (A09, A10,
 * PV1-11) is found there and stays an occupant of the bed. A patient who left is remembered for two days,
 * so that a late A08 does not bring him back and A13 can. Rows are whole: a record replaces one.
 *
 * An id that was merged away (A40) stands for the survivor for 30 days; of more than LIMIT_MERGED_IDS the
 * oldest are forgotten. */
#ifndef NIGHTBELL_ROUTER_CENSUS_H
#define NIGHTBELL_ROUTER_CENSUS_H

#include "base/map.h"
#include "events/event.h"
#include "router/record.h"

struct census_row {
    struct record_patient patient; /* owned texts */
    int64_t left_us;               /* lane time of leaving; TIME_NONE while here */
};

struct occupants {
    struct census_row **rows; /* by patient id, so that the order does not hang on history */
    size_t count, room;
};

/* clang-format off */
#define MERGED_ID_MEMBERS(M, S) M(S, TEXT, from) M(S, TEXT, into) M(S, I64, merged_us)
/* clang-format on */
struct merged_id {
    MERGED_ID_MEMBERS(MEMBER_DECLARE, _) /* merged_us: lane time; texts owned */
    struct merged_id *next, *prev;       /* oldest first */
};

struct census {
    struct map *patients; /* id -> struct census_row */
    struct map *beds;     /* "unit\0bed" -> struct occupants; derived */
    struct map *devices;  /* device id -> struct record_device_place */
    struct leaving {
        int64_t left_us;
        struct slice id;
    } * left; /* by time; derived */
    size_t left_first, left_count, left_room;
    struct map *merged; /* dead id -> struct merged_id */
    struct merged_id *merged_first, *merged_last;
};

void census_init(struct census *c);
void census_free(struct census *c);
const struct census_row *census_patient(const struct census *c, struct slice id);
const struct occupants *census_bed(const struct census *c, struct slice unit, struct slice bed); /* or NULL */
const struct record_device_place *census_device(const struct census *c, struct slice device);

void census_put(struct census *c, const struct record_patient *row, int64_t lane_us);
void census_remove(struct census *c, struct slice id);
void census_device_put(struct census *c, const struct record_device_place *row);
/* The id that this one was merged into, through any chain of merges; the id itself when it was not. Lives
 * as long as the census does not change. Ask it of every id that a message names. */
struct slice census_survivor(const struct census *c, struct slice id);
/* `from` stands for `into` from now on; `into` is alive again if it stood for another. */
void census_merge(struct census *c, struct slice from, struct slice into, int64_t lane_us);
/* Forgets who left more than two days before `lane_us`, and ids merged away more than 30 days before. */
void census_expire(struct census *c, int64_t lane_us);

void census_write(const struct census *c, struct buf *out);
/* `version` of the snapshot: 1 has no merged ids and shorter rows. */
void census_read(struct census *c, struct reader *in, unsigned version);

#endif
