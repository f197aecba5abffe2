#include "adapters/seal/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/seal/compact.h"

enum { FILE_MAX = 16384 };

static bool io_error(struct error *err, const char *what)
{
    return error_set(err, ERROR_IO, "%s: %s", what, strerror(errno));
}

static bool path_of(char out[PATH_MAX], const char *dir, const char *name, struct error *err)
{
    int len = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    return (len > 0 && len < PATH_MAX) || error_set(err, ERROR_LIMIT, "the path of the key file is too long");
}

bool keyfile_folder(const char *dir, struct error *err)
{
    struct stat st;
    if (mkdir(dir, 0700) == 0)
        return true;
    if (errno == EEXIST && stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    return io_error(err, "cannot make the folder for the keys");
}

bool keyfile_absent(const char *dir, const char *name, struct error *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (!path_of(path, dir, name, err))
        return false;
    if (lstat(path, &st) == 0)
        return error_set(err, ERROR_CONFLICT, "%s is there already; keys are never replaced", name);
    return errno == ENOENT || io_error(err, "cannot look into the folder for the keys");
}

static bool write_all(int fd, struct slice text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = slice_sub(text, (size_t)n, text.len);
    }
    return true;
}

static bool folder_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

bool keyfile_write(const char *dir, const char *name, struct slice text, struct error *err)
{
    char path[PATH_MAX];
    if (!path_of(path, dir, name, err))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return io_error(err, "cannot make a key file");
    bool ok = write_all(fd, text) && fsync(fd) == 0;
    if (!ok)
        io_error(err, "cannot write a key file");
    ok = close(fd) == 0 && ok;
    if (ok && !folder_sync(dir))
        ok = io_error(err, "cannot sync the folder of the keys");
    if (!ok)
        unlink(path);
    return ok;
}

static bool access_narrow(int fd, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return io_error(err, "cannot look at the key file");
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        return error_set(err, ERROR_SYNTAX, "not a key file");
    if ((st.st_mode & 077) != 0) {
        error_set(err, ERROR_AUTH, "the key file may be read or written by others (mode %03o)",
                  (unsigned)st.st_mode & 0777);
        error_hint(err, "chmod 600, and think about who has read it");
        return false;
    }
    return true;
}

static json_t *object_parse(const char *text, size_t len, const char *format, struct error *err)
{
    json_error_t where;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(object) || !slice_is(compact_text(object, "format"), format)) {
        error_set(err, ERROR_SYNTAX, "not a file of the format %s", format);
    } else if (json_integer_value(json_object_get(object, "version")) > 1) {
        error_set(err, ERROR_VERSION, "the key file was made by a newer version");
    } else if (json_integer_value(json_object_get(object, "version")) == 1) {
        return object;
    } else {
        error_set(err, ERROR_SYNTAX, "the key file has no version");
    }
    keyfile_forget(object);
    return NULL;
}

json_t *keyfile_read(const char *path, const char *format, struct error *err)
{
    char text[FILE_MAX];
    size_t len = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        io_error(err, "cannot open the key file");
        return NULL;
    }
    bool ok = access_narrow(fd, err);
    while (ok && len < sizeof text && (n = read(fd, text + len, sizeof text - len)) > 0)
        len += (size_t)n;
    if (ok && n < 0)
        ok = io_error(err, "cannot read the key file");
    close(fd);
    json_t *object = ok ? object_parse(text, len, format, err) : NULL;
    OPENSSL_cleanse(text, sizeof text);
    return object;
}

void keyfile_forget(json_t *object)
{
    const char *name;
    json_t *value;
    if (json_is_object(object)) {
        json_object_foreach(object, name, value)
        {
            if (json_is_string(value))
                OPENSSL_cleanse((char *)(uintptr_t)json_string_value(value), json_string_length(value));
            keyfile_forget(json_is_object(value) ? json_incref(value) : NULL);
        }
    }
    json_decref(object);
}
