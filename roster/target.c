#include "roster/target.h"

#include <stddef.h>

enum { ALTERNATIVES_MAX = 64 }; /* of one target; the checker refuses more */

void target_write(struct buf *out, const struct target *t)
{
    buf_u8(out, (uint8_t)t->count);
    for (size_t i = 0; i < t->count; i++) {
        buf_u8(out, (uint8_t)t->alternatives[i].kind);
        buf_slice_put(out, t->alternatives[i].name);
        buf_slice_put(out, t->alternatives[i].of);
    }
}

static bool who_read(struct reader *in, struct who *out)
{
    uint8_t kind = read_u8(in);

    out->kind = (enum who_kind)kind;
    out->name = read_slice(in);
    out->of = read_slice(in);
    return !in->failed && kind <= WHO_COVERING;
}

bool target_read(struct reader *in, struct arena *a, struct target *out)
{
    size_t count = read_u8(in);
    struct who *list;

    *out = (struct target){ NULL, 0 };
    if (in->failed || count > ALTERNATIVES_MAX)
        return false;
    list = arena_array(a, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        if (!who_read(in, &list[i]))
            return false;
    *out = (struct target){ list, count };
    return true;
}

/* How each kind is written: the words before the name, and before `of`. */
static const struct {
    const char *before, *between;
    bool quoted; /* `of` is a unit, always written as a string */
} WORDS[] = {
    [WHO_ROLE] = { "", " of ", true },
    [WHO_ONCALL] = { "oncall ", " of ", false },
    [WHO_GROUP] = { "group ", "", false },
    [WHO_DESK] = { "desk ", "", false },
    [WHO_UNIT_DESK] = { "unit-desk", "", false },
    [WHO_EVERYONE] = { "everyone", " of ", true },
    [WHO_TURN] = { "turn of group ", "", false },
    [WHO_LEAST] = { "least of group ", "", false },
};

static void who_text(struct buf *out, const struct who *w)
{
    if (w->kind == WHO_COVERING) {
        buf_text(out, "covering ");
        buf_put(out, w->of.len > 0 ? w->of : SLICE("?"));
        buf_text(out, " via oncall ");
        buf_put(out, w->name);
        return;
    }
    buf_text(out, WORDS[w->kind].before);
    if (w->kind != WHO_EVERYONE)
        buf_put(out, w->name);
    if (w->of.len == 0 || WORDS[w->kind].between[0] == '\0')
        return;
    buf_text(out, WORDS[w->kind].between);
    if (WORDS[w->kind].quoted)
        buf_text(out, "\"");
    buf_put(out, w->of);
    if (WORDS[w->kind].quoted)
        buf_text(out, "\"");
}

void target_text(struct buf *out, const struct target *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (i > 0)
            buf_text(out, " else ");
        who_text(out, &t->alternatives[i]);
    }
}
