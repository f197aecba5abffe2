/* rules/syntax/review.c - the second look at one file: what a grammar could say, but not as helpfully. */
#include "rules/syntax/build.h"

#include <string.h>

enum {
    E_LANGUAGE = 102,
    E_PART_MISSING = 108,
    E_PART_TWICE = 109,
    E_ORDER = 110,
    E_WORD = 111,
    E_MISPLACED = 112
};

struct kinds {
    const enum ast_kind *list;
    size_t count;
};

#define KINDS(...)                                                                                           \
    {                                                                                                        \
        (const enum ast_kind[]){ __VA_ARGS__ },                                                              \
            sizeof((enum ast_kind[]){ __VA_ARGS__ }) / sizeof(enum ast_kind)                                 \
    }

static const struct kinds meta_kinds = KINDS(AST_TITLE, AST_WHY, AST_OWNER, AST_REVIEW, AST_MODE);
static const struct kinds clause_kinds = KINDS(AST_HOLD, AST_DEDUPE, AST_BUNDLE, AST_LIMIT, AST_SUPPRESS,
                                               AST_DELIVER, AST_NEED, AST_LEASE, AST_EXPIRE, AST_STOP);
static const struct kinds step_kinds = KINDS(AST_NOTIFY, AST_AFTER, AST_REPEAT, AST_ESCALATE);

static bool one_of(enum ast_kind kind, struct kinds kinds)
{
    for (size_t i = 0; i < kinds.count; i++)
        if (kinds.list[i] == kind)
            return true;
    return false;
}

static const char *word_of(enum ast_kind kind)
{
    static const char *const words[AST_KIND_COUNT] = {
        [AST_TITLE] = "title",   [AST_WHY] = "why",           [AST_OWNER] = "owner",
        [AST_REVIEW] = "review", [AST_MODE] = "mode",         [AST_WHEN] = "when",
        [AST_HOLD] = "hold",     [AST_DEDUPE] = "dedupe",     [AST_BUNDLE] = "bundle",
        [AST_LIMIT] = "limit",   [AST_SUPPRESS] = "suppress", [AST_DELIVER] = "deliver",
        [AST_NEED] = "need",     [AST_LEASE] = "lease",       [AST_EXPIRE] = "expire",
        [AST_STOP] = "stop",     [AST_NOTIFY] = "notify",     [AST_AFTER] = "after",
        [AST_REPEAT] = "repeat", [AST_ESCALATE] = "escalate", [AST_IGNORE] = "ignore",
        [AST_LOCK] = "lock",     [AST_FULL] = "full",         [AST_ZONE] = "zone",
        [AST_FROM] = "from",     [AST_FALLBACK] = "fallback", [AST_LINE] = "line",
        [AST_AT] = "at",         [AST_BASED_ON] = "based on",
    };

    return words[kind] != NULL ? words[kind] : "this";
}

static void twice(struct bell_parser *p, const struct ast_node *block, const enum ast_kind *kinds,
                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (const struct ast_node *n = ast_next(ast_child(block, kinds[i]), kinds[i]); n != NULL;
             n = ast_next(n, kinds[i]))
            diagnose(p->d, SEVERITY_ERROR, E_PART_TWICE, n->at, "\"%s\" stands here a second time",
                     word_of(kinds[i]));
}

static void missing(struct bell_parser *p, const struct ast_node *block, enum ast_kind kind, const char *fix)
{
    if (ast_child(block, kind) != NULL)
        return;
    diagnose(p->d, SEVERITY_ERROR, E_PART_MISSING, block->at, "\"%s\" is missing here", word_of(kind));
    diagnose_hint(p->d, "%s", fix);
}

/* title and the rest of the meta, when, clauses, steps: 0 ... 3; -1 for parts of the head. */
static int rank_of(enum ast_kind kind)
{
    if (kind == AST_WHEN)
        return 1;
    if (kind == AST_IGNORE || one_of(kind, step_kinds))
        return 3;
    if (one_of(kind, clause_kinds))
        return 2;
    return one_of(kind, meta_kinds) ? 0 : -1;
}

static void in_order(struct bell_parser *p, const struct ast_node *block)
{
    static const char *const fixes[] = { "title, why, owner, review and mode come first in a rule",
                                         "when comes after the title and before the clauses",
                                         "clauses such as hold and stop come before the first step" };
    int highest = -1;

    for (const struct ast_node *n = block->child; n != NULL; n = n->next) {
        int rank = rank_of(n->kind);
        if (rank >= 0 && rank < highest) {
            diagnose(p->d, SEVERITY_ERROR, E_ORDER, n->at, "\"%s\" comes too late here", word_of(n->kind));
            diagnose_hint(p->d, "%s", fixes[rank]);
        }
        highest = rank > highest ? rank : highest;
    }
}

