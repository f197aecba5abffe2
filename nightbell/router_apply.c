/* nightbell/router_apply.c - apply, rollback, versions: a site on trial in the supervisor's child, then taken
 * or kept out, and said so to who asked and to who looks at the lists (docs/rules/reload.md). */
#include "nightbell/router_requests.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "nightbell/json_text.h"
#include "nightbell/site_trial.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LISTED_ALERTS = 1000 };

static json_t *hex_json(const uint8_t hash[32])
{
    char text[2 * HASH_BYTES + 1];

    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return json_string(text);
}

json_t *router_ruleset_json(const uint8_t hash[32])
{
    json_t *whole = hex_json(hash);
    json_t *named = json_stringn(json_string_value(whole), RULESET_DIGITS);

    json_decref(whole);
    return named;
}

/* --- what is open, and of which version --------------------------------------------------------------- */

static json_t *open_alert_json(const struct alert_row *a)
{
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "alert", json_of_id(a->alert), "rule",
                     json_of_slice(a->rule), "title", json_of_slice(a->title), "unit", json_of_slice(a->unit),
                     "bed", json_of_slice(a->bed), "state", json_of_slice(a->state), "ruleset",
                     router_ruleset_json(a->site));
}

/* `open`: how many alerts stand under each rule. `staying`: those that are asked of another version than
 * `newest`, as they would go over with --adopt-open. */
static void put_open(struct router *r, json_t *o, const char *newest)
{
    struct alert_row *rows;
    size_t count;
    json_t *rules = json_object(), *staying = json_array();

    arena_reset(r->arena);
    core_alerts(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].closed_us != TIME_NONE)
            continue;
        const char *rule = arena_text(r->arena, rows[i].rule);
        json_t *hash = hex_json(rows[i].site);
        json_object_set_new(rules, rule, json_integer(json_integer_value(json_object_get(rules, rule)) + 1));
        if (strcmp(json_string_value(hash), newest) != 0 && json_array_size(staying) < LISTED_ALERTS)
            json_array_append_new(staying, open_alert_json(&rows[i]));
        json_decref(hash);
    }
    json_object_set_new(o, "open", rules);
    json_object_set_new(o, "staying", staying);
}

/* --- the answer ---------------------------------------------------------------------------------------- */

void router_forget_site_request(struct router *r)
{
    json_decref(r->site_wait.request);
    json_decref(r->site_wait.report);
    r->site_wait = (struct site_wait){ .caller = NULL };
}

void router_caller_gone(struct router *r, const struct caller *c)
{
    if (r->site_wait.caller == c)
        r->site_wait.caller = NULL;
}

/* Nobody asked: what the trial said is used up. A request that waits for its own trial stays. */
static void forget_report(struct router *r)
{
    json_decref(r->site_wait.report);
    r->site_wait.report = NULL;
}

static void answer(struct router *r, json_t *o)
{
    struct caller *c = r->site_wait.caller;

    router_forget_site_request(r);
    if (c != NULL)
        control_answer(c, o);
    else
        json_decref(o);
}

/* The report of the trial, with what stands here. */
static json_t *result_json(struct router *r, bool taken)
{
    json_t *o = json_object();
    uint8_t now[HASH_BYTES] = { 0 };
    const json_t *report = r->site_wait.report;
    const char *hash = json_string_value(json_object_get(report, "hash"));

    if (report != NULL)
        json_object_update(o, (json_t *)(uintptr_t)report);
    core_site_hash(r->core, now);
    json_object_set_new(o, "taken", json_boolean(taken));
    json_object_set_new(o, "running", hex_json(now));
    if (json_object_get(o, "before") == NULL)
        json_object_set_new(o, "before", hex_json(now));
    put_open(r, o, hash != NULL ? hash : "");
    return o;
}

/* --- a site that is fine -------------------------------------------------------------------------------- */

static bool adopt_open(struct router *r, struct slice by, json_t *o)
{
    struct core_input in = { .kind = INPUT_ADOPT, .as.adopt = { by } };
    struct core_result result = { .more = true };

    while (result.more)
        if (!router_decide(r, &in, &result) || !router_commit(r))
            return false;
    json_object_set_new(o, "adopted", json_true());
    return true;
}

