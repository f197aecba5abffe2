#include "events/csv.h"

#include <string.h>

struct csv csv_make(struct slice text, struct arena *arena)
{
    if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
        text = slice_sub(text, 3, text.len);
    return (struct csv){ .rest = text, .arena = arena, .line = 1, .next_line = 1 };
}

static bool fail_at(struct error *err, uint32_t line, size_t column, enum error_code code, const char *what)
{
    error_set(err, code, "%s", what);
    if (err != NULL && err->line == 0) {
        err->line = line;
        err->column = (uint32_t)column;
    }
    return false;
}

bool csv_error(const struct csv *c, enum error_code code, struct error *err, const char *what)
{
    return fail_at(err, c->line, 1, code, what);
}

static void advance(struct csv *c, size_t bytes)
{
    c->rest = slice_sub(c->rest, bytes, c->rest.len);
}

/* Takes one line end when it stands here: LF, CR LF or CR. */
static bool take_line_end(struct csv *c)
{
    if (c->rest.len == 0)
        return false;
    if (c->rest.ptr[0] == '\n') {
        advance(c, 1);
    } else if (c->rest.ptr[0] == '\r') {
        advance(c, c->rest.len > 1 && c->rest.ptr[1] == '\n' ? 2 : 1);
    } else {
        return false;
    }
    c->next_line++;
    return true;
}

/* Bytes from the opening quote to the closing one, both outside; rest.len when it is never closed. */
static size_t quoted_length(struct slice rest)
{
    size_t i = 1;
    while (i < rest.len) {
        if (rest.ptr[i] != '"')
            i++;
        else if (i + 1 < rest.len && rest.ptr[i + 1] == '"')
            i += 2;
        else
            return i - 1;
    }
    return rest.len;
}

/* A cell in quotes; the opening one stands at the front. */
static bool take_quoted(struct csv *c, struct slice *cell, size_t column, struct error *err)
{
    size_t raw = quoted_length(c->rest), len = 0;
    if (raw == c->rest.len)
        return fail_at(err, c->next_line, column, ERROR_SYNTAX, "a quoted cell is never closed");
    if (raw > CSV_CELL_BYTES_MAX)
        return fail_at(err, c->next_line, column, ERROR_LIMIT, "a cell is longer than csv-cell-bytes (4096)");
    char *text = arena_alloc(c->arena, raw + 1);
    for (size_t i = 1; i <= raw; i++) {
        text[len++] = c->rest.ptr[i];
        c->next_line += c->rest.ptr[i] == '\n';
        i += c->rest.ptr[i] == '"';
    }
    *cell = (struct slice){ text, len };
    advance(c, raw + 2);
    if (c->rest.len > 0 && memchr(",\r\n", c->rest.ptr[0], 3) == NULL)
        return fail_at(err, c->next_line, column, ERROR_SYNTAX, "text after the closing quote of a cell");
    return true;
}

static bool take_plain(struct csv *c, struct slice *cell, size_t column, struct error *err)
{
    size_t len = 0;
    while (len < c->rest.len && memchr(",\r\n", c->rest.ptr[len], 3) == NULL) {
        if (c->rest.ptr[len] == '"')
            return fail_at(err, c->next_line, column + len, ERROR_SYNTAX,
                           "a quote inside a cell that does not begin with one");
        len++;
    }
    if (len > CSV_CELL_BYTES_MAX)
        return fail_at(err, c->next_line, column, ERROR_LIMIT, "a cell is longer than csv-cell-bytes (4096)");
    *cell = slice_trim(slice_sub(c->rest, 0, len));
    advance(c, len);
    return true;
}

static bool take_row(struct csv *c, struct slice cells[CSV_CELLS_MAX], size_t *count, struct error *err)
{
    const char *start = c->rest.ptr;
    for (;;) {
        size_t column = (size_t)(c->rest.ptr - start) + 1;
        if (*count == CSV_CELLS_MAX)
            return fail_at(err, c->next_line, column, ERROR_LIMIT,
                           "a row has more than csv-cells (32) cells");
        bool quoted = c->rest.len > 0 && c->rest.ptr[0] == '"';
        if (!(quoted ? take_quoted : take_plain)(c, &cells[*count], column, err))
            return false;
        ++*count;
        if (c->rest.len == 0 || c->rest.ptr[0] != ',')
            return true;
        advance(c, 1);
    }
}

bool csv_row(struct csv *c, struct slice cells[CSV_CELLS_MAX], size_t *count, struct error *err)
{
    *count = 0;
    while (take_line_end(c))
        ;
    if (c->rest.len == 0)
        return true;
    c->line = c->next_line;
    if (!take_row(c, cells, count, err))
        return false;
    take_line_end(c);
    if (c->columns > 0 && *count != c->columns) {
        error_set(err, ERROR_SYNTAX, "the row has %zu cells, the first line names %zu", *count, c->columns);
        return csv_error(c, ERROR_SYNTAX, err, "");
    }
    return true;
}

bool csv_header(struct csv *c, const char *const *names, size_t count, size_t *columns, struct error *err)
{
    struct slice cells[CSV_CELLS_MAX] = { { NULL, 0 } };
    size_t found;
    for (size_t i = 0; i < count; i++)
        columns[i] = CSV_CELLS_MAX;
    if (!csv_row(c, cells, &found, err))
        return false;
    if (found == 0)
        return csv_error(c, ERROR_MISSING, err, "the first line with the column names is missing");
    for (size_t at = 0; at < found; at++) {
        size_t i = 0;
        while (i < count && !slice_is(cells[at], names[i]))
            i++;
        if (i == count || columns[i] != CSV_CELLS_MAX) {
            error_set(err, ERROR_UNKNOWN,
                      i == count ? "unknown column \"%.*s\"" : "column \"%.*s\" stands twice",
                      SLICE_ARG(slice_sub(cells[at], 0, 40)));
            return csv_error(c, ERROR_UNKNOWN, err, "");
        }
        columns[i] = at;
    }
    c->columns = found;
    return true;
}

bool csv_read(struct slice text, struct arena *arena, const struct csv_table *t, void *ctx, struct error *err)
{
    struct csv c = csv_make(text, arena);
    struct slice read[CSV_CELLS_MAX + 1], cells[CSV_CELLS_MAX];
    size_t at[CSV_CELLS_MAX], count;
    if (!csv_header(&c, t->names, t->count, at, err))
        return false;
    for (size_t i = 0; i < t->needed; i++)
        if (at[i] == CSV_CELLS_MAX)
            return csv_error(&c, ERROR_MISSING, err, t->missing);
    read[CSV_CELLS_MAX] = (struct slice){ NULL, 0 }; /* what an absent column holds */
    while (csv_row(&c, read, &count, err)) {
        if (count == 0)
            return true;
        for (size_t i = 0; i < t->count; i++)
            cells[i] = read[at[i]];
        if (!t->row(ctx, &c, cells, err))
            return false;
    }
    return false;
}
