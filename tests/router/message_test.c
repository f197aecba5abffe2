/* One counted fate for every message; duplicates, quarantine, census, results that follow the patient. */
#include "tests/router/fixture.h"

static void begin(struct play *p)
{
    play_begin(p, "2026-10-14T19:00:00Z", true);
}

static uint64_t fate_sum(const struct lab *lab)
{
    static const char *const FATES[] = { "fate-owned",   "fate-default",   "fate-ignored",    "fate-update",
                                         "fate-context", "fate-duplicate", "fate-quarantined" };
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof FATES / sizeof FATES[0]; i++)
        sum += lab_counter(lab, FATES[i]);
    return sum;
}

#define ORU01(id, patient, code, value, flag, status)                                                        \
    "MSH|^~\\&|LAB|GH|||20261014190000+0000||ORU^R01|" id "|P|2.6\rPID|||" patient                           \
    "^^^GH^MR\rOBR|1||F1" code "|" code "^K^LN|||20261014185500+0000\rOBX|1|NM|" code "^K^LN||" value        \
    "|mmol/L|3.5-5.1|" flag "|||" status "\r"

/* Each row is one message; what it becomes is counted under exactly that name. */
static void each_message_has_one_fate(void **state)
{
    static const struct {
        const char *name, *listener, *wire, *fate;
        enum verdict verdict;
        bool accepted;
    } table[] = {
        { "no HL7", "telemetry", "hello", "fate-quarantined", VERDICT_REJECTED, false },
        { "unknown type", "telemetry", "MSH|^~\\&|X|Y|||20261014190000||ZZZ^Z01|1|P|2.6\r",
          "fate-quarantined", VERDICT_BAD, true },
        { "unknown type, on-bad nak", "nak", "MSH|^~\\&|X|Y|||20261014190000||ZZZ^Z01|2|P|2.6\r",
          "fate-quarantined", VERDICT_BAD, false },
        { "unknown listener", "elsewhere", "MSH|^~\\&|X|Y|||20261014190000||ZZZ^Z01|3|P|2.6\r",
          "fate-quarantined", VERDICT_BAD, true },
        { "an admission", "telemetry",
          "MSH|^~\\&|ADT|GH|||20261014190000+0000||ADT^A08|4|P|2.6\rEVN||20261014190000+0000\r"
          "PID|||p1^^^GH^MR||Quill^Marta\rPV1||I|5W^^12\r",
          "fate-context", VERDICT_OK, true },
        { "a routine result", "telemetry", ORU01("5", "p1", "2160-0", "1.0", "N", "F"), "fate-ignored",
          VERDICT_OK, true },
        { "a critical result that no rule owns", "telemetry", ORU01("6", "p1", "2345-7", "30", "HH", "F"),
          "fate-default", VERDICT_OK, true },
        { "a critical result with a rule", "telemetry", ORU01("7", "p1", "2823-3", "7.0", "HH", "F"),
          "fate-owned", VERDICT_OK, true },
        { "the same result, corrected", "telemetry", ORU01("8", "p1", "2823-3", "6.9", "HH", "C"),
          "fate-update", VERDICT_OK, true },
        { "a test message", "telemetry",
          "MSH|^~\\&|MON|GH|||20261014190000+0000||ORU^R40^ORU_R40|9|T|2.6\rPV1||I|5W^^12\r"
          "OBR|1|||196616^MDC_EVT_ALARM^MDC|||20261014190000+0000\r"
          "OBX|1|ST|199806^MDC_EVT_ECG_V_FIB^MDC|1.1.1.1.1|x||||||R\r"
          "OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.1.1.3|start||||||R\r",
          "fate-ignored", VERDICT_OK, true },
    };
    struct play p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint64_t before = lab_counter(p.lab, table[i].fate), messages = lab_counter(p.lab, "messages");
        bool fine = lab_message(p.lab, table[i].listener, table[i].wire);
        if (!fine || lab_counter(p.lab, table[i].fate) != before + 1 ||
            lab_counter(p.lab, "messages") != messages + 1 || p.lab->last.verdict != table[i].verdict ||
            p.lab->last.accepted != table[i].accepted)
            fail_msg("%s: %s %d %d %s %s", table[i].name, table[i].fate, p.lab->last.verdict,
                     p.lab->last.accepted, p.lab->error.message, p.lab->last.error.message);
        /* The same bytes again: the stored answer, and no second effect. */
        struct core_result first = p.lab->last;
        lab_until(p.lab, p.lab->now_us + TIME_S);
        assert_true(lab_message(p.lab, table[i].listener, table[i].wire));
        assert_int_equal(p.lab->last.verdict, VERDICT_DUPLICATE);
        assert_int_equal(p.lab->last.first, first.verdict);
        assert_int_equal(p.lab->last.position, first.position);
        assert_int_equal(p.lab->last.wall_us, first.wall_us);
        assert_int_equal(p.lab->last.accepted, first.accepted);
        assert_string_equal(p.lab->last.error.where, first.error.where);
        assert_string_equal(p.lab->last.error.message, first.error.message);
    }
    assert_int_equal(fate_sum(p.lab), lab_counter(p.lab, "messages"));
    assert_int_equal(lab_counter(p.lab, "fate-duplicate"), sizeof table / sizeof table[0]);
    play_end(&p);
}

