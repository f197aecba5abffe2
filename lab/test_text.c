/* The timeline of a failed test, a line a moment. */
#include "lab/tests.h"

#define RED  "\033[31m"
#define DIM  "\033[2m"
#define BOLD "\033[1m"
#define OFF  "\033[0m"

static const char *paint(bool colour, const char *code)
{
    return colour ? code : "";
}

static void put_row(const struct lab_test_result *r, const struct lab_test_row *row, size_t widest,
                    bool colour, struct buf *out)
{
    char at[TIME_TEXT];
    struct slice when = duration_text(row->at_us, at);

    if (!row->wrong) {
        buf_printf(out, "  %s%8.*s  %.*s%s\n", paint(colour, DIM), SLICE_ARG(when), SLICE_ARG(row->expected),
                   paint(colour, OFF));
        return;
    }
    buf_printf(out, "%s! %8.*s%s  ", paint(colour, RED), SLICE_ARG(when), paint(colour, OFF));
    if (row->expected.len > 0)
        buf_printf(out, "expected %-*.*s | got %s%.*s%s", (int)widest, SLICE_ARG(row->expected),
                   paint(colour, RED), SLICE_ARG(row->got), paint(colour, OFF));
    else
        buf_printf(out, "%s%.*s%s", paint(colour, RED), SLICE_ARG(row->why), paint(colour, OFF));
    buf_printf(out, "  %s%.*s:%u%s\n", paint(colour, DIM), SLICE_ARG(r->file), row->line, paint(colour, OFF));
    if (row->expected.len > 0 && row->why.len > 0)
        buf_printf(out, "            %s%.*s%s\n", paint(colour, DIM), SLICE_ARG(row->why),
                   paint(colour, OFF));
}

/* What follows from the first few is not worth a screen. */
enum { WRONG_SHOWN = 8 };

void lab_test_text(const struct lab_test_result *r, bool colour, struct buf *out)
{
    size_t widest = 0, wrong = 0;

    buf_printf(out, "%s%.*s%s  %.*s:%u\n", paint(colour, BOLD), SLICE_ARG(r->name), paint(colour, OFF),
               SLICE_ARG(r->file), r->line);
    for (size_t i = 0; i < r->row_count; i++)
        if (r->rows[i].wrong && r->rows[i].expected.len > widest)
            widest = r->rows[i].expected.len;
    widest = widest > 48 ? 48 : widest;
    for (size_t i = 0; i < r->row_count; i++) {
        wrong += r->rows[i].wrong;
        if (wrong <= WRONG_SHOWN)
            put_row(r, &r->rows[i], widest, colour, out);
    }
    if (wrong > WRONG_SHOWN)
        buf_printf(out, "            ... and %zu more moments that were not as expected\n",
                   wrong - WRONG_SHOWN);
}
