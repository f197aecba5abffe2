/* router/duplicates.h - which messages were seen in the last 24 h of lane time (RELIABILITY L2).
 *
 * Keys of 16 bytes (listener, control id, body), open addressing, in memory; the entries are kept in the
 * order in which they came, so old ones leave at the front and a snapshot is that order. A second index
 * finds a control id that came back with another body. */
#ifndef NIGHTBELL_ROUTER_DUPLICATES_H
#define NIGHTBELL_ROUTER_DUPLICATES_H

#include "base/buf.h"

/* What a refused message was told; the acknowledgement is made of it again. */
struct duplicate_fault {
    char where[48], message[160];
};

struct duplicate {
    uint8_t key[16];
    uint64_t control; /* hash of listener and control id; 0 = none was sent */
    uint64_t position;
    int64_t lane_us, wall_us;
    uint8_t verdict, code; /* enum verdict, enum error_code */
    bool accepted;
    struct duplicate_fault *fault; /* owned; NULL when there was none */
};

struct duplicates {
    struct duplicate *ring; /* room entries, a power of two */
    size_t first, count, room;
    uint32_t *by_key, *by_control; /* ring place + 1; 0 = empty */
    size_t mask;
};

#define DUPLICATE_WINDOW_US (INT64_C(24) * 3600 * 1000000)

void duplicates_free(struct duplicates *d);
const struct duplicate *duplicates_find(const struct duplicates *d, const uint8_t key[16]);
/* Has this control id been used in the window (by any body)? */
bool duplicates_control(const struct duplicates *d, uint64_t control);
struct duplicate_fault *duplicate_fault_new(struct slice where, struct slice message); /* NULL for no text */
/* Adds one at the end and takes its fault; expires what is older than the window. False when LIMIT_DUPLICATES
 * made the oldest leave early. */
bool duplicates_add(struct duplicates *d, const struct duplicate *entry);
void duplicates_write(const struct duplicates *d, struct buf *out);
void duplicates_read(struct duplicates *d, struct reader *in);

#endif
