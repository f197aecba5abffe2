/* events/roles.h - from a sender's code of a role (ROL-3, PRT-4) to the site's role.
 *
 * roles.csv, first line the column names; `system` may be left out or empty (any):
 *   code,system,role
 *   PP,HL70443,primary-nurse
 * A code that equals a role of the site (ASCII case ignored) needs no row. Immutable after it is made; owned
 * by the site. */
#ifndef NIGHTBELL_EVENTS_ROLES_H
#define NIGHTBELL_EVENTS_ROLES_H

#include "base/error.h"
#include "base/slice.h"

struct role_map;

struct role_map *role_map_new(void);
void role_map_free(struct role_map **m);
/* False with a located error; the map is as before then. */
bool role_map_add_csv(struct role_map *m, struct slice csv, struct error *err);
void role_map_add_own(struct role_map *m, struct slice role);
/* The site's role, or the empty slice. A row that names the system goes before one that does not. */
struct slice role_map_find(const struct role_map *m, struct slice system, struct slice code);
/* For checks: the roles that rows name, in order; line: where the row stands in its file. */
size_t role_map_count(const struct role_map *m);
struct slice role_map_at(const struct role_map *m, size_t index, uint32_t *line);

#endif
