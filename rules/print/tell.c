#include "rules/print/tell.h"

#include "base/time.h"

#include <string.h>

enum { SENTENCE_MAX = 65536 };

/* A sentence in the making, and then in the arena. */
static struct slice keep(const struct teller *t, struct buf *text)
{
    struct slice kept = arena_copy(t->arena, buf_slice(text));

    buf_free(text);
    return kept;
}

static const struct {
    const char *kind, *phase, *words;
} openings[] = {
    { "alarm", "starts", "an alarm begins" },
    { "alarm", "ends", "an alarm ends" },
    { "alarm", "worsens", "an alarm gets worse" },
    { "alarm", "eases", "an alarm eases" },
    { "alarm", "attended", "an alarm is attended" },
    { "call", "starts", "somebody calls" },
    { "call", "ends", "a call is cleared" },
    { "call", "attended", "a call is attended" },
    { "result", "final", "a final result comes" },
    { "result", "preliminary", "a preliminary result comes" },
    { "result", "corrected", "a corrected result comes" },
    { "appointment", "no-show", "a patient does not come to an appointment" },
    { "transport", "inbound", "an ambulance is on its way" },
    { "transport", "arrived", "an ambulance has arrived" },
    { "transfer", "starts", "a patient is admitted or moved" },
    { "order", "starts", "an order is placed" },
};

static void put_opening(struct buf *out, struct slice kind, struct slice phase)
{
    const char *a = kind.len > 0 && strchr("aeiou", kind.ptr[0]) != NULL ? "an" : "a";

    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
        if (slice_is(kind, openings[i].kind) && slice_is(phase, openings[i].phase)) {
            buf_text(out, openings[i].words);
            return;
        }
    buf_printf(out, "%s %.*s is in the phase \"%.*s\"", a, SLICE_ARG(kind), SLICE_ARG(phase));
}

static struct slice told_when(const struct teller *t, const struct ast_node *when)
{
    struct buf out = buf_make(SENTENCE_MAX);
    const struct ast_node *kind = when->child, *phase = kind->next;

    buf_text(&out, "When ");
    put_opening(&out, kind->text, phase->text);
    for (const struct ast_node *c = phase->next; c != NULL; c = c->next) {
        buf_text(&out, c->kind == AST_UNLESS ? "; but not when " : ", and ");
        tell_condition(t, &out, c->kind == AST_UNLESS ? c->child : c);
    }
    buf_text(&out, ".");
    return keep(t, &out);
}

static struct slice told_default(const struct teller *t, struct slice kind)
{
    struct buf out = buf_make(SENTENCE_MAX);

    if (kind.len > 0)
        buf_printf(&out, "When no rule takes an event of the kind \"%.*s\".", SLICE_ARG(kind));
    else
        buf_text(&out, "When no rule takes an event, and its kind has no words of its own.");
    return keep(t, &out);
}

/* --- steps -------------------------------------------------------------------------------------------------
 */

struct steps {
    const struct teller *t;
    struct told *told;
    struct told_step *list;
    size_t count;
    bool several; /* more than one accept is needed */
};

static const char *state_words(const struct steps *s, const struct ast_node *after)
{
    if (ast_child(after, AST_STATE_OPEN) != NULL)
        return ", if it is still open at the bedside";
    if (ast_child(after, AST_STATE_NOT_DELIVERED) != NULL)
        return ", if no phone has received it";
    return s->several ? ", if not enough have accepted" : ", if nobody has accepted";
}

static struct slice step_when(const struct steps *s, const struct ast_node *after)
{
    struct buf out = buf_make(SENTENCE_MAX);

    if (after == NULL) {
        buf_text(&out, s->told->hold_us > 0 ? "After the wait" : "At once");
    } else {
        buf_text(&out, "After ");
        tell_duration(&out, after->number);
        buf_text(&out, state_words(s, after));
    }
    return keep(s->t, &out);
}

static struct slice step_whom(const struct steps *s, const struct ast_node *notify)
{
    struct buf out = buf_make(SENTENCE_MAX);
    size_t i = 0, count = ast_count(notify, AST_TARGET);

    for (const struct ast_node *c = ast_child(notify, AST_TARGET); c != NULL;
         c = ast_next(c, AST_TARGET), i++) {
        buf_text(&out, i == 0 ? "" : i + 1 == count ? "; and " : "; ");
        tell_target(s->t, &out, c);
    }
    return keep(s->t, &out);
}

