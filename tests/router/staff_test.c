/* Staff feeds, places and the roles of a patient: who is rung because of them, and who is not
 * (docs/rules/site.md, "Staff and places from feeds"). Every input is replayed and restored by the lab. */
#include "tests/router/fixture.h"

static void begin(struct play *p)
{
    play_begin(p, "2026-10-14T19:00:00Z", true); /* 14:00 in Chicago */
}

/* --- senders ------------------------------------------------------------------------------------------- */

/* `offset`: how much earlier than now the message was made. */
static bool send(struct play *p, const char *type, int64_t offset_us, const char *segments)
{
    char wire[4096], at[64];
    struct civil c = time_to_civil(p->lab->options.wall_us + p->lab->now_us - offset_us);

    snprintf(at, sizeof at, "%04d%02u%02u%02u%02u%02u.%03d+0000", c.year, c.month, c.day, c.hour, c.minute,
             c.second, c.us / 1000);
    snprintf(wire, sizeof wire, "MSH|^~\\&|HR|GH|||%s||%s|S%u|P|2.7\r%s", at, type, ++p->sent, segments);
    return lab_message(p->lab, "hr", wire) && p->lab->last.accepted;
}

static bool staff(struct play *p, const char *rows)
{
    char text[2048];

    snprintf(text, sizeof text, "MFI|STF||UPD\r%s", rows);
    return send(p, "MFN^M02", 0, text);
}

static bool roles(struct play *p, const char *trigger, const char *patient, const char *segments)
{
    char text[2048];

    snprintf(text, sizeof text, "EVN||\rPID|||%s^^^GH^MR\rPV1||I|5W^^12||||99^Outside\r%s", patient,
             segments);
    return send(p, trigger, 0, text);
}

static struct staff_line person(const struct play *p, const char *name)
{
    struct staff_line *rows;
    size_t count;

    core_staff(p->lab->core, p->lab->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(rows[i].person, name))
            return rows[i];
    return (struct staff_line){ .person = { NULL, 0 } };
}

static struct place_line place(const struct play *p, const char *unit, const char *bed)
{
    struct place_line *rows;
    size_t count;

    core_places(p->lab->core, p->lab->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(rows[i].unit, unit) && slice_is(rows[i].bed, bed) && rows[i].listener.len > 0)
            return rows[i];
    return (struct place_line){ .unit = { NULL, 0 } };
}

static uint64_t found(const struct play *p, const char *what, const char *key)
{
    struct listed *rows;
    size_t count;
    uint64_t n = 0;

    core_list(p->lab->core, SLICE("finding"), p->lab->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_is(rows[i].what, what) && (key == NULL || slice_is(rows[i].key, key)))
            n += rows[i].count;
    return n;
}

/* Who was told in the last moment, in order: "ana carla". */
static const char *rung_at(struct play *p, const char *code, const char *patient, const char *bed)
{
    static char names[256];
    size_t before = p->lab->heard_count;
    const struct alarm_words w = { .phase = "start", .code = code, .bed = bed, .patient = patient };

    assert_true(lab_until(p->lab, p->lab->now_us + TIME_S));
    assert_true(send_alarm(p, &w));
    names[0] = '\0';
    for (size_t i = before; i < p->lab->heard_count; i++)
        if (p->lab->heard[i].kind == EFFECT_SEND && !p->lab->heard[i].fyi) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof names - used, "%s%.*s", used > 0 ? " " : "",
                     SLICE_ARG(p->lab->heard[i].holder));
        }
    const struct alarm_words over = { .phase = "end", .code = code, .bed = bed, .patient = patient };
    struct slice all = slice_of(names);
    const char *first = arena_text(p->lab->arena, slice_cut(&all, ' '));
    assert_true(first[0] == '\0' || lab_answer(p->lab, first, ANSWER_ACCEPT, NULL));
    assert_true(send_alarm(p, &over));
    return names;
}

static const char *rung(struct play *p, const char *code, const char *patient)
{
    return rung_at(p, code, patient, "12");
}

/* The sentences of the newest alert. */
static bool told(const struct play *p, const char *words)
{
    struct buf text = buf_make(1 << 22);
    uint64_t alert = lab_alert(p->lab);

    for (size_t i = 0; i < p->lab->append_count; i++)
        core_explain(p->lab->core, alert, p->lab->appends[i].first, p->lab->appends[i].records, &text);
    bool fine = slice_has(buf_slice(&text), slice_of(words));
    if (!fine)
        fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&text)));
    buf_free(&text);
    return fine;
}

