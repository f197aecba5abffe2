/* events/catalogue.h - what a code is called, in which unit, of which class (LANGUAGE section 3).
 *
 * A catalogue is CSV beside the site, one or more files, first line the column names:
 *   name,kind,class,system,code,source,text,unit,title,attended-ends
 *   vfib,alarm,lethal,MDC,199806,,,,V-fib,no
 *   spo2-low,alarm,medium,MDC,196670,150456,,%,SpO2 low,no
 *   bathroom-cord,call,call,local,,,MDCX_BATH_CORD,,Bathroom cord,no
 * A row matches on the filled ones of system, code, source (the facet-2 metric) and text (exact,
 * ASCII case ignored); the row with most of them filled wins, then the first in file order.
 * Several rows may give one name. Immutable after it is made; owned by the site. */
#ifndef NIGHTBELL_EVENTS_CATALOGUE_H
#define NIGHTBELL_EVENTS_CATALOGUE_H

#include "events/event.h"

struct catalogue_row {
    struct slice name, system, code, source, text, unit, title;
    enum event_kind kind;
    enum event_class class;
    bool attended_ends; /* staff presence or a silenced source ends this call */
};

struct catalogue;

struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue **c);
/* Adds the rows of one CSV file (copied). A bad row is an error with file line; nothing is added then. */
bool catalogue_add_csv(struct catalogue *c, struct slice csv, struct error *err);
/* The rows that stand in every site: the lethal and common MDC codes of STANDARDS section 1.6 and the
 * well-known critical laboratory codes (LOINC); site rows override them by name. */
bool catalogue_add_builtin(struct catalogue *c, struct error *err);

const struct catalogue_row *catalogue_find(const struct catalogue *c, struct slice system, struct slice code,
                                           struct slice source, struct slice text);
/* The first row of that name, or NULL: what the checker asks. */
const struct catalogue_row *catalogue_named(const struct catalogue *c, struct slice name);
/* "loinc:2823-3" in rules: the row of system and code, or NULL. System names compare without case and
 * by alias ("loinc" = "LN" = "http://loinc.org", "mdc" = "MDC" = "urn:iso:std:iso:11073:10101"). */
const struct catalogue_row *catalogue_coded(const struct catalogue *c, struct slice system,
                                            struct slice code);
size_t catalogue_count(const struct catalogue *c);
const struct catalogue_row *catalogue_row_at(const struct catalogue *c, size_t index);

#endif
