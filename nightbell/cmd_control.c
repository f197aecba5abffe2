/* nightbell/cmd_control.c - status, alerts, enroll, assign, token: clients of the control socket. */
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/qr.h"
#include "nightbell/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- status, alerts --------------------------------------------------------------------------------------
 */

static const char status_help[] =
    "usage: nightbell status --data DIR [--json]\n"
    "\n"
    "Counters (every message has exactly one fate), open alerts, and what a person should look at: "
    "quarantined\n"
    "messages, dead letters, unmatched codes and places, gaps in coverage, insecure listeners.\n";

static void show_status_line(void *ctx, json_t *line)
{
    (void)ctx;
    show_status(line);
}

static int run_status(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    return control_command(data, json_pack("{s:s}", "do", "status"), json ? control_print : show_status_line,
                           NULL);
}

const struct command command_status = { "status", "counters, open alerts, what needs a look", status_help,
                                        run_status };

static const char alerts_help[] =
    "usage: nightbell alerts --data DIR [--json] [--watch]\n"
    "\n"
    "The alerts, most urgent first. --watch keeps a live table on the terminal until\n"
    "Ctrl-C.\n";

static void collect(void *ctx, json_t *line)
{
    json_array_append(ctx, line);
}

static int run_alerts(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false, watch = false;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--json", .flag = &json },
                                         { .name = "--watch", .flag = &watch },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    if (watch)
        return show_watch(data);
    if (json)
        return control_command(data, json_pack("{s:s}", "do", "alerts"), control_print, NULL);
    json_t *rows = json_array();
    int code = control_command(data, json_pack("{s:s}", "do", "alerts"), collect, rows);
    if (code == COMMAND_DONE)
        show_alerts(rows, 0);
    json_decref(rows);
    return code;
}

const struct command command_alerts = { "alerts", "the alerts as a table, live with --watch", alerts_help,
                                        run_alerts };

/* --- enroll ------------------------------------------------------------------------------------------------
 */

static const char enroll_help[] = "usage: nightbell enroll PERSON|DESK --data DIR [--url INBOX] [--json]\n"
                                  "\n"
                                  "Makes a code that enrols one browser for this person or desk: good once, "
                                  "for ten minutes. Shown as text and,\n"
                                  "with the inbox's address, as a QR code.\n";

static void show_code(void *ctx, json_t *line)
{
    const char *url = ctx, *code = json_string_value(json_object_get(line, "code"));

    if (code == NULL)
        return;
    printf("%s  for %s, good for %d minutes\n", code, json_string_value(json_object_get(line, "title")),
           (int)json_integer_value(json_object_get(line, "minutes")));
    if (url != NULL) {
        char link[512];
        snprintf(link, sizeof link, "%s/#code=%s", url, code);
        printf("%s\n", link);
        qr_print(link);
    }
}

static int run_enroll(int argc, char **argv)
{
    const char *data = NULL, *url = NULL;
    bool json = false;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--url", .value = &url },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || data == NULL)
        return usage_error(argv[0], "a PERSON or DESK and --data DIR are needed");
    char *link = url != NULL ? strdup(url) : NULL;
    int code = control_command(data, json_pack("{s:s,s:s}", "do", "enroll", "holder", argv[1]),
                               json ? control_print : show_code, link);
    free(link);
    return code;
}

const struct command command_enroll = { "enroll", "a code that enrols one browser for a person or desk",
                                        enroll_help, run_enroll };

/* --- assign ------------------------------------------------------------------------------------------------
 */

static const char assign_help[] =
    "usage: nightbell assign PERSON ROLE UNIT [BED...] [--until INSTANT] --data DIR\n"
    "       nightbell assign PERSON --end --data DIR\n"
    "       nightbell assign PERSON --away | --back --data DIR\n"
    "\n"
    "Assigns a role now, over the site's assignments: of the named beds, or of the whole unit. It is "
    "journaled, holds\n"
    "until INSTANT (ISO 8601, such as 2026-11-22T19:00:00-06:00) or until it is ended, and open alerts that "
    "nobody has\n"
    "accepted follow it. --away takes a person out of every lookup, --back brings them in again.\n";

static void say_done(void *ctx, json_t *line)
{
    (void)ctx;
    (void)line;
    puts("done");
}

static json_t *assignment(int argc, char **argv, const char *until)
{
    json_t *beds = json_array();

    for (int i = 4; i < argc; i++)
        json_array_append_new(beds, json_string(argv[i]));
    return json_pack("{s:s,s:s,s:s,s:s,s:o,s:s*}", "do", "assign", "person", argv[1], "role", argv[2], "unit",
                     argv[3], "beds", beds, "until", until);
}

static int run_assign(int argc, char **argv)
{
    const char *data = NULL, *until = NULL;
    bool end = false, away = false, back = false;
    const struct option_spec specs[] = {
        { .name = "--data", .value = &data }, { .name = "--until", .value = &until },
        { .name = "--end", .flag = &end },    { .name = "--away", .flag = &away },
        { .name = "--back", .flag = &back },  { .name = NULL }
    };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    bool short_form = end || away || back;
    if (data == NULL || (short_form ? argc != 2 : argc < 4))
        return usage_error(argv[0], "PERSON ROLE UNIT [BED...] and --data DIR are needed");
    json_t *request;
    if (end)
        request = json_pack("{s:s,s:s,s:b}", "do", "assign", "person", argv[1], "end", 1);
    else if (short_form)
        request = json_pack("{s:s,s:s,s:b}", "do", "away", "person", argv[1], "away", away ? 1 : 0);
    else
        request = assignment(argc, argv, until);
    return control_command(data, request, say_done, NULL);
}

const struct command command_assign = { "assign", "give a person a role now, or mark them away", assign_help,
                                        run_assign };

/* --- token
 * -------------------------------------------------------------------------------------------------- */

static const char token_help[] =
    "usage: nightbell token add LISTENER NAME --data DIR\n"
    "       nightbell token remove LISTENER NAME --data DIR\n"
    "\n"
    "A bearer token for a FHIR listener. It is printed once and kept only as a hash.\n";

static void show_token(void *ctx, json_t *line)
{
    const char *token = json_string_value(json_object_get(line, "token"));

    (void)ctx;
    puts(token != NULL ? token : "done");
}

static int run_token(int argc, char **argv)
{
    const char *data = NULL;
    const struct option_spec specs[] = { { .name = "--data", .value = &data }, { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    bool add = argc > 1 && strcmp(argv[1], "add") == 0, gone = argc > 1 && strcmp(argv[1], "remove") == 0;
    if (argc != 4 || data == NULL || (!add && !gone))
        return usage_error(argv[0], "add or remove, LISTENER, NAME and --data DIR are needed");
    return control_command(data,
                           json_pack("{s:s,s:s,s:s}", "do", add ? "token-add" : "token-remove", "listener",
                                     argv[2], "name", argv[3]),
                           show_token, NULL);
}

const struct command command_token = { "token", "bearer tokens of FHIR listeners", token_help, run_token };
