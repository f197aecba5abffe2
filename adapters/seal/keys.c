#include "adapters/seal/keys.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/seal/compact.h"
#include "adapters/seal/hash.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/keyfile.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"
#include "base/memory.h"

#define MASTER_FORMAT  "nightbell-master-key"
#define RECORDS_FORMAT "nightbell-records-key"

struct keys {
    uint8_t *master; /* KEYS_BYTES in the secure heap */
    struct jwk *records;
    char name[17];
};

/* Locked and never dumped. Without the right to lock memory OpenSSL still gives the heap; a program
 * that made its own before is left as it is. */
static void secure_heap(void)
{
    if (!CRYPTO_secure_malloc_initialized())
        CRYPTO_secure_malloc_init(65536, 32);
}

void keys_derive(const struct keys *k, const char *purpose, uint8_t out[KEYS_BYTES])
{
    hash_hkdf((struct slice){ (char *)k->master, KEYS_BYTES }, SLICE("nightbell master 1"), slice_of(purpose),
              out, KEYS_BYTES);
}

static void put_le64(uint8_t *out, uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

uint64_t keys_alert_id(const struct keys *k, uint64_t lane, uint64_t position, uint32_t ordinal)
{
    char purpose[48];
    uint8_t key[KEYS_BYTES], text[24], hash[HASH_BYTES];
    uint64_t id = 0;
    snprintf(purpose, sizeof purpose, "alert-id lane %llu", (unsigned long long)lane);
    keys_derive(k, purpose, key);
    put_le64(text, lane);
    put_le64(text + 8, position);
    put_le64(text + 16, ordinal);
    hash_hmac((struct slice){ (char *)key, sizeof key }, (struct slice){ (char *)text, sizeof text }, hash);
    for (size_t i = 0; i < 8; i++)
        id = id << 8 | hash[i];
    OPENSSL_cleanse(key, sizeof key);
    return id;
}

const struct jwk *keys_records(const struct keys *k)
{
    return k->records;
}

const char *keys_name(const struct keys *k)
{
    return k->name;
}

void keys_free(struct keys **k)
{
    if (k == NULL || *k == NULL)
        return;
    OPENSSL_secure_clear_free((*k)->master, KEYS_BYTES);
    jwk_free(&(*k)->records);
    free(*k);
    *k = NULL;
}

static struct keys *keys_make(const uint8_t master[KEYS_BYTES])
{
    struct keys *k = memory_new(sizeof *k);
    uint8_t name[KEYS_BYTES];
    struct buf hex = buf_make(16);
    secure_heap();
    k->master = OPENSSL_secure_malloc(KEYS_BYTES);
    if (k->master == NULL)
        _Exit(70);
    memcpy(k->master, master, KEYS_BYTES);
    keys_derive(k, "name", name);
    hex_put(&hex, (struct slice){ (char *)name, 8 });
    memcpy(k->name, hex.ptr, 16);
    buf_free(&hex);
    return k;
}

/* Room for all of it at once, so that no grown copy of a secret is left behind uncleansed. */
static struct buf secret_text(void)
{
    struct buf text = buf_make(4096);
    buf_extend(&text, 2048);
    buf_reset(&text);
    return text;
}

/* --- files ---------------------------------------------------------------------------------------- */

static bool write_master(const char *dir, const uint8_t master[KEYS_BYTES], const struct jwk *records,
                         struct error *err)
{
    struct buf text = secret_text();
    struct keys *k = keys_make(master);
    buf_printf(&text, "{\"format\":\"%s\",\"version\":1,\"name\":\"%s\",\n \"key\":\"", MASTER_FORMAT,
               k->name);
    base64url_put(&text, (struct slice){ (const char *)master, KEYS_BYTES });
    buf_text(&text, "\",\n \"records\":");
    jwk_put_json(records, false, &text);
    buf_text(&text, "}\n");
    bool ok = keyfile_write(dir, "master.key", buf_slice(&text), err);
    OPENSSL_cleanse(text.ptr, text.len);
    buf_free(&text);
    keys_free(&k);
    return ok;
}

static bool write_records(const char *dir, const struct jwk *records, struct error *err)
{
    struct buf text = secret_text();
    buf_printf(&text, "{\"format\":\"%s\",\"version\":1,\n \"records\":", RECORDS_FORMAT);
    jwk_put_json(records, true, &text);
    buf_text(&text, "}\n");
    bool ok = keyfile_write(dir, "records.key", buf_slice(&text), err);
    OPENSSL_cleanse(text.ptr, text.len);
    buf_free(&text);
    return ok;
}

bool keys_init(const char *dir, struct error *err)
{
    uint8_t master[KEYS_BYTES];
    if (!keyfile_folder(dir, err) || !keyfile_absent(dir, "master.key", err) ||
        !keyfile_absent(dir, "records.key", err))
        return false;
    struct jwk *records = jwk_generate();
    seal_random(master, sizeof master);
    /* The master last: whoever finds it finds a complete pair. */
    bool ok = write_records(dir, records, err) && write_master(dir, master, records, err);
    OPENSSL_cleanse(master, sizeof master);
    jwk_free(&records);
    return ok;
}

static bool master_read(const json_t *object, uint8_t master[KEYS_BYTES], struct error *err)
{
    struct buf bytes = buf_make(KEYS_BYTES);
    bool ok = base64url_decode(compact_text(object, "key"), &bytes) && bytes.len == KEYS_BYTES;
    if (ok)
        memcpy(master, bytes.ptr, KEYS_BYTES);
    if (bytes.len > 0)
        OPENSSL_cleanse(bytes.ptr, bytes.len);
    buf_free(&bytes);
    return ok || error_set(err, ERROR_SYNTAX, "the master key is not 32 bytes in base64url");
}

struct keys *keys_load(const char *path, struct error *err)
{
    uint8_t master[KEYS_BYTES];
    struct keys *k = NULL;
    json_t *object = keyfile_read(path, MASTER_FORMAT, err);
    if (object != NULL && master_read(object, master, err)) {
        k = keys_make(master);
        k->records = jwk_from_object(json_object_get(object, "records"), err);
        if (!slice_is(compact_text(object, "name"), k->name))
            error_set(err, ERROR_CRYPTO, "the key file was changed: key and name do not belong together");
        if (k->records == NULL || !slice_is(compact_text(object, "name"), k->name))
            keys_free(&k);
    }
    OPENSSL_cleanse(master, sizeof master);
    keyfile_forget(object);
    return k;
}

struct jwk *keys_load_records(const char *path, struct error *err)
{
    json_t *object = keyfile_read(path, RECORDS_FORMAT, err);
    struct jwk *k = object != NULL ? jwk_from_object(json_object_get(object, "records"), err) : NULL;
    if (k != NULL && !jwk_private(k)) {
        error_set(err, ERROR_SYNTAX, "the private part of the records key is missing");
        jwk_free(&k);
    }
    keyfile_forget(object);
    return k;
}

bool keys_inside(const char *path, const char *data_dir)
{
    char file[PATH_MAX], dir[PATH_MAX];
    if (realpath(path, file) == NULL || realpath(data_dir, dir) == NULL)
        return true;
    size_t len = strlen(dir);
    return strncmp(file, dir, len) == 0 && (file[len] == '/' || file[len] == '\0' || dir[len - 1] == '/');
}
