#include "adapters/inbox/session.h"

#include "adapters/seal/random.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CHALLENGES = 20000, MOST_ADDRESSES = 20000 };
#define CHALLENGE_LIFE (60 * TIME_S)
#define SESSION_LIFE   (12 * TIME_HOUR)
#define ATTEMPT_WINDOW (10 * TIME_MIN)

struct moment {
    int64_t at_us;
    unsigned count;
};

void sessions_init(struct sessions *s)
{
    *s = (struct sessions){ map_new(), map_new(), map_new() };
}

static void free_session(void *value)
{
    struct session *s = value;

    free(s->me);
    free(s);
}

void sessions_free(struct sessions *s)
{
    map_free(&s->challenges, free);
    map_free(&s->open, free_session);
    map_free(&s->attempts, free);
}

static void random_text(char *out, size_t room, size_t bytes)
{
    unsigned char raw[32];
    struct buf text = buf_make(64);

    seal_random(raw, bytes);
    base64url_put(&text, (struct slice){ (const char *)raw, bytes });
    memcpy(out, text.ptr, text.len < room - 1 ? text.len : room - 1);
    out[room - 1] = '\0';
    buf_free(&text);
}

/* What is over goes; when a table is still full its oldest entries go (maps walk in insertion order). */
static void sweep(struct map *m, int64_t before_us, size_t most)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(m, &at, &key, &value);) {
        const struct moment *t = value;
        if (t->at_us < before_us || map_count(m) > most)
            free(map_remove(m, key));
    }
}

static void put_moment(struct map *m, struct slice key, int64_t now_us)
{
    struct moment *t = memory_new(sizeof *t);

    *t = (struct moment){ now_us, 1 };
    free(map_put(m, key, t));
}

void challenge_new(struct sessions *s, int64_t now_us, char out[CHALLENGE_TEXT])
{
    if (map_count(s->challenges) >= MOST_CHALLENGES)
        sweep(s->challenges, now_us - CHALLENGE_LIFE, MOST_CHALLENGES / 2);
    random_text(out, CHALLENGE_TEXT, 16);
    put_moment(s->challenges, slice_of(out), now_us);
}

bool challenge_use(struct sessions *s, struct slice challenge, int64_t now_us)
{
    struct moment *t = map_remove(s->challenges, challenge);
    bool good = t != NULL && now_us - t->at_us <= CHALLENGE_LIFE;

    free(t);
    return good;
}

static void drop_old_sessions(struct sessions *s, int64_t now_us)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(s->open, &at, &key, &value);) {
        const struct session *one = value;
        if (now_us - one->made_us > SESSION_LIFE || map_count(s->open) > LIMIT_STREAMS)
            free_session(map_remove(s->open, key));
    }
}

void session_new(struct sessions *s, uint64_t device, const char *me, int64_t now_us,
                 char cookie[SECRET_TEXT])
{
    struct session *one = memory_new(sizeof *one);

    drop_old_sessions(s, now_us);
    random_text(cookie, SECRET_TEXT, 32);
    *one = (struct session){ device, memory_text(me, strlen(me)), now_us };
    void *old = map_put(s->open, slice_of(cookie), one);
    if (old != NULL)
        free_session(old);
}

const struct session *session_find(struct sessions *s, const char *cookie, int64_t now_us)
{
    const struct session *one = cookie != NULL ? map_get(s->open, slice_of(cookie)) : NULL;

    return one != NULL && now_us - one->made_us <= SESSION_LIFE ? one : NULL;
}

bool attempt_allowed(struct sessions *s, const char *address, int64_t now_us)
{
    const struct moment *t = map_get(s->attempts, slice_of(address));

    return t == NULL || now_us - t->at_us > ATTEMPT_WINDOW || t->count < LIMIT_ENROL_ATTEMPTS;
}

void attempt_good(struct sessions *s, const char *address)
{
    struct moment *t = map_get(s->attempts, slice_of(address));

    if (t != NULL && t->count > 0)
        t->count--;
}

void attempt_begin(struct sessions *s, const char *address, int64_t now_us)
{
    struct moment *t = map_get(s->attempts, slice_of(address));

    if (t != NULL && now_us - t->at_us <= ATTEMPT_WINDOW) {
        t->count++;
        return;
    }
    sweep(s->attempts, now_us - ATTEMPT_WINDOW, MOST_ADDRESSES);
    put_moment(s->attempts, slice_of(address), now_us);
}
