/* What came against what was expected, moment by moment, and why. */
#include "lab/test_parts.h"

#include "base/memory.h"
#include "events/event.h"
#include "router/record.h"

#include <stdlib.h>
#include <string.h>

struct seen { /* one notification: however many devices it rang */
    int64_t at_us;
    struct slice holder, rule, full, lock;
    enum notify_level level;
    uint64_t alert;
    uint32_t step, repeat;
    bool fyi, desk;
    bool aside; /* a copy, or an alert that the router raised itself */
    bool own;   /* the latter */
    bool matched;
};

struct wanted {
    int64_t at_us;
    struct slice holder, rule, text;
    enum notify_level level;
    bool desk, fyi, matched;
    uint32_t line;
};

struct opened { /* an alert, as its records tell of it */
    uint64_t alert;
    bool copy, own;
};

struct judge {
    struct test_run *t;
    struct seen *seen;
    struct wanted *wanted;
    struct opened *opened;
    struct lab_test_row *rows;
    size_t seen_count, seen_room, wanted_count, wanted_room, opened_count, opened_room, row_count, row_room;
    bool all; /* copies count as well */
};

struct slice test_words(struct arena *a, struct slice holder, bool desk, enum notify_level level, bool fyi)
{
    static const char *const levels[] = {
        [LEVEL_NORMAL] = "", [LEVEL_URGENT] = " urgent", [LEVEL_SILENT] = " silent"
    };

    return arena_printf(a, "%s%.*s%s%s", desk ? "desk " : "", SLICE_ARG(holder), levels[level],
                        fyi ? " fyi" : "");
}

/* --- the journal ---------------------------------------------------------------------------------------- */

static void each_record(const struct lab *lab,
                        void (*each)(struct judge *j, const struct record *r, void *ctx), struct judge *j,
                        void *ctx)
{
    for (size_t i = 0; i < lab->append_count; i++) {
        struct reader in = reader_make(lab->appends[i].records);
        struct record r;
        while (in.len > 0 && record_read(&in, &r, NULL))
            each(j, &r, ctx);
    }
}

static void note_open(struct judge *j, const struct record *r, void *ctx)
{
    struct reader in;
    struct event e;

    (void)ctx;
    if (r->type != RECORD_ALERT_OPEN)
        return;
    in = reader_make(r->as.alert_open.event);
    MEMORY_ROOM(j->opened, j->opened_count, j->opened_room);
    struct opened *o = &j->opened[j->opened_count++];
    *o = (struct opened){ .alert = r->as.alert_open.alert, .copy = r->as.alert_open.copy_of != 0 };
    o->own = event_read(&in, &e) && slice_is(e.listener, "nightbell");
}

static const struct opened *opening(const struct judge *j, uint64_t alert)
{
    static const struct opened none;

    for (size_t i = 0; i < j->opened_count; i++)
        if (j->opened[i].alert == alert)
            return &j->opened[i];
    return &none;
}

struct reason { /* why somebody was not told */
    struct slice holder, why;
    int64_t at_us;
};

static void note_skipped(struct judge *j, const struct record *r, void *ctx)
{
    struct reason *reason = ctx;
    size_t count = 0;

    if (r->type != RECORD_STEP || r->lane_us > reason->at_us)
        return;
    const struct told_item *told = items_read(j->t->arena, &told_layout, r->as.step.told, &count);
    for (size_t i = 0; i < count; i++)
        if (!told[i].told && slice_eq(told[i].holder, reason->holder))
            reason->why = arena_copy(j->t->arena, told[i].reason);
}

/* What happened last, when nothing names the person: which rule owned, and in which state the alert was. */
static void note_owner(struct judge *j, const struct record *r, void *ctx)
{
    struct reason *reason = ctx;

    if (r->type == RECORD_ALERT_OPEN && r->lane_us <= reason->at_us && r->as.alert_open.copy_of == 0)
        reason->why = arena_printf(j->t->arena, "owned by %.*s (%.*s)%s", SLICE_ARG(r->as.alert_open.rule),
                                   SLICE_ARG(r->as.alert_open.why),
                                   r->as.alert_open.hold_until_us != TIME_NONE ? ", held" : "");
}

static struct slice why_not(struct judge *j, struct slice holder, int64_t at_us)
{
    struct reason skipped = { .holder = holder, .at_us = at_us }, owner = skipped;

    each_record(j->t->lab, note_skipped, j, &skipped);
    if (skipped.why.len > 0)
        return arena_printf(j->t->arena, "%.*s: %.*s", SLICE_ARG(holder), SLICE_ARG(skipped.why));
    each_record(j->t->lab, note_owner, j, &owner);
    return owner.why.len > 0 ? owner.why : SLICE("no alert had opened");
}

/* --- what came, what was wanted ------------------------------------------------------------------------- */

