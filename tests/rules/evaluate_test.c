/* Who owns an event: conditions, absence, specificity, overrides, copies and defaults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/event_words.h"
#include "tests/rules/hand.h"

#define DESK "notify primary-nurse  after 2min if not accepted notify desk operator "
#define HEAD "language 1\ndefault { " DESK "}\n"

/* --- conditions: one rule, does it own? -------------------------------------------------------------- */

static const struct {
    const char *condition, *event;
    int hour;
    const char *raw;
    bool owns;
} conditions[] = {
    { "code is vfib", "alarm starts code=vfib", 0, NULL, true },
    { "code is vfib", "alarm starts code=vtach", 0, NULL, false },
    { "code is vfib", "alarm starts", 0, NULL, false },
    { "code is vfib", "alarm updates code=vfib", 0, NULL, true },
    { "code is vfib", "alarm worsens code=vfib", 0, NULL, true },
    { "code is vfib", "alarm ends code=vfib", 0, NULL, false },
    { "code is vfib", "call starts code=vfib", 0, NULL, false },
    { "code is not vfib", "alarm starts code=vtach", 0, NULL, true },
    { "code is not vfib", "alarm starts", 0, NULL, true },
    { "code in shock", "alarm starts code=asystole", 0, NULL, true },
    { "code not in shock", "alarm starts code=asystole", 0, NULL, false },
    { "class is high", "alarm starts class=high", 0, NULL, true },
    { "unit is \"5W\" if known", "alarm starts unit=5W", 0, NULL, true },
    { "unit is \"5W\" if known", "alarm starts", 0, NULL, false },
    { "unit is \"5W\" or missing", "alarm starts", 0, NULL, true },
    { "unit is not \"5W\" if known", "alarm starts", 0, NULL, false },
    { "unit is not \"5W\" or missing", "alarm starts unit=5W", 0, NULL, false },
    { "not unit is \"5W\" or missing", "alarm starts", 0, NULL, false },
    { "not unit is \"5W\" if known", "alarm starts", 0, NULL, true },
    { "unit in wards if known", "alarm starts unit=ICU", 0, NULL, true },
    { "value < 80 % if known", "alarm starts value=79_%", 0, NULL, true },
    { "value < 80 % if known", "alarm starts value=80_%", 0, NULL, false },
    { "value < 80 % if known", "alarm starts value=79.99_%", 0, NULL, true },
    { "value <= 80 % if known", "alarm starts value=80.0_%", 0, NULL, true },
    { "value > 80 % if known", "alarm starts over=80_%", 0, NULL, true },
    { "value > 90 % if known", "alarm starts over=80_%", 0, NULL, false },
    { "value > 90 % or missing", "alarm starts over=80_%", 0, NULL, true },
    { "value <= 80 % or missing", "alarm starts over=80_%", 0, NULL, false },
    { "value is 80 % if known", "alarm starts over=80_%", 0, NULL, false },
    { "value in 80, 81 if known", "alarm starts value=81_%", 0, NULL, true },
    { "value < 80 % if known", "alarm starts value=79_mmol/L", 0, NULL, false },
    { "value < 80 % or missing", "alarm starts value=79_mmol/L", 0, NULL, true },
    { "patient.flags has fall-risk if known", "alarm starts flag=fall-risk", 0, NULL, true },
    { "patient.flags has fall-risk if known", "alarm starts flag=dnr", 0, NULL, false },
    { "patient.flags has fall-risk or missing", "alarm starts", 0, NULL, true },
    { "during night", "alarm starts", 3, NULL, true },
    { "during night", "alarm starts", 12, NULL, false },
    { "not during night", "alarm starts", 12, NULL, true },
    { "during storm", "alarm starts", 0, NULL, true },
    { "during calm", "alarm starts", 0, NULL, false },
    { "device.type like \"*pump*\" if known", "alarm starts device.type=BigPumpX", 0, NULL, true },
    { "device.type like \"pump*\" if known", "alarm starts device.type=BigPumpX", 0, NULL, false },
    { "raw \"OBX-8\" is \"H\" or missing", "alarm starts", 0, "H", true },
    { "raw \"OBX-8\" is \"H\" or missing", "alarm starts", 0, "L", false },
    { "raw \"OBX-8\" is \"H\" or missing", "alarm starts", 0, NULL, true },
    { "raw \"OBX-5\" as number > 5.5 if known", "alarm starts", 0, " 5.51 ", true },
    { "raw \"OBX-5\" as number > 5.5 if known", "alarm starts", 0, "high", false },
    { "raw \"OBX-14\" as date within 1h if known", "alarm starts", 0, "20261014190000+0000", false },
    { "fhir \"Observation.status\" is \"final\" if known", "alarm starts", 0, "final", true },
    { "(unit is \"5W\" if known or bed is \"1\" if known)", "alarm starts bed=1", 0, NULL, true },
    { "(unit is \"5W\" if known or bed is \"1\" if known)", "alarm starts bed=2", 0, NULL, false },
    { "not (unit is \"5W\" if known and bed is \"1\" if known)", "alarm starts unit=5W", 0, NULL, true },
    { "code is vfib unless device.state is standby", "alarm starts code=vfib device.state=standby", 0, NULL,
      false },
    { "code is vfib unless device.state is standby", "alarm starts code=vfib", 0, NULL, true },
    { "code is vfib unless not device.state is on", "alarm starts code=vfib", 0, NULL, true },
    { "code is vfib unless not device.state is on", "alarm starts code=vfib device.state=off", 0, NULL,
      false },
};

