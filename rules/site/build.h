/* rules/site/build.h - inside of rules/site: what the parts of site_compile share while a site is made.
 *
 * Each part reads one family of declarations, reports what is wrong with a place and a hint, and leaves
 * its tables in the directory. Nothing stops at the first error; site_compile looks at the count. */
#ifndef NIGHTBELL_RULES_SITE_BUILD_H
#define NIGHTBELL_RULES_SITE_BUILD_H

#include "rules/site/site.h"

/* Numbers of the findings about a site's declarations; docs/rules/site.md explains each. */
enum site_finding {
    SITE_NONE = 601,        /* no `site`, or more than one */
    SITE_TWICE = 602,       /* a name declared twice */
    SITE_UNKNOWN = 603,     /* a name that nothing declares */
    SITE_ZONE = 604,        /* a time zone that is not known */
    SITE_SILENT = 605,      /* a person or desk that nothing rings */
    SITE_PLAIN = 607,       /* plain text off loopback without `insecure` */
    SITE_KEY = 608,         /* a setting that the block does not know, or twice */
    SITE_REQUIRED = 609,    /* a setting that the block needs */
    SITE_VALUE = 610,       /* a setting's values */
    SITE_ADDRESS = 611,     /* two blocks on one address */
    SITE_MAY_NOT = 612,     /* an assignment that may-hold does not allow */
    SITE_BED = 613,         /* a bed that the unit does not have */
    SITE_FILE = 615,        /* a file that is not in the site */
    SITE_CSV = 616,         /* a fault inside a data file */
    SITE_GROUP = 617,       /* a group that contains itself, or a member that needs an event */
    SITE_RANGE = 618,       /* beds, times and counts that make no sense */
    SITE_PLACE = 620,       /* warning: places.csv names a place that the site does not have */
    SITE_DEAF = 621,        /* warning: nothing listens */
    SITE_ROLE = 622,        /* warning: roles.csv names a role that the site does not have */
    SITE_FEED_PERSON = 623, /* warning: a roster file names somebody who is no person of the site */
    SITE_FEED_EMPTY = 624,  /* warning: a roster file in which nobody has a turn */
};

/* The site with what it must give back; `site` stands first, so a pointer to one is a pointer to both. */
struct site_owned {
    struct site site;
    struct site *base; /* a variant: what it was made of; NULL otherwise */
    struct directory directory;
    struct slice *zone_names;
    struct tz **zones;
    size_t zone_count, zone_room;
    struct catalogue *catalogue;
    struct slice *map_names;
    struct codemap **maps;
    size_t map_count;
    struct place_map **places; /* one a listener */
    size_t place_count;
    struct role_map **roles; /* one a listener */
    size_t role_map_count;
    struct ruleset *rules;
};

struct builder {
    struct arena *arena; /* the site's */
    struct diagnostics *d;
    const struct fileset *files;
    const struct ast_node *program;
    const struct block_schema *schemas;
    size_t schema_count;
    int64_t now_us;    /* of whoever asks; 0: nobody does */
    unsigned gap_days; /* from then on; 0: as many as are usual */
    struct site_owned *out;
    struct shift *shifts;
    size_t shift_count;
    struct slice *roles; /* every role that a may-hold or an assignment names, once */
    size_t role_count;
};

/* Declarations of one kind over all files, in order: struct walk w = { 0 }; while (walk_next(...)) w.node */
struct walk {
    const struct ast_node *file, *node;
};
bool walk_next(struct walk *w, const struct ast_node *program, enum ast_kind kind);
size_t walk_count(const struct ast_node *program, enum ast_kind kind);

/* Files that the program mentions, by fileset name (site_files). */
size_t site_catalogue_mentions(const struct ast_node *program, struct arena *a, const struct slice **names);
size_t site_mentions(const struct ast_node *program, struct arena *a, const struct slice **names);
/* The first text under `node` that is this file's path; NULL: none. `depth` is 0. */
const struct ast_node *site_mention(const struct ast_node *node, struct arena *a, struct slice name,
                                    unsigned depth);

/* Names known so far, for "did you mean"; arena-owned. */
struct names {
    struct slice *list;
    size_t count, room;
};
void names_add(struct names *n, struct arena *a, struct slice name);
bool names_have(const struct names *n, struct slice name);
/* Reports the second declaration of a name; false then. `what` is "person", "unit", ... */
bool names_declare(struct names *n, struct builder *b, const struct ast_node *at, const char *what);
/* unknown WHAT "NAME", with the nearest of the known ones as hint. */
void unknown_name(struct builder *b, const struct ast_node *at, const char *what, const struct names *known);

struct names names_of_persons(struct builder *b);
struct names names_of_desks(struct builder *b);
struct names names_of_units(struct builder *b);

/* A zone by name, loaded once; NULL after reporting at `at`. */
const struct tz *build_zone(struct builder *b, const struct ast_node *at);
/* The same for a name in a roster file; NULL without a word where the machine has none. */
const struct tz *build_zone_named(struct builder *b, struct slice name);
/* A file of the site by its path; reports at `at` when it did not come along. */
bool site_find_file(struct builder *b, struct slice path, struct span at, struct slice *bytes);
/* Where in that file an error lies, and the error as a finding. */
struct span site_file_span(const struct builder *b, struct slice path, const struct error *err);
void site_report_file(struct builder *b, struct slice path, const struct error *err);
/* Turns of a rota from a file; `from` is its FROM node. */
void build_feed(struct builder *b, const struct ast_node *from, struct rota *out);
const struct shift *build_shift_named(struct builder *b, const struct ast_node *at);
/* The beds of a BEDS node, ranges expanded. */
void build_beds(struct builder *b, const struct ast_node *beds, struct names *out);

void build_site(struct builder *b); /* site, zone, demo */
void build_shifts(struct builder *b);
void build_blocks(struct builder *b); /* listen, endpoint */
void build_desks(struct builder *b);
void build_persons(struct builder *b);
void build_units(struct builder *b);
void build_rotas(struct builder *b);
void build_switches(struct builder *b); /* switches.c; after build_assignments: roles are known */
void build_groups(struct builder *b);
void build_assignments(struct builder *b);
void build_catalogue(struct builder *b);
void build_sources(struct builder *b); /* code maps, places, one event_source a listener */
void read_charset(struct builder *b, const struct block *block, struct event_source *out);
void check_blocks(struct builder *b); /* keys, values, addresses, plain text */

#endif