static bool is_desk(const struct judge *j, struct slice holder)
{
    const struct directory *d = test_site(j->t)->directory;

    return directory_person(d, holder) == NULL && directory_desk(d, holder) != NULL;
}

static void add_seen(struct judge *j, const struct lab_heard *h)
{
    const struct opened *o = opening(j, h->alert);

    for (size_t i = 0; i < j->seen_count; i++) {
        const struct seen *s = &j->seen[i];
        if (s->at_us == h->at_us && s->alert == h->alert && s->step == h->step && s->repeat == h->repeat &&
            slice_eq(s->holder, h->holder))
            return;
    }
    MEMORY_ROOM(j->seen, j->seen_count, j->seen_room);
    j->seen[j->seen_count++] = (struct seen){ .at_us = h->at_us,
                                              .holder = h->holder,
                                              .rule = h->rule,
                                              .full = h->full,
                                              .lock = h->lock,
                                              .level = h->level,
                                              .alert = h->alert,
                                              .step = h->step,
                                              .repeat = h->repeat,
                                              .fyi = h->fyi,
                                              .desk = is_desk(j, h->holder),
                                              .own = o->own,
                                              .aside = o->copy || o->own };
}

static enum notify_level level_of(const struct ast_node *level)
{
    if (level == NULL || slice_is(level->text, "normal"))
        return LEVEL_NORMAL;
    return slice_is(level->text, "urgent") ? LEVEL_URGENT : LEVEL_SILENT;
}

static void add_wanted(struct judge *j, const struct ast_node *a)
{
    const struct ast_node *rule = ast_child(a, AST_RULE), *text = ast_child(a, AST_STRING);

    if (!slice_is(a->text, "expect") || a->child == NULL)
        return;
    MEMORY_ROOM(j->wanted, j->wanted_count, j->wanted_room);
    j->wanted[j->wanted_count++] = (struct wanted){ .at_us = a->number,
                                                    .holder = a->child->text,
                                                    .rule = rule != NULL ? rule->text : SLICE(""),
                                                    .text = text != NULL ? text->text : SLICE(""),
                                                    .level = level_of(ast_child(a, AST_LEVEL)),
                                                    .desk = a->child->kind == AST_WHO_DESK,
                                                    .fyi = ast_child(a, AST_FYI) != NULL,
                                                    .line = a->at.line };
}

static bool contains(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (slice_eq(slice_sub(text, i, part.len), part))
            return true;
    return false;
}

/* `rule default` is any of the defaults. */
static bool owns(struct slice wanted, struct slice rule)
{
    return wanted.len == 0 || slice_eq(wanted, rule) ||
           (slice_is(wanted, "default") && slice_starts(rule, SLICE("default for ")));
}

static bool fits(const struct wanted *w, const struct seen *s)
{
    return w->at_us == s->at_us && slice_eq(w->holder, s->holder) && w->desk == s->desk &&
           w->level == s->level && w->fyi == s->fyi && (!s->own || w->rule.len > 0) &&
           owns(w->rule, s->rule) &&
           (w->text.len == 0 || contains(s->full, w->text) || contains(s->lock, w->text));
}

/* An expectation that says more chooses first, and what the rules themselves sent before copies. */
static void match(struct judge *j, bool picky, bool aside)
{
    for (size_t i = 0; i < j->wanted_count; i++) {
        struct wanted *w = &j->wanted[i];
        if (w->matched || (picky && w->rule.len + w->text.len == 0))
            continue;
        for (size_t k = 0; k < j->seen_count && !w->matched; k++)
            if (!j->seen[k].matched && j->seen[k].aside == aside && fits(w, &j->seen[k]))
                w->matched = j->seen[k].matched = true;
    }
}

/* --- rows -------------------------------------------------------------------------------------------------
 */

static void add_row(struct judge *j, struct lab_test_row row)
{
    MEMORY_ROOM(j->rows, j->row_count, j->row_room);
    j->rows[j->row_count++] = row;
}

static struct slice joined(struct judge *j, struct slice list, struct slice more)
{
    return list.len == 0 ? more : arena_printf(j->t->arena, "%.*s, %.*s", SLICE_ARG(list), SLICE_ARG(more));
}

static struct slice wanted_words(struct judge *j, const struct wanted *w)
{
    struct slice words = test_words(j->t->arena, w->holder, w->desk, w->level, w->fyi);

    if (w->rule.len > 0)
        words = arena_printf(j->t->arena, "%.*s rule %.*s", SLICE_ARG(words), SLICE_ARG(w->rule));
    if (w->text.len > 0)
        words = arena_printf(j->t->arena, "%.*s text \"%.*s\"", SLICE_ARG(words), SLICE_ARG(w->text));
    return words;
}

static struct slice seen_words(struct judge *j, const struct seen *s, bool more)
{
    struct slice words = test_words(j->t->arena, s->holder, s->desk, s->level, s->fyi);

