#include "rules/check/reach.h"

#include "base/memory.h"
#include "rules/check/cover.h"

#include <stdlib.h>

/* Who goes before each rule: the lists of rule.beats turned round, one behind the other. */
struct winners {
    uint32_t *list;
    size_t *from; /* of rule i: list[from[i]] to list[from[i + 1]] */
};

static struct winners turned_round(const struct checked *rules, size_t count)
{
    struct winners w = { .from = memory_array(count + 2, sizeof *w.from) };

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].rule->beat_count; k++)
            w.from[rules[i].rule->beats[k] + 2]++;
    for (size_t i = 2; i < count + 2; i++)
        w.from[i] += w.from[i - 1];
    w.list = memory_array(w.from[count + 1] + 1, sizeof *w.list);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].rule->beat_count; k++)
            w.list[w.from[rules[i].rule->beats[k] + 1]++] = (uint32_t)i;
    return w;
}

static void report(struct checker *c, const struct checked *k, const struct checked *const *takers,
                   const struct taker *used, size_t count)
{
    struct buf names = buf_make(4096);
    size_t shown = 0, more = 0;

    for (size_t i = 0; i < count; i++) {
        if (!used[i].used)
            continue;
        if (shown < 3)
            buf_printf(&names, "%s\"%.*s\" (%.*s:%u)", shown > 0 ? ", " : "",
                       SLICE_ARG(takers[i]->rule->name), SLICE_ARG(takers[i]->rule->file),
                       takers[i]->rule->line);
        more += shown >= 3;
        shown++;
    }
    if (more > 0)
        buf_printf(&names, " and %zu more", more);
    if (check_error(c, E_NEVER, k->node->at)) {
        diagnose(c->d, k->rule->mode == MODE_LIVE ? SEVERITY_ERROR : SEVERITY_WARNING, E_NEVER, k->node->at,
                 "rule \"%.*s\" can never own an event", SLICE_ARG(k->rule->name));
        diagnose_hint(c->d, "all that it wants goes to %.*s, which %s before it: take it out, or narrow %s",
                      SLICE_ARG(buf_slice(&names)), shown > 1 ? "go" : "goes",
                      shown > 1 ? "one of them" : "that one");
    }
    buf_free(&names);
}

static void check_one(struct checker *c, const struct checked *rules, const struct checked *k,
                      const uint32_t *list, size_t count, struct arena *scratch)
{
    struct taker *takers = arena_array(scratch, count, sizeof *takers);
    const struct checked **from = arena_array(scratch, count, sizeof *from);
    size_t taking = 0;

    for (size_t i = 0; i < count; i++) {
        const struct checked *w = &rules[list[i]];
        if (w->rule->mode != MODE_LIVE || (k->rule->phases & ~w->rule->phases) != 0)
            continue;
        from[taking] = w;
        takers[taking++].dnf = &w->dnf;
    }
    if (taking > 0 && cover_all(scratch, &k->dnf, takers, taking))
        report(c, k, from, takers, taking);
}

void check_reachable(struct checker *c, const struct checked *rules, size_t count)
{
    struct winners w = turned_round(rules, count);
    struct arena *scratch = arena_new();

    for (size_t i = 0; i < count; i++) {
        size_t begin = w.from[i], end = w.from[i + 1];
        arena_reset(scratch);
        if (end > begin)
            check_one(c, rules, &rules[i], w.list + begin, end - begin, scratch);
    }
    arena_free(&scratch);
    free(w.list);
    free(w.from);
}
