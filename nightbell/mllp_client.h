/* nightbell/mllp_client.h - a blocking MLLP sender for the tools (send, simulate). */
#ifndef NIGHTBELL_NIGHTBELL_MLLP_CLIENT_H
#define NIGHTBELL_NIGHTBELL_MLLP_CLIENT_H

#include "base/buf.h"
#include "base/error.h"

/* "ADDR:PORT" or "HOST:PORT". A descriptor, or -1. */
int mllp_dial(const char *address, struct error *err);
/* Sends one message and waits for its acknowledgement (unframed, in *ack) for at most `wait_s`. */
bool mllp_exchange(int fd, struct slice message, unsigned wait_s, struct buf *ack, struct error *err);
/* MSA-1 of an acknowledgement: "AA", "CA", ...; empty when there is none. */
struct slice mllp_ack_code(struct slice ack);

#endif
