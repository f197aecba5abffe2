#include "lab/mutate_parts.h"

#include "base/memory.h"
#include "rules/syntax/tokens.h"

#include <stdlib.h>
#include <string.h>

bool token_is(const struct mutating *m, size_t at, const char *word)
{
    return at < m->count && m->tokens[at].class == TOKEN_KEYWORD && slice_is(m->tokens[at].text, word);
}

bool token_sign(const struct mutating *m, size_t at, char sign)
{
    return at < m->count && m->tokens[at].class == TOKEN_SIGN && m->tokens[at].text.len == 1 &&
           m->tokens[at].text.ptr[0] == sign;
}

static bool divides(const struct mutating *m, size_t at, const char *word)
{
    if (word[0] == ',')
        return token_sign(m, at, ',');
    return token_is(m, at, word) && !(strcmp(word, "or") == 0 && token_is(m, at + 1, "missing"));
}

size_t range_split(const struct mutating *m, struct range r, const char *word, struct range *parts,
                   size_t room)
{
    size_t count = 0, from = r.from;
    int depth = 0;

    for (size_t i = r.from; i < r.to && count + 1 < room; i++) {
        depth += token_sign(m, i, '(') - token_sign(m, i, ')');
        if (depth == 0 && divides(m, i, word)) {
            parts[count++] = (struct range){ from, i };
            from = i + 1;
        }
    }
    if (from < r.to)
        parts[count++] = (struct range){ from, r.to };
    return count;
}

/* --- edits ---------------------------------------------------------------------------------------------- */

struct edit {
    size_t from, to; /* bytes */
    struct slice text;
};

static size_t begin_of(const struct mutating *m, size_t token)
{
    return (size_t)(m->tokens[token].text.ptr - m->bytes.ptr);
}

static size_t end_of(const struct mutating *m, size_t token)
{
    return begin_of(m, token) + m->tokens[token].text.len;
}

static struct slice text_of(const struct mutating *m, struct range r)
{
    size_t from = begin_of(m, r.from);

    return slice_sub(m->bytes, from, end_of(m, r.to - 1) - from);
}

static struct slice line_at(struct slice bytes, size_t at)
{
    size_t from = at < bytes.len ? at : bytes.len, to = from;

    while (from > 0 && bytes.ptr[from - 1] != '\n')
        from--;
    while (to < bytes.len && bytes.ptr[to] != '\n')
        to++;
    return slice_trim(slice_sub(bytes, from, to - from));
}

/* Edits in order of place. */
static void plant(struct mutating *m, const char *what, const struct edit *edits, size_t count)
{
    struct buf b = buf_make(SIZE_MAX / 2);
    uint32_t line = 1;
    size_t done = 0;

    for (size_t i = 0; i < count; i++) {
        buf_put(&b, slice_sub(m->bytes, done, edits[i].from - done));
        buf_put(&b, edits[i].text);
        done = edits[i].to;
    }
    buf_put(&b, slice_sub(m->bytes, done, m->bytes.len - done));
    struct slice bytes = arena_copy(m->arena, buf_slice(&b));
    buf_free(&b);
    for (size_t i = 0; i < edits[0].from; i++)
        line += m->bytes.ptr[i] == '\n';
    MEMORY_ROOM(m->list, m->mutants, m->room);
    m->list[m->mutants++] = (struct mutant){ .what = slice_of(what),
                                             .rule = m->rule,
                                             .file = m->file,
                                             .line = line,
                                             .was = line_at(m->bytes, edits[0].from),
                                             .is = line_at(bytes, edits[0].from),
                                             .bytes = bytes,
                                             .plan_only = m->plan_only };
}

void mutate_replace(struct mutating *m, const char *what, struct range r, struct slice text)
{
    if (r.from >= r.to)
        return;
    struct edit e = { begin_of(m, r.from), end_of(m, r.to - 1), text };
    plant(m, what, &e, 1);
}

/* The blank before it goes as well. */
void mutate_drop(struct mutating *m, const char *what, struct range r)
{
    if (r.from >= r.to)
        return;
    struct edit e = { begin_of(m, r.from), end_of(m, r.to - 1), { NULL, 0 } };
    if (e.from > 0 && m->bytes.ptr[e.from - 1] == ' ')
        e.from--;
    plant(m, what, &e, 1);
}

void mutate_insert(struct mutating *m, const char *what, size_t before, const char *text)
{
    size_t at = begin_of(m, before);
    struct edit e = { at, at, arena_printf(m->arena, "%s ", text) };

    plant(m, what, &e, 1);
}

void mutate_swap(struct mutating *m, const char *what, struct range a, struct range b)
{
    struct edit e[2] = { { begin_of(m, a.from), end_of(m, a.to - 1), text_of(m, b) },
                         { begin_of(m, b.from), end_of(m, b.to - 1), text_of(m, a) } };

    if (!slice_eq(e[0].text, e[1].text))
        plant(m, what, e, 2);
}

void mutate_drop_part(struct mutating *m, const char *what, const struct range *parts, size_t count,
                      size_t which)
{
    struct range r = parts[which];

    if (count < 2)
        return;
    if (which > 0)
        r.from = parts[which - 1].to; /* from what divides on */
    else
        r.to = parts[1].from;
    mutate_drop(m, what, r);
}

void mutate_duration(struct mutating *m, const char *what, size_t at)
{
    struct slice text, digits;
    size_t n = 0;
    uint32_t value;

    if (at >= m->count || m->tokens[at].class != TOKEN_DURATION)
        return;
    text = m->tokens[at].text;
    while (n < text.len && text.ptr[n] >= '0' && text.ptr[n] <= '9')
        n++;
    digits = slice_sub(text, 0, n);
    if (slice_to_u32(digits, &value) && value < UINT32_MAX / 2)
        mutate_replace(
            m, what, (struct range){ at, at + 1 },
            arena_printf(m->arena, "%u%.*s", value * 2, SLICE_ARG(slice_sub(text, n, text.len - n))));
}

