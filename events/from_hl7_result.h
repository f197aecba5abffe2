/* events/from_hl7_result.h - the OBX of a result message and what they share (private to events/).
 *
 * A message may hold several patients, each with orders, each with observations (HL7 v2 chapter 7,
 * PATIENT_RESULT). Nothing is read twice: what an order shares is read at its first OBX. */
#ifndef NIGHTBELL_EVENTS_FROM_HL7_RESULT_H
#define NIGHTBELL_EVENTS_FROM_HL7_RESULT_H

#include "events/from_hl7.h"

/* Which identities this message has given already, so that two OBX of one code are two alerts. */
struct seen_table {
    uint32_t *slots; /* index of the event + 1; 0: free */
    size_t size;     /* a power of two */
};

struct hl7_order {
    size_t orc, obr;     /* HL7_NONE: none */
    size_t from;         /* the first segment of the order, its ORC included */
    bool ready;          /* what follows has been read */
    struct slice key;    /* sender|result|filler: how its results' identities begin */
    struct slice parent; /* OBR-26.2: which of the parent's results this order is about */
    struct slice status; /* OBR-25 */
    struct person_ref provider;
    enum event_priority priority;
    int64_t time_us;        /* OBR-22, OBR-7, MSH-7 */
    struct slice time_text; /* the OBX-14 that was read last, and its instant */
    int64_t time_read_us;
};

/* One OBX, the nth of the message, with the patient and place that `shared` holds. False: ERROR_LIMIT. */
bool hl7_read_observation(struct hl7_in *in, const struct event *shared, struct hl7_order *o,
                          struct seen_table *seen, size_t obx, uint32_t nth);

#endif
