#include "events/catalogue.h"

#include "base/map.h"
#include "base/memory.h"
#include "events/catalogue_add.h"
#include "events/catalogue_builtin.h"

#include <stdlib.h>

enum { NO_ROW = -1 };

struct item {
    struct catalogue_row row;
    bool builtin;
    int next; /* the next row of the same code, in order; NO_ROW at the end */
};

struct chain {
    int first, last;
};

struct catalogue {
    struct arena *arena;
    struct item *items;
    size_t count, room;
    struct map *by_code; /* code -> struct chain; the empty code holds the rows that have none */
    struct map *by_name; /* name -> struct chain, of which `first` is the site's first row, else ours */
};

struct catalogue *catalogue_new(void)
{
    struct catalogue *c = memory_new(sizeof *c);
    c->arena = arena_new();
    c->by_code = map_new();
    c->by_name = map_new();
    return c;
}

void catalogue_free(struct catalogue **c)
{
    if (c == NULL || *c == NULL)
        return;
    map_free(&(*c)->by_code, NULL);
    map_free(&(*c)->by_name, NULL);
    arena_free(&(*c)->arena);
    free((*c)->items);
    free(*c);
    *c = NULL;
}

struct arena *catalogue_arena(struct catalogue *c)
{
    return c->arena;
}

struct slice coding_system(struct slice sent)
{
    static const struct slice names[][2] = {
        { SLICE_INIT("MDC"), SLICE_INIT("MDC") },
        { SLICE_INIT("urn:iso:std:iso:11073:10101"), SLICE_INIT("MDC") },
        { SLICE_INIT("urn:oid:2.16.840.1.113883.6.24"), SLICE_INIT("MDC") },
        { SLICE_INIT("2.16.840.1.113883.6.24"), SLICE_INIT("MDC") },
        { SLICE_INIT("LN"), SLICE_INIT("LN") },
        { SLICE_INIT("loinc"), SLICE_INIT("LN") },
        { SLICE_INIT("http://loinc.org"), SLICE_INIT("LN") },
        { SLICE_INIT("2.16.840.1.113883.6.1"), SLICE_INIT("LN") },
        { SLICE_INIT("SCT"), SLICE_INIT("SCT") },
        { SLICE_INIT("snomed"), SLICE_INIT("SCT") },
        { SLICE_INIT("http://snomed.info/sct"), SLICE_INIT("SCT") },
        { SLICE_INIT("2.16.840.1.113883.6.96"), SLICE_INIT("SCT") },
        { SLICE_INIT("local"), SLICE_INIT("local") },
        { SLICE_INIT("L"), SLICE_INIT("local") },
        { SLICE_INIT("99zzz"), SLICE_INIT("local") },
    };
    sent = slice_trim(sent);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (sent.len == names[i][0].len && slice_eq_nocase(sent, names[i][0]))
            return names[i][1];
    return sent;
}

static void put_name(struct catalogue *c, struct slice name, int index)
{
    struct chain *named = map_get(c->by_name, name);
    if (named == NULL) {
        named = arena_alloc(c->arena, sizeof *named);
        *named = (struct chain){ index, index };
        map_put(c->by_name, name, named);
    } else if (c->items[named->first].builtin && !c->items[index].builtin) {
        named->first = index;
    }
}

void catalogue_put(struct catalogue *c, struct catalogue_row row, bool builtin)
{
    int index = (int)c->count;
    MEMORY_ROOM(c->items, c->count, c->room);
    c->items[c->count++] = (struct item){ row, builtin, NO_ROW };
    put_name(c, row.name, index);
    struct chain *chain = map_get(c->by_code, row.code);
    if (chain == NULL) {
        chain = arena_alloc(c->arena, sizeof *chain);
        *chain = (struct chain){ index, index };
        map_put(c->by_code, row.code, chain);
        return;
    }
    c->items[chain->last].next = index;
    chain->last = index;
}

void catalogue_settle(struct catalogue *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct catalogue_row *row = &c->items[i].row;
        if (!c->items[i].builtin)
            continue;
        const struct catalogue_row *own = catalogue_named(c, row->name);
        row->kind = own->kind;
        row->class = own->class;
        row->unit = own->unit;
        row->attended_ends = own->attended_ends;
        if (own->title.len > 0)
            row->title = own->title;
    }
}

/* The next word of a blank-separated list; false at its end. "" has one empty word. */
static bool next_word(struct slice *rest, bool *first, struct slice *word)
{
    if (rest->len == 0 && !*first)
        return false;
    *first = false;
    *word = slice_cut(rest, ' ');
    return true;
}

