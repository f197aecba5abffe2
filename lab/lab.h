/* lab/lab.h - the core in virtual time: inputs go in, people hear, deadlines come when they are due.
 *
 * One lab drives one lane. It keeps the journal in memory, and after every input it
 *   - applies the same records to a second core that never decides, and compares the two state hashes;
 *   - writes a snapshot, reads it back and compares again, now and then (with `swap`: always, and goes
 *     on with the copy);
 *   - checks the core's invariants.
 * The first thing that fails stands in `error` and nothing happens after it. Phones give a receipt at
 * once unless they are marked silent. No clock, no file: the same calls give the same lab. */
#ifndef NIGHTBELL_LAB_LAB_H
#define NIGHTBELL_LAB_LAB_H

#include "router/core.h"

struct lab_heard { /* one effect as it left; texts live as long as the lab */
    int64_t at_us;
    enum effect_kind kind;
    uint64_t delivery, alert, device;
    struct slice holder, rule, notice, full, lock;
    struct slice listener, bytes; /* reports */
    struct slice endpoint;
    enum notify_level level;
    bool fyi, mismatch;
    uint32_t step, repeat;
    int64_t next_step_us;
    unsigned replies;
};

struct lab_append {
    uint64_t first;
    uint32_t count;
    struct slice records;
};

struct lab_options {
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err);
    void *ctx;
    /* As in core_hooks; may be NULL. */
    void (*asked)(void *ctx, const struct ruleset *rules, const struct event *e, const struct eval_now *now);
    struct slice fileset;
    uint8_t hash[32]; /* of the fileset; all zero: one of the lab's own making */
    int64_t wall_us;  /* wall time at lane time 0 */
    bool swap;        /* go on with what the snapshot gave, after every input */
    bool check;       /* compare hashes after every input */
    bool gateways;    /* gateways give receipts too, as phones do */
    struct slice
        snapshot; /* begins in this state, at its lane time and at `wall_us`, instead of with a site */
    bool alone;   /* no second core: nothing is compared */
};

struct lab {
    struct lab_options options;
    struct core *core, *replica;
    struct arena *arena;
    int64_t now_us;
    uint64_t position, next_id;
    struct lab_append *appends;
    size_t append_count, append_room;
    struct lab_heard *heard;
    size_t heard_count, heard_room, receipted;
    struct slice silent[256];
    size_t silent_count;
    bool broken;
    struct error error;
    struct core_result last; /* of the last input */
};

struct lab *
lab_new(const struct lab_options *options); /* INPUT_START and INPUT_SITE are decided; see broken */
/* Another lab that goes on from here at another wall time: what was enrolled stays, time has not passed.
 * `from` must outlive it, and be at lane time 0 with nothing heard. */
struct lab *lab_new_from(const struct lab *from, int64_t wall_us);
void lab_free(struct lab **lab);

bool lab_input(struct lab *lab, const struct core_input *in);
/* Lane time goes on to `us`, stopping at every deadline. */
bool lab_until(struct lab *lab, int64_t us);
/* The router dies and comes back `down_us` later: from the journal alone, or from a snapshot. */
bool lab_restart(struct lab *lab, int64_t down_us, bool from_snapshot);
/* Another version of the site takes over; false when it was kept out. Open alerts stay with theirs ... */
bool lab_site(struct lab *lab, struct slice fileset);
bool lab_adopt(struct lab *lab); /* ... until they are asked to go over. */

/* --- people and senders ------------------------------------------------------------------------------ */
bool lab_enrol(struct lab *lab, const char *holder);
/* An HL7 v2 message on a listener; the duplicate key is made from its bytes. */
bool lab_message(struct lab *lab, const char *listener, const char *wire);
/* A message of any format, as its listener hands it over; lab->last is its verdict. Equal bytes on one
 * listener are one message sent again, unless `own` tells them apart. */
bool lab_submit(struct lab *lab, struct slice listener, enum message_format format, struct slice bytes,
                uint64_t own);
/* The newest send to this holder that awaits an answer gets one. False: there is none. */
bool lab_answer(struct lab *lab, const char *holder, enum answer_kind kind, const char *reason);
bool lab_report(struct lab *lab, const char *holder, int delivery_state); /* DELIVERY_PUSHED ... */
/* What became of the oldest report that waits. False: none does. */
bool lab_report_done(struct lab *lab, enum report_outcome outcome, const char *detail);
void lab_silent(struct lab *lab, const char *holder, bool silent); /* no receipts from these phones */
/* The newest alert, or 0. */
uint64_t lab_alert(const struct lab *lab);
/* "resolved", "notifying" ... of an alert; empty when unknown. */
struct slice lab_state(const struct lab *lab, uint64_t alert);
uint64_t lab_counter(const struct lab *lab, const char *name);

#endif
