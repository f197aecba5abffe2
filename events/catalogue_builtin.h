/* events/catalogue_builtin.h - the rows that every site has, as one table (private to events/). */
#ifndef NIGHTBELL_EVENTS_CATALOGUE_BUILTIN_H
#define NIGHTBELL_EVENTS_CATALOGUE_BUILTIN_H

#include "events/event.h"

struct builtin_row {
    const char *name;
    enum event_kind kind;
    enum event_class class;
    const char *system, *codes; /* blank-separated: one row each */
    const char *source;         /* blank-separated metrics, one row each; "" matches without one */
    const char *unit, *title;
};

extern const struct builtin_row builtin_rows[];
extern const size_t builtin_row_count;

#endif
