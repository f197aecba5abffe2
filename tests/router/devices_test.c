/* Enrolment, tokens, answers that may count, gateways, counters and explain. */
#include "tests/router/fixture.h"

static void begin(struct play *p)
{
    play_begin(p, "2026-10-14T19:00:00Z", true);
}

static bool issue(struct play *p, uint8_t n, const char *holder)
{
    struct core_input in = { .kind = INPUT_CODE };

    in.as.code.what = CODE_ISSUED;
    in.as.code.hash[0] = n;
    in.as.code.holder = slice_of(holder);
    in.as.code.expires_us = p->lab->now_us + 10 * TIME_MIN;
    return lab_input(p->lab, &in) && p->lab->last.done;
}

static bool enrol(struct play *p, uint8_t n, const char *holder, uint64_t device)
{
    struct core_input in = { .kind = INPUT_DEVICE };

    in.as.device.device = device;
    in.as.device.holder = slice_of(holder);
    in.as.device.code_hash[0] = n;
    return lab_input(p->lab, &in) && p->lab->last.done;
}

static void a_code_works_once_and_for_ten_minutes(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_false(issue(&p, 1, "nobody-here"));
    assert_int_equal(p.lab->last.error.code, ERROR_UNKNOWN);
    assert_true(issue(&p, 1, "mei"));
    assert_false(enrol(&p, 2, "mei", 5)); /* another code */
    assert_false(enrol(&p, 1, "ana", 5)); /* somebody else's */
    assert_true(enrol(&p, 1, "mei", 5));
    assert_false(enrol(&p, 1, "mei", 6)); /* used */
    assert_true(issue(&p, 3, "mei"));
    lab_until(p.lab, p.lab->now_us + 10 * TIME_MIN);
    assert_false(enrol(&p, 3, "mei", 6));
    assert_string_equal(p.lab->last.error.message, "this code has expired");
    play_end(&p);
}

static void wrong_guesses_kill_a_code(void **state)
{
    struct play p;
    struct core_input wrong = { .kind = INPUT_CODE };
    struct error err = { .code = ERROR_NONE };
    struct slice holder;
    uint8_t hash[32] = { 1 };

    (void)state;
    begin(&p);
    assert_true(issue(&p, 1, "mei"));
    wrong.as.code.what = CODE_WRONG;
    wrong.as.code.hash[0] = 9;
    wrong.as.code.holder = SLICE("mei");
    for (int i = 0; i < LIMIT_ENROL_ATTEMPTS; i++) {
        assert_true(core_code(p.lab->core, hash, p.lab->now_us, &holder, &err));
        assert_true(lab_input(p.lab, &wrong));
    }
    assert_false(core_code(p.lab->core, hash, p.lab->now_us, &holder, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_false(enrol(&p, 1, "mei", 5));
    play_end(&p);
}

static void a_holder_has_at_most_so_many_devices(void **state)
{
    struct play p;

    (void)state;
    begin(&p); /* ana has one */
    for (uint8_t i = 0; i < LIMIT_DEVICES_PER_HOLDER; i++) {
        assert_true(issue(&p, i, "ana"));
        assert_int_equal(enrol(&p, i, "ana", 50u + i), i + 1 < LIMIT_DEVICES_PER_HOLDER);
    }
    assert_int_equal(p.lab->last.error.code, ERROR_LIMIT);
    play_end(&p);
}

static void every_phone_rings_and_a_revoked_one_counts_as_failed(void **state)
{
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "vfib" };
    struct core_input revoke = { .kind = INPUT_DEVICE };

    (void)state;
    begin(&p);
    assert_true(issue(&p, 1, "ana") && enrol(&p, 1, "ana", 50));
    lab_silent(p.lab, "ana", true);
    assert_true(send_alarm(&p, &w));
    assert_true(slice_is(p.lab->heard[0].holder, "ana") && slice_is(p.lab->heard[1].holder, "ana"));
    revoke.as.device.revoke = true;
    for (size_t i = 0; i < 2; i++) {
        revoke.as.device.device = p.lab->heard[i].device;
        assert_true(lab_input(p.lab, &revoke) && p.lab->last.done);
    }
    /* Both are gone: the charge nurse is told at once. */
    bool carla = false;
    for (size_t i = 0; i < p.lab->heard_count; i++)
        carla = carla || slice_is(p.lab->heard[i].holder, "carla");
    assert_true(carla);
    assert_true(lab_answer(p.lab, "ana", ANSWER_ACCEPT, ""));
    assert_int_equal(p.lab->last.answer, ANSWER_UNKNOWN); /* a revoked device has nothing to say */
    play_end(&p);
}

static void only_the_owner_of_a_delivery_may_answer_and_once(void **state)
{
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "vfib" };
    struct core_input in = { .kind = INPUT_ANSWER };

    (void)state;
    begin(&p);
    assert_true(send_alarm(&p, &w));
    in.as.answer = (struct answer){ .device = p.lab->heard[1].device,
                                    .delivery = p.lab->heard[0].delivery,
                                    .kind = ANSWER_ACCEPT };
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.answer, ANSWER_UNKNOWN);
    in.as.answer.device = p.lab->heard[0].device;
    in.as.answer.kind = ANSWER_READBACK; /* not among this message's replies */
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.answer, ANSWER_REFUSED);
    in.as.answer.kind = ANSWER_ACCEPT;
    in.as.answer.nonce[3] = 9;
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.answer, ANSWER_TAKEN);
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.answer, ANSWER_REPEATED);
    assert_int_equal(lab_counter(p.lab, "accepts"), 1);
    /* fyi asks no answer. */
    in.as.answer.device = p.lab->heard[1].device;
    in.as.answer.delivery = p.lab->heard[1].delivery;
    in.as.answer.nonce[3] = 10;
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.answer, ANSWER_REFUSED);
    play_end(&p);
}

