/* nightbell/site_load.h - a site folder read and compiled, for the commands that only need the result. */
#ifndef NIGHTBELL_NIGHTBELL_SITE_LOAD_H
#define NIGHTBELL_NIGHTBELL_SITE_LOAD_H

#include "rules/site/site.h"

/* A site version is named by the SHA-256 of its files; people read its first digits. */
enum { RULESET_DIGITS = 12 };
void ruleset_named(const struct fileset *files, char out[RULESET_DIGITS + 1]);

/* What these files make. NULL with the number of errors; `folder` (may be empty) names the site in the hint
 * to `nightbell check`. */
struct site *site_from_files(const struct fileset *files, const char *folder, struct error *err);

/* The files of a SITE record. It was checked when it was taken, and it may have been a change of data alone:
 * what such a one leaves uncovered is no error here. */
struct site *site_from_record(struct slice fileset, struct error *err);

/* NULL with an error that points to `nightbell check` when the site is wrong. site_free it. */
struct site *site_load(const char *folder, struct error *err);

#endif
