/* nightbell/replay_report.h - a comparison under other rules as a screen, as JSON and as a page. */
#ifndef NIGHTBELL_NIGHTBELL_REPLAY_REPORT_H
#define NIGHTBELL_NIGHTBELL_REPLAY_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "lab/compare.h"
#include "nightbell/replay_run.h"

struct replay_report {
    const struct compare *compare;
    struct arena *arena;
    struct compare_figures figures;
    const char *title;      /* "candidate/", "shadow rules of the site" */
    int64_t from_us, to_us; /* wall times; TIME_NONE: nothing was compared */
};

/* Puts the inputs of the range through `candidate` (the bytes of a fileset; empty: the recorded sites with
 * their shadow rules as if live). Fills *out; the caller frees with replay_report_free. */
bool replay_rules(struct history *h, const struct replay_range *range, struct slice candidate,
                  struct replay_report *out, struct error *err);
void replay_report_free(struct replay_report *r);
/* A site folder as the bytes of a fileset, checked: false when it has errors. */
bool replay_candidate(const char *folder, struct buf *out, struct error *err);

void replay_show(const struct replay_report *r, FILE *out, bool colour);
json_t *replay_json(const struct replay_report *r); /* a new reference */
/* One self-contained page. */
void replay_html(const struct replay_report *r, struct buf *out);
bool replay_html_file(const struct replay_report *r, const char *path, struct error *err);

/* "12", or "12 to 14" where the two bounds differ. */
enum { BOUNDS_TEXT = 64 };
const char *bounds_text(const uint64_t sides[SIDE_COUNT], char out[BOUNDS_TEXT]);
/* +0.4 s, -12 s, +2 min 5 s */
const char *shift_text(int64_t us, char out[BOUNDS_TEXT]);
/* Changed on either side? */
bool replay_changed(const struct compare_row *r);

#endif
