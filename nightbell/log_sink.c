#include "nightbell/log_sink.h"

#include "adapters/net/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_line(void *ctx, struct slice line)
{
    (void)ctx;
    ssize_t put = write(STDERR_FILENO, line.ptr, line.len);
    (void)put; /* a log that nobody reads must not stop an alert */
}

static int64_t now(void *ctx)
{
    (void)ctx;
    return clock_wall_us();
}

void log_sink_open(void)
{
    const char *level = getenv("NIGHTBELL_LOG");

    log_set_sink(write_line, now, NULL);
    if (level != NULL && strcmp(level, "debug") == 0)
        log_set_level(LOG_DEBUG);
    else
        log_set_level(LOG_INFO);
}
