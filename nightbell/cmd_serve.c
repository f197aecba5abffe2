#include "nightbell/commands.h"
#include "nightbell/supervise.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: nightbell serve SITE --data DIR [--key FILE] [--listen NAME=ADDR:PORT]... [options]\n"
    "\n"
    "Runs the site in the foreground: listeners, router, delivery. Prints `listening NAME ADDR:PORT` for "
    "each\n"
    "listener and web endpoint when everything is ready; log lines (JSON) go to stderr.\n"
    "\n"
    "  --data DIR             journal, snapshots, control socket; made if it is not there\n"
    "  --key FILE             the master key (nightbell keys init); it must lie outside DIR\n"
    "  --insecure-demo        lets the master key lie inside DIR\n"
    "  --listen NAME=ADDR:PORT  this address for a listener or endpoint of the site; port 0 takes a free "
    "one\n"
    "  --all-ports-free       every listener and endpoint on 127.0.0.1, free ports\n"
    "  --single               one process, a thread for each role (tests, small machines)\n"
    "  --rate N               lane time runs N times as fast (0.1 to 1000): tests and demonstrations only\n"
    "\n"
    "Without --key an empty DIR gets demo keys, if the site says `demo yes`. SIGHUP reads the site again, "
    "checks\n"
    "it and runs its tests (a wrong one is kept out; see nightbell apply --help), SIGTERM and Ctrl-C leave "
    "within 5 s.\n"
    "A folder that still holds what apply or rollback replaced does not bring it back at the start; SIGHUP "
    "does.\n"
    "Exit codes: 0 left as asked, 2 wrong usage, 3 wrong site, 75 and 78 see the log.\n";

static bool add_listen(void *ctx, const char *value)
{
    struct serve_options *o = ctx;
    const char *equals = strchr(value, '=');

    if (equals == NULL || o->listen_count == sizeof o->listen / sizeof o->listen[0])
        return false;
    o->listen[o->listen_count].name = strndup(value, (size_t)(equals - value));
    o->listen[o->listen_count++].address = equals + 1;
    return true;
}

static bool set_rate(void *ctx, const char *value)
{
    struct serve_options *o = ctx;
    char *end;
    double rate = strtod(value, &end);

    if (*end != '\0' || !(rate >= 0.1 && rate <= 1000))
        return false;
    o->rate_permille = (uint32_t)(rate * 1000);
    return true;
}

static bool absolute(const char *path, char out[PATH_MAX])
{
    return realpath(path, out) != NULL;
}

/* realpath needs a folder that is there. */
static bool data_folder(const char *path, char out[PATH_MAX])
{
    mkdir(path, 0700);
    return absolute(path, out);
}

static int run(int argc, char **argv)
{
    static char site[PATH_MAX], data[PATH_MAX], key[PATH_MAX];
    static struct serve_options o;
    const char *data_arg = NULL, *key_arg = NULL;
    const struct option_spec specs[] = {
        { .name = "--data", .value = &data_arg },
        { .name = "--key", .value = &key_arg },
        { .name = "--insecure-demo", .flag = &o.insecure_demo },
        { .name = "--listen", .each = add_listen, .ctx = &o },
        { .name = "--all-ports-free", .flag = &o.all_ports_free },
        { .name = "--single", .flag = &o.single },
        { .name = "--rate", .each = set_rate, .ctx = &o },
        { .name = NULL },
    };

    o.rate_permille = 1000;
    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || data_arg == NULL)
        return usage_error(argv[0], "a SITE folder and --data DIR are needed");
    if (!absolute(argv[1], site))
        return usage_error(argv[0], "there is no site folder \"%s\"", argv[1]);
    if (!data_folder(data_arg, data))
        return usage_error(argv[0], "the data folder \"%s\" cannot be made", data_arg);
    if (key_arg != NULL && !absolute(key_arg, key))
        return usage_error(argv[0], "there is no key file \"%s\"", key_arg);
    o.site_dir = site;
    o.data_dir = data;
    o.key_file = key_arg != NULL ? key : NULL;
    return supervise(&o);
}

const struct command command_serve = { "serve", "run a site: listen, route, deliver, escalate", help, run };
