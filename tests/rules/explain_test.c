/* Why a rule owns an event or does not: the fate of each, with the event's own values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/rules/event_words.h"

#define DESK "notify primary-nurse  after 2min if not accepted notify desk operator "
#define HEAD "language 1\ndefault { " DESK "}\n"

/* One rule "r" with this condition; the event; at 12:00 UTC; what `raw` paths give. */
static const struct {
    const char *condition, *event, *raw, *fate, *reason;
} rows[] = {
    /* names */
    { "code is spo2-low and unit is \"ICU\" if known", "alarm starts code=spo2-low unit=5W", NULL, "no",
      "unit is 5W, not \"ICU\"" },
    { "code is spo2-low and unit in \"ICU\", \"5W\" if known", "alarm starts code=spo2-low unit=6N", NULL,
      "no", "unit is 6N, not one of \"ICU\", \"5W\"" },
    { "code is spo2-low and unit is not \"5W\" if known", "alarm starts code=spo2-low unit=5W", NULL, "no",
      "unit is 5W, and the rule says not" },
    { "code is spo2-low and unit is \"5W\" if known", "alarm starts code=spo2-low unit=5W", NULL, "owned",
      "matched; nothing narrower" },
    { "class is high", "alarm starts class=low", NULL, "no", "class is low, not high" },
    /* numbers, units, intervals */
    { "code is spo2-low and value < 80 % if known", "alarm starts code=spo2-low value=86_%", NULL, "no",
      "value 86 % is not below 80 %" },
    { "code is spo2-low and value > 90 % if known", "alarm starts code=spo2-low value=86_%", NULL, "no",
      "value 86 % is not above 90 %" },
    { "code is spo2-low and value <= 80 % if known", "alarm starts code=spo2-low value=86.5_%", NULL, "no",
      "value 86.5 % is not at most 80 %" },
    { "code is spo2-low and value >= 90 % if known", "alarm starts code=spo2-low value=86_%", NULL, "no",
      "value 86 % is not at least 90 %" },
    { "code is spo2-low and value >= 90 % if known", "alarm starts code=spo2-low over=86_%", NULL, "no",
      "value > 86 % may lie on both sides of 90 %, and the rule says if known" },
    { "code is spo2-low and value < 80 % if known", "alarm starts code=spo2-low value=86_mg/dL", NULL, "no",
      "value 86 mg/dL cannot be compared with 80 %, and the rule says if known" },
    /* absent */
    { "code is spo2-low and value < 80 % if known", "alarm starts code=spo2-low", NULL, "no",
      "value is absent, and the rule says if known" },
    { "code is spo2-low and patient.flags has fall-risk if known", "alarm starts code=spo2-low flag=dnr",
      NULL, "no", "patient.flags lacks fall-risk" },
    { "code is spo2-low and patient.flags has fall-risk if known", "alarm starts code=spo2-low", NULL, "no",
      "patient.flags lacks fall-risk: there are none" },
    { "code is spo2-low and value < 80 % or missing", "alarm starts code=spo2-low", NULL, "owned",
      "matched; nothing narrower" },
    /* not, unless, or, parentheses */
    { "code is spo2-low unless device.state is standby", "alarm starts code=spo2-low device.state=standby",
      NULL, "no", "device.state is standby, and the rule excludes that" },
    { "code is spo2-low unless device.state is standby and unit is \"5W\"",
      "alarm starts code=spo2-low device.state=standby unit=5W", NULL, "no",
      "device.state is standby; unit is 5W, and the rule excludes that" },
    { "code is spo2-low and (unit is \"ICU\" if known or value < 80 % if known)",
      "alarm starts code=spo2-low unit=5W value=86_%", NULL, "no",
      "unit is 5W, not \"ICU\"; value 86 % is not below 80 %" },
    { "code is spo2-low and not unit is \"5W\" if known", "alarm starts code=spo2-low unit=5W", NULL, "no",
      "unit is 5W, and the rule excludes that" },
    { "code is spo2-low and not (unit is \"5W\" if known and value < 80 % or missing)",
      "alarm starts code=spo2-low unit=5W", NULL, "no",
      "unit is 5W; value is absent, which counts as yes, and the rule excludes that" },
    { "code is spo2-low and (bed is \"A\" if known or bed is \"B\" if known or bed is \"C\" if known or "
      "bed is \"D\" if known)",
      "alarm starts code=spo2-low bed=5", NULL, "no",
      "bed is 5, not \"A\"; bed is 5, not \"B\"; bed is 5, not \"C\" and 1 more" },
    /* the message itself */
    { "code is spo2-low and raw \"OBX-8\" is \"HH\" if known", "alarm starts code=spo2-low", "N", "no",
      "raw \"OBX-8\" is \"N\", not \"HH\"" },
    { "code is spo2-low and raw \"OBX-8\" is not \"N\" if known", "alarm starts code=spo2-low", "N", "no",
      "raw \"OBX-8\" is \"N\", and the rule says not" },
    { "code is spo2-low and raw \"OBX-8\" like \"H*\" if known", "alarm starts code=spo2-low", "N", "no",
      "raw \"OBX-8\" is \"N\", not like \"H*\"" },
    { "code is spo2-low and raw \"OBX-8\" is \"HH\" if known", "alarm starts code=spo2-low", NULL, "no",
      "raw \"OBX-8\" is absent, and the rule says if known" },
    { "code is spo2-low and raw \"OBX-5\" as number < 5 if known", "alarm starts code=spo2-low", "n/a", "no",
      "raw \"OBX-5\" \"n/a\" is no number, and the rule says if known" },
    { "code is spo2-low and raw \"OBX-5\" as number < 5 if known", "alarm starts code=spo2-low", "7", "no",
      "raw \"OBX-5\" \"7\" is not below 5" },
    { "code is spo2-low and raw \"OBX-8\" is \"HH\" if known", "alarm starts code=spo2-low", "a\nb\033[31m",
      "no", "raw \"OBX-8\" is \"a b [31m\", not \"HH\"" },
    /* time */
    { "code is spo2-low and during night", "alarm starts code=spo2-low", NULL, "no",
      "it is 12:00, not during night" },
    { "code is spo2-low unless during clinic", "alarm starts code=spo2-low", NULL, "no",
      "it is 12:00, during clinic, and the rule excludes that" },
    { "code is spo2-low and during calm", "alarm starts code=spo2-low", NULL, "no", "switch calm is off" },
    { "code is spo2-low unless during storm", "alarm starts code=spo2-low", NULL, "no",
      "switch storm is on, and the rule excludes that" },
};

