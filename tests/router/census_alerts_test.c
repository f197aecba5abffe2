/* What moves, merges, leave and tracking do to alerts: whose they are, where they ring, what is withdrawn. */
#include "tests/router/site_text.h"

#undef RULES_BELL
#define RULES_BELL                                                                                           \
    "language 1\n"                                                                                           \
    "message named { lock \"{class}\" full \"{code} {patient.name|?} {bed|?}\" reply accept, decline }\n"    \
    "rule moved { title \"Moved\" when transfer starts\n"                                                    \
    "  notify primary-nurse using named\n"                                                                   \
    "  after 5min if not accepted notify charge-nurse using named\n"                                         \
    "  after 10min if not accepted notify desk front using named }\n"                                        \
    "rule exit { title \"Bed exit\" when alarm starts and code is bed-exit\n"                                \
    "  notify primary-nurse using named\n"                                                                   \
    "  after 5min if not accepted notify charge-nurse using named\n"                                         \
    "  after 10min if not accepted notify desk front using named }\n"                                        \
    "rule leave { title \"On leave\" when alarm starts and code is lead-off and patient.flags has on-leave " \
    "if known\n"                                                                                             \
    "  notify charge-nurse using named\n"                                                                    \
    "  after 10min if not accepted notify desk front using named }\n"                                        \
    "rule potassium { title \"Critical potassium\"\n"                                                        \
    "  when result final and code is loinc:2823-3 and abnormal in critical-high, critical-low\n"             \
    "  notify primary-nurse using named\n"                                                                   \
    "  after 10min if not accepted notify charge-nurse using named\n"                                        \
    "  after 20min if not accepted notify desk front using named }\n"

#include "tests/router/census_help.h"

static void begin(struct play *p)
{
    play_begin(p, "2026-10-14T19:00:00Z", true);
}

static bool result(struct play *p, const char *patient)
{
    char wire[600], at[64];

    stamp(p, at);
    unsigned n = ++p->sent;
    snprintf(wire, sizeof wire,
             "MSH|^~\\&|LAB|GH|||%s||ORU^R01|R%u|P|2.6\rPID|||%s^^^GH^MR\rOBR|1||F%u|2823-3^K^LN|||%s\r"
             "OBX|1|NM|2823-3^K^LN||7.0|mmol/L|3.5-5.1|HH|||F\r",
             at, n, patient, n, at);
    return lab_message(p->lab, "telemetry", wire);
}

static bool alarm_at(struct play *p, const char *code, const char *unit, const char *bed, const char *patient)
{
    struct alarm_words w = { .phase = "start", .code = code, .unit = unit, .bed = bed, .patient = patient };

    lab_until(p->lab, p->lab->now_us + TIME_S);
    return send_alarm(p, &w);
}

static const struct lab_heard *newest(const struct play *p)
{
    for (size_t i = p->lab->heard_count; i > 0; i--)
        if (p->lab->heard[i - 1].kind == EFFECT_SEND)
            return &p->lab->heard[i - 1];
    return NULL;
}

static const struct alert *alert_in(const struct play *p, bool closed)
{
    return closed ? p->lab->core->closed_last : p->lab->core->open_last;
}

static void check_text(const struct play *p, const char *name, const char *text)
{
    const struct lab_heard *h = newest(p);

    if (h == NULL || !slice_is(h->full, text))
        fail_msg("%s: \"%.*s\"", name, SLICE_ARG(h != NULL ? h->full : SLICE("nothing")));
}

