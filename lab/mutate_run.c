#include "lab/mutate.h"

#include <string.h>

/* Compiles the mutant once: for the comparison, and for its tests. */
struct once {
    const struct lab_tests_options *options;
    struct slice bytes;
    struct site *site;
};

static struct site *compile_once(void *ctx, struct slice bytes, struct error *err)
{
    struct once *o = ctx;

    if (o->site != NULL && slice_eq(bytes, o->bytes))
        return site_share(o->site);
    return o->options->compile_site(o->options->ctx, bytes, err);
}

static bool same_rules(const struct site *a, const struct site *b, struct arena *arena)
{
    struct ruleset_changes d;

    ruleset_changes(a->rules, b->rules, arena, &d);
    return d.added_count + d.changed_count + d.removed_count == 0;
}

/* Tests that asked the rule; of a fault in its plan alone, those in which it owned. A chain's rules are not
 * known here: every test. */
static const bool *concerned(const struct lab_tests_report *report, const struct mutant *m, struct arena *a)
{
    bool *pick = arena_array(a, report->count + 1, sizeof *pick);
    const struct lab_coverage *c = report->coverage;
    size_t rule = 0;

    while (rule < c->rule_count && !slice_eq(c->rules[rule].name, m->rule))
        rule++;
    for (size_t i = 0; i < report->count; i++)
        pick[i] = rule == c->rule_count || (report->results[i].touched[rule] & (m->plan_only ? 2 : 3)) != 0;
    return pick;
}

static bool until_one_fails(void *ctx, size_t done, size_t all, const struct lab_test_result *last)
{
    (void)ctx;
    (void)done;
    (void)all;
    return last->passed;
}

static enum mutant_fate run(const struct lab_tests_options *o, struct once *once, const struct fileset *files,
                            const bool *pick, struct arena *a, struct slice *killer)
{
    struct lab_tests_options mine = *o;
    struct lab_tests_report out;
    struct error err = { .code = ERROR_NONE };

    mine.compile_site = compile_once;
    mine.ctx = once;
    mine.files = files;
    mine.only = NULL;
    mine.coverage = false;
    mine.pick = pick;
    mine.progress = until_one_fails;
    if (!lab_tests_run(&mine, a, &out, &err)) {
        *killer = arena_printf(a, "the router: %s", err.message);
        return MUTANT_KILLED;
    }
    if (out.failed > 0)
        *killer = out.results[out.count - 1].name;
    return out.failed > 0 ? MUTANT_KILLED : MUTANT_SURVIVED;
}

enum mutant_fate mutant_try(const struct lab_tests_options *o, const struct site *base,
                            const struct lab_tests_report *report, const struct mutant *m, struct arena *a,
                            struct slice *killer)
{
    struct fileset *files = mutant_files(o->files, m);
    struct buf bytes = buf_make(SIZE_MAX / 2);
    struct once once = { .options = o };
    struct error err = { .code = ERROR_NONE };
    enum mutant_fate fate = MUTANT_REFUSED;

    *killer = (struct slice){ NULL, 0 };
    fileset_write(&bytes, files);
    once.bytes = buf_slice(&bytes);
    once.site = o->compile_site(o->ctx, once.bytes, &err);
    if (once.site != NULL && same_rules(base, once.site, a))
        fate = MUTANT_EQUAL;
    else if (once.site != NULL)
        fate = run(o, &once, files, concerned(report, m, a), a, killer);
    site_free(&once.site);
    buf_free(&bytes);
    fileset_free(&files);
    return fate;
}
