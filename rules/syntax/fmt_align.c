/* Columns: neighbouring lines of one kind have their parts below each other. */
#include "rules/syntax/fmt_words.h"

static bool any_of(const struct word *w, const char *const *list)
{
    for (; *list != NULL; list++)
        if (word_is(w, *list))
            return true;
    return false;
}

static const char *const lists[] = { "codes", "places", "group", "shift", NULL };
static const char *const blocks[] = { "unit",  "person", "rota",   "message",  "default",
                                      "chain", "map",    "listen", "endpoint", NULL };

/* The first word of the line that is this keyword, sign or class gets the tab. */
static void tab_keyword(struct fmt *f, size_t first, size_t end, const char *keyword, unsigned tab)
{
    for (size_t i = first + 1; i < end; i++)
        if (word_is(&f->words[i], keyword)) {
            f->words[i].tab = tab;
            return;
        }
}

static void tab_sign(struct fmt *f, size_t first, size_t end, char sign, unsigned tab)
{
    for (size_t i = first + 1; i < end; i++)
        if (word_sign(&f->words[i], sign)) {
            f->words[i].tab = tab;
            return;
        }
}

static void tab_block(struct fmt *f, size_t first, size_t end)
{
    struct word *w = &f->words[first];
    size_t title = first + 2;

    if (word_is(w, "listen") || word_is(w, "endpoint") || (title < end && w[2].token.class == TOKEN_STRING))
        w[2].tab = 1;
    tab_sign(f, first, end, '{', 2);
    tab_keyword(f, first, end, "from", 2);
    for (size_t i = first + 1; i < end && !f->words[i].opens; i++)
        title = i;
    for (size_t i = title + 2; i < end; i++) /* a `from` inside the braces is no column */
        f->words[i].tab = 0;
}

static void set_tabs(struct fmt *f, size_t first, size_t end)
{
    struct word *w = &f->words[first];

    if (any_of(w, lists)) {
        tab_sign(f, first, end, '=', 1);
    } else if (word_is(w, "switch") || word_is(w, "desk")) {
        if (end > first + 2)
            w[2].tab = 1;
        tab_keyword(f, first, end, word_is(w, "desk") ? "staffed" : "set", 2);
        tab_keyword(f, first, end, "reach", 3);
    } else if (word_is(w, "assign")) {
        if (end > first + 2)
            w[2].tab = 1;
        tab_keyword(f, first, end, "of", 2);
    } else if (any_of(w, blocks)) {
        tab_block(f, first, end);
    } else if (word_is(w, "after")) {
        tab_keyword(f, first, end, "if", 1);
        tab_keyword(f, first, end, "notify", 2);
    } else if (word_is(w, "text") || word_is(w, "code")) {
        tab_keyword(f, first, end, "is", 1);
    } else if (w->token.class == TOKEN_DURATION && end > first + 1) {
        w[1].tab = 1;
    }
}

/* A whole part on one line; of a block, all of it. */
static bool aligns(const struct fmt *f, size_t first, size_t end)
{
    const struct word *w = &f->words[first], *next = &f->words[end];

    if (word_is(w, "default") && end > first + 1 && w[1].opens)
        return false; /* the general one is alone of its kind */
    if (!w->item || !(next->item || next->closes) || w->indent + fmt_width(f, first, end) > FMT_COLUMNS)
        return false;
    return !any_of(w, blocks) || !f->words[end - 1].opens;
}

static bool blank_before(const struct word *w)
{
    for (size_t i = 0; i < w->lead_count; i++)
        if (w->leads[i].blank)
            return true;
    return w->blank;
}

static bool alike(const struct word *a, const struct word *b)
{
    bool times = a->token.class == TOKEN_DURATION && b->token.class == TOKEN_DURATION;

    return a->indent == b->indent && a->token.class == b->token.class &&
           (times || slice_eq(a->token.text, b->token.text));
}

/* The lines from `first` that stand together; *stop is the word behind them. */
static size_t run_of(const struct fmt *f, size_t first, size_t *stop)
{
    size_t lines = 0, at = first;

    while (at < f->count) {
        size_t end = fmt_line_end(f, at);
        const struct word *w = &f->words[at];
        if (!aligns(f, at, end) || (at > first && (!alike(&f->words[first], w) || blank_before(w))))
            break;
        lines++;
        at = end;
    }
    *stop = at;
    return lines;
}

static size_t tab_at(const struct fmt *f, size_t first, size_t end, unsigned tab)
{
    for (size_t i = first; i < end; i++)
        if (f->words[i].tab == tab)
            return i;
    return end;
}

static size_t column_at(const struct fmt *f, size_t first, size_t i)
{
    return fmt_width(f, first, i) + fmt_gap(f, i);
}

static void align_tab(struct fmt *f, size_t first, size_t stop, unsigned tab)
{
    size_t widest = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t at = first, end; at < stop; at = end) {
            end = fmt_line_end(f, at);
            size_t i = tab_at(f, at, end, tab);
            size_t column = i < end ? column_at(f, at, i) : 0;
            if (pass == 0)
                widest = column > widest ? column : widest;
            else if (i < end)
                f->words[i].pad = widest - column;
        }
}

/* Lines that would get too long that way stay as they are. */
static void align_run(struct fmt *f, size_t first, size_t stop)
{
    bool fits = true;

    for (size_t at = first, end; at < stop; at = end) {
        end = fmt_line_end(f, at);
        set_tabs(f, at, end);
    }
    for (unsigned tab = 1; tab <= FMT_TABS; tab++)
        align_tab(f, first, stop, tab);
    for (size_t at = first, end; at < stop; at = end) {
        end = fmt_line_end(f, at);
        fits = fits && f->words[at].indent + fmt_width(f, at, end) <= FMT_COLUMNS;
    }
    for (size_t i = first; i < stop && !fits; i++)
        f->words[i].pad = 0;
}

void fmt_align(struct fmt *f)
{
    for (size_t at = 0, stop; at < f->count; at = stop) {
        if (run_of(f, at, &stop) > 0)
            align_run(f, at, stop);
        else
            stop = fmt_line_end(f, at);
    }
}