static void suspect_and_unreadable_are_kept_and_listed(void **state)
{
    struct core_input in = { .kind = INPUT_MESSAGE };
    struct listed *rows;
    size_t count;
    struct play p;

    (void)state;
    begin(&p);
    in.as.message.listener = SLICE("telemetry");
    in.as.message.bytes = SLICE("MSH|^~\\&|A|B|||20261014190000||ORU^R40|1|P|2.6\r");
    in.as.message.suspect = true;
    in.as.message.duplicate_key[0] = 1;
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.verdict, VERDICT_REJECTED);
    in.as.message.suspect = false;
    in.as.message.duplicate_key[0] = 2;
    error_at(&in.as.message.syntax, ERROR_LIMIT, "MSH", "message-bytes: more than 4194304 bytes");
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.verdict, VERDICT_REJECTED);
    assert_int_equal(p.lab->last.error.code, ERROR_LIMIT);
    core_list(p.lab->core, SLICE("quarantine"), p.lab->arena, &rows, &count);
    assert_int_equal(count, 2);
    assert_true(slice_is(rows[1].key, "message-bytes: more than 4194304 bytes"));
    play_end(&p);
}

static void a_day_later_it_is_a_new_message(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(lab_message(p.lab, "telemetry", "hello"));
    lab_until(p.lab, 24 * TIME_HOUR - TIME_S);
    assert_true(lab_message(p.lab, "telemetry", "hello"));
    assert_int_equal(p.lab->last.verdict, VERDICT_DUPLICATE);
    lab_until(p.lab, 24 * TIME_HOUR + TIME_S);
    assert_true(lab_message(p.lab, "telemetry", "hello"));
    assert_int_equal(p.lab->last.verdict, VERDICT_REJECTED);
    play_end(&p);
}

static void one_control_id_with_two_bodies_is_routed_and_flagged(void **state)
{
    struct core_input in = { .kind = INPUT_MESSAGE };
    struct play p;

    (void)state;
    begin(&p);
    in.as.message.listener = SLICE("telemetry");
    in.as.message.control_id = SLICE("42");
    in.as.message.bytes = SLICE("MSH|^~\\&|A|B|||20261014190000||ZZZ^Z01|42|P|2.6\r");
    in.as.message.duplicate_key[0] = 1;
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(lab_counter(p.lab, "control-id-reused"), 0);
    in.as.message.bytes = SLICE("MSH|^~\\&|A|C|||20261014190000||ZZZ^Z01|42|P|2.6\r");
    in.as.message.duplicate_key[0] = 2;
    assert_true(lab_input(p.lab, &in));
    assert_int_equal(p.lab->last.verdict, VERDICT_BAD);
    assert_int_equal(lab_counter(p.lab, "control-id-reused"), 1);
    play_end(&p);
}

static void a_resend_under_a_new_control_id_changes_nothing(void **state)
{
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "vfib" };

    (void)state;
    begin(&p);
    assert_true(send_alarm(&p, &w));
    size_t heard = p.lab->heard_count;
    assert_true(send_alarm(&p, &w)); /* another MSH-10, the same source time */
    assert_int_equal(p.lab->heard_count, heard);
    assert_int_equal(lab_counter(p.lab, "fate-update"), 1);
    assert_int_equal(lab_counter(p.lab, "alerts-opened"), 1);
    play_end(&p);
}

/* Who hears an alarm at a bed, after some ADT. */
static void moves_follow_the_census(void **state)
{
    struct play p;
    struct alarm_words by_patient = { .phase = "start", .code = "bed-exit", .unit = "", .bed = "" };

    (void)state;
    begin(&p);
    assert_true(send_adt(&p, "A01", "p1", "5W", "12", ""));
    lab_until(p.lab, 10 * TIME_S);
    assert_true(send_adt(&p, "A02", "p1", "6E", "03", ""));
    /* A late A08 that tells of the time before the move does not undo it. */
    assert_true(
        lab_message(p.lab, "telemetry",
                    "MSH|^~\\&|ADT|GH|||20261014190011+0000||ADT^A08|late|P|2.6\rEVN||20261014190011+0000||||"
                    "20261014190005+0000\rPID|||p1^^^GH^MR||Quill^Marta\rPV1||I|5W^^12\r"));
    by_patient.patient = "p1";
    assert_true(send_alarm(&p, &by_patient));
    assert_true(slice_is(p.lab->heard[0].holder, "dora"));
    /* After the discharge the patient has no bed. */
    lab_until(p.lab, 20 * TIME_S);
    assert_true(send_adt(&p, "A03", "p1", "6E", "03", ""));
    by_patient.code = "lead-off";
    size_t heard = p.lab->heard_count;
    assert_true(send_alarm(&p, &by_patient));
    for (size_t i = heard; i < p.lab->heard_count; i++)
        assert_false(slice_is(p.lab->heard[i].holder, "dora"));
    play_end(&p);
}

