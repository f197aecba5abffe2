/* events/catalogue_add.h - how rows get into a catalogue (private to events/). */
#ifndef NIGHTBELL_EVENTS_CATALOGUE_ADD_H
#define NIGHTBELL_EVENTS_CATALOGUE_ADD_H

#include "events/catalogue.h"

/* One row; its texts already live in the catalogue's arena. */
void catalogue_put(struct catalogue *c, struct catalogue_row row, bool builtin);
/* After the last one: a built-in row takes kind, class, unit and title from the site's row of its name. */
void catalogue_settle(struct catalogue *c);
struct arena *catalogue_arena(struct catalogue *c);
/* "loinc", "http://loinc.org" -> "LN": one spelling a coding system; others as they are, trimmed. */
struct slice coding_system(struct slice sent);

#endif
