#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"

/* The published test values: splitmix64 seeded with 1234567, xoshiro256** on the state 1, 2, 3, 4. */
static void gives_the_published_numbers(void **state)
{
    static const uint64_t seeded[] = { UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                       UINT64_C(9817491932198370423), UINT64_C(4593380528125082431) };
    static const uint64_t drawn[] = { 11520,
                                      0,
                                      UINT64_C(1509978240),
                                      UINT64_C(1215971899390074240),
                                      UINT64_C(1216172134540287360),
                                      UINT64_C(607988272756665600),
                                      UINT64_C(16172922978634559625),
                                      UINT64_C(8476171486693032832),
                                      UINT64_C(10595114339597558777),
                                      UINT64_C(2904607092377533576) };
    struct prng p = prng_make(1234567), q = { { 1, 2, 3, 4 } };
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_true(p.s[i] == seeded[i]);
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++)
        assert_true(prng_next(&q) == drawn[i]);
}

static void below_stays_below_and_reaches_all(void **state)
{
    struct prng p = prng_make(3);
    unsigned hits[7] = { 0 };
    (void)state;
    for (int i = 0; i < 70000; i++)
        hits[prng_below(&p, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(hits[i], 9500, 10500);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(prng_below(&p, 1), 0);
        assert_true(prng_below(&p, UINT64_MAX) < UINT64_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_numbers),
        cmocka_unit_test(below_stays_below_and_reaches_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
