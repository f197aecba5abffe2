#include "nightbell/print_rules.h"

enum { COLUMNS = 100 };

/* Words wrapped at `indent`; the first line goes on where the cursor stands, at `column`. */
static void put_wrapped(struct buf *out, struct slice text, size_t column, int indent)
{
    bool first = true;

    while (text.len > 0) {
        struct slice word = slice_cut(&text, ' ');
        if (!first && column + 1 + word.len > COLUMNS) {
            buf_printf(out, "\n%*s", indent, "");
            column = (size_t)indent;
        } else if (!first) {
            buf_text(out, " ");
            column++;
        }
        buf_put(out, word);
        column += word.len;
        first = false;
    }
    buf_text(out, "\n");
}

static void put_paragraph(struct buf *out, struct slice text)
{
    if (text.len == 0)
        return;
    buf_text(out, "  ");
    put_wrapped(out, text, 2, 2);
}

static void put_step(struct buf *out, const struct told_step *s, int64_t before, bool first, bool colour)
{
    struct buf time = buf_make(64), line = buf_make(1 << 16);
    static const char *const marks[] = { "o", "*", "." };

    if (first || s->at_us != before)
        print_time(&time, s->at_us);
    buf_printf(out, "%10.*s  %s%s%s ", SLICE_ARG(buf_slice(&time)),
               colour && s->level == TOLD_URGENT ? "\x1b[1;31m" : "", s->fyi ? "i" : marks[s->level],
               colour && s->level == TOLD_URGENT ? "\x1b[0m" : "");
    struct slice condition = s->when;
    slice_cut(&condition, ',');
    if (s->at_us > 0)
        buf_printf(&line, "%.*s: ", SLICE_ARG(slice_trim(condition)));
    buf_put(&line, s->whom);
    if (s->how.len > 0)
        buf_printf(&line, " (%.*s)", SLICE_ARG(s->how));
    put_wrapped(out, buf_slice(&line), 14, 14);
    buf_free(&time);
    buf_free(&line);
}

static void put_rule(struct buf *out, const struct printed_rule *r, bool colour)
{
    const struct told *t = &r->told;

    buf_printf(out, "%s%.*s %.*s%s", colour ? "\x1b[1m" : "", SLICE_ARG(t->kind), SLICE_ARG(t->name),
               colour ? "\x1b[0m" : "");
    if (t->title.len > 0)
        buf_printf(out, ": %.*s", SLICE_ARG(t->title));
    if (t->mode.len > 0 && !slice_is(t->mode, "live"))
        buf_printf(out, "   [%.*s: tells nobody]", SLICE_ARG(t->mode));
    buf_printf(out, "   %.12s\n", r->hash);
    put_paragraph(out, t->when);
    for (size_t i = 0; i < t->clause_count; i++)
        put_paragraph(out, t->clauses[i]);
    for (size_t i = 0; i < t->step_count; i++)
        put_step(out, &t->steps[i], i > 0 ? t->steps[i - 1].at_us : 0, i == 0, colour);
    put_paragraph(out, t->repeat);
    put_paragraph(out, r->appended);
    put_paragraph(out, t->ends);
    put_paragraph(out, t->ignores);
    buf_text(out, "\n");
}

void print_text(struct buf *out, const struct printed *p, bool colour)
{
    for (size_t i = 0; i < p->count; i++)
        put_rule(out, &p->rules[i], colour);
    buf_printf(out, "* loud  o normal  . silent  i for information\nsite %.*s  %s  hash %.12s\n",
               SLICE_ARG(p->site->name), p->date, p->hash);
}
