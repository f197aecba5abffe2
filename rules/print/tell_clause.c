#include "rules/print/tell.h"

#include "base/time.h"

void tell_duration(struct buf *out, int64_t us)
{
    static const struct {
        int64_t us;
        const char *one;
    } units[] = { { TIME_DAY, "day" }, { TIME_HOUR, "hour" }, { TIME_MIN, "minute" }, { TIME_S, "second" } };
    bool first = true;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t n = us / units[i].us;
        if (n == 0 && !(first && units[i].us == TIME_S))
            continue;
        buf_printf(out, "%s%lld %s%s", first ? "" : " ", (long long)n, units[i].one, n == 1 ? "" : "s");
        us -= n * units[i].us;
        first = false;
    }
}

/* Behind "the same": "patient", "unit". */
static void put_noun(struct buf *out, struct slice field)
{
    struct buf words = buf_make(256);
    struct slice noun;

    tell_field(&words, field);
    noun = buf_slice(&words);
    if (slice_is(field, "code"))
        buf_text(out, "code");
    else if (slice_starts(noun, SLICE("the ")) || slice_starts(noun, SLICE("its ")))
        buf_put(out, slice_sub(noun, 4, noun.len));
    else
        buf_put(out, noun);
    buf_free(&words);
}

static void put_fields(struct buf *out, const struct ast_node *n)
{
    size_t i = 0, count = ast_count(n, AST_FIELD);

    for (const struct ast_node *f = ast_child(n, AST_FIELD); f != NULL; f = ast_next(f, AST_FIELD), i++) {
        buf_text(out, tell_joint(i, count, " and "));
        put_noun(out, f->text);
    }
}

static void put_hold(const struct teller *t, struct buf *out, const struct ast_node *n)
{
    buf_text(out, "It waits ");
    tell_duration(out, n->number);
    buf_text(out,
             " before the first ring; when it is over by then, nobody is told and that is written down.");
    const struct ast_node *unless = ast_child(n, AST_UNLESS);
    if (unless == NULL)
        return;
    buf_text(out, " It does not wait when ");
    tell_condition(t, out, unless->child);
    buf_text(out, ".");
}

static void put_dedupe(struct buf *out, const struct ast_node *n)
{
    buf_text(out, "When it comes again within ");
    tell_duration(out, n->number);
    buf_text(out, " after it was closed, with the same ");
    put_fields(out, n);
    buf_text(out,
             ", the earlier alert is opened again: whoever had accepted it is rung, or it goes on where it "
             "had stopped.");
}

static void put_bundle(struct buf *out, const struct ast_node *n)
{
    buf_text(out, "Those with the same ");
    put_fields(out, n);
    buf_text(out, " are collected for ");
    tell_duration(out, n->number);
    buf_text(out, " and told as one message with their number.");
}

static void put_limit(struct buf *out, const struct ast_node *n)
{
    buf_printf(out, "Nobody gets more than %lld of these in ", (long long)n->number);
    tell_duration(out, ast_child(n, AST_DURATION)->number);
    buf_text(out, "; the rest comes as one summary, nothing is dropped.");
}

static void put_suppressor(const struct teller *t, struct buf *out, struct slice name)
{
    const struct ast_node *rule = tell_find(t->program, AST_RULE, name);
    const struct ast_node *title = ast_child(rule, AST_TITLE);

    buf_printf(out, "\"%.*s\"", SLICE_ARG(title != NULL ? title->text : tell_code(t, name)));
}

static void put_suppress(const struct teller *t, struct buf *out, const struct ast_node *n)
{
    size_t i = 0, count = ast_count(n, AST_NAME);

    buf_text(out, "It is held back while ");
    for (const struct ast_node *c = ast_child(n, AST_NAME); c != NULL; c = ast_next(c, AST_NAME), i++) {
        buf_text(out, tell_joint(i, count, " or "));
        put_suppressor(t, out, c->text);
    }
    buf_text(out, " is open with the same ");
    put_fields(out, n);
    buf_text(out, ", but for at most ");
    tell_duration(out, ast_child(n, AST_DURATION)->number);
    buf_text(out, "; if it is still open then, it is told.");
}

static void put_deliver(const struct teller *t, struct buf *out, const struct ast_node *n)
{
    buf_text(out, "It is told only while ");
    tell_shift(t, out, n->child->text);
    buf_text(out, "; at other times it waits until then.");
}

static void put_need(const struct teller *t, struct buf *out, const struct ast_node *n)
{
    size_t i = 0, count = ast_count(n, AST_NEEDED);

    buf_text(out, "One answer is not enough: it takes ");
    for (const struct ast_node *c = ast_child(n, AST_NEEDED); c != NULL; c = ast_next(c, AST_NEEDED), i++) {
        buf_text(out, tell_joint(i, count, " and "));
        buf_printf(out, "%lld", (long long)c->number);
        if (c->child == NULL) {
            buf_text(out, c->number == 1 ? " accept" : " accepts");
            continue;
        }
        buf_text(out, " from ");
        tell_who(t, out, c->child);
    }
    buf_text(out, "; the others go on ringing until then.");
}

static void put_lease(struct buf *out, const struct ast_node *n)
{
    buf_text(out, "An accept holds for ");
    tell_duration(out, n->number);
    buf_text(out,
             ". When it is still active then, whoever accepted is rung once more, and 20 seconds later the "
             "plan goes on.");
}

static void put_expire(struct buf *out, const struct ast_node *n)
{
    buf_text(out, "It ends by itself after ");
    tell_duration(out, n->number);
    buf_text(out, ", because its sender never says that it is over.");
}

void tell_clause(const struct teller *t, struct buf *out, const struct ast_node *n)
{
    switch (n->kind) {
    case AST_HOLD:
        put_hold(t, out, n);
        break;
    case AST_DEDUPE:
        put_dedupe(out, n);
        break;
    case AST_BUNDLE:
        put_bundle(out, n);
        break;
    case AST_LIMIT:
        put_limit(out, n);
        break;
    case AST_SUPPRESS:
        put_suppress(t, out, n);
        break;
    case AST_DELIVER:
        put_deliver(t, out, n);
        break;
    case AST_NEED:
        put_need(t, out, n);
        break;
    case AST_LEASE:
        put_lease(out, n);
        break;
    case AST_EXPIRE:
        put_expire(out, n);
        break;
    default:
        break;
    }
}
