/* adapters/seal/keys.h - the site's keys: master and records (docs/keys.md).
 *
 * The master key (32 random bytes) opens what the router must read by itself: the last hours and the
 * snapshot. The records key (P-256) opens everything ever journaled; its public part stands in the
 * master's file, its private part in a file of its own that is moved away from the machine. Files are
 * JSON, mode 0600. Secrets are kept in OpenSSL's secure heap (locked, not dumped) and cleansed. */
#ifndef NIGHTBELL_ADAPTERS_SEAL_KEYS_H
#define NIGHTBELL_ADAPTERS_SEAL_KEYS_H

#include "adapters/seal/jwk.h"

enum { KEYS_BYTES = 32 };

struct keys;

/* Makes `dir` (0700, parents must exist), dir/master.key and dir/records.key (0600). Refuses when one
 * of the files is there. Both are on disk when it returns true. ERROR_IO, ERROR_CONFLICT. */
bool keys_init(const char *dir, struct error *err);

/* Reads a master.key. Refuses a file that group or others may read or write (ERROR_AUTH), a newer
 * format (ERROR_VERSION), anything else that is not one (ERROR_SYNTAX). */
struct keys *keys_load(const char *path, struct error *err);
void keys_free(struct keys **k); /* accepts NULL and *k == NULL */

/* Reads a records.key: the private key that opens every day key. The same refusals. */
struct jwk *keys_load_records(const char *path, struct error *err);

/* True when `path` lies in `data_dir` or below it, links resolved; what cannot be resolved counts as
 * inside. The caller refuses such a master key unless it was told to be insecure. */
bool keys_inside(const char *path, const char *data_dir);

/* A sub-key for one purpose (HKDF-SHA-256 with the purpose as info): "alert-id", "snapshot", ... */
void keys_derive(const struct keys *k, const char *purpose, uint8_t out[KEYS_BYTES]);
/* docs/ids.md: HMAC under the sub-key "alert-id lane N" of (lane, position, ordinal), first 8 bytes. */
uint64_t keys_alert_id(const struct keys *k, uint64_t lane, uint64_t position, uint32_t ordinal);

const struct jwk *keys_records(const struct keys *k); /* public part; owned by k */
const char *keys_name(const struct keys *k);          /* 16 hex digits that name the master, no secret */

#endif
