/* rules/index.c - what the columns of an event's two buckets leave over. */
#include "rules/index.h"

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
static const struct index_bucket *bucket_of_code(const struct index *x, const struct index_kind *k,
                                                 const struct event *e)
{
    if (e->code.len == 0 || k->by_code == NULL)
        return NULL;
    uint32_t code = index_text(x, e->code);
    return code < x->code_count ? k->by_code[code] : NULL;
}

void index_start(struct index_scan *s, const struct index *x, const struct event *e, struct arena *a)
{
    const struct index_kind *k = &x->kinds[e->kind];

    s->index = x;
    s->event = e;
    s->known = 0;
    start_part(s, &s->parts[0], bucket_of_code(x, k, e), a);
    start_part(s, &s->parts[1], k->any, a);
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

/* The next rule of a bucket after `last` (its cases stand together), or UINT32_MAX. */
static uint32_t rule_after(const struct index_bucket *b, size_t *at, uint32_t last)
{
    while (b != NULL && *at < b->count && b->entries[*at].rule == last)
        (*at)++;
    return b != NULL && *at < b->count ? b->entries[*at].rule : UINT32_MAX;
}

size_t index_of_code(const struct ruleset *r, const struct event *e, uint32_t *out, size_t room)
{
    const struct index *x = r->index;
    const struct index_kind *k = &x->kinds[e->kind];
    const struct index_bucket *of_code = bucket_of_code(x, k, e);
    size_t count = 0, at = 0, any_at = 0;
    uint32_t last = UINT32_MAX;

    while (count < room) {
        uint32_t one = rule_after(of_code, &at, last), other = rule_after(k->any, &any_at, last);
        last = one < other ? one : other;
        if (last == UINT32_MAX)
            break;
        out[count++] = last;
    }
    return count;
}
