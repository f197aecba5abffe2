/* router/ignored.h - the events of one message that nobody is told, as its FATE record carries them.
 *
 * Most of a hospital's results are routine, so this is short: the owner, the kind and the place are written
 * once for all events that share them. Why each rule did not want an event is not kept: the journal has the
 * message, and deciding it again at its place says so (lab/recall.h). */
#ifndef NIGHTBELL_ROUTER_IGNORED_H
#define NIGHTBELL_ROUTER_IGNORED_H

#include "base/arena.h"
#include "events/event.h"

struct ignored {
    struct ignored *next;
    struct slice rule; /* its owner: a default, or a rule that ignores */
    bool unowned;      /* a default: it is listed */
    enum event_kind kind;
    enum event_class class;
    struct slice key, where; /* as the list `unowned` has them */
    struct slice event;      /* event_write's bytes; empty: an equal row was listed before */
};

struct ignored_list {
    struct ignored *first, *last;
    uint32_t count;
};

/* Appends an empty one; of `a`. */
struct ignored *ignored_add(struct ignored_list *l, struct arena *a);
/* `ignored` of a FATE; empty for an empty list. Of `a`. */
struct slice ignored_write(struct arena *a, const struct ignored_list *l);
/* The other way; texts borrow `blob`. A damaged blob gives what can be read. */
struct ignored_list ignored_read(struct arena *a, struct slice blob);

#endif