/* Alarms name the patient that the bed has, wherever that is known for sure. */
static void alarms_carry_the_name_of_who_is_there(void **state)
{
    static const struct {
        const char *name, *script, *unit, *bed, *patient, *text;
        bool mismatch;
    } table[] = {
        { "by the bed", "A01 p1 at 0 in 5W-12\n", "5W", "12", "", "Bed exit Marta Quill 12", false },
        { "two in the bed", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 5W-12\n", "5W", "12", "", "Bed exit ? 12",
          false },
        { "on leave", "A01 p1 at 0 in 5W-12\nA21 p1 at 1\n", "5W", "12", "", "Bed exit ? 12", false },
        { "on leave, but the message says who", "A01 p1 at 0 in 5W-12\nA21 p1 at 1\n", "5W", "12", "p1",
          "Bed exit Marta Quill 12", false },
        { "on leave beside another", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 5W-12\nA21 p1 at 1\n", "5W", "12",
          "", "Bed exit Marta Quill 12", false },
        { "back from leave", "A01 p1 at 0 in 5W-12\nA21 p1 at 1\nA22 p1 at 2\n", "5W", "12", "",
          "Bed exit Marta Quill 12", false },
        { "at the temporary place", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\n", "6E", "03", "",
          "Bed exit Marta Quill 03", false },
        { "at the temporary place, named", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\n", "6E", "03", "p1",
          "Bed exit Marta Quill 03", false },
        { "at the bed while away", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\n", "5W", "12", "p1",
          "Bed exit Marta Quill 12", false },
        { "no bed: the patient's", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\n", "", "", "p1",
          "Bed exit Marta Quill 12", false },
        { "no bed, the temporary unit", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\n", "6E", "", "p1",
          "Bed exit Marta Quill 03", false },
        { "under the dead id", "A01 p1 at 0 in 5W-12\nA40 p9 at 1 mrg p1\n", "5W", "12", "p1",
          "Bed exit Marta Quill 12", false },
        { "after the discharge", "A01 p1 at 0 in 5W-12\nA03 p1 at 1\n", "5W", "12", "", "Bed exit ? 12",
          false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        begin(&p);
        adt_script(&p, table[i].name, table[i].script);
        if (!alarm_at(&p, "bed-exit", table[i].unit, table[i].bed, table[i].patient))
            play_fail(&p, SLICE(""), "the alarm was not taken");
        check_text(&p, table[i].name, table[i].text);
        assert_int_equal(newest(&p)->mismatch, table[i].mismatch);
        play_end(&p);
    }
}

static void a_merge_moves_open_alerts_and_history(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "merge", "A01 p1 at 0 in 5W-12\n");
    assert_true(result(&p, "p1"));
    uint64_t closed = alert_in(&p, false)->id;
    assert_true(lab_answer(p.lab, "ana", ANSWER_ACCEPT, ""));
    assert_true(slice_is(lab_state(p.lab, closed), "resolved"));
    assert_true(alarm_at(&p, "bed-exit", "5W", "12", "p1"));
    adt_script(&p, "merge", "A40 p9 at 1 mrg p1\n");
    assert_true(slice_is(alert_in(&p, false)->patient, "GH|p9"));
    assert_true(slice_is(alert_in(&p, true)->patient, "GH|p9"));
    assert_true(slice_is(alert_event(p.lab->core, core_alert(p.lab->core, closed))->patient.id, "GH|p9"));
    /* A later result under the dead id is the survivor's, and rings where he is. */
    adt_script(&p, "merge", "A02 p9 at 2 in 6E-03\n");
    assert_true(result(&p, "p1"));
    assert_true(slice_is(newest(&p)->holder, "dora"));
    assert_true(slice_is(alert_in(&p, false)->patient, "GH|p9"));
    play_end(&p);
}

static void an_open_result_follows_into_the_survivors_bed(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "merge", "A01 p1 at 0 in 5W-12\nA01 p9 at 1 in 6E-03\n");
    assert_true(result(&p, "p1"));
    assert_true(slice_is(newest(&p)->holder, "ana"));
    lab_until(p.lab, p.lab->now_us + 30 * TIME_S);
    adt_script(&p, "merge", "A40 p9 at 2 mrg p1\n");
    assert_true(slice_is(newest(&p)->holder, "dora"));
    assert_true(slice_is(alert_in(&p, false)->bed, "03"));
    play_end(&p);
}

static bool assign_for(struct play *p, const char *person, const char *patient)
{
    struct core_input in = { .kind = INPUT_ASSIGN };

    in.as.assign.person = slice_of(person);
    in.as.assign.role = SLICE("primary-nurse");
    in.as.assign.patient = slice_of(patient);
    in.as.assign.until_us = TIME_NONE;
    return lab_input(p->lab, &in) && p->lab->last.done;
}