/* --- the directory -------------------------------------------------------------------------------------- */

static void a_deactivated_person_is_not_rung(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    assert_true(staff(&p, "MFE|MDC|||ana\r"));
    assert_true(slice_is(person(&p, "ana").state, "deactivated by hr"));
    assert_false(person(&p, "ana").reachable);
    assert_string_equal(rung(&p, "vfib", "p1"), "ben");
    assert_true(told(&p, "Ana Ruiz RN (assigned primary-nurse of 5W; deactivated by hr)"));
    assert_true(staff(&p, "MFE|MAC|||ANA\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ben"); /* another key of the feed: its row is still off */
    assert_true(staff(&p, "MFE|MAC|||ana\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    play_end(&p);
}

static void each_way_out_of_service_and_back(void **state)
{
    static const struct {
        const char *name, *type, *segments, *state, *rung;
    } rows[] = {
        { "STF-7 I", "MFN^M02", "MFI|STF||UPD\rMFE|MUP|||77\rSTF|77|ANA|Ruiz^Ana||||I\r", "deactivated by hr",
          "ben" },
        { "STF-7 A", "MFN^M02", "MFI|STF||UPD\rMFE|MUP|||77\rSTF|77|ANA|Ruiz^Ana||||A\r", "active", "ana" },
        { "MDL", "MFN^M02", "MFI|STF||UPD\rMFE|MDL|||77\r", "removed by hr", "ben" },
        { "MAD", "MFN^M02", "MFI|STF||UPD\rMFE|MAD|||77\rSTF|77|ANA|Ruiz^Ana\r", "active", "ana" },
        { "B05", "PMU^B05", "EVN||\rSTF|77|ANA\r", "deactivated by hr", "ben" },
        { "B04", "PMU^B04", "EVN||\rSTF|77|ANA\r", "active", "ana" },
        { "B06", "PMU^B06", "EVN||\rSTF|77|ANA\r", "removed by hr", "ben" },
        { "B01", "PMU^B01", "EVN||\rSTF|77|ANA|Ruiz^Ana\r", "active", "ana" },
        { "B03", "PMU^B03", "EVN||\rSTF|77|ANA\r", "removed by hr", "ben" },
        { "B02", "PMU^B02", "EVN||\rSTF|77|ANA|Ruiz^Ana\r", "active", "ana" },
    };
    struct play p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!send(&p, rows[i].type, 0, rows[i].segments))
            fail_msg("%s: %s %s", rows[i].name, p.lab->error.message, p.lab->last.error.message);
        if (!slice_is(person(&p, "ana").state, rows[i].state) ||
            strcmp(rung(&p, "vfib", "p1"), rows[i].rung) != 0)
            fail_msg("%s: %.*s", rows[i].name, SLICE_ARG(person(&p, "ana").state));
    }
    play_end(&p);
}

static void leaving_that_is_announced_waits_for_its_day(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MDC||20261014200000+0000|ana\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    assert_true(lab_until(p.lab, TIME_HOUR));
    assert_true(lab_restart(p.lab, TIME_MIN, true));
    assert_string_equal(rung(&p, "vfib", "p1"), "ben");
    play_end(&p);
}

static void who_is_deactivated_gives_back(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    play_script(&p, "accepted, then deactivated",
                "0s send start vfib patient p1\n0s expect ana urgent\n0s expect tele-room urgent fyi\n5s say "
                "ana accept\n",
                0);
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "accepted"));
    assert_true(staff(&p, "MFE|MDC|||ana\r"));
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "notifying"));
    play_end(&p);
}

/* Also when the leaving was announced before: within a minute of its time. */
static void who_leaves_later_gives_back_then(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MDC||20261014190050+0000|ana\r"));
    play_script(&p, "accepted, then gone",
                "0s send start vfib patient p1\n0s expect ana urgent\n0s expect tele-room urgent fyi\n5s say "
                "ana accept\n",
                0);
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "accepted"));
    assert_true(lab_until(p.lab, p.lab->now_us + 80 * TIME_S)); /* the accept would hold for 120 s */
    assert_true(slice_is(lab_state(p.lab, lab_alert(p.lab)), "notifying"));
    play_end(&p);
}

