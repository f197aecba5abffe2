/* Faults in conditions. */
#include "lab/mutate_parts.h"

enum { PARTS = 64 };

static void negate(struct mutating *m, struct range r)
{
    static const char what[] = "condition negated";

    if (token_is(m, r.from, "not")) {
        mutate_drop(m, what, (struct range){ r.from, r.from + 1 });
        return;
    }
    for (size_t i = r.from; i < r.to; i++)
        if (token_is(m, i, "is") || token_is(m, i, "in") || token_is(m, i, "within")) {
            bool before = i > r.from && token_is(m, i - 1, "not"), behind = token_is(m, i + 1, "not");
            if (before || behind)
                mutate_drop(m, what, before ? (struct range){ i - 1, i } : (struct range){ i + 1, i + 2 });
            else
                mutate_insert(m, what, token_is(m, i, "is") ? i + 1 : i, "not");
            return;
        }
    mutate_insert(m, what, r.from, "not");
}

/* "6.2" is "6.3", "80" is "81": the last digit, 9 goes down. */
static struct slice moved(struct mutating *m, struct slice number)
{
    char *text = arena_text(m->arena, number);
    char *last = &text[number.len - 1];

    *last = (char)(*last == '9' ? '8' : *last + 1);
    return (struct slice){ text, number.len };
}

static void bounds(struct mutating *m, struct range r)
{
    static const char *const turned[][2] = { { "<", "<=" }, { "<=", "<" }, { ">", ">=" }, { ">=", ">" } };

    for (size_t i = r.from; i + 1 < r.to; i++)
        for (size_t k = 0; k < sizeof turned / sizeof turned[0]; k++)
            if (m->tokens[i].class == TOKEN_SIGN && slice_is(m->tokens[i].text, turned[k][0])) {
                mutate_replace(m, "bound itself changes sides", (struct range){ i, i + 1 },
                               slice_of(turned[k][1]));
                size_t number = token_sign(m, i + 1, '-') ? i + 2 : i + 1;
                mutate_replace(m, "bound moved", (struct range){ number, number + 1 },
                               moved(m, m->tokens[number].text));
            }
}

static void absence(struct mutating *m, struct range r)
{
    if (r.to < r.from + 2)
        return;
    struct range last = { r.to - 2, r.to };
    if (token_is(m, last.from, "or") && token_is(m, last.from + 1, "missing"))
        mutate_replace(m, "absent counts as no", last, SLICE("if known"));
    else if (token_is(m, last.from, "if") && token_is(m, last.from + 1, "known"))
        mutate_replace(m, "absent counts as yes", last, SLICE("or missing"));
}

/* `in a, b, c`: each value left out. */
static void values(struct mutating *m, struct range r)
{
    struct range parts[PARTS];
    size_t at = r.from, end = r.to;

    while (at < r.to && !token_is(m, at, "in"))
        at++;
    while (end > at + 2 && (token_is(m, end - 1, "missing") || token_is(m, end - 1, "known")))
        end -= 2;
    size_t count = at < end ? range_split(m, (struct range){ at + 1, end }, ",", parts, PARTS) : 0;
    for (size_t i = 0; i < count; i++)
        mutate_drop_part(m, "value left out", parts, count, i);
}

static void atom(struct mutating *m, struct range r)
{
    negate(m, r);
    bounds(m, r);
    absence(m, r);
    values(m, r);
}

static bool grouped(const struct mutating *m, struct range r)
{
    return r.to > r.from + 1 && token_sign(m, r.from, '(') && token_sign(m, r.to - 1, ')');
}

/* Depth is bounded: the parser has refused more than LIMIT_NESTING parentheses. */
void mutate_condition(struct mutating *m, struct range r)
{
    struct range parts[PARTS];

    while (grouped(m, r))
        r = (struct range){ r.from + 1, r.to - 1 };
    for (int joint = 0; joint < 2; joint++) {
        size_t count = range_split(m, r, joint == 0 ? "and" : "or", parts, PARTS);
        if (count < 2)
            continue;
        for (size_t i = 0; i < count; i++) {
            mutate_drop_part(m, joint == 0 ? "condition widened" : "condition narrowed", parts, count, i);
            mutate_condition(m, parts[i]);
        }
        return;
    }
    if (token_is(m, r.from, "not") && token_sign(m, r.from + 1, '(')) {
        mutate_drop(m, "condition negated", (struct range){ r.from, r.from + 1 });
        mutate_condition(m, (struct range){ r.from + 1, r.to });
        return;
    }
    atom(m, r);
}

void mutate_when(struct mutating *m, struct range r)
{
    struct range parts[PARTS], conds = { r.from + 3, r.to };
    size_t at = r.from;

    while (at < r.to && !token_is(m, at, "unless"))
        at++;
    if (at < r.to) {
        mutate_drop(m, "exception left out", (struct range){ at, r.to });
        mutate_condition(m, (struct range){ at + 1, r.to });
        conds.to = at;
    }
    if (!token_is(m, conds.from, "and"))
        return;
    size_t count = range_split(m, (struct range){ conds.from + 1, conds.to }, "and", parts, PARTS);
    for (size_t i = 0; i < count; i++) {
        mutate_drop(m, "condition widened", (struct range){ parts[i].from - 1, parts[i].to });
        mutate_condition(m, parts[i]);
    }
}
