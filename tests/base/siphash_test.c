/* The vectors of the SipHash paper's reference: key 00..0f, bytes 00, 01, 02 ... */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/siphash.h"

static void the_published_vectors_hold(void **state)
{
    static const struct {
        size_t length;
        uint64_t hash;
    } ROWS[] = {
        { 0, UINT64_C(0x726fdb47dd0e0e31) }, { 1, UINT64_C(0x74f839c593dc67fd) },
        { 2, UINT64_C(0x0d6c8009d9a94f5a) }, { 3, UINT64_C(0x85676696d7fb7e2d) },
        { 8, UINT64_C(0x93f5f5799a932462) }, { 15, UINT64_C(0xa129ca6149be45e5) },
    };
    uint8_t key[16];
    char bytes[16];

    (void)state;
    for (int i = 0; i < 16; i++) {
        key[i] = (uint8_t)i;
        bytes[i] = (char)i;
    }
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        assert_true(siphash(key, (struct slice){ bytes, ROWS[i].length }) == ROWS[i].hash);
    assert_true(siphash(key, (struct slice){ NULL, 0 }) == ROWS[0].hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_published_vectors_hold) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