static void list_finding(struct router *r, struct slice how, struct slice why)
{
    struct core_input in = { .kind = INPUT_SITE_FINDING };
    struct slice by = json_member(r->site_wait.request, "by");

    in.as.site_finding.by = by.len > 0 ? by : SLICE("SIGHUP");
    in.as.site_finding.how = how;
    in.as.site_finding.why = why;
    router_decide(r, &in, NULL);
}

/* A change of data alone is taken with what it leaves uncovered; a person must look at that. */
static void list_coverage(struct router *r)
{
    json_int_t count = json_integer_value(json_object_get(r->site_wait.report, "uncovered"));
    char why[96];

    if (count == 0)
        return;
    snprintf(why, sizeof why, "%lld findings after a change of data: nightbell check shows them",
             (long long)count);
    list_finding(r, SLICE("coverage"), slice_of(why));
}

/* Does the folder still hold what was shown before? */
static bool as_expected(const struct router *r, struct error *err)
{
    struct slice expected = json_member(r->site_wait.request, "expect");

    if (expected.len == 0 || slice_eq(expected, json_member(r->site_wait.report, "hash")))
        return true;
    return error_set(err, ERROR_CONFLICT, "the folder has changed since it was shown: look again");
}

static void note_before(struct router *r)
{
    uint8_t now[HASH_BYTES] = { 0 };

    core_site_hash(r->core, now);
    if (r->site_wait.report != NULL)
        json_object_set_new(r->site_wait.report, "before", hex_json(now));
}

static void take(struct router *r, int memory_file, bool asked)
{
    struct error err = { .code = ERROR_NONE };
    struct site_origin from = { .by = SLICE("SIGHUP"), .how = SLICE("reload") };
    bool adopt = asked && json_is_true(json_object_get(r->site_wait.request, "adopt"));

    if (asked) {
        from.by = json_member(r->site_wait.request, "by");
        from.how = json_member(r->site_wait.request, "how");
    }
    note_before(r);
    bool taken = (!asked || as_expected(r, &err)) && router_take_site(r, memory_file, &from, &err);
    if (taken)
        list_coverage(r);
    taken = taken && router_commit(r);
    if (taken)
        router_send_configuration(r);
    else
        log_error("router", "site-not-taken", &err);
    /* The supervisor hears of it first: a router that starts after us must begin with what is said to be
     * taken. */
    role_say(&r->wire, taken ? 'A' : 'N');
    if (!taken && err.code != ERROR_NONE) {
        list_finding(r, SLICE("kept-out"), slice_of(err.message));
        router_commit(r);
    }
    if (!asked) {
        forget_report(r);
        return;
    }
    json_t *o = result_json(r, taken);
    if (!taken)
        json_object_set_new(o, "why", json_string(err.message));
    if (taken && adopt && !adopt_open(r, from.by, o))
        json_object_set_new(o, "adopted", json_false());
    answer(r, o);
}

/* --- what the supervisor says ----------------------------------------------------------------------------
 */

static void keep_out(struct router *r, bool asked)
{
    struct slice why = json_member(r->site_wait.report, "why");
    bool dry = asked && json_is_true(json_object_get(r->site_wait.request, "dry_run"));

    if (why.len == 0)
        why = SLICE("the site could not be read: the log says why");
    if (!dry) {
        char line[160];
        snprintf(line, sizeof line, "%.*s", SLICE_ARG(why));
        log_event(LOG_ERROR, "router", "site-refused", "why", line, NULL);
        list_finding(r, SLICE("kept-out"), why);
        router_commit(r);
    }
    if (!asked) {
        forget_report(r);
        return;
    }
    json_t *o = result_json(r, false);
    json_object_set_new(o, "why", json_of_slice(why));
    answer(r, o);
}

