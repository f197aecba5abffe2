/* nightbell/cmd_shadow.c - other rules beside the live ones: the same events, nothing sent. */
#include "base/limits.h"
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/json_text.h"
#include "nightbell/replay_report.h"
#include "nightbell/shadow.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell shadow start [SITE] --data DIR [--key FILE] [--pause MS] [--foreground]\n"
    "       nightbell shadow status --data DIR [--json]\n"
    "       nightbell shadow diff --data DIR [--json] [--html FILE]\n"
    "       nightbell shadow stop --data DIR\n"
    "\n"
    "Runs the rules of the folder SITE, or without it the live site's own rules with `mode shadow`, beside "
    "the\n"
    "router that serves DIR: the same events from now on, as if they were live, and nothing is sent. It is "
    "a\n"
    "process of its own that reads the journal behind the router, page by page (--pause: so many "
    "milliseconds\n"
    "between two, 20 by default); it can be behind, and says so, but never holds up the router, and nothing "
    "is\n"
    "lost. diff tells what replay tells (docs/rules/replay.md), up to now. What it found is in memory and "
    "ends\n"
    "with it.\n"
    "Exit codes: 0 done, 1 the site is wrong or a shadow runs already, 2 wrong usage, 4 none runs there.\n";

struct asked {
    const char *data, *key, *html, *pause;
    bool json, foreground;
};

static void tell_parent(void *ctx)
{
    const int *fd = ctx;
    ssize_t put = *fd >= 0 ? write(*fd, "ready", 5) : 0;

    (void)put;
    if (*fd < 0)
        puts("the shadow follows");
    fflush(stdout);
}

static int follow(const struct asked *q, const char *rules, struct slice candidate, int ready)
{
    struct error err = { .code = ERROR_NONE };
    uint32_t pause = 20;
    char data[PATH_MAX], text[sizeof err.message + 2];

    if (q->pause != NULL && !slice_to_u32(slice_of(q->pause), &pause))
        return usage_error("shadow", "--pause takes milliseconds");
    struct shadow_options o = {
        .history = { .data = realpath(q->data, data), .key = q->key, .live_only = true },
        .rules = rules,
        .candidate = candidate,
        .pause_ms = pause
    };
    int code = COMMAND_AWAY;
    if (o.history.data != NULL)
        code = shadow_run(&o, tell_parent, &ready, &err);
    else
        error_set(&err, ERROR_IO, "nightbell does not run on %s: there is no such folder", q->data);
    if (code == COMMAND_DONE)
        return code;
    if (ready < 0)
        return report(&err);
    snprintf(text, sizeof text, "%s\n", err.message);
    ssize_t put = write(ready, text, strlen(text));
    (void)put;
    return code;
}

/* Two forks, so that nobody waits for it; its first words come back through a pipe. */
static int detach(const struct asked *q, const char *rules, struct slice candidate)
{
    int ends[2];
    char said[256];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return COMMAND_NO;
    int pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (setsid() < 0 || fork() != 0)
            _exit(0);
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        _exit(follow(q, rules, candidate, ends[1]));
    }
    close(ends[1]);
    ssize_t got = pid > 0 ? read(ends[0], said, sizeof said - 1) : 0;
    close(ends[0]);
    said[got > 0 ? got : 0] = '\0';
    if (strcmp(said, "ready") == 0) {
        puts("the shadow follows: nightbell shadow status, diff, stop");
        return COMMAND_DONE;
    }
    fprintf(stderr, "nightbell: the shadow did not start: %s", got > 0 ? said : "it ended\n");
    return COMMAND_NO;
}

static json_t *ask(const struct asked *q, json_t *request, struct error *err);

static int start(const struct asked *q, const char *rules)
{
    struct buf candidate = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct error err = { .code = ERROR_NONE }, none = { .code = ERROR_NONE };
    json_t *runs = ask(q, json_pack("{s:s}", "do", "status"), &none);

    if (runs != NULL) {
        json_decref(runs);
        fprintf(stderr, "nightbell: a shadow runs there already: nightbell shadow stop ends it\n");
        return COMMAND_NO;
    }
    if (rules != NULL && !replay_candidate(rules, &candidate, &err)) {
        buf_free(&candidate);
        report(&err);
        return COMMAND_NO;
    }
    int code =
        q->foreground ? follow(q, rules, buf_slice(&candidate), -1) : detach(q, rules, buf_slice(&candidate));
    buf_free(&candidate);
    return code;
}

static void keep(void *ctx, json_t *line)
{
    json_t **out = ctx;

    json_decref(*out);
    *out = json_incref(line);
}

static json_t *ask(const struct asked *q, json_t *request, struct error *err)
{
    json_t *out = NULL;

    if (!control_ask_at(q->data, "shadow", request, keep, &out, err)) {
        json_decref(out);
        out = NULL;
    }
    return out;
}

static void print_status(const json_t *o)
{
    char a[COUNT_TEXT], b[COUNT_TEXT];

    printf("%s: %s\n", json_string_value(json_object_get(o, "rules")),
           json_string_value(json_object_get(o, "state")));
    const char *since = json_string_value(json_object_get(o, "since"));
    printf("%s records behind the router, %s alerts%s%s\n",
           count_text((uint64_t)json_integer_value(json_object_get(o, "behind")), a),
           count_text((uint64_t)json_integer_value(json_object_get(o, "alerts")), b),
           since != NULL && *since != '\0' ? " since " : "", since != NULL ? since : "");
}

static bool write_page(const char *path, struct slice page, struct error *err)
{
    FILE *f = fopen(path, "we");
    bool fine = f != NULL && fwrite(page.ptr, 1, page.len, f) == page.len;

    fine = (f == NULL || fclose(f) == 0) && fine;
    return fine || error_set(err, ERROR_IO, "%s cannot be written", path);
}

static int look(const struct asked *q, const char *what)
{
    struct error err = { .code = ERROR_NONE };
    json_t *o = ask(q, json_pack("{s:s,s:b}", "do", what, "html", q->html != NULL), &err);

    if (o == NULL)
        return report(&err);
    bool diff = strcmp(what, "diff") == 0;
    if (q->json)
        control_print(NULL, diff ? json_object_get(o, "report") : o);
    else if (diff)
        fputs(json_string_value(json_object_get(o, "text")), stdout);
    else if (strcmp(what, "status") == 0)
        print_status(o);
    bool fine = q->html == NULL || !diff || write_page(q->html, json_member(o, "page"), &err);
    json_decref(o);
    return fine ? COMMAND_DONE : report(&err);
}

static int run(int argc, char **argv)
{
    struct asked q = { .data = NULL };
    const struct option_spec specs[] = { { .name = "--data", .value = &q.data },
                                         { .name = "--key", .value = &q.key },
                                         { .name = "--pause", .value = &q.pause },
                                         { .name = "--html", .value = &q.html },
                                         { .name = "--json", .flag = &q.json },
                                         { .name = "--foreground", .flag = &q.foreground },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    const char *what = argc > 1 ? argv[1] : "";
    if (q.data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    if (strcmp(what, "start") == 0 && argc <= 3)
        return start(&q, argc == 3 ? argv[2] : NULL);
    if (argc == 2 && (strcmp(what, "status") == 0 || strcmp(what, "diff") == 0 || strcmp(what, "stop") == 0))
        return look(&q, what);
    return usage_error(argv[0], "start [SITE], status, diff or stop is what it does");
}

const struct command command_shadow = { "shadow", "other rules beside the live ones: nothing is sent", help,
                                        run };
