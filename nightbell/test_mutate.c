#include "nightbell/test_mutate.h"

#include "base/memory.h"
#include "nightbell/commands.h"
#include "nightbell/hl7_tool.h"
#include "nightbell/json_text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define DIM   "\033[2m"
#define OFF   "\033[0m"

enum { WORKERS_MAX = 64, KILLER_BYTES = 120, UNTRIED = 255 };

struct verdict { /* what a worker says of one mutant, in one write */
    uint32_t at;
    uint8_t fate;
    char killer[KILLER_BYTES];
};

struct trial {
    const struct mutate_choice *choice;
    const struct lab_tests_options *options;
    struct arena *arena;
    struct site *base;
    struct lab_tests_report report;
    struct mutant *mutants;
    size_t count, done;
    struct verdict *verdicts;
};

static const char *const fate_names[] = { [MUTANT_REFUSED] = "refused by check",
                                          [MUTANT_EQUAL] = "equal",
                                          [MUTANT_KILLED] = "killed",
                                          [MUTANT_SURVIVED] = "survived" };

static bool in(struct slice text, const char *part)
{
    struct slice want = slice_of(part);

    for (size_t i = 0; i + want.len <= text.len; i++)
        if (slice_eq(slice_sub(text, i, want.len), want))
            return true;
    return false;
}

/* --- workers ----------------------------------------------------------------------------------------------
 */

/* Every worker takes each n-th mutant, so that slow rules are shared out. */
static void work(const struct trial *t, size_t first, size_t step, int to)
{
    for (size_t i = first; i < t->count; i += step) {
        struct verdict v = { .at = (uint32_t)i };
        struct arena *a = arena_new();
        struct slice killer;
        v.fate = (uint8_t)mutant_try(t->options, t->base, &t->report, &t->mutants[i], a, &killer);
        snprintf(v.killer, sizeof v.killer, "%.*s", SLICE_ARG(killer));
        arena_free(&a);
        if (write(to, &v, sizeof v) != (ssize_t)sizeof v)
            break;
    }
}

static size_t cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : (size_t)n;
}

static void say_progress(const struct trial *t)
{
    size_t survived = 0;

    if (isatty(STDERR_FILENO) == 0)
        return;
    for (size_t i = 0; i < t->count; i++)
        survived += t->verdicts[i].fate == MUTANT_SURVIVED;
    fprintf(stderr, "\r%zu of %zu faults, %zu survived%s", t->done, t->count, survived,
            t->done == t->count ? "\r\033[K" : " ");
}

/* Verdicts are shorter than PIPE_BUF: each arrives whole. */
static void collect(struct trial *t, int from)
{
    struct verdict v;
    ssize_t got;

    while ((got = read(from, &v, sizeof v)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof v || v.at >= t->count)
            break;
        t->verdicts[v.at] = v;
        t->done++;
        say_progress(t);
    }
}

/* A worker that ends early leaves its mutants untried: they are tried here, where the end is seen. */
static bool run_workers(struct trial *t, struct error *err)
{
    int ends[2];
    size_t workers = cores() < t->count ? cores() : t->count;
    pid_t children[WORKERS_MAX];

    if (pipe(ends) != 0)
        return error_set(err, ERROR_IO, "no pipe to the workers: %s", strerror(errno));
    fflush(NULL);
    for (size_t i = 0; i < workers; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            close(ends[0]);
            work(t, i, workers, ends[1]);
            _exit(0);
        }
    }
    close(ends[1]);
    collect(t, ends[0]);
    close(ends[0]);
    bool fine = true;
    for (size_t i = 0; i < workers; i++) {
        int status = 0;
        fine = children[i] > 0 && waitpid(children[i], &status, 0) == children[i] && status == 0 && fine;
    }
    return (fine && t->done == t->count) || error_set(err, ERROR_INTERNAL, "a worker ended early");
}

/* --- telling ----------------------------------------------------------------------------------------------
 */

static size_t count_fate(const struct trial *t, enum mutant_fate fate)
{
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++)
        count += t->verdicts[i].fate == fate;
    return count;
}

static void put_survivor(const struct mutant *m, struct buf *out)
{
    buf_printf(out, "%ssurvived%s  %.*s:%u  %.*s", hl7_paint(RED), hl7_paint(OFF), SLICE_ARG(m->file),
               m->line, SLICE_ARG(m->what));
    if (m->rule.len > 0)
        buf_printf(out, "  %s(%.*s)%s", hl7_paint(DIM), SLICE_ARG(m->rule), hl7_paint(OFF));
    buf_printf(out, "\n    %s- %.*s%s\n    %s+ %.*s%s\n", hl7_paint(RED), SLICE_ARG(m->was), hl7_paint(OFF),
               hl7_paint(GREEN), SLICE_ARG(m->is), hl7_paint(OFF));
}

