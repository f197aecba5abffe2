/* A site is made in one go: parse everything, build the tables from the bottom up, then the rules. Any
 * error keeps the whole site out; all of them are reported in one run. */
#include "rules/site/build.h"

#include "base/memory.h"
#include "roster/ics.h"
#include "rules/check/compile.h"
#include "rules/syntax/parse.h"

#include <stdlib.h>

static bool is_bell(struct slice name)
{
    return slice_ends(name, SLICE(".bell"));
}

static bool is_text(struct slice name)
{
    return !slice_starts(name, SLICE("tz/")) && !slice_starts(name, SLICE(".fhir/"));
}

/* Findings point into the fileset; the *.bell files come first, so that both lists have equal indexes. */
static void list_files(struct diagnostics *d, const struct fileset *files)
{
    size_t count = fileset_count(files), n = 0;
    struct source_file *list = arena_array(d->arena, count, sizeof *list);

    for (int bell = 1; bell >= 0; bell--)
        for (size_t i = 0; i < count; i++) {
            struct slice name, bytes;

            fileset_at(files, i, &name, &bytes);
            if (is_text(name) && is_bell(name) == (bell == 1))
                list[n++] = (struct source_file){ site_file_path(d->arena, name), bytes };
        }
    d->files = list;
    d->file_count = n;
}

/* The rules keep slices of the text, so they get a copy that lives as long as the site. */
static const struct source_file *copy_bells(struct arena *arena, const struct fileset *files, size_t *count)
{
    size_t all = fileset_count(files), n = 0;
    struct source_file *list = arena_array(arena, all, sizeof *list);
    struct slice name, bytes;

    for (size_t i = 0; i < all; i++) {
        fileset_at(files, i, &name, &bytes);
        if (is_bell(name))
            list[n++] = (struct source_file){ site_file_path(arena, arena_copy(arena, name)),
                                              arena_copy(arena, bytes) };
    }
    *count = n;
    return list;
}

/* A message or a candidate that a test names must have come with the site. */
static void check_test_files(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct slice name, bytes;

    while (walk_next(&w, b->program, AST_TEST))
        for (const struct ast_node *a = ast_child(w.node, AST_ACTION); a != NULL;
             a = ast_next(a, AST_ACTION)) {
            const struct ast_node *file = ast_child(a, AST_STRING);
            if (file == NULL || file != a->child ||
                (site_file_name(b->arena, file->text, &name) && fileset_find(b->files, name, &bytes)))
                continue;
            diagnose(b->d, SEVERITY_ERROR, SITE_FILE, file->at, "the site has no file \"%.*s\"",
                     SLICE_ARG(file->text));
            diagnose_hint(b->d, "file names are relative to the site's folder");
        }
}

/* A used file that is not there would leave its rules out without a word. */
static void check_uses(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct slice name, bytes;

    while (walk_next(&w, b->program, AST_USE)) {
        if (site_file_name(b->arena, w.node->text, &name) && fileset_find(b->files, name, &bytes) &&
            is_bell(name))
            continue;
        diagnose(b->d, SEVERITY_ERROR, SITE_FILE, w.node->at, "no rule file \"%.*s\" came with the site",
                 SLICE_ARG(w.node->text));
        diagnose_hint(b->d, "paths are relative to the site's folder, and end in .bell");
    }
}

static bool is_loaded(struct builder *b, struct slice file)
{
    struct walk w = { NULL, NULL };
    struct slice name;

    while (walk_next(&w, b->program, AST_TEST))
        for (const struct ast_node *n = ast_child(w.node, AST_ACTION); n != NULL; n = ast_next(n, AST_ACTION))
            if (slice_is(n->text, "load") && site_file_name(b->arena, n->child->text, &name) &&
                slice_eq(site_file_path(b->arena, name), file))
                return true;
    return false;
}

