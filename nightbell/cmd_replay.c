/* nightbell/cmd_replay.c - the recorded inputs through the same core again, unchanged or under other rules.
 */
#include "base/limits.h"
#include "base/time.h"
#include "nightbell/commands.h"
#include "nightbell/json_text.h"
#include "nightbell/replay_report.h"
#include "nightbell/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell replay --data DIR | --journal FOLDER [--key FILE | --records-key FILE]\n"
    "                        [--from T] [--to T] [--rules SITE] [--json] [--html FILE]\n"
    "\n"
    "Decides what a journal recorded once more, in its own time. T is an instant such as\n"
    "2026-11-22T02:00:00Z. Without --rules every record must come out the same, byte by byte. With --rules "
    "the\n"
    "same inputs go through the site in that folder, and the difference is told: who would have been told\n"
    "what, when, and how often (docs/rules/replay.md). --html writes it as one page with plots.\n"
    "A running router is asked for its journal; nothing is written to it and nobody is rung.\n"
    "Exit codes: 0 done (and unchanged: all equal), 1 not equal or the site is wrong, 2 wrong usage,\n"
    "4 there is no such router, folder or file.\n";

struct asked {
    struct history_options history;
    struct replay_range range;
    const char *rules, *html;
    bool json;
};

static json_t *instant(int64_t us)
{
    char text[TIME_TEXT];

    return us == TIME_NONE ? json_null() : json_of_slice(time_text(us, text));
}

static void print_json(const struct replay_same *same)
{
    json_t *o = json_pack(
        "{s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "from", instant(same->from_us), "to",
        instant(same->to_us), "first", (json_int_t)same->first, "records", (json_int_t)same->counts.records,
        "inputs", (json_int_t)same->counts.inputs, "messages", (json_int_t)same->counts.messages, "alerts",
        (json_int_t)same->counts.alerts, "sends", (json_int_t)same->counts.sends, "difference",
        same->difference[0] != '\0' ? json_string(same->difference) : json_null(), "state",
        json_of_id(same->state));

    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

static void print_text(const struct replay_same *same)
{
    char a[COUNT_TEXT], b[COUNT_TEXT], c[COUNT_TEXT], d[COUNT_TEXT], from[TIME_TEXT] = "-",
                                                                     to[TIME_TEXT] = "-";

    if (same->from_us != TIME_NONE) {
        time_text(same->from_us, from);
        time_text(same->to_us, to);
    }
    printf("%s to %s\n%s records, %s messages, %s alerts, %s sends decided again\n", from, to,
           count_text(same->counts.records, a), count_text(same->counts.messages, b),
           count_text(same->counts.alerts, c), count_text(same->counts.sends, d));
    if (same->counts.records == 0)
        puts("nothing was recorded there: nothing is proved");
    else if (same->difference[0] == '\0')
        printf("the same, byte by byte; state %016llx\n", (unsigned long long)same->state);
    else
        printf("NOT the same: %s\n", same->difference);
    if (same->difference[0] != '\0' && same->counts.older > 0)
        printf("%s of the records were written by an older version, whose decisions may be others\n",
               count_text(same->counts.older, a));
}

static int run_same(struct history *h, const struct asked *q)
{
    struct error err = { .code = ERROR_NONE };
    struct replay_same same;

    if (!replay_same(h, &q->range, &same, &err))
        return report(&err);
    if (q->json)
        print_json(&same);
    else
        print_text(&same);
    return same.difference[0] == '\0' ? COMMAND_DONE : COMMAND_NO;
}

static int run_rules(struct history *h, const struct asked *q)
{
    struct buf candidate = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct error err = { .code = ERROR_NONE };
    struct replay_report r;

    if (!replay_candidate(q->rules, &candidate, &err) ||
        !replay_rules(h, &q->range, buf_slice(&candidate), &r, &err)) {
        buf_free(&candidate);
        return report(&err);
    }
    r.title = q->rules;
    json_t *o = q->json ? replay_json(&r) : NULL;
    if (o != NULL) {
        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(o);
    } else {
        replay_show(&r, stdout, show_colour_on(STDOUT_FILENO));
    }
    bool written = q->html == NULL || replay_html_file(&r, q->html, &err);
    replay_report_free(&r);
    buf_free(&candidate);
    return written ? COMMAND_DONE : report(&err);
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
                                         { .name = "--rules", .value = &q.rules },
                                         { .name = "--html", .value = &q.html },
                                         { .name = "--json", .flag = &q.json },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || (q.history.data == NULL) == (q.history.journal == NULL))
        return usage_error(argv[0], "either --data DIR or --journal FOLDER is needed");
    if (q.html != NULL && q.rules == NULL)
        return usage_error(argv[0], "--html is a page about --rules SITE");
    if (!replay_time(from, &q.range.from_us) || !replay_time(to, &q.range.to_us))
        return usage_error(argv[0], "--from and --to are instants such as 2026-11-22T02:00:00Z");
    if (!replay_range_fits(&q.range))
        return usage_error(argv[0], "--from stands behind --to");
    struct history *h = history_open(&q.history, &err);
    if (h == NULL)
        return report(&err);
    int code = q.rules != NULL ? run_rules(h, &q) : run_same(h, &q);
    history_close(&h);
    return code;
}

const struct command command_replay = { "replay",
                                        "decide a recorded day again, unchanged or under other rules", help,
                                        run };