static void conditions_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct buf text = buf_make(8192);
        struct hand h;
        buf_printf(&text,
                   HEAD "codes shock = vfib, asystole\nplaces wards = \"5W\", \"ICU\"\n"
                        "switch storm \"Storm\" set by charge-nurse max 4h\nswitch calm \"Calm\" set by "
                        "charge-nurse max 4h\n"
                        "rule r { title \"t\"\n when alarm starts and %s\n stop on accepted " DESK "}\n",
                   conditions[i].condition);
        buf_u8(&text, 0);
        compile(&h, text.ptr);
        struct event e = make_event(conditions[i].event, h.arena);
        const struct match *m = match(&h, &e, conditions[i].hour, conditions[i].raw);
        if (slice_is(rule_name(m->owner), "r") != conditions[i].owns)
            print_error("%s | %s\n", conditions[i].condition, conditions[i].event);
        assert_int_equal(slice_is(rule_name(m->owner), "r"), conditions[i].owns);
        hand_free(&h);
        buf_free(&text);
    }
}

/* --- who wins ------------------------------------------------------------------------------------------- */

static const char several[] = HEAD
    "default for result { ignore because \"routine\" }\n"
    "rule bed-exit { title \"t\" when alarm starts and code is bed-exit " DESK "}\n"
    "rule bed-exit-night { title \"t\" when alarm starts and code is bed-exit and patient.flags has "
    "fall-risk if known and "
    "during night " DESK "}\n"
    "rule any-5w { title \"t\" when alarm starts and unit is \"5W\" if known and code not in busy " DESK "}\n"
    "rule any-5w-low overrides low { title \"t\" when alarm starts and unit is \"5W\" if known and code is "
    "rr-low " DESK "}\n"
    "rule low { title \"t\" when alarm starts and code is rr-low and value < 10 /min if known  notify "
    "charge-nurse "
    "after 30s if not accepted notify desk operator }\n"
    "rule apnea-1 { title \"t\" when alarm starts and code is apnea and bed is \"1\" if known " DESK "}\n"
    "rule apnea-2 { title \"t\" when alarm starts and code is apnea and device.state is on if known " DESK
    "}\n"
    "rule drafted { title \"t\" mode draft when alarm starts and code is bed-exit and during night " DESK
    "}\n"
    "rule worse overrides bed-exit-night { title \"t\" when alarm worsens and code is bed-exit  notify "
    "charge-nurse urgent "
    "after 30s if not accepted notify desk operator }\n"
    "rule quiet { title \"t\" when call starts and code is pain-call ignore because \"tried elsewhere\" }\n"
    "rule hot { title \"t\" when alarm starts and code is temp-high " DESK "}\n"
    "rule hot-bed overrides hot-ward { title \"t\" when alarm starts and code is temp-high and bed is \"1\" "
    "if known " DESK "}\n"
    "rule hot-ward { title \"t\" when alarm starts and code is temp-high and unit is \"5W\" if known  notify "
    "charge-nurse after 30s if not accepted notify desk operator }\n"
    "codes busy = rr-low, bed-exit, apnea, temp-high\n"
    "rule k { title \"t\" when result final and code in loinc:2823-3 " DESK "}\n"
    "copy c { title \"t\" when alarm starts and code is bed-exit notify desk tele-room fyi }\n";

