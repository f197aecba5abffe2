/* Faults in the steps, clauses and heads of rules. */
#include "lab/mutate_parts.h"

enum { PARTS = 64, ITEMS = 128 };

struct notified { /* the parts of one step */
    struct range all, targets;
    size_t after;      /* token of its duration; 0: none */
    size_t level, fyi; /* 0: none */
    size_t tail;       /* where the tail begins */
};

static bool begins_item(const struct mutating *m, size_t at)
{
    static const char *const words[] = { "title",  "why",      "owner",  "review", "mode",     "when",
                                         "hold",   "dedupe",   "bundle", "limit",  "suppress", "deliver",
                                         "need",   "lease",    "expire", "stop",   "notify",   "after",
                                         "repeat", "escalate", "ignore" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (token_is(m, at, words[i]))
            return true;
    return false;
}

/* The items of a block; the notify of an `after` belongs to it. */
static size_t items_of(const struct mutating *m, struct range body, struct range *items)
{
    size_t count = 0;
    bool after = false;

    for (size_t i = body.from; i < body.to; i++) {
        if (!begins_item(m, i) || (after && token_is(m, i, "notify"))) {
            after = after && !token_is(m, i, "notify");
            continue;
        }
        if (count > 0)
            items[count - 1].to = i;
        if (count == ITEMS)
            return count;
        items[count++] = (struct range){ i, body.to };
        after = token_is(m, i, "after");
    }
    return count;
}

static struct notified notified_of(const struct mutating *m, struct range r)
{
    struct notified n = { .all = r };
    size_t at = r.from;

    if (token_is(m, at, "after"))
        n.after = at + 1;
    while (at < r.to && !token_is(m, at, "notify"))
        at++;
    n.tail = n.targets.from = at + 1;
    while (n.tail < r.to && !token_is(m, n.tail, "urgent") && !token_is(m, n.tail, "normal") &&
           !token_is(m, n.tail, "silent") && !token_is(m, n.tail, "fyi") && !token_is(m, n.tail, "using"))
        n.tail++;
    n.targets.to = n.tail;
    for (at = n.tail; at < r.to; at++) {
        if (token_is(m, at, "fyi"))
            n.fyi = at;
        else if (token_is(m, at, "urgent") || token_is(m, at, "normal") || token_is(m, at, "silent"))
            n.level = at;
    }
    return n;
}

static void mutate_targets(struct mutating *m, struct range targets)
{
    struct range parts[PARTS], ways[PARTS];
    size_t count = range_split(m, targets, ",", parts, PARTS);

    for (size_t i = 0; i < count; i++) {
        mutate_drop_part(m, "target left out", parts, count, i);
        size_t elses = range_split(m, parts[i], "else", ways, PARTS);
        for (size_t k = 0; k < elses; k++)
            mutate_drop_part(m, k == 0 ? "first choice left out" : "else left out", ways, elses, k);
        if (elses > 1)
            mutate_swap(m, "choices swapped", ways[0], ways[1]);
    }
}

static void mutate_state(struct mutating *m, const struct notified *n)
{
    size_t state = n->after + 2; /* after D if ... */

    if (token_is(m, state, "open"))
        mutate_replace(m, "state changed", (struct range){ state, state + 1 }, SLICE("not accepted"));
    else if (token_is(m, state, "not"))
        mutate_replace(m, "state changed", (struct range){ state, state + 2 },
                       token_is(m, state + 1, "accepted") ? SLICE("not delivered") : SLICE("not accepted"));
}

static void mutate_step(struct mutating *m, const struct notified *n)
{
    size_t last = n->tail - 1;

    mutate_drop(m, "step left out", n->all);
    mutate_targets(m, n->targets);
    if (n->after > 0) {
        mutate_duration(m, "step too late", n->after);
        mutate_state(m, n);
    }
    if (n->level > 0)
        mutate_drop(m, "level left out", (struct range){ n->level, n->level + 1 });
    else
        mutate_replace(m, "level raised", (struct range){ last, last + 1 },
                       arena_printf(m->arena, "%.*s urgent", SLICE_ARG(m->tokens[last].text)));
    if (n->fyi > 0)
        mutate_drop(m, "fyi left out", (struct range){ n->fyi, n->fyi + 1 });
}

static void mutate_repeat(struct mutating *m, struct range r)
{
    mutate_drop(m, "repeat left out", r);
    for (size_t i = r.from; i < r.to; i++) {
        if (token_is(m, i, "all"))
            mutate_drop(m, "only the last step repeats", (struct range){ i, i + 1 });
        mutate_duration(m, "repeats too slowly", i);
        if (i > r.from && token_is(m, i - 1, "max"))
            mutate_replace(m, "repeats once", (struct range){ i, i + 1 }, SLICE("1"));
    }
}

static void mutate_clause(struct mutating *m, struct range r)
{
    const char *what = arena_printf(m->arena, "%.*s left out", SLICE_ARG(m->tokens[r.from].text)).ptr;
    const char *longer = arena_printf(m->arena, "%.*s twice as long", SLICE_ARG(m->tokens[r.from].text)).ptr;

    mutate_drop(m, what, r);
    for (size_t i = r.from; i < r.to; i++) {
        mutate_duration(m, longer, i);
        if (token_is(m, i, "unless")) {
            mutate_drop(m, "exception left out", (struct range){ i, r.to });
            mutate_condition(m, (struct range){ i + 1, r.to });
            return;
        }
    }
}

/* Neighbours: who is told first, and when. */
static void mutate_pair(struct mutating *m, const struct notified *a, const struct notified *b)
{
    struct range first[PARTS], second[PARTS];

    if (a->after > 0 && b->after > 0)
        mutate_swap(m, "times swapped", (struct range){ a->after, a->after + 1 },
                    (struct range){ b->after, b->after + 1 });
    if (range_split(m, a->targets, ",", first, PARTS) > 0 &&
        range_split(m, b->targets, ",", second, PARTS) > 0)
        mutate_swap(m, "people swapped", first[0], second[0]);
}

static bool is_meta(const struct mutating *m, size_t at)
{
    return token_is(m, at, "title") || token_is(m, at, "why") || token_is(m, at, "owner") ||
           token_is(m, at, "review") || token_is(m, at, "mode") || token_is(m, at, "ignore");
}

static void mutate_item(struct mutating *m, struct range r, struct notified *before)
{
    bool steps = token_is(m, r.from, "notify") || token_is(m, r.from, "after");

    m->plan_only = !token_is(m, r.from, "when");
    if (is_meta(m, r.from))
        return;
    if (token_is(m, r.from, "when")) {
        if (m->rule.len > 0)
            mutate_insert(m, "rule becomes a draft", r.from, "mode draft");
        mutate_when(m, r);
    } else if (steps) {
        struct notified n = notified_of(m, r);
        mutate_step(m, &n);
        if (before->all.to > 0)
            mutate_pair(m, before, &n);
        *before = n;
    } else if (token_is(m, r.from, "repeat")) {
        mutate_repeat(m, r);
    } else if (token_is(m, r.from, "escalate")) {
        mutate_drop(m, "escalation left out", r);
    } else {
        mutate_clause(m, r);
    }
}

/* `overrides a, b` and `in LAYER` say who wins. */
static void mutate_head(struct mutating *m, struct range head)
{
    m->plan_only = false;
    for (size_t i = head.from; i < head.to; i++) {
        if (token_is(m, i, "overrides"))
            mutate_drop(m, "overrides left out", (struct range){ i, head.to });
        else if (token_is(m, i, "in"))
            mutate_drop(m, "layer left out", (struct range){ i, i + 2 });
    }
}

void mutate_block(struct mutating *m, struct range head, struct range body)
{
    struct range items[ITEMS];
    struct notified before = { .all = { 0, 0 } };
    size_t count = items_of(m, body, items);

    mutate_head(m, head);
    for (size_t i = 0; i < count; i++)
        mutate_item(m, items[i], &before);
}
