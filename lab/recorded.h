/* lab/recorded.h - the inputs that the records of a journal hold, as they were given to the core.
 *
 * An append holds inputs and the decisions on them. Here the two are told apart again, and an input becomes a
 * struct core_input that can be decided once more. What no record keeps (the bytes of a duplicate, an answer
 * that was refused) has changed nothing and is not missed. Pure: no clock, no file. */
#ifndef NIGHTBELL_LAB_RECORDED_H
#define NIGHTBELL_LAB_RECORDED_H

#include "router/core.h"
#include "router/record.h"

/* One append, read: record i stands at position first + i, raw[i] are its bytes. Slices borrow the append. */
struct recorded {
    uint64_t first;
    const struct record *records;
    const struct slice *raw;
    size_t count;
};

/* Arrays are of `a`. False: unreadable, or a newer version. */
bool recorded_read(struct arena *a, uint64_t first, uint32_t count, struct slice bytes, struct recorded *out,
                   struct error *err);

/* Is record i an input? Then *out is what was decided: for a TICK that came with another input INPUT_TIMER
 * as well, so that each can be decided on its own. Small arrays are of `a`; the rest borrows the append. */
bool recorded_input(const struct recorded *r, size_t i, struct arena *a, struct core_input *out);

/* The record whose input was decided in one call with the TICK at i: i itself when the TICK stood alone,
 * count when the input left no record. */
size_t recorded_call(const struct recorded *r, size_t i);

/* An input that is refused and leaves no record. */
struct core_input recorded_nothing(void);

#endif
