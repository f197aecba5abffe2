/* rules/changes.c - which rules differ between two rulesets, judged by what they say. */
#include "rules/compiled.h"

#include <string.h>

enum { RULE_BYTES = 4 * 1024 * 1024 };

static void put_shift(struct buf *out, const struct shift *s)
{
    buf_slice_put(out, s->name);
    buf_u8(out, s->days);
    for (size_t i = 0; i < s->range_count; i++) {
        buf_u16(out, s->ranges[i].from_min);
        buf_u16(out, s->ranges[i].to_min);
    }
}

/* The key tells operand and check as written; what a name stands for (codes, shift) comes beside it. */
static void put_atom(struct buf *out, const struct atom *t)
{
    buf_slice_put(out, t->key);
    buf_u8(out, (uint8_t)((t->negated ? 1 : 0) | (t->absent ? 2 : 0)));
    buf_u32(out, (uint32_t)t->name_count);
    for (size_t i = 0; i < t->name_count; i++) {
        buf_slice_put(out, t->names[i].name);
        buf_slice_put(out, t->names[i].code);
    }
    if (t->shift != NULL)
        put_shift(out, t->shift);
}

/* Conditions are as deep as parentheses may nest (LIMIT_NESTING). */
static void put_cond(struct buf *out, const struct cond *c)
{
    buf_u8(out, (uint8_t)c->kind);
    if (c->kind == COND_ATOM && c->atom != NULL) /* a default has none */
        put_atom(out, c->atom);
    buf_u32(out, (uint32_t)c->count);
    for (size_t i = 0; c->kind != COND_ATOM && i < c->count; i++)
        put_cond(out, &c->kids[i]);
}

static void put_plan(struct buf *out, const struct rule *r, struct arena *a)
{
    struct plan p = *r->plan;
    struct plan_step *steps = arena_array(a, p.step_count, sizeof *steps);

    if (p.step_count > 0)
        memcpy(steps, p.steps, p.step_count * sizeof *steps);
    for (size_t i = 0; i < p.step_count; i++)
        steps[i].line = 0;
    p.steps = steps;
    p.file = (struct slice){ NULL, 0 };
    p.line = 0;
    plan_write(out, &p);
    for (size_t i = 0; i < r->slot_count; i++) {
        buf_u32(out, r->slots[i].step);
        buf_u32(out, r->slots[i].target);
        buf_u32(out, r->slots[i].alternative);
        buf_u64(out, r->slots[i].field);
    }
}

static void put_rule(struct buf *out, const struct ruleset *all, const struct rule *r, struct arena *a)
{
    buf_slice_put(out, r->name);
    buf_slice_put(out, r->title);
    buf_u8(out, (uint8_t)((r->copy ? 1 : 0) | (r->is_default ? 2 : 0) | (r->has_hold_unless ? 4 : 0)));
    buf_u8(out, (uint8_t)r->mode);
    buf_u8(out, (uint8_t)r->kind);
    buf_u32(out, r->phases);
    buf_slice_put(out, r->ignores);
    buf_slice_put(out, r->layer);
    put_cond(out, &r->when);
    if (r->has_hold_unless)
        put_cond(out, &r->hold_unless);
    if (r->plan != NULL)
        put_plan(out, r, a);
    for (size_t i = 0; i < r->beat_count; i++)
        buf_slice_put(out, all->rules[r->beats[i]].name);
}

uint64_t rule_fingerprint(const struct ruleset *all, const struct rule *r)
{
    struct buf out = buf_make(RULE_BYTES);
    struct arena *a = arena_new();

    put_rule(&out, all, r, a);
    uint64_t hash = slice_hash(buf_slice(&out), 0);
    arena_free(&a);
    buf_free(&out);
    return hash;
}

bool rule_is_live(const struct rule *r)
{
    return !r->copy && r->mode == MODE_LIVE;
}

/* Every rule and default, once each. */
static const struct rule **list_all(const struct ruleset *r, struct arena *a, size_t *count)
{
    const struct rule **list = arena_array(a, r->count + EVENT_KIND_COUNT + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; i < r->count; i++)
        list[(*count)++] = &r->rules[i];
    if (r->otherwise != NULL)
        list[(*count)++] = r->otherwise;
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (r->defaults[k] != NULL)
            list[(*count)++] = r->defaults[k];
    return list;
}

/* By halves: the rules stand in the order of their names. */
static const struct rule *find_rule(const struct ruleset *r, struct slice name)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_cmp(r->rules[middle].name, name);
        if (order == 0)
            return &r->rules[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (r->otherwise != NULL && slice_eq(r->otherwise->name, name))
        return r->otherwise;
    for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
        if (r->defaults[k] != NULL && slice_eq(r->defaults[k]->name, name))
            return r->defaults[k];
    return NULL;
}

void ruleset_changes(const struct ruleset *before, const struct ruleset *after, struct arena *a,
                     struct ruleset_changes *out)
{
    size_t now_count, was_count = 0;
    const struct rule **now = list_all(after, a, &now_count);
    const struct rule **was = before != NULL ? list_all(before, a, &was_count) : NULL;
    struct slice *added = arena_array(a, now_count + 1, sizeof *added);
    struct slice *changed = arena_array(a, now_count + 1, sizeof *changed);
    struct slice *removed = arena_array(a, was_count + 1, sizeof *removed);

    *out = (struct ruleset_changes){ .added = added, .changed = changed, .removed = removed };
    for (size_t i = 0; i < now_count; i++) {
        const struct rule *old = before != NULL ? find_rule(before, now[i]->name) : NULL;
        if (old == NULL)
            added[out->added_count++] = arena_copy(a, now[i]->name);
        else if (rule_fingerprint(before, old) != rule_fingerprint(after, now[i]))
            changed[out->changed_count++] = arena_copy(a, now[i]->name);
    }
    for (size_t i = 0; i < was_count; i++)
        if (find_rule(after, was[i]->name) == NULL)
            removed[out->removed_count++] = arena_copy(a, was[i]->name);
}
