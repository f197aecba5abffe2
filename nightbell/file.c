#include "nightbell/file.h"

#include <errno.h>
#include <fcntl.h>
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

bool folder_make(const char *path, unsigned mode, struct error *err)
{
    struct stat about;

    if (mkdir(path, (mode_t)mode) == 0 ||
        (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
        return true;
    return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
}
