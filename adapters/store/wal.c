#include "adapters/store/wal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { WAL_HEADER = 32, FRAME_HEADER = 24, PAGE_MAX = 65536 };

struct wal {
    int fd;
    uint64_t frames; /* that fit the file's length */
    uint32_t page, salt[2], sum[2];
    bool big_endian; /* how the checksum reads words */
    uint8_t *frame;  /* one frame */
};

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t le32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void sum_add(const struct wal *w, uint32_t sum[2], const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 8 <= len; i += 8) {
        sum[0] += (w->big_endian ? be32(bytes + i) : le32(bytes + i)) + sum[1];
        sum[1] += (w->big_endian ? be32(bytes + i + 4) : le32(bytes + i + 4)) + sum[0];
    }
}

static bool read_at(const struct wal *w, uint8_t *to, size_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t n = pread(w->fd, to, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

/* Only frames can be lost, so a log without room for one has nothing to lose. */
static bool header_read(struct wal *w, uint64_t bytes, struct error *err)
{
    uint8_t h[WAL_HEADER];
    if (!read_at(w, h, sizeof h, 0))
        return error_set(err, ERROR_IO, "cannot read the journal's log: %s", strerror(errno));
    uint32_t magic = be32(h);
    w->big_endian = (magic & 1) != 0;
    w->page = be32(h + 8);
    w->salt[0] = be32(h + 16);
    w->salt[1] = be32(h + 20);
    sum_add(w, w->sum, h, 24);
    if ((magic & ~UINT32_C(1)) != UINT32_C(0x377f0682) || w->sum[0] != be32(h + 24) ||
        w->sum[1] != be32(h + 28) || w->page < 512 || w->page > PAGE_MAX || (w->page & (w->page - 1)) != 0)
        return error_set(err, ERROR_CRYPTO,
                         "the journal's log is damaged in its header; commits would be lost");
    w->frames = (bytes - WAL_HEADER) / (FRAME_HEADER + w->page);
    return true;
}

static bool frame_read(const struct wal *w, uint64_t n, size_t len, struct error *err)
{
    if (read_at(w, w->frame, len, WAL_HEADER + n * (FRAME_HEADER + (uint64_t)w->page)))
        return true;
    return error_set(err, ERROR_IO, "cannot read the journal's log: %s", strerror(errno));
}

static bool frame_is_ours(const struct wal *w)
{
    return be32(w->frame + 8) == w->salt[0] && be32(w->frame + 12) == w->salt[1];
}

static bool frame_good(struct wal *w)
{
    uint32_t sum[2] = { w->sum[0], w->sum[1] };
    sum_add(w, sum, w->frame, 8);
    sum_add(w, sum, w->frame + FRAME_HEADER, w->page);
    if (!frame_is_ours(w) || be32(w->frame) == 0 || sum[0] != be32(w->frame + 16) ||
        sum[1] != be32(w->frame + 20))
        return false;
    w->sum[0] = sum[0];
    w->sum[1] = sum[1];
    return true;
}

/* Behind the bad frame: a commit of this log's time, and a frame of it after that one. */
static bool frames_whole(struct wal *w, struct error *err)
{
    uint64_t bad = 0;
    bool committed = false;
    while (bad < w->frames) {
        if (!frame_read(w, bad, FRAME_HEADER + w->page, err))
            return false;
        if (!frame_good(w))
            break;
        bad++;
    }
    for (uint64_t n = bad; n < w->frames; n++) {
        if (!frame_read(w, n, FRAME_HEADER, err))
            return false;
        if (!frame_is_ours(w))
            continue;
        if (committed)
            return error_set(
                err, ERROR_CRYPTO,
                "the journal's log is damaged in frame %llu of %llu; later commits would be lost",
                (unsigned long long)bad + 1, (unsigned long long)w->frames);
        committed = be32(w->frame + 4) != 0;
    }
    return true;
}

bool wal_whole(const char *path, struct error *err)
{
    struct stat st;
    struct wal w = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
    if (w.fd < 0)
        return errno == ENOENT ||
               error_set(err, ERROR_IO, "cannot open the journal's log: %s", strerror(errno));
    bool ok = fstat(w.fd, &st) == 0 || error_set(err, ERROR_IO, "cannot look at the journal's log");
    if (ok && st.st_size > WAL_HEADER) {
        w.frame = memory_new(FRAME_HEADER + PAGE_MAX);
        ok = header_read(&w, (uint64_t)st.st_size, err) && frames_whole(&w, err);
        free(w.frame);
    }
    close(w.fd);
    return ok;
}
