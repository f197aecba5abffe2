/* JWE, JWS and JWK: the vectors of the RFCs, what must be refused, and other people's openers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/seal/aead.h"
#include "adapters/seal/jwe.h"
#include "adapters/seal/jwk_parts.h"
#include "adapters/seal/jws.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"

/* RFC 7518 Appendix C. */
#define ALICE                                                                                                \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\","               \
    "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps\",\"d\":\"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-"     \
    "MToTmIo\"}"
#define BOB                                                                                                  \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\","               \
    "\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\",\"d\":"                                           \
    "\"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw\"}"
/* RFC 7515 Appendix A.3. */
#define SIGNER                                                                                               \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","               \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"
#define A3_HEADER "eyJhbGciOiJFUzI1NiJ9"
#define A3_PAYLOAD                                                                                           \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define A3_SIGNATURE "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static struct jwk *key_of(const char *json)
{
    struct error err = { 0 };
    struct jwk *k = jwk_from_json(slice_of(json), &err);
    assert_non_null(k);
    return k;
}

static void concat_kdf_is_that_of_rfc_7518(void **state)
{
    (void)state;
    struct jwk *alice = key_of(ALICE), *bob = key_of(BOB);
    uint8_t z[JWK_SCALAR], key[16];
    struct buf text = buf_make(64);
    jwk_agree(alice, bob, z);
    jwe_concat_kdf((struct slice){ (char *)z, sizeof z }, SLICE("A128GCM"), SLICE("Alice"), SLICE("Bob"), key,
                   sizeof key);
    base64url_put(&text, (struct slice){ (char *)key, sizeof key });
    assert_true(slice_is(buf_slice(&text), "VqqN6vgjbSBcIijNcacQGg"));
    buf_free(&text);
    jwk_free(&alice);
    jwk_free(&bob);
}

