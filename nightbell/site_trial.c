#include "nightbell/site_trial.h"

#include "adapters/net/clock.h"
#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/block_tls.h"
#include "nightbell/json_text.h"
#include "nightbell/site_folder.h"
#include "nightbell/site_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trial {
    const struct site_trial *of;
    struct arena *arena;
    struct fileset *files;
    struct site *site;
    struct buf text; /* findings, for people */
    struct error why;
    size_t errors, warnings, uncovered, tests, failed;
    bool data_only, same;
    uint8_t hash[HASH_BYTES];
    struct ruleset_changes changes;
};

/* --- memory files ------------------------------------------------------------------------------------- */

bool memory_file_read(int fd, struct buf *out, struct error *err)
{
    struct stat about;

    if (fd < 0 || fstat(fd, &about) != 0)
        return error_set(err, ERROR_IO, "the site's memory file cannot be read");
    char *at = buf_extend(out, (size_t)about.st_size);
    if (at == NULL && about.st_size > 0)
        return error_set(err, ERROR_LIMIT, "site-bytes: the site passes %d bytes", LIMIT_SITE_BYTES);
    for (size_t done = 0; done < (size_t)about.st_size;) {
        ssize_t got = pread(fd, at + done, (size_t)about.st_size - done, (off_t)done);
        if (got <= 0)
            return error_set(err, ERROR_IO, "the site's memory file ends early");
        done += (size_t)got;
    }
    return true;
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes = slice_sub(bytes, (size_t)put, bytes.len);
    }
    return true;
}

json_t *site_report_read(int fd)
{
    struct buf bytes = buf_make(4 * LIMIT_CONTROL_BYTES);
    struct error err = { .code = ERROR_NONE };
    json_error_t where;
    json_t *o = fd >= 0 && memory_file_read(fd, &bytes, &err) && bytes.len > 0
                    ? json_loadb(bytes.ptr, bytes.len, 0, &where)
                    : NULL;

    buf_free(&bytes);
    return o != NULL ? o : json_object();
}

/* --- reading and comparing ---------------------------------------------------------------------------- */

static struct fileset *read_memory(int fd, struct error *err)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct fileset *files = memory_file_read(fd, &bytes, err) ? fileset_read(buf_slice(&bytes), err) : NULL;

    buf_free(&bytes);
    return files;
}

static bool is_rule_file(struct slice name)
{
    return slice_ends(name, SLICE(".bell"));
}

/* Every rule file of one stands in the other as it is. */
static bool rule_files_in(const struct fileset *a, const struct fileset *b)
{
    for (size_t i = 0; i < fileset_count(a); i++) {
        struct slice name, bytes, there;
        fileset_at(a, i, &name, &bytes);
        if (is_rule_file(name) && (!fileset_find(b, name, &there) || !slice_eq(bytes, there)))
            return false;
    }
    return true;
}

bool site_same_rule_files(const struct fileset *a, const struct fileset *b)
{
    return rule_files_in(a, b) && rule_files_in(b, a);
}

static bool read_files(struct trial *t)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));

    t->files =
        t->of->folder != NULL ? site_folder_read(t->of->folder, &t->why) : read_memory(t->of->files, &t->why);
    if (t->files == NULL)
        return false;
    fileset_write(&bytes, t->files);
    hash_sha256(buf_slice(&bytes), t->hash);
    bool fine = !bytes.failed && (t->of->folder == NULL || write_all(t->of->files, buf_slice(&bytes)));
    buf_free(&bytes);
    return fine || error_set(&t->why, ERROR_LIMIT, "site-bytes: the site passes %d bytes", LIMIT_SITE_BYTES);
}

/* The first error in a line, for a log and a list. */
static void first_error(struct trial *t, const struct diagnostics *d)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct diagnostic *one = &d->items[i];
        if (one->severity != SEVERITY_ERROR)
            continue;
        struct slice file = one->at.file < d->file_count ? d->files[one->at.file].name : SLICE("");
        error_set(&t->why, ERROR_VALUE, "%.*s:%u: E%03u %.*s", (int)(file.len > 40 ? 40 : file.len), file.ptr,
                  one->at.line, one->number, (int)(one->message.len > 90 ? 90 : one->message.len),
                  one->message.ptr);
        return;
    }
    error_set(&t->why, ERROR_VALUE, "the site has %zu errors", d->errors);
}

static bool compile(struct trial *t)
{
    struct diagnostics d;
    size_t schemas;
    const struct block_schema *known = block_schemas(&schemas);

    diagnostics_init(&d, t->arena, NULL, 0);
    d.data_change = t->data_only || t->same || t->of->again; /* what runs may have been let through itself */
    t->site = site_compile(t->files, known, schemas, &d);
    diagnostics_text(&d, t->of->colour, &t->text);
    t->errors = d.errors;
    t->warnings = d.warnings;
    t->uncovered = t->data_only ? d.uncovered : 0;
    if (t->site == NULL)
        first_error(t, &d);
    diagnostics_free(&d);
    return t->site != NULL;
}

static void compare(struct trial *t, struct fileset *running)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct error err = { .code = ERROR_NONE };

    fileset_write(&bytes, running);
    struct site *site = site_from_record(buf_slice(&bytes), &err);
    buf_free(&bytes);
    ruleset_changes(site != NULL ? site->rules : NULL, t->site->rules, t->arena, &t->changes);
    size_t gaps = site_new_gaps(site, t->site, clock_wall_us(), &t->text);
    t->warnings += gaps;
    t->uncovered += t->data_only ? gaps : 0;
    site_free(&site);
}