/* --- files ------------------------------------------------------------------------------------------------
 */

/* From `{` to its `}`. */
static struct range body_of(const struct mutating *m, size_t open)
{
    size_t at = open;
    int depth = 0;

    do {
        depth += token_sign(m, at, '{') - token_sign(m, at, '}');
        at++;
    } while (depth > 0 && at < m->count);
    return (struct range){ open + 1, depth > 0 ? at : at - 1 };
}

/* What a block's rule is called where coverage lists it. */
static struct slice rule_of(const struct mutating *m, size_t at)
{
    bool for_kind = token_is(m, at, "default") && token_is(m, at + 1, "for") && at + 2 < m->count;

    if (token_is(m, at, "chain"))
        return (struct slice){ NULL, 0 };
    if (for_kind)
        return arena_printf(m->arena, "default for %.*s", SLICE_ARG(m->tokens[at + 2].text));
    return token_is(m, at, "default") ? SLICE("default") : m->tokens[at + 1].text;
}

/* `codes lethal = vfib, vtach`: every rule that uses the set is concerned. */
static void mutate_codes(struct mutating *m, size_t at)
{
    enum { CODES = 256 };
    struct range list = { at + 3, at + 3 }, parts[CODES];

    while (list.to < m->count && (list.to == list.from || token_sign(m, list.to, ',')))
        list.to += list.to == list.from ? 1 : 2;
    m->rule = (struct slice){ NULL, 0 };
    m->plan_only = false;
    size_t count = list.to <= m->count ? range_split(m, list, ",", parts, CODES) : 0;
    for (size_t i = 0; i < count; i++)
        mutate_drop_part(m, "code left out of its set", parts, count, i);
}

static void all_blocks(struct mutating *m)
{
    for (size_t i = 0; i + 1 < m->count; i++) {
        if (token_is(m, i, "codes") && token_sign(m, i + 2, '='))
            mutate_codes(m, i);
        size_t open = i;
        bool block = token_is(m, i, "rule") || token_is(m, i, "copy") || token_is(m, i, "default") ||
                     token_is(m, i, "chain");
        while (block && open < m->count && !token_sign(m, open, '{'))
            open++;
        bool other = token_sign(m, i, '{'); /* another block: tests and worlds stay as they are */
        if (!other && (!block || open == m->count))
            continue;
        struct range body = body_of(m, other ? i : open);
        m->rule = block ? rule_of(m, i) : (struct slice){ NULL, 0 };
        if (block)
            mutate_block(m, (struct range){ i, open }, body);
        i = body.to;
    }
}

static void one_file(struct mutating *m, struct slice name, struct slice bytes)
{
    struct source_file source = { name, bytes };
    struct diagnostics d;
    struct token_list tokens = { NULL, 0, 0 };

    diagnostics_init(&d, m->arena, &source, 1);
    syntax_tokens(m->arena, &source, 0, &d, &tokens);
    struct token *list = arena_array(m->arena, tokens.count + 1, sizeof *list);
    m->count = 0;
    for (size_t i = 0; i < tokens.count; i++)
        if (tokens.items[i].class != TOKEN_COMMENT)
            list[m->count++] = tokens.items[i];
    m->tokens = list;
    m->file = name;
    m->bytes = bytes;
    all_blocks(m);
    diagnostics_free(&d);
}

/* --- choosing ---------------------------------------------------------------------------------------------
 */

struct ticket {
    uint64_t drawn;
    size_t at;
};

static int by_ticket(const void *a, const void *b)
{
    const struct ticket *x = a, *y = b;

    return x->drawn != y->drawn ? (x->drawn > y->drawn) - (x->drawn < y->drawn)
                                : (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
    const struct ticket *x = a, *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

static size_t draw(struct mutating *m, size_t most, uint64_t seed, struct mutant **out)
{
    size_t count = most > 0 && most < m->mutants ? most : m->mutants;
    struct ticket *tickets = arena_array(m->arena, m->mutants + 1, sizeof *tickets);
    struct mutant *list = arena_array(m->arena, count + 1, sizeof *list);

    for (size_t i = 0; i < m->mutants; i++)
        tickets[i] = (struct ticket){ slice_hash((struct slice){ (const char *)&i, sizeof i }, seed), i };
    qsort(tickets, m->mutants, sizeof *tickets, by_ticket);
    qsort(tickets, count, sizeof *tickets, by_place);
    for (size_t i = 0; i < count; i++)
        list[i] = m->list[tickets[i].at];
    *out = list;
    return count;
}

size_t mutants_make(const struct fileset *files, size_t most, uint64_t seed, struct arena *a,
                    struct mutant **out)
{
    struct mutating m = { .arena = a };
    struct slice name, bytes;

    for (size_t i = 0; i < fileset_count(files); i++) {
        fileset_at(files, i, &name, &bytes);
        if (slice_ends(name, SLICE(".bell")))
            one_file(&m, arena_copy(a, name), arena_copy(a, bytes));
    }
    size_t count = draw(&m, most, seed, out);
    free(m.list);
    return count;
}

struct fileset *mutant_files(const struct fileset *files, const struct mutant *m)
{
    struct fileset *all = fileset_new();
    struct slice name, bytes;

    for (size_t i = 0; i < fileset_count(files); i++) {
        fileset_at(files, i, &name, &bytes);
        fileset_add(all, name, slice_eq(name, m->file) ? m->bytes : bytes, NULL);
    }
    return all;
}
