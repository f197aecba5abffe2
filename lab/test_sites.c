#include "lab/test_parts.h"

#include <string.h>

static const struct slice DUTY = SLICE_INIT(".test/duty");

/* Instants that no test reaches, far enough from the ends of int64 that sums stay inside. */
#define EVER_FROM (-100 * 366 * TIME_DAY)
#define EVER_TO   (400 * 366 * TIME_DAY)

void test_sites_init(struct test_sites *s, const struct lab_tests_options *options)
{
    *s = (struct test_sites){ .options = options, .compiled = map_new() };
}

static void free_site(void *site)
{
    struct site *s = site;

    site_free(&s);
}

void test_sites_free(struct test_sites *s)
{
    map_free(&s->compiled, free_site);
}

void test_sites_asked(void *sites, const struct ruleset *rules, const struct event *e,
                      const struct eval_now *now)
{
    struct test_sites *s = sites;

    if (s->coverage != NULL)
        cover_count_asked(s->coverage, rules, e, now);
}

/* --- what is on call ---------------------------------------------------------------------------------- */

static struct rota always(struct site *s, struct rota r, struct slice person, struct slice instead_of)
{
    struct rota_interval *one = arena_alloc(s->arena, sizeof *one);

    *one = (struct rota_interval){ EVER_FROM, EVER_TO, person, instead_of };
    r.overrides = one;
    r.override_count = 1;
    return r;
}

/* `oncall ROTA PERSON`: that person and nobody else. */
static void put_oncall(struct site *s, struct rota *rotas, size_t count, const struct test_duty *d)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rotas[i].name, d->first)) {
            rotas[i].turns = NULL;
            rotas[i].turn_count = 0;
            rotas[i] = always(s, rotas[i], d->second, (struct slice){ NULL, 0 });
        }
}

/* `covers A B`: a turn that is B's, and A stands in for all of it. */
static struct rota cover_rota(struct site *s, const struct test_duty *d, size_t number)
{
    struct rota_turn *turn = arena_alloc(s->arena, sizeof *turn);
    struct slice *person = arena_alloc(s->arena, sizeof *person);

    *person = d->second;
    *turn = (struct rota_turn){ time_to_civil(EVER_FROM), 7, person, 1 };
    struct rota r = {
        .name = arena_printf(s->arena, ".covers.%zu", number), .zone = s->zone, .turns = turn, .turn_count = 1
    };
    return always(s, r, d->first, d->second);
}

static void change_duty(struct site *s, struct directory *own, const struct test_duty *duty, size_t count)
{
    struct rota *rotas = arena_array(s->arena, own->rota_count + count, sizeof *rotas);

    if (own->rota_count > 0)
        memcpy(rotas, own->rotas, own->rota_count * sizeof *rotas);
    for (size_t i = 0; i < count; i++) {
        if (slice_is(duty[i].what, "oncall"))
            put_oncall(s, rotas, own->rota_count, &duty[i]);
        else
            rotas[own->rota_count++] = cover_rota(s, &duty[i], i);
    }
    own->rotas = rotas;
}

static size_t read_duty(struct arena *a, struct slice text, struct test_duty **out)
{
    size_t count = 0, room = text.len / 4 + 1;

    *out = arena_array(a, room, sizeof **out);
    text = arena_copy(a, text);
    while (text.len > 0 && count < room) {
        struct slice line = slice_cut(&text, '\n');
        struct slice what = slice_cut(&line, ' '), first = slice_cut(&line, ' ');
        (*out)[count++] = (struct test_duty){ what, first, line };
    }
    return count;
}

