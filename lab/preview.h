/* lab/preview.h - what would become of a message: through the same core, in virtual time, with nobody
 * answering.
 *
 * Either from a site alone (an empty census; whoever can be reached at all has a phone) or from a snapshot of
 * a running router (its census, assignments, devices). Nothing leaves, and what it was made of stays as it
 * is. The steps fire at their times and people are looked up then, as the roster of that time says. Phones
 * give a receipt at once. */
#ifndef NIGHTBELL_LAB_PREVIEW_H
#define NIGHTBELL_LAB_PREVIEW_H

#include "router/core.h"

struct preview;

struct preview_options {
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err);
    void *ctx;
    struct slice fileset;  /* of the site; with a snapshot: another site on its census, or empty */
    uint8_t hash[32];      /* its SHA-256 */
    struct slice snapshot; /* core_snapshot's bytes, or empty */
    int64_t wall_us;       /* the time that is asked about */
};

/* NULL: err says why. The slices of the options must live as long as the preview. */
struct preview *preview_new(const struct preview_options *options, struct error *err);
void preview_free(struct preview **p);
/* Decides one message and lets the plans of all that it opens run out, at most PREVIEW_HOURS of them; the
 * lines of core_story for all of it go to `json_lines`, the last one of type "state" when it opened anything.
 * Time goes on: a second message comes after that, so ask each of a preview of its own. */
enum { PREVIEW_HOURS = 48 };
bool preview_message(struct preview *p, const struct message_input *in, struct buf *json_lines,
                     struct error *err);
/* The site that decides. */
const struct site *preview_site(const struct preview *p);

#endif