static const struct ast_node *first_step(const struct ast_node *block)
{
    for (const struct ast_node *n = block->child; n != NULL; n = n->next)
        if (one_of(n->kind, step_kinds))
            return n;
    return NULL;
}

static void review_outcome(struct bell_parser *p, const struct ast_node *block)
{
    const struct ast_node *step = first_step(block), *ignore = ast_child(block, AST_IGNORE);

    if (step != NULL && ignore != NULL) {
        diagnose(p->d, SEVERITY_ERROR, E_MISPLACED, ignore->at,
                 "a block either ignores or has steps, not both");
    } else if (step == NULL && ignore == NULL) {
        diagnose(p->d, SEVERITY_ERROR, E_PART_MISSING, block->at, "nobody is told here");
        diagnose_hint(p->d, "add a step, for example: notify primary-nurse else charge-nurse");
    }
}

static void only(struct bell_parser *p, const struct ast_node *block, struct kinds allowed, const char *why)
{
    for (const struct ast_node *n = block->child; n != NULL; n = n->next)
        if (rank_of(n->kind) >= 0 && !one_of(n->kind, allowed))
            diagnose(p->d, SEVERITY_ERROR, E_MISPLACED, n->at, "\"%s\" cannot stand here: %s",
                     word_of(n->kind), why);
}

/* A word from a short list: mode, reply, stop on, day, as. */
static void listed(struct bell_parser *p, struct ast_node *n, const char *what, const char *const *words)
{
    struct slice known[16];
    size_t count = 0;
    struct buf all = buf_make(512);

    for (; words[count] != NULL; count++) {
        known[count] = slice_of(words[count]);
        buf_printf(&all, "%s%s", count > 0 ? ", " : "", words[count]);
        if (slice_eq(known[count], n->text)) {
            n->number = n->kind == AST_DAY ? (int64_t)count : n->number;
            buf_free(&all);
            return;
        }
    }
    struct slice near = diagnose_nearest(n->text, known, count);
    diagnose(p->d, SEVERITY_ERROR, E_WORD, n->at, "\"%.*s\" is no %s", SLICE_ARG(n->text), what);
    if (near.len > 0)
        diagnose_hint(p->d, "did you mean \"%.*s\"? Known: %.*s", SLICE_ARG(near),
                      SLICE_ARG(buf_slice(&all)));
    else
        diagnose_hint(p->d, "known: %.*s", SLICE_ARG(buf_slice(&all)));
    buf_free(&all);
}

static const char *const modes[] = { "draft", "shadow", "live", NULL };
static const char *const replies[] = { "accept",  "decline", "readback", "callback",
                                       "confirm", "dismiss", "done",     NULL };
static const char *const endings[] = { "accepted", "ended", "attended", "done", NULL };
static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
static const char *const types[] = { "number", "date", NULL };
static const char *const formats[] = { "ics", "fhir", "csv", NULL };

static void review_words(struct bell_parser *p, struct ast_node *n)
{
    if (n->kind == AST_MODE)
        listed(p, n, "mode", modes);
    else if (n->kind == AST_REPLY)
        listed(p, n, "reply", replies);
    else if (n->kind == AST_DAY)
        listed(p, n, "day", days);
    else if (n->kind == AST_AS)
        listed(p, n, "type of a raw value", types);
    else if (n->kind == AST_STOP)
        for (struct ast_node *c = n->child; c != NULL; c = c->next)
            listed(p, c, "way for a plan to end", endings);
    /* Depth is bounded: parentheses by the limit, everything else by the grammar. */
    for (struct ast_node *c = n->child; c != NULL; c = c->next)
        review_words(p, c);
}

static void review_rule(struct bell_parser *p, const struct ast_node *n)
{
    static const enum ast_kind once[] = { AST_TITLE,   AST_WHY,   AST_OWNER,  AST_REVIEW, AST_MODE,
                                          AST_WHEN,    AST_HOLD,  AST_DEDUPE, AST_BUNDLE, AST_LIMIT,
                                          AST_DELIVER, AST_NEED,  AST_LEASE,  AST_EXPIRE, AST_STOP,
                                          AST_REPEAT,  AST_IGNORE };
    const struct kinds copied = KINDS(AST_TITLE, AST_WHY, AST_OWNER, AST_REVIEW, AST_MODE, AST_WHEN,
                                      AST_LIMIT, AST_DELIVER, AST_NOTIFY);

    twice(p, n, once, sizeof once / sizeof *once);
    missing(p, n, AST_TITLE, "a rule begins with what it is for: { title \"Low SpO2 that lasts\" ...");
    missing(p, n, AST_WHEN, "say which event it is about: when alarm starts and code is ...");
    in_order(p, n);
    review_outcome(p, n);
    if (n->kind == AST_COPY)
        only(p, n, copied, "a copy only tells people; it never owns, holds, suppresses or escalates");
}

