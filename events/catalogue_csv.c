#include "base/map.h"
#include "base/memory.h"
#include "events/catalogue_add.h"
#include "events/csv.h"
#include "events/units.h"

#include <stdlib.h>

enum {
    COL_NAME,
    COL_KIND,
    COL_CLASS,
    COL_SYSTEM,
    COL_CODE,
    COL_SOURCE,
    COL_TEXT,
    COL_UNIT,
    COL_TITLE,
    COL_ATTENDED,
    COLUMNS
};

enum { NAME_BYTES_MAX = 48, TITLE_BYTES_MAX = 40, CATALOGUE_ROWS_MAX = 1000000 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A NAME of the rule language. */
static bool is_name(struct slice s)
{
    if (s.len == 0 || s.len > NAME_BYTES_MAX || !is_letter(s.ptr[0]))
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (!is_letter(s.ptr[i]) && !(s.ptr[i] >= '0' && s.ptr[i] <= '9') && s.ptr[i] != '-' &&
            s.ptr[i] != '_')
            return false;
    return true;
}

static bool read_attended(struct slice s, bool *out)
{
    *out = slice_is(s, "yes");
    return *out || s.len == 0 || slice_is(s, "no");
}

static bool read_row(const struct csv *c, const struct slice *cells, struct catalogue_row *r,
                     struct error *err)
{
    struct slice ucum = unit_ucum(cells[COL_UNIT]);
    *r = (struct catalogue_row){ .name = cells[COL_NAME],
                                 .system = coding_system(cells[COL_SYSTEM]),
                                 .code = cells[COL_CODE],
                                 .source = cells[COL_SOURCE],
                                 .text = cells[COL_TEXT],
                                 .unit = ucum.len > 0 ? ucum : cells[COL_UNIT],
                                 .title = cells[COL_TITLE] };
    if (!is_name(r->name))
        return csv_error(c, ERROR_VALUE, err, "name: a letter, then letters, digits, - and _, at most 48");
    if (!event_kind_find(cells[COL_KIND], &r->kind))
        return csv_error(c, ERROR_VALUE, err,
                         "kind: alarm, call, result, appointment, transport, transfer or order");
    if (!event_class_find(cells[COL_CLASS], &r->class))
        return csv_error(c, ERROR_VALUE, err, "class: lethal, high, medium, call, low, technical or info");
    if (!read_attended(cells[COL_ATTENDED], &r->attended_ends))
        return csv_error(c, ERROR_VALUE, err, "attended-ends: yes or no");
    if (r->code.len == 0 && r->text.len == 0)
        return csv_error(c, ERROR_MISSING, err, "a row needs a code or a text to match on");
    if (r->title.len > TITLE_BYTES_MAX)
        return csv_error(c, ERROR_LIMIT, err, "title: at most 40 bytes");
    return true;
}

/* A file under way: nothing of it counts before all of it is right. */
struct loading {
    struct map *seen; /* name -> the 1-based index of its first row */
    struct catalogue_row *rows;
    size_t count, room;
};

/* One name has one kind and one unit, whatever codes it has: rules compare against both. */
static bool agrees(const struct csv *c, const struct loading *l, const struct catalogue_row *r,
                   struct error *err)
{
    uintptr_t index = (uintptr_t)map_get(l->seen, r->name);
    if (index == 0)
        return true;
    const struct catalogue_row *first = &l->rows[index - 1];
    if (first->kind == r->kind && first->class == r->class && slice_eq(first->unit, r->unit))
        return true;
    return csv_error(c, ERROR_CONFLICT, err, "an earlier row of this name has another kind, class or unit");
}

static bool take_row(void *ctx, const struct csv *c, const struct slice *cells, struct error *err)
{
    struct loading *l = ctx;
    struct catalogue_row r;
    if (!read_row(c, cells, &r, err) || !agrees(c, l, &r, err))
        return false;
    if (l->count == CATALOGUE_ROWS_MAX)
        return csv_error(c, ERROR_LIMIT, err, "more rows than catalogue-rows (1000000)");
    MEMORY_ROOM(l->rows, l->count, l->room);
    l->rows[l->count++] = r;
    if (map_get(l->seen, r.name) == NULL)
        map_put(l->seen, r.name, (void *)(uintptr_t)l->count);
    return true;
}

bool catalogue_add_csv(struct catalogue *c, struct slice csv, struct error *err)
{
    static const char *const names[COLUMNS] = { "name",   "kind", "class", "system", "code",
                                                "source", "text", "unit",  "title",  "attended-ends" };
    static const struct csv_table table = { names, COLUMNS, COL_CLASS + 1,
                                            "the columns name, kind and class are needed", take_row };
    struct arena *arena = catalogue_arena(c);
    struct loading l = { .seen = map_new() };
    bool ok = csv_read(arena_copy(arena, csv), arena, &table, &l, err);
    map_free(&l.seen, NULL);
    for (size_t i = 0; ok && i < l.count; i++)
        catalogue_put(c, l.rows[i], false);
    if (ok)
        catalogue_settle(c);
    free(l.rows);
    return ok;
}