static const struct {
    const char *event;
    int hour;
    const char *owner, *why;
    size_t copies;
} owners[] = {
    { "alarm starts code=bed-exit", 12, "bed-exit", "matched; nothing narrower", 1 },
    { "alarm starts code=bed-exit flag=fall-risk", 12, "bed-exit", "matched; nothing narrower", 1 },
    { "alarm starts code=bed-exit flag=fall-risk", 2, "bed-exit-night", "narrower than bed-exit", 1 },
    { "alarm starts code=bed-exit flag=dnr", 2, "bed-exit", "matched; nothing narrower", 1 },
    { "alarm worsens code=bed-exit", 12, "worse", "narrower than bed-exit", 1 },
    { "alarm starts code=rr-low unit=5W value=8_/min", 12, "any-5w-low", "overrides low", 0 },
    { "alarm starts code=rr-low unit=ICU value=8_/min", 12, "low", "matched; nothing narrower", 0 },
    { "alarm starts code=apnea bed=1 device.state=on", 12, "apnea-1", "same plan as apnea-2", 0 },
    { "alarm starts code=temp-high unit=5W", 12, "hot-ward", "narrower than hot", 0 },
    { "alarm starts code=temp-high bed=1", 12, "hot-bed", "narrower than hot", 0 },
    { "alarm starts code=temp-high unit=5W bed=1", 12, "hot-bed", "overrides hot-ward", 0 },
    { "alarm starts unit=5W", 12, "any-5w", "matched; nothing narrower", 0 },
    { "alarm starts code=hr-high", 12, "default", "default: no rule matched", 0 },
    { "call starts code=pain-call", 12, "quiet", "matched; nothing narrower", 0 },
    { "result final code=sodium", 12, "default for result", "default: no rule matched", 0 },
    { "result final code=sodium abnormal=critical-high", 12, "default", "default: no rule matched", 0 },
    { "result final code=potassium raw-code=2823-3", 12, "k", "matched; nothing narrower", 0 },
    { "result final code=potassium raw-code=6298-4", 12, "default for result", "default: no rule matched",
      0 },
};

static void the_narrower_rule_owns(void **state)
{
    struct hand h;

    (void)state;
    compile(&h, several);
    for (size_t i = 0; i < COUNT(owners); i++) {
        struct event e = make_event(owners[i].event, h.arena);
        const struct match *m = match(&h, &e, owners[i].hour, NULL);
        if (!slice_is(rule_name(m->owner), owners[i].owner))
            print_error("%s: %.*s\n", owners[i].event, SLICE_ARG(rule_name(m->owner)));
        assert_true(slice_is(rule_name(m->owner), owners[i].owner));
        assert_string_equal(arena_copy(h.arena, m->why_owner).ptr, owners[i].why);
        assert_int_equal(m->copy_count, owners[i].copies);
    }
    assert_true(rule_ignores(ruleset_rule(h.rules, SLICE("quiet"))).len > 0);
    assert_true(rule_is_default(ruleset_rule(h.rules, SLICE("default for result"))));
    assert_true(rule_is_copy(ruleset_rule(h.rules, SLICE("c"))));
    assert_null(ruleset_rule(h.rules, SLICE("nobody")));
    hand_free(&h);
}

/* A higher layer goes first though neither rule is narrower; a word of the author goes before both. */
static void the_higher_layer_owns(void **state)
{
    static const char rules[] = HEAD
        "layers house, unit, patient\n"
        "rule falls { title \"t\" when alarm starts and code is bed-exit and patient.flags has fall-risk if "
        "known " DESK "}\n"
        "rule ward in unit { title \"t\" when alarm starts and code is bed-exit and unit is \"5W\" if known  "
        "notify charge-nurse after 30s if not accepted notify desk operator }\n"
        "rule bed-one in house overrides ward, falls { title \"t\" when alarm starts and code is bed-exit "
        "and bed "
        "is "
        "\"1\" if known and patient.flags has dnr if known  notify charge-nurse urgent after 30s if not "
        "accepted notify desk operator }\n";
    static const struct {
        const char *event, *owner, *why;
    } rows[] = {
        { "alarm starts code=bed-exit flag=fall-risk", "falls", "matched; nothing narrower" },
        { "alarm starts code=bed-exit flag=fall-risk unit=5W", "ward", "layer unit over house: falls" },
        { "alarm starts code=bed-exit flag=dnr unit=5W bed=1", "bed-one", "overrides ward" },
    };
    struct hand h;

    (void)state;
    compile(&h, rules);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = make_event(rows[i].event, h.arena);
        const struct match *m = match(&h, &e, 12, NULL);
        assert_string_equal(arena_copy(h.arena, rule_name(m->owner)).ptr, rows[i].owner);
        assert_string_equal(arena_copy(h.arena, m->why_owner).ptr, rows[i].why);
    }
    hand_free(&h);
}

