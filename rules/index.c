/* rules/index.c - what the columns of an event's two buckets leave over. */
#include "rules/index.h"

#include <string.h>

uint32_t index_text(const struct index *x, struct slice text)
{
    for (size_t at = slice_hash(text, 1) & x->mask;; at = (at + 1) & x->mask) {
        uint32_t id = x->slots[at];
        if (id == INDEX_NO_ID || slice_eq(x->texts[id], text))
            return id;
    }
}

/* --- the event's side: each field's text is looked up once -----------------------------------------------
 */

#define ABSENT_ID (UINT32_MAX - 1)

static void learn(struct index_scan *s, uint32_t field)
{
    struct field_value v = event_field(s->event, field);

    s->known |= UINT64_C(1) << field;
    s->ids[field] = v.present ? INDEX_NO_ID : ABSENT_ID;
    if (!v.present)
        return;
    if (v.list == NULL) {
        s->ids[field] = index_text(s->index, v.text);
        return;
    }
    for (size_t i = 0; i < v.list_count && i < INDEX_FLAGS; i++)
        s->flags[i] = index_text(s->index, v.list[i]);
}

static uint32_t id_of(struct index_scan *s, const struct index_column *c)
{
    if (!(s->known >> c->field & 1))
        learn(s, c->field);
    if (c->flag == INDEX_NO_ID || s->ids[c->field] == ABSENT_ID)
        return s->ids[c->field];
    for (size_t i = 0; i < s->event->patient.flag_count && i < INDEX_FLAGS; i++)
        if (s->flags[i] == c->flag)
            return c->flag;
    return INDEX_NO_ID;
}

static const struct index_value *value_of(const struct index_column *c, uint32_t id)
{
    size_t low = 0, high = c->value_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->values[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->value_count && c->values[low].id == id ? &c->values[low] : NULL;
}

/* ANDs the column's set for this event; returns 0 when nothing is left. */
static uint64_t narrow(struct index_scan *s, const struct index_column *c, uint64_t *words, size_t count)
{
    uint32_t id = id_of(s, c);
    const uint64_t *base = id == ABSENT_ID ? c->absent : c->other;
    const struct index_value *v = id == ABSENT_ID || id == INDEX_NO_ID ? NULL : value_of(c, id);
    uint64_t left = 0;
    size_t at = 0;

    for (uint32_t i = v != NULL ? v->from : 0; v != NULL && i < v->to; i++) {
        const struct index_patch *p = &c->patches[i];
        for (; at < p->word; at++)
            left |= words[at] &= base[at];
        left |= words[at++] &= p->bits;
    }
    for (; at < count; at++)
        left |= words[at] &= base[at];
    return left;
}

/* --- one bucket ------------------------------------------------------------------------------------------
 */

static void advance(struct index_part *p)
{
    while (p->bits == 0) {
        if (p->word == p->bucket->words) {
            p->next = NULL;
            return;
        }
        p->bits = p->words[p->word++];
    }
    p->next = &p->bucket->entries[(p->word - 1) * 64 + (size_t)__builtin_ctzll(p->bits)];
    p->bits &= p->bits - 1;
}

static void start_part(struct index_scan *s, struct index_part *p, const struct index_bucket *b,
                       struct arena *a)
{
    const uint64_t *phase = b != NULL ? b->phases[s->event->phase] : NULL;

    p->next = NULL;
    if (phase == NULL)
        return;
    p->bucket = b;
    p->word = 0;
    p->bits = 0;
    p->words =
        b->words <= sizeof p->few / sizeof *p->few ? p->few : arena_raw(a, b->words * sizeof *p->words);
    for (size_t i = 0; i < b->words; i++)
        p->words[i] = phase[i];
    for (size_t i = 0; i < b->column_count; i++)
        if (narrow(s, &b->columns[i], p->words, b->words) == 0)
            return;
    advance(p);
}

/* NULL: the event has no code, or no rule of its kind names that code. */
static const struct index_bucket *bucket_of_code(const struct index *x, const struct event *e)
{
    const struct index_kind *k = &x->kinds[e->kind];

    if (e->code.len == 0 || k->by_code == NULL)
        return NULL;
    uint32_t code = index_text(x, e->code);
    return code < x->code_count ? k->by_code[code] : NULL;
}

void index_start(struct index_scan *s, const struct index *x, const struct event *e, struct arena *a)
{
    s->index = x;
    s->event = e;
    s->known = 0;
    start_part(s, &s->parts[0], bucket_of_code(x, e), a);
    start_part(s, &s->parts[1], x->kinds[e->kind].any, a);
}

const struct index_entry *index_next(struct index_scan *s)
{
    const struct index_entry *first = s->parts[0].next, *second = s->parts[1].next;
    bool take_second = first == NULL || (second != NULL && second->rule < first->rule);

    if (take_second && second == NULL)
        return NULL;
    advance(&s->parts[take_second]);
    return take_second ? second : first;
}

/* --- for people: what stands there, whatever else it asks -------------------------------------------------
 */

static bool is_place(const struct index_column *c)
{
    return schema_field(c->field)->type == TYPE_PLACE;
}

/* The cases of one bucket that the event's place lets pass; all of them when `anywhere`. */
static void start_near(struct index_scan *s, struct index_part *p, const struct index_bucket *b,
                       bool anywhere, struct arena *a)
{
    *p = (struct index_part){ .bucket = b };
    if (b == NULL)
        return;
    p->words = arena_raw(a, b->words * sizeof *p->words);
    memset(p->words, 0xff, b->words * sizeof *p->words);
    p->words[b->words - 1] >>= b->words * 64 - b->count;
    for (size_t i = 0; !anywhere && i < b->column_count; i++)
        if (is_place(&b->columns[i]) && narrow(s, &b->columns[i], p->words, b->words) == 0)
            return;
    advance(p);
}

/* Each rule once, and how many there are; at most `room` of them are written. */
static size_t list_rules(struct index_scan *s, bool anywhere, struct arena *a, uint32_t *out, size_t room)
{
    const struct index_bucket *of_code = s->parts[0].bucket, *any = s->parts[1].bucket;
    const struct index_entry *x;
    size_t count = 0;

    start_near(s, &s->parts[0], of_code, anywhere, a);
    start_near(s, &s->parts[1], any, anywhere, a);
    while (count < room && (x = index_next(s)) != NULL)
        if (count == 0 || out[count - 1] != x->rule)
            out[count++] = x->rule;
    return count;
}

size_t index_of_code(const struct index *x, const struct event *e, struct arena *scratch, uint32_t *out,
                     size_t room, size_t others)
{
    struct index_scan s = { .index = x, .event = e };
    const struct index_bucket *of_code = bucket_of_code(x, e), *any = x->kinds[e->kind].any;
    size_t all = (of_code != NULL ? of_code->rule_count : 0) + (any != NULL ? any->rule_count : 0);

    s.parts[0].bucket = of_code;
    s.parts[1].bucket = any;
    size_t near = list_rules(&s, false, scratch, out, room);
    return all <= room && all - near <= others ? list_rules(&s, true, scratch, out, room) : near;
}
