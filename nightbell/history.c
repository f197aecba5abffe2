#include "nightbell/history.h"

#include "adapters/store/snapshot.h"
#include "adapters/store/sqlite.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/time.h"
#include "nightbell/control.h"
#include "nightbell/json_text.h"
#include "nightbell/router_state.h"
#include "nightbell/site_load.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SNAPSHOTS = 16, FILE_PAGE = 256 };

struct history {
    struct history_options options;
    const char *folder;
    struct keys *master;
    struct jwk *records;
    struct journal *journal; /* NULL: a router runs, and is asked */
    uint64_t end;            /* as far as is known */
    struct buf plain;
};

/* --- opening ---------------------------------------------------------------------------------------- */

static bool load_keys(struct history *h, struct error *err)
{
    char demo[PATH_MAX];
    const char *key = h->options.key;

    snprintf(demo, sizeof demo, "%s/demo-keys/master.key", h->folder);
    if (key == NULL && h->options.records_key == NULL && access(demo, F_OK) == 0)
        key = demo;
    if (key == NULL && h->options.records_key == NULL)
        return error_set(err, ERROR_AUTH,
                         "--key FILE or --records-key FILE says which key opens the journal");
    if (key != NULL && (h->master = keys_load(key, err)) == NULL)
        return false;
    return h->options.records_key == NULL ||
           (h->records = keys_load_records(h->options.records_key, err)) != NULL;
}

static void no_line(void *ctx, json_t *line)
{
    (void)ctx;
    (void)line;
}

static bool runs(const struct history *h)
{
    struct error err = { .code = ERROR_NONE };

    return h->options.data != NULL &&
           (control_ask(h->folder, json_pack("{s:s}", "do", "status"), no_line, NULL, &err) ||
            err.code != ERROR_IO);
}

static bool open_file(struct history *h, struct error *err)
{
    char path[PATH_MAX];
    struct store_keys keys = { h->master, h->records };
    struct store_options options = { .ballast_bytes = UINT64_MAX };

    snprintf(path, sizeof path, "%s/journal.db", h->folder);
    if (access(path, F_OK) != 0)
        return error_set(err, ERROR_IO, "there is no journal in %s", h->folder);
    h->journal = journal_sqlite_open(h->folder, &keys, &options, err);
    return h->journal != NULL;
}

struct history *history_open(const struct history_options *o, struct error *err)
{
    struct history *h = memory_new(sizeof *h);

    h->options = *o;
    h->folder = o->data != NULL ? o->data : o->journal;
    h->plain = buf_make(LIMIT_APPEND_BYTES);
    bool fine = (o->data == NULL) != (o->journal == NULL) ||
                error_set(err, ERROR_VALUE, "either --data DIR or --journal FOLDER is needed");
    fine = fine && load_keys(h, err) && (o->live_only || runs(h) || open_file(h, err));
    if (!fine)
        history_close(&h);
    return h;
}

void history_close(struct history **history)
{
    struct history *h = history != NULL ? *history : NULL;

    if (h == NULL)
        return;
    if (h->journal != NULL)
        h->journal->ops->close(&h->journal);
    keys_free(&h->master);
    jwk_free(&h->records);
    buf_free(&h->plain);
    free(h);
    *history = NULL;
}

bool history_is_live(const struct history *h)
{
    return h->journal == NULL;
}

const struct keys *history_keys(const struct history *h)
{
    return h->master;
}

/* --- reading ---------------------------------------------------------------------------------------- */

struct asking { /* one page of a running router */
    struct history *history;
    history_each *each;
    void *ctx;
    uint64_t next;
    bool stopped, damaged;
};

static uint64_t number(const json_t *line, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(line, name));

    return n > 0 ? (uint64_t)n : 0;
}

