#include "nightbell/show.h"

#include "nightbell/commands.h"
#include "nightbell/control.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

bool show_colour_on(int fd)
{
    const char *without = getenv("NO_COLOR");

    return isatty(fd) != 0 && (without == NULL || *without == '\0');
}

const char *show_paint(const char *code)
{
    return show_colour_on(STDOUT_FILENO) ? code : "";
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s != NULL ? s : "";
}

/* "2026-11-22T13:05:09.123Z" -> "13:05:09" */
static const char *clock_of(const char *iso, char out[9])
{
    if (strlen(iso) < 19)
        return "--------";
    memcpy(out, iso + 11, 8);
    out[8] = '\0';
    return out;
}

const char *show_class_colour(const char *class)
{
    if (strcmp(class, "lethal") == 0 || strcmp(class, "high") == 0)
        return show_paint("\033[1;31m");
    if (strcmp(class, "medium") == 0)
        return show_paint("\033[33m");
    return strcmp(class, "call") == 0 || strcmp(class, "low") == 0 ? show_paint("\033[36m") : "";
}

enum { LIST_ROWS = 12 };

static void show_list(const json_t *status, const char *name)
{
    const json_t *list = json_object_get(status, name);
    size_t i;
    json_t *row;

    if (json_array_size(list) == 0)
        return;
    printf("\n%s%s%s\n", show_paint("\033[1m"), name, show_paint("\033[0m"));
    json_array_foreach(list, i, row)
    {
        if (i == LIST_ROWS) {
            printf("  ... and %zu more: --json has all\n", json_array_size(list) - i);
            break;
        }
        printf("  %6lld  %-40s %s\n", (long long)json_integer_value(json_object_get(row, "count")),
               text(row, "key"), text(row, "where"));
    }
}

static void show_numbers(const char *title, const json_t *object)
{
    const char *key;
    json_t *value;

    printf("\n%s%s%s\n", show_paint("\033[1m"), title, show_paint("\033[0m"));
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        printf("  %-28s %10lld\n", key, (long long)json_integer_value(value));
}

void show_status(const json_t *s)
{
    static const char *const lists[] = { "quarantine",      "dead-letter", "unmatched-code",
                                         "unmatched-place", "coverage",    "finding" };
    size_t i;
    json_t *name;

    printf("site %s  ruleset %s  version %s  position %lld  now %s\n", text(s, "site"), text(s, "ruleset"),
           text(s, "version"), (long long)json_integer_value(json_object_get(s, "position")), text(s, "now"));
    if (json_is_true(json_object_get(s, "demo_keys")))
        printf("%sdemo keys: not for patients%s\n", show_paint("\033[1;31m"), show_paint("\033[0m"));
    json_array_foreach(json_object_get(s, "insecure"), i, name)
        printf("%sinsecure listener: %s%s\n", show_paint("\033[1;31m"), json_string_value(name),
               show_paint("\033[0m"));
    json_array_foreach(json_object_get(s, "switches"), i, name)
        printf("%sswitch %s is on%s until %s: %s, by %s\n", show_paint("\033[1;33m"), text(name, "name"),
               show_paint("\033[0m"), text(name, "until"), text(name, "title"), text(name, "by"));
    show_numbers("open alerts", json_object_get(s, "open"));
    show_numbers("counters", json_object_get(s, "counters"));
    for (i = 0; i < sizeof lists / sizeof lists[0]; i++)
        show_list(s, lists[i]);
}

static void seconds_text(const json_t *ms, char out[32])
{
    if (!json_is_integer(ms)) {
        snprintf(out, 32, "-");
        return;
    }
    long long s = json_integer_value(ms) / 1000;
    if (s >= 3600)
        snprintf(out, 32, "%lldh%02lld", s / 3600, s / 60 % 60);
    else
        snprintf(out, 32, "%lld:%02lld", s / 60, s % 60);
}

static void show_row(const json_t *row)
{
    char age[32], next[32], place[64], step[64];
    const char *state = text(row, "state"), *who = text(row, "taken_by");

    seconds_text(json_object_get(row, "age_ms"), age);
    seconds_text(json_object_get(row, "next_in_ms"), next);
    snprintf(place, sizeof place, "%s %s", text(row, "unit"), text(row, "bed"));
    snprintf(step, sizeof step, "%lld/%lld", (long long)json_integer_value(json_object_get(row, "step")),
             (long long)json_integer_value(json_object_get(row, "steps")));
    if (json_is_true(json_object_get(row, "exhausted")))
        state = "exhausted";
    const char *mood = strcmp(state, "exhausted") == 0  ? show_paint("\033[1;31m")
                       : strcmp(state, "accepted") == 0 ? show_paint("\033[32m")
                       : strcmp(state, "closed") == 0   ? show_paint("\033[2m")
                                                        : "";
    printf("%.8s  %s%-10.10s%s %-10.10s %-22.22s %s%-12.12s%s %6s %5s %6s  %.24s\n", text(row, "alert"),
           show_class_colour(text(row, "class")), text(row, "class"), show_paint("\033[0m"), place,
           text(row, "title"), mood, state, show_paint("\033[0m"), age, step, next,
           who[0] != '\0' ? who : text(row, "waiting_for"));
}

void show_alerts(const json_t *rows, size_t lines)
{
    size_t i;
    json_t *row;

    printf("%s%-8s  %-10s %-10s %-22s %-12s %6s %5s %6s  %s%s\n", show_paint("\033[1m"), "alert", "class",
           "place", "what", "state", "age", "step", "next", "taken by / waiting for", show_paint("\033[0m"));
    json_array_foreach(rows, i, row)
    {
        if (lines != 0 && i >= lines) {
            printf("... and %zu more\n", json_array_size(rows) - i);
            break;
        }
        show_row(row);
    }
    if (json_array_size(rows) == 0)
        puts("no alerts");
}

static volatile sig_atomic_t stop;

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

static void collect(void *ctx, json_t *line)
{
    json_array_append(ctx, line);
}

static size_t screen_lines(void)
{
    struct winsize w = { .ws_row = 0 };

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 8 ? w.ws_row : 24;
}

static void show_heading(const json_t *status)
{
    const json_t *counters = json_object_get(status, "counters");
    char clock[9];

    printf("%snightbell  %s  %s%s   messages %lld   sends %lld   Ctrl-C ends\n\n", show_paint("\033[1m"),
           text(status, "site"), clock_of(text(status, "now"), clock), show_paint("\033[0m"),
           (long long)json_integer_value(json_object_get(counters, "messages")),
           (long long)json_integer_value(json_object_get(counters, "sends")));
}

static bool draw(const char *data_dir, struct error *err)
{
    json_t *rows = json_array();
    json_t *status = control_ask_one(data_dir, json_pack("{s:s}", "do", "status"), err);
    bool fine =
        status != NULL && control_ask(data_dir, json_pack("{s:s}", "do", "alerts"), collect, rows, err);

    if (fine) {
        if (isatty(STDOUT_FILENO) != 0)
            fputs("\033[H\033[2J", stdout);
        show_heading(status);
        show_alerts(rows, screen_lines() - 6);
        fflush(stdout);
    }
    json_decref(status);
    json_decref(rows);
    return fine;
}

int show_watch(const char *data_dir)
{
    const struct timespec second = { 1, 0 };
    struct error err = { .code = ERROR_NONE };
    struct sigaction act = { .sa_handler = on_signal };

    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    while (stop == 0) {
        error_clear(&err);
        if (!draw(data_dir, &err) && err.code == ERROR_IO)
            return report(&err);
        nanosleep(&second, NULL);
    }
    return COMMAND_DONE;
}