static void each_reason_carries_the_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hand h;
        char text[2048];
        snprintf(text, sizeof text,
                 HEAD "switch storm \"S\" set by charge-nurse max 8h\nswitch calm \"C\" set by charge-nurse "
                      "max 8h\nrule r { title \"t\"\n when alarm starts and %s " DESK "}\n",
                 rows[i].condition);
        compile(&h, text);
        struct event e = make_event(rows[i].event, h.arena);
        const struct match *m = match(&h, &e, 12, rows[i].raw);
        const struct candidate *k = NULL;
        for (size_t n = 0; n < m->candidate_count; n++)
            if (slice_is(rule_name(m->candidates[n].rule), "r"))
                k = &m->candidates[n];
        if (k == NULL)
            fail_msg("%s: the rule was not looked at", rows[i].condition);
        if (strcmp(candidate_fate_name(k->fate), rows[i].fate) != 0 || !slice_is(k->reason, rows[i].reason))
            fail_msg("%s: %s, \"%.*s\"; expected \"%s\"", rows[i].condition, candidate_fate_name(k->fate),
                     SLICE_ARG(k->reason), rows[i].reason);
        hand_free(&h);
    }
}

/* "owned a | beaten b | ..." */
static void fates(const struct match *m, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < m->candidate_count; i++)
        buf_printf(out, "%s%s %.*s:%u", i > 0 ? " | " : "", candidate_fate_name(m->candidates[i].fate),
                   SLICE_ARG(rule_name(m->candidates[i].rule)), m->candidates[i].line);
    buf_printf(out, " +%u", m->more);
}

