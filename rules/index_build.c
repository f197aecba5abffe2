/* rules/index_build.c - from the cases of all rules to buckets and their columns. */
#include "base/map.h"
#include "rules/index.h"

#include <string.h>

struct text_list {
    struct map *ids; /* text -> id + 1 */
    struct slice *texts;
    size_t count;
};

/* A case in a bucket; sorted by key. */
struct placed {
    uint32_t key, at;
};

struct building {
    struct arena *arena, *scratch; /* scratch: until the index stands */
    const struct ruleset *rules;
    const struct index_case *cases;
    size_t code_field;
    struct text_list names;
    struct placed *placed;
    size_t placed_count, placed_room;
};

/* --- literals as sets of texts ---------------------------------------------------------------------------
 */

static bool tells_names(const struct literal *l)
{
    const struct atom *t = l->atom;

    return t->operand == OPERAND_FIELD && t->field < INDEX_FIELDS &&
           (t->check == CHECK_NAMES || t->check == CHECK_HAS);
}

static bool is_code(const struct building *b, const struct literal *l)
{
    return tells_names(l) && l->atom->field == b->code_field && l->atom->check == CHECK_NAMES;
}

/* Does the column say all of it? One code of a name is for the message's own code to decide. */
static bool decided(const struct literal *l)
{
    for (size_t i = 0; i < l->atom->name_count; i++)
        if (l->atom->names[i].code.len > 0)
            return false;
    return true;
}

/* What the literal says of an event whose field is not among its names. */
static bool passes_other(const struct literal *l)
{
    return l->atom->negated == l->yes;
}

/* May an event with this text pass? Only a literal that is not `decided` says yes where it may be no. */
static bool passes_text(const struct literal *l, struct slice text)
{
    const struct atom *t = l->atom;
    bool listed = false;

    for (size_t i = 0; i < t->name_count; i++) {
        if (!slice_eq(t->names[i].name, text))
            continue;
        if (t->names[i].code.len == 0)
            return !passes_other(l);
        listed = true;
    }
    return listed || passes_other(l);
}

static uint32_t text_id(struct building *b, struct slice text)
{
    struct text_list *n = &b->names;
    uintptr_t known = (uintptr_t)map_get(n->ids, text);

    if (known > 0)
        return (uint32_t)(known - 1);
    if ((n->count & (n->count - 1)) == 0) { /* room for the next power of two */
        struct slice *more = arena_array(b->arena, n->count > 0 ? 2 * n->count : 1, sizeof *more);
        if (n->count > 0)
            memcpy(more, n->texts, n->count * sizeof *more);
        n->texts = more;
    }
    n->texts[n->count++] = text;
    map_put(n->ids, text, (void *)(uintptr_t)n->count);
    return (uint32_t)(n->count - 1);
}

/* --- buckets ---------------------------------------------------------------------------------------------
 */

static void place(struct building *b, uint32_t key, size_t at)
{
    if (b->placed_count == b->placed_room) {
        size_t room = b->placed_room > 0 ? 2 * b->placed_room : 64;
        struct placed *more = arena_array(b->scratch, room, sizeof *more);
        if (b->placed_count > 0)
            memcpy(more, b->placed, b->placed_count * sizeof *more);
        b->placed = more;
        b->placed_room = room;
    }
    b->placed[b->placed_count++] = (struct placed){ key, (uint32_t)at };
}

/* The literal that lists the codes of a case; NULL when none does. */
static const struct literal *listing_codes(const struct building *b, const struct index_case *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct literal *l = &c->literals[i];
        if (is_code(b, l) && !passes_other(l)) /* an event's code is never absent */
            return l;
    }
    return NULL;
}

static bool codes_allow(const struct building *b, const struct index_case *c, struct slice code)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (is_code(b, &c->literals[i]) && !passes_text(&c->literals[i], code))
            return false;
    return true;
}

static bool listed_before(const struct atom *t, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (slice_eq(t->names[i].name, t->names[at].name))
            return true;
    return false;
}

