/* One column of time, one row a step, so texts cannot meet however many steps there are. Distances grow
 * with the logarithm of the time between: half a minute and ten both stay visible. */
#include "base/time.h"
#include "base/utf8.h"
#include "nightbell/print_rules.h"

enum { WIDTH = 700, LABEL_X = 78, SPINE_X = 96, TEXT_X = 116, LINE = 17, CHARS = 74, LINES_MAX = 24 };

void markup_put(struct buf *out, struct slice text)
{
    bool fine = utf8_valid(text);

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '&')
            buf_text(out, "&amp;");
        else if (c == '<')
            buf_text(out, "&lt;");
        else if (c == '>')
            buf_text(out, "&gt;");
        else if (c == '"')
            buf_text(out, "&quot;");
        else
            buf_u8(out, c < 0x20 || c == 0x7f || (c >= 0x80 && !fine) ? ' ' : c);
    }
}

void print_time(struct buf *out, int64_t us)
{
    if (us % TIME_HOUR == 0 && us > 0)
        buf_printf(out, "%lld h", (long long)(us / TIME_HOUR));
    else if (us % TIME_MIN == 0 && us > 0)
        buf_printf(out, "%lld min", (long long)(us / TIME_MIN));
    else
        buf_printf(out, "%lld s", (long long)(us / TIME_S));
}

/* The first line of at most CHARS characters, cut at a blank where there is one; *rest moves past it. */
static struct slice wrap_line(struct slice *rest)
{
    size_t chars = 0, end = 0, blank = 0;

    for (; end < rest->len && chars < CHARS; end++) {
        chars += ((unsigned char)rest->ptr[end] & 0xc0) != 0x80;
        if (rest->ptr[end] == ' ')
            blank = end;
    }
    while (end < rest->len && ((unsigned char)rest->ptr[end] & 0xc0) == 0x80)
        end++;
    if (end < rest->len && blank > 0)
        end = blank;
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_trim(slice_sub(*rest, end, rest->len));
    return line;
}

/* Draws the text from y on; the y below it. */
static int put_lines(struct buf *out, struct slice text, int y, const char *class)
{
    for (int i = 0; text.len > 0 && i < LINES_MAX; i++) {
        struct slice line = wrap_line(&text);
        buf_printf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", TEXT_X, y, class);
        markup_put(out, line);
        buf_text(out, "</text>\n");
        y += LINE;
    }
    return y;
}

static void put_label(struct buf *out, int y, int64_t us)
{
    buf_printf(out, "<text x=\"%d\" y=\"%d\" class=\"time\">", LABEL_X, y);
    print_time(out, us);
    buf_text(out, "</text>\n");
}

/* Level by shape as well as by colour: a disc is loud, a ring is normal, a small ring silent; a square asks
 * no answer. */
static void put_mark(struct buf *out, int y, const struct told_step *s)
{
    static const char *const classes[] = { "normal", "urgent", "silent" };
    int r = s->level == TOLD_SILENT ? 4 : 7;

    if (s->fyi)
        buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"%s\"/>\n",
                   SPINE_X - r + 1, y - r + 1, 2 * r - 2, 2 * r - 2, classes[s->level]);
    else
        buf_printf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" class=\"%s\"/>\n", SPINE_X, y, r,
                   classes[s->level]);
}

static int gap_for(int64_t us)
{
    int gap = 8;

    for (int64_t step = 10 * TIME_S; us > step && gap < 56; step *= 2)
        gap += 6;
    return gap;
}

static void put_spine(struct buf *out, int from, int to, const char *class)
{
    buf_printf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" class=\"%s\"/>\n", SPINE_X, from, SPINE_X,
               to, class);
}

static int put_hold(struct buf *out, const struct told *t, int y)
{
    struct buf text = buf_make(256);

    if (t->hold_us == 0)
        return y;
    buf_text(&text, "waits ");
    tell_duration(&text, t->hold_us);
    put_lines(out, buf_slice(&text), y, "how");
    buf_free(&text);
    put_spine(out, y - 4, y + 26, "wait");
    return y + 30;
}