static void a_jwk_is_checked_when_it_comes_in(void **state)
{
    (void)state;
    static const struct {
        const char *name, *json;
        enum error_code code;
    } rows[] = {
        { "not JSON", "{", ERROR_SYNTAX },
        { "an array", "[]", ERROR_SYNTAX },
        { "a member twice", "{\"kty\":\"EC\",\"kty\":\"EC\"}", ERROR_SYNTAX },
        { "RSA", "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}", ERROR_UNSUPPORTED },
        { "another curve", "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AA\",\"y\":\"AA\"}",
          ERROR_UNSUPPORTED },
        { "y missing",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\"}",
          ERROR_SYNTAX },
        { "off the curve",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\","
          "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppo\"}",
          ERROR_CRYPTO },
        { "all zeros",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
          "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          ERROR_CRYPTO },
        { "the private part of another key",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\","
          "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps\","
          "\"d\":\"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw\"}",
          ERROR_CRYPTO },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = { 0 };
        struct jwk *k = jwk_from_json(slice_of(rows[i].json), &err);
        if (k != NULL || err.code != rows[i].code)
            fail_msg("%s: %s", rows[i].name, err.message);
    }
    struct error err = { 0 };
    char point[JWK_POINT] = { 0x04 };
    assert_null(jwk_from_point((struct slice){ point, sizeof point }, &err));
    assert_null(jwk_from_point(SLICE("\x02short"), &err));
}

static void a_jwk_goes_out_and_comes_back(void **state)
{
    (void)state;
    struct jwk *made = jwk_generate();
    struct buf text = buf_make(1024), thumb = buf_make(64);
    struct error err = { 0 };
    jwk_put_json(made, true, &text);
    struct jwk *back = jwk_from_json(buf_slice(&text), &err);
    assert_non_null(back);
    assert_true(jwk_private(back));
    assert_memory_equal(jwk_point(made), jwk_point(back), JWK_POINT);
    buf_reset(&text);
    jwk_put_json(made, false, &text);
    struct jwk *public_part = jwk_from_json(buf_slice(&text), &err);
    assert_false(jwk_private(public_part));
    jwk_put_thumbprint(made, &thumb);
    assert_int_equal(thumb.len, 43);
    struct jwk *from_point = jwk_from_point((struct slice){ (const char *)jwk_point(made), JWK_POINT }, &err);
    assert_memory_equal(jwk_point(from_point), jwk_point(made), JWK_POINT);
    jwk_free(&from_point);
    jwk_free(&public_part);
    jwk_free(&back);
    jwk_free(&made);
    buf_free(&text);
    buf_free(&thumb);
}

static void what_is_sealed_opens(void **state)
{
    (void)state;
    static char large[70000];
    struct slice texts[] = { SLICE(""), SLICE("x"), SLICE("{\"alert\":\"VFIB\"}"), { large, sizeof large } };
    struct jwk *bob = key_of(BOB), *alice = key_of(ALICE);
    struct jwe_header h = { .kid = SLICE("dev-\"1\""), .cty = SLICE("application/json") };
    for (size_t i = 0; i < 4; i++) {
        struct buf sealed = buf_make(1 << 20), again = buf_make(1 << 20), plain = buf_make(1 << 20);
        struct error err = { 0 };
        assert_true(jwe_seal(bob, &h, texts[i], &sealed, &err));
        assert_true(jwe_seal(bob, &h, texts[i], &again, &err));
        assert_false(slice_eq(buf_slice(&sealed), buf_slice(&again)));
        assert_true(jwe_open(bob, buf_slice(&sealed), &plain, &err));
        assert_true(slice_eq(buf_slice(&plain), texts[i]));
        assert_false(jwe_open(alice, buf_slice(&sealed), &plain, &err));
        assert_int_equal(err.code, ERROR_CRYPTO);
        buf_free(&sealed);
        buf_free(&again);
        buf_free(&plain);
    }
    struct buf tiny = buf_make(100);
    struct error err = { 0 };
    assert_false(jwe_seal(bob, &h, texts[2], &tiny, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_int_equal(tiny.len, 0);
    error_clear(&err);
    h.kid = SLICE("\xff");
    assert_false(jwe_seal(bob, &h, texts[2], &tiny, &err));
    assert_int_equal(err.code, ERROR_VALUE);
    buf_free(&tiny);
    jwk_free(&bob);
    jwk_free(&alice);
}

/* A JWE whose seal is right for whatever header is asked for: only the header can be its fault. */
static void build(const struct jwk *to, const char *header, size_t tag_bytes, const char *encrypted_key,
                  struct buf *out)
{
    struct jwk *alice = key_of(ALICE);
    uint8_t z[JWK_SCALAR], key[AEAD_KEY], iv[AEAD_NONCE] = { 7 };
    struct buf sealed = buf_make(256);
    jwk_agree(alice, to, z);
    jwe_concat_kdf((struct slice){ (char *)z, sizeof z }, SLICE("A256GCM"), SLICE(""), SLICE(""), key,
                   sizeof key);
    base64url_put(out, slice_of(header));
    struct aead *a = aead_new(key);
    assert_true(aead_seal(a, iv, buf_slice(out), SLICE("plain"), &sealed));
    buf_printf(out, ".%s.", encrypted_key);
    base64url_put(out, (struct slice){ (char *)iv, sizeof iv });
    buf_text(out, ".");
    base64url_put(out, (struct slice){ sealed.ptr, 5 });
    buf_text(out, ".");
    base64url_put(out, (struct slice){ sealed.ptr + 5, tag_bytes });
    aead_free(&a);
    jwk_free(&alice);
    buf_free(&sealed);
}

#define EPK                                                                                                  \
    "\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\","       \
    "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps\"}"
#define EPK_OFF                                                                                              \
    "\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\","       \
    "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFppo\"}"
#define ALG "\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\""

static void what_is_not_exactly_ours_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header, *encrypted_key;
        size_t tag;
        enum error_code code;
    } rows[] = {
        { "as it should be", "{" ALG "," EPK "}", "", 16, ERROR_NONE },
        { "members in another order", "{" EPK ",\"enc\":\"A256GCM\",\"alg\":\"ECDH-ES\",\"x5t\":1}", "", 16,
          ERROR_NONE },
        { "an empty apu", "{" ALG "," EPK ",\"apu\":\"\"}", "", 16, ERROR_NONE },
        { "dir", "{\"alg\":\"dir\",\"enc\":\"A256GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "key wrap", "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "password", "{\"alg\":\"PBES2-HS256+A128KW\",\"p2c\":100000000,\"enc\":\"A256GCM\"," EPK "}", "",
          16, ERROR_UNSUPPORTED },
        { "A128GCM", "{\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "CBC", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256CBC-HS512\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "alg missing", "{\"enc\":\"A256GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "alg a number", "{\"alg\":1,\"enc\":\"A256GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "alg in capitals", "{\"alg\":\"ecdh-es\",\"enc\":\"A256GCM\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "zip", "{" ALG ",\"zip\":\"DEF\"," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "crit", "{" ALG ",\"crit\":[\"exp\"],\"exp\":1," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "crit empty", "{" ALG ",\"crit\":[]," EPK "}", "", 16, ERROR_UNSUPPORTED },
        { "epk missing", "{" ALG "}", "", 16, ERROR_SYNTAX },
        { "epk a text", "{" ALG ",\"epk\":\"x\"}", "", 16, ERROR_SYNTAX },
        { "epk off the curve", "{" ALG "," EPK_OFF "}", "", 16, ERROR_CRYPTO },
        { "epk on X25519", "{" ALG ",\"epk\":{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AA\"}}", "", 16,
          ERROR_UNSUPPORTED },
        { "apv not base64url", "{" ALG "," EPK ",\"apv\":\"=\"}", "", 16, ERROR_SYNTAX },
        { "apv a number", "{" ALG "," EPK ",\"apv\":1}", "", 16, ERROR_SYNTAX },
        { "a member twice", "{" ALG "," EPK ",\"alg\":\"ECDH-ES\"}", "", 16, ERROR_SYNTAX },
        { "not an object", "[]", "", 16, ERROR_SYNTAX },
        { "bytes after the object", "{" ALG "," EPK "} {}", "", 16, ERROR_SYNTAX },
        { "an encrypted key", "{" ALG "," EPK "}", "AAAA", 16, ERROR_SYNTAX },
        { "a tag of 15", "{" ALG "," EPK "}", "", 15, ERROR_SYNTAX },
        { "a tag of 12", "{" ALG "," EPK "}", "", 12, ERROR_SYNTAX },
        { "a tag of 4", "{" ALG "," EPK "}", "", 4, ERROR_SYNTAX },
        { "no tag", "{" ALG "," EPK "}", "", 0, ERROR_SYNTAX },
    };
    struct jwk *bob = key_of(BOB);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf compact = buf_make(8192), plain = buf_make(64);
        struct error err = { 0 };
        build(bob, rows[i].header, rows[i].tag, rows[i].encrypted_key, &compact);
        bool opened = jwe_open(bob, buf_slice(&compact), &plain, &err);
        if (opened != (rows[i].code == ERROR_NONE) || err.code != rows[i].code || (!opened && plain.len > 0))
            fail_msg("%s: %s %s", rows[i].name, error_name(err.code), err.message);
        buf_free(&compact);
        buf_free(&plain);
    }
    jwk_free(&bob);
}

/* Every character of the compact form changed, dropped or doubled: never opened. */
static void no_changed_character_is_taken(void **state)
{
    (void)state;
    struct jwk *bob = key_of(BOB);
    struct buf sealed = buf_make(8192), plain = buf_make(64);
    struct error err = { 0 };
    assert_true(jwe_seal(bob, &(struct jwe_header){ .kid = SLICE("k") }, SLICE("bed 12"), &sealed, &err));
    char *text = malloc(sealed.len + 2);
    for (size_t i = 0; i < sealed.len; i++) {
        memcpy(text, sealed.ptr, sealed.len);
        text[i] = text[i] == 'A' ? 'B' : 'A';
        assert_false(jwe_open(bob, (struct slice){ text, sealed.len }, &plain, NULL));
        memcpy(text + i, sealed.ptr + i + 1, sealed.len - i - 1);
        assert_false(jwe_open(bob, (struct slice){ text, sealed.len - 1 }, &plain, NULL));
        memcpy(text, sealed.ptr, i + 1);
        memcpy(text + i + 1, sealed.ptr + i, sealed.len - i);
        assert_false(jwe_open(bob, (struct slice){ text, sealed.len + 1 }, &plain, NULL));
        assert_false(jwe_open(bob, (struct slice){ sealed.ptr, i }, &plain, NULL));
    }
    assert_int_equal(plain.len, 0);
    free(text);
    buf_free(&sealed);
    buf_free(&plain);
    jwk_free(&bob);
}

static void es256_is_that_of_rfc_7515(void **state)
{
    (void)state;
    struct jwk *signer = key_of(SIGNER), *bob = key_of(BOB);
    struct buf payload = buf_make(256);
    struct error err = { 0 };
    struct slice text = SLICE(A3_HEADER "." A3_PAYLOAD "." A3_SIGNATURE);
    assert_true(jws_verify(signer, text, &payload, &err));
    assert_true(slice_starts(buf_slice(&payload), SLICE("{\"iss\":\"joe\",\r\n")));
    buf_reset(&payload);
    assert_true(
        jws_verify_point((struct slice){ (const char *)jwk_point(signer), JWK_POINT }, text, &payload, &err));
    assert_false(jws_verify(bob, text, &payload, &err));
    assert_int_equal(err.code, ERROR_AUTH);
    buf_free(&payload);
    jwk_free(&signer);
    jwk_free(&bob);
}

static void signed_as(const struct jwk *key, const char *header, const char *payload, struct buf *out)
{
    uint8_t signature[JWS_SIGNATURE];
    base64url_put(out, slice_of(header));
    buf_text(out, ".");
    base64url_put(out, slice_of(payload));
    jws_signature_make(key, buf_slice(out), signature);
    buf_text(out, ".");
    base64url_put(out, (struct slice){ (char *)signature, sizeof signature });
}

static void only_es256_is_verified(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum error_code code;
    } rows[] = {
        { "{\"alg\":\"ES256\"}", ERROR_NONE },
        { "{\"alg\":\"ES256\",\"kid\":\"d1\",\"typ\":\"answer\"}", ERROR_NONE },
        { "{\"alg\":\"none\"}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"HS256\"}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"ES384\"}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"es256\"}", ERROR_UNSUPPORTED },
        { "{}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"b64\":true}", ERROR_UNSUPPORTED },
        { "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", ERROR_SYNTAX },
        { "\"ES256\"", ERROR_SYNTAX },
    };
    struct jwk *bob = key_of(BOB);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf text = buf_make(4096), payload = buf_make(64);
        struct error err = { 0 };
        signed_as(bob, rows[i].header, "accept", &text);
        bool ok = jws_verify(bob, buf_slice(&text), &payload, &err);
        if (ok != (rows[i].code == ERROR_NONE) || err.code != rows[i].code)
            fail_msg("%s: %s", rows[i].header, err.message);
        assert_true(!ok || slice_is(buf_slice(&payload), "accept"));
        buf_free(&text);
        buf_free(&payload);
    }
    jwk_free(&bob);
}

static void a_signature_is_of_these_bytes(void **state)
{
    (void)state;
    struct jwk *bob = key_of(BOB);
    struct buf text = buf_make(4096), payload = buf_make(256), kid = buf_make(64);
    struct error err = { 0 };
    assert_true(jws_sign(bob, SLICE("gate 1"), SLICE("{\"state\":\"accepted\"}"), &text, &err));
    assert_true(jws_kid(buf_slice(&text), &kid, &err));
    assert_true(slice_is(buf_slice(&kid), "gate 1"));
    assert_true(jws_verify(bob, buf_slice(&text), &payload, &err));
    buf_reset(&payload);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.ptr[i];
        text.ptr[i] = was == 'A' ? 'B' : 'A';
        assert_false(jws_verify(bob, buf_slice(&text), &payload, NULL));
        text.ptr[i] = was;
    }
    assert_false(jws_verify(bob, slice_sub(buf_slice(&text), 0, text.len - 2), &payload, NULL));
    assert_false(jws_verify(bob, SLICE("a.b"), &payload, NULL));
    assert_false(jws_verify(bob, SLICE(""), &payload, NULL));
    uint8_t zeros[JWS_SIGNATURE] = { 0 };
    assert_false(jws_signature_good(bob, SLICE("x"), (struct slice){ (char *)zeros, sizeof zeros }));
    memset(zeros, 0xff, sizeof zeros);
    assert_false(jws_signature_good(bob, SLICE("x"), (struct slice){ (char *)zeros, sizeof zeros }));
    buf_free(&text);
    buf_free(&payload);
    buf_free(&kid);
    jwk_free(&bob);
}

/* --- independent openers ---------------------------------------------------------------------------- */

static void file_put(const char *dir, const char *name, struct slice text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    fclose(f);
}

static void run_and_expect(const char *command, const char *expected)
{
    char got[512] = "";
    FILE *p = popen(command, "r");
    assert_non_null(p);
    size_t len = fread(got, 1, sizeof got - 1, p);
    got[len] = '\0';
    assert_int_equal(pclose(p), 0);
    assert_string_equal(got, expected);
}

struct peer_files {
    char dir[64];
    struct jwk *key;
};

static struct peer_files peer_files_make(void)
{
    struct peer_files p = { .dir = "/tmp/nightbell-jose-XXXXXX", .key = jwk_generate() };
    struct buf text = buf_make(65536);
    struct error err = { 0 };
    assert_non_null(mkdtemp(p.dir));
    jwk_put_json(p.key, true, &text);
    file_put(p.dir, "key.jwk", buf_slice(&text));
    buf_reset(&text);
    struct jwe_header h = { .kid = SLICE("d1"), .typ = SLICE("nightbell"), .cty = SLICE("application/json") };
    assert_true(jwe_seal(p.key, &h, SLICE("{\"bed\":\"12\"}"), &text, &err));
    file_put(p.dir, "sealed", buf_slice(&text));
    buf_reset(&text);
    assert_true(jws_sign(p.key, SLICE("d1"), SLICE("{\"bed\":\"13\"}"), &text, &err));
    file_put(p.dir, "signed", buf_slice(&text));
    buf_free(&text);
    return p;
}

static void peer_files_drop(struct peer_files *p)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    jwk_free(&p->key);
}