static void tokens_are_kept_by_their_hash(void **state)
{
    struct play p;
    struct core_input in = { .kind = INPUT_TOKEN };
    struct slice name;
    uint8_t other[32] = { 8 };

    (void)state;
    begin(&p);
    in.as.token.listener = SLICE("telemetry");
    in.as.token.name = SLICE("gateway-1");
    in.as.token.hash[0] = 7;
    assert_true(lab_input(p.lab, &in) && p.lab->last.done);
    assert_true(core_token(p.lab->core, SLICE("telemetry"), in.as.token.hash, &name));
    assert_true(slice_is(name, "gateway-1"));
    assert_false(core_token(p.lab->core, SLICE("nak"), in.as.token.hash, &name));
    assert_false(core_token(p.lab->core, SLICE("telemetry"), other, &name));
    in.as.token.remove = true;
    assert_true(lab_input(p.lab, &in) && p.lab->last.done);
    assert_false(core_token(p.lab->core, SLICE("telemetry"), in.as.token.hash, &name));
    assert_true(lab_input(p.lab, &in)); /* there is none any more: a misspelt name must not look removed */
    assert_false(p.lab->last.done);
    assert_int_equal(p.lab->last.error.code, ERROR_UNKNOWN);
    play_end(&p);
}

static void assignments_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *what, *bed;
        int64_t until_us;
        bool done;
        enum error_code code;
    } cases[] = {
        { "a bed of the unit", "12", TIME_NONE, true, ERROR_NONE },
        { "a bed that it has not", "99", TIME_NONE, false, ERROR_UNKNOWN },
        { "until a moment past", "12", 1, false, ERROR_VALUE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct play p;
        struct slice bed = slice_of(cases[i].bed);
        struct core_input in = { .kind = INPUT_ASSIGN };

        begin(&p);
        in.as.assign = (struct assign_input){ .person = SLICE("ben"),
                                              .role = SLICE("primary-nurse"),
                                              .unit = SLICE("5W"),
                                              .beds = &bed,
                                              .bed_count = 1,
                                              .until_us = cases[i].until_us };
        lab_input(p.lab, &in);
        if (p.lab->last.done != cases[i].done || p.lab->last.error.code != cases[i].code)
            fail_msg("%s", cases[i].what);
        play_end(&p);
    }
}

static void outstanding(void *ctx, const struct effect *e)
{
    (void)e;
    (*(size_t *)ctx)++;
}

static void a_phone_that_comes_back_gets_what_is_still_open(void **state)
{
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "vfib" };
    size_t all = 0, hers = 0;

    (void)state;
    begin(&p);
    lab_silent(p.lab, "ana", true);
    assert_true(send_alarm(&p, &w));
    core_outstanding(p.lab->core, 0, outstanding, &all);
    assert_int_equal(all, 1); /* the desk's has arrived */
    uint64_t desk = p.lab->heard[1].device;
    core_outstanding(p.lab->core, desk, outstanding, &hers);
    assert_int_equal(hers, 1); /* shown again while the alert is open */
    w.phase = "end";
    assert_true(lab_answer(p.lab, "ana", ANSWER_ACCEPT, ""));
    lab_until(p.lab, p.lab->now_us + TIME_S);
    assert_true(send_alarm(&p, &w));
    hers = 0;
    core_outstanding(p.lab->core, desk, outstanding, &hers);
    assert_int_equal(hers, 0);
    play_end(&p);
}

static void explain_tells_the_story(void **state)
{
    static const char *const SAYS[] = { "alarm vfib starts at 5W-12", "owned by lethal-arrhythmia",
                                        "told Ana Ruiz RN",           "Ana Ruiz RN: received",
                                        "told Carla Weiss RN",        "accepted by Carla Weiss RN",
                                        "closed: resolved",           "\"clock\":\"14:00:30\"" };
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "vfib" };
    struct buf lines = buf_make(1 << 20);

    (void)state;
    begin(&p);
    assert_true(send_alarm(&p, &w));
    uint64_t alert = lab_alert(p.lab);
    lab_until(p.lab, 30 * TIME_S);
    assert_true(lab_answer(p.lab, "carla", ANSWER_ACCEPT, ""));
    lab_until(p.lab, 40 * TIME_S);
    w.phase = "end";
    assert_true(send_alarm(&p, &w));
    for (size_t i = 0; i < p.lab->append_count; i++)
        core_explain(p.lab->core, alert, p.lab->appends[i].first, p.lab->appends[i].records, &lines);
    for (size_t i = 0; i < sizeof SAYS / sizeof SAYS[0]; i++)
        if (!slice_has(buf_slice(&lines), slice_of(SAYS[i])))
            fail_msg("explain does not say \"%s\":\n%.*s", SAYS[i], (int)lines.len, lines.ptr);
    buf_free(&lines);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_works_once_and_for_ten_minutes),
        cmocka_unit_test(wrong_guesses_kill_a_code),
        cmocka_unit_test(a_holder_has_at_most_so_many_devices),
        cmocka_unit_test(every_phone_rings_and_a_revoked_one_counts_as_failed),
        cmocka_unit_test(only_the_owner_of_a_delivery_may_answer_and_once),
        cmocka_unit_test(tokens_are_kept_by_their_hash),
        cmocka_unit_test(assignments_that_cannot_be_are_refused),
        cmocka_unit_test(a_phone_that_comes_back_gets_what_is_still_open),
        cmocka_unit_test(explain_tells_the_story),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
