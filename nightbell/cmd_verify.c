/* nightbell/cmd_verify.c - is the journal whole, and does deciding it again give what it says? */
#include "adapters/store/sqlite.h"
#include "base/time.h"
#include "nightbell/commands.h"
#include "nightbell/json_text.h"
#include "nightbell/replay_run.h"

#include <stdio.h>

static const char help[] =
    "usage: nightbell verify --data DIR | --journal FOLDER [--key FILE | --records-key FILE] [--json]\n"
    "\n"
    "Two proofs of one journal. The chain: every link, seal and snapshot from the first append on (a "
    "running\n"
    "router holds the file, so there it is left to `verify` on a copy, and said). The decisions: every "
    "input\n"
    "that the keys open is decided again, and each record must come out the same, byte by byte\n"
    "(docs/rules/replay.md).\n"
    "Exit codes: 0 all is as it was written, 1 it is not, 2 wrong usage, 4 there is no such router or\n"
    "folder.\n";

static void show_progress(void *ctx, uint64_t at, uint64_t end)
{
    (void)ctx;
    replay_progress("chain", at, end);
}

static int tell(const struct error *chain, bool chain_looked, const struct error *read,
                const struct replay_same *same, bool json)
{
    char n[COUNT_TEXT];
    bool chain_fine = chain->code == ERROR_NONE, decided = read->code == ERROR_NONE;
    bool fine = chain_fine && decided && same->difference[0] == '\0';
    const char *chain_says = !chain_looked ? "not looked at: a router runs on the folder"
                             : chain_fine  ? "whole"
                                           : chain->message;
    const char *says = !decided                      ? read->message
                       : same->difference[0] != '\0' ? same->difference
                                                     : "the same again, byte by byte";

    if (json) {
        json_t *o = json_pack("{s:b,s:s,s:s,s:I,s:I}", "fine", fine, "chain", chain_says, "decisions", says,
                              "first", (json_int_t)same->first, "records", (json_int_t)same->counts.records);
        json_dumpf(o, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(o);
    } else {
        printf("chain      %s\n", chain_says);
        printf("decisions  %s (%s records from position %llu on)\n", says,
               count_text(same->counts.records, n), (unsigned long long)same->first);
    }
    return fine ? COMMAND_DONE : COMMAND_NO;
}

static int run(int argc, char **argv)
{
    struct history_options o = { .data = NULL };
    bool json = false;
    const struct option_spec specs[] = {
        { .name = "--data", .value = &o.data }, { .name = "--journal", .value = &o.journal },
        { .name = "--key", .value = &o.key },   { .name = "--records-key", .value = &o.records_key },
        { .name = "--json", .flag = &json },    { .name = NULL }
    };
    struct error chain = { .code = ERROR_NONE }, err = { .code = ERROR_NONE };
    struct replay_range all = { TIME_NONE, TIME_NONE };
    struct replay_same same;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || (o.data == NULL) == (o.journal == NULL))
        return usage_error(argv[0], "either --data DIR or --journal FOLDER is needed");
    struct history *h = history_open(&o, &err);
    if (h == NULL)
        return report(&err);
    bool looked = history_verify(h, show_progress, NULL, &chain);
    replay_same(h, &all, &same, &err);
    history_close(&h);
    return tell(&chain, looked, &err, &same, json);
}

const struct command command_verify = { "verify", "is the journal whole, and its decisions the same again?",
                                        help, run };
