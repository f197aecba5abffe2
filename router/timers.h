/* router/timers.h - when each open alert needs attention next: a binary heap with one entry an alert.
 *
 * Derived from the state (alert_next) and rebuilt after a restart, so it is in no snapshot. Equal times go
 * in the order in which the alerts opened. */
#ifndef NIGHTBELL_ROUTER_TIMERS_H
#define NIGHTBELL_ROUTER_TIMERS_H

#include <stddef.h>
#include <stdint.h>

struct alert;

struct timers {
    struct alert **heap;
    size_t count, room;
};

/* Puts the alert at its `due_us`, moves it there, or takes it out (INT64_MAX). */
void timers_set(struct timers *t, struct alert *a, int64_t due_us);
struct alert *timers_first(const struct timers *t); /* NULL when empty */
void timers_free(struct timers *t);

#endif