/* As written, without the words of the language that the picture shows otherwise. */
static void put_brief(struct buf *out, const struct ast_node *who)
{
    static const struct {
        enum ast_kind kind;
        const char *word;
    } words[] = { { AST_WHO_ONCALL, "oncall " },    { AST_WHO_GROUP, "group " },
                  { AST_WHO_DESK, "desk " },        { AST_WHO_UNIT_DESK, "unit-desk" },
                  { AST_WHO_EVERYONE, "everyone" }, { AST_WHO_TURN, "turn of " },
                  { AST_WHO_LEAST, "least of " },   { AST_WHO_COVERING, "covering " } };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (who->kind == words[i].kind)
            buf_text(out, words[i].word);
    buf_put(out, who->text);
    const struct ast_node *of = ast_child(who, AST_OF);
    if (of != NULL && of->child != NULL)
        buf_printf(out, " of %.*s", SLICE_ARG(of->child->text));
}

static struct slice step_brief(const struct steps *s, const struct ast_node *notify)
{
    struct buf out = buf_make(SENTENCE_MAX);

    for (const struct ast_node *c = ast_child(notify, AST_TARGET); c != NULL; c = ast_next(c, AST_TARGET)) {
        buf_text(&out, out.len > 0 ? ", " : "");
        for (const struct ast_node *w = c->child; w != NULL; w = w->next) {
            buf_text(&out, w != c->child ? " else " : "");
            put_brief(&out, w);
        }
    }
    return keep(s->t, &out);
}

static struct slice step_how(const struct told_step *step)
{
    static const char *const words[3][2] = {
        { "", "for information, no answer asked" },
        { "loud, through silent mode", "loud, through silent mode; for information, no answer asked" },
        { "without a sound", "without a sound; for information, no answer asked" }
    };

    return slice_of(words[step->level][step->fyi]);
}

static void add_step(struct steps *s, const struct ast_node *after, const struct ast_node *notify)
{
    const struct ast_node *level = ast_child(notify, AST_LEVEL), *using = ast_child(notify, AST_USING);

    if (s->count == TOLD_STEPS)
        return; /* the checker allows far fewer */
    struct told_step *step = &s->list[s->count++];
    *step = (struct told_step){ .at_us = after != NULL ? after->number : 0,
                                .fyi = ast_child(notify, AST_FYI) != NULL,
                                .when = step_when(s, after),
                                .whom = step_whom(s, notify),
                                .brief = step_brief(s, notify),
                                .message = using != NULL ? using->text : SLICE("") };
    if (level != NULL)
        step->level = slice_is(level->text, "urgent")   ? TOLD_URGENT
                      : slice_is(level->text, "silent") ? TOLD_SILENT
                                                        : TOLD_NORMAL;
    step->how = step_how(step);
}

static void add_repeat(struct steps *s, const struct ast_node *n)
{
    struct buf out = buf_make(SENTENCE_MAX);

    s->told->repeat_every_us = ast_child(n, AST_DURATION)->number;
    s->told->repeat_max = (uint32_t)n->number;
    s->told->repeat_from_us = s->count > 0 ? s->list[s->count - 1].at_us : 0;
    buf_text(&out, ast_child(n, AST_ALL) != NULL
                       ? "Then everyone told so far who has not declined is rung again every "
                       : "Then the last step is rung again every ");
    if (s->told->repeat_every_us == TIME_MIN)
        buf_text(&out, "minute");
    else
        tell_duration(&out, s->told->repeat_every_us);
    buf_printf(&out,
               ", at most %u times, until it is accepted. After that it stays open on the list of its desk.",
               (unsigned)s->told->repeat_max);
    s->told->repeat = keep(s->t, &out);
}

/* A chain stands in the place of its name, on the same clock. The checker refuses circles of chains. */
static void add_steps(struct steps *s, const struct ast_node *parent, unsigned depth)
{
    for (const struct ast_node *n = parent->child; n != NULL; n = n->next) {
        const struct ast_node *chain =
            n->kind == AST_ESCALATE ? tell_find(s->t->program, AST_CHAIN, n->text) : NULL;
        if (n->kind == AST_NOTIFY)
            add_step(s, NULL, n);
        else if (n->kind == AST_AFTER && ast_child(n, AST_NOTIFY) != NULL)
            add_step(s, n, ast_child(n, AST_NOTIFY));
        else if (n->kind == AST_REPEAT)
            add_repeat(s, n);
        else if (chain != NULL && depth < 8)
            add_steps(s, chain, depth + 1);
    }
}

