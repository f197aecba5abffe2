/* nightbell/recall.h - why a recorded message was ignored: it is decided again at its place (lab/recall.h).
 */
#ifndef NIGHTBELL_NIGHTBELL_RECALL_H
#define NIGHTBELL_NIGHTBELL_RECALL_H

#include "base/buf.h"
#include "nightbell/history.h"

/* The story of the message at `position` as core_story tells it, each event that was ignored with its
 * DECISION. Reads the journal from the last snapshot before it on, so the master key is needed; progress goes
 * to standard error when that is a terminal. */
bool recall_message(const struct history_options *options, uint64_t position, struct buf *json_lines,
                    struct error *err);

#endif
