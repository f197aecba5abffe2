/* nightbell/cmd_drill.c - tries one rule for real, marked as a drill. */
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/json_text.h"
#include "nightbell/show.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell drill RULE --data DIR [--unit UNIT] [--bed BED] [--yes | --confirm RULE] [--json]\n"
    "\n"
    "Sends a real alert of this rule through the running router: to the people and desks on duty now, on "
    "their\n"
    "phones, with receipts, answers and escalation. Every text and title begins with DRILL, no patient is "
    "named, and\n"
    "nothing real is joined, held back or counted by it: `status` counts drills alone. It waits for no hold, "
    "shift\n"
    "or bundle. UNIT is the one that the rule asks for unless it is given.\n"
    "On a terminal it asks for the rule's name first; elsewhere --yes is needed. A rule that rings a group, "
    "needs\n"
    "several accepts or is of the lethal class would bring a code team running: --yes is not enough for it, "
    "its\n"
    "name must be typed, or repeated with --confirm RULE.\n"
    "Only a live rule can be tried: no draft, shadow or copy, and none that ignores.\n"
    "Exit codes: 0 sent, 1 refused, 2 wrong usage or not confirmed, 4 nightbell does not run there.\n";

struct drill {
    const char *rule, *data, *unit, *bed, *confirm;
    bool yes, json, team;
    char unit_asked[128];
};

static void take_answer(void *ctx, json_t *line)
{
    struct drill *d = ctx;

    d->team = json_is_true(json_object_get(line, "team"));
    snprintf(d->unit_asked, sizeof d->unit_asked, "%.*s", SLICE_ARG(json_member(line, "unit")));
}

static json_t *request(const struct drill *d, bool send)
{
    return json_pack("{s:s,s:s,s:s*,s:s*,s:s*,s:b}", "do", "drill", "rule", d->rule, "unit", d->unit, "bed",
                     d->bed, "confirm", d->confirm, "send", send ? 1 : 0);
}

/* The name typed again; what is typed counts as --confirm. */
static bool confirmed(struct drill *d)
{
    static char typed[256];

    if (d->confirm != NULL)
        return strcmp(d->confirm, d->rule) == 0;
    if (d->yes && !d->team)
        return true;
    if (isatty(STDIN_FILENO) == 0)
        return false;
    fprintf(stderr, "This rings real phones%s%s%s. Type the rule's name to go on: ",
            d->unit_asked[0] != '\0' ? " of " : "", d->unit_asked,
            d->team ? show_paint("\033[1;31m, of a whole team\033[0m") : "");
    if (fgets(typed, sizeof typed, stdin) == NULL)
        return false;
    typed[strcspn(typed, "\r\n")] = '\0';
    d->confirm = typed;
    return strcmp(typed, d->rule) == 0;
}

static void show(void *ctx, json_t *line)
{
    (void)ctx;
    printf("%sDRILL%s sent: ", show_paint("\033[1;33m"), show_paint("\033[0m"));
    show_explain_line(NULL, line);
}

static int run(int argc, char **argv)
{
    struct drill d = { .json = false };
    const struct option_spec specs[] = { { .name = "--data", .value = &d.data },
                                         { .name = "--unit", .value = &d.unit },
                                         { .name = "--bed", .value = &d.bed },
                                         { .name = "--confirm", .value = &d.confirm },
                                         { .name = "--yes", .flag = &d.yes },
                                         { .name = "--json", .flag = &d.json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || d.data == NULL)
        return usage_error(argv[0], "a RULE and --data DIR are needed");
    d.rule = argv[1];
    int code = control_command(d.data, request(&d, false), take_answer, &d);
    if (code != COMMAND_DONE)
        return code;
    if (!confirmed(&d))
        return usage_error(argv[0],
                           d.team ? "a rule that rings a team is tried with its name typed, or --confirm %s"
                                  : "not confirmed: --yes, or the name of %s on a terminal",
                           d.rule);
    return control_command(d.data, request(&d, true), d.json ? control_print : show, NULL);
}

const struct command command_drill = { "drill", "try one rule for real, marked as a drill", help, run };
