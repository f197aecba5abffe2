/* router/record.h - one record of the journal: version byte, type, length, two clocks, body.
 *
 *   u8 version | u8 type | u32 body bytes | i64 lane_us | i64 wall_us | body (record_list.h)
 *
 * Everything that changes the state of the core is a record, and a decision holds all that applying it
 * needs: a restart applies, it never maps or matches again (ARCHITECTURE 2, docs/records.md). */
#ifndef NIGHTBELL_ROUTER_RECORD_H
#define NIGHTBELL_ROUTER_RECORD_H

#include "base/arena.h"
#include "base/error.h"
#include "router/layout.h"
#include "router/record_list.h"

enum { RECORD_VERSION = 3, RECORD_HEADER_BYTES = 22 };

#define R(id, name) RECORD_##id,
enum record_type { RECORDS(R) RECORD_COUNT };
#undef R

#define R(id, name)                                                                                          \
    struct record_##name {                                                                                   \
        id##_MEMBERS(MEMBER_DECLARE, _)                                                                      \
    };
RECORDS(R)
#undef R

struct record {
    enum record_type type;
    int64_t lane_us, wall_us;
    union {
#define R(id, name) struct record_##name name;
        RECORDS(R)
#undef R
    } as;
};

struct told_item {
    TOLD_MEMBERS(MEMBER_DECLARE, _)
};
struct send_item {
    SEND_MEMBERS(MEMBER_DECLARE, _)
};
struct fact { /* what the event did not say itself */
    FACT_MEMBERS(MEMBER_DECLARE, _)
};
struct judged { /* enum candidate_fate of a rule, and why */
    JUDGED_MEMBERS(MEMBER_DECLARE, _)
};
extern const struct layout told_layout, send_layout, fact_layout, judged_layout;

const char *record_name(enum record_type t);
const struct layout *record_layout(enum record_type t);
void record_write(struct buf *out, const struct record *r);
/* Slices borrow the reader's bytes. ERROR_VERSION for a newer version, ERROR_SYNTAX for anything else. In a
 * record of an older version the members that came later are missing: they are empty, zero and no. */
bool record_read(struct reader *in, struct record *out, struct error *err);

/* A list of one layout in a blob, and back (arena-owned array, slices borrow the blob). */
struct slice items_write(struct arena *a, const struct layout *l, const void *items, size_t count);
void *items_read(struct arena *a, const struct layout *l, struct slice blob, size_t *count);
/* A list of texts in a blob, and back. */
struct slice texts_write(struct arena *a, const struct slice *texts, size_t count);
struct slice *texts_read(struct arena *a, struct slice blob, size_t *count);

#endif
