/* rules/site/fileset.h - the files of a site as bytes: what a site record in the journal holds.
 *
 * Reading the folder is the program's work (nightbell/site_folder); from here on a site is a value:
 * *.bell, the files they name, "tz/Zone/Name" entries with the TZif bytes of each zone used, and
 * ".fhir/NAME" with the tree of each roster in FHIR. */
#ifndef NIGHTBELL_RULES_SITE_FILESET_H
#define NIGHTBELL_RULES_SITE_FILESET_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

struct fileset;

struct fileset *fileset_new(void);
void fileset_free(struct fileset **f);
/* Copies. Names are relative with '/', no "..", sorted on read-out. Limits: site-files, site-bytes. */
bool fileset_add(struct fileset *f, struct slice name, struct slice bytes, struct error *err);
bool fileset_find(const struct fileset *f, struct slice name, struct slice *bytes);
size_t fileset_count(const struct fileset *f);
void fileset_at(const struct fileset *f, size_t index, struct slice *name, struct slice *bytes);
/* Canonical bytes: equal filesets give equal bytes; the site's hash is SHA-256 over them (adapters/seal). */
void fileset_write(struct buf *out, const struct fileset *f);
struct fileset *fileset_read(struct slice bytes, struct error *err);

#endif
