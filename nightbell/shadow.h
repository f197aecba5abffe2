/* nightbell/shadow.h - the process that follows a running router under other rules.
 *
 * A process and no thread, so that nothing that happens to it can touch the router; and the journal is its
 * queue: it asks for page after page over the control socket and decides them at its own pace, behind the
 * router, nice'd. So there is nothing in the router that could fill up or block, and nothing is ever lost: a
 * slow shadow is behind, and says by how much. What it found is in memory (LIMIT_COMPARED_ALERTS) and is gone
 * when it ends: `replay --from` makes it again at any time. It serves DATA/run/shadow. */
#ifndef NIGHTBELL_NIGHTBELL_SHADOW_H
#define NIGHTBELL_NIGHTBELL_SHADOW_H

#include "nightbell/history.h"

struct shadow_options {
    struct history_options history;
    const char *rules;      /* the candidate's folder; NULL: the site's own rules with `mode shadow` */
    struct slice candidate; /* its fileset; empty with the above */
    uint32_t pause_ms;      /* between two pages */
};

/* Runs until it is told to stop, or by SIGTERM. `ready` is called when it follows. Exit code; err says why it
 * could not begin. */
int shadow_run(const struct shadow_options *o, void (*ready)(void *ctx), void *ctx, struct error *err);

#endif
