/* nightbell/cmd_advise.c - which holds the recorded traffic would bear: what they save, what they delay. */
#include "lab/advice.h"
#include "nightbell/commands.h"
#include "nightbell/json_text.h"
#include "nightbell/print_rules.h"
#include "nightbell/replay_run.h"
#include "nightbell/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell advise holds --data DIR | --journal FOLDER [--key FILE | --records-key FILE]\n"
    "                              [--from T] [--to T] [--json] [--html FILE]\n"
    "\n"
    "For each code of the recorded alarms and calls: how many ended by themselves before anybody accepted, "
    "how\n"
    "many of those a hold of 5, 10, 15 or 20 s would have kept from everybody, and how many accepted ones "
    "it\n"
    "would have delayed. Numbers for a decision that people make: lethal-class codes are listed and never\n"
    "advised, and the monitor's own delay comes on top (docs/rules/replay.md).\n"
    "Exit codes: 0 done, 1 the journal cannot be read, 2 wrong usage, 4 there is no such router,\n"
    "folder or file.\n";

enum { BAR = 20, WIDE = 640, ROW = 46, LABEL = 170 };
static const int SECONDS[ADVICE_HOLD_COUNT] = { 5, 10, 15, 20 };

struct asked {
    struct history_options history;
    struct replay_range range;
    const char *html;
    bool json;
};

struct advising {
    struct advice *advice;
    const struct replay_range *range;
    uint64_t end;
    struct error *err;
};

static bool each_append(void *ctx, uint64_t first, const struct journal_append *a)
{
    struct advising *r = ctx;
    int64_t wall = append_wall_us(a);

    if (r->range->to_us != TIME_NONE && wall > r->range->to_us)
        return false;
    replay_progress("advise", first + a->count, r->end);
    return (r->range->from_us != TIME_NONE && wall < r->range->from_us) ||
           advice_append(r->advice, first, a->count, a->records, r->err);
}

static double share(uint64_t part, uint64_t of)
{
    return of > 0 ? 100.0 * (double)part / (double)of : 0;
}

static const char *paint(const char *code)
{
    return show_colour_on(STDOUT_FILENO) ? code : "";
}

static const char *lasted(const struct advice_row *r, char out[32])
{
    if (r->median_us == TIME_NONE)
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, "%lld s", (long long)(r->median_us / TIME_S));
    return out;
}

static void show_holds(const struct advice_row *r)
{
    for (size_t i = 0; i < ADVICE_HOLD_COUNT; i++) {
        int full = (int)(share(r->saved[i], r->ended) * BAR / 100 + 0.5);
        printf("    hold %2d s  %s", SECONDS[i], paint("\033[34m"));
        for (int k = 0; k < BAR; k++)
            fputs(k < full ? "\u2588" : "\u00b7", stdout);
        printf("%s %3.0f %%  saves %llu alerts, %llu sends; delays %llu accepted\n", paint("\033[0m"),
               share(r->saved[i], r->ended), (unsigned long long)r->saved[i],
               (unsigned long long)r->saved_sends[i], (unsigned long long)r->delayed[i]);
    }
}

static void show(const struct advice_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct advice_row *r = &rows[i];
        char median[32];
        printf("%s%.*s%s  %s  %llu alert%s, %llu ended by themselves after %s (median), %llu accepted\n",
               paint("\033[1m"), SLICE_ARG(r->code), paint("\033[0m"), event_class_name(r->class),
               (unsigned long long)r->alerts, r->alerts == 1 ? "" : "s", (unsigned long long)r->ended,
               lasted(r, median), (unsigned long long)r->accepted);
        if (r->held_us > 0)
            printf("    its rule holds it for %lld s already\n", (long long)(r->held_us / TIME_S));
        if (r->never)
            printf("    %slethal class: no hold is advised%s\n", paint("\033[31m"), paint("\033[0m"));
        else
            show_holds(r);
    }
    if (count == 0)
        puts("no alarm or call has ended in that time");
    puts("Published, for comparison: the median alarm of an intensive care unit lasted 17 s; a hold of 14 s "
         "removes 50 %,\n19 s 67 % of those ignored or without effect (Goerges 2009).");
}

