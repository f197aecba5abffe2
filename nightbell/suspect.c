#include "nightbell/suspect.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { KEPT_BYTES = 1 << 20, SUSPECTS = 16, CRASHES_TO_SUSPECT = 2 };

struct in_hand {
    atomic_bool busy;
    uint8_t hash[16], format;
    char listener[64];
    size_t length;
    char bytes[KEPT_BYTES];
};

struct entry {
    atomic_uint crashes; /* 0: free */
    atomic_bool journaled;
    struct in_hand message;
};

/* Pages are only touched when a message is that large or a crash has happened. */
struct suspects {
    struct in_hand hand[SUSPECT_HOLDERS];
    struct entry entries[SUSPECTS];
    unsigned next; /* which entry is used again when all are taken */
};

struct suspects *suspects_new(void)
{
    void *memory =
        mmap(NULL, sizeof(struct suspects), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

void suspect_enter(struct suspects *s, enum suspect_holder h, const uint8_t hash[16], struct slice listener,
                   uint8_t format, struct slice bytes)
{
    struct in_hand *m = &s->hand[h];

    memcpy(m->hash, hash, 16);
    m->format = format;
    size_t name = listener.len < sizeof m->listener - 1 ? listener.len : sizeof m->listener - 1;
    memcpy(m->listener, listener.ptr, name);
    m->listener[name] = '\0';
    m->length = bytes.len < KEPT_BYTES ? bytes.len : KEPT_BYTES;
    memcpy(m->bytes, bytes.ptr, m->length);
    atomic_store_explicit(&m->busy, true, memory_order_release);
}

void suspect_leave(struct suspects *s, enum suspect_holder h)
{
    atomic_store_explicit(&s->hand[h].busy, false, memory_order_release);
}

static struct entry *find(struct suspects *s, const uint8_t hash[16])
{
    for (size_t i = 0; i < SUSPECTS; i++)
        if (atomic_load(&s->entries[i].crashes) > 0 && memcmp(s->entries[i].message.hash, hash, 16) == 0)
            return &s->entries[i];
    return NULL;
}

static struct entry *take_entry(struct suspects *s, const struct in_hand *m)
{
    struct entry *e = &s->entries[s->next++ % SUSPECTS];

    memcpy(e->message.hash, m->hash, sizeof m->hash);
    memcpy(e->message.listener, m->listener, sizeof m->listener);
    e->message.format = m->format;
    e->message.length = m->length;
    memcpy(e->message.bytes, m->bytes, m->length);
    atomic_store(&e->journaled, false);
    atomic_store(&e->crashes, 0);
    return e;
}

bool suspect_crashed(struct suspects *s, enum suspect_holder h)
{
    struct in_hand *m = &s->hand[h];

    if (!atomic_exchange(&m->busy, false))
        return false;
    struct entry *e = find(s, m->hash);
    if (e == NULL)
        e = take_entry(s, m);
    return atomic_fetch_add(&e->crashes, 1) + 1 == CRASHES_TO_SUSPECT;
}

bool suspect_is(const struct suspects *s, const uint8_t hash[16])
{
    for (size_t i = 0; i < SUSPECTS; i++)
        if (atomic_load(&s->entries[i].crashes) >= CRASHES_TO_SUSPECT &&
            memcmp(s->entries[i].message.hash, hash, 16) == 0)
            return true;
    return false;
}

bool suspect_take(struct suspects *s, struct suspect_kept *out)
{
    for (size_t i = 0; i < SUSPECTS; i++) {
        struct entry *e = &s->entries[i];
        if (atomic_load(&e->crashes) < CRASHES_TO_SUSPECT || atomic_exchange(&e->journaled, true))
            continue;
        memcpy(out->hash, e->message.hash, sizeof out->hash);
        out->format = e->message.format;
        out->listener = slice_of(e->message.listener);
        out->bytes = (struct slice){ e->message.bytes, e->message.length };
        return true;
    }
    return false;
}
