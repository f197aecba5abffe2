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

static bool read_row(const struct csv *c, const struct slice *cells, const size_t *at,
                     struct catalogue_row *r, struct error *err)
{
    struct slice ucum = unit_ucum(cells[at[COL_UNIT]]);
    *r = (struct catalogue_row){ .name = cells[at[COL_NAME]],
                                 .system = coding_system(cells[at[COL_SYSTEM]]),
                                 .code = cells[at[COL_CODE]],
                                 .source = cells[at[COL_SOURCE]],
                                 .text = cells[at[COL_TEXT]],
                                 .unit = ucum.len > 0 ? ucum : cells[at[COL_UNIT]],
                                 .title = cells[at[COL_TITLE]] };
    if (!is_name(r->name))
        return csv_error(c, ERROR_VALUE, err, "name: a letter, then letters, digits, - and _, at most 48");
    if (!event_kind_find(cells[at[COL_KIND]], &r->kind))
        return csv_error(c, ERROR_VALUE, err,
                         "kind: alarm, call, result, appointment, transport, transfer or order");
    if (!event_class_find(cells[at[COL_CLASS]], &r->class))
        return csv_error(c, ERROR_VALUE, err, "class: lethal, high, medium, call, low, technical or info");
    if (!read_attended(cells[at[COL_ATTENDED]], &r->attended_ends))
        return csv_error(c, ERROR_VALUE, err, "attended-ends: yes or no");
    if (r->code.len == 0 && r->text.len == 0)
        return csv_error(c, ERROR_MISSING, err, "a row needs a code or a text to match on");
    if (r->title.len > TITLE_BYTES_MAX)
        return csv_error(c, ERROR_LIMIT, err, "title: at most 40 bytes");
    return true;
}

/* One name has one kind and one unit, whatever codes it has: rules compare against both. `seen` maps a
 * name to the 1-based index of its first row. */
static bool agrees(const struct csv *c, const struct map *seen, const struct catalogue_row *rows,
                   const struct catalogue_row *r, struct error *err)
{
    uintptr_t index = (uintptr_t)map_get(seen, r->name);
    if (index == 0)
        return true;
    const struct catalogue_row *first = &rows[index - 1];
    if (first->kind == r->kind && first->class == r->class && slice_eq(first->unit, r->unit))
        return true;
    return csv_error(c, ERROR_CONFLICT, err, "an earlier row of this name has another kind, class or unit");
}

static bool read_rows(struct csv *c, struct map *seen, struct catalogue_row **rows, size_t *count,
                      struct error *err)
{
    static const char *const names[COLUMNS] = { "name",   "kind", "class", "system", "code",
                                                "source", "text", "unit",  "title",  "attended-ends" };
    size_t at[COLUMNS], cells_count, room = 0;
    struct slice cells[CSV_CELLS_MAX + 1];
    if (!csv_header(c, names, COLUMNS, at, err))
        return false;
    if (at[COL_NAME] == CSV_CELLS_MAX || at[COL_KIND] == CSV_CELLS_MAX || at[COL_CLASS] == CSV_CELLS_MAX)
        return csv_error(c, ERROR_MISSING, err, "the columns name, kind and class are needed");
    cells[CSV_CELLS_MAX] = (struct slice){ NULL, 0 }; /* what an absent column holds */
    while (csv_row(c, cells, &cells_count, err)) {
        struct catalogue_row r;
        if (cells_count == 0)
            return true;
        if (!read_row(c, cells, at, &r, err) || !agrees(c, seen, *rows, &r, err))
            return false;
        if (*count == CATALOGUE_ROWS_MAX)
            return csv_error(c, ERROR_LIMIT, err, "more rows than catalogue-rows (1000000)");
        MEMORY_ROOM(*rows, *count, room);
        (*rows)[(*count)++] = r;
        if (map_get(seen, r.name) == NULL)
            map_put(seen, r.name, (void *)(uintptr_t)*count);
    }
    return false;
}

bool catalogue_add_csv(struct catalogue *c, struct slice csv, struct error *err)
{
    struct arena *arena = catalogue_arena(c);
    struct csv reader = csv_make(arena_copy(arena, csv), arena);
    struct catalogue_row *rows = NULL;
    size_t count = 0;
    struct map *seen = map_new();
    bool ok = read_rows(&reader, seen, &rows, &count, err);
    map_free(&seen, NULL);
    for (size_t i = 0; ok && i < count; i++)
        catalogue_put(c, rows[i], false);
    if (ok)
        catalogue_settle(c);
    free(rows);
    return ok;
}
