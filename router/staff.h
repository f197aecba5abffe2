/* router/staff.h - the staff directory and the places as feeds describe them (HL7 v2 MFN^M02, M05, PMU, A20).
 *
 * A row belongs to the listener that sent it and is whole: a record replaces one. Rows that were removed stay
 * as such, so that a late message does not bring them back. Owned by the core's state.
 *
 * A row belongs to the site's person whose name or line is its key or one of its ids (ASCII case ignored);
 * such a person is also found by these ids and is not rung while a row says so. A row that belongs to nobody
 * is a person of its own whom only the feed knows, named LISTENER:KEY (no name of a site holds a colon, so no
 * role or person of the site can be taken over); what rings them is the listener's `staff reach ENDPOINT`. */
#ifndef NIGHTBELL_ROUTER_STAFF_H
#define NIGHTBELL_ROUTER_STAFF_H

#include "base/map.h"
#include "router/record.h"
#include "rules/site/site.h"

struct staff {
    struct map *rows;   /* listener, key -> struct record_staff */
    struct map *places; /* listener, unit, room, bed -> struct record_location */
    /* derived when it is asked for: the site's directory with the rows in it */
    struct arena *view_arena;
    struct directory view;
    struct map *by_name, *by_id; /* of the view; NULL before the first */
    const struct person *
        *owners; /* of the view: whom each row is about, in the order of the rows; NULL: gone */
    bool fresh;
    int64_t until_us; /* wall time at which the view changes by itself; INT64_MAX: never */
};

void staff_init(struct staff *s);
void staff_free(struct staff *s);
void staff_site_changed(struct staff *s);

const struct record_staff *staff_row(const struct staff *s, struct slice listener, struct slice key);
const struct record_location *staff_place(const struct staff *s, const struct record_location *like);
/* Out of service now: removed or not active, unless that lies ahead. */
bool staff_row_off(const struct record_staff *r, int64_t wall_us);
/* LISTENER:KEY, in the arena. */
struct slice staff_name(const struct record_staff *r, struct arena *a);

/* The people as they are now; the site's own directory when no feed says anything. Valid until the next
 * record is applied. */
const struct directory *staff_directory(struct staff *s, const struct site *site, int64_t wall_us);

void staff_apply(struct staff *s, const struct record_staff *r);
void staff_place_apply(struct staff *s, const struct record_location *r);
/* `what` "staff" or "places": every row of the listener that is not newer is off until it is sent again. */
void staff_master_apply(struct staff *s, const struct record_master *r);

void staff_write(const struct staff *s, struct buf *out);
void staff_read(struct staff *s, struct reader *in);

#endif
