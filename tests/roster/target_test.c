/* Targets written, read back, and said in words; broken bytes are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "roster/target.h"

#define S(text) SLICE_INIT(text)

static const struct row {
    struct who who[3];
    size_t count;
    const char *text;
} ROWS[] = {
    { { { WHO_ROLE, S("primary-nurse"), S("") }, { WHO_ROLE, S("charge-nurse"), S("5W") } },
      2,
      "primary-nurse else charge-nurse of \"5W\"" },
    { { { WHO_ONCALL, S("rapid-response"), S("") } }, 1, "oncall rapid-response" },
    { { { WHO_ONCALL, S("consult"), S("renal") } }, 1, "oncall consult of renal" },
    { { { WHO_GROUP, S("code-team"), S("") } }, 1, "group code-team" },
    { { { WHO_DESK, S("biomed"), S("") }, { WHO_UNIT_DESK, S(""), S("") } },
      2,
      "desk biomed else unit-desk" },
    { { { WHO_EVERYONE, S(""), S("5W") } }, 1, "everyone of \"5W\"" },
    { { { WHO_TURN, S("float"), S("") }, { WHO_LEAST, S("float"), S("") } },
      2,
      "turn of group float else least of group float" },
    { { { WHO_COVERING, S("medicine"), S("d1") } }, 1, "covering d1 via oncall medicine" },
    { { { WHO_COVERING, S("medicine"), S("") } }, 1, "covering ? via oncall medicine" },
    { { { WHO_ROLE, S(""), S("") } }, 0, "" },
};

static void round_trips(void **state)
{
    struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct target t = { ROWS[i].who, ROWS[i].count }, back;
        struct buf bytes = buf_make(4096), text = buf_make(4096);
        struct reader in;

        target_write(&bytes, &t);
        in = reader_make(buf_slice(&bytes));
        assert_true(target_read(&in, a, &back));
        assert_true(reader_done(&in));
        target_text(&text, &back);
        if (!slice_is(buf_slice(&text), ROWS[i].text))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(buf_slice(&text)));
        /* Every shorter piece is refused, whole. */
        for (size_t cut = 0; cut < bytes.len; cut++) {
            in = reader_make(slice_sub(buf_slice(&bytes), 0, cut));
            assert_false(target_read(&in, a, &back));
            assert_int_equal(back.count, 0);
        }
        buf_free(&bytes);
        buf_free(&text);
    }
    arena_free(&a);
}

static void bad_bytes_are_refused(void **state)
{
    static const char unknown_kind[] = { 1, 9, 0, 0, 0, 0, 0, 0, 0, 0 };
    static const char too_many[] = { (char)200, 0 };
    struct arena *a = arena_new();
    struct target t;
    struct reader in = reader_make((struct slice){ unknown_kind, sizeof unknown_kind });

    (void)state;
    assert_false(target_read(&in, a, &t));
    in = reader_make((struct slice){ too_many, sizeof too_many });
    assert_false(target_read(&in, a, &t));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(round_trips),
                                        cmocka_unit_test(bad_bytes_are_refused) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