/* What stands below whom a step tells: its condition without the time, and how it rings. */
static void put_manner(struct buf *out, const struct told_step *s)
{
    struct slice condition = s->when;

    slice_cut(&condition, ',');
    if (s->at_us > 0)
        buf_put(out, slice_trim(condition));
    if (out->len > 0 && s->how.len > 0)
        buf_text(out, "; ");
    buf_put(out, s->how);
}

/* `row` gets the height of the step's mark. */
static int put_step(struct buf *out, const struct told *t, size_t i, int y, int *row)
{
    const struct told_step *s = &t->steps[i];
    int64_t before = i > 0 ? t->steps[i - 1].at_us : s->at_us;
    struct buf manner = buf_make(4096);

    y += i > 0 ? gap_for(s->at_us - before) : 0;
    *row = y - 4;
    if (i == 0 || s->at_us != before)
        put_label(out, y, s->at_us);
    put_mark(out, *row, s);
    int below = put_lines(out, s->whom, y, "whom");
    put_manner(&manner, s);
    below = put_lines(out, buf_slice(&manner), below, "how");
    buf_free(&manner);
    return below;
}

static int put_repeat(struct buf *out, const struct told *t, int y, int row)
{
    if (t->repeat_every_us == 0)
        return y;
    y += 12;
    put_label(out, y, t->repeat_from_us + t->repeat_every_us);
    put_spine(out, row, y + 14, "again");
    return put_lines(out, t->repeat, y, "how");
}

static void put_style(struct buf *out)
{
    buf_text(out,
             "<style>text{font:13px system-ui,'DejaVu Sans',Arial,sans-serif;fill:#1b2733}"
             ".time{text-anchor:end;font-weight:600}.whom{font-weight:600}.how{fill:#4a5968}"
             ".spine{stroke:#8a99a8;stroke-width:2}.wait{stroke:#8a99a8;stroke-width:2;stroke-dasharray:2 4}"
             ".again{stroke:#8a99a8;stroke-width:2;stroke-dasharray:7 4}"
             ".urgent{fill:#b3261e;stroke:#b3261e}.normal{fill:#fff;stroke:#1f5fa8;stroke-width:3}"
             ".silent{fill:#fff;stroke:#4a5968;stroke-width:2}</style>\n");
}

static void put_about(struct buf *out, const struct told *t, size_t id)
{
    struct slice name = t->title.len > 0 ? t->title : t->kind;

    buf_printf(out, "<title id=\"t%zu\">Timeline: ", id);
    markup_put(out, name);
    buf_printf(out, "</title>\n<desc id=\"d%zu\">", id);
    for (size_t i = 0; i < t->step_count; i++) {
        markup_put(out, t->steps[i].when);
        buf_text(out, ": ");
        markup_put(out, t->steps[i].whom);
        buf_text(out, ". ");
    }
    markup_put(out, t->repeat);
    markup_put(out, t->ignores);
    buf_text(out, "</desc>\n");
}

void print_svg(struct buf *out, const struct told *t, size_t id)
{
    struct buf rows = buf_make(1 << 20), spine = buf_make(1 << 16);
    int y = put_hold(&rows, t, 22), row = y - 4, first = row;

    for (size_t i = 0; i < t->step_count; i++)
        y = put_step(&rows, t, i, y, &row);
    if (row > first)
        put_spine(&spine, first, row, "spine");
    y = t->ignores.len > 0 ? put_lines(&rows, t->ignores, y, "how") : put_repeat(&spine, t, y, row);
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "role=\"img\" aria-labelledby=\"t%zu d%zu\">\n",
               WIDTH, y, WIDTH, y, id, id);
    put_about(out, t, id);
    put_style(out);
    buf_put(out, buf_slice(&spine)); /* below the marks */
    buf_put(out, buf_slice(&rows));
    buf_text(out, "</svg>\n");
    buf_free(&rows);
    buf_free(&spine);
}
