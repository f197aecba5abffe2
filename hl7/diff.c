#include "hl7/diff.h"

#include "base/memory.h"
#include "hl7/masked.h"

#include <stdlib.h>
#include <string.h>

/* The table that pairs segments has at most so many cells; longer middles are paired window by window. */
enum { CELLS_MAX = 1 << 22, WINDOW = 512 };

struct side {
    const struct hl7_message *m;
    struct hl7_delimiters d;
    uint64_t *hashes; /* of what each segment means; they only help to find pairs */
    uint64_t *keys;   /* of its third field: the code of an OBX, the identifiers of a PID */
    size_t count;
};

struct comparing {
    struct arena *arena;
    struct side left, right;
    bool (*each)(void *ctx, const struct hl7_difference *d);
    void *ctx;
    size_t found;
    uint32_t pair_weight; /* what a pair of the same name is worth, beside 3 for an equal one */
    bool stopped;
};

/* --- parts ---------------------------------------------------------------------------------------- */

/* The parts of a value one after another; all further ones are empty. */
struct parts {
    struct hl7_masked rest;
    char separator;
    bool done;
};

static struct parts parts_of(struct hl7_masked value, char separator)
{
    return (struct parts){ value, separator, value.len == 0 };
}

static struct hl7_masked part_next(struct parts *p)
{
    bool last;
    struct hl7_masked part = hl7_masked_cut(&p->rest, p->separator, &last);

    p->done |= last;
    return part;
}

/* Is there nothing but separators in it? */
static bool is_blank(const struct hl7_delimiters *d, struct hl7_masked v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.scan[i] != d->repetition && v.scan[i] != d->component && v.scan[i] != d->subcomponent)
            return false;
    return true;
}

/* Does it have a part of that level behind the first that is not empty? */
static bool has_more(const struct hl7_delimiters *d, struct hl7_masked value, char separator)
{
    return !is_blank(d, hl7_masked_skip(value, hl7_masked_find(value, separator)));
}

/* --- hashes --------------------------------------------------------------------------------------- */

static uint64_t hash_number(uint64_t hash, uint64_t n)
{
    return (hash ^ n) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 29);
}

/* What a field means: every part that is not empty, with its place. */
static uint64_t hash_field(const struct side *s, struct arena *arena, struct hl7_masked field)
{
    struct parts reps = parts_of(field, s->d.repetition);
    uint64_t hash = 1;

    for (uint64_t r = 0; !reps.done; r++) {
        struct parts comps = parts_of(part_next(&reps), s->d.component);
        for (uint64_t c = 0; !comps.done; c++) {
            struct parts subs = parts_of(part_next(&comps), s->d.subcomponent);
            for (uint64_t n = 0; !subs.done; n++) {
                struct slice raw = hl7_masked_bytes(part_next(&subs));
                if (raw.len == 0)
                    continue;
                struct slice text = slice_is(raw, "\"\"") ? raw : hl7_text(s->m, arena, raw);
                hash = hash_number(hash_number(hash, r), c << 32 | n);
                hash = slice_hash(text, hash);
            }
        }
    }
    return hash;
}

static bool is_delimiters(size_t segment, uint32_t field)
{
    return segment == 0 && field <= 2; /* MSH-1 and MSH-2 */
}

static struct hl7_masked field_raw(const struct side *s, struct arena *arena, size_t segment, uint32_t field)
{
    struct slice raw;

    hl7_get(s->m, segment, field, 0, 0, 0, &raw);
    return hl7_masked_of(s->m, arena, raw);
}

static struct side side_make(struct arena *arena, const struct hl7_message *m)
{
    struct side s = { .m = m, .d = *hl7_message_delimiters(m), .count = hl7_message_segments(m) };
    struct arena *texts = arena_new();

    s.hashes = arena_array(arena, s.count, sizeof *s.hashes);
    s.keys = arena_array(arena, s.count, sizeof *s.keys);
    for (size_t i = 0; i < s.count; i++) {
        uint64_t hash = slice_hash(hl7_segment_name(m, i), 0);
        for (uint32_t f = 1; f <= hl7_segment_fields(m, i); f++) {
            struct hl7_masked raw = field_raw(&s, texts, i, f);
            if (raw.len == 0 || is_delimiters(i, f))
                continue;
            uint64_t of_field = hash_field(&s, texts, raw);
            if (of_field != 1)
                hash = hash_number(hash_number(hash, f), of_field);
            if (f == 3)
                s.keys[i] = of_field;
        }
        s.hashes[i] = hash;
        arena_reset(texts);
    }
    arena_free(&texts);
    return s;
}

/* --- telling -------------------------------------------------------------------------------------- */

static void tell(struct comparing *c, const struct hl7_difference *d)
{
    if (c->stopped)
        return;
    c->found++;
    c->stopped = !c->each(c->ctx, d);
}

