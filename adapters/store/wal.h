/* adapters/store/wal.h - is the write-ahead log whole, or did a disk change it (SQLite file format 4.1)?
 *
 * SQLite takes the first frame with a wrong checksum for the torn end of a crashed write, and forgets
 * what follows. After a crash that is right; after a flipped bit it loses committed appends without a
 * word. The two can be told apart: a commit is synced before the next one is written, so a bad frame
 * with a later, finished commit and more behind it was once good. What cannot be told apart is damage
 * to the very last commits of a log left by a crash (docs/journal.md). */
#ifndef NIGHTBELL_ADAPTERS_STORE_WAL_H
#define NIGHTBELL_ADAPTERS_STORE_WAL_H

#include "base/error.h"

/* False with ERROR_CRYPTO when the log was damaged, ERROR_IO when it cannot be read. An absent or
 * empty log is whole. Call it while the lock is held and before anything is written. */
bool wal_whole(const char *path, struct error *err);

#endif
