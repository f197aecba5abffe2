/* roster/lookup.h - inside of roster/resolve: who holds a role, who is on call, before anyone is filtered.
 *
 * Found holders keep the order in which the site names them and are listed once. Reasons live in the
 * arena. Presence (reachable, away, the actor) is judged afterwards, in resolve.c, so that explain can
 * show who was skipped. */
#ifndef NIGHTBELL_ROSTER_LOOKUP_H
#define NIGHTBELL_ROSTER_LOOKUP_H

#include "roster/resolve.h"

struct found {
    struct arena *arena;
    const struct roster_now *now;
    const struct resolve_query *query;
    struct holder *items;
    size_t count, room;
};

/* A holder once; a second reason for the same name is dropped. `nobody` and the empty name add nothing. */
void found_add(struct found *f, struct slice name, bool is_desk, struct slice reason);
/* Those found since `from` were found through something else: "group code-team: desk". */
void found_via(struct found *f, size_t from, struct slice how);
bool found_has(const struct found *f, struct slice name);

/* `role` at one place: overrides before the site's assignments, a bed before the whole unit. */
void lookup_place(struct found *f, struct slice role, struct slice unit, struct slice bed);
/* `role` for the query's patient and places. */
void lookup_alert(struct found *f, struct slice role);
/* `role of "5W"`: who holds it for the whole unit, and when nobody does, who holds it at its beds. */
void lookup_unit(struct found *f, struct slice role, struct slice unit);
/* Every holder of `role` in the unit, whole unit and beds; an empty unit means all units. */
void lookup_all(struct found *f, struct slice role, struct slice unit);
/* Everybody who holds anything in the unit. */
void lookup_everyone(struct found *f, struct slice unit);

void lookup_oncall(struct found *f, struct slice name, struct slice value);
/* Holds any assignment or is on call in any rota at this instant; a person whom no file schedules is. */
bool lookup_on_duty(const struct roster_now *now, struct arena *a, struct slice person);
/* The person who replaces `person` in an override that applies now, `first` searched first;
 * `rota`: the one whose override it is. */
struct slice lookup_cover(const struct roster_now *now, struct arena *a, struct slice first,
                          struct slice person, struct slice *rota);

#endif
