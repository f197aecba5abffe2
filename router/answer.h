/* router/answer.h - what a device or a gateway says about an alert, once its signature was verified. */
#ifndef NIGHTBELL_ROUTER_ANSWER_H
#define NIGHTBELL_ROUTER_ANSWER_H

#include "base/slice.h"

#define ANSWER_KINDS(X)                                                                                      \
    X(RECEIVED, "received")                                                                                  \
    X(DISPLAYED, "displayed")                                                                                \
    X(READ, "read")                                                                                          \
    X(ACCEPT, "accept")                                                                                      \
    X(DECLINE, "decline")                                                                                    \
    X(READBACK, "readback")                                                                                  \
    X(CALLBACK, "callback")                                                                                  \
    X(CONFIRM, "confirm")                                                                                    \
    X(DISMISS, "dismiss")                                                                                    \
    X(DONE, "done")                                                                                          \
    X(DELIVERED, "delivered") /* gateways: the same as received */                                           \
    X(UNDECRYPTABLE, "undecryptable")

#define X(id, name) ANSWER_##id,
enum answer_kind { ANSWER_KINDS(X) ANSWER_KIND_COUNT };
#undef X

const char *answer_kind_name(enum answer_kind k);
bool answer_kind_find(struct slice name, enum answer_kind *out);

struct answer {
    uint64_t device;       /* 0: a gateway */
    struct slice endpoint; /* gateways: its name */
    uint64_t delivery;     /* which send it answers */
    enum answer_kind kind;
    struct slice reason; /* decline: with-patient, not-mine, off-unit, break; readback: the value (phi) */
    int64_t device_us;   /* the device's own clock, UTC: shown, never trusted */
    uint8_t nonce[16];   /* equal nonce from the same device = the same answer again */
};

enum answer_result {
    ANSWER_TAKEN,    /* it counted */
    ANSWER_REPEATED, /* the same one again: answered as before */
    ANSWER_LATE,     /* the alert was already closed or taken: recorded, shown as late */
    ANSWER_UNKNOWN,  /* no such delivery for this device */
    ANSWER_REFUSED   /* a reply this message does not offer */
};

#endif
