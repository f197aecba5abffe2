/* nightbell/main.c - finds the command and runs it. */
#include "nightbell/commands.h"
#include "nightbell/log_sink.h"
#include "nightbell/supervise.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
#define X(name) &command_##name,
    COMMANDS(X)
#undef X
};

static void print_help(void)
{
    puts("nightbell - a clinical alert router: HL7 v2 and FHIR in, sealed alerts out, escalation until "
         "somebody accepts\n"
         "\n"
         "usage: nightbell COMMAND [...]      nightbell COMMAND --help\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\nSecondary notification: the bedside alarm stays primary.");
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

/* What could not be written is no success: a full disk, a closed pipe. */
static int written(int code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    fputs("nightbell: the output could not be written\n", stderr);
    return code == COMMAND_DONE ? COMMAND_NO : code;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";

    log_sink_open();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return argc > 1 ? COMMAND_DONE : COMMAND_USAGE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("nightbell " NIGHTBELL_VERSION);
        return COMMAND_DONE;
    }
    if (strcmp(name, SITE_CHECK_COMMAND) == 0)
        return site_check_run(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i]->name, name) != 0)
            continue;
        if (commands[i]->help != NULL && asks_help(argc - 1, argv + 1)) {
            fputs(commands[i]->help, stdout);
            return COMMAND_DONE;
        }
        return written(commands[i]->run(argc - 1, argv + 1));
    }
    fprintf(stderr, "nightbell: no command \"%s\"; nightbell --help lists them\n", name);
    return COMMAND_USAGE;
}
