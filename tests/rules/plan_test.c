/* Plans: what a rule makes of an event, how its texts read, and that the journal gives back the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/hand.h"

static void put_plan(struct buf *out, const struct plan *p)
{
    static const char *const states[] = { "", " if not accepted", " if not delivered", " if open" };
    static const char *const levels[] = { "", " urgent", " silent" };
    char text[TIME_TEXT];

    for (size_t i = 0; i < p->step_count; i++) {
        const struct plan_step *s = &p->steps[i];
        buf_printf(out, "%.*s%s:", SLICE_ARG(duration_text(s->at_us, text)), states[s->state]);
        for (size_t t = 0; t < s->target_count; t++) {
            buf_text(out, t > 0 ? ", " : " ");
            target_text(out, &s->targets[t]);
        }
        buf_printf(out, "%s%s%s [%u]\n", levels[s->level], s->fyi ? " fyi" : "",
                   s->appended ? " appended" : "", s->message);
    }
    if (p->repeat_max > 0)
        buf_printf(out, "repeat%s every %.*s max %u\n", p->repeat_all ? " all" : "",
                   SLICE_ARG(duration_text(p->repeat_every_us, text)), p->repeat_max);
    buf_printf(out, "hold %d stop %u lease %d", (int)(p->hold_us / TIME_S), p->stop,
               (int)(p->lease_us / TIME_S));
    for (size_t i = 0; i < p->need_count; i++)
        buf_printf(out, " need %u%s", p->needs[i].count, p->needs[i].any ? "" : " from");
    buf_text(out, "\n");
}

#define DEFAULT                                                                                              \
    "language 1\ndefault { notify primary-nurse else charge-nurse  escalate backstop }\n"                    \
    "chain backstop { after 2min if not accepted notify charge-nurse  after 4min if not accepted notify "    \
    "desk "                                                                                                  \
    "operator  repeat every 60s max 10 }\n"

static const struct {
    const char *name, *rule, *expected;
} plans[] = {
    { "a chain is merged on the same clock",
      "when alarm starts and code is bed-exit notify nursing-assistant else primary-nurse silent escalate "
      "backstop",
      "0s: nursing-assistant else primary-nurse silent [0]\n2min if not accepted: charge-nurse [0]\n"
      "4min if not accepted: desk operator [0]\nrepeat every 1min max 10\nhold 0 stop 3 lease 300\n" },
    { "steps are sorted, clauses read",
      "when alarm starts and code is vfib need 2 accepts, 1 from oncall code-leader lease 60s stop on "
      "accepted "
      "notify group code-team urgent after 90s if not accepted notify desk operator urgent "
      "after 30s if not delivered notify oncall rapid-response else charge-nurse urgent fyi repeat all every "
      "30s max 6",
      "0s: group code-team urgent [0]\n30s if not delivered: oncall rapid-response else charge-nurse urgent "
      "fyi [0]\n"
      "90s if not accepted: desk operator urgent [0]\nrepeat all every 30s max 6\nhold 0 stop 1 lease 60 "
      "need 2 need 1 from\n" },
    { "the unit's desk is appended, with another one for events without a unit",
      "when alarm starts and code is hr-low hold 10s notify primary-nurse using short after 60s if not "
      "accepted notify charge-nurse",
      "0s: primary-nurse [1]\n1min if not accepted: charge-nurse [0]\n3min if not accepted: unit-desk else "
      "desk operator appended [0]\n"
      "hold 10 stop 3 lease 300\n" },
    { "fields of the event",
      "when result final and code is potassium notify covering ordering-provider via oncall "
      "hospital-medicine "
      "after 60s if not accepted notify oncall consult of patient.service else desk operator, charge-nurse "
      "of prior-unit, "
      "charge-nurse of \"ICU\" "
      "after 2min if not accepted notify desk operator",
      "0s: covering dr-grey via oncall hospital-medicine [0]\n1min if not accepted: oncall consult of "
      "cardiology else desk operator, "
      "charge-nurse of \"5W\", charge-nurse of \"ICU\" [0]\n2min if not accepted: desk operator [0]\nhold 0 "
      "stop 3 lease 0\n" },
    { "turns and everyone",
      "when alarm starts and code is apnea notify turn of group code-team, least of group code-team, "
      "everyone of \"5W\" "
      "after 2min if open notify unit-desk",
      "0s: turn of group code-team, least of group code-team, everyone of \"5W\" [0]\n2min if open: "
      "unit-desk [0]\n"
      "hold 0 stop 3 lease 120\n" },
};

static struct event event_of(const char *kind, const char *code, enum event_class class)
{
    enum event_kind k;

    event_kind_find(slice_of(kind), &k);
    struct event e = event_empty(k, k == EVENT_RESULT ? PHASE_FINAL : PHASE_STARTS);
    e.code = e.title = slice_of(code);
    e.class = class;
    e.time_us = 0;
    e.place = (struct place){ .unit = SLICE("5W"), .bed = SLICE("12") };
    e.prior.unit = SLICE("5W");
    e.patient.service = SLICE("cardiology");
    e.ordering_provider.id = SLICE("dr-grey");
    return e;
}

static void compile(struct hand *h, const char *rule)
{
    struct buf text = buf_make(8192), out = buf_make(65536);

    buf_printf(&text,
               DEFAULT "message short { lock \"{class} {unit|?}\" full \"{code} {value|no value}\" }\n"
                       "rule r { title \"t\"\n %s }\n",
               rule);
    hand_site(h);
    hand_compile(h, arena_copy(h->arena, buf_slice(&text)));
    diagnostics_text(&h->d, false, &out);
    if (h->rules == NULL)
        print_error("%.*s", SLICE_ARG(buf_slice(&out)));
    assert_non_null(h->rules);
    buf_free(&text);
    buf_free(&out);
}

static void plans_are_made(void **state)
{
    static const struct {
        const char *kind, *code;
        enum event_class class;
    } events[] = { { "alarm", "bed-exit", CLASS_MEDIUM },
                   { "alarm", "vfib", CLASS_LETHAL },
                   { "alarm", "hr-low", CLASS_MEDIUM },
                   { "result", "potassium", CLASS_LOW },
                   { "alarm", "apnea", CLASS_HIGH } };

    (void)state;
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct hand h;
        struct buf text = buf_make(65536), bytes = buf_make(65536), again = buf_make(65536);
        compile(&h, plans[i].rule);
        struct event e = event_of(events[i].kind, events[i].code, events[i].class);
        struct plan *p = plan_make(ruleset_rule(h.rules, SLICE("r")), &e, h.arena), read;
        put_plan(&text, p);
        buf_u8(&text, 0);
        assert_string_equal(text.ptr, plans[i].expected);

        plan_write(&bytes, p);
        struct reader in = reader_make(buf_slice(&bytes));
        assert_true(plan_read(&in, h.arena, &read));
        assert_true(reader_done(&in));
        plan_write(&again, &read);
        assert_true(slice_eq(buf_slice(&bytes), buf_slice(&again)));
        for (size_t len = 0; len < bytes.len; len++) { /* a torn record is refused */
            struct plan torn;
            struct reader part = reader_make(slice_sub(buf_slice(&bytes), 0, len));
            assert_false(plan_read(&part, h.arena, &torn) && reader_done(&part));
        }
        hand_free(&h);
        buf_free(&text);
        buf_free(&bytes);
        buf_free(&again);
    }
}

