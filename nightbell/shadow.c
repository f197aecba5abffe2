#include "nightbell/shadow.h"

#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/commands.h"
#include "nightbell/json_text.h"
#include "nightbell/replay_report.h"
#include "nightbell/router_state.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { IDLE_MS = 250, REQUEST_BYTES = 4096 };

struct shadow {
    const struct shadow_options *options;
    struct history *history;
    struct compare *compare;
    uint64_t at, begun, end;
    int64_t from_us, to_us;
    bool deciding, waiting; /* waiting: no router answers */
    struct error ended;     /* it compares no more */
    int listening;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* --- following ---------------------------------------------------------------------------------------- */

static bool each_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct shadow *s = ctx;
    bool decide = first >= s->begun;

    if (decide) {
        s->to_us = append_wall_us(a);
        s->from_us = s->from_us == TIME_NONE ? s->to_us : s->from_us;
    }
    return compare_append(s->compare, first, a->count, a->records, decide, &s->ended) && stop == 0;
}

/* One page. True: there may be more at once. */
static bool follow(struct shadow *s)
{
    struct error err = { .code = ERROR_NONE };
    uint64_t next = s->at;

    if (s->ended.code != ERROR_NONE)
        return false;
    bool fine = history_page(s->history, s->at, each_append, s, &next, &err);
    s->waiting = !fine && err.code == ERROR_IO;
    if (!fine && !s->waiting)
        s->ended = err;
    bool more = next > s->at;
    s->at = next;
    if (fine)
        s->end = history_end(s->history, &err);
    return more;
}

static bool begin(struct shadow *s, struct error *err)
{
    struct compare_options o = { .compile_site = history_compile,
                                 .compile_candidate = history_compile_candidate,
                                 .lane = LANE,
                                 .candidate = s->options->candidate };
    struct buf snapshot = buf_make((size_t)1 << 31);

    s->history = history_open(&s->options->history, err);
    s->begun = s->end = s->history != NULL ? history_end(s->history, err) : 0;
    if (s->history == NULL || err->code != ERROR_NONE)
        return false;
    if (history_keys(s->history) != NULL) {
        o.alert_id = history_alert_id;
        o.ctx = (void *)(uintptr_t)history_keys(s->history);
    }
    hash_sha256(o.candidate, o.candidate_hash);
    s->compare = compare_new(&o);
    bool fine = history_begin(s->history, TIME_NONE, &s->at, &snapshot, err) &&
                (snapshot.len == 0 || compare_restore(s->compare, buf_slice(&snapshot), err));
    buf_free(&snapshot);
    while (fine && s->at < s->begun && stop == 0) {
        follow(s);
        fine = s->ended.code == ERROR_NONE && !s->waiting;
    }
    if (!fine && err->code == ERROR_NONE)
        *err = s->ended;
    return fine;
}

/* --- answering ---------------------------------------------------------------------------------------- */

static json_t *status(const struct shadow *s)
{
    char from[TIME_TEXT] = "";
    size_t alerts;

    compare_rows(s->compare, &alerts);
    if (s->from_us != TIME_NONE)
        time_text(s->from_us, from);
    return json_pack("{s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:s}", "pid", (json_int_t)getpid(), "rules",
                     s->options->rules != NULL ? s->options->rules : "the site's rules with mode shadow",
                     "since", from, "position", (json_int_t)s->at, "begun", (json_int_t)s->begun, "behind",
                     (json_int_t)(s->end > s->at ? s->end - s->at : 0), "alerts", (json_int_t)alerts, "state",
                     s->ended.code != ERROR_NONE ? s->ended.message
                     : s->waiting                ? "waiting for the router"
                                                 : "following");
}

static json_t *text_of(const struct replay_report *r)
{
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);

    if (f == NULL)
        return json_null();
    replay_show(r, f, false);
    fclose(f);
    json_t *o = json_stringn(text, length);
    free(text);
    return o;
}