/* Who was assigned for the patient is for the survivor; also who is assigned under the dead id later. */
static void assignments_follow_the_survivor(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "assign", "A01 p1 at 0 in 5W-12\n");
    assert_true(assign_for(&p, "dora", "GH|p1"));
    adt_script(&p, "assign", "A40 p9 at 1 mrg p1\n");
    assert_true(alarm_at(&p, "bed-exit", "5W", "12", "p9"));
    assert_true(slice_is(newest(&p)->holder, "dora"));
    assert_true(assign_for(&p, "carla", "GH|p1"));
    assert_true(alarm_at(&p, "bed-exit", "5W", "12", "p1"));
    size_t carla = 0;
    for (size_t i = 0; i < p.lab->heard_count; i++)
        carla += slice_is(p.lab->heard[i].holder, "carla");
    assert_true(carla > 0);
    /* A stay that was filed under the wrong patient takes them along. */
    adt_script(&p, "assign", "A43 p2 at 3 mrg p9\n= p2 5W-12\n");
    for (size_t i = 0; i < p.lab->core->devices.override_count; i++)
        assert_true(slice_is(p.lab->core->devices.overrides[i].patient, "GH|p2"));
    play_end(&p);
}

/* Results follow, alarms stay: for every way in which a patient moves. */
static void results_follow_and_alarms_stay(void **state)
{
    static const struct {
        const char *name, *before, *script, *bed; /* of the result afterwards */
    } table[] = {
        { "A02", "A01 p1 at 0 in 5W-12\n", "A02 p1 at 1 in 6E-03\n", "03" },
        { "A12", "A01 p1 at 0 in 5W-11\nA02 p1 at 1 in 5W-12\n", "A12 p1 at 2 in 5W-11\n", "11" },
        { "A13", "A01 p1 at 0 in 5W-12\n", "A03 p1 at 1\nA13 p1 at 2 in 6E-03\n", "03" },
        { "A17", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 6E-03\n", "A17 p1 at 1 in 6E-03 with p2 5W-12\n",
          "03" },
        { "A08", "A01 p1 at 0 in 5W-12\n", "A08 p1 at 1 in 5W-13\n", "13" },
        { "late A02", "A01 p1 at 0 in 5W-11\nA02 p1 at 5 in 5W-12\n", "A02 p1 at 1 in 6E-03\n", "12" },
        { "A09: the bed is kept", "A01 p1 at 0 in 5W-12\n", "A09 p1 at 1 temp 6E-03\n", "12" },
        { "A21", "A01 p1 at 0 in 5W-12\n", "A21 p1 at 1\n", "12" },
        { "A03: where it was", "A01 p1 at 0 in 5W-12\n", "A03 p1 at 1\n", "12" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        begin(&p);
        adt_script(&p, table[i].name, table[i].before);
        assert_true(result(&p, "p1"));
        uint64_t id = alert_in(&p, false)->id;
        assert_true(alarm_at(&p, "bed-exit", "5W", "12", ""));
        uint64_t alarm = alert_in(&p, false)->id;
        adt_script(&p, table[i].name, table[i].script);
        if (!slice_is(core_alert(p.lab->core, id)->bed, table[i].bed) ||
            !slice_is(core_alert(p.lab->core, alarm)->bed, "12"))
            fail_msg("%s: %.*s the result is at %.*s", table[i].name, SLICE_ARG(lab_state(p.lab, id)),
                     SLICE_ARG(core_alert(p.lab->core, id)->bed));
        play_end(&p);
    }
}

static void a_moved_stay_takes_its_alerts_and_leaves_the_older_ones(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "stay", "A01 p1 at -600 in 5W-11\nA03 p1 at -500\n");
    assert_true(result(&p, "p1"));
    uint64_t before = alert_in(&p, false)->id;
    assert_true(slice_is(core_alert(p.lab->core, before)->patient, "GH|p1"));
    lab_until(p.lab, 10 * TIME_MIN);
    adt_script(&p, "stay", "A01 p1 at 10 in 6E-03 visit v2\n");
    assert_true(result(&p, "p1"));
    uint64_t during = alert_in(&p, false)->id;
    adt_script(&p, "stay", "A45 p2 at 12 mrg p1 was v2\n= p2 6E-03\n= p1 out\n");
    assert_true(slice_is(core_alert(p.lab->core, before)->patient, "GH|p1"));
    assert_true(slice_is(core_alert(p.lab->core, during)->patient, "GH|p2"));
    play_end(&p);
}