static void put_builtin(struct catalogue *c, const struct builtin_row *b)
{
    struct slice codes = slice_of(b->codes), code, source;
    for (bool first = true; next_word(&codes, &first, &code);) {
        struct slice sources = slice_of(b->source);
        for (bool begin = true; next_word(&sources, &begin, &source);)
            catalogue_put(c,
                          (struct catalogue_row){ .name = slice_of(b->name),
                                                  .system = slice_of(b->system),
                                                  .code = code,
                                                  .source = source,
                                                  .unit = slice_of(b->unit),
                                                  .title = slice_of(b->title),
                                                  .kind = b->kind,
                                                  .class = b->class },
                          true);
    }
}

bool catalogue_add_builtin(struct catalogue *c, struct error *err)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->items[i].builtin)
            return error_set(err, ERROR_CONFLICT, "the built-in catalogue stands already");
    for (size_t i = 0; i < builtin_row_count; i++)
        put_builtin(c, &builtin_rows[i]);
    catalogue_settle(c);
    return true;
}

/* How many of the row's parts match; 0 when one does not. */
static unsigned fullness(const struct catalogue_row *r, struct slice system, struct slice code,
                         struct slice source, struct slice text)
{
    unsigned n = 0;
    if (r->system.len > 0 && !slice_eq_nocase(r->system, system))
        return 0;
    n += r->system.len > 0;
    if (r->code.len > 0 && !slice_eq(r->code, code))
        return 0;
    n += r->code.len > 0;
    if (r->source.len > 0 && !slice_eq(r->source, source))
        return 0;
    n += r->source.len > 0;
    if (r->text.len > 0 && !slice_eq_nocase(r->text, text))
        return 0;
    n += r->text.len > 0;
    return n;
}

struct best {
    const struct item *item;
    unsigned fullness;
};

/* More parts matched, then the site's before ours, then the earlier in file order. */
static bool goes_before(const struct item *item, unsigned n, const struct best *best)
{
    if (best->item == NULL || n != best->fullness)
        return best->item == NULL || n > best->fullness;
    if (best->item->builtin != item->builtin)
        return best->item->builtin;
    return item < best->item;
}

static void look(const struct catalogue *c, struct slice key, struct slice system, struct slice code,
                 struct slice source, struct slice text, struct best *best)
{
    const struct chain *chain = map_get(c->by_code, key);
    for (int i = chain != NULL ? chain->first : NO_ROW; i != NO_ROW; i = c->items[i].next) {
        const struct item *item = &c->items[i];
        unsigned n = fullness(&item->row, system, code, source, text);
        if (n > 0 && goes_before(item, n, best))
            *best = (struct best){ item, n };
    }
}

const struct catalogue_row *catalogue_find(const struct catalogue *c, struct slice system, struct slice code,
                                           struct slice source, struct slice text)
{
    struct best best = { NULL, 0 };
    if (c == NULL)
        return NULL;
    system = coding_system(system);
    code = slice_trim(code);
    text = slice_trim(text);
    if (code.len > 0)
        look(c, code, system, code, slice_trim(source), text, &best);
    look(c, (struct slice){ NULL, 0 }, system, code, slice_trim(source), text, &best);
    return best.item != NULL ? &best.item->row : NULL;
}

const struct catalogue_row *catalogue_named(const struct catalogue *c, struct slice name)
{
    const struct chain *named = c != NULL ? map_get(c->by_name, name) : NULL;
    return named != NULL ? &c->items[named->first].row : NULL;
}

const struct catalogue_row *catalogue_coded(const struct catalogue *c, struct slice system, struct slice code)
{
    const struct chain *chain = c != NULL ? map_get(c->by_code, code) : NULL;
    const struct item *found = NULL;
    system = coding_system(system);
    for (int i = chain != NULL ? chain->first : NO_ROW; i != NO_ROW; i = c->items[i].next) {
        const struct item *item = &c->items[i];
        if (slice_eq_nocase(item->row.system, system) &&
            (found == NULL || (found->builtin && !item->builtin)))
            found = item;
    }
    return found != NULL ? &found->row : NULL;
}

size_t catalogue_count(const struct catalogue *c)
{
    return c != NULL ? c->count : 0;
}

const struct catalogue_row *catalogue_row_at(const struct catalogue *c, size_t index)
{
    return c != NULL && index < c->count ? &c->items[index].row : NULL;
}
