/* router/telling.h - inside of explain: one record becomes a sentence and further members of a JSON object.
 */
#ifndef NIGHTBELL_ROUTER_TELLING_H
#define NIGHTBELL_ROUTER_TELLING_H

#include "router/state.h"

struct telling {
    const struct core *core;
    struct arena *arena;
    struct buf text; /* the sentence */
    struct buf more; /* further members of the object, as JSON: `,"key":...` */
};

/* `,"key":` and a value; the comma only after something. */
void put_key(struct telling *t, const char *key);
void put_member(struct telling *t, const char *key, struct slice value);
void put_number(struct telling *t, const char *key, uint64_t value);
/* Appends to the sentence: what a person or desk is called; an event in short. */
void put_title(struct telling *t, struct slice holder);
void put_event(struct telling *t, struct slice blob);
/* How many of the sends go to this holder. */
size_t sends_to(const struct send_item *sends, size_t count, struct slice holder);
/* The member "people": who was looked up, told or skipped, and why. */
void put_people(struct telling *t, const struct told_item *items, size_t count, const struct send_item *sends,
                size_t send_count);
/* The member "ignored", and in the sentence by which rules: the events of a FATE that nobody is told. */
void put_ignored(struct telling *t, struct slice blob);
void tell_decision(struct telling *t, const struct record *r);

#endif
