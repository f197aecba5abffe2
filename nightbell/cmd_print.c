#include "adapters/net/clock.h"
#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/print_rules.h"
#include "nightbell/show.h"
#include "nightbell/site_folder.h"
#include "rules/print/canonical.h"
#include "rules/syntax/parse.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell print SITE --for nurses [--rule NAME] [--html FILE] [--svg DIR]\n"
    "\n"
    "Tells each rule in sentences that a nurse manager can read and sign, codes and desks by their titles, "
    "with\n"
    "a timeline of who is rung when. The hash beside a rule changes when its meaning does.\n"
    "  --for nurses  the reader; there is one kind so far\n"
    "  --rule NAME   only that rule or copy\n"
    "  --html FILE   one page for screen and paper (A4, Letter), a signature line under each rule\n"
    "  --svg DIR     the timelines as pictures, RULE.svg\n"
    "Without --html and --svg it prints to the terminal.\n"
    "Exit codes: 0 printed, 1 the site is wrong or has no such rule, 4 a file is not there or\n"
    "cannot be written.\n";

enum { PAGE_BYTES = 64 << 20 };

struct request {
    const char *folder, *rule, *html, *svg;
};

static void put_hash(struct slice bytes, char out[65])
{
    uint8_t hash[HASH_BYTES];

    hash_sha256(bytes, hash);
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void hash_rule(const struct printed *p, struct printed_rule *r)
{
    struct buf bytes = buf_make(PAGE_BYTES);

    rule_canonical(p->program, r->node, &bytes);
    put_hash(buf_slice(&bytes), r->hash);
    buf_free(&bytes);
}

/* A plan without a last desk gets the unit's; the checker notes it at the rule's name (N903). */
enum { NOTE_APPENDED = 903 };

static void tell_appended(const struct teller *t, const struct diagnostics *d, struct printed_rule *r)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct diagnostic *f = &d->items[i];
        if (f->number == NOTE_APPENDED && f->at.file == r->node->at.file && f->at.line == r->node->at.line)
            r->appended = arena_printf(t->arena,
                                       "At last, if nobody has accepted, the desk of the unit is rung: "
                                       "the rule names none itself (%.*s).",
                                       SLICE_ARG(f->message));
    }
}

static bool is_told(const struct ast_node *n, const char *wanted)
{
    if (n->kind != AST_RULE && n->kind != AST_COPY && n->kind != AST_DEFAULT)
        return false;
    return wanted == NULL || (n->kind != AST_DEFAULT && slice_is(n->text, wanted));
}

/* Rules first, then copies, then defaults; each in the order of files and lines. */
static void collect(struct printed *p, const struct teller *t, const struct diagnostics *d,
                    const char *wanted)
{
    static const enum ast_kind kinds[] = { AST_RULE, AST_COPY, AST_DEFAULT };
    size_t room = 0;

    for (const struct ast_node *f = p->program->child; f != NULL; f = f->next)
        for (const struct ast_node *n = f->child; n != NULL; n = n->next)
            room += is_told(n, wanted);
    p->rules = arena_array(t->arena, room + 1, sizeof *p->rules);
    for (size_t k = 0; k < 3; k++)
        for (const struct ast_node *f = p->program->child; f != NULL; f = f->next)
            for (const struct ast_node *n = f->child; n != NULL; n = n->next)
                if (n->kind == kinds[k] && is_told(n, wanted))
                    p->rules[p->count++].node = n;
    for (size_t i = 0; i < p->count; i++) {
        tell(t, p->rules[i].node, &p->rules[i].told);
        hash_rule(p, &p->rules[i]);
        tell_appended(t, d, &p->rules[i]);
    }
}

static void date_of(const struct site *site, char out[32])
{
    struct civil c = tz_to_civil(site->zone, clock_wall_us());

    snprintf(out, 32, "%04d-%02u-%02u %02u:%02u", (int)c.year, (unsigned)c.month, (unsigned)c.day,
             (unsigned)c.hour, (unsigned)c.minute);
}

