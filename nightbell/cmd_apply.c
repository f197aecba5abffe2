/* nightbell/cmd_apply.c - apply, rollback, versions: which rules run, since when, and by whom
 * (docs/rules/reload.md). */
#include "nightbell/commands.h"
#include "nightbell/control.h"
#include "nightbell/router_requests.h"
#include "nightbell/show.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool colours(int fd)
{
    return show_colour_on(fd);
}

static const char *paint(const char *code)
{
    return colours(STDOUT_FILENO) ? code : "";
}

static const char *word(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s != NULL ? s : "";
}

static long long number(const json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

/* --- what is shown ---------------------------------------------------------------------------------------
 */

static void show_names(const json_t *o, const char *key, const char *sign, const char *code)
{
    const json_t *open = json_object_get(o, "open");
    size_t i;
    json_t *name;

    json_array_foreach(json_object_get(o, key), i, name)
    {
        long long alerts = number(open, json_string_value(name));
        printf("  %s%s %s%s", paint(code), sign, json_string_value(name), paint("\033[0m"));
        if (alerts > 0)
            printf("   %lld open", alerts);
        putchar('\n');
    }
}

static bool any_change(const json_t *o)
{
    return json_array_size(json_object_get(o, "added")) + json_array_size(json_object_get(o, "changed")) +
               json_array_size(json_object_get(o, "removed")) >
           0;
}

static void show_staying(const json_t *o)
{
    const json_t *list = json_object_get(o, "staying");
    size_t i;
    json_t *a;

    if (json_array_size(list) == 0)
        return;
    bool one = json_array_size(list) == 1;
    printf("%zu open %s %s\n", json_array_size(list), one ? "alert" : "alerts",
           json_is_true(json_object_get(o, "adopted")) ? "went over to the new rules:"
           : one                                       ? "stays with the rules that it opened under:"
                                                       : "stay with the rules that they opened under:");
    json_array_foreach(list, i, a)
    {
        printf("  %.8s  %-24.24s %s-%s  %s  ruleset %s\n", word(a, "alert"), word(a, "rule"), word(a, "unit"),
               word(a, "bed"), word(a, "state"), word(a, "ruleset"));
    }
}

static void show_trial(const json_t *o)
{
    fputs(word(o, "text"), stderr);
    if (!json_is_true(json_object_get(o, "fine")))
        return;
    printf("ruleset %.*s -> %.*s", RULESET_DIGITS, word(o, "before"), RULESET_DIGITS, word(o, "hash"));
    printf("   %lld warnings, %lld tests%s\n", number(o, "warnings"), number(o, "tests"),
           json_is_true(json_object_get(o, "data_only")) ? ", data files alone" : "");
    if (strcmp(word(o, "before"), word(o, "hash")) == 0)
        puts("  this is what runs already");
    else if (!any_change(o))
        puts("  no rule changes");
    show_names(o, "added", "+", "\033[32m");
    show_names(o, "changed", "~", "\033[33m");
    show_names(o, "removed", "-", "\033[31m");
    show_staying(o);
}

/* --- asking ----------------------------------------------------------------------------------------------
 */

struct asking {
    const char *data, *what; /* "apply", "rollback" */
    char site[PATH_MAX];     /* apply: the folder */
    char by[PATH_MAX + 80];
    bool dry, adopt, yes, json;
};

static json_t *request(const struct asking *q, bool dry, const char *expect)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:s*}", "do", q->what, "how", q->what, "by", q->by, "site",
                     q->site, "dry_run", dry, "adopt", q->adopt, "colour", colours(STDERR_FILENO), "expect",
                     expect);
}

/* NULL after saying why. */
static json_t *ask(const struct asking *q, bool dry, const char *expect, int *code)
{
    struct error err = { .code = ERROR_NONE };
    bool watched = isatty(STDERR_FILENO) != 0;

    if (watched)
        fputs("reading, checking, testing ...", stderr);
    json_t *o = control_ask_one(q->data, request(q, dry, expect), &err);
    if (watched)
        fputs("\r\033[K", stderr);
    if (o == NULL)
        *code = report(&err);
    return o;
}

static bool agreed(void)
{
    char line[16] = "";

    printf("Move them? [y/N] ");
    fflush(stdout);
    return fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y');
}

/* Shows first, and asks, where open alerts are to go over. False: not wanted, or it cannot be. */
static bool shown_and_agreed(const struct asking *q, char expect[65], int *code)
{
    json_t *o = ask(q, true, NULL, code);

    if (o == NULL)
        return false;
    bool fine = json_is_true(json_object_get(o, "fine"));
    snprintf(expect, 65, "%s", word(o, "hash"));
    show_trial(o);
    if (!fine)
        fprintf(stderr, "nightbell: kept out: %s\n", word(o, "why"));
    bool go = fine && agreed();
    *code = fine ? COMMAND_DONE : COMMAND_NO;
    json_decref(o);
    return go;
}

static int tell_result(const struct asking *q, const json_t *o)
{
    bool fine = json_is_true(json_object_get(o, "fine")), taken = json_is_true(json_object_get(o, "taken"));

    if (q->json)
        control_print(NULL, (json_t *)(uintptr_t)o);
    else
        show_trial(o);
    if (q->dry ? fine : taken) {
        if (!q->json)
            printf("%s%s%s\n", paint("\033[1;32m"), taken ? "taken: it runs now" : "it would be taken",
                   paint("\033[0m"));
        return COMMAND_DONE;
    }
    fprintf(stderr, "nightbell: kept out: %s; the old rules go on\n", word(o, "why"));
    return COMMAND_NO;
}