/* Keys: kind in the low digit, then 0 for the kind's own bucket, or the id of the code + 1. */
static void place_case(struct building *b, size_t at)
{
    const struct index_case *c = &b->cases[at];
    const struct literal *l = listing_codes(b, c);
    uint32_t kind = b->rules->rules[c->rule].kind;

    if (l == NULL)
        place(b, kind, at);
    for (size_t i = 0; l != NULL && i < l->atom->name_count; i++)
        if (!listed_before(l->atom, i) && codes_allow(b, c, l->atom->names[i].name))
            place(b, (text_id(b, l->atom->names[i].name) + 1) * EVENT_KIND_COUNT + kind, at);
}

/* Counting sort: cases of one key stay rising. */
static void sort_placed(struct building *b, size_t keys)
{
    size_t *start = arena_array(b->scratch, keys + 1, sizeof *start);
    struct placed *sorted = arena_array(b->scratch, b->placed_count, sizeof *sorted);

    for (size_t i = 0; i < b->placed_count; i++)
        start[b->placed[i].key + 1]++;
    for (size_t i = 0; i < keys; i++)
        start[i + 1] += start[i];
    for (size_t i = 0; i < b->placed_count; i++)
        sorted[start[b->placed[i].key]++] = b->placed[i];
    b->placed = sorted;
}

/* --- the columns of one bucket ---------------------------------------------------------------------------
 */

struct filling {
    struct building *b;
    struct index_bucket *bucket;
    const struct placed *placed; /* one a slot */
    struct index_column *columns;
    bool by_code;   /* the code is known here */
    uint64_t *told; /* id << 32 | slot << 1 | passes: where a value differs from the others */
    size_t told_count, told_room;
};

static const struct index_case *case_at(const struct filling *f, size_t slot)
{
    return &f->b->cases[f->placed[slot].at];
}

static uint32_t flag_of(struct building *b, const struct literal *l)
{
    return l->atom->check == CHECK_HAS ? text_id(b, l->atom->names[0].name) : INDEX_NO_ID;
}

static bool in_column(struct building *b, const struct index_column *c, const struct literal *l)
{
    return tells_names(l) && l->atom->field == c->field && flag_of(b, l) == c->flag;
}

static bool has_column(const struct filling *f, const struct literal *l)
{
    for (size_t i = 0; i < f->bucket->column_count; i++)
        if (in_column(f->b, &f->columns[i], l))
            return true;
    return false;
}

static void find_columns(struct filling *f)
{
    for (size_t slot = 0; slot < f->bucket->count; slot++) {
        const struct index_case *c = case_at(f, slot);
        for (uint32_t i = 0; i < c->count; i++) {
            const struct literal *l = &c->literals[i];
            if (!tells_names(l) || (f->by_code && is_code(f->b, l)) ||
                f->bucket->column_count == INDEX_COLUMNS || has_column(f, l))
                continue;
            f->columns[f->bucket->column_count++] =
                (struct index_column){ .field = (uint32_t)l->atom->field, .flag = flag_of(f->b, l) };
        }
    }
}

static void tell(struct filling *f, uint32_t id, size_t slot, bool passes)
{
    if (f->told_count == f->told_room) {
        size_t room = f->told_room > 0 ? 2 * f->told_room : 64;
        uint64_t *more = arena_array(f->b->scratch, room, sizeof *more);
        if (f->told_count > 0)
            memcpy(more, f->told, f->told_count * sizeof *more);
        f->told = more;
        f->told_room = room;
    }
    f->told[f->told_count++] = (uint64_t)id << 32 | (uint64_t)slot << 1 | passes;
}

/* The names of one literal, judged by all literals of the case in this column. */
static void tell_names(struct filling *f, const struct index_column *c, size_t slot, const struct literal *l,
                       bool other)
{
    const struct index_case *k = case_at(f, slot);

    for (size_t n = 0; n < l->atom->name_count; n++) {
        struct slice text = l->atom->names[n].name;
        bool passes = true;
        for (uint32_t i = 0; i < k->count; i++)
            if (in_column(f->b, c, &k->literals[i]))
                passes = passes && passes_text(&k->literals[i], text);
        if (passes != other)
            tell(f, text_id(f->b, text), slot, passes);
    }
}

