/* nightbell/site_child.c - a site read and checked in a child, so that no file can bring the supervisor down.
 */
#include "nightbell/site_trial.h"

#include "adapters/net/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LATE_S = 60 }; /* the largest site takes less than a second */

/* -1 for "-". */
static bool descriptor(const char *text, int *out)
{
    uint32_t number = 0;

    *out = -1;
    if (strcmp(text, "-") == 0)
        return true;
    bool fine = slice_to_u32(slice_of(text), &number) && number <= INT_MAX;
    *out = (int)number;
    return fine;
}

static bool write_blocks(int fd, const struct site_blocks *blocks)
{
    const char *at = (const char *)blocks;
    size_t left = sizeof *blocks;

    while (left > 0) {
        ssize_t put = write(fd, at, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        left -= (size_t)put;
    }
    return true;
}

enum { ARGUMENTS = 8 };

int site_check_run(int argc, char **argv)
{
    struct site_trial t = { .running = -1 };
    struct site_blocks blocks = { .count = 0 };
    int answer = -1;

    if (argc != ARGUMENTS || !descriptor(argv[3], &t.files) || !descriptor(argv[4], &t.running) ||
        !descriptor(argv[5], &t.report) || !descriptor(argv[6], &answer))
        return EXIT_USAGE;
    t.folder = argv[1][0] != '\0' ? argv[1] : NULL;
    t.served = argv[2];
    t.colour = strcmp(argv[7], "colour") == 0;
    t.again = strcmp(argv[7], "again") == 0;
    prctl(PR_SET_NAME, "site-check");
    bool fine = site_trial_run(&t, &blocks) && write_blocks(answer, &blocks);
    fflush(NULL);
    _exit(fine ? 0 : EXIT_SITE);
}

/* In the child, between fork and exec: only what a signal handler may call, as other threads of --single may
 * have held any lock when we were copied. Every other descriptor closes itself. */
static _Noreturn void become_check(char *const argv[], int parent, const int *kept, size_t count)
{
    static const char sorry[] = "nightbell: /proc/self/exe cannot be started to check the site\n";
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_SITE);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; i < count; i++)
        if (kept[i] >= 0)
            fcntl(kept[i], F_SETFD, 0);
    execv("/proc/self/exe", argv);
    ssize_t put = write(STDERR_FILENO, sorry, sizeof sorry - 1);
    (void)put;
    _exit(EXIT_SITE);
}

static bool open_answer(struct site_check *c, int *theirs)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    c->answer = ends[0];
    *theirs = ends[1];
    return true;
}

/* What the child is told, in its arguments. */
struct words {
    char name[16], command[16], folder[PATH_MAX], served[PATH_MAX], number[4][16], colour[8];
    char *argv[ARGUMENTS + 2];
};

static void number_text(int fd, char out[16])
{
    if (fd < 0)
        snprintf(out, 16, "-");
    else
        snprintf(out, 16, "%d", fd);
}

static void write_words(struct words *w, const struct site_request *q, const char *served, const int *fds)
{
    snprintf(w->name, sizeof w->name, "nightbell");
    snprintf(w->command, sizeof w->command, "%s", SITE_CHECK_COMMAND);
    snprintf(w->folder, sizeof w->folder, "%s", q->folder);
    snprintf(w->served, sizeof w->served, "%s", served);
    snprintf(w->colour, sizeof w->colour, "%s", q->again ? "again" : q->colour ? "colour" : "plain");
    for (int i = 0; i < 4; i++)
        number_text(fds[i], w->number[i]);
    char *const argv[ARGUMENTS + 2] = { w->name,      w->command,   w->folder,    w->served, w->number[0],
                                        w->number[1], w->number[2], w->number[3], w->colour, NULL };
    memcpy(w->argv, argv, sizeof argv);
}

bool site_check_begin(struct site_check *c, const struct serve_options *o, const struct site_request *q,
                      int files, int running)
{
    struct words w;
    int theirs = -1, parent = (int)getpid();

    *c = (struct site_check){ .answer = -1, .memory = files, .report = -1, .dry = q->dry };
    c->late_us = clock_boot_us() + (int64_t)LATE_S * 1000000;
    if (c->memory < 0)
        c->memory = memfd_create("nightbell-site", MFD_CLOEXEC);
    c->report = memfd_create("nightbell-report", MFD_CLOEXEC);
    if (c->memory < 0 || c->report < 0 || !open_answer(c, &theirs)) {
        site_check_stop(c);
        return false;
    }
    const int kept[] = { c->memory, running, c->report, theirs };
    write_words(&w, q, o->site_dir, kept);
    int pid = fork();
    if (pid == 0)
        become_check(w.argv, parent, kept, sizeof kept / sizeof kept[0]);
    close(theirs);
    c->pid = pid > 0 ? pid : 0;
    if (pid < 0)
        site_check_stop(c);
    return pid > 0;
}

static void stop_listening(struct site_check *c)
{
    if (c->answer >= 0)
        close(c->answer);
    c->answer = -1;
}

void site_check_stop(struct site_check *c)
{
    if (c->pid > 0)
        kill(c->pid, SIGKILL);
    stop_listening(c);
    if (c->memory >= 0)
        close(c->memory);
    if (c->report >= 0)
        close(c->report);
    c->memory = c->report = -1;
}

/* The blocks are its last word, and it says them only of a site that is fine. */
enum site_verdict site_check_hear(struct site_check *c)
{
    ssize_t got = 1;

    while (c->got < sizeof c->blocks && got > 0) {
        got = read(c->answer, (char *)&c->blocks + c->got, sizeof c->blocks - c->got);
        c->got += got > 0 ? (size_t)got : 0;
    }
    if (c->got == sizeof c->blocks) {
        stop_listening(c);
        return SITE_FINE;
    }
    bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    if (later && clock_boot_us() < c->late_us)
        return SITE_NOT_YET;
    if (later)
        log_event(LOG_ERROR, "supervisor", "site-check-late", NULL);
    if (later && c->pid > 0)
        kill(c->pid, SIGKILL);
    stop_listening(c);
    return SITE_WRONG;
}
