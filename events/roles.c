#include "events/roles.h"

#include "base/arena.h"
#include "base/memory.h"
#include "events/csv.h"

#include <stdlib.h>

struct row {
    struct slice code, system, role;
    uint32_t line;
};

struct role_map {
    struct arena *arena;
    struct row *rows;
    size_t count, room;
    struct slice *own;
    size_t own_count, own_room;
};

struct role_map *role_map_new(void)
{
    struct role_map *m = memory_new(sizeof *m);

    m->arena = arena_new();
    return m;
}

void role_map_free(struct role_map **m)
{
    if (m == NULL || *m == NULL)
        return;
    arena_free(&(*m)->arena);
    free((*m)->rows);
    free((*m)->own);
    free(*m);
    *m = NULL;
}

enum { CODE, ROLE, SYSTEM, COLUMNS };

static bool take_row(void *ctx, const struct csv *c, const struct slice *cells, struct error *err)
{
    struct role_map *m = ctx;
    struct row r = { cells[CODE], cells[SYSTEM], cells[ROLE], c->line };

    if (r.code.len == 0 || r.role.len == 0)
        return csv_error(c, ERROR_MISSING, err, "the row needs a code and a role");
    MEMORY_ROOM(m->rows, m->count, m->room);
    m->rows[m->count++] = r;
    return true;
}

bool role_map_add_csv(struct role_map *m, struct slice csv, struct error *err)
{
    static const char *const names[COLUMNS] = { "code", "role", "system" };
    static const struct csv_table table = { names, COLUMNS, SYSTEM, "the columns code and role are needed",
                                            take_row };
    size_t before = m->count;

    if (csv_read(arena_copy(m->arena, csv), m->arena, &table, m, err))
        return true;
    m->count = before;
    return false;
}

void role_map_add_own(struct role_map *m, struct slice role)
{
    MEMORY_ROOM(m->own, m->own_count, m->own_room);
    m->own[m->own_count++] = arena_copy(m->arena, role);
}

struct slice role_map_find(const struct role_map *m, struct slice system, struct slice code)
{
    const struct slice none = { NULL, 0 };
    struct slice any = none;

    if (m == NULL || code.len == 0)
        return none;
    for (size_t i = 0; i < m->count; i++) {
        const struct row *r = &m->rows[i];
        if (!slice_eq_nocase(r->code, code))
            continue;
        if (r->system.len > 0 && slice_eq_nocase(r->system, system))
            return r->role;
        if (r->system.len == 0 && any.len == 0)
            any = r->role;
    }
    for (size_t i = 0; i < m->own_count && any.len == 0; i++)
        if (slice_eq_nocase(m->own[i], code))
            any = m->own[i];
    return any;
}

size_t role_map_count(const struct role_map *m)
{
    return m->count;
}

struct slice role_map_at(const struct role_map *m, size_t index, uint32_t *line)
{
    *line = m->rows[index].line;
    return m->rows[index].role;
}