static struct slice text_of(const struct comparing *c, const struct side *s, struct slice raw)
{
    return slice_is(raw, "\"\"") ? raw : hl7_text(s->m, c->arena, raw);
}

/* The two values at `at` are both there and mean another thing, or one of them is not there. */
static void values_tell(struct comparing *c, struct hl7_difference at, struct hl7_masked left,
                        struct hl7_masked right)
{
    bool no_left = is_blank(&c->left.d, left), no_right = is_blank(&c->right.d, right);

    at.left_text = no_left ? SLICE("") : text_of(c, &c->left, hl7_masked_bytes(left));
    at.right_text = no_right ? SLICE("") : text_of(c, &c->right, hl7_masked_bytes(right));
    at.kind = no_left ? HL7_ONLY_RIGHT : no_right ? HL7_ONLY_LEFT : HL7_CHANGED;
    tell(c, &at);
}

/* One sub-component, or all above it that has no other part. The null is not a text of two quotes. */
static bool is_same(struct comparing *c, struct hl7_masked left, struct hl7_masked right)
{
    if (slice_is(hl7_masked_bytes(left), "\"\"") != slice_is(hl7_masked_bytes(right), "\"\""))
        return false;
    return slice_eq(text_of(c, &c->left, hl7_masked_bytes(left)),
                    text_of(c, &c->right, hl7_masked_bytes(right)));
}

static void component_compare(struct comparing *c, struct hl7_difference at, struct hl7_masked left,
                              struct hl7_masked right)
{
    bool single = !has_more(&c->left.d, left, c->left.d.subcomponent) &&
                  !has_more(&c->right.d, right, c->right.d.subcomponent);
    struct parts l = parts_of(left, c->left.d.subcomponent), r = parts_of(right, c->right.d.subcomponent);

    for (uint32_t n = 1; (!l.done || !r.done) && !c->stopped; n++) {
        struct hl7_masked a = part_next(&l), b = part_next(&r);
        at.sub = single ? 0 : n;
        at.component += at.component == 0 && !single; /* of a value that is its own first component */
        if (!is_same(c, a, b))
            values_tell(c, at, a, b);
    }
}

static void repetition_compare(struct comparing *c, struct hl7_difference at, struct hl7_masked left,
                               struct hl7_masked right)
{
    bool single = !has_more(&c->left.d, left, c->left.d.component) &&
                  !has_more(&c->right.d, right, c->right.d.component);
    struct parts l = parts_of(left, c->left.d.component), r = parts_of(right, c->right.d.component);

    if (is_blank(&c->left.d, left) != is_blank(&c->right.d, right)) {
        values_tell(c, at, left, right);
        return;
    }
    for (uint32_t n = 1; (!l.done || !r.done) && !c->stopped; n++) {
        struct hl7_masked a = part_next(&l), b = part_next(&r);
        at.component = single ? 0 : n;
        if (is_blank(&c->left.d, a) != is_blank(&c->right.d, b))
            values_tell(c, at, a, b);
        else
            component_compare(c, at, a, b);
    }
}

static void field_compare(struct comparing *c, struct hl7_difference at, struct hl7_masked left,
                          struct hl7_masked right)
{
    bool single = !has_more(&c->left.d, left, c->left.d.repetition) &&
                  !has_more(&c->right.d, right, c->right.d.repetition);
    struct parts l = parts_of(left, c->left.d.repetition), r = parts_of(right, c->right.d.repetition);

    if (is_blank(&c->left.d, left) != is_blank(&c->right.d, right)) {
        values_tell(c, at, left, right);
        return;
    }
    for (uint32_t n = 1; (!l.done || !r.done) && !c->stopped; n++) {
        struct hl7_masked a = part_next(&l), b = part_next(&r);
        at.repetition = single ? 0 : n;
        repetition_compare(c, at, a, b);
    }
}

static void segment_compare(struct comparing *c, size_t left, size_t right)
{
    uint32_t l = hl7_segment_fields(c->left.m, left), r = hl7_segment_fields(c->right.m, right);

    for (uint32_t f = 1; f <= (l > r ? l : r) && !c->stopped; f++) {
        struct hl7_difference at = { .left = left, .right = right, .field = f };
        if (!is_delimiters(left, f))
            field_compare(c, at, field_raw(&c->left, c->arena, left, f),
                          field_raw(&c->right, c->arena, right, f));
    }
}

/* --- pairing -------------------------------------------------------------------------------------- */

/* How well two segments fit: 0 when their names differ. That there are many pairs counts most, then that
 * they are equal, then that they are about the same thing. */