static void fill_slot(struct filling *f, const struct index_column *c, size_t slot, uint64_t *absent,
                      uint64_t *other)
{
    const struct index_case *k = case_at(f, slot);
    bool if_absent = true, if_other = true;

    for (uint32_t i = 0; i < k->count; i++)
        if (in_column(f->b, c, &k->literals[i])) {
            if_absent = if_absent && k->literals[i].atom->absent == k->literals[i].yes;
            if_other = if_other && passes_other(&k->literals[i]);
        }
    absent[slot / 64] |= (uint64_t)if_absent << slot % 64;
    other[slot / 64] |= (uint64_t)if_other << slot % 64;
    for (uint32_t i = 0; i < k->count; i++)
        if (in_column(f->b, c, &k->literals[i]))
            tell_names(f, c, slot, &k->literals[i], if_other);
}

/* Merge sort from the bottom: no recursion, the same on every machine. */
static void sort_told(struct filling *f)
{
    uint64_t *from = f->told, *to = arena_array(f->b->scratch, f->told_room, sizeof *to);

    for (size_t width = 1; width < f->told_count; width *= 2) {
        for (size_t start = 0; start < f->told_count; start += 2 * width) {
            size_t middle = start + width < f->told_count ? start + width : f->told_count;
            size_t end = start + 2 * width < f->told_count ? start + 2 * width : f->told_count;
            size_t x = start, y = middle;
            for (size_t at = start; at < end; at++)
                to[at] = y == end || (x < middle && from[x] <= from[y]) ? from[x++] : from[y++];
        }
        uint64_t *kept = from;
        from = to;
        to = kept;
    }
    f->told = from;
}

static uint32_t told_id(const struct filling *f, size_t i)
{
    return (uint32_t)(f->told[i] >> 32);
}

static uint32_t told_slot(const struct filling *f, size_t i)
{
    return (uint32_t)f->told[i] >> 1;
}

/* From the sorted list to values and their patches. */
static void fill_values(struct filling *f, struct index_column *c)
{
    size_t values = 0, patches = 0;

    for (size_t i = 0; i < f->told_count; i++) {
        bool next = i == 0 || told_id(f, i) != told_id(f, i - 1);
        values += next;
        patches += next || told_slot(f, i) / 64 != told_slot(f, i - 1) / 64;
    }
    struct index_value *value = arena_array(f->b->arena, values, sizeof *value);
    struct index_patch *patch = arena_array(f->b->arena, patches, sizeof *patch);
    c->values = value;
    c->patches = patch;
    c->value_count = (uint32_t)values;
    values = patches = 0;
    for (size_t i = 0; i < f->told_count; i++) {
        uint32_t slot = told_slot(f, i), word = slot / 64;
        bool next = i == 0 || told_id(f, i) != told_id(f, i - 1);
        if (next)
            value[values++] = (struct index_value){ told_id(f, i), (uint32_t)patches, (uint32_t)patches };
        if (next || told_slot(f, i - 1) / 64 != word)
            patch[patches++] = (struct index_patch){ word, c->other[word] };
        uint64_t bit = UINT64_C(1) << slot % 64;
        patch[patches - 1].bits =
            f->told[i] & 1 ? patch[patches - 1].bits | bit : patch[patches - 1].bits & ~bit;
        value[values - 1].to = (uint32_t)patches;
    }
}

static void fill_column(struct filling *f, struct index_column *c)
{
    uint64_t *absent = arena_array(f->b->arena, f->bucket->words, sizeof *absent);
    uint64_t *other = arena_array(f->b->arena, f->bucket->words, sizeof *other);

    f->told_count = 0;
    for (size_t slot = 0; slot < f->bucket->count; slot++)
        fill_slot(f, c, slot, absent, other);
    c->absent = absent;
    c->other = other;
    sort_told(f);
    fill_values(f, c);
}

static void fill_phases(struct filling *f)
{
    for (unsigned p = 0; p < PHASE_COUNT; p++) {
        uint64_t *bits = NULL;
        for (size_t slot = 0; slot < f->bucket->count; slot++) {
            if (!(f->b->rules->rules[case_at(f, slot)->rule].phases >> p & 1))
                continue;
            if (bits == NULL)
                bits = arena_array(f->b->arena, f->bucket->words, sizeof *bits);
            bits[slot / 64] |= UINT64_C(1) << slot % 64;
        }
        f->bucket->phases[p] = bits;
    }
}

static struct index_entry entry_of(struct filling *f, size_t slot)
{
    const struct index_case *c = case_at(f, slot);
    struct literal *rest = arena_array(f->b->arena, c->count, sizeof *rest);
    struct index_entry e = { .rule = c->rule, .rest = rest };

