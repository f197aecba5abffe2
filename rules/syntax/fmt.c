#include "rules/syntax/fmt_words.h"

static void put_blanks(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_u8(out, ' ');
}

/* May an empty line stand there? Not at the start of the file or of a block, nor inside a part. */
static bool may_be_empty(const struct fmt *f, size_t i, bool first)
{
    const struct word *w = &f->words[i];

    if (first && (i == 0 || f->words[i - 1].opens))
        return false;
    return w->item || w->closes || i == f->count;
}

static void put_leads(struct buf *out, const struct fmt *f, size_t i)
{
    const struct word *w = &f->words[i];

    for (size_t k = 0; k < w->lead_count; k++) {
        if (w->leads[k].blank && may_be_empty(f, i, k == 0))
            buf_text(out, "\n");
        put_blanks(out, w->lead_indent);
        buf_put(out, w->leads[k].text);
        buf_text(out, "\n");
    }
    if (w->blank && i < f->count && !w->closes && may_be_empty(f, i, w->lead_count == 0))
        buf_text(out, "\n");
}

/* Where the comment behind the line that begins at word i stands: comments of neighbouring lines that
 * stood below each other go on doing so, further right when a line has grown. */
static size_t tail_column(const struct fmt *f, size_t i)
{
    size_t column = 0, wanted = 0;

    for (size_t at = i; at < f->count;) {
        size_t end = fmt_line_end(f, at), width = f->words[at].indent + fmt_width(f, at, end) + 3;
        const struct word *last = &f->words[end - 1];
        if (last->tail.len == 0 || (at != i && (last->tail_column != wanted || f->words[at].lead_count > 0)))
            break;
        wanted = last->tail_column;
        column = column > wanted ? column : wanted;
        column = column > width ? column : width;
        at = end;
    }
    return column;
}

static void put_line(struct buf *out, const struct fmt *f, size_t first, size_t end, size_t column)
{
    put_blanks(out, f->words[first].indent);
    for (size_t i = first; i < end; i++) {
        put_blanks(out, i > first ? fmt_gap(f, i) : 0);
        buf_put(out, f->words[i].token.text);
    }
    if (f->words[end - 1].tail.len > 0) {
        put_blanks(out, column - 1 - f->words[first].indent - fmt_width(f, first, end));
        buf_put(out, f->words[end - 1].tail);
    }
    buf_text(out, "\n");
}

static void put_all(struct buf *out, const struct fmt *f)
{
    size_t column = 0, wanted = 0;
    bool follows = false; /* the line above has a comment at `wanted` */

    for (size_t i = 0, end; i < f->count; i = end) {
        end = fmt_line_end(f, i);
        const struct word *last = &f->words[end - 1];
        if (!follows || last->tail_column != wanted || f->words[i].lead_count > 0)
            column = tail_column(f, i);
        follows = last->tail.len > 0;
        wanted = last->tail_column;
        put_leads(out, f, i);
        put_line(out, f, i, end, column);
    }
    put_leads(out, f, f->count);
}

/* The same words and comments in the same order: a formatter that loses one must not get far. */
static bool same_words(struct arena *arena, const struct token_list *before, struct slice after)
{
    struct source_file file = { SLICE("formatted"), after };
    struct diagnostics quiet;
    struct token_list now;

    diagnostics_init(&quiet, arena, &file, 1);
    syntax_tokens(arena, &file, 0, &quiet, &now);
    bool same = quiet.errors == 0 && now.count == before->count;
    for (size_t i = 0; same && i < now.count; i++)
        same = now.items[i].class == before->items[i].class &&
               slice_eq(now.items[i].text, before->items[i].text);
    diagnostics_free(&quiet);
    return same;
}

bool syntax_format(struct arena *arena, const struct source_file *source, uint32_t file,
                   struct diagnostics *d, struct buf *out)
{
    size_t errors = d->errors, from = out->len;
    struct token_list tokens;

    syntax_tokens(arena, source, file, d, &tokens);
    if (d->errors > errors)
        return false;
    struct fmt f = fmt_read(arena, &tokens);
    fmt_items(&f);
    fmt_layout(&f);
    fmt_align(&f);
    put_all(out, &f);
    if (!out->failed && same_words(arena, &tokens, slice_sub(buf_slice(out), from, out->len - from)))
        return true;
    out->len = from;
    diagnose(d, SEVERITY_ERROR, 190, (struct span){ file, 1, 1, 0 },
             "formatting would have changed more than white space");
    diagnose_hint(d, "the file stays as it is; this is a fault of the formatter, please report it");
    return false;
}
