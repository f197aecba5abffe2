#include "base/limits.h"
#include "nightbell/commands.h"
#include "nightbell/schema_show.h"
#include "nightbell/site_load.h"

#include <stdio.h>

static const char help[] =
    "usage: nightbell schema [KIND] [--site SITE] [--json]\n"
    "\n"
    "Prints what a rule can see: the phases of each kind of event (alarm, call, result, appointment,\n"
    "transport, transfer, order), and each field with its type, whether it is always there, who may read it\n"
    "(lock: a locked screen may show it; phi: patient data) and what it is compared with.\n"
    "  --site SITE  the codes of that site too\n"
    "  --json       the same for programs\n"
    "Exit codes: 0 printed, 1 the site is wrong, 2 no such kind, 4 no such folder.\n";

static void print(unsigned kinds, const struct site *site, bool json)
{
    struct buf text = buf_make(LIMIT_SITE_BYTES);

    if (json) {
        json_t *all = schema_json(kinds, site);
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        puts("");
        json_decref(all);
    } else {
        schema_text(kinds, site, &text);
        fwrite(text.ptr, 1, text.len, stdout);
    }
    buf_free(&text);
}

static int run(int argc, char **argv)
{
    const char *folder = NULL;
    bool json = false;
    const struct option_spec specs[] = { { .name = "--site", .value = &folder },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };
    enum event_kind kind;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc > 2 || (argc == 2 && !event_kind_find(slice_of(argv[1]), &kind)))
        return usage_error(argv[0], "one of the kinds of event, or none for all, is what it takes");
    struct site *site = folder != NULL ? site_load(folder, &err) : NULL;
    if (folder != NULL && site == NULL)
        return report(&err);
    print(argc == 2 ? KIND_BIT(kind) : KINDS_ALL, site, json);
    site_free(&site);
    return COMMAND_DONE;
}

const struct command command_schema = { "schema", "what a rule can see: kinds, fields, codes", help, run };