static int ask_and_tell(const struct asking *q)
{
    char expect[65] = "";
    int code = COMMAND_NO;

    if (q->adopt && !q->dry && !q->yes && !shown_and_agreed(q, expect, &code))
        return code;
    json_t *o = ask(q, q->dry, expect[0] != '\0' ? expect : NULL, &code);
    if (o == NULL)
        return code;
    code = tell_result(q, o);
    json_decref(o);
    return code;
}

static void name_asker(struct asking *q)
{
    struct passwd room, *who = NULL;
    char texts[4096];

    if (getpwuid_r(getuid(), &room, texts, sizeof texts, &who) != 0)
        who = NULL;
    snprintf(q->by, sizeof q->by, "%s%s%s", who != NULL ? who->pw_name : "unknown",
             q->site[0] != '\0' ? ", " : "", q->site);
}

static bool nobody_to_ask(const struct asking *q)
{
    return q->adopt && !q->dry && !q->yes && (isatty(STDIN_FILENO) == 0 || q->json);
}

/* --- apply -------------------------------------------------------------------------------------------------
 */

static const char apply_help[] =
    "usage: nightbell apply SITE --data DIR [--dry-run] [--adopt-open] [--yes] [--json]\n"
    "\n"
    "Reads and checks the site's folder, runs its tests, shows which rules come, change and go, and how "
    "many\n"
    "alerts are open under them; then the running nightbell takes it, without closing a connection or losing "
    "an\n"
    "event. Whatever fails keeps the old rules, says why, and is listed by nightbell status (finding). Open "
    "alerts\n"
    "stay with the rules that they opened under.\n"
    "\n"
    "  --dry-run     only shows\n"
    "  --adopt-open  open alerts go over to the new rules after the list was shown and agreed to: their "
    "plans are\n"
    "                made anew, what has rung does not ring again, the next steps come at their times\n"
    "  --yes         does not ask\n"
    "Keys and certificates stay those of the folder that serve was started with. Exit codes: 0 it runs (or "
    "would),\n"
    "1 kept out.\n";

static bool take_options(int *argc, char **argv, struct asking *q)
{
    const struct option_spec specs[] = {
        { .name = "--data", .value = &q->data },       { .name = "--dry-run", .flag = &q->dry },
        { .name = "--adopt-open", .flag = &q->adopt }, { .name = "--yes", .flag = &q->yes },
        { .name = "--json", .flag = &q->json },        { .name = NULL }
    };

    return options_take(argc, argv, specs);
}

static int run_apply(int argc, char **argv)
{
    struct asking q = { .what = "apply" };

    if (!take_options(&argc, argv, &q))
        return COMMAND_USAGE;
    if (argc != 2 || q.data == NULL)
        return usage_error(argv[0], "a SITE folder and --data DIR are needed");
    if (realpath(argv[1], q.site) == NULL)
        return usage_error(argv[0], "there is no site folder \"%s\"", argv[1]);
    if (nobody_to_ask(&q))
        return usage_error(argv[0], "--adopt-open asks first: --yes where nobody can answer");
    name_asker(&q);
    return ask_and_tell(&q);
}

const struct command command_apply = { "apply", "take changed rules, checked and tested, while it runs",
                                       apply_help, run_apply };

/* --- rollback ----------------------------------------------------------------------------------------------
 */

static const char rollback_help[] =
    "usage: nightbell rollback --data DIR [--dry-run] [--adopt-open] [--yes] [--json]\n"
    "\n"
    "Goes back to the site version before the running one, in one step: its files stand in the journal. They "
    "are\n"
    "checked and tested again, and taken like any other (see nightbell apply --help). A second rollback goes "
    "forth\n"
    "again. The folder is not changed: put it right before the next SIGHUP or apply.\n";

static int run_rollback(int argc, char **argv)
{
    struct asking q = { .what = "rollback" };

    if (!take_options(&argc, argv, &q))
        return COMMAND_USAGE;
    if (argc != 1 || q.data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    if (nobody_to_ask(&q))
        return usage_error(argv[0], "--adopt-open asks first: --yes where nobody can answer");
    name_asker(&q);
    return ask_and_tell(&q);
}

const struct command command_rollback = { "rollback", "back to the rules before these, in one step",
                                          rollback_help, run_rollback };

/* --- versions
 * ----------------------------------------------------------------------------------------------- */

static const char versions_help[] =
    "usage: nightbell versions --data DIR [--json]\n"
    "\n"
    "The site versions that were taken, newest first: the hash that names it, when, how and by whom, how "
    "many rules\n"
    "came (+), changed (~) and went (-), and how many open alerts are asked of it. The first one runs.\n";

static void show_version(void *ctx, json_t *v)
{
    bool *first = ctx;

    if (*first)
        printf("%s%-*s  %-19s  %-8s  %4s %4s %4s  %5s  by%s\n", paint("\033[1m"), RULESET_DIGITS, "ruleset",
               "taken", "how", "+", "~", "-", "open", paint("\033[0m"));
    *first = false;
    printf("%s%.*s%s  %.19s  %-8s  %4zu %4zu %4zu  %5lld  %s\n",
           json_is_true(json_object_get(v, "running")) ? paint("\033[1;32m") : "", RULESET_DIGITS,
           word(v, "hash"), paint("\033[0m"), word(v, "at"), word(v, "how"),
           json_array_size(json_object_get(v, "added")), json_array_size(json_object_get(v, "changed")),
           json_array_size(json_object_get(v, "removed")), number(v, "open"), word(v, "by"));
}

static int run_versions(int argc, char **argv)
{
    const char *data = NULL;
    bool json = false, first = true;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    return control_command(data, json_pack("{s:s}", "do", "versions"), json ? control_print : show_version,
                           &first);
}

const struct command command_versions = { "versions", "which rules ran since when, and by whom",
                                          versions_help, run_versions };
