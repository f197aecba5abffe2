/* nightbell/site_child.c - a site read and checked in a child, so that no file can bring the supervisor down.
 */
#include "nightbell/supervise.h"

#include "adapters/net/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "nightbell/block_schemas.h"
#include "nightbell/block_tls.h"
#include "nightbell/site_folder.h"

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

/* Bus listeners bind with zmq itself, in feeds. */
static bool binds_here(const struct block *b)
{
    return slice_is(b->kind, "mllp") || slice_is(b->kind, "fhir") || slice_is(b->kind, "inbox") ||
           (slice_is(b->kind, "jose") && block_setting(b, SLICE("callback")) != NULL);
}

static bool list_blocks(const struct site *site, struct site_blocks *out)
{
    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *b = &site->blocks[i];
        if (!binds_here(b))
            continue;
        if (out->count == sizeof out->row / sizeof out->row[0])
            return false;
        struct slice on = block_value(
            b, b->endpoint && slice_is(b->kind, "jose") ? SLICE("callback") : SLICE("on"), SLICE(""));
        snprintf(out->row[out->count].name, BOUND_NAME, "%.*s", SLICE_ARG(b->name));
        snprintf(out->row[out->count].kind, sizeof out->row[0].kind, "%.*s", SLICE_ARG(b->kind));
        snprintf(out->row[out->count].address, BOUND_ADDRESS, "%.*s", SLICE_ARG(on));
        out->row[out->count].loopback_only =
            slice_is(b->kind, "mllp") && !block_has_tls(b) && block_setting(b, SLICE("insecure")) == NULL;
        out->count++;
    }
    return true;
}

static uint64_t hash_settings(const struct site *site, const char *site_dir)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *b = &site->blocks[i];
        hash = slice_hash(b->kind, slice_hash(b->name, hash + b->endpoint + block_tls_mark(b, site_dir)));
        for (size_t k = 0; k < b->setting_count; k++) {
            hash = slice_hash(b->settings[k].key, hash);
            for (size_t v = 0; v < b->settings[k].value_count; v++)
                hash = slice_hash(b->settings[k].values[v], hash + 1);
        }
    }
    return hash;
}

static bool write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t put = write(fd, at, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        length -= (size_t)put;
    }
    return true;
}

static void print_findings(const struct diagnostics *d)
{
    struct buf text = buf_make(LIMIT_CONTROL_BYTES);

    diagnostics_text(d, isatty(STDERR_FILENO) != 0, &text);
    if (text.len > 0)
        fwrite(text.ptr, 1, text.len, stderr);
    buf_free(&text);
}

/* In the child. Exit 0: the memory file and the answer are filled. */
static int check(const char *site_dir, int memory, int answer)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *files = site_folder_read(site_dir, &err);
    struct buf bytes = buf_make(LIMIT_SITE_BYTES + (1 << 20));
    struct arena *arena = arena_new();
    struct diagnostics d;
    struct site_blocks blocks = { .count = 0 };
    size_t schemas;

    if (files == NULL) {
        fprintf(stderr, "nightbell: %s\n", err.message);
        return EXIT_SITE;
    }
    diagnostics_init(&d, arena, NULL, 0);
    const struct block_schema *known = block_schemas(&schemas);
    struct site *site = site_compile(files, known, schemas, &d);
    if (site == NULL) {
        print_findings(&d);
        return EXIT_SITE;
    }
    if (!block_tls_check_all(site, site_dir, &err)) {
        fprintf(stderr, "nightbell: %s\n", err.message);
        return EXIT_SITE;
    }
    fileset_write(&bytes, files);
    blocks.settings = hash_settings(site, site_dir);
    bool fine = !bytes.failed && list_blocks(site, &blocks) && write_all(memory, bytes.ptr, bytes.len) &&
                write_all(answer, &blocks, sizeof blocks);
    return fine ? 0 : EXIT_SITE;
}

int site_check_run(int argc, char **argv)
{
    uint32_t memory = 0, answer = 0;

    if (argc != 4 || !slice_to_u32(slice_of(argv[2]), &memory) || !slice_to_u32(slice_of(argv[3]), &answer))
        return EXIT_USAGE;
    prctl(PR_SET_NAME, "site-check");
    _exit(check(argv[1], (int)memory, (int)answer)); /* its memory goes with it */
}

/* In the child, between fork and exec: only what a signal handler may call, as other threads of --single may
 * have held any lock when we were copied. Every other descriptor closes itself. */
static _Noreturn void become_check(char *const argv[], int parent, int memory, int answer)
{
    static const char sorry[] = "nightbell: /proc/self/exe cannot be started to check the site\n";
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_SITE);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    fcntl(memory, F_SETFD, 0);
    fcntl(answer, F_SETFD, 0);
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

bool site_check_begin(struct site_check *c, const struct serve_options *o)
{
    char memory[16], answer[16], name[] = "nightbell", command[] = SITE_CHECK_COMMAND, site[PATH_MAX];
    char *argv[] = { name, command, site, memory, answer, NULL };
    int theirs = -1, parent = (int)getpid();

    c->pid = 0;
    c->got = 0;
    c->answer = -1;
    c->late_us = clock_boot_us() + (int64_t)LATE_S * 1000000;
    c->memory = memfd_create("nightbell-site", MFD_CLOEXEC);
    if (c->memory < 0 || !open_answer(c, &theirs)) {
        site_check_stop(c);
        return false;
    }
    snprintf(site, sizeof site, "%s", o->site_dir);
    snprintf(memory, sizeof memory, "%d", c->memory);
    snprintf(answer, sizeof answer, "%d", theirs);
    int pid = fork();
    if (pid == 0)
        become_check(argv, parent, c->memory, theirs);
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
    c->memory = -1;
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
    site_check_stop(c);
    return SITE_WRONG;
}
