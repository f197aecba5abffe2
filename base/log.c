#include "base/log.h"

#include "base/time.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_BYTES = 16384 };

/* Set once before threads start (log_set_sink), so it is read without a lock. */
static struct {
    void (*write)(void *ctx, struct slice line);
    int64_t (*now)(void *ctx);
    void *ctx;
    enum log_level least;
} sink = { .least = LOG_INFO };

void log_set_sink(void (*write)(void *ctx, struct slice line), int64_t (*now)(void *ctx), void *ctx)
{
    sink.write = write;
    sink.now = now;
    sink.ctx = ctx;
}

void log_set_level(enum log_level least)
{
    sink.least = least;
}

static bool wanted(enum log_level level)
{
    return sink.write != NULL && level >= sink.least;
}

static void put_pair(struct buf *line, const char *key, const char *value)
{
    buf_text(line, line->len == 0 ? "{\"" : ",\"");
    utf8_put_json(line, slice_of(key));
    buf_text(line, "\":\"");
    utf8_put_json(line, slice_of(value));
    buf_text(line, "\"");
}

static void begin(struct buf *line, enum log_level level, const char *part, const char *event)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };
    char when[TIME_TEXT];

    if (sink.now != NULL) {
        time_text(sink.now(sink.ctx), when);
        put_pair(line, "t", when);
    }
    put_pair(line, "level", names[level <= LOG_ERROR ? level : LOG_ERROR]);
    put_pair(line, "part", part);
    put_pair(line, "event", event);
}

/* A line past the ceiling is a bug in the caller: it is replaced by one that says so, never cut. */
static void finish(struct buf *line, enum log_level level, const char *part, const char *event)
{
    buf_text(line, "}\n");
    if (line->failed) {
        buf_reset(line);
        begin(line, level, part, event);
        put_pair(line, "log", "line too long, values left out");
        buf_text(line, "}\n");
    }
    if (!line->failed)
        sink.write(sink.ctx, buf_slice(line));
    buf_free(line);
}

void log_event(enum log_level level, const char *part, const char *event, ...)
{
    struct buf line = buf_make(LINE_BYTES);
    const char *key;
    va_list ap;

    if (!wanted(level))
        return;
    begin(&line, level, part, event);
    va_start(ap, event);
    while ((key = va_arg(ap, const char *)) != NULL) {
        const char *value = va_arg(ap, const char *);
        put_pair(&line, key, value != NULL ? value : "");
    }
    va_end(ap);
    finish(&line, level, part, event);
}

void log_error(const char *part, const char *event, const struct error *err)
{
    struct buf line = buf_make(LINE_BYTES);
    char number[LOG_NUM];

    if (!wanted(LOG_ERROR))
        return;
    begin(&line, LOG_ERROR, part, event);
    put_pair(&line, "code", error_name(err->code));
    if (err->where[0] != '\0')
        put_pair(&line, "where", err->where);
    if (err->line > 0)
        put_pair(&line, "line", log_num(number, err->line));
    if (err->column > 0)
        put_pair(&line, "column", log_num(number, err->column));
    put_pair(&line, "message", err->message);
    if (err->hint[0] != '\0')
        put_pair(&line, "hint", err->hint);
    finish(&line, LOG_ERROR, part, event);
}

const char *log_num(char out[LOG_NUM], int64_t n)
{
    snprintf(out, LOG_NUM, "%lld", (long long)n);
    return out;
}
