/* nightbell/commands.h - the commands of the program, one file each, and what they share. */
#ifndef NIGHTBELL_NIGHTBELL_COMMANDS_H
#define NIGHTBELL_NIGHTBELL_COMMANDS_H

#include "base/error.h"
#include "base/slice.h"

/* Exit codes: 0 done; 1 the answer is no (an error in the site, a refused message); 2 wrong usage;
 * 3 a wrong site at start; 4 nightbell does not run there. */
enum { COMMAND_DONE = 0, COMMAND_NO = 1, COMMAND_USAGE = 2, COMMAND_AWAY = 4 };

struct command {
    const char *name, *summary,
        *help; /* help: the whole page, ends with a line end; NULL: run prints its own */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

/* Every command, one a line, in the order of `nightbell --help`. */
/* clang-format off */
#define COMMANDS(X) \
    X(init)         \
    X(check)        \
    X(why)          \
    X(fmt)          \
    X(schema)       \
    X(print)        \
    X(test)         \
    X(lsp)          \
    X(serve)        \
    X(apply)        \
    X(rollback)     \
    X(versions)     \
    X(send)         \
    X(alerts)       \
    X(explain)      \
    X(unmatched)    \
    X(drill)        \
    X(status)       \
    X(enroll)       \
    X(assign)       \
    X(switch)       \
    X(token)        \
    X(event)        \
    X(catalogue)    \
    X(import)       \
    X(hl7)          \
    X(staff)        \
    X(places)       \
    X(roster)       \
    X(simulate)     \
    X(replay)       \
    X(shadow)       \
    X(advise)       \
    X(verify)       \
    X(keys)
/* clang-format on */
#define X(name) extern const struct command command_##name;
COMMANDS(X)
#undef X

/* Options anywhere among the arguments: `--name value`, `--name=value` or a flag. Each one is taken out of
 * argv as it is found, so that what remains are the operands. */
struct option_spec {
    const char *name;   /* "--data"; NULL ends the list */
    const char **value; /* takes a value, or NULL */
    bool *flag;         /* set when it is given, or NULL */
    /* several times: called for each; NULL when not wanted */
    bool (*each)(void *ctx, const char *value);
    void *ctx;
};
/* False after printing what is wrong on stderr. Afterwards *argc, argv hold the command and its operands. */
bool options_take(int *argc, char **argv, const struct option_spec *specs);

int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints "nightbell: message" and the hint; gives the exit code that fits. */
int report(const struct error *err);

#endif