static void plan_bytes_are_total(void **state)
{
    struct hand h;
    struct buf bytes = buf_make(65536);

    (void)state;
    compile(&h, plans[1].rule);
    struct event e = event_of("alarm", "vfib", CLASS_LETHAL);
    plan_write(&bytes, plan_make(ruleset_rule(h.rules, SLICE("r")), &e, h.arena));
    for (size_t i = 0; i < bytes.len; i++)
        for (unsigned v = 0; v < 256; v += 51) {
            struct plan p;
            char kept = bytes.ptr[i];
            bytes.ptr[i] = (char)v;
            struct reader in = reader_make(buf_slice(&bytes));
            plan_read(&in, h.arena, &p);
            bytes.ptr[i] = kept;
        }
    buf_free(&bytes);
    hand_free(&h);
}

static const struct {
    const char *text, *expected;
} renderings[] = {
    { "{class} {unit|?} {bed|?}", "medium 5W 12" },
    { "{code} {unit|?}-{bed|?} {value|?}", "SpO2 low 5W-12 86 %" },
    { "{room|?}{room|} {device.id|no device}.", "? no device." },
    { "plain", "plain" },
    { "{nothing|x} {code", "x {code" },
    { "", "" },
};

static void texts_are_rendered(void **state)
{
    struct event e = event_of("alarm", "spo2-low", CLASS_MEDIUM);

    (void)state;
    e.title = SLICE("SpO2 low");
    e.value = (struct quantity){ .state = QUANTITY_EXACT,
                                 .has_low = true,
                                 .has_high = true,
                                 .low = { 86, 0 },
                                 .high = { 86, 0 },
                                 .unit = SLICE("%") };
    for (size_t i = 0; i < COUNT(renderings); i++) {
        struct buf out = buf_make(4096);
        plan_render(&out, slice_of(renderings[i].text), &e);
        buf_u8(&out, 0);
        assert_string_equal(out.ptr, renderings[i].expected);
        buf_free(&out);
    }
}

