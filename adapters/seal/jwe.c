#include "adapters/seal/jwe.h"

#include <openssl/crypto.h>
#include <string.h>

#include "adapters/seal/aead.h"
#include "adapters/seal/compact.h"
#include "adapters/seal/hash.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"
#include "base/utf8.h"

static void put_be32(uint8_t out[4], size_t v)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

void jwe_concat_kdf(struct slice z, struct slice algorithm_id, struct slice apu, struct slice apv,
                    uint8_t *key, size_t key_bytes)
{
    uint8_t round[4] = { 0, 0, 0, 1 }, alg_len[4], apu_len[4], apv_len[4], bits[4], hash[HASH_BYTES];
    put_be32(alg_len, algorithm_id.len);
    put_be32(apu_len, apu.len);
    put_be32(apv_len, apv.len);
    put_be32(bits, key_bytes * 8);
    struct slice parts[] = {
        { (char *)round, 4 },   z,   { (char *)alg_len, 4 }, algorithm_id, { (char *)apu_len, 4 }, apu,
        { (char *)apv_len, 4 }, apv, { (char *)bits, 4 },
    };
    hash_sha256_parts(parts, sizeof parts / sizeof *parts, hash);
    memcpy(key, hash, key_bytes < sizeof hash ? key_bytes : sizeof hash);
    OPENSSL_cleanse(hash, sizeof hash);
}

/* --- sealing -------------------------------------------------------------------------------------- */

static void put_header(struct buf *out, const struct jwe_header *h, const struct jwk *ephemeral)
{
    struct buf json = buf_make(JWE_HEADER_MAX);
    buf_text(&json, "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\"");
    compact_put_member(&json, "kid", h->kid);
    compact_put_member(&json, "typ", h->typ);
    compact_put_member(&json, "cty", h->cty);
    buf_text(&json, ",\"epk\":");
    jwk_put_json(ephemeral, false, &json);
    buf_text(&json, "}");
    if (json.failed)
        out->failed = true;
    base64url_put(out, buf_slice(&json));
    buf_free(&json);
}

static void content_key(const struct jwk *mine, const struct jwk *theirs, struct slice apu, struct slice apv,
                        uint8_t key[AEAD_KEY])
{
    uint8_t z[JWK_SCALAR];
    jwk_agree(mine, theirs, z);
    jwe_concat_kdf((struct slice){ (char *)z, sizeof z }, SLICE("A256GCM"), apu, apv, key, AEAD_KEY);
    OPENSSL_cleanse(z, sizeof z);
}

/* The header's own text is the additional data, so it is written first and sealed under after. */
static void put_sealed(struct buf *out, size_t header_at, const uint8_t key[AEAD_KEY], struct slice plain)
{
    uint8_t iv[AEAD_NONCE];
    struct buf sealed = buf_make(plain.len + AEAD_TAG);
    struct aead *a = aead_new(key);
    seal_random(iv, sizeof iv);
    if (!out->failed &&
        aead_seal(a, iv, (struct slice){ out->ptr + header_at, out->len - header_at }, plain, &sealed)) {
        buf_text(out, "..");
        base64url_put(out, (struct slice){ (char *)iv, sizeof iv });
        buf_text(out, ".");
        base64url_put(out, slice_sub(buf_slice(&sealed), 0, plain.len));
        buf_text(out, ".");
        base64url_put(out, slice_sub(buf_slice(&sealed), plain.len, AEAD_TAG));
    }
    aead_free(&a);
    buf_free(&sealed);
}

