/* nightbell/site_child.c - a site read and checked in a child, so that no file can bring the supervisor down.
 */
#include "nightbell/supervise.h"

#include "base/limits.h"
#include "nightbell/block_schemas.h"
#include "nightbell/block_tls.h"
#include "nightbell/site_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* In the child. Exit 0: the memory file and the pipe are filled. */
static int check(const struct serve_options *o, int memory, int pipe_fd)
{
    struct error err = { .code = ERROR_NONE };
    struct fileset *files = site_folder_read(o->site_dir, &err);
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
    if (!block_tls_check_all(site, o->site_dir, &err)) {
        fprintf(stderr, "nightbell: %s\n", err.message);
        return EXIT_SITE;
    }
    fileset_write(&bytes, files);
    blocks.settings = hash_settings(site, o->site_dir);
    bool fine = !bytes.failed && list_blocks(site, &blocks) && write_all(memory, bytes.ptr, bytes.len) &&
                write_all(pipe_fd, &blocks, sizeof blocks);
    return fine ? 0 : EXIT_SITE;
}

static bool read_blocks(int fd, struct site_blocks *out)
{
    char *at = (char *)out;
    size_t done = 0;

    while (done < sizeof *out) {
        ssize_t got = read(fd, at + done, sizeof *out - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

int site_child_check(const struct serve_options *o, struct site_blocks *blocks)
{
    int ends[2], status = -1;
    int memory = memfd_create("nightbell-site", MFD_CLOEXEC);

    if (memory < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    int pid = fork();
    if (pid == 0)
        _exit(check(o, memory, ends[1]));
    close(ends[1]);
    bool fine = pid > 0 && read_blocks(ends[0], blocks);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!fine || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        close(memory);
        return -1;
    }
    return memory;
}
