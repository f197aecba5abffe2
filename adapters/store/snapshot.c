#include "adapters/store/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/seal/random.h"

enum { SALT = 32, PIECE = 1 << 20, LISTED_MAX = 256 };
#define MAGIC "NBSNAP"
/* magic, version, journal id, lane, position, link, salt, length of the state */
enum { HEAD = 6 + 1 + CHAIN_ID + 8 + 8 + HASH_BYTES + SALT + 8 };

static bool io_error(struct error *err, const char *what)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return error_set(err, ERROR_IO, "disk full: %s", what);
    return error_set(err, ERROR_IO, "%s: %s", what, strerror(errno));
}

static void path_of(char out[PATH_MAX], const char *dir, uint64_t lane, uint64_t position, const char *end)
{
    snprintf(out, PATH_MAX, "%s/snapshot-%llu-%llu.%s", dir, (unsigned long long)lane,
             (unsigned long long)position, end);
}

static void put_head(struct buf *out, const struct snapshot_head *h, const uint8_t salt[SALT], uint64_t bytes)
{
    buf_text(out, MAGIC);
    buf_u8(out, SNAPSHOT_VERSION);
    buf_bytes(out, h->journal, CHAIN_ID);
    buf_u64(out, h->lane);
    buf_u64(out, h->position);
    buf_bytes(out, h->chain.link, HASH_BYTES);
    buf_bytes(out, salt, SALT);
    buf_u64(out, bytes);
}

static struct aead *piece_aead(const uint8_t key[AEAD_KEY], const uint8_t salt[SALT])
{
    uint8_t own[AEAD_KEY];
    hash_hkdf((struct slice){ (const char *)key, AEAD_KEY }, (struct slice){ (const char *)salt, SALT },
              SLICE("nightbell snapshot"), own, sizeof own);
    struct aead *a = aead_new(own);
    OPENSSL_cleanse(own, sizeof own);
    return a;
}

