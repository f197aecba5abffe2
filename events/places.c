#include "events/places.h"

#include "base/memory.h"
#include "events/csv.h"

#include <stdlib.h>

struct row {
    struct place sent, own;
};

/* A bed of the site as (unit, bed), and each unit once more by itself. */
struct own {
    struct place place;
    bool whole; /* the unit */
};

#define NO_OWN UINT32_MAX

struct place_map {
    struct arena *arena;
    struct row *rows;
    size_t count, room;
    struct own *own;
    size_t own_count, own_room;
    uint32_t *slots; /* open addressing: index in own, or NO_OWN; at most half full */
    size_t mask;
};

struct place_map *place_map_new(void)
{
    struct place_map *m = memory_new(sizeof *m);
    m->arena = arena_new();
    return m;
}

void place_map_free(struct place_map **m)
{
    if (m == NULL || *m == NULL)
        return;
    arena_free(&(*m)->arena);
    free((*m)->rows);
    free((*m)->own);
    free((*m)->slots);
    free(*m);
    *m = NULL;
}

enum { SENT_UNIT, OWN_UNIT, SENT_ROOM, SENT_BED, OWN_ROOM, OWN_BED, COLUMNS };

static bool take_row(void *ctx, const struct csv *c, const struct slice *cells, struct error *err)
{
    struct place_map *m = ctx;
    struct row r = { { cells[SENT_UNIT], cells[SENT_ROOM], cells[SENT_BED] },
                     { cells[OWN_UNIT], cells[OWN_ROOM], cells[OWN_BED] } };
    if (r.own.unit.len == 0)
        return csv_error(c, ERROR_MISSING, err, "the row names no unit");
    if (r.sent.unit.len + r.sent.room.len + r.sent.bed.len == 0)
        return csv_error(c, ERROR_MISSING, err, "the row names nothing that is sent");
    MEMORY_ROOM(m->rows, m->count, m->room);
    m->rows[m->count++] = r;
    return true;
}

bool place_map_add_csv(struct place_map *m, struct slice csv, struct error *err)
{
    static const char *const names[COLUMNS] = { "sent-unit", "unit", "sent-room", "sent-bed", "room", "bed" };
    static const struct csv_table table = { names, COLUMNS, SENT_ROOM,
                                            "the columns sent-unit and unit are needed", take_row };
    size_t before = m->count;
    if (csv_read(arena_copy(m->arena, csv), m->arena, &table, m, err))
        return true;
    m->count = before;
    return false;
}

/* --- the site's own places: a hospital has thousands of beds, and every event has one --------------------
 */

static uint64_t hash_nocase(struct slice text, uint64_t seed)
{
    char low[64]; /* what is longer than this is told apart by comparing */
    size_t len = text.len < sizeof low ? text.len : sizeof low;

    for (size_t i = 0; i < len; i++)
        low[i] = (char)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] | 0x20 : text.ptr[i]);
    return slice_hash((struct slice){ low, len }, seed);
}

/* Where it stands, or the free slot where it would. The table has room. */
static uint32_t *own_slot(const struct place_map *m, struct slice unit, struct slice bed, bool whole)
{
    uint64_t hash = hash_nocase(unit, whole ? 2 : 1);

    if (!whole)
        hash ^= hash_nocase(bed, 3);
    for (size_t at = hash & m->mask;; at = (at + 1) & m->mask) {
        const struct own *o = m->slots[at] != NO_OWN ? &m->own[m->slots[at]] : NULL;
        if (o == NULL || (o->whole == whole && slice_eq_nocase(o->place.unit, unit) &&
                          (whole || slice_eq_nocase(o->place.bed, bed))))
            return &m->slots[at];
    }
}

static void make_slots(struct place_map *m)
{
    size_t room = m->slots == NULL ? 64 : 2 * (m->mask + 1);

    free(m->slots);
    m->slots = memory_array(room, sizeof *m->slots);
    m->mask = room - 1;
    for (size_t i = 0; i < room; i++)
        m->slots[i] = NO_OWN;
    for (size_t i = 0; i < m->own_count; i++)
        *own_slot(m, m->own[i].place.unit, m->own[i].place.bed, m->own[i].whole) = (uint32_t)i;
}

/* The first spelling stays. */
static void add_own(struct place_map *m, struct slice unit, struct slice bed, bool whole)
{
    if (m->slots == NULL || 2 * (m->own_count + 1) > m->mask)
        make_slots(m);
    uint32_t *slot = own_slot(m, unit, bed, whole);
    if (*slot != NO_OWN)
        return;
    *slot = (uint32_t)m->own_count;
    MEMORY_ROOM(m->own, m->own_count, m->own_room);
    m->own[m->own_count++] =
        (struct own){ { .unit = arena_copy(m->arena, unit), .bed = arena_copy(m->arena, bed) }, whole };
}

void place_map_add_own(struct place_map *m, struct slice unit, struct slice bed)
{
    add_own(m, unit, bed, false);
    add_own(m, unit, (struct slice){ NULL, 0 }, true);
}

static const struct place *find_own(const struct place_map *m, const struct place *sent, bool whole)
{
    uint32_t at = m->slots != NULL ? *own_slot(m, sent->unit, sent->bed, whole) : NO_OWN;

    return at != NO_OWN ? &m->own[at].place : NULL;
}

/* How many of the row's parts match what was sent; 0 when one of them does not. */
static unsigned fullness(const struct row *r, const struct place *sent)
{
    const struct slice want[] = { r->sent.unit, r->sent.room, r->sent.bed };
    const struct slice have[] = { sent->unit, sent->room, sent->bed };
    unsigned n = 0;
    for (size_t i = 0; i < 3; i++) {
        if (want[i].len == 0)
            continue;
        if (!slice_eq_nocase(want[i], slice_trim(have[i])))
            return 0;
        n++;
    }
    return n;
}

/* The unit alone is enough: a bed that the site has not listed is still in that unit. */
static bool is_own(const struct place_map *m, const struct place *sent, struct place *out)
{
    const struct place *bed = find_own(m, sent, false), *unit = find_own(m, sent, true);

    if (bed != NULL)
        *out = (struct place){ bed->unit, sent->room, bed->bed };
    else if (unit != NULL)
        *out = (struct place){ unit->unit, sent->room, sent->bed };
    return bed != NULL || (unit != NULL && sent->bed.len == 0);
}

bool place_map_find(const struct place_map *m, struct place sent, struct place *out)
{
    const struct row *best = NULL;
    unsigned most = 0;
    sent = (struct place){ slice_trim(sent.unit), slice_trim(sent.room), slice_trim(sent.bed) };
    *out = sent;
    if (sent.unit.len + sent.room.len + sent.bed.len == 0)
        return true;
    for (size_t i = 0; m != NULL && i < m->count; i++) {
        unsigned n = fullness(&m->rows[i], &sent);
        if (n > most) {
            most = n;
            best = &m->rows[i];
        }
    }
    if (best == NULL)
        return m != NULL && is_own(m, &sent, out);
    *out = best->own;
    if (best->own.room.len == 0)
        out->room = sent.room;
    if (best->own.bed.len == 0)
        out->bed = sent.bed;
    return true;
}
