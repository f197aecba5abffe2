/* What the journal keeps of a decision, the state at a time, and drills, through the whole core. */
#include "events/canonical.h"
#include "tests/router/fixture.h"

static const char NIGHT[] = "2026-10-14T07:10:00Z"; /* 02:10 in Chicago */

/* The story so far, as explain prints it. */
static struct slice story(struct play *p, uint64_t alert, int64_t until_us, bool state)
{
    struct story s = { .alert = alert, .until_us = until_us, .arena = p->lab->arena };
    struct buf out = buf_make(1 << 22);

    for (size_t i = 0; i < p->lab->append_count; i++)
        if (!core_story(p->lab->core, &s, p->lab->appends[i].first, p->lab->appends[i].records, &out))
            break;
    if (state) {
        buf_reset(&out);
        core_story_state(p->lab->core, &s, &out);
    }
    struct slice kept = arena_copy(p->lab->arena, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static void has(struct slice text, const char *part)
{
    if (!slice_has(text, slice_of(part)))
        fail_msg("no %s in %.*s", part, SLICE_ARG(text));
}

static void the_decision_keeps_what_was_known(void **state)
{
    struct play p;

    (void)state;
    play_begin(&p, NIGHT, false);
    play_script(&p, "admit and ring",
                "0s admit 77 12\n0s flag 77\n0s assign dora primary-nurse 5W 1h\n"
                "1s send start bed-exit bed 12\n1s expect dora urgent\n1s expect noor urgent",
                0);
    struct slice text = story(&p, lab_alert(p.lab), INT64_MAX, false);
    has(text, "\"fate\":\"owned\",\"rule\":\"bed-exit-night-fall-risk\"");
    has(text, "{\"name\":\"patient.flags\",\"value\":\"fall-risk\",\"from\":\"census\"}");
    has(text, "{\"rule\":\"bed-exit\",\"fate\":\"beaten\"");
    has(text, "matched; bed-exit-night-fall-risk is narrower");
    has(text, "\"reason\":\"override until 03:10, primary-nurse of 5W\"");
    assert_false(slice_has(text, SLICE("\"roster\":0,")));
    play_end(&p);
}

static void a_default_says_why_the_rules_did_not_match(void **state)
{
    struct play p;

    (void)state;
    play_begin(&p, NIGHT, true);
    play_script(&p, "vfib of another listener", "0s send start vfib bed 12 listener oneshot\n0s expect ana",
                0);
    struct slice text = story(&p, lab_alert(p.lab), INT64_MAX, false);
    has(text, "\"fate\":\"default\",\"rule\":\"default\"");
    has(text, "{\"rule\":\"lethal-arrhythmia\",\"fate\":\"no\"");
    has(text, "source is oneshot, not telemetry");
    struct listed *rows;
    size_t count;
    core_list(p.lab->core, SLICE("unowned"), p.lab->arena, &rows, &count);
    assert_int_equal(count, 1);
    assert_true(slice_is(rows[0].what, "alarm lethal") && slice_is(rows[0].key, "vfib"));
    play_end(&p);
}

static void the_state_at_a_time_is_that_of_the_records(void **state)
{
    static const struct {
        int64_t at_s;
        const char *state, *taken_by;
    } rows[] = {
        { -1, "not there yet", "" },
        { 0, "notifying", "" },
        { 35, "notifying", "" },
        { 41, "accepted", "Carla Weiss RN" },
        { 50, "resolved", "Carla Weiss RN" },
    };
    struct play p;

    (void)state;
    play_begin(&p, NIGHT, false);
    play_script(&p, "a life",
                "0s send start vfib bed 12\n0s expect ana urgent\n0s expect tele-room urgent fyi\n30s expect "
                "carla urgent\n"
                "40s say carla accept\n50s send end vfib bed 12\n51s nothing",
                0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice text =
            story(&p, lab_alert(p.lab), p.lab->options.wall_us + p.open_us + rows[i].at_s * TIME_S, true);
        char want[128];
        snprintf(want, sizeof want, "\"state\":\"%s\"", rows[i].state);
        has(text, want);
        snprintf(want, sizeof want, "\"taken_by\":\"%s\"", rows[i].taken_by);
        has(text, want);
    }
    play_end(&p);
}

static uint64_t nth_alert(struct play *p, unsigned nth)
{
    struct alert_row *rows;
    size_t count, before = 0;

    core_alerts(p->lab->core, p->lab->arena, &rows, &count);
    for (size_t i = 0; i < count; i++, before = 0) {
        for (size_t k = 0; k < count; k++)
            before += rows[k].number < rows[i].number;
        if (before + 1 == nth)
            return rows[i].alert;
    }
    fail_msg("no alert %u", nth);
    return 0;
}

/* What clauses hold back, join and open again is the state then, too. */
static void the_state_at_a_time_knows_the_clauses(void **state)
{
    static const char RULES[] =
        "rule brady { title \"t\" when alarm starts and code is bradycardia\n"
        "  dedupe 10min by unit, bed  bundle 2min by unit\n"
        "  notify primary-nurse  after 10min if not accepted notify desk operator }\n";
    static const struct {
        unsigned alert;
        int64_t at_s;
        const char *state;
    } rows[] = {
        { 1, 10, "bundling" },  { 2, 40, "joined" },    { 1, 121, "notifying" },
        { 1, 126, "accepted" }, { 1, 145, "resolved" }, { 1, 205, "accepted" },
    };
    struct buf rules = buf_make(1 << 16);
    struct play p;

    (void)state;
    buf_printf(&rules, "%s%s%c", RULES_BELL, RULES, '\0');
    play_begin_with(&p, "2026-10-14T19:00:00Z", false, rules.ptr);
    play_script(&p, "a bundle that comes back",
                "0s send start bradycardia\n30s send start bradycardia bed 13\n2min expect ana\n"
                "125s say ana accept\n130s send end bradycardia\n140s send end bradycardia bed 13\n"
                "200s send start bradycardia\n200s expect ana\n205s nothing",
                0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice text = story(&p, nth_alert(&p, rows[i].alert),
                                  p.lab->options.wall_us + p.open_us + rows[i].at_s * TIME_S, true);
        char want[128];
        snprintf(want, sizeof want, "\"state\":\"%s\"", rows[i].state);
        has(text, want);
    }
    play_end(&p);
    buf_free(&rules);
}

/* --- drills ------------------------------------------------------------------------------------------------
 */

static void send_drill(struct play *p, const char *rule, const char *unit)
{
    struct core_input in = { .kind = INPUT_MESSAGE, .as.message.format = FORMAT_EVENT };
    const struct rule *r = ruleset_rule(core_site(p->lab->core)->rules, slice_of(rule));
    struct buf bytes = buf_make(1 << 16);
    uint64_t key = 5000 + p->sent++;
    struct event e;

    assert_non_null(r);
    rule_sample(r, core_site(p->lab->core)->catalogue, &e);
    e.listener = SLICE(EVENT_OWN_LISTENER);
    e.sender = SLICE(EVENT_DRILL);
    e.place.unit = slice_of(unit);
    e.place.bed = SLICE("12");
    e.identity =
        arena_printf(p->lab->arena, "nightbell|drill|%s|%s|12|%llu", rule, unit, (unsigned long long)key);
    canonical_put_event(&bytes, &e);
    in.as.message.bytes = buf_slice(&bytes);
    memcpy(in.as.message.duplicate_key, &key, sizeof key);
    assert_true(lab_input(p->lab, &in) && p->lab->last.accepted);
    buf_free(&bytes);
}

static void a_drill_rings_marked_and_is_no_figure(void **state)
{
    static const char *const FIGURES[] = { "alerts-opened", "alerts-closed", "steps-fired",
                                           "sends",         "receipts",      "accepts" };
    uint64_t before[6];
    struct play p;

    (void)state;
    play_begin(&p, NIGHT, true);
    play_script(&p, "a patient lies there", "0s admit 77 12\n0s nothing", 0);
    for (size_t i = 0; i < 6; i++)
        before[i] = lab_counter(p.lab, FIGURES[i]);
    size_t from = p.lab->heard_count;
    send_drill(&p, "lethal-arrhythmia", "5W");
    lab_until(p.lab, p.lab->now_us + 30 * TIME_S); /* climbs to the charge nurse */
    size_t sends = 0;
    for (size_t i = from; i < p.lab->heard_count; i++) {
        if (p.lab->heard[i].kind != EFFECT_SEND)
            continue;
        sends++;
        if (!slice_starts(p.lab->heard[i].full, SLICE("DRILL ")) ||
            !slice_starts(p.lab->heard[i].lock, SLICE("DRILL ")) ||
            slice_has(p.lab->heard[i].full, SLICE("Quill")))
            fail_msg("%.*s | %.*s", SLICE_ARG(p.lab->heard[i].lock), SLICE_ARG(p.lab->heard[i].full));
    }
    assert_int_equal(sends, 3);
    assert_true(lab_answer(p.lab, "carla", ANSWER_ACCEPT, ""));
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "resolved"));
    for (size_t i = 0; i < 6; i++)
        if (lab_counter(p.lab, FIGURES[i]) != before[i])
            fail_msg("%s counts a drill", FIGURES[i]);
    assert_int_equal(lab_counter(p.lab, "drills"), 1);
    has(story(&p, lab_alert(p.lab), INT64_MAX, false), "a drill of this rule");
    assert_true(lab_restart(p.lab, TIME_S, false));
    play_end(&p);
}

static void a_real_alert_is_not_touched_by_a_drill(void **state)
{
    struct play p;

    (void)state;
    play_begin(&p, NIGHT, false);
    send_drill(&p, "spo2-low", "5W");
    play_script(&p, "the same, for real",
                "1s send start spo2-low bed 12 value 70\n1s expect ana text 70\n"
                "2s say ana accept\n3s send end spo2-low bed 12\n4s nothing",
                0);
    assert_int_equal(lab_counter(p.lab, "alerts-opened"), 1);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_decision_keeps_what_was_known),
        cmocka_unit_test(a_default_says_why_the_rules_did_not_match),
        cmocka_unit_test(the_state_at_a_time_is_that_of_the_records),
        cmocka_unit_test(the_state_at_a_time_knows_the_clauses),
        cmocka_unit_test(a_drill_rings_marked_and_is_no_figure),
        cmocka_unit_test(a_real_alert_is_not_touched_by_a_drill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
