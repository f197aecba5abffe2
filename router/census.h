/* router/census.h - which patient is in which bed, from ADT and Encounters; owned by the core's state.
 *
 * A bed's occupants are a set (couplets, twins, swing beds). A patient who left is remembered for two
 * days, so that a late A08 does not bring him back and A13 can. Rows are whole: a record replaces one. */
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

struct census {
    struct map *patients; /* id -> struct census_row */
    struct map *beds;     /* "unit\0bed" -> struct occupants; derived */
    struct map *devices;  /* device id -> struct record_device_place */
    struct leaving {
        int64_t left_us;
        struct slice id;
    } * left; /* by time; derived */
    size_t left_first, left_count, left_room;
};

void census_init(struct census *c);
void census_free(struct census *c);
const struct census_row *census_patient(const struct census *c, struct slice id);
const struct occupants *census_bed(const struct census *c, struct slice unit, struct slice bed); /* or NULL */
const struct record_device_place *census_device(const struct census *c, struct slice device);

void census_put(struct census *c, const struct record_patient *row, int64_t lane_us);
void census_remove(struct census *c, struct slice id);
void census_device_put(struct census *c, const struct record_device_place *row);
/* Forgets who left more than two days before `lane_us`. */
void census_expire(struct census *c, int64_t lane_us);

void census_write(const struct census *c, struct buf *out);
void census_read(struct census *c, struct reader *in);

#endif
