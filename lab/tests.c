#include "lab/tests.h"

#include "base/memory.h"
#include "lab/test_parts.h"

#include <stdlib.h>

struct found { /* the tests of a site, in order */
    const struct ast_node *test, *file;
};

struct running {
    const struct lab_tests_options *options;
    struct arena *arena;
    struct test_sites sites;
    const struct ast_node *program;
    struct slice fileset;
    struct lab *base; /* the site in force, everybody's phones enrolled: each test goes on from here */
    struct found *tests;
    size_t count, room;
};

static bool holds(struct slice name, const char *part)
{
    struct slice want = slice_of(part);

    for (size_t i = 0; i + want.len <= name.len; i++)
        if (slice_eq(slice_sub(name, i, want.len), want))
            return true;
    return false;
}

static void find_tests(struct running *r)
{
    const bool *pick = r->options->pick;
    size_t at = 0;

    for (const struct ast_node *f = r->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_TEST); n != NULL; n = ast_next(n, AST_TEST))
            if ((pick == NULL || pick[at++]) &&
                (r->options->only == NULL || holds(n->text, r->options->only))) {
                MEMORY_ROOM(r->tests, r->count, r->room);
                r->tests[r->count++] = (struct found){ n, f };
            }
}

static const struct ast_node *world_of(const struct running *r, const struct ast_node *test)
{
    const struct ast_node *with = ast_child(test, AST_WITH);

    for (const struct ast_node *f = r->program->child; with != NULL && f != NULL; f = f->next)
        for (const struct ast_node *n = ast_child(f, AST_WORLD); n != NULL; n = ast_next(n, AST_WORLD))
            if (slice_eq(n->text, with->text))
                return n;
    return NULL;
}

/* `at DATE TIME [first|second]` on the site's wall clock. */
static int64_t wall_of(const struct ast_node *test, const struct tz *zone)
{
    const struct ast_node *at = ast_child(test, AST_AT);
    const struct ast_node *pick = at != NULL ? ast_child(at, AST_NAME) : NULL;

    if (at == NULL)
        return 0;
    return tz_from_civil(zone, time_to_civil(at->child->number),
                         pick != NULL && slice_is(pick->text, "second") ? TZ_SECOND : TZ_FIRST);
}

static bool has_inbox(const struct site *site, const struct reach *reach, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct block *b = site_block(site, reach[i].endpoint);
        if (b == NULL || slice_is(b->kind, "inbox"))
            return true;
    }
    return false;
}

static void enrol(struct running *r, struct slice name)
{
    struct arena *a = arena_new();

    lab_enrol(r->base, arena_text(a, name));
    arena_free(&a);
}

static bool begin(struct running *r, struct error *err)
{
    struct lab_options o = { .compile_site = test_sites_compile,
                             .ctx = &r->sites,
                             .asked = test_sites_asked,
                             .fileset = r->fileset,
                             .gateways = true };
    struct site *site = test_sites_compile(&r->sites, r->fileset, err);

    if (site == NULL)
        return false;
    r->base = lab_new(&o);
    if (r->options->coverage)
        r->sites.coverage = cover_count_new(site->rules, r->program, r->arena);
    const struct directory *d = site->directory;
    for (size_t i = 0; i < d->person_count; i++)
        if (has_inbox(site, d->persons[i].reach, d->persons[i].reach_count))
            enrol(r, d->persons[i].name);
    for (size_t i = 0; i < d->desk_count; i++)
        if (has_inbox(site, d->desks[i].reach, d->desks[i].reach_count))
            enrol(r, d->desks[i].name);
    site_free(&site);
    if (r->base->broken)
        *err = r->base->error;
    return !r->base->broken;
}

static void run_one(struct running *r, const struct found *f, struct lab_test_result *out)
{
    struct test_run t = { .arena = r->arena,
                          .sites = &r->sites,
                          .files = r->options->files,
                          .test = f->test,
                          .world = world_of(r, f->test) };
    struct buf text = buf_make(1 << 20);

    *out = (struct lab_test_result){ .name = f->test->text, .file = f->file->text, .line = f->test->at.line };
    t.lab = lab_new_from(r->base, wall_of(f->test, core_site(r->base->core)->zone));
    test_play(&t);
    test_judge(&t, out);
    if (r->sites.coverage != NULL) {
        cover_count_journal(r->sites.coverage, t.lab, r->base->append_count);
        out->touched = cover_count_touched(r->sites.coverage);
    }
    out->sent = t.sent;
    out->virtual_us = t.lab->now_us;
    if (!out->passed) {
        lab_test_text(out, false, &text);
        out->failure = arena_copy(r->arena, buf_slice(&text));
    }
    buf_free(&text);
    lab_free(&t.lab);
    fileset_free(&t.loaded);
    free(t.patients);
    free(t.duty);
    free(t.refused);
}

static void run_all(struct running *r, struct lab_tests_report *out)
{
    struct lab_test_result *results = arena_array(r->arena, r->count, sizeof *results);

    out->results = results;
    for (size_t i = 0; i < r->count; i++) {
        run_one(r, &r->tests[i], &results[i]);
        out->count++;
        out->passed += results[i].passed;
        out->failed += !results[i].passed;
        if (r->options->progress != NULL &&
            !r->options->progress(r->options->progress_ctx, i + 1, r->count, &results[i]))
            return;
    }
}

bool lab_tests_run(const struct lab_tests_options *o, struct arena *a, struct lab_tests_report *out,
                   struct error *err)
{
    struct running r = { .options = o, .arena = a, .program = site_program(o->files, a) };
    bool fine;

    *out = (struct lab_tests_report){ .count = 0 };
    test_sites_init(&r.sites, o);
    r.fileset = test_fileset(a, o->files, NULL, 0);
    find_tests(&r);
    fine = begin(&r, err);
    if (fine)
        run_all(&r, out);
    if (r.sites.coverage != NULL)
        out->coverage = cover_count_done(r.sites.coverage);
    lab_free(&r.base);
    test_sites_free(&r.sites);
    free(r.tests);
    return fine;
}

size_t lab_tests_count(const struct fileset *files)
{
    struct arena *a = arena_new();
    const struct ast_node *program = site_program(files, a);
    size_t count = 0;

    for (const struct ast_node *f = program->child; f != NULL; f = f->next)
        count += ast_count(f, AST_TEST);
    arena_free(&a);
    return count;
}