    if (!more)
        return words;
    return arena_printf(j->t->arena, "%.*s (rule %.*s, step %u%s)", SLICE_ARG(words), SLICE_ARG(s->rule),
                        s->step + 1, s->repeat > 0 ? ", again" : "");
}

static uint32_t line_at(const struct judge *j, int64_t at_us)
{
    uint32_t line = j->t->test->at.line;

    for (const struct ast_node *a = ast_child(j->t->test, AST_ACTION); a != NULL; a = ast_next(a, AST_ACTION))
        if (a->number <= at_us)
            line = a->at.line;
    return line;
}

/* A text that differs is the usual reason when somebody was rung all the same. */
static struct slice text_instead(struct judge *j, const struct wanted *w)
{
    for (size_t i = 0; i < j->seen_count && w->text.len > 0; i++)
        if (j->seen[i].at_us == w->at_us && slice_eq(j->seen[i].holder, w->holder))
            return arena_printf(j->t->arena, "the text was \"%.*s\"", SLICE_ARG(j->seen[i].full));
    return (struct slice){ NULL, 0 };
}

static bool counts(const struct judge *j, const struct seen *s)
{
    return !s->matched && (!s->aside || j->all);
}

static void moment(struct judge *j, int64_t at_us)
{
    struct lab_test_row wrong = { .at_us = at_us, .line = line_at(j, at_us), .wrong = true }, fine = wrong;

    fine.wrong = false;
    for (size_t i = 0; i < j->wanted_count; i++) {
        const struct wanted *w = &j->wanted[i];
        struct lab_test_row *row = w->matched ? &fine : &wrong;
        if (w->at_us != at_us)
            continue;
        if (row->expected.len == 0)
            row->line = w->line;
        row->expected = joined(j, row->expected, wanted_words(j, w));
        if (!w->matched && wrong.why.len == 0)
            wrong.why = text_instead(j, w).len > 0 ? text_instead(j, w) : why_not(j, w->holder, at_us);
    }
    for (size_t i = 0; i < j->seen_count; i++)
        if (j->seen[i].at_us == at_us && (j->seen[i].matched || counts(j, &j->seen[i]))) {
            struct lab_test_row *row = j->seen[i].matched ? &fine : &wrong;
            row->got = joined(j, row->got, seen_words(j, &j->seen[i], !j->seen[i].matched));
        }
    if (fine.expected.len > 0)
        add_row(j, fine);
    if (wrong.expected.len + wrong.got.len > 0) {
        wrong.expected = wrong.expected.len > 0 ? wrong.expected : SLICE("nothing");
        wrong.got = wrong.got.len > 0 ? wrong.got : SLICE("nothing");
        add_row(j, wrong);
    }
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void all_moments(struct judge *j)
{
    size_t count = 0, room = j->wanted_count + j->seen_count + j->t->refused_count;
    int64_t *times = memory_array(room + 1, sizeof *times);

    for (size_t i = 0; i < j->wanted_count; i++)
        times[count++] = j->wanted[i].at_us;
    for (size_t i = 0; i < j->seen_count; i++)
        times[count++] = j->seen[i].at_us;
    for (size_t i = 0; i < j->t->refused_count; i++)
        times[count++] = j->t->refused[i].at_us;
    qsort(times, count, sizeof *times, by_time);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && times[i] == times[i - 1])
            continue;
        moment(j, times[i]);
        for (size_t k = 0; k < j->t->refused_count; k++)
            if (j->t->refused[k].at_us == times[i])
                add_row(j, j->t->refused[k]);
    }
    free(times);
}

static void take_all(struct judge *j)
{
    const struct lab *lab = j->t->lab;

    each_record(lab, note_open, j, NULL);
    for (size_t i = 0; i < lab->heard_count; i++)
        if (lab->heard[i].kind == EFFECT_SEND)
            add_seen(j, &lab->heard[i]);
    for (const struct ast_node *a = ast_child(j->t->test, AST_ACTION); a != NULL; a = ast_next(a, AST_ACTION))
        add_wanted(j, a);
}

void test_judge(struct test_run *t, struct lab_test_result *out)
{
    struct judge j = { .t = t, .all = ast_child(t->test, AST_ALL) != NULL };

    take_all(&j);
    for (int pass = 0; pass < 4; pass++)
        match(&j, pass % 2 == 0, pass >= 2);
    all_moments(&j);
    struct lab_test_row *rows = arena_array(t->arena, j.row_count, sizeof *rows);
    out->passed = true;
    for (size_t i = 0; i < j.row_count; i++) {
        rows[i] = j.rows[i];
        out->passed = out->passed && !rows[i].wrong;
    }
    out->rows = rows;
    out->row_count = j.row_count;
    out->heard = j.seen_count;
    free(j.seen);
    free(j.wanted);
    free(j.opened);
    free(j.rows);
}