/* Nothing, data files alone, or rules: what differs from the running site. */
static void look_at_change(struct trial *t, const struct fileset *running)
{
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    uint8_t hash[HASH_BYTES];

    fileset_write(&bytes, running);
    hash_sha256(buf_slice(&bytes), hash);
    buf_free(&bytes);
    t->same = memcmp(hash, t->hash, sizeof hash) == 0;
    t->data_only = !t->same && site_same_rule_files(running, t->files);
}

static bool try_it(struct trial *t)
{
    struct error none = { .code = ERROR_NONE };
    struct fileset *running = t->of->running >= 0 ? read_memory(t->of->running, &none) : NULL;
    bool fine = read_files(t);

    if (fine && running != NULL)
        look_at_change(t, running);
    fine = fine && compile(t) && block_tls_check_all(t->site, t->of->served, &t->why);
    if (fine && running != NULL)
        compare(t, running);
    /* The first site of a start is not kept waiting by its tests: it has passed them when it was brought. */
    if (fine && running != NULL && !t->data_only && !t->same)
        fine = site_tests_pass(t->files, &t->tests, &t->failed, &t->text, &t->why);
    fileset_free(&running);
    return fine;
}

/* --- what is said ------------------------------------------------------------------------------------- */

static json_t *names_json(const struct slice *names, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_of_slice(names[i]));
    return list;
}

static void say(const struct trial *t, bool fine)
{
    char hex[2 * HASH_BYTES + 1];
    struct buf hash = buf_make(sizeof hex);

    for (size_t i = 0; i < HASH_BYTES; i++)
        buf_printf(&hash, "%02x", t->hash[i]);
    json_t *o =
        json_pack("{s:b,s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:b,s:o,s:o,s:o}", "fine", fine, "why",
                  fine ? "" : t->why.message, "text", json_of_slice(buf_slice(&t->text)), "hash",
                  json_of_slice(buf_slice(&hash)), "errors", (json_int_t)t->errors, "warnings",
                  (json_int_t)t->warnings, "tests", (json_int_t)t->tests, "failed", (json_int_t)t->failed,
                  "data_only", t->data_only, "added", names_json(t->changes.added, t->changes.added_count),
                  "changed", names_json(t->changes.changed, t->changes.changed_count), "removed",
                  names_json(t->changes.removed, t->changes.removed_count));
    json_object_set_new(o, "uncovered", json_integer((json_int_t)t->uncovered));
    char *line = json_dumps(o, JSON_COMPACT);
    if (line != NULL && t->of->report >= 0)
        write_all(t->of->report, slice_of(line));
    free(line);
    json_decref(o);
    buf_free(&hash);
}

/* --- what the supervisor needs of it ------------------------------------------------------------------ */

/* Bus listeners bind with zmq itself, in feeds. */
static bool binds_here(const struct block *b)
{
    return slice_is(b->kind, "mllp") || slice_is(b->kind, "fhir") || slice_is(b->kind, "inbox") ||
           (slice_is(b->kind, "jose") && block_setting(b, SLICE("callback")) != NULL);
}

static bool list_blocks(const struct site *site, struct site_blocks *out)
{
    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *b = &site->blocks[i];
        if (!binds_here(b))
            continue;
        if (out->count == sizeof out->row / sizeof out->row[0])
            return false;
        struct slice on = block_value(
            b, b->endpoint && slice_is(b->kind, "jose") ? SLICE("callback") : SLICE("on"), SLICE(""));
        snprintf(out->row[out->count].name, BOUND_NAME, "%.*s", SLICE_ARG(b->name));
        snprintf(out->row[out->count].kind, sizeof out->row[0].kind, "%.*s", SLICE_ARG(b->kind));
        snprintf(out->row[out->count].address, BOUND_ADDRESS, "%.*s", SLICE_ARG(on));
        out->row[out->count].loopback_only =
            slice_is(b->kind, "mllp") && !block_has_tls(b) && block_setting(b, SLICE("insecure")) == NULL;
        out->count++;
    }
    return true;
}

static uint64_t hash_settings(const struct site *site, const char *site_dir)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *b = &site->blocks[i];
        hash = slice_hash(b->kind, slice_hash(b->name, hash + b->endpoint + block_tls_mark(b, site_dir)));
        for (size_t k = 0; k < b->setting_count; k++) {
            hash = slice_hash(b->settings[k].key, hash);
            for (size_t v = 0; v < b->settings[k].value_count; v++)
                hash = slice_hash(b->settings[k].values[v], hash + 1);
        }
    }
    return hash;
}

bool site_trial_run(const struct site_trial *of, struct site_blocks *blocks)
{
    struct trial t = { .of = of, .arena = arena_new(), .text = buf_make(LIMIT_CONTROL_BYTES / 2) };
    bool fine = try_it(&t);

    if (fine && !list_blocks(t.site, blocks))
        fine = error_set(&t.why, ERROR_LIMIT, "at most %zu listeners and endpoints that listen",
                         sizeof blocks->row / sizeof blocks->row[0]);
    if (fine)
        blocks->settings = hash_settings(t.site, of->served);
    if (t.text.len > 0)
        fwrite(t.text.ptr, 1, t.text.len, stderr);
    if (!fine)
        fprintf(stderr, "nightbell: %s\n", t.why.message);
    say(&t, fine);
    buf_free(&t.text);
    site_free(&t.site);
    fileset_free(&t.files);
    arena_free(&t.arena);
    return fine;
}