static const char *const several = HEAD
    "rule general { title \"t\" when alarm starts and code is bed-exit " DESK "}\n"
    "rule night-only { title \"t\"\n when alarm starts and code is bed-exit\n  and during night " DESK "}\n"
    "rule narrow overrides night-only { title \"t\" when alarm starts and code is bed-exit and unit is "
    "\"5W\" if known notify "
    "charge-nurse after 30s if not accepted notify desk operator }\n"
    "rule twin-a { title \"t\" when alarm starts and code is apnea and bed is \"1\" if known " DESK "}\n"
    "rule twin-b { title \"t\" when alarm starts and code is apnea and device.state is on if known " DESK
    "}\n"
    "rule drafted { title \"t\" mode draft when alarm starts and code is bed-exit " DESK "}\n"
    "rule shadowed { title \"t\" mode shadow when alarm starts and code is bed-exit and during night " DESK
    "}\n"
    "rule drafted-too { title \"t\" mode draft when alarm starts and code is apnea " DESK "}\n"
    "rule a-call { title \"t\" when call starts and code is pain-call " DESK "}\n"
    "copy hear { title \"t\" when alarm starts and code is bed-exit notify desk tele-room fyi }\n";

static const struct {
    const char *event, *fates;
} lists[] = {
    { "alarm starts code=bed-exit unit=5W",
      "owned narrow:7 | beaten general:3 | copy hear:14 | no night-only:6 | draft drafted:10 | shadow "
      "shadowed:11 +3" },
    { "alarm starts code=bed-exit unit=ICU",
      "owned general:3 | copy hear:14 | no narrow:7 | no night-only:6 | draft drafted:10 | shadow "
      "shadowed:11 +3" },
    { "alarm starts code=apnea bed=1 device.state=on",
      "owned twin-a:8 | same-plan twin-b:9 | draft drafted-too:12 +6" },
    { "alarm starts code=hr-high", "owned default:2 +9" },
    { "call starts code=pain-call", "owned a-call:13 +0" },
    { "result final code=sodium", "owned default:2 +0" },
};

static void each_rule_of_the_code_has_a_fate(void **state)
{
    struct hand h;
    struct buf out = buf_make(4096);

    (void)state;
    compile(&h, several);
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct event e = make_event(lists[i].event, h.arena);
        fates(match(&h, &e, 12, NULL), &out);
        if (!slice_is(buf_slice(&out), lists[i].fates))
            fail_msg("%s: %.*s", lists[i].event, SLICE_ARG(buf_slice(&out)));
    }
    buf_free(&out);
    hand_free(&h);
}

/* What stands in one decision is bounded; the rest is counted: rules of other places first. */
static const struct {
    const char *name, *differ, *mode; /* what tells the rules apart, with their number */
    unsigned rules;
    size_t listed;
} bounded[] = {
    { "as many other beds as are told", "bed is \"%u\" if known", "", LIMIT_EXPLAINED_ELSEWHERE + 1,
      LIMIT_EXPLAINED_ELSEWHERE + 1 },
    { "one bed more", "bed is \"%u\" if known", "", LIMIT_EXPLAINED_ELSEWHERE + 2, 1 },
    { "a rule for each of many beds", "bed is \"%u\" if known", "", 200, 1 },
    { "many that ask for no place", "device.type is \"d%u\" if known", "", 200, LIMIT_EXPLAINED_RULES },
    { "drafts of many beds", "bed is \"%u\" if known", "mode draft", 200, 2 },
    { "drafts of a few", "bed is \"%u\" if known", "mode shadow", 5, 6 },
};

static void the_list_is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bounded); i++) {
        struct buf text = buf_make(1 << 20);
        struct hand h;
        buf_text(&text, HEAD);
        for (unsigned n = 1; n <= bounded[i].rules; n++) {
            buf_printf(&text, "rule r%03u { title \"t\" %s when alarm starts and code is bed-exit and ", n,
                       bounded[i].mode);
            buf_printf(&text, bounded[i].differ, n);
            buf_text(&text, " " DESK "}\n");
        }
        buf_u8(&text, 0);
        compile(&h, text.ptr);
        struct event e = make_event("alarm starts code=bed-exit bed=1 device.type=d1", h.arena);
        const struct match *m = match(&h, &e, 12, NULL);
        bool lives = bounded[i].mode[0] == '\0';
        if (m->candidate_count != bounded[i].listed ||
            m->more != bounded[i].rules + !lives - bounded[i].listed ||
            slice_is(rule_name(m->candidates[0].rule), "r001") != lives) /* the owner always */
            fail_msg("%s: %zu listed and %u more", bounded[i].name, m->candidate_count, m->more);
        hand_free(&h);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_carries_the_value),
        cmocka_unit_test(each_rule_of_the_code_has_a_fate),
        cmocka_unit_test(the_list_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