static void a_swap_and_a_merge_keep_everybody_found(void **state)
{
    struct play p;
    struct alarm_words w = { .phase = "start", .code = "bed-exit", .unit = "", .bed = "" };

    (void)state;
    begin(&p);
    assert_true(send_adt(&p, "A01", "p1", "5W", "12", ""));
    assert_true(send_adt(&p, "A01", "p2", "6E", "03", ""));
    assert_true(
        lab_message(p.lab, "telemetry",
                    "MSH|^~\\&|ADT|GH|||20261014190100+0000||ADT^A17|s|P|2.6\rEVN||20261014190100+0000\r"
                    "PID|||p1^^^GH^MR\rPV1||I|6E^^03\rPID|||p2^^^GH^MR\rPV1||I|5W^^12\r"));
    w.patient = "p1";
    assert_true(send_alarm(&p, &w));
    assert_true(slice_is(p.lab->heard[0].holder, "dora")); /* 6E has no assistant: the else */
    /* p1 turns out to be p9: the bed and the open alert go over. */
    assert_true(
        lab_message(p.lab, "telemetry",
                    "MSH|^~\\&|ADT|GH|||20261014190200+0000||ADT^A40|m|P|2.6\rEVN||20261014190200+0000\r"
                    "PID|||p9^^^GH^MR\rMRG|p1^^^GH^MR\r"));
    w.patient = "p9";
    w.code = "lead-off";
    size_t heard = p.lab->heard_count;
    lab_until(p.lab, p.lab->now_us + TIME_S);
    assert_true(send_alarm(&p, &w)); /* no assistant in 6E, and no else: the next step */
    assert_true(p.lab->heard_count > heard && slice_is(p.lab->heard[heard].holder, "dora"));
    play_end(&p);
}

static void mismatch_hides_the_name_and_is_listed(void **state)
{
    struct play p;
    struct listed *rows;
    size_t count;
    struct alarm_words w = { .phase = "start", .code = "vfib", .patient = "p2" };

    (void)state;
    begin(&p);
    assert_true(send_adt(&p, "A01", "p1", "5W", "12", ""));
    assert_true(send_alarm(&p, &w));
    assert_true(p.lab->heard[0].mismatch);
    assert_int_equal(lab_counter(p.lab, "identity-mismatches"), 1);
    core_list(p.lab->core, SLICE("identity-mismatch"), p.lab->arena, &rows, &count);
    assert_int_equal(count, 1);
    play_end(&p);
}

static void results_follow_the_patient(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(send_adt(&p, "A01", "p1", "5W", "12", ""));
    assert_true(lab_message(p.lab, "telemetry", ORU01("1", "p1", "2823-3", "7.0", "HH", "F")));
    assert_true(slice_is(p.lab->heard[0].holder, "ana"));
    lab_until(p.lab, 30 * TIME_S);
    size_t heard = p.lab->heard_count;
    assert_true(send_adt(&p, "A02", "p1", "6E", "03", ""));
    assert_true(p.lab->heard_count > heard);
    assert_true(slice_is(p.lab->heard[heard].holder, "dora"));
    assert_true(lab_answer(p.lab, "dora", ANSWER_ACCEPT, ""));
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "resolved")); /* a result never ends by itself */
    play_end(&p);
}

static void withdrawn_tells_everybody(void **state)
{
    struct play p;
    size_t notices = 0;

    (void)state;
    begin(&p);
    assert_true(send_adt(&p, "A01", "p1", "5W", "12", ""));
    assert_true(lab_message(p.lab, "telemetry", ORU01("1", "p1", "2823-3", "7.0", "HH", "F")));
    assert_true(lab_message(p.lab, "telemetry", ORU01("2", "p1", "2823-3", "", "", "W")));
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "withdrawn"));
    for (size_t i = 0; i < p.lab->heard_count; i++)
        notices += slice_is(p.lab->heard[i].notice, "withdrawn");
    assert_int_equal(notices, 1);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_has_one_fate),
        cmocka_unit_test(suspect_and_unreadable_are_kept_and_listed),
        cmocka_unit_test(a_day_later_it_is_a_new_message),
        cmocka_unit_test(one_control_id_with_two_bodies_is_routed_and_flagged),
        cmocka_unit_test(a_resend_under_a_new_control_id_changes_nothing),
        cmocka_unit_test(moves_follow_the_census),
        cmocka_unit_test(a_swap_and_a_merge_keep_everybody_found),
        cmocka_unit_test(mismatch_hides_the_name_and_is_listed),
        cmocka_unit_test(results_follow_the_patient),
        cmocka_unit_test(withdrawn_tells_everybody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
