/* nightbell/cmd_switch.c - switch: a switch of the site, on for a while or off (docs/control.md). */
#include "nightbell/commands.h"
#include "nightbell/control.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "usage: nightbell switch NAME on --by PERSON [--for DURATION] --data DIR\n"
                           "       nightbell switch NAME off --by PERSON --data DIR\n"
                           "\n"
                           "Sets a switch of the site, which rules read with \"during NAME\". PERSON holds "
                           "the role that the site names "
                           "(set by).\n"
                           "It goes off by itself: after DURATION (such as 30min), at the latest after the "
                           "max that the site names. It is "
                           "journaled;\n"
                           "nightbell status shows the switches that are on.\n";

static void say(void *ctx, json_t *line)
{
    const char *until = json_string_value(json_object_get(line, "until"));

    (void)ctx;
    if (until != NULL)
        printf("on until %s\n", until);
    else
        puts("off");
}

static int run(int argc, char **argv)
{
    const char *data = NULL, *by = NULL, *duration = NULL;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--by", .value = &by },
                                         { .name = "--for", .value = &duration },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    bool on = argc > 2 && strcmp(argv[2], "on") == 0, off = argc > 2 && strcmp(argv[2], "off") == 0;
    if (argc != 3 || data == NULL || by == NULL || (!on && !off) || (off && duration != NULL))
        return usage_error(argv[0],
                           "NAME, on or off, --by PERSON and --data DIR are needed; --for goes with on");
    json_t *request = json_pack("{s:s,s:s,s:b,s:s,s:s*}", "do", "switch", "name", argv[1], "on", on ? 1 : 0,
                                "by", by, "for", duration);
    return control_command(data, request, say, NULL);
}

const struct command command_switch = { "switch", "set a switch of the site for a while", help, run };
