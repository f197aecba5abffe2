#include "adapters/seal/keys.h"
#include "nightbell/commands.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nightbell keys init DIR\n"
    "\n"
    "Makes DIR/master.key (for `serve --key`) and DIR/records.key (opens everything ever journaled: move it "
    "off the\n"
    "machine). Both are readable by their owner only. docs/keys.md says what each one opens.\n";

static int run(int argc, char **argv)
{
    const struct option_spec specs[] = { { .name = NULL } };
    struct error err = { .code = ERROR_NONE };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 3 || strcmp(argv[1], "init") != 0)
        return usage_error(argv[0], "init DIR is what it does");
    if (!keys_init(argv[2], &err)) {
        report(&err);
        return COMMAND_NO;
    }
    printf("%s/master.key   nightbell serve SITE --data DIR --key %s/master.key\n", argv[2], argv[2]);
    printf("%s/records.key  move this one off the machine and keep it safe\n", argv[2]);
    return COMMAND_DONE;
}

const struct command command_keys = { "keys", "make the master key and the records key", help, run };
