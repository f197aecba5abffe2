/* rules/evaluate.c - which rule owns an event, which copies hear of it, and why (LANGUAGE section 7). */
#include "rules/index.h"

#include <string.h>

enum order_why rule_beats_why(const struct rule *a, const struct rule *b)
{
    size_t low = 0, high = a->beat_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->beats[middle] == b->index)
            return (enum order_why)a->beat_why[middle];
        if (a->beats[middle] < b->index)
            low = middle + 1;
        else
            high = middle;
    }
    return ORDER_NONE;
}

bool rule_beats(const struct rule *a, const struct rule *b)
{
    return rule_beats_why(a, b) != ORDER_NONE;
}

/* Rules that match, in a list that grows in the arena. */
struct matching {
    const struct rule **list;
    size_t count, room;
};

static void add_matching(struct matching *m, const struct rule *rule, struct arena *a)
{
    if (m->count == m->room) {
        size_t room = m->room > 0 ? 2 * m->room : 8;
        const struct rule **list = arena_array(a, room, sizeof *list);
        for (size_t i = 0; i < m->count; i++)
            list[i] = m->list[i];
        m->list = list;
        m->room = room;
    }
    m->list[m->count++] = rule;
}

/* The compiler gave every two live rules that can meet an order, unless their plans are equal, and no
 * order goes round. So whoever is not beaten by any other that matches has the plan of all such; but the
 * order alone is not transitive: equal plans stand between. */
static const struct rule *winner(const struct matching *m)
{
    const struct rule *best = m->count > 0 ? m->list[0] : NULL;
    bool beaten = m->count > 1;

    while (beaten) {
        beaten = false;
        for (size_t i = 0; i < m->count; i++)
            if (rule_beats(m->list[i], best)) {
                best = m->list[i];
                beaten = true;
            }
    }
    return best;
}

static const struct rule *default_for(const struct ruleset *r, const struct event *e)
{
    const struct rule *own = r->defaults[e->kind];
    bool critical = e->abnormal == ABNORMAL_CRITICAL || e->abnormal == ABNORMAL_CRITICAL_HIGH ||
                    e->abnormal == ABNORMAL_CRITICAL_LOW || e->priority == PRIORITY_STAT;

    /* `ignore` never swallows a critical-flagged or STAT event: the general default takes it. */
    if (own != NULL && !(critical && own->ignores.len > 0))
        return own;
    return r->otherwise;
}

/* Texts one behind the other. Said of every event that two rules match, so not printf. */
static struct slice joined(struct arena *a, const struct slice *parts, size_t count)
{
    struct slice out = { NULL, 0 };
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *text = arena_raw(a, len + 1);
    out.ptr = text;
    for (size_t i = 0; i < count; out.len += parts[i++].len)
        memcpy(text + out.len, parts[i].ptr, parts[i].len);
    text[len] = '\0';
    return out;
}

/* "narrower than bed-exit", "layer unit over house: bed-exit": why the owner goes before the other one. */
static struct slice order_words(const struct rule *owner, const struct rule *other, struct arena *a)
{
    switch (rule_beats_why(owner, other)) {
    case ORDER_OVERRIDES:
        return joined(a, (struct slice[]){ SLICE("overrides "), other->name }, 2);
    case ORDER_LAYER:
        return joined(a,
                      (struct slice[]){ SLICE("layer "), owner->layer, SLICE(" over "), other->layer,
                                        SLICE(": "), other->name },
                      6);
    case ORDER_NARROWER:
        return joined(a, (struct slice[]){ SLICE("narrower than "), other->name }, 2);
    default:
        return joined(a, (struct slice[]){ SLICE("same plan as "), other->name }, 2);
    }
}

/* Why it owns, beside the others that match. */
static struct slice reason_to_own(const struct matching *m, const struct rule *owner, struct arena *a)
{
    const struct rule *other = NULL;

    for (size_t i = 0; i < m->count; i++)
        if (m->list[i] != owner && (other == NULL || rule_beats(owner, m->list[i])))
            other = m->list[i];
    if (owner == NULL)
        return SLICE("default: no rule matched");
    return other == NULL ? SLICE("matched; nothing narrower") : order_words(owner, other, a);
}

static bool rest_holds(const struct index_entry *x, const struct event *e, const struct eval_now *now,
                       struct arena *a)
{
    for (uint32_t i = 0; i < x->rest_count; i++)
        if (!literal_holds(&x->rest[i], e, now, a))
            return false;
    return true;
}

void ruleset_match(const struct ruleset *r, const struct event *e, const struct eval_now *now, bool explain,
                   struct arena *a, struct match *out)
{
    struct matching owners = { .count = 0 }, copies = { .count = 0 };
    const struct rule *last = NULL;
    const struct index_entry *x;
    struct index_scan scan;

    index_start(&scan, r->index, e, a);
    while ((x = index_next(&scan)) != NULL) {
        const struct rule *rule = &r->rules[x->rule];
        if (rule == last || !rest_holds(x, e, now, a))
            continue;
        last = rule; /* another case of it has nothing to add */
        add_matching(rule->copy ? &copies : &owners, rule, a);
    }
    const struct rule *owner = winner(&owners);
    *out = (struct match){ .owner = owner != NULL ? owner : default_for(r, e),
                           .copies = copies.list,
                           .copy_count = copies.count,
                           .why_owner = reason_to_own(&owners, owner, a) };
    if (explain)
        ruleset_explain(r, e, now, a, out);
}

bool rule_hold_skipped(const struct rule *r, const struct event *e, const struct eval_now *now,
                       struct arena *a)
{
    return r->has_hold_unless && cond_holds(&r->hold_unless, e, now, a);
}

struct slice rule_ignores(const struct rule *r)
{
    return r->ignores;
}

struct slice rule_name(const struct rule *r)
{
    return r->name;
}

struct slice rule_file(const struct rule *r)
{
    return r->file;
}

bool rule_is_copy(const struct rule *r)
{
    return r->copy;
}

bool rule_is_default(const struct rule *r)
{
    return r->is_default;
}

static int loudness(const struct rule *r)
{
    return r->plan == NULL ? -1 : r->first_level == LEVEL_URGENT ? 2 : r->first_level == LEVEL_NORMAL ? 1 : 0;
}

bool rule_more_urgent(const struct rule *a, const struct rule *b)
{
    if (a == b)
        return false;
    if (a->highest != b->highest && a->highest != CLASS_COUNT && b->highest != CLASS_COUNT)
        return b->highest < a->highest;
    if (loudness(a) != loudness(b))
        return loudness(b) > loudness(a);
    if (a->is_default != b->is_default)
        return a->is_default;
    return rule_beats(b, a);
}

const struct rule *ruleset_rule(const struct ruleset *r, struct slice name)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_cmp(r->rules[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < r->count && slice_eq(r->rules[low].name, name))
        return &r->rules[low];
    if (r->otherwise != NULL && slice_eq(r->otherwise->name, name))
        return r->otherwise;
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (r->defaults[k] != NULL && slice_eq(r->defaults[k]->name, name))
            return r->defaults[k];
    return NULL;
}

/* Everything is the arena's; only the handle goes. */
void ruleset_free(struct ruleset **r)
{
    if (r != NULL)
        *r = NULL;
}
