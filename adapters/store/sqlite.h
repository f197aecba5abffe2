/* adapters/store/sqlite.h - the journal on SQLite: one file, one connection (docs/journal.md).
 *
 * WAL, synchronous=FULL, locking_mode=EXCLUSIVE: while a handle is open nothing else, in this process
 * or another, can open the file (SQLite's WAL-reset bug needs two connections). One thread uses a
 * handle. After a write that failed the handle refuses everything but close; the caller rebuilds from
 * a fresh open. Do not fork with a handle open, and never open journal.db by other means. */
#ifndef NIGHTBELL_ADAPTERS_STORE_SQLITE_H
#define NIGHTBELL_ADAPTERS_STORE_SQLITE_H

#include "adapters/seal/keys.h"
#include "router/journal.h"

/* What opens the bodies. With a master: everything works. With records alone (offline): read and
 * verify, no append, no snapshot. With neither: verify proves the chain and reads nothing.
 * Borrowed; must outlive the handle. */
struct store_keys {
    const struct keys *master;
    const struct jwk *records; /* private records key, or NULL */
};

struct store_options {
    uint32_t checkpoint_frames; /* idle() moves the log into the file from here on; 0 = 250 */
    uint32_t most_frames;       /* append does it itself, before it returns; 0 = 16384 (64 MB) */
    uint32_t master_hours;      /* hours after its day until a key's master wrap may go; 0 = 24 */
    uint64_t ballast_bytes;     /* kept aside for a full disk; 0 = 16 MB, UINT64_MAX = none */
};

/* `dir` must exist; journal.db is made there when absent (with a master only). `options` may be NULL.
 * NULL with: ERROR_CONFLICT a running router holds it; ERROR_VERSION made by a newer version;
 * ERROR_CRYPTO another master key, or damage; ERROR_IO. */
struct journal *journal_sqlite_open(const char *dir, const struct store_keys *keys,
                                    const struct store_options *options, struct error *err);

/* append's answers on top of router/journal.h: a full disk is JOURNAL_UNKNOWN with ERROR_IO and a
 * message that begins "disk full": stop reading, close this handle, open again when there is space.
 * An append past LIMIT_APPEND_BYTES, or empty, is JOURNAL_CONFLICT with ERROR_LIMIT or ERROR_INTERNAL;
 * nothing was written and the handle lives on. `end` of an unused lane gives zeros. `read` gives the
 * append that holds `from`, even when it begins earlier; from > end is an error. The slices that
 * `each` gets live until it returns; false from `each` stops the reading, which then returns true with
 * *next at the append refused. `each` must not call the journal. */

/* Deletes both wraps of every key of that UTC day (days since 1970-01-01), at once and for ever: its
 * bodies can never be read again, the chain still proves. Refused (ERROR_CONFLICT) for a key still in
 * use: the newest of a lane, or one the tail after the older kept snapshot needs. */
bool journal_sqlite_shred(struct journal *j, int64_t day, struct error *err);

#endif
