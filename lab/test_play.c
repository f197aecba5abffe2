/* One test from its first fact to its last action, in virtual time. */
#include "lab/test_parts.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>

bool test_refuse(struct test_run *t, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    MEMORY_ROOM(t->refused, t->refused_count, t->refused_room);
    t->refused[t->refused_count++] = (struct lab_test_row){
        .at_us = t->lab->now_us, .line = t->line, .why = arena_copy(t->arena, slice_of(text)), .wrong = true
    };
    return false;
}

const struct site *test_site(const struct test_run *t)
{
    return core_site(t->lab->core);
}

static bool is_duty(const struct ast_node *fact)
{
    return slice_is(fact->text, "oncall") || slice_is(fact->text, "covers");
}

/* All facts of a block together: what is on call changes the site once, and patients come before those who
 * care for them. */
static void facts(struct test_run *t, const struct ast_node *block)
{
    bool duty = false;

    for (const struct ast_node *f = ast_child(block, AST_FACT); f != NULL; f = ast_next(f, AST_FACT)) {
        t->line = f->at.line;
        if (slice_is(f->text, "patient") || is_duty(f))
            test_fact(t, f);
        duty = duty || is_duty(f);
    }
    if (duty)
        test_duty_apply(t);
    for (const struct ast_node *f = ast_child(block, AST_FACT); f != NULL; f = ast_next(f, AST_FACT)) {
        t->line = f->at.line;
        if (!slice_is(f->text, "patient") && !is_duty(f))
            test_fact(t, f);
    }
}

static struct slice who(const struct ast_node *action)
{
    return action->child->text;
}

static void answer(struct test_run *t, const struct ast_node *action)
{
    const struct ast_node *said = ast_child(action, AST_STRING);
    enum answer_kind kind;

    if (!answer_kind_find(action->text, &kind)) {
        test_refuse(t, "no reply \"%.*s\"", SLICE_ARG(action->text));
        return;
    }
    struct slice holder = who(action);
    if (!lab_answer(t->lab, arena_text(t->arena, holder), kind,
                    said != NULL ? arena_text(t->arena, said->text) : "")) {
        if (!t->lab->broken)
            test_refuse(t, "%.*s has nothing to answer", SLICE_ARG(holder));
        return;
    }
    if (t->lab->last.answer == ANSWER_LATE)
        test_refuse(t, "%.*s answers too late: it is taken or closed", SLICE_ARG(holder));
    else if (t->lab->last.answer != ANSWER_TAKEN)
        test_refuse(t, "the message offers no \"%.*s\"", SLICE_ARG(action->text));
}

static void load(struct test_run *t, const struct ast_node *action)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *next = test_files_loaded(t->files, action->child->text, &err);

    if (next == NULL) {
        test_refuse(t, "%s", err.message);
        return;
    }
    fileset_free(&t->loaded);
    t->loaded = next;
    t->files = next;
    test_duty_apply(t);
}

static void act(struct test_run *t, const struct ast_node *action)
{
    struct slice word = action->text;

    if (slice_is(word, "fact")) {
        test_fact(t, action->child);
        if (is_duty(action->child))
            test_duty_apply(t);
    } else if (slice_is(word, "send")) {
        test_send(t, action);
    } else if (slice_is(word, "restart")) {
        lab_restart(t->lab, 0, t->restarts++ % 2 == 1);
    } else if (slice_is(word, "load")) {
        load(t, action);
    } else if (slice_is(word, "undelivered")) {
        lab_silent(t->lab, arena_text(t->arena, who(action)), true);
    } else if (!slice_is(word, "expect")) {
        answer(t, action);
    }
}

void test_play(struct test_run *t)
{
    if (t->world != NULL)
        facts(t, t->world);
    facts(t, t->test);
    for (const struct ast_node *a = ast_child(t->test, AST_ACTION); a != NULL && !t->lab->broken;
         a = ast_next(a, AST_ACTION)) {
        t->line = a->at.line;
        lab_until(t->lab, a->number);
        if (!t->lab->broken)
            act(t, a);
    }
    if (t->lab->broken)
        test_refuse(t, "the router: %s", t->lab->error.message);
}
