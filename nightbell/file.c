#include "nightbell/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int fd, struct buf *out)
{
    for (;;) {
        char chunk[16384];
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        buf_bytes(out, chunk, (size_t)got);
        if (out->failed)
            return true;
    }
}

bool file_read(const char *path, struct buf *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    bool fine = read_all(fd, out);
    close(fd);
    if (!fine)
        return error_set(err, ERROR_IO, "%s: cannot be read", path);
    return !out->failed || error_set(err, ERROR_LIMIT, "%s: larger than %zu bytes", path, out->max);
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno != EINTR)
            return false;
        bytes = slice_sub(bytes, wrote > 0 ? (size_t)wrote : 0, bytes.len);
    }
    return true;
}

static bool replace(const char *path, struct slice bytes)
{
    char *aside = NULL;
    struct stat about;
    bool fine = stat(path, &about) == 0 && asprintf(&aside, "%s.XXXXXX", path) > 0;
    int fd = fine ? mkostemp(aside, O_CLOEXEC) : -1;

    fine = fd >= 0 && write_all(fd, bytes) && fchmod(fd, about.st_mode & 07777) == 0 && fsync(fd) == 0;
    if (fd >= 0 && (close(fd) != 0 || !fine || rename(aside, path) != 0)) {
        unlink(aside);
        fine = false;
    }
    free(aside);
    return fine;
}

bool file_replace(const char *path, struct slice bytes, struct error *err)
{
    char *real = realpath(path, NULL);
    bool fine = real != NULL && replace(real, bytes);

    free(real);
    return fine || error_set(err, ERROR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

bool folder_make(const char *path, unsigned mode, struct error *err)
{
    struct stat about;

    if (mkdir(path, (mode_t)mode) == 0 ||
        (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
        return true;
    return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
}
