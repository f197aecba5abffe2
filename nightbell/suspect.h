/* nightbell/suspect.h - the suspect slot: which message was in hand when a process died (ARCHITECTURE 4).
 *
 * Shared memory owned by the supervisor. Feeds and web put a message in before they parse it, the
 * router before it decides. After a second crash on one hash the bytes are kept as a suspect: whoever
 * sees that hash again quarantines it without reading, and the router journals it at its next start. */
#ifndef NIGHTBELL_NIGHTBELL_SUSPECT_H
#define NIGHTBELL_NIGHTBELL_SUSPECT_H

#include "base/slice.h"

struct suspects;

enum suspect_holder { SUSPECT_FEEDS, SUSPECT_WEB, SUSPECT_ROUTER, SUSPECT_HOLDERS };

struct suspects *suspects_new(void); /* before any fork; NULL when there is no memory */

/* `hash`: the duplicate key. Larger messages than the kept room are cut in the slot, never in the journal. */
void suspect_enter(struct suspects *s, enum suspect_holder h, const uint8_t hash[16], struct slice listener,
                   uint8_t format, struct slice bytes);
void suspect_leave(struct suspects *s, enum suspect_holder h);

/* Supervisor: the holder died abnormally. True when this made a suspect of its message. */
bool suspect_crashed(struct suspects *s, enum suspect_holder h);
bool suspect_is(const struct suspects *s, const uint8_t hash[16]);

/* Router: the suspects not yet journaled; each is given once, then marked. */
struct suspect_kept {
    uint8_t hash[16];
    uint8_t format;
    struct slice listener, bytes;
};
bool suspect_take(struct suspects *s, struct suspect_kept *out);

#endif