static void libjose_opens_and_verifies_ours(void **state)
{
    (void)state;
    char command[512];
    if (system("command -v jose >/dev/null 2>&1") != 0) {
        print_message("skipped: the jose command is not installed\n");
        skip();
    }
    struct peer_files p = peer_files_make();
    snprintf(command, sizeof command, "jose jwe dec -i %s/sealed -k %s/key.jwk", p.dir, p.dir);
    run_and_expect(command, "{\"bed\":\"12\"}");
    snprintf(command, sizeof command, "jose jws ver -i %s/signed -k %s/key.jwk -O-", p.dir, p.dir);
    run_and_expect(command, "{\"bed\":\"13\"}");
    peer_files_drop(&p);
}

static void we_verify_what_libjose_signs(void **state)
{
    (void)state;
    char command[512], text[4096];
    if (system("command -v jose >/dev/null 2>&1") != 0) {
        print_message("skipped: the jose command is not installed\n");
        skip();
    }
    struct peer_files p = peer_files_make();
    struct buf payload = buf_make(64);
    struct error err = { 0 };
    file_put(p.dir, "plain", SLICE("delivered"));
    snprintf(command, sizeof command, "jose jws sig -c -I %s/plain -k %s/key.jwk -o-", p.dir, p.dir);
    FILE *f = popen(command, "r");
    size_t len = fread(text, 1, sizeof text, f);
    assert_int_equal(pclose(f), 0);
    assert_true(jws_verify(p.key, slice_trim((struct slice){ text, len }), &payload, &err));
    assert_true(slice_is(buf_slice(&payload), "delivered"));
    buf_free(&payload);
    peer_files_drop(&p);
}

