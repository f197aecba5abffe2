#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/memory.h"
#include "nightbell/block_schemas.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"
#include "rules/syntax/parse.h"

enum { LEVELS_UP = 8 };

static bool declares_site(struct slice text)
{
    struct arena *a = arena_new();
    struct source_file file = { SLICE("x"), text };
    struct diagnostics quiet;
    bool found = false;

    diagnostics_init(&quiet, a, &file, 1);
    const struct ast_node *program = syntax_parse(a, &file, 1, &quiet);
    found = ast_child(program->child, AST_SITE) != NULL;
    diagnostics_free(&quiet);
    arena_free(&a);
    return found;
}

static bool file_declares_site(struct lsp *s, const char *path)
{
    struct lsp_document *open = lsp_document_find(s, path);
    struct buf bytes = buf_make(LIMIT_SITE_BYTES);
    struct stat st;
    bool found = false;

    if (open != NULL)
        found = declares_site(buf_slice(&open->text));
    else if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && file_read(path, &bytes, NULL))
        found = declares_site(buf_slice(&bytes));
    buf_free(&bytes);
    return found;
}

static bool folder_declares_site(struct lsp *s, const char *folder)
{
    DIR *dir = opendir(folder);
    bool found = false;

    for (const struct dirent *e; dir != NULL && !found && (e = readdir(dir)) != NULL;) {
        char path[4096];
        if (e->d_name[0] == '.' || !slice_ends(slice_of(e->d_name), SLICE(".bell")))
            continue;
        int len = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        found = len > 0 && (size_t)len < sizeof path && file_declares_site(s, path);
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

/* malloc'ed. */
static char *folder_for(struct lsp *s, const char *path)
{
    char *own = memory_text(path, strlen(path)), *at = memory_text(path, strlen(path));

    dirname(own);
    dirname(at);
    for (int i = 0; i < LEVELS_UP && strcmp(at, "/") != 0; i++) {
        if (folder_declares_site(s, at)) {
            free(own);
            return at;
        }
        dirname(at);
    }
    free(at);
    return own;
}

static bool holds(const struct lsp_site *site, const char *path)
{
    size_t len = strlen(site->folder);

    return strncmp(site->folder, path, len) == 0 && path[len] == '/';
}

struct lsp_site *lsp_site_of(struct lsp *s, const char *path)
{
    char *folder = folder_for(s, path);

    for (size_t i = 0; i < s->site_count; i++)
        if (strcmp(s->sites[i].folder, folder) == 0) {
            free(folder);
            return &s->sites[i];
        }
    if (s->site_count == LSP_SITES) { /* the oldest goes; its findings stay until it is opened again */
        lsp_site_free(&s->sites[0]);
        memmove(&s->sites[0], &s->sites[1], (LSP_SITES - 1) * sizeof s->sites[0]);
        s->site_count--;
    }
    s->sites[s->site_count] = (struct lsp_site){ .folder = folder, .dirty = true };
    return &s->sites[s->site_count++];
}

void lsp_sites_dirty(struct lsp *s)
{
    for (size_t i = 0; i < s->site_count; i++)
        s->sites[i].dirty = true;
}

static void forget(struct lsp_site *site)
{
    if (site->arena != NULL)
        diagnostics_free(&site->d);
    fileset_free(&site->files);
    arena_free(&site->arena);
    site->bell_count = 0;
    site->program = NULL;
    site->uses = (struct use_list){ NULL, 0, 0 };
}

static void forget_published(struct lsp_published *p)
{
    free(p->uri);
    free(p->findings);
}

void lsp_site_free(struct lsp_site *site)
{
    forget(site);
    site_free(&site->good);
    for (size_t i = 0; i < site->published_count; i++)
        forget_published(&site->published[i]);
    free(site->published);
    free(site->folder);
}

/* --- the folder with the editor's texts over it
 * -------------------------------------------------------------- */

/* Path on disk of a file of the site; in its arena. */
static const char *path_in(const struct lsp_site *site, struct slice name)
{
    struct slice relative = site_file_path(site->arena, name);
    struct slice path = slice_starts(relative, SLICE("/"))
                            ? relative
                            : arena_printf(site->arena, "%s/%.*s", site->folder, SLICE_ARG(relative));
    char *text = arena_text(site->arena, path);
    char *real = realpath(text, NULL);

    if (real == NULL)
        return text;
    const char *kept = arena_text(site->arena, slice_of(real));
    free(real);
    return kept;
}

static struct slice text_of(struct lsp *s, const struct lsp_site *site, struct slice name,
                            struct slice on_disk)
{
    struct lsp_document *d =
        slice_starts(name, SLICE("tz/")) ? NULL : lsp_document_find(s, path_in(site, name));

    return d != NULL ? buf_slice(&d->text) : on_disk;
}

/* Files that are open and not on disk yet. */
static void add_new_documents(struct lsp *s, struct lsp_site *site, struct fileset *files)
{
    for (size_t i = 0; i < s->document_count; i++) {
        const char *path = s->documents[i].path;
        struct slice name, there;
        if (!holds(site, path) || !slice_ends(slice_of(path), SLICE(".bell")))
            continue;
        name = slice_of(path + strlen(site->folder) + 1);
        if (!fileset_find(files, name, &there))
            fileset_add(files, name, buf_slice(&s->documents[i].text), NULL);
    }
}

static struct fileset *read_files(struct lsp *s, struct lsp_site *site, struct error *err)
{
    struct fileset *disk = site_folder_read(site->folder, err), *files = fileset_new();

    for (size_t i = 0; disk != NULL && i < fileset_count(disk); i++) {
        struct slice name, bytes;
        fileset_at(disk, i, &name, &bytes);
        fileset_add(files, name, text_of(s, site, name, bytes), err);
    }
    add_new_documents(s, site, files);
    fileset_free(&disk);
    return files;
}

static char *uri_in(const struct lsp_site *site, struct slice name)
{
    json_t *uri = lsp_uri_of(path_in(site, name));
    char *kept = arena_text(site->arena, slice_of(json_string_value(uri)));

    json_decref(uri);
    return kept;
}

static int by_place(const void *x, const void *y)
{
    const struct span *a = &(*(const struct use *const *)x)->at, *b = &(*(const struct use *const *)y)->at;

    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

/* Texts, URIs and uses in an order that finds them fast; findings number *.bell files first, as bells. */
static void index_site(struct lsp_site *site)
{
    site->lines = arena_array(site->arena, site->d.file_count + 1, sizeof *site->lines);
    site->uris = arena_array(site->arena, site->d.file_count + 1, sizeof *site->uris);
    for (size_t i = 0; i < site->d.file_count; i++) {
        site->lines[i] = lsp_lines_of(site->arena, site->d.files[i].bytes);
        site->uris[i] = uri_in(site, site->d.files[i].name);
    }
    site->by_place = arena_array(site->arena, site->uses.count + 1, sizeof *site->by_place);
    for (size_t i = 0; i < site->uses.count; i++)
        site->by_place[i] = &site->uses.items[i];
    if (site->uses.count > 1)
        qsort(site->by_place, site->uses.count, sizeof *site->by_place, by_place);
}

void lsp_site_refresh(struct lsp *s, struct lsp_site *site)
{
    struct error err = { .code = ERROR_NONE };
    struct diagnostics quiet;
    size_t schemas;

    if (!site->dirty)
        return;
    forget(site);
    site->arena = arena_new();
    site->files = read_files(s, site, &err);
    snprintf(site->failed, sizeof site->failed, "%s", err.code != ERROR_NONE ? err.message : "");
    diagnostics_init(&site->d, site->arena, NULL, 0);
    const struct block_schema *known = block_schemas(&schemas);
    struct site *made = site_compile(site->files, known, schemas, &site->d);
    if (made != NULL) {
        site_free(&site->good);
        site->good = made;
    }
    site->bell_count = site_bells(site->files, site->arena, &site->bells);
    diagnostics_init(&quiet, site->arena, site->bells, site->bell_count);
    site->program = syntax_parse(site->arena, site->bells, site->bell_count, &quiet);
    diagnostics_free(&quiet);
    syntax_uses(site->arena, site->program, &site->uses);
    index_site(site);
    site->dirty = false;
    site->unpublished = true;
}

json_t *lsp_file_uri(const struct lsp_site *site, uint32_t index)
{
    return json_string(index < site->d.file_count ? site->uris[index] : "");
}

struct teller lsp_teller(const struct lsp *s, const struct lsp_site *site)
{
    return (struct teller){ s->scratch, site->program, site->good };
}

/* --- findings
 * ------------------------------------------------------------------------------------------------ */

static json_t *finding(const struct lsp *s, const struct lsp_lines *lines, const struct diagnostic *f)
{
    static const char letters[] = "EWN";
    static const int severities[] = { 1, 2, 3 };
    struct buf message = buf_make(1 << 16);
    char code[16];

    buf_put(&message, f->message);
    if (f->hint.len > 0)
        buf_printf(&message, "\n%.*s", SLICE_ARG(f->hint));
    snprintf(code, sizeof code, "%c%03u", letters[f->severity], f->number);
    json_t *o = json_pack("{s:o s:i s:s s:s s:o}", "range", lsp_span_range(lines, f->at, s->utf8), "severity",
                          severities[f->severity], "code", code, "source", "nightbell", "message",
                          json_of_slice(buf_slice(&message)));
    buf_free(&message);
    return o;
}

static void send_findings(const struct lsp *s, json_t *uri, json_t *list)
{
    lsp_send(s, json_pack("{s:s s:s s:{s:o s:o}}", "jsonrpc", "2.0", "method",
                          "textDocument/publishDiagnostics", "params", "uri", uri, "diagnostics", list));
}

/* Findings without a place (a site without a `site`) stand at the start of the first file. */
static uint32_t file_of(const struct diagnostic *f)
{
    return f->at.line > 0 ? f->at.file : 0;
}

static json_t *findings_of(const struct lsp *s, const struct lsp_site *site, uint32_t index)
{
    const struct lsp_lines *lines = &site->lines[index];
    json_t *list = json_array();

    for (size_t i = 0; i < site->d.count; i++)
        if (file_of(&site->d.items[i]) == index)
            json_array_append_new(list, finding(s, lines, &site->d.items[i]));
    if (index == 0 && site->failed[0] != '\0')
        json_array_append_new(list, json_pack("{s:o s:i s:s s:s}", "range", lsp_range(lines, 0, 1, s->utf8),
                                              "severity", 1, "source", "nightbell", "message", site->failed));
    return list;
}

static struct lsp_published *published(struct lsp_site *site, const char *uri)
{
    for (size_t i = 0; i < site->published_count; i++)
        if (strcmp(site->published[i].uri, uri) == 0)
            return &site->published[i];
    MEMORY_ROOM(site->published, site->published_count, site->published_room);
    struct lsp_published *p = &site->published[site->published_count++];
    *p = (struct lsp_published){ .uri = memory_text(uri, strlen(uri)) };
    return p;
}

/* Files whose findings are as before are not told again; a table that was never at fault is not told. */
static void publish_file(const struct lsp *s, struct lsp_site *site, uint32_t index)
{
    json_t *list = findings_of(s, site, index), *uri = lsp_file_uri(site, index);
    struct lsp_published *p = published(site, json_string_value(uri));
    char *text = json_dumps(list, JSON_COMPACT);
    bool same = text != NULL && p->findings != NULL && strcmp(text, p->findings) == 0;
    bool silent = p->findings == NULL && json_array_size(list) == 0 && index >= site->bell_count;

    free(p->findings);
    p->findings = text;
    if (!same && !silent) {
        send_findings(s, uri, list);
        return;
    }
    json_decref(list);
    json_decref(uri);
}

static void publish_site(const struct lsp *s, struct lsp_site *site)
{
    for (uint32_t i = 0; i < site->d.file_count; i++)
        publish_file(s, site, i);
    site->unpublished = false;
}

static bool still_there(const struct lsp_site *site, const char *uri)
{
    bool found = false;

    for (uint32_t i = 0; i < site->d.file_count && !found; i++) {
        json_t *one = lsp_file_uri(site, i);
        found = strcmp(json_string_value(one), uri) == 0;
        json_decref(one);
    }
    return found;
}

/* Files that have gone take their findings with them. */
static void retract(const struct lsp *s, struct lsp_site *site)
{
    size_t kept = 0;

    for (size_t i = 0; i < site->published_count; i++) {
        struct lsp_published one = site->published[i];
        if (still_there(site, one.uri)) {
            site->published[kept++] = one;
            continue;
        }
        send_findings(s, json_string(one.uri), json_array());
        forget_published(&one);
    }
    site->published_count = kept;
}

void lsp_publish(struct lsp *s)
{
    for (size_t i = 0; i < s->site_count; i++) {
        lsp_site_refresh(s, &s->sites[i]);
        if (!s->sites[i].unpublished)
            continue;
        retract(s, &s->sites[i]);
        publish_site(s, &s->sites[i]);
    }
}
