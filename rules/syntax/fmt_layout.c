/* Where lines begin. A declaration that is short stands on one line; rules, messages, worlds and tests
 * never do. A rule's title stands beside its name, the rest of what governs it on the next line, then each
 * clause and step on its own. */
#include "rules/syntax/fmt_words.h"

enum { INDENT = 2 };

static void line_at(struct word *w, unsigned indent)
{
    w->breaks = true;
    w->indent = w->lead_indent = indent;
}

size_t fmt_line_end(const struct fmt *f, size_t i)
{
    for (i++; i < f->count && !f->words[i].breaks;)
        i++;
    return i;
}

static size_t declaration_end(const struct fmt *f, size_t first)
{
    bool inside = false;

    for (size_t i = first; i < f->count; i++) {
        if (i > first && !inside && f->words[i].item)
            return i;
        inside = (inside || f->words[i].opens) && !f->words[i].closes;
    }
    return f->count;
}

static size_t opening(const struct fmt *f, size_t first, size_t end)
{
    while (first < end && !f->words[first].opens)
        first++;
    return first;
}

static bool has_comment_inside(const struct fmt *f, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if ((i > first && f->words[i].lead_count > 0) || (i + 1 < end && f->words[i].tail.len > 0))
            return true;
    return false;
}

static size_t parts_in(const struct fmt *f, size_t first, size_t end)
{
    size_t count = 0;

    for (size_t i = first + 1; i < end; i++)
        count += f->words[i].item;
    return count;
}

static bool on_one_line(struct fmt *f, size_t first, size_t end)
{
    const struct word *w = &f->words[first];
    size_t parts = parts_in(f, first, end);

    if (word_is(w, "rule") || word_is(w, "copy") || word_is(w, "message") || word_is(w, "world") ||
        word_is(w, "test"))
        return false;
    if ((word_is(w, "chain") && parts > 1) || (word_is(w, "default") && parts > 2) ||
        has_comment_inside(f, first, end))
        return false;
    for (size_t i = first + 1; i < end; i++)
        f->words[i].apart = f->words[i].item && !f->words[i - 1].opens;
    if (fmt_width(f, first, end) <= FMT_COLUMNS)
        return true;
    for (size_t i = first + 1; i < end; i++)
        f->words[i].apart = false;
    return false;
}

static size_t part_end(const struct fmt *f, size_t i, size_t end)
{
    for (i++; i < end && !f->words[i].item && !f->words[i].closes;)
        i++;
    return i;
}

static bool governs(const struct word *w)
{
    return word_is(w, "title") || word_is(w, "why") || word_is(w, "owner") || word_is(w, "review") ||
           word_is(w, "mode");
}

/* Does the part at i go on with the line that began at `line`? */
static bool joins(const struct fmt *f, size_t line, size_t i, size_t end, bool rule)
{
    const struct word *w = &f->words[i], *before = &f->words[i - 1];

    if (!rule || !governs(w) || w->lead_count > 0 || before->tail.len > 0)
        return false;
    if (before->opens ? !word_is(w, "title")
                      : word_is(&f->words[line], "rule") || word_is(&f->words[line], "copy"))
        return false;
    return f->words[line].indent + fmt_width(f, line, part_end(f, i, end)) + 1 <= FMT_COLUMNS;
}

static void lay_block(struct fmt *f, size_t first, size_t open, size_t end)
{
    bool rule = word_is(&f->words[first], "rule") || word_is(&f->words[first], "copy");
    size_t line = first;

    for (size_t i = open + 1; i < end; i++) {
        struct word *w = &f->words[i];
        if (w->closes) {
            line_at(w, 0);
            w->lead_indent = INDENT;
        } else if (w->item && joins(f, line, i, end, rule)) {
            w->apart = !f->words[i - 1].opens;
        } else if (w->item) {
            line_at(w, INDENT);
            line = i;
        }
    }
}

/* A comment ends its line: what follows inside a part goes on below, further in. */
static void break_at_comments(struct fmt *f)
{
    unsigned indent = 0;

    for (size_t i = 0; i < f->count; i++) {
        struct word *w = &f->words[i];
        if (w->breaks)
            indent = w->indent;
        else if (w->lead_count > 0 || (i > 0 && f->words[i - 1].tail.len > 0))
            line_at(w, indent + INDENT);
    }
}

/* How willingly a line breaks before word i: 1 most; 0 never. */
static unsigned joint(const struct fmt *f, size_t i, unsigned depth)
{
    const struct word *w = &f->words[i];
    bool missing = i + 1 < f->count && word_is(&f->words[i + 1], "missing");

    if (word_is(w, "and") || word_is(w, "unless") || (word_is(w, "or") && !missing))
        return 3 * depth + 1;
    if (word_sign(&f->words[i - 1], ','))
        return 3 * depth + 2;
    return word_is(w, "else") ? 3 * depth + 3 : 0;
}

struct wrap {
    struct fmt *f;
    const unsigned *joints; /* of every word */
    unsigned indent;        /* of the lines that go on */
    unsigned deepest;
};

/* Fills lines with what stands between joints of one level; what is too long for a line of its own is
 * broken at the next level. `column` is where the first word stands; the column behind the last. */
static size_t wrap(const struct wrap *w, size_t first, size_t end, size_t column, unsigned level)
{
    size_t whole = fmt_width(w->f, first, end);

    if (level > w->deepest || column + whole <= FMT_COLUMNS)
        return column + whole;
    for (size_t at = first, next; at < end; at = next) {
        for (next = at + 1; next < end && w->joints[next] != level;)
            next++;
        size_t gap = at > first ? fmt_gap(w->f, at) : 0;
        if (at > first && column + gap + fmt_width(w->f, at, next) > FMT_COLUMNS) {
            line_at(&w->f->words[at], w->indent);
            column = w->indent;
            gap = 0;
        }
        column = wrap(w, at, next, column + gap, level + 1);
    }
    return column;
}

static void wrap_line(struct fmt *f, unsigned *joints, size_t first, size_t end, unsigned indent)
{
    struct wrap w = { f, joints, indent + INDENT, 0 };
    unsigned depth = 0;

    for (size_t i = first; i < end; i++) {
        if (word_sign(&f->words[i], ')') && depth > 0)
            depth--;
        joints[i] = i > first ? joint(f, i, depth) : 0;
        w.deepest = joints[i] > w.deepest ? joints[i] : w.deepest;
        depth += word_sign(&f->words[i], '(');
    }
    wrap(&w, first, end, f->words[first].indent, 1);
}

static void wrap_lines(struct fmt *f)
{
    unsigned *joints = arena_array(f->arena, f->count + 1, sizeof *joints), base = 0;

    for (size_t i = 0, end; i < f->count; i = end) {
        end = fmt_line_end(f, i);
        if (f->words[i].item || f->words[i].closes)
            base = f->words[i].indent;
        if (f->words[i].indent + fmt_width(f, i, end) > FMT_COLUMNS)
            wrap_line(f, joints, i, end, base);
    }
}

void fmt_layout(struct fmt *f)
{
    for (size_t first = 0, end; first < f->count; first = end) {
        end = declaration_end(f, first);
        line_at(&f->words[first], 0);
        size_t open = opening(f, first, end);
        if (!on_one_line(f, first, end) && open < end)
            lay_block(f, first, open, end);
    }
    break_at_comments(f);
    wrap_lines(f);
}
