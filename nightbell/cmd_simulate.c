/* nightbell/cmd_simulate.c - a day of a hospital's messages, sent as its systems would send them. */
#include "adapters/net/clock.h"
#include "adapters/seal/random.h"
#include "base/memory.h"
#include "base/time.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/mllp_client.h"
#include "nightbell/site_load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: nightbell simulate SITE [--data DIR] [--speed N] [--from HH:MM] [--traffic FILE]\n"
    "\n"
    "Plays SITE/traffic/day.tsv over real MLLP to the nightbell that serves DIR (without --data: to the\n"
    "addresses that the site itself names), each message to its listener, at its time of day, N times as\n"
    "fast (default 1). With --from, of what lies before only admissions, moves and discharges are sent, at\n"
    "once. A message without an answer is sent again on a new connection. Ends with the day or with Ctrl-C,\n"
    "and says how many messages were accepted.\n"
    "\n"
    "A line of the file: milliseconds of the day, TAB, listener, TAB, message with \\r between segments;\n"
    "@NOW@ becomes the present time, @RUN@ a word of this run.\n"
    "Exit codes: 0 all accepted, 1 some were not, 2 wrong usage, 4 nightbell does not run there, or\n"
    "there is no such file.\n";

enum { MOST_LISTENERS = 32 };

struct line {
    int64_t at_ms;
    struct slice listener, message;
};

struct feed {
    char name[64], address[64];
    int fd;
};