struct slice test_fileset(struct arena *a, const struct fileset *files, const struct test_duty *duty,
                          size_t count)
{
    struct buf bytes = buf_make(SIZE_MAX / 2), text = buf_make(SIZE_MAX / 2);
    struct fileset *all = fileset_new();
    struct slice name, file;

    for (size_t i = 0; i < fileset_count(files); i++) {
        fileset_at(files, i, &name, &file);
        fileset_add(all, name, file, NULL);
    }
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%.*s %.*s %.*s\n", SLICE_ARG(duty[i].what), SLICE_ARG(duty[i].first),
                   SLICE_ARG(duty[i].second));
    if (count > 0)
        fileset_add(all, DUTY, buf_slice(&text), NULL);
    fileset_write(&bytes, all);
    struct slice kept = arena_copy(a, buf_slice(&bytes));
    buf_free(&bytes);
    buf_free(&text);
    fileset_free(&all);
    return kept;
}

/* --- compiling ---------------------------------------------------------------------------------------- */

static struct site *compiled(struct test_sites *s, struct slice bytes, struct error *err)
{
    struct site *site = map_get(s->compiled, bytes);

    if (site != NULL)
        return site;
    site = s->options->compile_site(s->options->ctx, bytes, err);
    if (site != NULL)
        map_put(s->compiled, bytes, site);
    return site;
}

/* Files with what is on call among them: the site without, and a variant of it. */
static struct site *variant(struct test_sites *s, const struct fileset *files, struct slice text,
                            struct error *err)
{
    struct fileset *bare = fileset_new();
    struct slice name, file;
    struct arena *a = arena_new();
    struct site *site = NULL;

    for (size_t i = 0; i < fileset_count(files); i++) {
        fileset_at(files, i, &name, &file);
        if (!slice_eq(name, DUTY))
            fileset_add(bare, name, file, NULL);
    }
    struct site *base = compiled(s, test_fileset(a, bare, NULL, 0), err);
    if (base != NULL) {
        struct directory *own;
        struct test_duty *duty;
        site = site_variant(base, &own);
        size_t count = read_duty(site->arena, text, &duty);
        change_duty(site, own, duty, count);
    }
    fileset_free(&bare);
    arena_free(&a);
    return site;
}

struct site *test_sites_compile(void *sites, struct slice fileset, struct error *err)
{
    struct test_sites *s = sites;
    struct site *site = map_get(s->compiled, fileset);
    struct slice text;

    if (site == NULL) {
        struct fileset *files = fileset_read(fileset, err);
        if (files == NULL)
            return NULL;
        if (!fileset_find(files, DUTY, &text)) {
            site = compiled(s, fileset, err);
        } else {
            site = variant(s, files, text, err);
            if (site != NULL)
                map_put(s->compiled, fileset, site);
        }
        fileset_free(&files);
    }
    return site != NULL ? site_share(site) : NULL;
}

/* --- load --------------------------------------------------------------------------------------------- */

/* "next/rules.bell" stands for "rules.bell": the last part of a path names the file that it replaces. */
static struct slice last_part(struct slice path)
{
    struct slice rest = path, part = path;

    while (rest.len > 0)
        part = slice_cut(&rest, '/');
    return part;
}

struct fileset *test_files_loaded(const struct fileset *files, struct slice path, struct error *err)
{
    struct arena *a = arena_new();
    struct slice candidate, bytes, name, file, replaced = last_part(path);
    struct fileset *all = NULL;
    bool done = false;

    if (site_file_name(a, path, &candidate) && fileset_find(files, candidate, &bytes)) {
        all = fileset_new();
        for (size_t i = 0; i < fileset_count(files); i++) {
            fileset_at(files, i, &name, &file);
            bool it = !slice_eq(name, candidate) && slice_eq(last_part(name), replaced) && !done;
            done = done || it;
            fileset_add(all, name, it ? bytes : file, err);
        }
        if (!done)
            fileset_add(all, arena_printf(a, "loaded/%.*s", SLICE_ARG(replaced)), bytes, err);
    } else {
        error_set(err, ERROR_MISSING, "the site has no file \"%.*s\"", (int)(path.len > 80 ? 80 : path.len),
                  path.ptr);
    }
    arena_free(&a);
    return all;
}
