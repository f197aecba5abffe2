#include "rules/check/pairs.h"

#include "base/memory.h"
#include "events/schema.h"

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
    struct arena *scratch; /* of one bucket */
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

/* --- the numbers of a bucket: from the lowest to the highest that rules name, in 64 cells ------------------
 */

struct cells {
    size_t field;
    struct decimal *bounds; /* rising, each once */
    size_t count;
    struct slice unit;
    bool mixed; /* other units as well: nothing is said */
};

static void add_bound(struct cells *c, const struct bound *b)
{
    if (!b->has)
        return;
    c->mixed = c->mixed || (c->count > 0 && !slice_eq(c->unit, b->at.unit));
    c->unit = b->at.unit;
    c->bounds[c->count++] = b->at.number;
}

static int by_value(const void *x, const void *y)
{
    return decimal_compare(*(const struct decimal *)x, *(const struct decimal *)y);
}

static const struct dim *number_dim(const struct conjunct *k, size_t field)
{
    const struct dim *d = k->impossible ? NULL : conjunct_dim(k, field);

    return d != NULL && d->kind == DIM_NUMBER ? d : NULL;
}

static size_t count_bounds(const struct checked *k, size_t field)
{
    size_t n = 0;

    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = number_dim(&k->dnf.list[i], field);
        n += d != NULL ? 2 * d->interval_count : 0;
    }
    return n;
}

static void add_bounds(struct cells *c, const struct checked *k)
{
    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = number_dim(&k->dnf.list[i], c->field);
        for (size_t n = 0; d != NULL && n < d->interval_count; n++) {
            add_bound(c, &d->intervals[n].low);
            add_bound(c, &d->intervals[n].high);
        }
    }
}

static struct cells cells_of(const struct pairs *p, const uint32_t *rules, size_t count, size_t field)
{
    struct cells c = { .field = field };
    size_t room = 0, kept = 0;

    for (size_t i = 0; i < count; i++)
        room += count_bounds(&p->rules[rules[i]], field);
    c.bounds = arena_array(p->scratch, room, sizeof *c.bounds);
    for (size_t i = 0; i < count; i++)
        add_bounds(&c, &p->rules[rules[i]]);
    if (c.count > 1)
        qsort(c.bounds, c.count, sizeof *c.bounds, by_value);
    for (size_t i = 0; i < c.count; i++)
        if (kept == 0 || decimal_compare(c.bounds[kept - 1], c.bounds[i]) != 0)
            c.bounds[kept++] = c.bounds[i];
    c.count = kept;
    return c;
}

/* Each bound has a place of its own, and so has what lies between two. `side`: -1 what is just below an open
 * one, 1 just above. */
static size_t place_of(const struct cells *c, const struct bound *b, int side)
{
    const struct decimal *at = bsearch(&b->at.number, c->bounds, c->count, sizeof *c->bounds, by_value);
    size_t place = 2 * (size_t)(at - c->bounds) + 1;

    return !b->open ? place : side < 0 ? place - 1 : place + 1;
}

static uint64_t interval_cells(const struct cells *c, const struct interval *i)
{
    size_t places = 2 * c->count + 1;
    size_t low = i->low.has ? place_of(c, &i->low, 1) : 0;
    size_t high = i->high.has ? place_of(c, &i->high, -1) : places - 1;
    uint64_t bits = 0;

    for (size_t cell = low * 64 / places; low <= high && cell <= high * 64 / places; cell++)
        bits |= UINT64_C(1) << cell;
    return bits;
}

/* The cells that a rule's numbers lie in: no common cell means no common number. */
static uint64_t number_bits(const struct cells *c, const struct checked *k)
{
    uint64_t bits = k->dnf.too_many ? UINT64_MAX : 0;

    for (size_t i = 0; i < k->dnf.count; i++) {
        const struct dim *d = number_dim(&k->dnf.list[i], c->field);
        if (!k->dnf.list[i].impossible && (d == NULL || d->absent))
            return UINT64_MAX;
        for (size_t n = 0; d != NULL && n < d->interval_count; n++)
            bits |= interval_cells(c, &d->intervals[n]);
    }
    return bits;
}

/* --- one bucket: for each bit of each word the set of rules that have it -----------------------------------
 */

struct bucket {
    const struct pairs *p;
    const uint32_t *rules;
    size_t count, words;
    struct column {
        uint64_t *bits; /* one a rule of the bucket */
        uint64_t *sets; /* 64 of them, `words` each */
    } * columns;
    size_t column_count;
    uint64_t *left, *one; /* room for one set each */
};

static void add_column(struct bucket *b, uint64_t *bits)
{
    struct column c = { bits, arena_array(b->p->scratch, 64 * b->words, sizeof *c.sets) };
    bool tells = false;

    for (size_t i = 0; i < b->count; i++) {
        tells = tells || bits[i] != UINT64_MAX;
        for (uint64_t left = bits[i]; left != 0; left &= left - 1)
            c.sets[(size_t)__builtin_ctzll(left) * b->words + i / 64] |= UINT64_C(1) << i % 64;
    }
    if (tells)
        b->columns[b->column_count++] = c;
}

