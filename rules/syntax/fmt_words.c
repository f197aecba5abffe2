#include "rules/syntax/fmt_words.h"

#include "base/utf8.h"

bool word_is(const struct word *w, const char *keyword)
{
    return w->token.class == TOKEN_KEYWORD && slice_is(w->token.text, keyword);
}

bool word_sign(const struct word *w, char c)
{
    return w->token.class == TOKEN_SIGN && w->token.text.len == 1 && w->token.text.ptr[0] == c;
}

size_t fmt_columns(struct slice s)
{
    return utf8_valid(s) ? utf8_count(s) : s.len;
}

/* "19:00-07:00" and "-5": no blanks round the sign, but one between "<" and the "-" of a number. */
static bool touches(const struct fmt *f, size_t i)
{
    const struct word *left = &f->words[i - 1], *right = &f->words[i];

    if (word_sign(right, ',') || word_sign(right, ')') || word_sign(right, '.'))
        return true;
    if (word_sign(left, '(') || word_sign(left, '.') || word_sign(left, '-'))
        return true;
    return word_sign(right, '-') && left->token.class == TOKEN_TIME;
}

size_t fmt_gap(const struct fmt *f, size_t i)
{
    return touches(f, i) ? 0 : (f->words[i].apart ? 2 : 1) + f->words[i].pad;
}

size_t fmt_width(const struct fmt *f, size_t first, size_t end)
{
    size_t width = 0;

    for (size_t i = first; i < end; i++)
        width += (i > first ? fmt_gap(f, i) : 0) + fmt_columns(f->words[i].token.text);
    return width;
}

/* The column of a comment in characters: what stands before it on its line may hold longer ones. */
static size_t column_of(const struct token *comment)
{
    size_t before = comment->at.column - 1;

    return fmt_columns((struct slice){ comment->text.ptr - before, before }) + 1;
}

static void add_lead(struct fmt *f, struct word *w, const struct token *comment, bool blank, size_t *room)
{
    if (w->lead_count == *room) {
        struct fmt_comment *more = arena_array(f->arena, *room > 0 ? *room * 2 : 4, sizeof *more);
        for (size_t i = 0; i < w->lead_count; i++)
            more[i] = w->leads[i];
        w->leads = more;
        *room = *room > 0 ? *room * 2 : 4;
    }
    w->leads[w->lead_count++] = (struct fmt_comment){ comment->text, blank };
}

struct fmt fmt_read(struct arena *arena, const struct token_list *tokens)
{
    struct fmt f = { .arena = arena, .words = arena_array(arena, tokens->count + 1, sizeof *f.words) };
    uint32_t line = 0; /* of what came before */
    size_t room = 0;

    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *t = &tokens->items[i];
        bool blank = line > 0 && t->at.line > line + 1;
        if (t->class != TOKEN_COMMENT) {
            f.words[f.count].token = *t;
            f.words[f.count++].blank = blank;
            room = 0;
        } else if (f.count > 0 && f.words[f.count].lead_count == 0 && t->at.line == line) {
            f.words[f.count - 1].tail = t->text;
            f.words[f.count - 1].tail_column = column_of(t);
        } else {
            add_lead(&f, &f.words[f.count], t, blank, &room);
        }
        line = t->at.line;
    }
    return f;
}