static uint32_t fit(const struct comparing *c, size_t left, size_t right)
{
    if (!slice_eq(hl7_segment_name(c->left.m, left), hl7_segment_name(c->right.m, right)))
        return 0;
    return c->pair_weight + (c->left.hashes[left] == c->right.hashes[right] ? 2u : 0u) +
           (c->left.keys[left] == c->right.keys[right] ? 1u : 0u);
}

/* Segments from left to before left_to, and so on the right. */
struct window {
    size_t left, left_to, right, right_to;
};

/* Pairs them so that the sum of fits is the highest. */
static void pair_best(const struct comparing *c, struct window w, size_t *pairs)
{
    size_t rows = w.left_to - w.left, columns = w.right_to - w.right, width = columns + 1;
    uint32_t *best = memory_array((rows + 1) * width, sizeof *best); /* of what stands from here on */
    size_t i, j;

    for (i = rows; i-- > 0;)
        for (j = columns; j-- > 0;) {
            uint32_t *cell = &best[i * width + j], fits = fit(c, w.left + i, w.right + j);
            *cell = cell[width] > cell[1] ? cell[width] : cell[1];
            if (fits > 0 && fits + cell[width + 1] > *cell)
                *cell = fits + cell[width + 1];
        }
    for (i = j = 0; i < rows && j < columns;) {
        const uint32_t *cell = &best[i * width + j];
        if (*cell == cell[width]) {
            i++;
        } else if (*cell == cell[1]) {
            j++;
        } else {
            pairs[w.left + i] = w.right + j;
            i++;
            j++;
        }
    }
    free(best);
}

/* Too many for one table: windows that overlap, of which the first half is believed. */
static void pair_windows(const struct comparing *c, struct window all, size_t *pairs)
{
    while (all.left < all.left_to && all.right < all.right_to) {
        struct window w = all;
        bool last = all.left_to - all.left <= WINDOW && all.right_to - all.right <= WINDOW;
        w.left_to = all.left_to - all.left > WINDOW ? all.left + WINDOW : all.left_to;
        w.right_to = all.right_to - all.right > WINDOW ? all.right + WINDOW : all.right_to;
        pair_best(c, w, pairs);
        all.left = last || w.left_to < all.left + WINDOW / 2 ? w.left_to : all.left + WINDOW / 2;
        for (size_t i = w.left; i < all.left; i++)
            all.right = pairs[i] != HL7_NONE ? pairs[i] + 1 : all.right;
        for (size_t i = all.left; i < w.left_to; i++)
            pairs[i] = HL7_NONE;
    }
}

/* Which right segment each left one stands beside, or HL7_NONE. Equal heads and tails are paired at once. */
static size_t *pairs_find(struct comparing *c)
{
    size_t left = c->left.count, right = c->right.count, from = 0;
    size_t *pairs = arena_array(c->arena, left, sizeof *pairs);
    const uint32_t equal = c->pair_weight + 3;

    for (size_t i = 0; i < left; i++)
        pairs[i] = HL7_NONE;
    for (; from < left && from < right && fit(c, from, from) == equal; from++)
        pairs[from] = from;
    for (; left > from && right > from && fit(c, left - 1, right - 1) == equal; left--, right--)
        pairs[left - 1] = right - 1;
    if ((left - from + 1) <= CELLS_MAX / (right - from + 1)) {
        pair_best(c, (struct window){ from, left, from, right }, pairs);
    } else {
        c->pair_weight = 1; /* a window's end must not cost a pair */
        pair_windows(c, (struct window){ from, left, from, right }, pairs);
    }
    return pairs;
}

static void only_right_tell(struct comparing *c, size_t *from, size_t to)
{
    for (; *from < to && !c->stopped; (*from)++) {
        struct hl7_difference d = { .kind = HL7_ONLY_RIGHT, .left = HL7_NONE, .right = *from };
        tell(c, &d);
    }
}

size_t hl7_diff(struct arena *arena, const struct hl7_message *left, const struct hl7_message *right,
                bool (*each)(void *ctx, const struct hl7_difference *d), void *ctx)
{
    struct comparing c = { .arena = arena, .pair_weight = 1u << 16, .each = each, .ctx = ctx };
    size_t next_right = 0;

    c.left = side_make(arena, left);
    c.right = side_make(arena, right);
    size_t *pairs = pairs_find(&c);
    for (size_t i = 0; i < c.left.count && !c.stopped; i++) {
        struct hl7_difference d = { .kind = HL7_ONLY_LEFT, .left = i, .right = HL7_NONE };
        if (pairs[i] == HL7_NONE) {
            tell(&c, &d);
            continue;
        }
        only_right_tell(&c, &next_right, pairs[i]);
        segment_compare(&c, i, pairs[i]);
        next_right = pairs[i] + 1;
    }
    only_right_tell(&c, &next_right, c.right.count);
    return c.found;
}