static void add_numbers(struct bucket *b, size_t field)
{
    struct cells c = cells_of(b->p, b->rules, b->count, field);
    uint64_t *bits = arena_array(b->p->scratch, b->count, sizeof *bits);

    if (c.count == 0 || c.mixed)
        return;
    for (size_t i = 0; i < b->count; i++)
        bits[i] = number_bits(&c, &b->p->rules[b->rules[i]]);
    add_column(b, bits);
}

static struct bucket bucket_of(const struct pairs *p, const uint32_t *rules, size_t count)
{
    struct bucket b = { .p = p, .rules = rules, .count = count, .words = (count + 63) / 64 };
    uint64_t *bits;

    b.columns = arena_array(p->scratch, schema_count() + p->active_count + 1, sizeof *b.columns);
    b.left = arena_array(p->scratch, b.words, sizeof *b.left);
    b.one = arena_array(p->scratch, b.words, sizeof *b.one);
    for (size_t f = 0; f < p->active_count; f++) {
        bits = arena_array(p->scratch, count, sizeof *bits);
        for (size_t i = 0; i < count; i++)
            bits[i] = p->bits[p->active[f]][rules[i]];
        add_column(&b, bits);
    }
    bits = arena_array(p->scratch, count, sizeof *bits);
    for (size_t i = 0; i < count; i++)
        bits[i] = p->rules[rules[i]].rule->phases;
    add_column(&b, bits);
    for (size_t f = 0; f < schema_count(); f++)
        if (schema_field(f)->type == TYPE_NUMBER)
            add_numbers(&b, f);
    return b;
}

/* In b->left: which rules from `from` on rule i may meet. */
static void find_left(struct bucket *b, size_t i, size_t from)
{
    size_t first = from / 64;

    memset(b->left, 0xff, b->words * sizeof *b->left);
    for (size_t c = 0; c < b->column_count; c++) {
        uint64_t bits = b->columns[c].bits[i];
        if (bits == UINT64_MAX)
            continue;
        memset(b->one, 0, b->words * sizeof *b->one);
        for (; bits != 0; bits &= bits - 1) {
            const uint64_t *set = b->columns[c].sets + (size_t)__builtin_ctzll(bits) * b->words;
            for (size_t w = first; w < b->words; w++)
                b->one[w] |= set[w];
        }
        for (size_t w = first; w < b->words; w++)
            b->left[w] &= b->one[w];
    }
    if (b->words > 0)
        b->left[b->words - 1] &= UINT64_MAX >> (b->words * 64 - b->count);
    if (first < b->words)
        b->left[first] &= UINT64_MAX << from % 64;
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

/* Pairs of one of the first `heads` rules with one behind it, in order; `code` of the bucket, or NULL. */
static void each_pair(struct bucket *b, size_t heads, const struct slice *code)
{
    const struct pairs *p = b->p;

    for (size_t i = 0; i < heads; i++) {
        find_left(b, i, i + 1);
        for (size_t w = (i + 1) / 64; w < b->words; w++)
            for (uint64_t left = b->left[w]; left != 0; left &= left - 1) {
                size_t x = b->rules[i], y = b->rules[w * 64 + (size_t)__builtin_ctzll(left)];
                if (code == NULL || first_common(&p->rules[x], &p->rules[y], *code))
                    p->visit(p->ctx, x < y ? x : y, x < y ? y : x);
            }
    }
}

static void in_bucket(struct pairs *p, size_t from, size_t to)
{
    if (to - from < 2)
        return;
    arena_reset(p->scratch);
    uint32_t *rules = arena_array(p->scratch, to - from, sizeof *rules);
    for (size_t i = from; i < to; i++)
        rules[i - from] = p->coded[i].rule;
    struct bucket b = bucket_of(p, rules, to - from);
    each_pair(&b, to - from - 1, &p->coded[from].code);
}

/* Those that no code narrows, with each other and with all others: each of these once, at its first code. */
static void open_ones(struct pairs *p)
{
    size_t count = 0;

    if (p->open_count == 0)
        return;
    arena_reset(p->scratch);
    uint32_t *rules = arena_array(p->scratch, p->open_count + p->coded_count, sizeof *rules);
    for (size_t i = 0; i < p->open_count; i++)
        rules[count++] = p->open[i];
    for (size_t i = 0; i < p->coded_count; i++)
        if (slice_eq(p->rules[p->coded[i].rule].codes.codes[0], p->coded[i].code))
            rules[count++] = p->coded[i].rule;
    struct bucket b = bucket_of(p, rules, count);
    each_pair(&b, p->open_count, NULL);
}

static void of_kind(struct pairs *p)
{
    for (size_t from = 0, to; from < p->coded_count; from = to) {
        for (to = from + 1; to < p->coded_count && slice_eq(p->coded[to].code, p->coded[from].code);)
            to++;
        in_bucket(p, from, to);
    }
    open_ones(p);
}

void pairs_each(const struct checked *rules, size_t count, bool (*takes)(const struct checked *k),
                void (*visit)(void *ctx, size_t i, size_t k), void *ctx)
{
    struct pairs p = { .rules = rules, .count = count, .visit = visit, .ctx = ctx };

    p.scratch = arena_new();
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
    arena_free(&p.scratch);
}