/* node's jose is what the inbox opens with; it is there once the web app was installed. */
static void nodes_jose_opens_and_verifies_ours(void **state)
{
    (void)state;
    char command[2048];
    if (system("command -v node >/dev/null 2>&1") != 0 ||
        access(PROJECT_DIR "/inbox/node_modules/jose", R_OK) != 0) {
        print_message("skipped: node or inbox/node_modules/jose is not installed\n");
        skip();
    }
    struct peer_files p = peer_files_make();
    file_put(p.dir, "open.mjs",
             SLICE("import { readFileSync as read } from 'node:fs';\n"
                   "import { webcrypto } from 'node:crypto';\n"
                   "if (!globalThis.crypto) globalThis.crypto = webcrypto;\n" /* Node 18 has it under no other
                                                                                 name */
                   "const [, , project, dir] = process.argv;\n"
                   "import { createRequire } from 'node:module';\n"
                   "const at = createRequire(project + '/inbox/package.json').resolve('jose');\n"
                   "const jose = await import(at);\n"
                   "const jwk = JSON.parse(read(dir + '/key.jwk'));\n"
                   "const open = await jose.importJWK(jwk, 'ECDH-ES');\n"
                   "const { d, ...pub } = jwk;\n"
                   "const check = await jose.importJWK(pub, 'ES256');\n"
                   "const a = await jose.compactDecrypt(read(dir + '/sealed', 'utf8'), open);\n"
                   "const b = await jose.compactVerify(read(dir + '/signed', 'utf8'), check);\n"
                   "process.stdout.write(Buffer.from(a.plaintext).toString() + Buffer.from(b.payload) +\n"
                   "  a.protectedHeader.kid + a.protectedHeader.cty);\n"));
    snprintf(command, sizeof command, "node %s/open.mjs '%s' %s", p.dir, PROJECT_DIR, p.dir);
    run_and_expect(command, "{\"bed\":\"12\"}{\"bed\":\"13\"}d1application/json");
    peer_files_drop(&p);
}