struct play {
    struct line *lines;
    size_t count, room;
    struct feed feeds[MOST_LISTENERS];
    size_t feed_count;
    char run[9];
    uint64_t accepted, refused, resent;
    struct buf message, ack;
    double speed;
    int64_t from_ms;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* run/listening, written by the supervisor: "NAME ADDR:PORT" a line. */
static bool read_listening(struct play *p, const char *data, struct error *err)
{
    char path[4096];
    struct buf text = buf_make(65536);

    snprintf(path, sizeof path, "%s/run/listening", data);
    if (!file_read(path, &text, err)) {
        buf_free(&text);
        return error_set(err, ERROR_IO, "nightbell does not run on %s", data);
    }
    struct slice rest = buf_slice(&text);
    while (rest.len > 0 && p->feed_count < MOST_LISTENERS) {
        struct slice row = slice_cut(&rest, '\n'), name = slice_cut(&row, ' ');
        struct feed *f = &p->feeds[p->feed_count++];
        *f = (struct feed){ .fd = -1 };
        snprintf(f->name, sizeof f->name, "%.*s", SLICE_ARG(name));
        snprintf(f->address, sizeof f->address, "%.*s", SLICE_ARG(row));
    }
    buf_free(&text);
    return true;
}

static bool read_site(struct play *p, const char *folder, struct error *err)
{
    struct site *site = site_load(folder, err);

    if (site == NULL)
        return false;
    for (size_t i = 0; i < site->block_count && p->feed_count < MOST_LISTENERS; i++) {
        if (site->blocks[i].endpoint || !slice_is(site->blocks[i].kind, "mllp"))
            continue;
        struct feed *f = &p->feeds[p->feed_count++];
        struct slice on = block_value(&site->blocks[i], SLICE("on"), SLICE(""));
        *f = (struct feed){ .fd = -1 };
        snprintf(f->name, sizeof f->name, "%.*s", SLICE_ARG(site->blocks[i].name));
        snprintf(f->address, sizeof f->address, "%.*s", SLICE_ARG(on));
    }
    site_free(&site);
    return true;
}

static bool read_traffic(struct play *p, struct slice text, struct error *err)
{
    uint32_t number = 0;

    while (text.len > 0) {
        struct slice row = slice_cut(&text, '\n'), at = slice_cut(&row, '\t'),
                     listener = slice_cut(&row, '\t');
        uint64_t ms;
        number++;
        if (at.len == 0 || at.ptr[0] == '#')
            continue;
        if (!slice_to_u64(at, &ms) || listener.len == 0 || row.len == 0)
            return error_set(err, ERROR_SYNTAX, "line %u of the traffic: milliseconds, listener, message",
                             number);
        MEMORY_ROOM(p->lines, p->count, p->room);
        p->lines[p->count++] = (struct line){ (int64_t)ms, listener, row };
    }
    return true;
}

static void put_now(struct buf *out)
{
    struct civil c = time_to_civil(clock_wall_us());

    buf_printf(out, "%04d%02u%02u%02u%02u%02u.%03d+0000", c.year, c.month, c.day, c.hour, c.minute, c.second,
               c.us / 1000);
}

static void fill_message(struct play *p, struct slice line)
{
    buf_reset(&p->message);
    for (size_t i = 0; i < line.len; i++) {
        struct slice rest = slice_sub(line, i, line.len);
        if (slice_starts(rest, SLICE("\\r"))) {
            buf_u8(&p->message, '\r');
            i += 1;
        } else if (slice_starts(rest, SLICE("@NOW@"))) {
            put_now(&p->message);
            i += 4;
        } else if (slice_starts(rest, SLICE("@RUN@"))) {
            buf_text(&p->message, p->run);
            i += 4;
        } else {
            buf_u8(&p->message, (uint8_t)line.ptr[i]);
        }
    }
}

static struct feed *feed_of(struct play *p, struct slice name)
{
    for (size_t i = 0; i < p->feed_count; i++)
        if (slice_is(name, p->feeds[i].name))
            return &p->feeds[i];
    return NULL;
}

/* As a sender does: no answer means a new connection and the same message again. */
static bool deliver(struct play *p, struct feed *f)
{
    const struct timespec pause = { 0, 200 * 1000 * 1000 };

    while (stop == 0) {
        struct error err = { .code = ERROR_NONE };
        if (f->fd < 0)
            f->fd = mllp_dial(f->address, &err);
        buf_reset(&p->ack);
        if (f->fd >= 0 && mllp_exchange(f->fd, buf_slice(&p->message), 10, &p->ack, &err)) {
            struct slice code = mllp_ack_code(buf_slice(&p->ack));
            bool yes = slice_is(code, "AA") || slice_is(code, "CA");
            p->accepted += yes;
            p->refused += !yes;
            return true;
        }
        if (f->fd >= 0)
            close(f->fd);
        f->fd = -1;
        p->resent++;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void wait_until(const struct play *p, int64_t began_us, int64_t at_ms)
{
    int64_t due = began_us + (int64_t)((double)(at_ms - p->from_ms) * 1000 / p->speed);
    int64_t left = due - clock_boot_us();

    if (left > 0) {
        struct timespec t = { .tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000 };
        nanosleep(&t, NULL); /* a signal ends it, and the loop looks at `stop` */
    }
}

static void progress(const struct play *p, int64_t at_ms)
{
    static int64_t last_us;
    int64_t now = clock_boot_us();

    if (isatty(STDERR_FILENO) == 0 || now - last_us < 500000)
        return;
    last_us = now;
    fprintf(stderr, "\r%02lld:%02lld  %llu accepted, %llu refused, %llu sent again ",
            (long long)(at_ms / 3600000), (long long)(at_ms / 60000 % 60), (unsigned long long)p->accepted,
            (unsigned long long)p->refused, (unsigned long long)p->resent);
}

/* Admissions, moves and discharges: MSH-9 begins with ADT. */
static bool is_census(struct slice message)
{
    struct slice rest = message, field = SLICE("");

    for (int i = 0; i < 9; i++)
        field = slice_cut(&rest, '|');
    return slice_starts(field, SLICE("ADT"));
}

static int play(struct play *p)
{
    int64_t began = clock_boot_us();

    for (size_t i = 0; i < p->count && stop == 0; i++) {
        const struct line *l = &p->lines[i];
        struct feed *f = feed_of(p, l->listener);
        /* Of what stands before --from only the census is sent, at once: who lies where must be known. */
        if (l->at_ms >= p->from_ms)
            wait_until(p, began, l->at_ms);
        else if (!is_census(l->message))
            continue;
        if (f == NULL || stop != 0)
            continue;
        fill_message(p, l->message);
        if (!deliver(p, f))
            break;
        progress(p, l->at_ms);
    }
    if (isatty(STDERR_FILENO) != 0)
        fputc('\n', stderr);
    printf("%llu accepted, %llu refused, %llu sent again\n", (unsigned long long)p->accepted,
           (unsigned long long)p->refused, (unsigned long long)p->resent);
    return p->refused == 0 ? COMMAND_DONE : COMMAND_NO;
}

static bool clock_ms(const char *text, int64_t *out)
{
    unsigned hour, minute;

    if (text == NULL)
        return true;
    if (sscanf(text, "%2u:%2u", &hour, &minute) != 2 || hour > 23 || minute > 59)
        return false;
    *out = ((int64_t)hour * 60 + minute) * 60000;
    return true;
}

static int run(int argc, char **argv)
{
    const char *data = NULL, *speed = "1", *from = NULL, *traffic = NULL;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--speed", .value = &speed },
                                         { .name = "--from", .value = &from },
                                         { .name = "--traffic", .value = &traffic },
                                         { .name = NULL } };
    struct play p = { .message = buf_make(1 << 22), .ack = buf_make(1 << 20) };
    struct error err = { .code = ERROR_NONE };
    struct buf text = buf_make((size_t)1 << 30);
    char path[4096], *end;
    struct sigaction act = { .sa_handler = on_signal };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    p.speed = strtod(speed, &end);
    if (argc != 2 || *end != '\0' || !(p.speed > 0) || !clock_ms(from, &p.from_ms))
        return usage_error(argv[0], "SITE, a --speed above 0 and --from HH:MM are what it takes");
    snprintf(path, sizeof path, "%s", traffic != NULL ? traffic : argv[1]);
    if (traffic == NULL)
        snprintf(path, sizeof path, "%s/traffic/day.tsv", argv[1]);
    bool known = data != NULL ? read_listening(&p, data, &err) : read_site(&p, argv[1], &err);
    if (!known || !file_read(path, &text, &err) || !read_traffic(&p, buf_slice(&text), &err))
        return report(&err);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    snprintf(p.run, sizeof p.run, "%08x", (unsigned)(seal_random_u64() & 0xffffffff));
    int code = play(&p);
    free(p.lines);
    buf_free(&text);
    buf_free(&p.message);
    buf_free(&p.ack);
    return code;
}

const struct command command_simulate = { "simulate", "play a day of a hospital's traffic over MLLP", help,
                                          run };
