/* hl7/diff.h - two messages compared field by field, by what they mean: delimiters, escapes spelled another
 * way, character sets, trailing empty fields and line ends make no difference; absent and empty are equal, ""
 * is not. MSH-1 and MSH-2 are not compared. */
#ifndef NIGHTBELL_HL7_DIFF_H
#define NIGHTBELL_HL7_DIFF_H

#include "hl7/message.h"

struct hl7_difference {
    enum { HL7_ONLY_LEFT, HL7_ONLY_RIGHT, HL7_CHANGED } kind;
    size_t left, right; /* segments; HL7_NONE where it has none */
    /* 0 where the whole segment (or field ...) differs; repetition 0: there is but one on both sides */
    uint32_t field, repetition, component, sub;
    /* Decoded; a null is its two quotes. Empty for whole segments and on the side that has nothing. Of a
     * whole field or repetition the delimiters stand in it as they were sent. */
    struct slice left_text, right_text;
};

/* Calls `each` for every difference in order until it says false; gives their number. Segments are paired by
 * name in order: as many pairs as there can be, of these the equal ones and those with the same third field
 * first (bounded: past 4 million combinations this is done for 512 at a time). Texts live in `arena`. */
size_t hl7_diff(struct arena *arena, const struct hl7_message *left, const struct hl7_message *right,
                bool (*each)(void *ctx, const struct hl7_difference *d), void *ctx);

#endif