bool jwe_seal(const struct jwk *to, const struct jwe_header *header, struct slice plain, struct buf *out,
              struct error *err)
{
    uint8_t key[AEAD_KEY];
    size_t at = out->len;
    if (plain.len > JWE_PLAIN_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d bytes to seal for one device", (int)JWE_PLAIN_MAX);
    if (!utf8_valid(header->kid) || !utf8_valid(header->typ) || !utf8_valid(header->cty))
        return error_set(err, ERROR_VALUE, "a header member is not UTF-8");
    struct jwk *ephemeral = jwk_generate();
    put_header(out, header, ephemeral);
    content_key(ephemeral, to, SLICE(""), SLICE(""), key);
    put_sealed(out, at, key, plain);
    OPENSSL_cleanse(key, sizeof key);
    jwk_free(&ephemeral);
    if (!out->failed)
        return true;
    out->len = at;
    return error_set(err, ERROR_LIMIT, "the sealed form passes the caller's ceiling of %zu bytes", out->max);
}

/* --- opening -------------------------------------------------------------------------------------- */

static bool header_taken(const json_t *h, struct error *err)
{
    if (!slice_is(compact_text(h, "alg"), "ECDH-ES") || !slice_is(compact_text(h, "enc"), "A256GCM"))
        return error_set(err, ERROR_UNSUPPORTED, "only ECDH-ES with A256GCM is opened");
    if (compact_has(h, "zip"))
        return error_set(err, ERROR_UNSUPPORTED, "compressed content is refused");
    if (compact_has(h, "crit"))
        return error_set(err, ERROR_UNSUPPORTED, "no critical header member is known here");
    if (!json_is_object(json_object_get(h, "epk")))
        return error_set(err, ERROR_SYNTAX, "epk is missing");
    if (json_object_get(json_object_get(h, "epk"), "d") != NULL)
        return error_set(err, ERROR_CRYPTO, "epk holds a private key");
    return true;
}

/* apu and apv: base64url text or absent. */
static bool party_read(const json_t *h, const char *name, struct buf *out, struct error *err)
{
    const json_t *v = json_object_get(h, name);
    if (v == NULL)
        return true;
    if (json_is_string(v) && base64url_decode(compact_text(h, name), out) && !out->failed)
        return true;
    return error_set(err, ERROR_SYNTAX, "%s is not base64url", name);
}

static bool header_key(const json_t *h, const struct jwk *mine, uint8_t key[AEAD_KEY], struct error *err)
{
    struct buf apu = buf_make(JWE_HEADER_MAX), apv = buf_make(JWE_HEADER_MAX);
    struct jwk *epk = NULL;
    bool ok = header_taken(h, err) && party_read(h, "apu", &apu, err) && party_read(h, "apv", &apv, err) &&
              (epk = jwk_from_object(json_object_get(h, "epk"), err)) != NULL;
    if (ok)
        content_key(mine, epk, buf_slice(&apu), buf_slice(&apv), key);
    jwk_free(&epk);
    buf_free(&apu);
    buf_free(&apv);
    return ok;
}

static bool body_open(const struct slice parts[5], const uint8_t key[AEAD_KEY], struct buf *out,
                      struct error *err)
{
    uint8_t iv[AEAD_NONCE];
    struct buf raw = buf_make(AEAD_NONCE + JWE_PLAIN_MAX + AEAD_TAG);
    struct aead *a = aead_new(key);
    bool ok = base64url_decode(parts[2], &raw) && raw.len == sizeof iv;
    if (ok) {
        memcpy(iv, raw.ptr, sizeof iv);
        ok = base64url_decode(parts[3], &raw) && !raw.failed;
    }
    size_t cipher_end = raw.len;
    ok = ok && base64url_decode(parts[4], &raw) && !raw.failed && raw.len - cipher_end == AEAD_TAG;
    if (!ok)
        error_set(err, ERROR_SYNTAX, "iv of 12, ciphertext or tag of 16 bytes are not as they must be");
    else if (!aead_open(a, iv, parts[0], slice_sub(buf_slice(&raw), sizeof iv, raw.len - sizeof iv), out))
        ok = error_set(err, ERROR_CRYPTO, "sealed for another key, or changed");
    aead_free(&a);
    buf_free(&raw);
    return ok;
}

bool jwe_open(const struct jwk *key, struct slice compact, struct buf *out, struct error *err)
{
    struct slice parts[5];
    uint8_t content[AEAD_KEY];
    if (!jwk_private(key))
        return error_set(err, ERROR_CRYPTO, "a private key is needed to open");
    if (compact.len > (size_t)JWE_PLAIN_MAX * 2)
        return error_set(err, ERROR_LIMIT, "more than %d sealed bytes", (int)JWE_PLAIN_MAX * 2);
    if (!compact_split(compact, parts, 5, err))
        return false;
    if (parts[1].len > 0)
        return error_set(err, ERROR_SYNTAX, "an encrypted key has no place in ECDH-ES");
    json_t *header = compact_header(parts[0], JWE_HEADER_MAX, err);
    bool ok = header != NULL && header_key(header, key, content, err) && body_open(parts, content, out, err);
    OPENSSL_cleanse(content, sizeof content);
    json_decref(header);
    return ok;
}
