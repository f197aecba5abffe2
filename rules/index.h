/* rules/index.h - from an event to the few rules that can match it (LANGUAGE section 7, Index).
 *
 * A rule's condition is a list of cases, any of which is enough. Cases are kept in buckets by kind and
 * code; those that no code narrows have a bucket of their own in each kind. Inside a bucket every field
 * that a case compares with names has a column: for each value the set of cases that let it pass, as a
 * bitmap. An event's sets are ANDed; what a bitmap cannot say (numbers, raw paths, shifts, one code of a
 * name) is tested on the cases that are left. Immutable, in the ruleset's arena; made by index_build.c. */
#ifndef NIGHTBELL_RULES_INDEX_H
#define NIGHTBELL_RULES_INDEX_H

#include "rules/compiled.h"

#define INDEX_NO_ID UINT32_MAX

enum {
    INDEX_FIELDS = 64,  /* fields of a higher id are not indexed */
    INDEX_COLUMNS = 32, /* of one bucket; what comes after them is tested on the cases that are left */
    INDEX_FLAGS = sizeof(((struct patient *)0)->flags) / sizeof(struct slice)
};

/* One word of a value's set, where it differs from the set of the values that nobody names. */
struct index_patch {
    uint32_t word;
    uint64_t bits;
};

struct index_value {
    uint32_t id;       /* of the text */
    uint32_t from, to; /* its patches */
};

struct index_column {
    uint32_t field;
    uint32_t flag; /* INDEX_NO_ID: the field is one name; else: does its list hold this one? */
    const uint64_t *absent, *other;
    const struct index_value *values; /* rising by id */
    uint32_t value_count;
    const struct index_patch *patches;
};

struct index_entry {
    uint32_t rule; /* rising within a bucket */
    uint32_t rest_count;
    const struct literal *rest; /* what the columns do not decide */
};

struct index_bucket {
    const struct index_entry *entries;
    size_t count, words;
    size_t rule_count;                   /* their cases stand together */
    const uint64_t *phases[PHASE_COUNT]; /* NULL: no case of this bucket */
    const struct index_column *columns;
    size_t column_count;
};

struct index_kind {
    const struct index_bucket *const *by_code; /* by id of the code, below index.code_count; NULL: none */
    const struct index_bucket *any;            /* NULL: every case names its codes */
};

/* Texts that rules compare with have an id; those of codes come first. */
struct index {
    const struct slice *texts;
    const uint32_t *slots; /* open addressing: id, or INDEX_NO_ID */
    size_t mask, text_count, code_count;
    struct index_kind kinds[EVENT_KIND_COUNT];
};

/* A walk over what is left for one event. */
struct index_part {
    const struct index_bucket *bucket;
    uint64_t *words;
    size_t word; /* the next one to take bits from */
    uint64_t bits;
    const struct index_entry *next; /* NULL: at the end */
    uint64_t few[4];
};

struct index_scan {
    const struct index *index;
    const struct event *event;
    uint64_t known; /* fields whose text is looked up, by bit */
    uint32_t ids[INDEX_FIELDS];
    uint32_t flags[INDEX_FLAGS];
    struct index_part parts[2]; /* the code's bucket, the kind's */
};

void index_start(struct index_scan *s, const struct index *x, const struct event *e, struct arena *a);
/* The entries that the columns let pass, rising by rule; NULL at the end. Their rest is not yet tested. */
const struct index_entry *index_next(struct index_scan *s);

/* The id of a text, INDEX_NO_ID when no rule names it. */
uint32_t index_text(const struct index *x, struct slice text);

#endif
