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

#include "adapters/seal/code.h"
#include "adapters/seal/daykey.h"
#include "adapters/seal/hash.h"

static char dir[64], master_path[128], records_path[128];

static int folder_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/nightbell-keys-XXXXXX");
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(master_path, sizeof master_path, "%s/k/master.key", dir);
    snprintf(records_path, sizeof records_path, "%s/k/records.key", dir);
    return 0;
}

static int folder_drop(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static struct keys *keys_made(void)
{
    char at[128];
    struct error err = { 0 };
    snprintf(at, sizeof at, "%s/k", dir);
    if (access(master_path, F_OK) != 0)
        assert_true(keys_init(at, &err));
    struct keys *k = keys_load(master_path, &err);
    assert_non_null(k);
    return k;
}

static void made_keys_load_and_are_never_replaced(void **state)
{
    (void)state;
    char at[128];
    struct stat st;
    struct error err = { 0 };
    struct keys *k = keys_made(), *again = keys_load(master_path, &err);
    assert_string_equal(keys_name(k), keys_name(again));
    assert_int_equal(strlen(keys_name(k)), 16);
    assert_false(jwk_private(keys_records(k)));
    struct jwk *records = keys_load_records(records_path, &err);
    assert_non_null(records);
    assert_true(jwk_private(records));
    assert_memory_equal(jwk_point(records), jwk_point(keys_records(k)), JWK_POINT);
    assert_int_equal(stat(master_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(at, sizeof at, "%s/k", dir);
    assert_false(keys_init(at, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    jwk_free(&records);
    keys_free(&again);
    keys_free(&k);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
    (void)state;
    struct keys *k = keys_made();
    static const mode_t modes[] = { 0640, 0604, 0660, 0602, 0601, 0777 };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct error err = { 0 };
        chmod(master_path, modes[i]);
        chmod(records_path, modes[i]);
        assert_null(keys_load(master_path, &err));
        assert_int_equal(err.code, ERROR_AUTH);
        assert_null(keys_load_records(records_path, NULL));
    }
    chmod(master_path, 0600);
    chmod(records_path, 0600);
    keys_free(&k);
}

static void what_is_not_a_key_file_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
    } rows[] = {
        { "", ERROR_SYNTAX },
        { "{}", ERROR_SYNTAX },
        { "{\"format\":\"nightbell-master-key\"}", ERROR_SYNTAX },
        { "{\"format\":\"nightbell-master-key\",\"version\":2}", ERROR_VERSION },
        { "{\"format\":\"nightbell-master-key\",\"version\":1,\"key\":\"AAAA\"}", ERROR_SYNTAX },
        { "{\"format\":\"nightbell-records-key\",\"version\":1}", ERROR_SYNTAX },
    };
    char path[128];
    snprintf(path, sizeof path, "%s/odd.key", dir);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = { 0 };
        FILE *f = fopen(path, "w");
        fputs(rows[i].text, f);
        fclose(f);
        chmod(path, 0600);
        assert_null(keys_load(path, &err));
        if (err.code != rows[i].code)
            fail_msg("%s: %s", rows[i].text, err.message);
    }
    struct error err = { 0 };
    assert_null(keys_load("/nonexistent/master.key", &err));
    assert_int_equal(err.code, ERROR_IO);
    error_clear(&err);
    assert_null(keys_load(dir, &err));
    assert_int_equal(err.code, ERROR_SYNTAX);
}

static void a_key_inside_the_data_folder_is_seen(void **state)
{
    (void)state;
    struct keys *k = keys_made();
    char data[128], linked[128], beside[128];
    snprintf(data, sizeof data, "%s/k", dir);
    snprintf(linked, sizeof linked, "%s/link", dir);
    snprintf(beside, sizeof beside, "%s/kk", dir);
    assert_int_equal(symlink(master_path, linked), 0);
    mkdir(beside, 0700);
    assert_true(keys_inside(master_path, data));
    assert_true(keys_inside(linked, data)); /* where it really lies counts */
    assert_true(keys_inside(master_path, dir));
    assert_false(keys_inside(master_path, beside));
    assert_true(keys_inside("/nonexistent", data));
    keys_free(&k);
}

static void sub_keys_differ_by_purpose_and_are_stable(void **state)
{
    (void)state;
    struct keys *k = keys_made();
    uint8_t a[KEYS_BYTES], b[KEYS_BYTES], again[KEYS_BYTES];
    keys_derive(k, "snapshot", a);
    keys_derive(k, "alert-id", b);
    keys_derive(k, "snapshot", again);
    assert_memory_equal(a, again, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
    uint64_t id = keys_alert_id(k, 1, 42, 0);
    assert_true(id == keys_alert_id(k, 1, 42, 0));
    assert_true(id != keys_alert_id(k, 1, 42, 1));
    assert_true(id != keys_alert_id(k, 2, 42, 0));
    assert_true(id != keys_alert_id(k, 1, 43, 0));
    keys_free(&k);
}

static void a_day_key_opens_with_either_key(void **state)
{
    (void)state;
    struct keys *k = keys_made();
    struct error err = { 0 };
    struct jwk *records = keys_load_records(records_path, &err), *other = jwk_generate();
    uint8_t key[DAYKEY_BYTES], back[DAYKEY_BYTES], wrap[DAYKEY_MASTER_WRAP], far[DAYKEY_RECORDS_WRAP];
    struct slice wrap_slice = { (char *)wrap, sizeof wrap }, far_slice = { (char *)far, sizeof far };
    daykey_new(key);
    daykey_wrap_master(k, SLICE("lane 1 day 20000"), key, wrap);
    daykey_wrap_records(keys_records(k), SLICE("lane 1 day 20000"), key, far);
    assert_true(daykey_open_master(k, SLICE("lane 1 day 20000"), wrap_slice, back, &err));
    assert_memory_equal(key, back, sizeof key);
    memset(back, 0, sizeof back);
    assert_true(daykey_open_records(records, SLICE("lane 1 day 20000"), far_slice, back, &err));
    assert_memory_equal(key, back, sizeof key);
    /* Another label, another key, one bit, another length: nothing opens. */
    assert_false(daykey_open_master(k, SLICE("lane 1 day 20001"), wrap_slice, back, NULL));
    assert_false(daykey_open_records(records, SLICE("lane 1 day 20001"), far_slice, back, NULL));
    assert_false(daykey_open_records(other, SLICE("lane 1 day 20000"), far_slice, back, NULL));
    for (size_t bit = 0; bit < sizeof wrap * 8; bit += 3) {
        wrap[bit / 8] = (uint8_t)(wrap[bit / 8] ^ 1U << bit % 8);
        assert_false(daykey_open_master(k, SLICE("lane 1 day 20000"), wrap_slice, back, NULL));
        wrap[bit / 8] = (uint8_t)(wrap[bit / 8] ^ 1U << bit % 8);
    }
    for (size_t bit = 0; bit < sizeof far * 8; bit += 7) {
        far[bit / 8] = (uint8_t)(far[bit / 8] ^ 1U << bit % 8);
        assert_false(daykey_open_records(records, SLICE("lane 1 day 20000"), far_slice, back, NULL));
        far[bit / 8] = (uint8_t)(far[bit / 8] ^ 1U << bit % 8);
    }
    assert_false(daykey_open_master(k, SLICE("lane 1 day 20000"), slice_sub(wrap_slice, 0, 59), back, NULL));
    assert_memory_equal(key, back, sizeof key); /* untouched by what failed */
    jwk_free(&records);
    jwk_free(&other);
    keys_free(&k);
}

static void codes_forgive_how_they_are_typed(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *code;
    } rows[] = {
        { "0AB-1CD-9XZ", "0AB-1CD-9XZ" },
        { "oab icd 9xz", "0AB-1CD-9XZ" },
        { "OABLCD9XZ", "0AB-1CD-9XZ" },
        { " 0ab-1cd-9xz ", "0AB-1CD-9XZ" },
        { "0AB-1CD-9X", NULL },
        { "0AB-1CD-9XZ0", NULL },
        { "0AB-1CD-9XU", NULL },
        { "0AB_1CD_9XZ", NULL },
        { "", NULL },
        { "---", NULL },
    };
    struct keys *k = keys_made();
    uint8_t good[CODE_HASH], hash[CODE_HASH];
    char code[CODE_TEXT];
    assert_true(code_hash(k, SLICE("0AB-1CD-9XZ"), good));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool ok = code_normal(slice_of(rows[i].typed), code);
        assert_int_equal(ok, rows[i].code != NULL);
        assert_int_equal(code_hash(k, slice_of(rows[i].typed), hash), ok);
        if (ok) {
            assert_string_equal(code, rows[i].code);
            assert_memory_equal(hash, good, sizeof hash);
        }
    }
    assert_false(code_normal((struct slice){ "0AB-1CD-9X\0", 11 }, code));
    keys_free(&k);
}