static void take_line(void *ctx, json_t *line)
{
    struct asking *q = ctx;
    struct history *h = q->history;

    if (json_object_get(line, "end") != NULL) {
        h->end = number(line, "end");
        q->next = q->stopped ? q->next : number(line, "next");
        return;
    }
    struct journal_append a = { .lane = LANE,
                                .count = (uint32_t)number(line, "count"),
                                .lane_us = json_integer_value(json_object_get(line, "lane_us")),
                                .wall_us = json_integer_value(json_object_get(line, "wall_us")) };
    buf_reset(&h->plain);
    if (q->stopped || q->damaged)
        return;
    q->damaged = !base64url_decode(json_member(line, "records"), &h->plain);
    a.records = buf_slice(&h->plain);
    q->next = number(line, "first");
    q->stopped = !q->damaged && !q->each(q->ctx, q->next, &a);
    q->next += q->stopped ? 0 : a.count;
}

static bool ask_page(struct history *h, uint64_t from, history_each *each, void *ctx, uint64_t *next,
                     struct error *err)
{
    struct asking q = { .history = h, .each = each, .ctx = ctx, .next = from };
    json_t *request = json_pack("{s:s,s:I}", "do", "journal", "from", (json_int_t)from);

    if (!control_ask(h->folder, request, take_line, &q, err))
        return false;
    *next = q.next;
    return !q.damaged || error_set(err, ERROR_SYNTAX, "the router's answer cannot be read");
}

uint64_t history_end(struct history *h, struct error *err)
{
    uint64_t end = 0, epoch;
    int64_t lane_us, wall_us;

    if (h->journal != NULL)
        return h->journal->ops->end(h->journal, LANE, &end, &epoch, &lane_us, &wall_us, err) ? end : 0;
    json_t *status = control_ask_one(h->folder, json_pack("{s:s}", "do", "status"), err);
    end = number(status, "position");
    json_decref(status);
    return end;
}

bool history_page(struct history *h, uint64_t from, history_each *each, void *ctx, uint64_t *next,
                  struct error *err)
{
    if (h->journal != NULL)
        return h->journal->ops->read(h->journal, LANE, from, FILE_PAGE, each, ctx, next, err);
    return ask_page(h, from, each, ctx, next, err);
}

struct stopping {
    history_each *each;
    void *ctx;
    bool stopped;
};

static bool each_until(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct stopping *s = ctx;

    s->stopped = !s->each(s->ctx, first, a);
    return !s->stopped;
}

bool history_read(struct history *h, uint64_t from, history_each *each, void *ctx, struct error *err)
{
    struct stopping s = { each, ctx, false };
    uint64_t end = history_end(h, err), next = from;

    while (from < end && !s.stopped) {
        if (!history_page(h, from, each_until, &s, &next, err))
            return false;
        if (next == from && !s.stopped)
            return error_set(err, ERROR_INTERNAL, "nothing can be read at position %llu",
                             (unsigned long long)from);
        from = next;
    }
    return err->code == ERROR_NONE;
}

bool history_verify(struct history *h, void (*progress)(void *ctx, uint64_t at, uint64_t end), void *ctx,
                    struct error *err)
{
    if (h->journal == NULL)
        return false;
    h->journal->ops->verify(h->journal, LANE, progress, ctx, err);
    return true;
}

/* --- where to begin --------------------------------------------------------------------------------- */

int64_t append_wall_us(const struct journal_append *a)
{
    struct reader in = reader_make(a->records);

    read_raw(&in, 1 + 1 + 4 + 8); /* version, type, bytes, lane time */
    return in.failed ? a->wall_us : read_i64(&in);
}

static bool note_wall(void *ctx, uint64_t first, const struct journal_append *a)
{
    int64_t *wall = ctx;

    (void)first;
    *wall = append_wall_us(a);
    return false;
}

/* TIME_NONE: nothing stands there that these keys open. */
static int64_t wall_at(struct history *h, uint64_t position, struct error *err)
{
    int64_t wall = TIME_NONE;
    uint64_t next;

    return history_page(h, position, note_wall, &wall, &next, err) ? wall : TIME_NONE;
}

static bool read_snapshot(struct history *h, uint64_t position, struct buf *out, struct error *err)
{
    uint8_t key[KEYS_BYTES];
    struct snapshot_head head;

    keys_derive(h->master, "snapshot", key);
    bool fine = snapshot_read(h->folder, key, LANE, position, &head, out, err);
    explicit_bzero(key, sizeof key);
    return fine;
}

