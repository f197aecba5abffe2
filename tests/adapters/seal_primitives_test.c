#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "adapters/seal/aead.h"
#include "adapters/seal/hash.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"

static struct slice hex(const char *text, struct buf *b)
{
    *b = buf_make(4096);
    assert_true(hex_decode(slice_of(text), b));
    return buf_slice(b);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    struct buf b = buf_make(4096);
    hex_put(&b, (struct slice){ (const char *)bytes, len });
    assert_true(slice_is(buf_slice(&b), expected));
    buf_free(&b);
}

static void sha256_is_that_of_fips_180(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hash;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t hash[HASH_BYTES], parts_hash[HASH_BYTES];
        struct slice all = slice_of(rows[i].text);
        struct slice parts[] = { slice_sub(all, 0, 2), slice_sub(all, 2, all.len), { NULL, 0 } };
        hash_sha256(all, hash);
        hash_sha256_parts(parts, 3, parts_hash);
        assert_hex(hash, sizeof hash, rows[i].hash);
        assert_memory_equal(hash, parts_hash, sizeof hash);
    }
}

static void hmac_is_that_of_rfc_4231(void **state)
{
    (void)state;
    uint8_t mac[HASH_BYTES];
    hash_hmac(SLICE("Jefe"), SLICE("what do ya want for nothing?"), mac);
    assert_hex(mac, sizeof mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void hkdf_is_that_of_rfc_5869(void **state)
{
    (void)state;
    struct buf ikm, salt, info;
    uint8_t okm[82];
    hash_hkdf(hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", &ikm),
              hex("000102030405060708090a0b0c", &salt), hex("f0f1f2f3f4f5f6f7f8f9", &info), okm, 42);
    assert_hex(okm, 42,
               "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    hash_hkdf(buf_slice(&ikm), SLICE(""), SLICE(""), okm, 42); /* test case 3 */
    assert_hex(okm, 42,
               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    buf_free(&ikm);
    buf_free(&salt);
    buf_free(&info);
}

static void equal_is_by_length_and_bytes(void **state)
{
    (void)state;
    assert_true(hash_equal(SLICE("abc"), SLICE("abc")));
    assert_false(hash_equal(SLICE("abc"), SLICE("abd")));
    assert_false(hash_equal(SLICE("abc"), SLICE("ab")));
    assert_true(hash_equal((struct slice){ NULL, 0 }, SLICE("")));
}

/* The GCM specification's test cases 13, 14 and 16 (AES-256). */
static void gcm_is_that_of_the_specification(void **state)
{
    (void)state;
    static const struct {
        const char *key, *nonce, *aad, *plain, *sealed;
    } rows[] = {
        { "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
          "", "530f8afbc74536b9a963b4f1c4cb738b" },
        { "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
          "00000000000000000000000000000000",
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919" },
        { "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b1"
          "6a"
          "edf5aa0de657ba637b39",
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5"
          "f6"
          "1e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf key, nonce, aad, plain, out = buf_make(4096), back = buf_make(4096);
        hex(rows[i].key, &key);
        hex(rows[i].nonce, &nonce);
        hex(rows[i].aad, &aad);
        hex(rows[i].plain, &plain);
        struct aead *a = aead_new((uint8_t *)key.ptr);
        for (int again = 0; again < 2; again++) { /* a context is used more than once */
            buf_reset(&out);
            buf_reset(&back);
            assert_true(aead_seal(a, (uint8_t *)nonce.ptr, buf_slice(&aad), buf_slice(&plain), &out));
            assert_hex((uint8_t *)out.ptr, out.len, rows[i].sealed);
            assert_true(aead_open(a, (uint8_t *)nonce.ptr, buf_slice(&aad), buf_slice(&out), &back));
            assert_true(slice_eq(buf_slice(&back), buf_slice(&plain)));
        }
        aead_free(&a);
        struct buf *all[] = { &key, &nonce, &aad, &plain, &out, &back };
        for (size_t k = 0; k < 6; k++)
            buf_free(all[k]);
    }
}

static void a_changed_seal_does_not_open(void **state)
{
    (void)state;
    uint8_t key[AEAD_KEY], nonce[AEAD_NONCE];
    struct buf out = buf_make(4096), back = buf_make(4096);
    seal_random(key, sizeof key);
    seal_random(nonce, sizeof nonce);
    struct aead *a = aead_new(key);
    assert_true(aead_seal(a, nonce, SLICE("row 7"), SLICE("VFIB bed 12"), &out));
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        out.ptr[bit / 8] = (char)(out.ptr[bit / 8] ^ 1 << bit % 8);
        assert_false(aead_open(a, nonce, SLICE("row 7"), buf_slice(&out), &back));
        assert_int_equal(back.len, 0);
        out.ptr[bit / 8] = (char)(out.ptr[bit / 8] ^ 1 << bit % 8);
    }
    assert_false(aead_open(a, nonce, SLICE("row 8"), buf_slice(&out), &back));
    assert_false(aead_open(a, nonce, SLICE("row 7"), slice_sub(buf_slice(&out), 0, 15), &back));
    assert_true(aead_open(a, nonce, SLICE("row 7"), buf_slice(&out), &back));
    struct buf small = buf_make(4);
    assert_false(aead_seal(a, nonce, SLICE(""), SLICE("too long for it"), &small));
    buf_free(&small);
    buf_free(&out);
    buf_free(&back);
    aead_free(&a);
    aead_free(&a);
    aead_free(NULL);
}

static void *hash_in_thread(void *ctx)
{
    hash_sha256(SLICE("abc"), ctx);
    return NULL;
}

static void each_thread_has_its_own_contexts(void **state)
{
    (void)state;
    pthread_t threads[4];
    uint8_t hashes[4][HASH_BYTES];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, hashes[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_memory_equal(hashes[i], hashes[0], HASH_BYTES);
    }
}

static void random_bytes_differ(void **state)
{
    (void)state;
    static uint8_t large[200000];
    seal_random(large, sizeof large);
    assert_int_not_equal(memcmp(large, large + 100000, 32), 0);
    assert_true(seal_random_u64() != seal_random_u64());
    seal_random(large, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_that_of_fips_180),       cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(hkdf_is_that_of_rfc_5869),         cmocka_unit_test(equal_is_by_length_and_bytes),
        cmocka_unit_test(gcm_is_that_of_the_specification), cmocka_unit_test(a_changed_seal_does_not_open),
        cmocka_unit_test(each_thread_has_its_own_contexts), cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