/* By time; equal times in the order of writing: insertion keeps it. */
static void sort_steps(struct steps *s)
{
    for (size_t i = 1; i < s->count; i++) {
        struct told_step step = s->list[i];
        size_t k = i;
        for (; k > 0 && s->list[k - 1].at_us > step.at_us; k--)
            s->list[k] = s->list[k - 1];
        s->list[k] = step;
    }
}

static void told_steps(const struct teller *t, const struct ast_node *declaration, struct told *out)
{
    const struct ast_node *need = ast_child(declaration, AST_NEED);
    struct steps s = { .t = t, .told = out, .several = need != NULL };

    s.list = arena_array(t->arena, TOLD_STEPS, sizeof *s.list);
    add_steps(&s, declaration, 0);
    sort_steps(&s);
    out->steps = s.list;
    out->step_count = s.count;
}

/* --- the rest ----------------------------------------------------------------------------------------------
 */

static void told_clauses(const struct teller *t, const struct ast_node *declaration, struct told *out)
{
    struct slice *list;
    size_t room = 0;

    for (const struct ast_node *n = declaration->child; n != NULL; n = n->next)
        room++;
    list = arena_array(t->arena, room + 1, sizeof *list);
    for (const struct ast_node *n = declaration->child; n != NULL; n = n->next) {
        struct buf text = buf_make(SENTENCE_MAX);
        tell_clause(t, &text, n);
        if (text.len > 0)
            list[out->clause_count++] = arena_copy(t->arena, buf_slice(&text));
        buf_free(&text);
        if (n->kind == AST_HOLD)
            out->hold_us = n->number;
    }
    out->clauses = list;
}

static const char *ending_words(struct slice name)
{
    return slice_is(name, "accepted")   ? "it is accepted"
           : slice_is(name, "ended")    ? "it is over at the bedside"
           : slice_is(name, "attended") ? "staff is at the bedside"
                                        : "somebody says that it is done";
}

static struct slice told_ends(const struct teller *t, const struct ast_node *declaration)
{
    const struct ast_node *stop = ast_child(declaration, AST_STOP);
    struct buf out = buf_make(SENTENCE_MAX);
    size_t i = 0, count = ast_count(stop, AST_NAME);
    bool ended = stop == NULL;

    buf_text(&out, "It stops when ");
    if (stop == NULL)
        buf_text(&out, "it is accepted or it is over at the bedside");
    for (const struct ast_node *n = ast_child(stop, AST_NAME); n != NULL; n = ast_next(n, AST_NAME), i++) {
        buf_printf(&out, "%s%s", tell_joint(i, count, " or "), ending_words(n->text));
        ended = ended || slice_is(n->text, "ended");
    }
    buf_text(&out, ", and always when its sender takes it back.");
    if (!ended)
        buf_text(&out,
                 " That it is over at the bedside is not enough: it goes on, marked \"cleared, unseen\".");
    return keep(t, &out);
}

static struct slice text_of(const struct ast_node *declaration, enum ast_kind kind)
{
    const struct ast_node *n = ast_child(declaration, kind);

    return n != NULL ? n->text : SLICE("");
}

static struct slice told_ignores(const struct teller *t, const struct ast_node *ignore)
{
    return arena_printf(
        t->arena, "Nobody is told, because: %.*s. One that is flagged critical or STAT rings all the same.",
        SLICE_ARG(ignore->text));
}

void tell(const struct teller *t, const struct ast_node *n, struct told *out)
{
    const struct ast_node *when = ast_child(n, AST_WHEN), *ignore = ast_child(n, AST_IGNORE);

    *out = (struct told){ .kind = n->kind == AST_COPY      ? SLICE("copy")
                                  : n->kind == AST_DEFAULT ? SLICE("default")
                                                           : SLICE("rule"),
                          .name = n->text,
                          .title = text_of(n, AST_TITLE),
                          .why = text_of(n, AST_WHY),
                          .owner = text_of(n, AST_OWNER),
                          .review = text_of(n, AST_REVIEW),
                          .mode = text_of(n, AST_MODE) };
    out->when = when != NULL ? told_when(t, when) : told_default(t, n->text);
    told_clauses(t, n, out);
    if (ignore != NULL) {
        out->ignores = told_ignores(t, ignore);
        return;
    }
    told_steps(t, n, out);
    if (n->kind == AST_COPY)
        out->ends = SLICE("It only informs: another rule owns the event and sees to it.");
    else
        out->ends = told_ends(t, n);
}
