/* Lane time: never back, at its rate, on from where the journal ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "adapters/net/clock.h"
#include "base/time.h"

static void an_empty_journal_begins_at_wall_time(void **state)
{
    struct lane_clock c = lane_clock_start(0, 0, 1000);
    int64_t off = lane_clock_now(&c) - clock_wall_us();

    (void)state;
    assert_true(off > -TIME_S && off < TIME_S);
}

static void time_runs_at_its_rate_and_never_back(void **state)
{
    static const uint32_t rates[] = { 100, 1000, 60000, 1000000 };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct lane_clock c = lane_clock_start(0, 0, rates[i]);
        int64_t boot = clock_boot_us(), lane = lane_clock_now(&c), last = lane;
        for (int n = 0; n < 2000; n++) {
            int64_t now = lane_clock_now(&c);
            assert_true(now >= last);
            last = now;
        }
        usleep(20000);
        int64_t passed = lane_clock_now(&c) - lane, real = clock_boot_us() - boot;
        assert_true(passed >= 20 * (int64_t)rates[i]);
        assert_true(passed <= (real + 2000) * rates[i] / 1000);
    }
}

static void it_goes_on_from_the_last_append(void **state)
{
    int64_t wall = clock_wall_us(), lane = INT64_C(1000) * TIME_HOUR;
    struct lane_clock away = lane_clock_start(lane, wall - TIME_HOUR, 1000);
    struct lane_clock back = lane_clock_start(lane, wall + TIME_HOUR, 1000); /* the wall clock was set back */
    struct lane_clock fast = lane_clock_start(lane, wall - TIME_MIN, 60000);

    (void)state;
    assert_true(lane_clock_now(&away) >= lane + TIME_HOUR);
    assert_true(lane_clock_now(&away) < lane + TIME_HOUR + 5 * TIME_S);
    assert_true(lane_clock_now(&back) >= lane && lane_clock_now(&back) < lane + 5 * TIME_S);
    assert_true(lane_clock_now(&fast) >= lane + TIME_HOUR);
    assert_true(lane_clock_now(&fast) < lane + TIME_HOUR + 300 * TIME_S);
}

static void a_deadline_is_so_far_away_in_real_time(void **state)
{
    struct lane_clock c = lane_clock_start(0, 0, 60000);
    int64_t now = lane_clock_now(&c), wait = lane_clock_until(&c, now + TIME_HOUR);

    (void)state;
    assert_true(wait <= TIME_MIN && wait > TIME_MIN - TIME_S);
    assert_int_equal(lane_clock_until(&c, now - 1), 0);
    assert_int_equal(lane_clock_real(&c, TIME_HOUR), TIME_MIN);
    assert_true(lane_clock_until(&c, INT64_MAX) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_journal_begins_at_wall_time),
        cmocka_unit_test(time_runs_at_its_rate_and_never_back),
        cmocka_unit_test(it_goes_on_from_the_last_append),
        cmocka_unit_test(a_deadline_is_so_far_away_in_real_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