/* In the table each kind of fault has a line: where tests are thin is seen at once. */
static void put_kinds(const struct trial *t, struct buf *out)
{
    bool *told = memory_array(t->count + 1, sizeof *told);

    for (size_t i = 0; i < t->count; i++) {
        size_t killed = 0, survived = 0;
        for (size_t k = i; !told[i] && k < t->count; k++)
            if (slice_eq(t->mutants[k].what, t->mutants[i].what)) {
                killed += t->verdicts[k].fate == MUTANT_KILLED;
                survived += t->verdicts[k].fate == MUTANT_SURVIVED;
                told[k] = k != i;
            }
        if (!told[i] && killed + survived > 0)
            buf_printf(out, "  %-28.*s %4zu killed  %s%4zu survived%s\n", SLICE_ARG(t->mutants[i].what),
                       killed, hl7_paint(survived > 0 ? RED : DIM), survived, hl7_paint(OFF));
    }
    free(told);
}

static void tell_text(const struct trial *t, size_t killed, size_t survived, unsigned score)
{
    struct buf text = buf_make((size_t)1 << 30);

    for (size_t i = 0; i < t->count; i++)
        if (t->verdicts[i].fate == MUTANT_SURVIVED)
            put_survivor(&t->mutants[i], &text);
    buf_text(&text, survived > 0 ? "\n" : "");
    put_kinds(t, &text);
    buf_printf(
        &text,
        "%zu faults planted: %zu refused by check, %zu equal and not counted; of %zu that ran %zu killed, "
        "%s%zu survived%s: %u %%\n",
        t->count, count_fate(t, MUTANT_REFUSED), count_fate(t, MUTANT_EQUAL), killed + survived, killed,
        hl7_paint(survived > 0 ? RED : ""), survived, hl7_paint(OFF), score);
    hl7_put(&text);
    buf_free(&text);
}

static void tell_json(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct mutant *m = &t->mutants[i];
        hl7_put_json(json_pack("{s:o,s:o,s:o,s:I,s:s,s:o,s:o,s:s}", "fault", json_of_slice(m->what), "rule",
                               json_of_slice(m->rule), "file", json_of_slice(m->file), "line",
                               (json_int_t)m->line, "fate", fate_names[t->verdicts[i].fate], "was",
                               json_of_slice(m->was), "is", json_of_slice(m->is), "killer",
                               t->verdicts[i].killer));
    }
}

static int tell(const struct trial *t)
{
    size_t killed = count_fate(t, MUTANT_KILLED), survived = count_fate(t, MUTANT_SURVIVED);
    unsigned score = killed + survived > 0 ? (unsigned)(killed * 100 / (killed + survived)) : 100;

    if (t->choice->json)
        tell_json(t);
    else
        tell_text(t, killed, survived, score);
    return score >= t->choice->least ? COMMAND_DONE : COMMAND_NO;
}

/* --- all of it --------------------------------------------------------------------------------------------
 */

static void choose(struct trial *t)
{
    struct mutant *all;
    size_t count = mutants_make(t->options->files, t->choice->only != NULL ? 0 : t->choice->most,
                                t->choice->seed, t->arena, &all);

    t->mutants = all;
    for (size_t i = 0; i < count; i++)
        if (t->choice->only == NULL || in(all[i].rule, t->choice->only))
            all[t->count++] = all[i];
    if (t->choice->most > 0 && t->count > t->choice->most)
        t->count = t->choice->most;
    t->verdicts = arena_array(t->arena, t->count + 1, sizeof *t->verdicts);
    for (size_t i = 0; i < t->count; i++)
        t->verdicts[i].fate = UNTRIED;
}

static bool prepare(struct trial *t, struct error *err)
{
    struct lab_tests_options o = *t->options;
    struct buf bytes = buf_make(SIZE_MAX / 2);

    o.coverage = true;
    o.only = NULL;
    fileset_write(&bytes, o.files);
    t->base = o.compile_site(o.ctx, buf_slice(&bytes), err);
    buf_free(&bytes);
    if (t->base == NULL || !lab_tests_run(&o, t->arena, &t->report, err))
        return false;
    if (t->report.failed > 0)
        return error_set(err, ERROR_VALUE,
                         "%zu of %zu tests fail without any fault: nightbell test shows them",
                         t->report.failed, t->report.count);
    choose(t);
    return true;
}

int test_mutate(const struct mutate_choice *c, const struct lab_tests_options *o)
{
    struct trial t = { .choice = c, .options = o, .arena = arena_new() };
    struct error err = { .code = ERROR_NONE };
    int code = prepare(&t, &err) && run_workers(&t, &err) ? tell(&t) : report(&err);

    site_free(&t.base);
    arena_free(&t.arena);
    return code;
}
