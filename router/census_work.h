/* router/census_work.h - one row of the census being decided: read, changed, written as one record.
 * Private to router/decide_census*.c. Texts live in the core's scratch. */
#ifndef NIGHTBELL_ROUTER_CENSUS_WORK_H
#define NIGHTBELL_ROUTER_CENSUS_WORK_H

#include "router/movements.h"
#include "router/state.h"

struct census_work {
    struct core *c;
    const struct change *ch; /* ids resolved to survivors, times of the future taken back to now */
    struct record_patient row;
    struct movements moves;
    struct place before; /* where the patient was */
    bool known, was_here;
};

void work_begin(struct census_work *w, struct core *c, const struct change *ch, struct slice id);
/* What the change says of the patient; `person`: without class, service, doctor and numbers, which belong to
 * another visit. A change that happened before the newest one that was taken fills in only what is missing.
 */
void work_details(struct census_work *w, bool person);
struct stay work_stay(const struct census_work *w);
/* Writes the row; results, orders and appointments follow the patient to another place. */
void work_end(struct census_work *w);

/* The same bed, or the same unit when one of them names no bed. */
bool same_bed(struct place a, struct place b);
struct slice flags_join(struct core *c, struct slice flags, struct slice others);

/* The event of an open alert with the patient as the census has him, and his place if it follows him. */
void alert_realign(struct core *c, struct alert *a, const struct record_patient *row);

/* True when it changed what the census says. */
bool decide_merge(struct core *c, const struct change *ch);
bool decide_move_stay(struct core *c, const struct change *ch);
bool decide_renumber(struct core *c, const struct change *ch);

#endif
