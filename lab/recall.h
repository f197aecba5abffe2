/* lab/recall.h - one recorded message decided once more where it stands, with the reasons written out.
 *
 * The journal does not say why each rule did not want an event that was ignored: that would be most of the
 * journal. It holds all that decided, though: the records before the message give the state, and the message
 * decided again gives the same, and says why as well. Nothing leaves. One thread; no clock, no file. */
#ifndef NIGHTBELL_LAB_RECALL_H
#define NIGHTBELL_LAB_RECALL_H

#include "lab/replay.h"

struct recall;

/* `position`: of the MESSAGE record. Alert ids are made by the options' hook, which is needed. */
struct recall *recall_new(const struct replay_options *options, uint64_t position);
void recall_free(struct recall **r);
/* A snapshot of before that position to begin with, before any append. */
bool recall_restore(struct recall *r, struct slice snapshot, struct error *err);
/* The appends in order, up to the one that holds the position: with it *done is set, and the lines of
 * core_story about the message are in `json_lines`. False: they cannot be read, or no message has the
 * position. */
bool recall_append(struct recall *r, uint64_t first, uint32_t count, struct slice records, bool *done,
                   struct buf *json_lines, struct error *err);

#endif
