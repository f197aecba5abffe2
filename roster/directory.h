/* roster/directory.h - the people, units, desks and groups of a site; filled by rules/site, immutable.
 *
 * Names are the site's own identifiers. All memory belongs to the site's arena. */
#ifndef NIGHTBELL_ROSTER_DIRECTORY_H
#define NIGHTBELL_ROSTER_DIRECTORY_H

#include "base/map.h"
#include "base/tz.h"
#include "roster/rota.h"
#include "roster/shift.h"
#include "roster/target.h"

struct reach {             /* one way to ring a person or a desk */
    struct slice endpoint; /* name of an endpoint block */
    struct slice address;  /* what that endpoint needs, or empty (an inbox needs none: its devices) */
};

struct unit {
    struct slice name, title;
    const struct slice *beds;
    size_t bed_count;
    struct slice fallback_desk; /* may be empty */
};

struct person {
    struct slice name, title;  /* "ana", "Ana Ruiz RN" */
    struct slice line;         /* professional address, never a personal number */
    const struct slice *roles; /* may-hold */
    size_t role_count;
    const struct reach *reach;
    size_t reach_count;
    const struct slice *ids; /* what staff feeds call the person; the site itself gives none */
    size_t id_count;
    struct slice off; /* why a feed takes them out: "deactivated by hr", NUL-terminated; empty: active */
    bool fed;         /* only a feed knows this person; the name is LISTENER:KEY */
};

struct desk {
    struct slice name, title;
    const struct shift *staffed; /* NULL: always */
    bool relay;
    const struct reach *reach;
    size_t reach_count;
};

struct group {
    struct slice name;
    const struct who *members;
    size_t member_count;
};

/* `assign PERSON ROLE of UNIT [beds ...] [during SHIFT]`, and the journaled overrides of the same shape. */
struct assignment {
    struct slice person, role, unit;
    const struct slice *beds; /* none = the whole unit */
    size_t bed_count;
    const struct shift *during; /* NULL: always */
    int64_t from_us, until_us;  /* wall, half open; TIME_NONE = unbounded (overrides only) */
    struct slice patient;       /* overrides only: one patient; empty = by place */
    struct slice listener;      /* overrides only: the feed that made it; empty = made by hand */
    struct slice by;            /* overrides only: who said so; may be empty */
    uint64_t said;              /* with `listener`: those of one message count together */
};

struct directory {
    struct slice site;     /* site NAME */
    const struct tz *zone; /* site timezone */
    const struct unit *units;
    size_t unit_count;
    const struct person *persons;
    size_t person_count;
    /* Where feeds add thousands of people; NULL: the list is walked. Values are struct person. */
    const struct map *by_name; /* name */
    const struct map *by_id;   /* names, then lines, then ids, in small letters */
    const struct desk *desks;
    size_t desk_count;
    const struct group *groups;
    size_t group_count;
    const struct rota *rotas;
    size_t rota_count;
    const struct assignment *assignments;
    size_t assignment_count;
};

const struct unit *directory_unit(const struct directory *d, struct slice name);
const struct person *directory_person(const struct directory *d, struct slice name);
/* The person a message names: by name, else by professional address, else by what a feed calls them (ASCII
 * case ignored); NULL for nobody of this site and for the empty id. */
const struct person *directory_person_by_id(const struct directory *d, struct slice id);
/* ASCII letters as small ones; false: longer than any id (`out` holds DIRECTORY_ID_MAX). */
enum { DIRECTORY_ID_MAX = 256 };
bool directory_id_fold(struct slice id, char *out, struct slice *folded);
const struct desk *directory_desk(const struct directory *d, struct slice name);
const struct group *directory_group(const struct directory *d, struct slice name);
const struct rota *directory_rota(const struct directory *d, struct slice name);

#endif
