/* rules/index.c - from an event to the few rules that can match it: by kind and code. */
#include "rules/compiled.h"

/* Heap sort: total order, no recursion, no scratch memory. */
static bool entry_after(const struct code_entry *a, const struct code_entry *b)
{
    int order = slice_cmp(a->code, b->code);

    return order != 0 ? order > 0 : a->rule > b->rule;
}

static void sift(struct code_entry *list, size_t root, size_t count)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && entry_after(&list[child + 1], &list[child]))
            child++;
        if (!entry_after(&list[child], &list[root]))
            return;
        struct code_entry kept = list[root];
        list[root] = list[child];
        list[child] = kept;
    }
}

static void sort_entries(struct code_entry *list, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(list, i, count);
    for (size_t end = count; end > 1; end--) {
        struct code_entry kept = list[0];
        list[0] = list[end - 1];
        list[end - 1] = kept;
        sift(list, 0, end - 1);
    }
}

static bool indexed(const struct rule *r, enum event_kind kind)
{
    return !r->is_default && r->mode == MODE_LIVE && r->kind == kind;
}

void index_build(struct ruleset *r, const struct rule_codes *codes, struct arena *a)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        size_t entries = 0, any = 0;
        for (size_t i = 0; i < r->count; i++) {
            if (!indexed(&r->rules[i], (enum event_kind)kind))
                continue;
            any += codes[i].any;
            entries += codes[i].any ? 0 : codes[i].count;
        }
        struct code_entry *list = arena_array(a, entries, sizeof *list);
        uint32_t *open = arena_array(a, any, sizeof *open);
        entries = any = 0;
        for (uint32_t i = 0; i < r->count; i++) {
            if (!indexed(&r->rules[i], (enum event_kind)kind))
                continue;
            if (codes[i].any)
                open[any++] = i;
            for (size_t k = 0; !codes[i].any && k < codes[i].count; k++)
                list[entries++] = (struct code_entry){ codes[i].codes[k], i };
        }
        sort_entries(list, entries);
        r->buckets[kind] = (struct bucket){ list, entries, open, any };
    }
}

static size_t first_of_code(const struct bucket *b, struct slice code)
{
    size_t low = 0, high = b->code_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_cmp(b->codes[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t index_lookup(const struct ruleset *r, const struct event *e, struct arena *a, const uint32_t **out)
{
    const struct bucket *b = &r->buckets[e->kind];
    size_t from = e->code.len > 0 ? first_of_code(b, e->code) : b->code_count;
    size_t to = from, count = 0, open = 0;

    while (to < b->code_count && slice_eq(b->codes[to].code, e->code))
        to++;
    uint32_t *list = arena_array(a, (to - from) + b->any_count, sizeof *list);
    while (from < to || open < b->any_count) {
        uint32_t next = UINT32_MAX;
        if (from < to)
            next = b->codes[from].rule;
        if (open < b->any_count && b->any[open] < next)
            next = b->any[open];
        while (from < to && b->codes[from].rule == next)
            from++;
        while (open < b->any_count && b->any[open] == next)
            open++;
        list[count++] = next;
    }
    *out = list;
    return count;
}