/* A transfer event is one only while the movement stands. */
static void transfers_are_told_and_withdrawn(void **state)
{
    static const struct {
        const char *name, *script;
        size_t open, withdrawn;
    } table[] = {
        { "A02", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\n", 1, 0 },
        { "A01 A03 A08 are none", "A01 p1 at 0 in 5W-12\nA08 p1 at 1 in 5W-13\nA03 p1 at 2\n", 0, 0 },
        { "late A02", "A01 p1 at 0 in 5W-12\nA02 p1 at 5 in 6E-03\nA02 p1 at 1 in 5W-13\n", 1, 0 },
        { "late A02 after A03", "A01 p1 at 0 in 5W-12\nA03 p1 at 5\nA02 p1 at 1 in 5W-13\n", 0, 0 },
        { "A08 of the same move goes first",
          "A01 p1 at 0 in 5W-12\nA08 p1 at 1 in 6E-03\nA02 p1 at 1 in 6E-03\n", 1, 0 },
        { "A12", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA12 p1 at 2 in 5W-12\n", 0, 1 },
        { "A12 of an older one", "A01 p1 at 0 in 5W-12\nA02 p1 at 3 in 6E-03\nA12 p1 at 2 in 5W-12\n", 1, 0 },
        { "A11", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA11 p1 at 2\n", 0, 1 },
        { "A13 that undoes nothing", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA13 p1 at 2\n", 1, 0 },
        { "A17", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 6E-03\nA17 p1 at 1 in 6E-03 with p2 5W-12\n", 2, 0 },
        { "A12 after a merge",
          "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA40 p9 at 2 mrg p1\nA12 p9 at 3 in 5W-12\n", 0, 1 },
        { "A12 under the dead id",
          "A01 p1 at 0 in 5W-12\nA40 p9 at 1 mrg p1\nA02 p9 at 2 in 6E-03\n"
          "A12 p1 at 3 in 5W-12\n",
          0, 1 },
        { "Z99 UPDATE of the place",
          "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
          "Z99 p1 at 1 in 6E-04 zbe 2 UPDATE A02\n",
          1, 0 },
        { "A29", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA29 p1 at 2\n", 0, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct play p;
        size_t withdrawn = 0;
        begin(&p);
        adt_script(&p, table[i].name, table[i].script);
        for (const struct alert *a = p.lab->core->closed_first; a != NULL; a = a->next_open)
            withdrawn += a->reason == CLOSED_WITHDRAWN;
        if (p.lab->core->open_count != table[i].open || withdrawn != table[i].withdrawn)
            fail_msg("%s: %zu open, %zu withdrawn", table[i].name, p.lab->core->open_count, withdrawn);
        play_end(&p);
    }
}

static void leave_and_pending_are_flags_for_rules(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "flags", "A01 p1 at 0 in 5W-12\nA21 p1 at 1\n");
    assert_true(alarm_at(&p, "lead-off", "5W", "12", "p1"));
    assert_true(slice_is(newest(&p)->rule, "leave"));
    assert_true(slice_is(newest(&p)->holder, "carla"));
    play_end(&p);
}

/* Weeks of heartbeats: live, replayed and restored state are compared at their end, not after each. */
static void weeks_until(struct play *p, int64_t to_us)
{
    p->lab->options.check = false;
    lab_until(p->lab, to_us - TIME_HOUR);
    p->lab->options.check = true;
    lab_until(p->lab, to_us);
}

/* Ids that were merged away are remembered for 30 days, and not for ever. */
static void dead_ids_are_forgotten_in_the_end(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    adt_script(&p, "expiry", "A01 p9 at 0 in 5W-12\nA40 p9 at 1 mrg p1\n");
    weeks_until(&p, 29 * TIME_DAY);
    adt_script(&p, "29 days", "A02 p1 at 41700 in 6E-03\n= p9 6E-03\n= p1 unknown\n");
    weeks_until(&p, 31 * TIME_DAY);
    adt_script(&p, "31 days", "A01 p1 at 44700 in 5W-20\n= p9 6E-03\n= p1 5W-20\n");
    play_end(&p);
}

static void only_so_many_dead_ids_are_kept(void **state)
{
    struct census c;
    char id[32];

    (void)state;
    census_init(&c);
    for (int i = 0; i <= LIMIT_MERGED_IDS; i++) {
        snprintf(id, sizeof id, "d%d", i);
        census_merge(&c, slice_of(id), SLICE("s"), i);
    }
    assert_int_equal(map_count(c.merged), LIMIT_MERGED_IDS);
    assert_true(slice_is(census_survivor(&c, SLICE("d0")), "d0"));
    assert_true(slice_is(census_survivor(&c, SLICE("d1")), "s"));
    census_free(&c);
}

/* --- what version 1 wrote ----------------------------------------------------------------------------- */
static void put_v1_row(struct buf *b)
{
    static const char *const texts[] = { "GH|p1", "Quill", "Marta",   "1954", "inpatient",
                                         "MED",   "d7",    "Ada Roe", "",     "6E",
                                         "",      "03",    "5W",      "",     "12" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        buf_slice_put(b, slice_of(texts[i]));
    buf_i64(b, 1000000);
    buf_u8(b, 1);
}

static void records_and_snapshots_of_version_1_are_read(void **state)
{
    struct buf bytes = buf_make(4096), body = buf_make(4096), census = buf_make(4096);
    struct arena *a = arena_new();
    struct record r;
    struct error err = { .code = ERROR_NONE };

    (void)state;
    put_v1_row(&body);
    buf_u8(&bytes, 1); /* version */
    buf_u8(&bytes, RECORD_PATIENT);
    buf_u32(&bytes, (uint32_t)body.len);
    buf_i64(&bytes, 5);
    buf_i64(&bytes, 6);
    buf_put(&bytes, buf_slice(&body));
    struct reader in = reader_make(buf_slice(&bytes));
    assert_true(record_read(&in, &r, &err));
    assert_true(slice_is(r.as.patient.id, "GH|p1") && slice_is(r.as.patient.bed, "03"));
    assert_true(r.as.patient.here && r.as.patient.moved_us == 1000000);
    assert_true(r.as.patient.movements.len == 0 && r.as.patient.pending.len == 0 && !r.as.patient.away);
    /* Its places make the movements that an undo needs. */
    struct movements m;
    movements_read(&m, a, &r.as.patient);
    assert_int_equal(m.count, 2);
    size_t i = movements_find(&m, MOVEMENT_TRANSFERRED, (struct slice){ NULL, 0 }, 2000000);
    assert_int_equal(i, 1);
    movements_remove(&m, i);
    assert_true(slice_is(movements_stay(&m).place.bed, "12"));
    /* Cut in the middle of a member, it is no record. */
    bytes.ptr[2] = (char)(body.len - 3);
    in = reader_make((struct slice){ bytes.ptr, bytes.len - 3 });
    assert_false(record_read(&in, &r, &err));
    /* The census of a snapshot of version 1. */
    buf_u32(&census, 1);
    put_v1_row(&census);
    buf_i64(&census, TIME_NONE);
    buf_u32(&census, 0);
    struct census c;
    census_init(&c);
    in = reader_make(buf_slice(&census));
    census_read(&c, &in, 1);
    assert_true(reader_done(&in));
    assert_int_equal(census_bed(&c, SLICE("6E"), SLICE("03"))->count, 1);
    census_free(&c);
    arena_free(&a);
    buf_free(&bytes);
    buf_free(&body);
    buf_free(&census);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alarms_carry_the_name_of_who_is_there),
        cmocka_unit_test(a_merge_moves_open_alerts_and_history),
        cmocka_unit_test(an_open_result_follows_into_the_survivors_bed),
        cmocka_unit_test(assignments_follow_the_survivor),
        cmocka_unit_test(results_follow_and_alarms_stay),
        cmocka_unit_test(a_moved_stay_takes_its_alerts_and_leaves_the_older_ones),
        cmocka_unit_test(transfers_are_told_and_withdrawn),
        cmocka_unit_test(leave_and_pending_are_flags_for_rules),
        cmocka_unit_test(dead_ids_are_forgotten_in_the_end),
        cmocka_unit_test(only_so_many_dead_ids_are_kept),
        cmocka_unit_test(records_and_snapshots_of_version_1_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
