/* events/csv.h - the strict CSV of catalogues, places and rosters (RFC 4180, with LF accepted).
 *
 * A quote may only open a cell, "" inside it is one quote, and after the closing quote comes a comma or
 * the line's end. A quoted cell may hold line ends. Every error has its line and column (bytes). */
#ifndef NIGHTBELL_EVENTS_CSV_H
#define NIGHTBELL_EVENTS_CSV_H

#include "base/arena.h"
#include "base/error.h"

enum { CSV_CELLS_MAX = 32, CSV_CELL_BYTES_MAX = 4096 };

struct csv {
    struct slice rest;
    struct arena *arena; /* cells with quotes are unfolded here */
    uint32_t line;       /* 1-based line at which the last row began */
    uint32_t next_line;
    size_t columns; /* cells of the header; every row must have as many */
};

/* A byte order mark before the first line is skipped. */
struct csv csv_make(struct slice text, struct arena *arena);
/* The next row that is not an empty line: cells borrow from the text or the arena. At the end *count
 * is 0 and the answer true. False with a located error on a malformed row. */
bool csv_row(struct csv *c, struct slice cells[CSV_CELLS_MAX], size_t *count, struct error *err);
/* Reads the header and finds each of `names` in it: columns[i] is the place of names[i], CSV_CELLS_MAX
 * when absent. A column that is none of these, or stands twice, is an error. */
bool csv_header(struct csv *c, const char *const *names, size_t count, size_t *columns, struct error *err);
/* A located error about the row read last. Returns false. */
bool csv_error(const struct csv *c, enum error_code code, struct error *err, const char *what);

/* A table with named columns, in any order. */
struct csv_table {
    const char *const *names;
    size_t count, needed; /* how many of the names, from the first on, must be there */
    const char *missing;  /* what is said when one of those is not */
    /* One row: cells in the order of `names`, an absent column's empty. False stops, with csv_error. */
    bool (*row)(void *ctx, const struct csv *c, const struct slice *cells, struct error *err);
};
/* Every row of a text whose cells live as long as it and the arena do. False with a located error. */
bool csv_read(struct slice text, struct arena *arena, const struct csv_table *t, void *ctx,
              struct error *err);

#endif
