/* nightbell/cmd_hl7.c - `nightbell hl7`: finds the tool and runs it. */
#include "nightbell/hl7_tool.h"

#include <stdio.h>
#include <string.h>

static const struct hl7_tool *const TOOLS[] = {
    &tool_get,      &tool_count, &tool_show, &tool_check, &tool_split,  &tool_encode, &tool_escape,
    &tool_unescape, &tool_time,  &tool_ack,  &tool_diff,  &tool_redact, &tool_set,
};

static void print_help(void)
{
    puts("usage: nightbell hl7 TOOL ...        FILE may be - for the standard input\n");
    for (size_t i = 0; i < sizeof TOOLS / sizeof *TOOLS; i++)
        printf("  %-9s %s\n", TOOLS[i]->name, TOOLS[i]->summary);
    puts(
        "\n"
        "Paths count from 1: PID-3.1, PID-3[2].4.1, OBX[2]-5, OBX[@3.1='2823-3']-5, OBR[2]->OBX[1]-5; [*] is "
        "each one.\n"
        "nightbell hl7 TOOL --help says more; docs/hl7-tools.md has examples.");
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";

    for (size_t i = 0; i < sizeof TOOLS / sizeof *TOOLS; i++) {
        if (strcmp(TOOLS[i]->name, name) != 0)
            continue;
        if (!asks_help(argc - 1, argv + 1))
            return TOOLS[i]->run(argc - 1, argv + 1);
        printf("usage: nightbell hl7 %s\n", TOOLS[i]->usage);
        return COMMAND_DONE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help();
        return argc > 1 ? COMMAND_DONE : COMMAND_USAGE;
    }
    fprintf(stderr, "nightbell hl7: no tool \"%s\"; nightbell hl7 --help lists them\n", name);
    return COMMAND_USAGE;
}

const struct command command_hl7 = { "hl7", "HL7 v2 messages: get, show, check, split, edit, compare, redact",
                                     NULL, run };