/* node's own WebCrypto: the same engine family as the browser, no package needed. */
static void webcrypto_opens_ours(void **state)
{
    (void)state;
    char command[512];
    if (system("command -v node >/dev/null 2>&1") != 0) {
        print_message("skipped: node is not installed\n");
        skip();
    }
    struct peer_files p = peer_files_make();
    file_put(
        p.dir, "open.mjs",
        SLICE(
            "import { readFileSync as read } from 'node:fs';\n"
            "import { webcrypto } from 'node:crypto';\n"
            "const { subtle } = webcrypto, dir = process.argv[2], p256 = { name: 'ECDH', namedCurve: 'P-256' "
            "};\n"
            "const [h, , iv, ct, tag] = read(dir + '/sealed', 'utf8').split('.');\n"
            "const un = (t) => Buffer.from(t, 'base64url'), be = (n) => { const b = Buffer.alloc(4); "
            "b.writeUInt32BE(n); return b; };\n"
            "const head = JSON.parse(un(h)), jwk = JSON.parse(read(dir + '/key.jwk'));\n"
            "const mine = await subtle.importKey('jwk', jwk, p256, false, ['deriveBits']);\n"
            "const epk = await subtle.importKey('jwk', head.epk, p256, false, []);\n"
            "const z = Buffer.from(await subtle.deriveBits({ name: 'ECDH', public: epk }, mine, 256));\n"
            "const info = Buffer.concat([be(1), z, be(7), Buffer.from('A256GCM'), be(0), be(0), be(256)]);\n"
            "const cek = await subtle.importKey('raw', await subtle.digest('SHA-256', info), 'AES-GCM', "
            "false, ['decrypt']);\n"
            "const out = await subtle.decrypt({ name: 'AES-GCM', iv: un(iv), additionalData: Buffer.from(h) "
            "}, cek,\n"
            "  Buffer.concat([un(ct), un(tag)]));\n"
            "process.stdout.write(Buffer.from(out));\n"));
    snprintf(command, sizeof command, "node %s/open.mjs %s", p.dir, p.dir);
    run_and_expect(command, "{\"bed\":\"12\"}");
    peer_files_drop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concat_kdf_is_that_of_rfc_7518),
        cmocka_unit_test(a_jwk_is_checked_when_it_comes_in),
        cmocka_unit_test(a_jwk_goes_out_and_comes_back),
        cmocka_unit_test(what_is_sealed_opens),
        cmocka_unit_test(what_is_not_exactly_ours_is_refused),
        cmocka_unit_test(no_changed_character_is_taken),
        cmocka_unit_test(es256_is_that_of_rfc_7515),
        cmocka_unit_test(only_es256_is_verified),
        cmocka_unit_test(a_signature_is_of_these_bytes),
        cmocka_unit_test(libjose_opens_and_verifies_ours),
        cmocka_unit_test(we_verify_what_libjose_signs),
        cmocka_unit_test(nodes_jose_opens_and_verifies_ours),
        cmocka_unit_test(webcrypto_opens_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
