/* lab/compare.h - the recorded inputs under other rules, beside what was recorded.
 *
 * The record is followed (applied, never decided). Two more cores decide the same inputs with the candidate
 * site: in one nobody gives an answer that is not in the record, in the other everybody does, after the
 * median of the record so far. What a real house would have done lies between the two, as far as people are
 * concerned; where both agree no model was needed.
 *
 * A recorded answer or receipt counts for the same person and device about the same alert, when the candidate
 * told them at most COMPARE_BAND_US earlier or later: at the time at which it came, or, told later, after the
 * same delay. Phones that the record does not cover give a receipt after the median of the record's receipts,
 * in both. Alerts are the same when message and identity are. Technical alerts of the program itself are left
 * out. One thread; no clock, no file; at most LIMIT_COMPARED_ALERTS alerts. */
#ifndef NIGHTBELL_LAB_COMPARE_H
#define NIGHTBELL_LAB_COMPARE_H

#include "base/time.h"
#include "router/core.h"

#define COMPARE_BAND_US (60 * TIME_S)
#define COMPARE_SAME_US                                                                                      \
    (100 * TIME_MS) /* a first notice moved by less is the same: timers wake a bit late                      \
                     */

/* What was recorded; nobody beyond the record answers; everybody does. */
enum compare_side { SIDE_RECORD, SIDE_NOBODY, SIDE_EVERYBODY, SIDE_COUNT };

struct compare_options {
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err); /* of the record */
    struct site *(*compile_candidate)(void *ctx, struct slice fileset, struct error *err);
    uint64_t (*alert_id)(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal); /* NULL: learnt */
    void *ctx;
    uint64_t lane;
    struct slice candidate; /* its files; empty: whichever site is in force, by compile_candidate */
    uint8_t candidate_hash[32];
};

struct compare;

struct compare *compare_new(const struct compare_options *options);
void compare_free(struct compare **c);
bool compare_restore(struct compare *c, struct slice snapshot, struct error *err); /* before any append */
/* One append, in order; with `decide` false the state before the range is made. False: not to be used any
 * more, err says why (ERROR_LIMIT: too many alerts). */
bool compare_append(struct compare *c, uint64_t first, uint32_t count, struct slice records, bool decide,
                    struct error *err);
uint64_t compare_record_hash(const struct compare *c); /* of the record's own state */

/* --- the comparison ---------------------------------------------------------------------------------- */

struct compare_told { /* one person or desk about one alert; TIME_NONE: not told */
    struct slice holder;
    bool desk;
    int64_t at_us[SIDE_COUNT]; /* lane time of the first time */
};

struct compare_side_row {
    bool there; /* the alert opened */
    struct slice rule;
    int64_t first_us; /* first notice; TIME_NONE: nobody was told */
    uint32_t sends;
    bool desk_only; /* the first notice reached desks alone */
    bool held_back; /* closed before anybody was told */
    bool waited;    /* suppressed, bundled, deferred or limited at some time */
    bool exhausted;
};

struct compare_row {
    uint64_t alert; /* its id in the record, or where it opened */
    uint64_t position;
    bool copy;
    enum event_class class;
    struct slice code, unit;
    int64_t opened_us, opened_wall_us;
    const struct compare_told *told;
    size_t told_count;
    struct compare_side_row side[SIDE_COUNT];
};

/* Every alert, in the order of the record; slices live until the next append. */
const struct compare_row *const *compare_rows(const struct compare *c, size_t *count);

struct compare_pair { /* "spo2-low" -> "icu-spo2": 312; or a person with 18 */
    struct slice from, to;
    uint64_t count[SIDE_COUNT]; /* [SIDE_RECORD] unused */
};

struct compare_hour {
    int64_t wall_us;
    uint64_t sends[SIDE_COUNT];
};

struct compare_figures {
    uint64_t messages, full_context, events; /* events: alerts opened on any side */
    uint64_t own_opened[SIDE_COUNT], sends[SIDE_COUNT], people_sends[SIDE_COUNT];
    uint64_t waited[SIDE_COUNT], desk_only[SIDE_COUNT], held_back[SIDE_COUNT], exhausted[SIDE_COUNT],
        no_notice[SIDE_COUNT];
    struct compare_pair *owners; /* most frequent first */
    size_t owner_count;
    uint64_t owner_changed[SIDE_COUNT];
    struct compare_pair *gained, *lost; /* by holder in `to`; most frequent first */
    size_t gained_count, lost_count;
    uint64_t gained_alerts[SIDE_COUNT], lost_alerts[SIDE_COUNT]; /* alert-person pairs */
    uint64_t newly_desk_only[SIDE_COUNT];
    uint64_t moved[SIDE_COUNT];    /* alerts told on both sides whose first notice moved */
    int64_t median_us[SIDE_COUNT]; /* of the first notice, over alerts told on both sides */
    int64_t worst_us[SIDE_COUNT];  /* the latest */
    uint64_t worst_alert[SIDE_COUNT];
    uint64_t person_hours; /* pairs of a person and a clock hour in which some side told them anything */
    struct compare_hour *hours;
    size_t hour_count;
    uint64_t answers_recorded, answers_invented, sends_uncovered; /* how much is a model */
    int64_t accept_median_us, receipt_median_us;                  /* TIME_NONE: the record has none */
    uint64_t refused; /* recorded inputs that do not fit the candidate: an assignment of somebody it lacks */
};
/* Lists are of `a`. */
void compare_figures(const struct compare *c, struct arena *a, struct compare_figures *out);

/* Did anything of this alert change against the record, on that side? */
bool compare_changed(const struct compare_row *r, enum compare_side side);

#endif
