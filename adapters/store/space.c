#include "adapters/store/space.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

bool space_free(const char *dir, uint64_t *bytes, struct error *err)
{
    struct statvfs st;
    if (statvfs(dir, &st) != 0)
        return error_set(err, ERROR_IO, "cannot ask how full the disk is: %s", strerror(errno));
    *bytes = (uint64_t)st.f_bavail * st.f_frsize;
    return true;
}

static bool ballast_path(const char *dir, char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/ballast", dir);
    return len > 0 && len < PATH_MAX;
}

bool space_ballast_make(const char *dir, uint64_t bytes)
{
    char path[PATH_MAX];
    struct stat st;
    uint64_t room = 0;
    if (!ballast_path(dir, path) || bytes > INT64_MAX / 4)
        return false;
    if (stat(path, &st) == 0 && (uint64_t)st.st_size == bytes)
        return true;
    if (!space_free(dir, &room, NULL) || room < bytes * 4)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    /* Allocated, not sparse: only then is it space that can be given up. */
    bool ok = ftruncate(fd, (off_t)bytes) == 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0;
    close(fd);
    if (!ok)
        unlink(path);
    return ok;
}

bool space_ballast_drop(const char *dir)
{
    char path[PATH_MAX];
    return ballast_path(dir, path) && unlink(path) == 0;
}