static void explain_names_the_first_false_part(void **state)
{
    static const struct {
        const char *event, *rule, *reason;
        bool matched;
    } rows[] = {
        { "alarm starts code=bed-exit flag=dnr", "bed-exit-night", "patient.flags lacks fall-risk", false },
        { "alarm starts code=bed-exit flag=fall-risk", "bed-exit-night", "it is 12:00, not during night",
          false },
        { "alarm starts code=bed-exit", "worse", "the event is \"starts\", the rule is for \"worsens\"",
          false },
        { "alarm starts code=bed-exit", "drafted", "a draft; it is 12:00, not during night", false },
        { "alarm starts code=rr-low unit=5W", "any-5w", "code is rr-low, and the rule says not", false },
        { "alarm worsens code=bed-exit", "bed-exit", "matched; worse is narrower", true },
    };
    struct hand h;

    (void)state;
    compile(&h, several);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = make_event(rows[i].event, h.arena);
        const struct match *m = match(&h, &e, 12, NULL);
        bool found = false;
        for (size_t k = 0; k < m->candidate_count; k++) {
            if (!slice_is(rule_name(m->candidates[k].rule), rows[i].rule))
                continue;
            found = true;
            assert_string_equal(arena_copy(h.arena, m->candidates[k].reason).ptr, rows[i].reason);
            assert_int_equal(m->candidates[k].matched, rows[i].matched);
        }
        assert_true(found);
    }
    hand_free(&h);
}

static void updates_move_to_the_more_urgent_only(void **state)
{
    struct hand h;

    (void)state;
    compile(&h, several);
    const struct rule *general = ruleset_rule(h.rules, SLICE("bed-exit")),
                      *night = ruleset_rule(h.rules, SLICE("bed-exit-night"));
    const struct rule *worse = ruleset_rule(h.rules, SLICE("worse")),
                      *apnea = ruleset_rule(h.rules, SLICE("apnea-1"));
    const struct rule *otherwise = ruleset_rule(h.rules, SLICE("default"));
    assert_true(rule_more_urgent(general, night)); /* narrower */
    assert_false(rule_more_urgent(night, general));
    assert_true(rule_more_urgent(general, worse)); /* louder */
    assert_true(rule_more_urgent(worse, apnea));   /* of a higher class */
    assert_false(rule_more_urgent(apnea, worse));
    assert_true(rule_more_urgent(otherwise, general));
    assert_false(rule_more_urgent(general, otherwise));
    assert_false(rule_more_urgent(general, general));
    hand_free(&h);
}

static void hold_is_skipped_when_unless_holds(void **state)
{
    static const struct {
        const char *event;
        bool skipped;
    } rows[] = {
        { "alarm starts code=spo2-low value=79_%", true },
        { "alarm starts code=spo2-low value=86_%", false },
        { "alarm starts code=spo2-low", true }, /* absence delivers */
    };
    struct hand h;

    (void)state;
    compile(&h, HEAD
            "rule r { title \"t\" when alarm starts and code is spo2-low hold 15s unless value < 80 % " DESK
            "}");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct event e = make_event(rows[i].event, h.arena);
        struct eval_now now = { .zone = h.zone };
        assert_int_equal(rule_hold_skipped(ruleset_rule(h.rules, SLICE("r")), &e, &now, h.arena),
                         rows[i].skipped);
    }
    hand_free(&h);
}

/* The index and a walk over all rules agree, for rules and events of every mixture. */
static void the_index_agrees_with_a_walk(void **state)
{
    static const char *const codes[] = { "bed-exit", "rr-low", "apnea", "vfib", "hr-high", "" };
    static const char *const places[] = { "", " unit=5W", " unit=ICU bed=1" };
    struct hand h;

    (void)state;
    compile(&h, several);
    for (size_t i = 0; i < COUNT(codes) * COUNT(places) * 24; i++) {
        char text[128];
        size_t code = i % COUNT(codes), place = i / COUNT(codes) % COUNT(places);
        snprintf(text, sizeof text, "alarm %s code=%s%s value=9_/min", i % 2 ? "starts" : "worsens",
                 codes[code], places[place]);
        struct event e = make_event(text, h.arena);
        const struct match *m = match(&h, &e, (int)(i / 18), NULL);
        bool owner_matched = rule_is_default(m->owner);
        size_t matched = 0;
        for (size_t k = 0; k < m->candidate_count; k++) {
            matched += m->candidates[k].matched && !rule_is_copy(m->candidates[k].rule);
            owner_matched = owner_matched || (m->candidates[k].matched && m->candidates[k].rule == m->owner);
        }
        assert_true(owner_matched);
        assert_int_equal(matched == 0, rule_is_default(m->owner));
    }
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_hold),
        cmocka_unit_test(the_narrower_rule_owns),
        cmocka_unit_test(the_higher_layer_owns),
        cmocka_unit_test(explain_names_the_first_false_part),
        cmocka_unit_test(updates_move_to_the_more_urgent_only),
        cmocka_unit_test(hold_is_skipped_when_unless_holds),
        cmocka_unit_test(the_index_agrees_with_a_walk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
