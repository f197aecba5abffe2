/* rules/site/feed.h - inside of rules/site: a rota from a file while its turns are read. */
#ifndef NIGHTBELL_RULES_SITE_FEED_H
#define NIGHTBELL_RULES_SITE_FEED_H

#include "rules/site/build.h"

struct feed_turn {
    struct rota_interval interval;
    size_t order; /* equal beginnings keep the order of the file */
};

struct feed {
    struct builder *b;
    const struct ast_node *at; /* the FROM node */
    struct slice rota;         /* its name */
    struct slice file;
    const struct tz *zone;
    struct feed_turn *turns;
    size_t count, room;
    struct names unknown;
};

/* By name, line, a feed's id, or the title, "Ana Ruiz RN"; NULL: nobody of this site. */
const struct person *feed_person(const struct feed *f, struct slice text);
/* W623, once a name; `line` 0: not known. */
void feed_stranger(struct feed *f, struct slice text, uint32_t line);
/* Names are the site's. False with ERROR_LIMIT (roster-entries). */
bool feed_add(struct feed *f, struct rota_interval turn, struct error *err);

/* Turns of a FHIR Bundle (docs/rules/rosters.md) given as its tree; errors say where in it. */
bool feed_read_fhir(struct feed *f, struct slice tree, struct error *err);

#endif