static json_t *row_json(const struct advice_row *r)
{
    json_t *o = json_object(), *holds = json_array();

    json_object_set_new(o, "code", json_of_slice(r->code));
    json_object_set_new(o, "class", json_string(event_class_name(r->class)));
    json_object_set_new(o, "alerts", json_integer((json_int_t)r->alerts));
    json_object_set_new(o, "ended", json_integer((json_int_t)r->ended));
    json_object_set_new(o, "accepted", json_integer((json_int_t)r->accepted));
    json_object_set_new(o, "sends_to_ended", json_integer((json_int_t)r->sends));
    json_object_set_new(o, "median_ms",
                        r->median_us == TIME_NONE ? json_null() : json_integer(r->median_us / 1000));
    json_object_set_new(o, "held_ms", json_integer(r->held_us / 1000));
    json_object_set_new(o, "advised", json_boolean(!r->never));
    for (size_t i = 0; i < ADVICE_HOLD_COUNT && !r->never; i++)
        json_array_append_new(holds,
                              json_pack("{s:i,s:I,s:I,s:I}", "hold_s", SECONDS[i], "saves",
                                        (json_int_t)r->saved[i], "saves_sends", (json_int_t)r->saved_sends[i],
                                        "delays", (json_int_t)r->delayed[i]));
    json_object_set_new(o, "holds", holds);
    return o;
}

static void put_bars(struct buf *out, const struct advice_row *r, int y)
{
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LABEL - 10, y + 22);
    markup_put(out, r->code);
    buf_text(out, "</text>");
    for (int i = 0; i < ADVICE_HOLD_COUNT; i++) {
        double wide = (WIDE - LABEL - 60) * share(r->saved[i], r->ended) / 100;
        buf_printf(out, "<rect class=\"b%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"9\"/>", i, LABEL,
                   y + i * 10, wide);
        buf_printf(out, "<text class=\"s\" x=\"%.1f\" y=\"%d\">%d s: %.0f %%</text>", LABEL + wide + 5,
                   y + i * 10 + 8, SECONDS[i], share(r->saved[i], r->ended));
    }
}

static void put_plot(struct buf *out, const struct advice_row *rows, size_t count)
{
    size_t shown = 0;

    for (size_t i = 0; i < count; i++)
        shown += !rows[i].never && rows[i].ended > 0;
    buf_printf(out,
               "<div class=\"wide\" tabindex=\"0\"><svg viewBox=\"0 0 %d %zu\" role=\"img\" "
               "aria-labelledby=\"t\"><title id=\"t\">Share of the "
               "alerts that ended by themselves which each hold would have saved; the table has the "
               "numbers.</title>",
               WIDE, shown * ROW + 8);
    shown = 0;
    for (size_t i = 0; i < count; i++)
        if (!rows[i].never && rows[i].ended > 0)
            put_bars(out, &rows[i], (int)shown++ * ROW + 4);
    buf_text(out, "</svg></div>\n");
}

static void put_row(struct buf *out, const struct advice_row *r)
{
    char median[32];

    buf_text(out, "<tr><th scope=\"row\">");
    markup_put(out, r->code);
    buf_printf(out,
               "</th><td>%s</td><td class=\"n\">%llu</td><td class=\"n\">%llu</td><td class=\"n\">%s</td><td "
               "class=\"n\">%llu</td>",
               event_class_name(r->class), (unsigned long long)r->alerts, (unsigned long long)r->ended,
               lasted(r, median), (unsigned long long)r->accepted);
    for (size_t i = 0; i < ADVICE_HOLD_COUNT; i++) {
        if (r->never)
            buf_text(out, "<td>never</td>");
        else
            buf_printf(out, "<td class=\"n\">&minus;%llu, delays %llu</td>", (unsigned long long)r->saved[i],
                       (unsigned long long)r->delayed[i]);
    }
    buf_text(out, "</tr>\n");
}