static bool write_file(const char *path, struct slice bytes, struct error *err)
{
    FILE *f = fopen(path, "w");
    bool fine = f != NULL && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;

    if (f != NULL)
        fine = fclose(f) == 0 && fine;
    return fine || error_set(err, ERROR_IO, "%s: cannot be written", path);
}

static bool write_pictures(const struct printed *p, const char *dir, struct error *err)
{
    bool fine = folder_make(dir, 0777, err);

    for (size_t i = 0; fine && i < p->count; i++) {
        const struct told *t = &p->rules[i].told;
        struct buf svg = buf_make(PAGE_BYTES);
        char path[4096];
        bool is_default = p->rules[i].node->kind == AST_DEFAULT;
        print_svg(&svg, t, 0);
        snprintf(path, sizeof path, "%s/%s%s%.*s.svg", dir, is_default ? "default" : "",
                 is_default && t->name.len > 0 ? "-" : "", SLICE_ARG(t->name));
        fine = write_file(path, buf_slice(&svg), err);
        buf_free(&svg);
    }
    return fine;
}

static bool put_out(const struct printed *p, const struct request *r, struct error *err)
{
    struct buf text = buf_make(PAGE_BYTES);
    bool fine = true;

    if (r->html != NULL) {
        print_html(&text, p);
        fine = write_file(r->html, buf_slice(&text), err);
    }
    if (fine && r->svg != NULL)
        fine = write_pictures(p, r->svg, err);
    if (r->html == NULL && r->svg == NULL) {
        print_text(&text, p, show_colour_on(STDOUT_FILENO));
        fwrite(text.ptr, 1, text.len, stdout);
    }
    buf_free(&text);
    return fine;
}

static bool print(const struct request *r, const struct fileset *files, const struct site *site,
                  const struct diagnostics *found, struct error *err)
{
    const struct source_file *bells;
    struct arena *a = found->arena;
    size_t count = site_bells(files, a, &bells);
    struct diagnostics quiet;
    struct printed p = { .site = site };
    struct buf bytes = buf_make(2 * (size_t)LIMIT_SITE_BYTES);

    diagnostics_init(&quiet, a, bells, count);
    p.program = syntax_parse(a, bells, count, &quiet);
    diagnostics_free(&quiet);
    fileset_write(&bytes, files);
    put_hash(buf_slice(&bytes), p.hash);
    buf_free(&bytes);
    date_of(site, p.date);
    collect(&p, &(struct teller){ a, p.program, site }, found, r->rule);
    return p.count > 0 ? put_out(&p, r, err)
                       : error_set(err, ERROR_UNKNOWN, "no rule \"%s\"", r->rule != NULL ? r->rule : "");
}

static bool compile(const struct request *r, const struct fileset *files, struct error *err)
{
    struct arena *a = arena_new();
    struct diagnostics d;
    size_t schemas;

    diagnostics_init(&d, a, NULL, 0);
    const struct block_schema *known = block_schemas(&schemas);
    struct site *site = site_compile(files, known, schemas, &d);
    bool fine = site != NULL
                    ? print(r, files, site, &d, err)
                    : error_set(err, ERROR_VALUE, "the site has %zu errors: nightbell check %s shows them",
                                d.errors, r->folder);
    site_free(&site);
    diagnostics_free(&d);
    arena_free(&a);
    return fine;
}

static int run(int argc, char **argv)
{
    struct request r = { .folder = NULL };
    const char *reader = NULL;
    const struct option_spec specs[] = { { .name = "--for", .value = &reader },
                                         { .name = "--rule", .value = &r.rule },
                                         { .name = "--html", .value = &r.html },
                                         { .name = "--svg", .value = &r.svg },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || reader == NULL || strcmp(reader, "nurses") != 0)
        return usage_error(argv[0], "one SITE folder and --for nurses are needed");
    r.folder = argv[1];
    struct fileset *files = site_folder_read(r.folder, &err);
    bool fine = files != NULL && compile(&r, files, &err);
    fileset_free(&files);
    return fine ? COMMAND_DONE : report(&err);
}

const struct command command_print = { "print", "rules as sentences and timelines, to read and sign", help,
                                       run };