static void messages_stand_in_the_plan(void **state)
{
    struct hand h;

    (void)state;
    compile(&h, plans[2].rule);
    struct event e = event_of("alarm", "hr-low", CLASS_MEDIUM);
    struct plan *p = plan_make(ruleset_rule(h.rules, SLICE("r")), &e, h.arena);
    assert_int_equal(p->message_count, 2);
    assert_true(slice_is(p->messages[0].lock, "medium 5W 12"));
    assert_true(slice_is(p->messages[1].lock, "medium 5W"));
    assert_true(slice_is(p->messages[1].full, "hr-low no value"));
    assert_true(slice_is(p->messages[1].full_template, "{code} {value|no value}"));
    assert_int_equal(p->messages[1].replies, REPLY_ACCEPT | REPLY_DECLINE);
    hand_free(&h);
}

static void bounds_are_printed(void **state)
{
    struct hand h;
    struct buf out = buf_make(4096);

    (void)state;
    compile(&h, plans[1].rule);
    ruleset_bounds(h.rules, &out);
    buf_u8(&out, 0);
    assert_string_equal(out.ptr, "r: at most 21 target sends in 4:30, 4 targets; 28 to people and desks\n"
                                 "default: at most 13 target sends in 14min, 3 targets\n");
    buf_free(&out);
    hand_free(&h);
}

/* Groups count by their members, repeats by what they repeat, and copies of the same event beside them. */
static void bounds_count_members(void **state)
{
    static const char rules[] =
        "language 1\ndefault { notify primary-nurse after 2min if not accepted notify desk operator }\n"
        "rule r { title \"t\" when call starts and code is code-blue stop on ended\n"
        "  notify group code-team, desk operator  repeat all every 30s max 4 }\n"
        "copy c { title \"t\" when call starts and class is call notify group code-team fyi }\n"
        "copy other { title \"t\" when call starts and code is nurse-call notify desk tele-room fyi }\n"
        "copy lethal { title \"t\" when call starts and code is code-blue notify desk ed-desk fyi }\n";
    struct hand h;
    struct buf out = buf_make(4096);

    (void)state;
    hand_site(&h);
    hand_compile(&h, slice_of(rules));
    assert_non_null(h.rules);
    ruleset_bounds(h.rules, &out);
    buf_u8(&out, 0);
    assert_non_null(strstr(out.ptr, "r: at most 10 target sends in 2min, 2 targets; 15 to people and desks; "
                                    "and 3 by copies\n"));
    assert_non_null(strstr(out.ptr, "c: at most 1 target send in 0s, 1 target; 2 to people and desks\n"));
    buf_free(&out);
    hand_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_made),     cmocka_unit_test(plan_bytes_are_total),
        cmocka_unit_test(texts_are_rendered), cmocka_unit_test(messages_stand_in_the_plan),
        cmocka_unit_test(bounds_are_printed), cmocka_unit_test(bounds_count_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