bool history_begin(struct history *h, int64_t from_us, uint64_t *position, struct buf *snapshot,
                   struct error *err)
{
    uint64_t at[SNAPSHOTS];
    size_t count = h->master != NULL ? snapshot_list(h->folder, LANE, at, SNAPSHOTS) : 0;
    struct error why = { .code = ERROR_NONE };
    int64_t first = wall_at(h, 0, err);
    size_t best = count;

    *position = 0;
    for (size_t i = 0; i < count; i++) { /* the newest that is old enough; else the oldest that helps */
        int64_t wall = wall_at(h, at[i], &why);
        bool early = from_us != TIME_NONE && wall != TIME_NONE && wall <= from_us;
        if (early || (first == TIME_NONE && wall != TIME_NONE))
            best = i;
        if (early)
            break;
    }
    if (best == count)
        return first != TIME_NONE || error_set(err, ERROR_CRYPTO, "nothing of the journal can be read");
    error_clear(err);
    *position = at[best];
    return read_snapshot(h, at[best], snapshot, err);
}

bool history_before(struct history *h, uint64_t position, uint64_t *at, struct buf *snapshot,
                    struct error *err)
{
    uint64_t list[SNAPSHOTS];
    size_t count = h->master != NULL ? snapshot_list(h->folder, LANE, list, SNAPSHOTS) : 0, i = 0;

    while (i < count && list[i] > position) /* the newest come first */
        i++;
    *at = i < count ? list[i] : 0;
    return i == count || read_snapshot(h, list[i], snapshot, err);
}

struct site *history_compile(void *ctx, struct slice fileset, struct error *err)
{
    (void)ctx;
    return router_compile_site(NULL, fileset, err);
}

static bool in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* `live` in place of `shadow` after `mode`; strings and comments are passed over. */
static void write_live(struct slice text, struct buf *out)
{
    bool after_mode = false;

    for (size_t i = 0; i < text.len;) {
        size_t end = i + 1;
        char c = text.ptr[i];
        if (c == '#')
            while (end < text.len && text.ptr[end] != '\n')
                end++;
        else if (c == '"')
            while (end < text.len && text.ptr[end] != '"')
                end += text.ptr[end] == '\\' && end + 1 < text.len ? 2 : 1;
        else if (in_word(c))
            while (end < text.len && in_word(text.ptr[end]))
                end++;
        if (c == '"' && end < text.len)
            end++;
        struct slice token = slice_sub(text, i, end - i);
        buf_put(out, after_mode && slice_is(token, "shadow") ? SLICE("live") : token);
        if (c != '#' && c != ' ' && c != '\t' && c != '\r' && c != '\n')
            after_mode = slice_is(token, "mode");
        i = end;
    }
}

static struct fileset *shadows_live(const struct fileset *files, struct error *err)
{
    struct fileset *out = fileset_new();
    struct buf text = buf_make(LIMIT_SITE_BYTES);
    bool fine = true;

    for (size_t i = 0; i < fileset_count(files) && fine; i++) {
        struct slice name, bytes;
        fileset_at(files, i, &name, &bytes);
        buf_reset(&text);
        if (slice_ends(name, SLICE(".bell")))
            write_live(bytes, &text);
        else
            buf_put(&text, bytes);
        fine = fileset_add(out, name, buf_slice(&text), err);
    }
    buf_free(&text);
    return out;
}

struct site *history_compile_candidate(void *ctx, struct slice fileset, struct error *err)
{
    struct fileset *files = fileset_read(fileset, err);
    struct fileset *live = files != NULL ? shadows_live(files, err) : NULL;
    struct site *site = live != NULL ? site_from_files(live, "", err) : NULL;

    (void)ctx;
    fileset_free(&files);
    fileset_free(&live);
    return site;
}

uint64_t history_alert_id(void *keys, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    return keys_alert_id(keys, lane, position, ordinal);
}
