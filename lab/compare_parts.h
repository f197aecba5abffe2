/* lab/compare_parts.h - private to lab/compare*.c. */
#ifndef NIGHTBELL_LAB_COMPARE_PARTS_H
#define NIGHTBELL_LAB_COMPARE_PARTS_H

#include "base/arena.h"
#include "base/map.h"
#include "lab/compare.h"
#include "lab/recorded.h"

struct reaction { /* an answer, or what delivery said, that came for a recorded send */
    bool delivery;
    struct answer answer; /* or: */
    struct delivery_input report;
    int64_t after_us;
};

struct send { /* one ringing of one device or address */
    uint64_t id;
    struct row *row;
    struct slice holder, endpoint;
    uint64_t device;
    int64_t at_us;
    bool fyi;
    struct reaction *reactions; /* of a recorded one */
    size_t reaction_count, reaction_room;
    struct send *next;                /* of the row */
    struct send *partner[SIDE_COUNT]; /* which send of another side it stands for */
};

struct row {
    struct compare_row out;
    struct compare_told *told;
    size_t told_room;
    struct send *sends[SIDE_COUNT]; /* newest first */
};

enum later_kind { LATER_REACTION, LATER_RECEIPT, LATER_ACCEPT, LATER_REPORT };
struct later {
    int64_t due_us;
    uint64_t order;
    enum later_kind kind;
    struct send *send;
    struct reaction reaction;
    uint64_t report;
};

struct medians { /* the last so many delays, sorted when asked */
    int64_t *values;
    size_t count;
};
enum { MEDIAN_KEPT = 1023 };

struct other { /* a core under the candidate */
    struct compare *owner;
    enum compare_side side;
    struct core *core;
    struct map *alerts;  /* id -> struct row */
    struct later *later; /* a heap by due and order */
    size_t later_count, later_room;
    uint64_t order, position;
};

struct compare {
    struct compare_options options;
    struct core *record;
    struct map *ids;    /* (position, ordinal) -> id, when they are learnt */
    struct map *by_key; /* position and identity -> struct row */
    struct map *alerts; /* of the record: id -> struct row */
    struct map *sends;  /* of the record: delivery -> struct send */
    struct map *names;  /* texts, once */
    struct map *sent_hours, *person_hours;
    struct row **rows;
    size_t row_count, row_room;
    struct other other[2];
    struct arena *kept, *scratch;
    struct buf append;
    struct medians accepts, receipts;
    uint64_t messages, full_context, invented, answered, uncovered, refused;
    bool deciding;
    struct error error;
};

struct slice compare_name(struct compare *c, struct slice text); /* one lasting copy */
/* What one record means for a side. `alerts` is that side's map. Sends go to `sent` when they are new. */
bool compare_note(struct compare *c, enum compare_side side, struct map *alerts, const struct record *r,
                  uint64_t position, void (*sent)(void *ctx, struct send *s), void *ctx);

/* people: what devices and people do under a candidate. */
void people_told(struct other *o, struct send *s);           /* a send of a candidate left */
void people_rang(struct compare *c, struct send *recorded);  /* a recorded one did */
void people_said(struct compare *c, const struct record *r); /* a recorded answer or delivery */
void people_later(struct other *o, const struct later *l);   /* put in the queue */
bool people_act(struct other *o, const struct later *l, struct core_input *in); /* false: not any more */
int64_t medians_get(const struct medians *m);
void medians_add(struct medians *m, int64_t us);

/* decides in a candidate core and notes what it wrote */
bool other_decide(struct other *o, const struct core_input *in, int64_t lane_us, uint64_t position);
/* Everything of its own up to and with `until_us`. */
bool other_until(struct other *o, int64_t until_us);

#endif
