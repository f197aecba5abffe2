#include "events/places.h"

#include "base/memory.h"
#include "events/csv.h"

#include <stdlib.h>

struct row {
    struct place sent, own;
};

struct place_map {
    struct arena *arena;
    struct row *rows;
    size_t count, room;
    struct place *own; /* the site's beds; bed empty: the unit itself */
    size_t own_count, own_room;
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

void place_map_add_own(struct place_map *m, struct slice unit, struct slice bed)
{
    MEMORY_ROOM(m->own, m->own_count, m->own_room);
    m->own[m->own_count++] =
        (struct place){ .unit = arena_copy(m->arena, unit), .bed = arena_copy(m->arena, bed) };
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
    const struct place *unit = NULL;
    for (size_t i = 0; i < m->own_count; i++) {
        const struct place *own = &m->own[i];
        if (!slice_eq_nocase(own->unit, sent->unit))
            continue;
        unit = own;
        if (slice_eq_nocase(own->bed, sent->bed)) {
            *out = (struct place){ own->unit, sent->room, own->bed };
            return true;
        }
    }
    if (unit != NULL)
        *out = (struct place){ unit->unit, sent->room, sent->bed };
    return unit != NULL && sent->bed.len == 0;
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
