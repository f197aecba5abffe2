/* rules/draft.h - a rule to begin with, for an event that no rule wants: valid text, and changes nothing as
 * it is.
 *
 * The draft does what the site's default does now, spelled out, so that it can be changed line by line. Pure.
 */
#ifndef NIGHTBELL_RULES_DRAFT_H
#define NIGHTBELL_RULES_DRAFT_H

#include "events/catalogue.h"
#include "rules/ruleset.h"

/* Appends `rule NAME { ... mode draft ... }`. It names the event's code; when the catalogue has none, the one
 * that draft_catalogue_row gives it: the text compiles with that row. */
void draft_rule(struct buf *out, const struct ruleset *rules, const struct catalogue *catalogue,
                const struct event *e, struct arena *a);
/* The row of catalogue.csv that gives the event a name; nothing when it has one. */
void draft_catalogue_row(struct buf *out, const struct catalogue *catalogue, const struct event *e,
                         struct arena *a);
/* The row of places.csv for a spelling as findings list it, "TELE5^512^A": whoever takes it over fills in
 * the site's names, which are put as sent. */
void draft_place_row(struct buf *out, struct slice sent);

#endif