static void a_late_row_does_not_undo_a_newer_one(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MDC|||ana\r"));
    assert_true(send(&p, "MFN^M02", TIME_HOUR, "MFI|STF||UPD\rMFE|MAC|||ana\r"));
    assert_true(slice_is(person(&p, "ana").state, "deactivated by hr"));
    assert_int_equal(found(&p, "stale-row", "ana"), 1);
    play_end(&p);
}

/* All or nothing: the good row before the bad one counts for nothing, and the sender hears where it is. */
static void a_file_with_a_bad_row_changes_nothing(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_false(staff(&p, "MFE|MDC|||ana\rMFE|MAD\rSTF|||X\r"));
    assert_int_equal(p.lab->last.verdict, VERDICT_BAD);
    assert_string_equal(p.lab->last.error.where, "MFE[2]-4");
    assert_true(slice_is(person(&p, "ana").state, "active"));
    assert_int_equal(lab_counter(p.lab, "fate-quarantined"), 1);
    play_end(&p);
}

static void a_whole_file_takes_out_who_is_not_in_it(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MAD|||ana\rSTF|ana\rMFE|MAD|||500\rSTF|500||Kerr^Jo\r"));
    lab_until(p.lab, p.lab->now_us + TIME_MIN);
    assert_true(send(&p, "MFN^M02", 0, "MFI|STF||REP\rMFE|MAD|||500\rSTF|500||Kerr^Jo\r"));
    assert_true(slice_is(person(&p, "ana").state, "deactivated by hr"));
    assert_true(slice_is(person(&p, "ben").state, "active")); /* never in the feed: nothing is said of him */
    assert_true(slice_is(person(&p, "hr:500").state, "active"));
    play_end(&p);
}

/* A feed's ids find the site's person, its other people are persons of their own. */
static void ids_of_a_feed_find_people(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MAD|||77\rSTF|77|RASHID~99^^^NPI|Omar^Rashid|||||Medicine||||||||||Internist\r"
                          "MFE|MAD|||500\rSTF|500|E500|Kerr^Jo\r"));
    assert_int_equal(person(&p, "rashid").id_count, 3);
    assert_true(slice_is(person(&p, "rashid").title, "Rashid Omar MD")); /* what the site says stays */
    assert_true(slice_is(person(&p, "rashid").department, "Medicine"));
    assert_true(slice_is(person(&p, "hr:500").title, "Jo Kerr"));
    assert_false(person(&p, "hr:500").reachable);
    assert_true(roles(&p, "ADT^A01", "p1", ""));
    assert_string_equal(rung(&p, "pain-call", "p1"), "rashid");
    assert_true(told(&p, "on duty now, named by the event"));
    struct slice name;
    assert_true(core_holder_named(p.lab->core, SLICE("E500"), &name) && slice_is(name, "hr:500"));
    assert_true(core_holder_named(p.lab->core, SLICE("99"), &name) && slice_is(name, "rashid"));
    assert_false(core_holder_named(p.lab->core, SLICE("501"), &name));
    play_end(&p);
}

/* `staff reach phones`: a phone enrolled for a person whom only the feed knows rings. */
static void a_person_whom_only_the_feed_knows_is_rung(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(staff(&p, "MFE|MAD|||99\rSTF|99||Outside^Olga\r"));
    assert_true(lab_enrol(p.lab, "hr:99"));
    assert_true(person(&p, "hr:99").reachable);
    assert_true(roles(&p, "ADT^A01", "p1", ""));
    assert_string_equal(rung(&p, "pain-call", "p1"), "hr:99");
    assert_true(told(&p, "told Olga Outside"));
    assert_true(staff(&p, "MFE|MDC|||99\r"));
    assert_string_equal(rung(&p, "pain-call", "p1"), "rashid");
    play_end(&p);
}

