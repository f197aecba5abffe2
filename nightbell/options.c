#include "nightbell/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec *find(const struct option_spec *specs, const char *word,
                                      const char **inline_value)
{
    for (const struct option_spec *s = specs; s->name != NULL; s++) {
        size_t length = strlen(s->name);
        if (strncmp(word, s->name, length) != 0)
            continue;
        if (word[length] == '\0' || word[length] == '=') {
            *inline_value = word[length] == '=' ? word + length + 1 : NULL;
            return s;
        }
    }
    return NULL;
}

static bool take(const struct option_spec *s, const char *value)
{
    if (s->flag != NULL && s->value == NULL && s->each == NULL) {
        *s->flag = true;
        return true;
    }
    if (s->value != NULL)
        *s->value = value;
    return s->each == NULL || s->each(s->ctx, value);
}

/* A word that begins with one dash is an option only where the command knows it: -1 may be an argument. */
static bool is_option(const char *word, const struct option_spec *specs)
{
    const char *value;

    return word[0] == '-' && (word[1] == '-' || find(specs, word, &value) != NULL);
}

bool options_take(int *argc, char **argv, const struct option_spec *specs)
{
    int kept = 1;
    bool words_only = false;

    for (int i = 1; i < *argc; i++) {
        const char *value = NULL;
        if (!words_only && strcmp(argv[i], "--") == 0) {
            words_only = true;
            continue;
        }
        if (words_only || !is_option(argv[i], specs)) {
            argv[kept++] = argv[i];
            continue;
        }
        const struct option_spec *s = find(specs, argv[i], &value);
        if (s == NULL)
            return usage_error(argv[0], "no option \"%s\"", argv[i]) == COMMAND_DONE;
        bool wants = s->value != NULL || s->each != NULL;
        if (wants && value == NULL && i + 1 < *argc)
            value = argv[++i];
        if (wants == (value == NULL))
            return usage_error(argv[0], "%s %s", s->name, wants ? "needs a value" : "takes no value") ==
                   COMMAND_DONE;
        if (!take(s, value))
            return usage_error(argv[0], "%s is not right", s->name) == COMMAND_DONE;
    }
    *argc = kept;
    argv[kept] = NULL;
    return true;
}

int usage_error(const char *command, const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "nightbell %s: ", command);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "; nightbell %s --help says more\n", command);
    return COMMAND_USAGE;
}

int report(const struct error *err)
{
    fprintf(stderr, "nightbell: %s%s%s\n", err->where[0] != '\0' ? err->where : "",
            err->where[0] != '\0' ? ": " : "", err->message);
    if (err->hint[0] != '\0')
        fprintf(stderr, "  %s\n", err->hint);
    return err->code == ERROR_IO ? COMMAND_AWAY : COMMAND_NO;
}
