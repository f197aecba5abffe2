#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(char *to, size_t room, const char *format, va_list ap) __attribute__((format(printf, 3, 0)));

static void fill(char *to, size_t room, const char *format, va_list ap)
{
    int len = vsnprintf(to, room, format, ap);

    if (len >= 0 && (size_t)len >= room)
        memcpy(to + room - 4, "...", 4);
}

/* The parentheses keep the macros that the header gives the analyzer out of the definitions. */
bool(error_set)(struct error *err, enum error_code code, const char *format, ...)
{
    va_list ap;

    if (err == NULL || err->code != ERROR_NONE)
        return false;
    err->code = code;
    va_start(ap, format);
    fill(err->message, sizeof err->message, format, ap);
    va_end(ap);
    return false;
}

bool(error_at)(struct error *err, enum error_code code, const char *where, const char *format, ...)
{
    va_list ap;

    if (err == NULL || err->code != ERROR_NONE)
        return false;
    err->code = code;
    int len = snprintf(err->where, sizeof err->where, "%s", where);
    if (len >= (int)sizeof err->where)
        memcpy(err->where + sizeof err->where - 4, "...", 4);
    va_start(ap, format);
    fill(err->message, sizeof err->message, format, ap);
    va_end(ap);
    return false;
}

void error_hint(struct error *err, const char *format, ...)
{
    va_list ap;

    if (err == NULL || err->hint[0] != '\0')
        return;
    va_start(ap, format);
    fill(err->hint, sizeof err->hint, format, ap);
    va_end(ap);
}

void error_clear(struct error *err)
{
    if (err != NULL)
        *err = (struct error){ .code = ERROR_NONE };
}

const char *error_name(enum error_code code)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",
        [ERROR_SYNTAX] = "syntax",
        [ERROR_MISSING] = "missing",
        [ERROR_TYPE] = "type",
        [ERROR_VALUE] = "value",
        [ERROR_LIMIT] = "limit",
        [ERROR_UNSUPPORTED] = "unsupported",
        [ERROR_UNKNOWN] = "unknown",
        [ERROR_CONFLICT] = "conflict",
        [ERROR_AUTH] = "auth",
        [ERROR_IO] = "io",
        [ERROR_CRYPTO] = "crypto",
        [ERROR_VERSION] = "version",
        [ERROR_INTERNAL] = "internal",
    };

    return (unsigned)code < sizeof names / sizeof names[0] ? names[code] : "internal";
}