/* No key of a feed can take over a role or a person of the site. */
static void a_key_like_a_role_takes_nothing_over(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(
        staff(&p, "MFE|MAD|||primary-nurse\rSTF|primary-nurse||X\rMFE|MAD|||500\rSTF|500|primary-nurse|Y\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    play_end(&p);
}

/* --- places ----------------------------------------------------------------------------------------------
 */

static void places_are_kept_as_feeds_describe_them(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(send(&p, "MFN^M05", 0,
                     "MFI|LOC||UPD\rMFE|MUP|||5W^^12\rLOC|5W^^12^^C|Window\rMFE|MAD|||9Z^^1\rLOC|9Z^^1\rMFE|"
                     "MDC|||5W^^11\r"));
    assert_true(slice_is(place(&p, "5W", "12").status, "closed"));
    assert_true(slice_is(place(&p, "5W", "12").state, "closed"));
    assert_true(place(&p, "5W", "12").known);
    assert_false(place(&p, "9Z", "1").known);
    assert_true(slice_is(place(&p, "9Z", "1").state, "active"));
    assert_true(slice_is(place(&p, "5W", "11").state, "closed"));
    assert_int_equal(found(&p, "unmapped-place", NULL), 0); /* they have a list of their own */
    lab_until(p.lab, p.lab->now_us + TIME_MIN);
    assert_true(send(&p, "MFN^M05", TIME_MIN * 2, "MFI|LOC||UPD\rMFE|MDL|||5W^^12\r"));
    assert_true(slice_is(place(&p, "5W", "12").state, "closed"));
    assert_int_equal(found(&p, "stale-row", NULL), 1);
    assert_true(send(&p, "MFN^M05", 0, "MFI|LOC||REP\rMFE|MAD|||5W^^12\rLOC|5W^^12^^U\r"));
    assert_true(slice_is(place(&p, "5W", "12").state, "active"));
    assert_true(slice_is(place(&p, "9Z", "1").state, "closed"));
    assert_true(send(&p, "MFN^M05", 0, "MFI|LOC||UPD\rMFE|MDL|||9Z^^1\r"));
    assert_true(slice_is(place(&p, "9Z", "1").state, "removed"));
    assert_true(send(&p, "ADT^A20", 0, "EVN||\rNPU|5W^^12|H\r"));
    assert_true(slice_is(place(&p, "5W", "12").status, "housekeeping"));
    assert_true(send(&p, "ADT^A20", TIME_HOUR, "EVN||\rNPU|5W^^12|O\r"));
    assert_true(slice_is(place(&p, "5W", "12").status, "housekeeping"));
    assert_int_equal(found(&p, "stale-row", NULL), 2);
    play_end(&p);
}

/* --- roles of a patient -------------------------------------------------------------------------------- */

static void a_role_from_a_feed_is_an_assignment(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", "ROL|1|AD|PN|dora^Lind\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "dora");
    assert_true(told(&p, "assigned by hr, primary-nurse of this patient"));
    assert_string_equal(rung_at(&p, "vfib", "p2", "11"), "ana"); /* another patient */
    play_end(&p);
}

struct step {
    const char *name;
    const char *trigger, *segments; /* NULL: by hand */
    const char *by_hand;            /* person who is given the role; "-dora": ends hers */
    const char *rung;
};

static void by_hand(struct play *p, const char *who)
{
    struct core_input in = { .kind = INPUT_ASSIGN };

    in.as.assign.end = who[0] == '-';
    in.as.assign.person = slice_of(who + (who[0] == '-'));
    in.as.assign.role = SLICE("primary-nurse");
    in.as.assign.patient = in.as.assign.end ? SLICE("") : SLICE("GH|p1");
    in.as.assign.until_us = TIME_NONE;
    in.as.assign.by = SLICE("control");
    assert_true(lab_input(p->lab, &in) && p->lab->last.done);
}

static void run_steps(const struct step *steps, size_t count)
{
    struct play p;

    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", ""));
    for (size_t i = 0; i < count; i++) {
        lab_until(p.lab, p.lab->now_us + TIME_S);
        if (steps[i].by_hand != NULL)
            by_hand(&p, steps[i].by_hand);
        else if (!roles(&p, steps[i].trigger, "p1", steps[i].segments))
            fail_msg("%s: %s %s", steps[i].name, p.lab->error.message, p.lab->last.error.message);
        const char *who = rung(&p, "vfib", "p1");
        if (strcmp(who, steps[i].rung) != 0)
            fail_msg("%s: rung %s", steps[i].name, who);
    }
    play_end(&p);
}

static void what_was_said_last_counts(void **state)
{
    static const struct step steps[] = {
        { "added", "ADT^A08", "ROL|1|AD|PN|dora\r", NULL, "dora" },
        { "said again", "ADT^A08", "ROL|1|AD|PN|dora\r", NULL, "dora" },
        { "by hand, later", NULL, NULL, "carla", "carla" },
        { "what the feed only says again changes nothing", "ADT^A08", "ROL|1|AD|PN|dora\r", NULL, "carla" },
        { "another person of the feed is new", "ADT^A08", "ROL|1|UP|PN|ana\r", NULL, "ana" },
        { "two of one message count together", "ADT^A08", "ROL|1|AD|PN|dora\rROL|2|AD|PN|carla\r", NULL,
          "dora carla" },
        { "one of them ends", "ADT^A08", "ROL|1|DE|PN|carla\r", NULL, "dora" },
        { "the feed's end leaves what was made by hand", "ADT^A08", "ROL|1|DE|PN|carla\rROL|2|DE|PN|dora\r",
          NULL, "ana" },
        { "", "ADT^A08", "ROL|1|DE|PN|ana\r", NULL, "carla" },
        { "ended by hand: the bed's nurse", NULL, NULL, "-carla", "ana" },
        { "its time is over", "ADT^A08", "ROL|1|AD|PN|dora|20261001|20261002\r", NULL, "ana" },
        { "it begins later", "ADT^A08", "ROL|1|AD|PN|dora|20261014193000+0000\r", NULL, "ana" },
        { "PRT says the same in v2.7", "ADT^A08", "PRT|1|AD||CN|x\rPRT|2|AD||PN|carla\r", NULL, "carla" },
    };

    (void)state;
    run_steps(steps, sizeof steps / sizeof steps[0]);
}

/* The command names beds, not patients. */
static void give_bed(struct play *p, const char *who, const char *bed)
{
    struct slice beds[1] = { slice_of(bed) };
    struct core_input in = { .kind = INPUT_ASSIGN };

    in.as.assign.person = slice_of(who);
    in.as.assign.role = SLICE("primary-nurse");
    in.as.assign.unit = SLICE("5W");
    in.as.assign.beds = beds;
    in.as.assign.bed_count = bed[0] != '\0';
    in.as.assign.until_us = TIME_NONE;
    in.as.assign.by = SLICE("control");
    lab_until(p->lab, p->lab->now_us + TIME_S);
    assert_true(lab_input(p->lab, &in) && p->lab->last.done);
}

static void a_bed_given_by_hand_later_counts(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", "ROL|1|AD|PN|dora\r"));
    give_bed(&p, "ana", "");
    assert_string_equal(rung(&p, "vfib", "p1"), "dora"); /* the whole unit says nothing of this patient */
    give_bed(&p, "ana", "11");
    assert_string_equal(rung(&p, "vfib", "p1"), "dora"); /* nor does another bed */
    give_bed(&p, "carla", "12");
    assert_string_equal(rung(&p, "vfib", "p1"), "carla");
    assert_true(roles(&p, "ADT^A08", "p1", "ROL|1|AD|PN|dora\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "carla"); /* nothing new was said */
    lab_until(p.lab, p.lab->now_us + TIME_S);
    assert_true(roles(&p, "ADT^A08", "p1", "ROL|1|AD|PN|ana\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    play_end(&p);
}

static void who_leaves_keeps_nobody(void **state)
{
    static const struct step steps[] = {
        { "admitted", "ADT^A01", "ROL|1|AD|PN|dora\r", NULL, "dora" },
        { "discharged, with the role still in it", "ADT^A03", "ROL|1|AD|PN|dora\r", NULL, "ana" },
        { "a late message gives nothing back", "ADT^A28", "ROL|1|AD|PN|dora\r", NULL, "ana" },
        { "back again", "ADT^A01", "ROL|1|AD|PN|dora\r", NULL, "dora" },
    };

    (void)state;
    run_steps(steps, sizeof steps / sizeof steps[0]);
}

static void a_merge_takes_roles_along(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", "ROL|1|AD|PN|dora\r"));
    assert_true(send(&p, "ADT^A40", 0, "EVN||\rPID|||p9^^^GH^MR\rMRG|p1^^^GH^MR\r"));
    assert_string_equal(rung(&p, "vfib", "p9"), "dora");
    play_end(&p);
}

static void its_time_begins_and_ends_by_itself(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", "ROL|1|AD|PN|dora|20261014193000+0000|20261014203000+0000\r"));
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    lab_until(p.lab, 31 * TIME_MIN);
    assert_string_equal(rung(&p, "vfib", "p1"), "dora");
    lab_until(p.lab, 91 * TIME_MIN);
    assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    play_end(&p);
}

/* An open alert follows the assignment, as it does when a person makes it. */
static void an_open_alert_follows(void **state)
{
    struct play p;
    const struct alarm_words w = { .phase = "start", .code = "vfib", .patient = "p1" };

    (void)state;
    begin(&p);
    assert_true(roles(&p, "ADT^A01", "p1", ""));
    assert_true(send_alarm(&p, &w));
    size_t before = p.lab->heard_count;
    assert_true(roles(&p, "ADT^A08", "p1", "ROL|1|AD|PN|dora\r"));
    bool heard = false;
    for (size_t i = before; i < p.lab->heard_count; i++)
        heard = heard || (p.lab->heard[i].kind == EFFECT_SEND && slice_is(p.lab->heard[i].holder, "dora"));
    assert_true(heard);
    play_end(&p);
}

static void what_cannot_be_assigned_is_listed(void **state)
{
    static const struct {
        const char *name, *segments, *what, *key;
    } rows[] = {
        { "a role without a row", "ROL|1|AD|PP^^HL70443|dora\r", "unmapped-role", "HL70443|PP" },
        { "a person of nobody", "ROL|1|AD|PN|4711\r", "unknown-person", "4711" },
        { "a role that the person may not hold", "ROL|1|AD|PN|noor\r", "may-not-hold", "noor|primary-nurse" },
    };
    struct play p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(roles(&p, "ADT^A01", "p1", rows[i].segments));
        if (found(&p, rows[i].what, rows[i].key) != 1)
            fail_msg("%s is not listed", rows[i].name);
        assert_string_equal(rung(&p, "vfib", "p1"), "ana");
    }
    assert_true(send(&p, "ORU^R01", 0, "PID|||p7^^^GH^MR\rPRT|1|AD||PN|dora\rOBR|1||F1|1^K^LN\r"));
    assert_int_equal(found(&p, "care-without-patient", NULL), 1);
    play_end(&p);
}

/* Without a patient's number the bed stands for the patient. */
static void a_role_without_a_patient_is_of_the_bed(void **state)
{
    struct play p;

    (void)state;
    begin(&p);
    assert_true(send(&p, "ORU^R01", 0, "PV1||I|5W^^12\rPRT|1|AD||PN|dora\rOBR|1||F1|1^K^LN\r"));
    assert_string_equal(rung(&p, "vfib", ""), "dora");
    assert_true(told(&p, "assigned by hr, primary-nurse of 5W bed 12"));
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deactivated_person_is_not_rung),
        cmocka_unit_test(each_way_out_of_service_and_back),
        cmocka_unit_test(leaving_that_is_announced_waits_for_its_day),
        cmocka_unit_test(who_is_deactivated_gives_back),
        cmocka_unit_test(who_leaves_later_gives_back_then),
        cmocka_unit_test(a_late_row_does_not_undo_a_newer_one),
        cmocka_unit_test(a_file_with_a_bad_row_changes_nothing),
        cmocka_unit_test(a_whole_file_takes_out_who_is_not_in_it),
        cmocka_unit_test(ids_of_a_feed_find_people),
        cmocka_unit_test(a_person_whom_only_the_feed_knows_is_rung),
        cmocka_unit_test(a_key_like_a_role_takes_nothing_over),
        cmocka_unit_test(places_are_kept_as_feeds_describe_them),
        cmocka_unit_test(a_role_from_a_feed_is_an_assignment),
        cmocka_unit_test(what_was_said_last_counts),
        cmocka_unit_test(a_bed_given_by_hand_later_counts),
        cmocka_unit_test(who_leaves_keeps_nobody),
        cmocka_unit_test(a_merge_takes_roles_along),
        cmocka_unit_test(its_time_begins_and_ends_by_itself),
        cmocka_unit_test(an_open_alert_follows),
        cmocka_unit_test(what_cannot_be_assigned_is_listed),
        cmocka_unit_test(a_role_without_a_patient_is_of_the_bed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