/* A file that a test loads is a candidate: until then it is no part of the site. */
static void leave_candidates_out(struct builder *b, struct ast_node *program)
{
    struct ast_node **at = &program->child;

    while (*at != NULL) {
        if (is_loaded(b, (*at)->text))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

/* Order matters only in so far as later parts look names up in earlier ones. */
static void build_all(struct builder *b)
{
    check_uses(b);
    check_test_files(b);
    build_site(b);
    build_shifts(b);
    build_blocks(b);
    check_blocks(b);
    build_desks(b);
    build_persons(b);
    build_units(b);
    build_rotas(b);
    build_assignments(b);
    build_switches(b);
    build_groups(b);
    build_catalogue(b);
    build_sources(b);
    b->out->site.directory = &b->out->directory;
}

static void list_receipts(struct builder *b, struct check_context *context)
{
    const struct site *site = &b->out->site;
    struct receipt_time *list = arena_array(b->arena, site->block_count, sizeof *list);

    context->receipts = list;
    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *block = &site->blocks[i];
        struct receipt_time *r = &list[context->receipt_count];
        if (!block->endpoint)
            continue;
        context->receipt_count++;
        r->endpoint = block->name;
        if (!setting_duration(block_value(block, SLICE("receipt"), SLICE("8s")), &r->us))
            r->us = 0;
    }
}

static void build_rules(struct builder *b)
{
    const struct site *site = &b->out->site;
    struct names all = { NULL, 0, 0 }, starts_only = { NULL, 0, 0 };
    struct check_context context = { .catalogue = b->out->catalogue,
                                     .directory = &b->out->directory,
                                     .shifts = b->shifts,
                                     .shift_count = b->shift_count,
                                     .now_us = b->now_us,
                                     .gap_days = b->gap_days,
                                     .roles = b->roles,
                                     .role_count = b->role_count };

    for (size_t i = 0; i < site->source_count; i++) {
        names_add(&all, b->arena, site->sources[i].listener);
        if (site->sources[i].sends_starts_only)
            names_add(&starts_only, b->arena, site->sources[i].listener);
    }
    context.sources = all.list;
    context.source_count = all.count;
    context.starts_only = starts_only.list;
    context.starts_only_count = starts_only.count;
    list_receipts(b, &context);
    b->out->rules = ruleset_compile(b->arena, b->program, &context, b->d);
    b->out->site.rules = b->out->rules;
}

static void keep_warnings(struct builder *b)
{
    struct slice *list = arena_array(b->arena, b->d->count, sizeof *list);
    struct site *s = &b->out->site;

    for (size_t i = 0; i < b->d->count; i++)
        if (b->d->items[i].severity == SEVERITY_WARNING)
            list[s->warning_count++] = arena_copy(b->arena, b->d->items[i].message);
    s->warnings = list;
}

struct site *site_compile(const struct fileset *files, const struct block_schema *schemas,
                          size_t schema_count, struct diagnostics *d)
{
    return site_check(files, schemas, schema_count, 0, d);
}

struct site *site_check(const struct fileset *files, const struct block_schema *schemas, size_t schema_count,
                        int64_t now_us, struct diagnostics *d)
{
    return site_check_days(files, schemas, schema_count, now_us, 0, d);
}

struct site *site_check_days(const struct fileset *files, const struct block_schema *schemas,
                             size_t schema_count, int64_t now_us, unsigned days, struct diagnostics *d)
{
    struct site_owned *out = memory_new(sizeof *out);
    struct builder b = { .arena = arena_new(),
                         .d = d,
                         .files = files,
                         .schemas = schemas,
                         .schema_count = schema_count,
                         .now_us = now_us,
                         .gap_days = days,
                         .out = out };
    struct site *site = &out->site;
    const struct source_file *bells;
    size_t count;

    site->arena = b.arena;
    list_files(d, files);
    bells = copy_bells(b.arena, files, &count);
    struct ast_node *program = syntax_parse(b.arena, bells, count, d);
    b.program = program;
    leave_candidates_out(&b, program);
    if (d->errors == 0)
        build_all(&b);
    /* Rules are checked beside faults of the tables, so that one run shows both; without a zone nothing
     * about hours can be said. */
    if (out->site.zone != NULL)
        build_rules(&b);
    if (d->errors > 0) {
        site_free(&site);
        return NULL;
    }
    keep_warnings(&b);
    return site;
}

void site_free(struct site **s)
{
    struct site_owned *o;

    if (s == NULL || *s == NULL)
        return;
    o = (struct site_owned *)*s;
    *s = NULL;
    if (o->site.shares > 0) {
        o->site.shares--;
        return;
    }
    site_free(&o->base);
    ruleset_free(&o->rules);
    for (size_t i = 0; i < o->place_count; i++)
        place_map_free(&o->places[i]);
    for (size_t i = 0; i < o->role_map_count; i++)
        role_map_free(&o->roles[i]);
    for (size_t i = 0; i < o->map_count; i++)
        codemap_free(&o->maps[i]);
    catalogue_free(&o->catalogue);
    for (size_t i = 0; i < o->zone_count; i++)
        tz_free(&o->zones[i]);
    arena_free(&o->site.arena);
    free(o);
}

struct site *site_variant(struct site *base, struct directory **own)
{
    struct site_owned *o = memory_new(sizeof *o);

    o->site = *base;
    o->site.shares = 0;
    o->site.arena = arena_new();
    o->directory = *base->directory;
    o->site.directory = &o->directory;
    o->base = site_share(base);
    *own = &o->directory;
    return &o->site;
}

struct site *site_share(struct site *s)
{
    s->shares++;
    return s;
}

size_t site_bells(const struct fileset *files, struct arena *a, const struct source_file **list)
{
    size_t count;

    *list = copy_bells(a, files, &count);
    return count;
}

static void collect_zone(const struct ast_node *n, struct arena *a, struct names *out)
{
    const struct ast_node *zone = ast_child(n, AST_ZONE);

    if (zone != NULL && !names_have(out, zone->text))
        names_add(out, a, arena_copy(a, zone->text));
}

static void collect_named(struct slice name, struct arena *a, struct names *out)
{
    if (!names_have(out, name))
        names_add(out, a, arena_copy(a, name));
}

/* A calendar names zones of its own, some with a prefix before the name that everybody knows. */
static void collect_calendar(const struct fileset *files, const struct ast_node *rota, struct arena *a,
                             struct names *out)
{
    const struct ast_node *from = ast_child(rota, AST_FROM), *path;
    const struct slice *zones;
    struct slice name, bytes;

    if (from == NULL || (path = ast_child(from, AST_STRING)) == NULL || !slice_is(from->text, "ics") ||
        !site_file_name(a, path->text, &name) || !fileset_find(files, name, &bytes))
        return;
    size_t count = ics_zone_names(bytes, a, &zones);
    for (size_t i = 0; i < count; i++)
        for (struct slice rest = zones[i]; rest.len > 0; slice_cut(&rest, '/'))
            collect_named(rest, a, out);
}

/* Faults are left for site_compile to report: what could be read is enough to find names. */
const struct ast_node *site_program(const struct fileset *files, struct arena *a)
{
    struct diagnostics d;
    const struct source_file *bells;
    const struct ast_node *program;
    size_t count;

    bells = copy_bells(a, files, &count);
    diagnostics_init(&d, a, bells, count);
    program = syntax_parse(a, bells, count, &d);
    diagnostics_free(&d);
    return program;
}

size_t site_zones(const struct fileset *files, struct arena *a, const struct slice **zones)
{
    const struct ast_node *program = site_program(files, a);
    struct names found = { NULL, 0, 0 };
    struct walk sites = { NULL, NULL }, rotas = { NULL, NULL };

    while (walk_next(&sites, program, AST_SITE))
        collect_zone(sites.node, a, &found);
    while (walk_next(&rotas, program, AST_ROTA)) {
        collect_zone(rotas.node, a, &found);
        collect_calendar(files, rotas.node, a, &found);
    }
    *zones = found.list;
    return found.count;
}

size_t site_files(const struct fileset *files, struct arena *a, const struct slice **names)
{
    return site_mentions(site_program(files, a), a, names);
}

struct slice site_mention_place(const struct fileset *files, struct arena *a, struct slice name)
{
    struct slice place = { NULL, 0 };
    const struct ast_node *file = site_program(files, a)->child, *at = NULL;

    for (; file != NULL && (at = site_mention(file, a, name, 0)) == NULL; file = file->next)
        ;
    if (at != NULL)
        place = arena_printf(a, "%.*s:%u", SLICE_ARG(file->text), at->at.line);
    return place;
}

size_t site_catalogues(const struct fileset *files, struct arena *a, const struct slice **names)
{
    return site_catalogue_mentions(site_program(files, a), a, names);
}