    for (uint32_t i = 0; i < c->count; i++) {
        const struct literal *l = &c->literals[i];
        bool here = (f->by_code && is_code(f->b, l)) || (tells_names(l) && has_column(f, l));
        if (!here || !decided(l))
            rest[e.rest_count++] = *l;
    }
    return e;
}

static const struct index_bucket *fill_bucket(struct building *b, const struct placed *list, size_t count)
{
    struct index_bucket *bucket = arena_alloc(b->arena, sizeof *bucket);
    struct filling f = { .b = b, .bucket = bucket, .placed = list, .by_code = list->key >= EVENT_KIND_COUNT };
    struct index_entry *entries = arena_array(b->arena, count, sizeof *entries);

    bucket->count = count;
    for (size_t i = 0; i < count; i++)
        bucket->rule_count += i == 0 || b->cases[list[i].at].rule != b->cases[list[i - 1].at].rule;
    bucket->words = (count + 63) / 64;
    f.columns = arena_array(b->arena, INDEX_COLUMNS, sizeof *f.columns);
    find_columns(&f);
    for (size_t i = 0; i < bucket->column_count; i++)
        fill_column(&f, &f.columns[i]);
    fill_phases(&f);
    for (size_t slot = 0; slot < count; slot++)
        entries[slot] = entry_of(&f, slot);
    bucket->entries = entries;
    bucket->columns = f.columns;
    return bucket;
}

/* --- the whole -------------------------------------------------------------------------------------------
 */

static void fill_slots(struct building *b, struct index *x)
{
    size_t room = 16;

    while (room < 2 * b->names.count + 2)
        room *= 2;
    uint32_t *slots = arena_array(b->arena, room, sizeof *slots);
    memset(slots, 0xff, room * sizeof *slots);
    for (size_t id = 0; id < b->names.count; id++) {
        size_t at = slice_hash(b->names.texts[id], 1) & (room - 1);
        while (slots[at] != INDEX_NO_ID)
            at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)id;
    }
    x->texts = b->names.texts;
    x->text_count = b->names.count;
    x->slots = slots;
    x->mask = room - 1;
}

static void fill_kinds(struct building *b, struct index *x)
{
    const struct index_bucket **by_code[EVENT_KIND_COUNT] = { NULL };

    for (size_t from = 0, to; from < b->placed_count; from = to) {
        uint32_t key = b->placed[from].key, kind = key % EVENT_KIND_COUNT;
        for (to = from; to < b->placed_count && b->placed[to].key == key;)
            to++;
        const struct index_bucket *bucket = fill_bucket(b, &b->placed[from], to - from);
        if (key < EVENT_KIND_COUNT) {
            x->kinds[kind].any = bucket;
            continue;
        }
        if (by_code[kind] == NULL)
            by_code[kind] = arena_array(b->arena, x->code_count, sizeof(void *));
        by_code[kind][key / EVENT_KIND_COUNT - 1] = bucket;
    }
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        x->kinds[kind].by_code = by_code[kind];
}

static const struct index *build(const struct ruleset *r, const struct index_case *cases, size_t count,
                                 bool dormant, struct arena *a)
{
    struct building b = { .arena = a, .scratch = arena_new(), .rules = r, .cases = cases };
    struct index *x = arena_alloc(a, sizeof *x);

    b.names.ids = map_new();
    schema_find(SLICE("code"), &b.code_field);
    for (size_t i = 0; i < count; i++)
        if ((r->rules[cases[i].rule].mode != MODE_LIVE) == dormant)
            place_case(&b, i);
    x->code_count = b.names.count; /* only codes have an id so far */
    sort_placed(&b, (x->code_count + 1) * EVENT_KIND_COUNT);
    fill_kinds(&b, x);
    fill_slots(&b, x);
    map_free(&b.names.ids, NULL);
    arena_free(&b.scratch);
    return x;
}

void index_build(struct ruleset *r, const struct index_case *cases, size_t count, struct arena *a)
{
    r->index = build(r, cases, count, false, a);
    r->dormant = build(r, cases, count, true, a);
    for (size_t i = 0; i < r->count; i++)
        r->of_kind[r->rules[i].kind]++;
}