static void review_default(struct bell_parser *p, const struct ast_node *n)
{
    const struct kinds allowed = KINDS(AST_NOTIFY, AST_AFTER, AST_REPEAT, AST_ESCALATE, AST_IGNORE);
    static const enum ast_kind once[] = { AST_REPEAT, AST_IGNORE };

    twice(p, n, once, sizeof once / sizeof *once);
    only(p, n, allowed, "a default has steps, or ignores");
    review_outcome(p, n);
}

static void review_rota(struct bell_parser *p, const struct ast_node *n)
{
    static const enum ast_kind once[] = { AST_ZONE };
    struct ast_node *from = ast_child(n, AST_FROM);

    twice(p, n, once, 1);
    if (from != NULL)
        listed(p, from, "format of a rota", formats);
    for (const struct ast_node *w = ast_child(n, AST_WEEKLY); w != NULL; w = ast_next(w, AST_WEEKLY))
        if (w->number < 1 || w->number > 366)
            diagnose(p->d, SEVERITY_ERROR, 106, w->at, "a turn lasts whole days, from 1 to 366");
}

static void review_test(struct bell_parser *p, const struct ast_node *n)
{
    static const enum ast_kind once[] = { AST_AT };

    twice(p, n, once, 1);
    missing(p, n, AST_AT, "a test begins at a wall clock time: { at 2026-10-14 02:10 ...");
    if (ast_child(n, AST_ACTION) == NULL)
        diagnose(p->d, SEVERITY_ERROR, E_PART_MISSING, n->at, "this test does nothing");
}

static void review_message(struct bell_parser *p, const struct ast_node *n)
{
    static const enum ast_kind once[] = { AST_LOCK, AST_FULL };

    twice(p, n, once, 2);
    missing(p, n, AST_LOCK, "lock is what a locked screen may show: lock \"{class} {unit|?}\"");
    missing(p, n, AST_FULL, "full is what appears after unlock: full \"{code} {unit|?}-{bed|?}\"");
}

static void review_declaration(struct bell_parser *p, const struct ast_node *n)
{
    static const enum ast_kind person_once[] = { AST_LINE }, unit_once[] = { AST_FALLBACK },
                               map_once[] = { AST_BASED_ON };

    switch ((int)n->kind) {
    case AST_RULE:
    case AST_COPY:
        review_rule(p, n);
        break;
    case AST_DEFAULT:
        review_default(p, n);
        break;
    case AST_CHAIN:
        if (n->child == NULL)
            diagnose(p->d, SEVERITY_ERROR, E_PART_MISSING, n->at, "this chain has no step");
        break;
    case AST_MESSAGE:
        review_message(p, n);
        break;
    case AST_ROTA:
        review_rota(p, n);
        break;
    case AST_TEST:
        review_test(p, n);
        break;
    case AST_PERSON:
        twice(p, n, person_once, 1);
        break;
    case AST_UNIT:
        twice(p, n, unit_once, 1);
        break;
    case AST_MAP:
        twice(p, n, map_once, 1);
        break;
    default:
        break;
    }
}

/* Faults of the syntax make parts go missing; then only the first ones are worth telling. */
void bell_review(struct bell_parser *p, struct ast_node *file)
{
    const struct ast_node *language = ast_child(file, AST_LANGUAGE);
    size_t errors = p->d->errors;

    if (file->child == NULL)
        return;
    review_words(p, file);
    if (language == NULL && errors == 0) {
        diagnose(p->d, SEVERITY_ERROR, E_LANGUAGE, file->at, "the first words of a file say its language");
        diagnose_hint(p->d, "begin with: language 1");
    } else if (language != NULL && language->number != 1) {
        diagnose(p->d, SEVERITY_ERROR, E_LANGUAGE, language->at, "this program reads language 1 only");
    }
    for (const struct ast_node *n = file->child; n != NULL && errors == p->faults_before; n = n->next)
        review_declaration(p, n);
}