static void put_page(struct buf *out, const struct advice_row *rows, size_t count)
{
    buf_text(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><title>Holds</title><style>:root{color-scheme:light "
        "dark;--ink:#1b2733;--paper:#fff;--line:#ccd5dd}@media(prefers-color-scheme:dark){:root{--ink:#"
        "e6ecf1;"
        "--paper:#12181e;--line:#37444f}}body{font:16px/1.5 system-ui,'DejaVu Sans',Arial,sans-serif;"
        "color:var(--ink);background:var(--paper);max-width:900px;margin:0 auto;padding:20px 16px}"
        ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:14px}th,td{text-align:left;padding:"
        "5px "
        "12px 5px 0;border-bottom:1px solid "
        "var(--line);white-space:nowrap}.n{text-align:right}svg{width:100%;min-width:560px;"
        "height:auto}svg text{fill:var(--ink);font:12px system-ui,'DejaVu Sans',Arial,sans-serif}svg "
        ".s{font-size:9px}.b0{fill:#9cc4e4}.b1{fill:#5fa3d6}.b2{fill:#2f7fbf}.b3{fill:#0b62a8}</style></head>"
        "<body><main><h1>What a hold would save</h1><p>Share of the alerts that ended by themselves, before "
        "anybody accepted, which lasted no longer than the hold. Lethal-class codes are never held. The "
        "monitor's "
        "own delay comes on top.</p>\n");
    put_plot(out, rows, count);
    buf_text(
        out,
        "<h2>Numbers</h2><div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">code</th><th "
        "scope=\"col\">class</th><th scope=\"col\">alerts</th><th scope=\"col\">ended by themselves</th><th "
        "scope=\"col\">median</th><th scope=\"col\">accepted</th>");
    for (size_t i = 0; i < ADVICE_HOLD_COUNT; i++)
        buf_printf(out, "<th scope=\"col\">hold %d s</th>", SECONDS[i]);
    buf_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++)
        put_row(out, &rows[i]);
    buf_text(out, "</tbody></table></div></main></body></html>\n");
}

static bool write_page(const char *path, const struct advice_row *rows, size_t count, struct error *err)
{
    struct buf page = buf_make((size_t)1 << 26);
    FILE *f = fopen(path, "we");

    put_page(&page, rows, count);
    bool fine = f != NULL && !page.failed && fwrite(page.ptr, 1, page.len, f) == page.len;
    fine = (f == NULL || fclose(f) == 0) && fine;
    buf_free(&page);
    return fine || error_set(err, ERROR_IO, "%s cannot be written", path);
}

static int tell_all(const struct asked *q, const struct advice *a)
{
    struct arena *arena = arena_new();
    struct error err = { .code = ERROR_NONE };
    size_t count;
    const struct advice_row *rows = advice_rows(a, arena, &count);

    for (size_t i = 0; i < count && q->json; i++) {
        json_t *o = row_json(&rows[i]);
        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(o);
    }
    if (!q->json)
        show(rows, count);
    bool fine = q->html == NULL || write_page(q->html, rows, count, &err);
    arena_free(&arena);
    return fine ? COMMAND_DONE : report(&err);
}

static int read_and_tell(const struct asked *q)
{
    struct error err = { .code = ERROR_NONE };
    struct buf snapshot = buf_make((size_t)1 << 31);
    struct history *h = history_open(&q->history, &err);
    uint64_t at = 0;

    if (h == NULL)
        return report(&err);
    struct advising r = { advice_new(), &q->range, history_end(h, &err), &err };
    bool fine = history_begin(h, q->range.from_us, &at, &snapshot, &err) &&
                history_read(h, at, each_append, &r, &err);
    int code = fine ? tell_all(q, r.advice) : report(&err);
    advice_free(&r.advice);
    buf_free(&snapshot);
    history_close(&h);
    return code;
}

static int run(int argc, char **argv)
{
    struct asked q = { .range = { TIME_NONE, TIME_NONE } };
    const char *from = NULL, *to = NULL;
    const struct option_spec specs[] = { { .name = "--data", .value = &q.history.data },
                                         { .name = "--journal", .value = &q.history.journal },
                                         { .name = "--key", .value = &q.history.key },
                                         { .name = "--records-key", .value = &q.history.records_key },
                                         { .name = "--from", .value = &from },
                                         { .name = "--to", .value = &to },
                                         { .name = "--html", .value = &q.html },
                                         { .name = "--json", .flag = &q.json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || strcmp(argv[1], "holds") != 0 || (q.history.data == NULL) == (q.history.journal == NULL))
        return usage_error(argv[0], "holds, and either --data DIR or --journal FOLDER, are needed");
    if (!replay_time(from, &q.range.from_us) || !replay_time(to, &q.range.to_us))
        return usage_error(argv[0], "--from and --to are instants such as 2026-11-22T02:00:00Z");
    if (!replay_range_fits(&q.range))
        return usage_error(argv[0], "--from stands behind --to");
    return read_and_tell(&q);
}

const struct command command_advise = { "advise", "what a hold would have saved, and delayed", help, run };
