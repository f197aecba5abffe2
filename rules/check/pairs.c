#include "rules/check/pairs.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct slice code;
    uint32_t rule;
};

struct pairs {
    const struct checked *rules;
    size_t count;
    uint64_t **bits; /* by field, then rule; NULL: the field tells no rules apart */
    size_t *active;  /* the fields that do */
    size_t active_count;
    struct entry *coded; /* of one kind: sorted by code, then rule */
    size_t coded_count, coded_room;
    uint32_t *open; /* of one kind: rules that no code narrows */
    size_t open_count, open_room;
    void (*visit)(void *ctx, size_t i, size_t k);
    void *ctx;
};

/* --- one word of bits a field and rule: equal names share a bit, so no common bit means no common name ---
 */

static uint64_t conjunct_bits(const struct conjunct *k, size_t field)
{
    const struct dim *d = conjunct_dim(k, field);
    uint64_t bits = 0;

    if (k->impossible)
        return 0;
    if (d == NULL || d->kind != DIM_NAMES || d->complement || d->absent)
        return UINT64_MAX;
    for (size_t i = 0; i < d->name_count; i++)
        bits |= UINT64_C(1) << (slice_hash(d->names[i].name, 1) % 64);
    return bits;
}

static uint64_t rule_bits(const struct checked *k, size_t field)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < k->dnf.count; i++)
        bits |= conjunct_bits(&k->dnf.list[i], field);
    return k->dnf.too_many ? UINT64_MAX : bits;
}

static void fill_bits(struct pairs *p)
{
    p->bits = memory_array(schema_count(), sizeof *p->bits);
    p->active = memory_array(schema_count(), sizeof *p->active);
    for (size_t f = 0; f < schema_count(); f++) {
        uint64_t *bits = memory_array(p->count + 1, sizeof *bits);
        bool tells = false;
        for (size_t i = 0; i < p->count; i++) {
            bits[i] = rule_bits(&p->rules[i], f);
            tells = tells || bits[i] != UINT64_MAX;
        }
        if (!tells) {
            free(bits);
            continue;
        }
        p->bits[f] = bits;
        p->active[p->active_count++] = f;
    }
}

static bool may_meet(const struct pairs *p, size_t i, size_t k)
{
    if (!(p->rules[i].rule->phases & p->rules[k].rule->phases))
        return false;
    for (size_t f = 0; f < p->active_count; f++)
        if (!(p->bits[p->active[f]][i] & p->bits[p->active[f]][k]))
            return false;
    return true;
}

static void look_at(struct pairs *p, size_t i, size_t k)
{
    if (!may_meet(p, i, k))
        return;
    p->visit(p->ctx, i < k ? i : k, i < k ? k : i);
}

/* --- buckets ------------------------------------------------------------------------------------------ */

static int by_code(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int order = slice_cmp(a->code, b->code);

    return order != 0 ? order : a->rule < b->rule ? -1 : a->rule > b->rule;
}

static void sort_out(struct pairs *p, enum event_kind kind, bool (*takes)(const struct checked *k))
{
    p->coded_count = p->open_count = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        const struct checked *k = &p->rules[i];
        if (k->rule->kind != kind || !takes(k))
            continue;
        if (k->codes.any) {
            MEMORY_ROOM(p->open, p->open_count, p->open_room);
            p->open[p->open_count++] = i;
        }
        for (size_t c = 0; !k->codes.any && c < k->codes.count; c++) {
            MEMORY_ROOM(p->coded, p->coded_count, p->coded_room);
            p->coded[p->coded_count++] = (struct entry){ k->codes.codes[c], i };
        }
    }
    if (p->coded_count > 1)
        qsort(p->coded, p->coded_count, sizeof *p->coded, by_code);
}

/* Two rules with several codes in common stand together in several buckets; the least code counts. */
static bool first_common(const struct checked *a, const struct checked *b, struct slice code)
{
    size_t i = 0, k = 0;

    while (i < a->codes.count && k < b->codes.count) {
        int order = slice_cmp(a->codes.codes[i], b->codes.codes[k]);
        if (order == 0)
            return slice_eq(a->codes.codes[i], code);
        i += order < 0;
        k += order > 0;
    }
    return false;
}

static void in_bucket(struct pairs *p, size_t from, size_t to)
{
    struct slice code = p->coded[from].code;

    for (size_t i = from; i < to; i++)
        for (size_t k = i + 1; k < to; k++) {
            size_t a = p->coded[i].rule, b = p->coded[k].rule;
            if (may_meet(p, a, b) && first_common(&p->rules[a], &p->rules[b], code))
                p->visit(p->ctx, a, b);
        }
}

static void of_kind(struct pairs *p)
{
    for (size_t from = 0, to; from < p->coded_count; from = to) {
        for (to = from + 1; to < p->coded_count && slice_eq(p->coded[to].code, p->coded[from].code);)
            to++;
        in_bucket(p, from, to);
    }
    for (size_t i = 0; i < p->open_count; i++)
        for (size_t k = i + 1; k < p->open_count; k++)
            look_at(p, p->open[i], p->open[k]);
    for (size_t at = 0; p->open_count > 0 && at < p->coded_count; at++) {
        const struct entry *e = &p->coded[at];
        for (size_t i = 0; slice_eq(p->rules[e->rule].codes.codes[0], e->code) && i < p->open_count; i++)
            look_at(p, p->open[i], e->rule); /* once, at its first code */
    }
}

void pairs_each(const struct checked *rules, size_t count, bool (*takes)(const struct checked *k),
                void (*visit)(void *ctx, size_t i, size_t k), void *ctx)
{
    struct pairs p = { .rules = rules, .count = count, .visit = visit, .ctx = ctx };

    fill_bits(&p);
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        sort_out(&p, (enum event_kind)kind, takes);
        of_kind(&p);
    }
    for (size_t f = 0; f < schema_count(); f++)
        free(p.bits[f]);
    free(p.bits);
    free(p.active);
    free(p.coded);
    free(p.open);
}