/* The key seals one file only, so the piece's number is nonce enough. */
static void piece_nonce(uint64_t number, uint8_t nonce[AEAD_NONCE])
{
    memset(nonce, 0, AEAD_NONCE);
    for (size_t i = 0; i < 8; i++)
        nonce[i] = (uint8_t)(number >> (8 * i));
}

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = slice_sub(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static bool write_pieces(int fd, struct aead *a, struct slice head, struct slice state)
{
    struct buf sealed = buf_make(PIECE + AEAD_TAG);
    uint8_t nonce[AEAD_NONCE];
    bool ok = write_all(fd, head);
    for (uint64_t n = 0; ok && (state.len > 0 || n == 0); n++) {
        struct slice piece = slice_sub(state, 0, PIECE);
        buf_reset(&sealed);
        piece_nonce(n, nonce);
        ok = aead_seal(a, nonce, head, piece, &sealed) && write_all(fd, buf_slice(&sealed));
        state = slice_sub(state, piece.len, state.len);
    }
    buf_free(&sealed);
    return ok;
}

static bool folder_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool write_file(const char *path, const uint8_t key[AEAD_KEY], const struct snapshot_head *head,
                       struct slice state, struct error *err)
{
    uint8_t salt[SALT];
    struct buf text = buf_make(HEAD);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error(err, "cannot make a snapshot file");
    seal_random(salt, sizeof salt);
    put_head(&text, head, salt, state.len);
    struct aead *a = piece_aead(key, salt);
    bool ok = write_pieces(fd, a, buf_slice(&text), state) && fsync(fd) == 0;
    if (!ok)
        io_error(err, "cannot write a snapshot");
    close(fd);
    aead_free(&a);
    buf_free(&text);
    return ok;
}

bool snapshot_write(const char *dir, const uint8_t key[AEAD_KEY], const struct snapshot_head *head,
                    struct slice state, struct error *err)
{
    char aside[PATH_MAX], path[PATH_MAX];
    path_of(aside, dir, head->lane, head->position, "tmp");
    path_of(path, dir, head->lane, head->position, "sealed");
    bool ok = write_file(aside, key, head, state, err);
    if (ok && (rename(aside, path) != 0 || !folder_sync(dir)))
        ok = io_error(err, "cannot make a snapshot current");
    if (!ok)
        unlink(aside);
    return ok;
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool damaged(struct error *err, uint64_t position)
{
    return error_set(err, ERROR_CRYPTO, "the snapshot at position %llu is damaged or of another journal",
                     (unsigned long long)position);
}

static bool read_exact(int fd, char *to, size_t len)
{
    while (len > 0) {
        ssize_t n = read(fd, to, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

static bool head_parse(struct slice text, struct snapshot_head *head, uint8_t salt[SALT], uint64_t *bytes,
                       struct error *err)
{
    struct reader r = reader_make(text);
    struct slice magic = read_raw(&r, 6);
    uint8_t version = read_u8(&r);
    if (!slice_is(magic, MAGIC))
        return error_set(err, ERROR_CRYPTO, "not a snapshot file");
    if (version > SNAPSHOT_VERSION)
        return error_set(err, ERROR_VERSION, "the snapshot was made by a newer version (%u)", version);
    if (version != SNAPSHOT_VERSION)
        return error_set(err, ERROR_CRYPTO, "not a snapshot file");
    memcpy(head->journal, read_raw(&r, CHAIN_ID).ptr, CHAIN_ID);
    head->lane = read_u64(&r);
    head->position = read_u64(&r);
    memcpy(head->chain.link, read_raw(&r, HASH_BYTES).ptr, HASH_BYTES);
    memcpy(salt, read_raw(&r, SALT).ptr, SALT);
    *bytes = read_u64(&r);
    return true;
}

static bool read_pieces(int fd, struct aead *a, struct slice head, uint64_t bytes, struct buf *out)
{
    uint8_t nonce[AEAD_NONCE];
    char *piece = malloc(PIECE + AEAD_TAG), beyond;
    bool ok = piece != NULL;
    for (uint64_t n = 0; ok && (bytes > 0 || n == 0); n++) {
        size_t len = bytes < PIECE ? (size_t)bytes : PIECE;
        piece_nonce(n, nonce);
        ok = read_exact(fd, piece, len + AEAD_TAG) &&
             aead_open(a, nonce, head, (struct slice){ piece, len + AEAD_TAG }, out);
        bytes -= len;
    }
    ok = ok && read(fd, &beyond, 1) == 0;
    free(piece);
    return ok;
}

static bool read_open_file(int fd, const uint8_t key[AEAD_KEY], uint64_t lane, uint64_t position,
                           struct snapshot_head *head, struct buf *out, struct error *err)
{
    char text[HEAD];
    uint8_t salt[SALT];
    uint64_t bytes = 0;
    size_t before = out->len;
    if (!read_exact(fd, text, sizeof text))
        return damaged(err, position);
    if (!head_parse((struct slice){ text, sizeof text }, head, salt, &bytes, err))
        return false;
    if (head->lane != lane || head->position != position)
        return damaged(err, position);
    struct aead *a = piece_aead(key, salt);
    bool ok = read_pieces(fd, a, (struct slice){ text, sizeof text }, bytes, out);
    aead_free(&a);
    if (ok)
        return true;
    bool ceiling = out->failed;
    out->len = before;
    out->failed = false;
    if (ceiling)
        return error_set(err, ERROR_LIMIT, "the snapshot passes the caller's ceiling of %zu bytes", out->max);
    return damaged(err, position);
}

bool snapshot_read(const char *dir, const uint8_t key[AEAD_KEY], uint64_t lane, uint64_t position,
                   struct snapshot_head *head, struct buf *out, struct error *err)
{
    char path[PATH_MAX];
    path_of(path, dir, lane, position, "sealed");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(err, "cannot open a snapshot");
    bool ok = read_open_file(fd, key, lane, position, head, out, err);
    close(fd);
    return ok;
}

/* --- the folder ----------------------------------------------------------------------------------- */

/* snapshot-LANE-POSITION.END, nothing else. */
static bool name_parse(struct slice name, uint64_t lane, const char *end, uint64_t *position)
{
    uint64_t of_lane = 0;
    struct slice rest = name;
    if (!slice_is(slice_cut(&rest, '-'), "snapshot") || !slice_to_u64(slice_cut(&rest, '-'), &of_lane))
        return false;
    struct slice number = slice_cut(&rest, '.');
    return of_lane == lane && slice_is(rest, end) && slice_to_u64(number, position);
}

static int newer_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x > y ? -1 : x < y;
}

static size_t files_list(const char *dir, uint64_t lane, const char *end, uint64_t *positions, size_t room)
{
    size_t count = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d))
        if (count < room && name_parse(slice_of(e->d_name), lane, end, &positions[count]))
            count++;
    if (d != NULL)
        closedir(d);
    qsort(positions, count, sizeof *positions, newer_first);
    return count;
}

size_t snapshot_list(const char *dir, uint64_t lane, uint64_t *positions, size_t room)
{
    uint64_t all[LISTED_MAX];
    size_t count = files_list(dir, lane, "sealed", all, LISTED_MAX);
    if (count > room)
        count = room;
    memcpy(positions, all, count * sizeof *all);
    return count;
}

void snapshot_prune(const char *dir, uint64_t lane)
{
    char path[PATH_MAX];
    uint64_t all[LISTED_MAX];
    size_t count = files_list(dir, lane, "sealed", all, LISTED_MAX);
    for (size_t i = SNAPSHOT_KEEP; i < count; i++) {
        path_of(path, dir, lane, all[i], "sealed");
        unlink(path);
    }
    count = files_list(dir, lane, "tmp", all, LISTED_MAX);
    for (size_t i = 0; i < count; i++) {
        path_of(path, dir, lane, all[i], "tmp");
        unlink(path);
    }
}
