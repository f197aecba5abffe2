/* Where declarations begin, and the parts of their blocks. The parser has said which words are keywords;
 * few keywords begin a part and also stand inside one, and those are told apart here. */
#include "rules/syntax/fmt_words.h"

enum { WORDS_MAX = 26 };

static bool one_of(const struct word *w, const char *const *list)
{
    for (size_t i = 0; i < WORDS_MAX && list[i] != NULL; i++)
        if (word_is(w, list[i]))
            return true;
    return false;
}

static const char *const declarations[WORDS_MAX] = {
    "language", "use",    "site",   "catalogue", "layers", "places",   "codes",   "shift", "switch",
    "desk",     "group",  "chain",  "message",   "rule",   "copy",     "default", "world", "test",
    "unit",     "assign", "person", "rota",      "listen", "endpoint", "map",
};

/* A desk or a group is also a member of one. */
static bool begins_declaration(const struct fmt *f, size_t i)
{
    const struct word *before = i > 0 ? &f->words[i - 1] : NULL;

    if (!one_of(&f->words[i], declarations))
        return false;
    return before == NULL || !(word_sign(before, '=') || word_sign(before, ',') || word_is(before, "of"));
}

static const char *const facts[WORDS_MAX] = { "patient", "move", "assign", "oncall",
                                              "covers",  "away", "back",   "switch" };

static const struct parts {
    const char *block;
    const char *words[WORDS_MAX];
} parts[] = {
    { "chain", { "notify", "after", "repeat", "escalate" } },
    { "message", { "lock", "full", "reply" } },
    { "unit", { "beds", "fallback" } },
    { "person", { "may-hold", "line", "reach" } },
    { "rota", { "zone", "weekly", "every", "override" } },
    { "map", { "based", "text", "code" } },
    { "world", { "patient", "move", "assign", "oncall", "covers", "away", "back", "switch" } },
};

static const char *const rule_parts[WORDS_MAX] = {
    "title",  "why",    "owner",  "review",   "mode",    "when",     "hold",
    "dedupe", "bundle", "limit",  "suppress", "deliver", "need",     "lease",
    "expire", "stop",   "notify", "after",    "repeat",  "escalate", "ignore",
};

static const char *const *parts_of(const struct word *block)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (word_is(block, parts[i].block))
            return parts[i].words;
    return rule_parts; /* rule, copy, default */
}

static bool has_word(const struct fmt *f, size_t first, size_t end, const char *keyword)
{
    for (size_t i = first; i < end; i++)
        if (word_is(&f->words[i], keyword))
            return true;
    return false;
}

/* A key; then at most one bare word; then texts and numbers, or whatever a comma announces. */
static bool begins_setting(const struct fmt *f, size_t part, size_t i)
{
    const struct word *w = &f->words[i], *before = &f->words[i - 1];

    if (word_is(w, "insecure"))
        return true;
    if (w->token.class != TOKEN_NAME || word_sign(before, ',') || word_is(before, "reach"))
        return false;
    return i != part + 1 || word_is(before, "insecure");
}

static bool begins_part(const struct fmt *f, const struct word *block, size_t part, size_t i)
{
    const struct word *w = &f->words[i], *before = &f->words[i - 1];

    if (before->opens)
        return true;
    if (word_is(block, "listen") || word_is(block, "endpoint"))
        return begins_setting(f, part, i);
    if (word_is(block, "test"))
        return w->token.class == TOKEN_DURATION || word_is(w, "at") ||
               (one_of(w, facts) && before->token.class != TOKEN_DURATION);
    if (!one_of(w, parts_of(block)))
        return false;
    if (word_is(w, "notify") && word_is(&f->words[part], "after"))
        return has_word(f, part, i, "notify");
    if (word_is(block, "map") && word_is(w, "text"))
        return !word_is(&f->words[part], "code") || has_word(f, part, i, "is");
    if (word_is(w, "every"))
        return !word_is(before, "repeat") && !word_is(before, "all");
    return true;
}

void fmt_items(struct fmt *f)
{
    size_t declaration = 0, part = 0;
    bool inside = false;

    for (size_t i = 0; i < f->count; i++) {
        struct word *w = &f->words[i];
        if (!inside) {
            w->item = begins_declaration(f, i);
            declaration = w->item ? i : declaration;
            inside = w->opens = word_sign(w, '{');
        } else if (word_sign(w, '}')) {
            w->closes = true;
            inside = false;
        } else if (begins_part(f, &f->words[declaration], part, i)) {
            w->item = true;
            part = i;
        }
    }
    f->words[f->count].item = true;
}