void router_on_site(void *ctx, char word, int passed)
{
    struct router *r = ctx;

    if (word == 'T') {
        json_decref(r->site_wait.report);
        r->site_wait.report = site_report_read(passed);
    } else if (word == 'S' || word == 's') {
        take(r, passed, word == 's');
    } else if (word == 'W' || word == 'w') {
        keep_out(r, word == 'w');
    } else if (word == 'd') {
        answer(r, result_json(r, false));
    } else if (word == 'b') {
        answer(r, json_pack("{s:s}", "error", "another site is being looked at: ask again in a moment"));
    }
    if (passed >= 0)
        close(passed);
}

/* --- the start -------------------------------------------------------------------------------------------
 */

/* Was this version replaced on purpose? Then a folder that still holds it does not bring it back. */
static bool gone_on_from(struct router *r, const uint8_t hash[32])
{
    struct version_row *rows;
    size_t count;
    bool before = false;

    arena_reset(r->arena);
    core_versions(r->core, r->arena, &rows, &count);
    if (count == 0 || memcmp(rows[0].hash, hash, sizeof rows[0].hash) == 0)
        return false;
    for (size_t i = 1; i < count; i++)
        before = before || memcmp(rows[i].hash, hash, sizeof rows[i].hash) == 0;
    return before && (slice_is(rows[0].how, "apply") || slice_is(rows[0].how, "rollback"));
}

static void finding_at_start(struct router *r, struct slice how, const char *why)
{
    struct core_input in = { .kind = INPUT_SITE_FINDING };

    in.as.site_finding.by = SLICE("serve");
    in.as.site_finding.how = how;
    in.as.site_finding.why = slice_of(why);
    log_event(LOG_WARN, "router", "site-finding", "why", why, NULL);
    router_decide(r, &in, NULL);
}

/* What data can break is no error at a start: a hospital must come up again. With changed rules it is one,
 * and the version before goes on. True: take the folder's site. */
static bool sound_enough(struct router *r, struct slice bytes)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *files = fileset_read(bytes, &err);
    struct fileset *running =
        core_site(r->core) != NULL ? fileset_read(core_site_files(r->core), &err) : NULL;
    struct site *site = files != NULL ? site_from_files(files, "", &err) : NULL;
    bool fine = site != NULL || running == NULL,
         data = running != NULL && files != NULL && site_same_rule_files(files, running);

    if (!fine)
        finding_at_start(r, data ? SLICE("coverage") : SLICE("kept-out"),
                         data ? "the data of the folder leave rules without what they name: nightbell check"
                              : "the folder has errors: the version before goes on: nightbell check");
    site_free(&site);
    fileset_free(&files);
    fileset_free(&running);
    return fine || data;
}

bool router_start_site(struct router *r, struct error *err)
{
    const struct site_origin from = { SLICE("serve"), SLICE("start") };
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    uint8_t hash[HASH_BYTES] = { 0 }, now[HASH_BYTES];
    bool fine = memory_file_read(r->env->site, &bytes, err);

    if (fine)
        hash_sha256(buf_slice(&bytes), hash);
    bool same = fine && core_site_hash(r->core, now) && memcmp(now, hash, sizeof now) == 0;
    r->site_kept = fine && !same && (gone_on_from(r, hash) || !sound_enough(r, buf_slice(&bytes)));
    buf_free(&bytes);
    if (r->site_kept)
        log_event(LOG_WARN, "router", "site-kept", "why", "not the folder's site runs, but the one before",
                  NULL);
    return fine && (r->site_kept || router_take_site(r, r->env->site, &from, err));
}

void router_tell_kept_site(struct router *r)
{
    struct site_request ask = { .again = true };
    struct slice files = core_site_files(r->core);
    int memory = r->site_kept ? memfd_create("nightbell-site", MFD_CLOEXEC) : -1;

    if (memory >= 0 && write(memory, files.ptr, files.len) == (ssize_t)files.len) {
        r->site_wait.request = json_pack("{s:s,s:s}", "how", "start", "by", "serve");
        if (!role_request_site(&r->wire, &ask, memory))
            router_forget_site_request(r);
    }
    if (memory >= 0)
        close(memory);
}

/* --- requests --------------------------------------------------------------------------------------------
 */