static json_t *difference(const struct shadow *s, bool html)
{
    struct replay_report r = { .compare = s->compare,
                               .arena = arena_new(),
                               .title =
                                   s->options->rules != NULL ? s->options->rules : "rules with mode shadow",
                               .from_us = s->from_us,
                               .to_us = s->to_us };
    struct buf page = buf_make((size_t)1 << 30);

    compare_figures(s->compare, r.arena, &r.figures);
    json_t *o = json_object();
    json_object_set_new(o, "report", replay_json(&r));
    json_object_set_new(o, "text", text_of(&r));
    if (html) {
        replay_html(&r, &page);
        json_object_set_new(o, "page", json_of_slice(buf_slice(&page)));
    }
    buf_free(&page);
    arena_free(&r.arena);
    return o;
}

static json_t *answer(struct shadow *s, const json_t *request)
{
    struct slice what = json_member(request, "do");

    if (slice_is(what, "status"))
        return status(s);
    if (slice_is(what, "diff"))
        return difference(s, json_is_true(json_object_get(request, "html")));
    if (slice_is(what, "stop")) {
        stop = 1;
        return json_pack("{s:b}", "done", 1);
    }
    return json_pack("{s:s}", "error", "that cannot be asked of a shadow");
}

static void serve_one(struct shadow *s)
{
    char line[REQUEST_BYTES];
    int fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    json_error_t where;

    if (fd < 0)
        return;
    ssize_t got = poll(&p, 1, IDLE_MS) == 1 ? read(fd, line, sizeof line) : 0;
    json_t *request = got > 0 ? json_loadb(line, (size_t)got, JSON_DISABLE_EOF_CHECK, &where) : NULL;
    json_t *out = answer(s, request);
    FILE *f = fdopen(fd, "we");
    if (f != NULL) {
        json_dumpf(out, f, JSON_COMPACT);
        fputc('\n', f);
        fclose(f);
    } else {
        close(fd);
    }
    json_decref(request);
    json_decref(out);
}

static bool listen_here(struct shadow *s, struct error *err)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    char here[PATH_MAX];

    /* A path of any length: from inside of the folder. */
    bool fine = getcwd(here, sizeof here) != NULL && chdir(s->options->history.data) == 0;
    s->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "run/shadow");
    unlink(at.sun_path);
    mode_t before = umask(0177);
    fine = fine && bind(s->listening, (const struct sockaddr *)&at, sizeof at) == 0 &&
           listen(s->listening, 16) == 0;
    umask(before);
    bool back = chdir(here) == 0;
    return (fine && back) || error_set(err, ERROR_IO, "run/shadow cannot be made: %s", strerror(errno));
}

static void serve(struct shadow *s)
{
    while (stop == 0) {
        struct pollfd p = { .fd = s->listening, .events = POLLIN };
        bool more = follow(s);
        int wait = more ? (int)s->options->pause_ms : IDLE_MS;
        if (poll(&p, 1, wait > 0 ? wait : 0) == 1)
            serve_one(s);
    }
}

int shadow_run(const struct shadow_options *o, void (*ready)(void *ctx), void *ctx, struct error *err)
{
    struct shadow s = { .options = o, .from_us = TIME_NONE, .to_us = TIME_NONE, .listening = -1 };
    struct sigaction act = { .sa_handler = on_signal };
    char path[PATH_MAX];

    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (nice(10) == -1)
        errno = 0; /* as it is, then */
    bool fine = begin(&s, err) && listen_here(&s, err);
    if (fine) {
        ready(ctx);
        serve(&s);
        snprintf(path, sizeof path, "%s/run/shadow", o->history.data);
        unlink(path);
    }
    if (s.listening >= 0)
        close(s.listening);
    compare_free(&s.compare);
    history_close(&s.history);
    return fine ? COMMAND_DONE : COMMAND_NO;
}
