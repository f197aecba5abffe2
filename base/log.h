/* base/log.h - one line of JSON per event; text without patient data.
 *
 *   {"t":"2026-11-22T13:05:09.123Z","level":"info","part":"mllp","event":"listening","listener":"telemetry"}
 *
 * Callers pass names, counts, places in a message and codes: never a message's own values. Where the
 * line goes and what time it is are the program's business (log_set_sink): base does no I/O. */
#ifndef NIGHTBELL_BASE_LOG_H
#define NIGHTBELL_BASE_LOG_H

#include "base/error.h"
#include "base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* `write` gets one whole line with its LF; `now` gives UTC microseconds. Without a sink nothing is
 * written. Set once per process before threads start. */
void log_set_sink(void (*write)(void *ctx, struct slice line), int64_t (*now)(void *ctx), void *ctx);
void log_set_level(enum log_level least);

/* Pairs of (key, format-free value) end with NULL: log_event(LOG_INFO, "mllp", "closed",
 * "listener", name, "reason", "idle", NULL). All values are NUL-terminated strings. */
void log_event(enum log_level level, const char *part, const char *event, ...) __attribute__((sentinel));
/* The same for a filled error: adds code, where, message. */
void log_error(const char *part, const char *event, const struct error *err);

/* Small numbers as text for log_event: log_num(buf, n) returns buf. */
enum { LOG_NUM = 24 };
const char *log_num(char out[LOG_NUM], int64_t n);

#endif
