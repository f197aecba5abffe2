/* events/places.h - from a sender's spelling of a place to the site's unit, room and bed.
 *
 * places.csv, first line the column names:
 *   sent-unit,sent-room,sent-bed,unit,room,bed
 *   TELE5,512,A,5W,512,12
 *   TELE5,,,5W,,            (a row without room or bed is the unit's own; sent room and bed pass through)
 * The fullest matching row wins. Without any row the sent names pass through when that unit and bed
 * are the site's own; otherwise the place is unmapped, which is counted and listed, never lost.
 * Immutable after it is made; owned by the site. */
#ifndef NIGHTBELL_EVENTS_PLACES_H
#define NIGHTBELL_EVENTS_PLACES_H

#include "events/event.h"

struct place_map;

struct place_map *place_map_new(void);
void place_map_free(struct place_map **m);
bool place_map_add_csv(struct place_map *m, struct slice csv, struct error *err);
/* The site's own places, so that a sender that already spells them so needs no row. */
void place_map_add_own(struct place_map *m, struct slice unit, struct slice bed);
/* False when unmapped; *out then holds what was sent. An empty `sent` gives an empty place and true. */
bool place_map_find(const struct place_map *m, struct place sent, struct place *out);

#endif