static void codes_and_tokens_are_fresh(void **state)
{
    (void)state;
    char codes[200][CODE_TEXT], token[TOKEN_TEXT], other[TOKEN_TEXT], back[CODE_TEXT];
    uint8_t hash[CODE_HASH], again[CODE_HASH];
    for (size_t i = 0; i < 200; i++) {
        code_new(codes[i]);
        assert_true(code_normal(slice_of(codes[i]), back));
        assert_string_equal(codes[i], back);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(codes[i], codes[j]);
    }
    token_new(token);
    token_new(other);
    assert_string_not_equal(token, other);
    assert_true(token_hash(slice_of(token), hash) && token_hash(slice_of(token), again));
    assert_memory_equal(hash, again, sizeof hash);
    assert_true(token_hash(slice_of(other), again));
    assert_memory_not_equal(hash, again, sizeof hash);
    assert_false(token_hash(SLICE("nb_short"), hash));
    assert_false(token_hash(SLICE(""), hash));
    token[0] = 'x';
    assert_false(token_hash(slice_of(token), hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_keys_load_and_are_never_replaced),
        cmocka_unit_test(a_key_that_others_may_read_is_refused),
        cmocka_unit_test(what_is_not_a_key_file_is_refused),
        cmocka_unit_test(a_key_inside_the_data_folder_is_seen),
        cmocka_unit_test(sub_keys_differ_by_purpose_and_are_stable),
        cmocka_unit_test(a_day_key_opens_with_either_key),
        cmocka_unit_test(codes_forgive_how_they_are_typed),
        cmocka_unit_test(codes_and_tokens_are_fresh),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_drop);
}
