/* adapters/inbox/session.h - private to adapters/inbox: challenges, sessions and attempts, in memory. */
#ifndef NIGHTBELL_ADAPTERS_INBOX_SESSION_H
#define NIGHTBELL_ADAPTERS_INBOX_SESSION_H

#include "base/map.h"

enum { SECRET_TEXT = 44 /* 32 random bytes in base64url, and NUL */, CHALLENGE_TEXT = 23 /* 16 bytes */ };

struct session {
    uint64_t device;
    char *me; /* the JSON of GET /inbox/me */
    int64_t made_us;
};

struct sessions {
    struct map *challenges, *open, *attempts;
};

void sessions_init(struct sessions *s);
void sessions_free(struct sessions *s);

void challenge_new(struct sessions *s, int64_t now_us, char out[CHALLENGE_TEXT]);
bool challenge_use(struct sessions *s, struct slice challenge, int64_t now_us); /* once, within 60 s */

void session_new(struct sessions *s, uint64_t device, const char *me, int64_t now_us,
                 char cookie[SECRET_TEXT]);
/* NULL when there is none, or it is older than twelve hours. */
const struct session *session_find(struct sessions *s, const char *cookie, int64_t now_us);

/* Wrong enrolment codes from an address; attempt_allowed is false past enrol-attempts in ten minutes. One is
 * counted when its code is passed on, taken back when it was not wrong: guesses sent side by side count too.
 */
bool attempt_allowed(struct sessions *s, const char *address, int64_t now_us);
void attempt_begin(struct sessions *s, const char *address, int64_t now_us);
void attempt_good(struct sessions *s, const char *address);

#endif