static void request_trial(struct router *r, struct caller *c, const json_t *q, const char *folder, int files)
{
    struct site_request ask = { .dry = json_is_true(json_object_get(q, "dry_run")),
                                .colour = json_is_true(json_object_get(q, "colour")),
                                .again = files >= 0 }; /* it ran before, whatever its data lack */

    snprintf(ask.folder, sizeof ask.folder, "%s", folder);
    r->site_wait.caller = c;
    r->site_wait.request = json_deep_copy(q);
    control_wait(c);
    if (!role_request_site(&r->wire, &ask, files))
        answer(r, json_pack("{s:s}", "error", "the supervisor does not answer"));
}

static bool may_ask(struct router *r, struct caller *c)
{
    if (r->site_wait.request != NULL)
        control_refuse(c, "another site is being looked at: ask again in a moment");
    return r->site_wait.request == NULL;
}

void router_ask_apply(struct router *r, struct caller *c, const json_t *q)
{
    struct slice folder = json_member(q, "site");

    if (folder.len == 0 || folder.ptr[0] != '/' || folder.len >= sizeof((struct site_request *)0)->folder)
        control_refuse(c, "apply needs the absolute path of a site's folder");
    else if (may_ask(r, c))
        request_trial(r, c, q, folder.ptr, -1);
}

struct looking { /* for the SITE record at a position */
    uint64_t position;
    int memory;
    bool found;
};

static bool look_into(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct looking *l = ctx;
    struct slice files;

    if (first > l->position)
        return false;
    if (core_site_record(first, a->records, l->position, &files))
        l->found = write(l->memory, files.ptr, files.len) == (ssize_t)files.len;
    return !l->found;
}

/* The files of a version as the journal has them, in a memory file; -1 when they cannot be had. */
static int files_at(struct router *r, uint64_t position)
{
    struct looking l = { position, memfd_create("nightbell-site", MFD_CLOEXEC), false };
    struct error err = { .code = ERROR_NONE };
    uint64_t next = position;

    if (l.memory >= 0 && r->journal->ops->read(r->journal, LANE, position, 1, look_into, &l, &next, &err) &&
        l.found)
        return l.memory;
    if (l.memory >= 0)
        close(l.memory);
    return -1;
}

/* The newest one that differs from what runs. */
static const struct version_row *version_before(const struct version_row *rows, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (memcmp(rows[i].hash, rows[0].hash, sizeof rows[i].hash) != 0)
            return &rows[i];
    return NULL;
}

void router_ask_rollback(struct router *r, struct caller *c, const json_t *q)
{
    struct version_row *rows;
    size_t count;

    if (!may_ask(r, c))
        return;
    arena_reset(r->arena);
    core_versions(r->core, r->arena, &rows, &count);
    const struct version_row *back = version_before(rows, count);
    int files = back != NULL ? files_at(r, back->position) : -1;
    if (back == NULL)
        control_refuse(c, "there is no version before the running one");
    else if (files < 0)
        control_refuse(c, "the record of the version before cannot be read any more");
    else
        request_trial(r, c, q, "", files);
    if (files >= 0)
        close(files);
}

static json_t *names_json(const struct slice *names, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_of_slice(names[i]));
    return list;
}

void router_ask_versions(struct router *r, struct caller *c)
{
    struct version_row *rows;
    size_t count;

    arena_reset(r->arena);
    core_versions(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++) {
        const struct version_row *v = &rows[i];
        char at[TIME_TEXT];
        json_t *o = json_pack("{s:o,s:o,s:o,s:o,s:I,s:b,s:I}", "hash", hex_json(v->hash), "at",
                              json_of_slice(time_text(v->at_us, at)), "by", json_of_slice(v->by), "how",
                              json_of_slice(v->how), "position", (json_int_t)v->position, "running", i == 0,
                              "open", (json_int_t)v->open);
        json_object_set_new(o, "added", names_json(v->added, v->added_count));
        json_object_set_new(o, "changed", names_json(v->changed, v->changed_count));
        json_object_set_new(o, "removed", names_json(v->removed, v->removed_count));
        control_line(c, o);
    }
}
