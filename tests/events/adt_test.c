/* ADT into changes of the census, one row a trigger (docs/rules/events.md, STANDARDS section 3.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/events/hl7_help.h"

#define MSH(e, v) "MSH|^~\\&|HIS|GH|||20261122031504+0000||ADT^" e "|1|P|" v "\r"
#define EVN       "EVN||20261122040000|||d1|20261122033000\r"
#define PID       "PID|||4711^^^GH^MR||Quill^Marta||19540317\r"
#define PV1       "PV1||I|5W^512^12||||d7^Roe^Ada\r"
#define MRG       "MRG|9^^^GH^MR\r"

/* --- every trigger, in some version that has it ------------------------------------------------------ */
static const struct row {
    const char *trigger, *wire;
    int kind;           /* -1: no change */
    const char *events; /* "starts", "withdrawn", "" */
    const char *place;  /* bed of change.place, or of `pending` or `temporary` where that is the news */
} ROWS[] = {
    { "A01 v2.1", "MSH|^~\\&|HIS|GH|||20261122||ADT|1|P|2.1\rEVN|A01|20261122\rPID||4711\rPV1||I|5W^^12\r",
      CHANGE_ADMIT, "", "12" },
    { "A01 v2.9", MSH("A01^ADT_A01", "2.9") EVN PID PV1, CHANGE_ADMIT, "", "12" },
    { "A02", MSH("A02", "2.5") EVN PID "PV1||I|5W^512^12|||ICU^^B1\r", CHANGE_MOVE, "starts", "12" },
    { "A03", MSH("A03", "2.3") EVN PID PV1, CHANGE_DISCHARGE, "", "12" },
    { "A04", MSH("A04", "2.2") EVN PID "PV1||E\r", CHANGE_ADMIT, "", "" },
    { "A05", MSH("A05", "2.3.1") EVN PID PV1, CHANGE_PREADMIT, "", "12" },
    { "A06", MSH("A06", "2.4") EVN PID PV1, CHANGE_PLACE, "", "12" },
    { "A07", MSH("A07", "2.4") EVN PID "PV1||O\r", CHANGE_PLACE, "", "" },
    { "A08", MSH("A08", "2.3") EVN PID PV1, CHANGE_UPDATE, "", "12" },
    { "A08 after PV1-45",
      MSH("A08", "2.5") EVN PID "PV1||I|5W^512^12|||||||||||||||||||||||||||||||||||||||||"
                                "|20261120\r",
      CHANGE_DETAILS, "", "12" },
    { "A09", MSH("A09", "2.5") EVN PID "PV1||I|5W^^12||||||||ICU^^B1\r", CHANGE_DEPART, "", "B1" },
    { "A10", MSH("A10", "2.5") EVN PID "PV1||I|5W^^12||||||||ICU^^B1\r", CHANGE_ARRIVE, "", "B1" },
    { "A11", MSH("A11", "2.2") EVN PID PV1, CHANGE_CANCEL_ADMIT, "withdrawn", "12" },
    { "A12", MSH("A12", "2.2") EVN PID PV1, CHANGE_CANCEL_MOVE, "withdrawn", "12" },
    { "A13", MSH("A13", "2.2") EVN PID PV1, CHANGE_CANCEL_DISCHARGE, "withdrawn", "12" },
    { "A14", MSH("A14", "2.3") EVN PID PV1, CHANGE_PENDING_ADMIT, "", "12" },
    { "A15", MSH("A15", "2.3") EVN PID "PV1||I|5W^^12|||||||||||||||||||||||||||||||||||||||ICU^^B1\r",
      CHANGE_PENDING_MOVE, "", "B1" },
    { "A16", MSH("A16", "2.3") EVN PID PV1, CHANGE_PENDING_DISCHARGE, "", "12" },
    { "A17", MSH("A17", "2.3") EVN PID PV1 "PID|||12^^^GH\rPV1||I|ICU^^B1\r", CHANGE_SWAP, "starts starts",
      "12" },
    { "A18", MSH("A18", "2.2") EVN "PID|||4711^^^GH\r" MRG, CHANGE_MERGE, "", "" },
    { "A20", MSH("A20", "2.3") EVN "NPU|5W^^12|C\r", -1, "", "" },
    { "A21", MSH("A21", "2.3") EVN PID PV1, CHANGE_LEAVE, "", "12" },
    { "A22", MSH("A22", "2.3") EVN PID PV1, CHANGE_RETURN, "", "12" },
    { "A23", MSH("A23", "2.3") EVN PID PV1, CHANGE_CANCEL_ADMIT, "withdrawn", "12" },
    { "A24", MSH("A24", "2.3") EVN PID "PID|||12^^^GH\r", -1, "", "" },
    { "A25", MSH("A25", "2.3") EVN PID PV1, CHANGE_CANCEL_PENDING_LEAVING, "", "12" },
    { "A26", MSH("A26", "2.3") EVN PID PV1, CHANGE_CANCEL_PENDING_MOVE, "", "12" },
    { "A27", MSH("A27", "2.3") EVN PID PV1, CHANGE_CANCEL_PENDING_ADMIT, "", "12" },
    { "A28", MSH("A28", "2.3") EVN PID "PV1||N|5W^^12\r", CHANGE_DETAILS, "", "" },
    { "A29", MSH("A29", "2.3") EVN PID "PV1||N\r", CHANGE_DELETE_PERSON, "withdrawn", "" },
    { "A30", MSH("A30", "2.3") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A31", MSH("A31", "2.5.1") EVN PID "PV1||N|5W^^12\r", CHANGE_DETAILS, "", "" },
    { "A32", MSH("A32", "2.3") EVN PID PV1, CHANGE_CANCEL_ARRIVE, "", "12" },
    { "A33", MSH("A33", "2.3") EVN PID PV1, CHANGE_CANCEL_DEPART, "", "12" },
    { "A34", MSH("A34", "2.3.1") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A35", MSH("A35", "2.3.1") EVN PID "MRG|4711^^^GH||A1\r", CHANGE_RENUMBER, "", "" },
    { "A36", MSH("A36", "2.3.1") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A37", MSH("A37", "2.3.1") EVN PID "PID|||12^^^GH\r", -1, "", "" },
    { "A38", MSH("A38", "2.3.1") EVN PID PV1, CHANGE_CANCEL_PREADMIT, "", "12" },
    { "A39", MSH("A39", "2.3.1") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A40 v2.7", MSH("A40^ADT_A39", "2.7") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A41", MSH("A41", "2.6") EVN PID "MRG|4711^^^GH||A1\r", CHANGE_RENUMBER, "", "" },
    { "A42", MSH("A42", "2.6") EVN PID "MRG|4711^^^GH||||V1\rPV1||I|5W^^12\r", CHANGE_RENUMBER, "", "12" },
    { "A43", MSH("A43", "2.6") EVN PID MRG, CHANGE_MOVE_STAY, "", "" },
    { "A44", MSH("A44", "2.6") EVN PID "MRG|9^^^GH^MR||A1\r", CHANGE_MOVE_STAY, "", "" },
    { "A45", MSH("A45", "2.6") EVN PID "MRG|9^^^GH^MR||||V1\r" PV1, CHANGE_MOVE_STAY, "", "12" },
    { "A46", MSH("A46", "2.4") EVN "PID||4711^^^GH\rMRG||||9^^^GH\r", CHANGE_MERGE, "", "" },
    { "A47", MSH("A47", "2.4") EVN PID MRG, CHANGE_MERGE, "", "" },
    { "A48", MSH("A48", "2.4") EVN PID MRG, -1, "", "" },
    { "A49", MSH("A49", "2.4") EVN PID "MRG|4711^^^GH||A1\r", CHANGE_RENUMBER, "", "" },
    { "A50", MSH("A50", "2.4") EVN PID "MRG|4711^^^GH||||V1\rPV1||I|5W^^12\r", CHANGE_RENUMBER, "", "12" },
    { "A51", MSH("A51", "2.4") EVN PID MRG, -1, "", "" },
    { "A52", MSH("A52", "2.4") EVN PID PV1, CHANGE_CANCEL_LEAVE, "", "12" },
    { "A53", MSH("A53", "2.4") EVN PID PV1, CHANGE_CANCEL_RETURN, "", "12" },
    { "A54", MSH("A54", "2.4") EVN PID PV1, CHANGE_DETAILS, "", "12" },
    { "A55", MSH("A55", "2.4") EVN PID PV1, CHANGE_CANCEL_ATTENDING, "", "12" },
    { "A60", MSH("A60", "2.8") EVN PID PV1 "IAM|1||^PENICILLIN|SV\r", CHANGE_DETAILS, "", "" },
    { "A61", MSH("A61", "2.5") EVN PID PV1, CHANGE_DETAILS, "", "12" },
    { "A62", MSH("A62", "2.5") EVN PID PV1, CHANGE_DETAILS, "", "12" },
    { "A99", MSH("A99", "2.5") EVN PID PV1, -1, "", "" },
    /* IHE PAM */
    { "ZBE INSERT", MSH("A02", "2.5") EVN PID PV1 "ZBE|77^HIS|20261122||INSERT|N||5W\r", CHANGE_MOVE,
      "starts", "12" },
    { "ZBE historic", MSH("A02", "2.5") EVN PID PV1 "ZBE|1|20261122||INSERT|Y\r", -1, "", "" },
    { "ZBE CANCEL of A02", MSH("A12", "2.5") EVN PID PV1 "ZBE|77^HIS|20261122||CANCEL|N|A02\r",
      CHANGE_CANCEL_MOVE, "withdrawn", "12" },
    { "Z99 update of A02", MSH("Z99", "2.5") EVN PID PV1 "ZBE|77^HIS|20261122||UPDATE|N|A02\r", CHANGE_MOVE,
      "starts", "12" },
    { "Z99 cancel of A01", MSH("Z99", "2.5") EVN PID PV1 "ZBE|77^HIS|20261122||CANCEL|N|A01\r",
      CHANGE_CANCEL_ADMIT, "withdrawn", "12" },
    { "Z99 without ZBE-6", MSH("Z99", "2.5") EVN PID PV1 "ZBE|77^HIS|20261122||UPDATE|N\r", CHANGE_UPDATE, "",
      "12" },
};

static const char *news(const struct change *c)
{
    static char bed[32];
    struct slice s = c->temporary.bed.len > 0 ? c->temporary.bed
                     : c->pending.bed.len > 0 ? c->pending.bed
                                              : c->place.bed;

    snprintf(bed, sizeof bed, "%.*s", SLICE_ARG(s));
    return bed;
}

static void every_trigger_has_its_change(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char phases[64] = "";
        if (!fixture_read(&f, ROWS[i].wire))
            fail_msg("%s: %s %s", ROWS[i].trigger, f.err.where, f.err.message);
        for (size_t k = 0; k < f.r.event_count; k++)
            snprintf(phases + strlen(phases), sizeof phases - strlen(phases), "%s%s", k > 0 ? " " : "",
                     event_phase_name(f.r.events[k].phase));
        if (strcmp(phases, ROWS[i].events) != 0 || f.r.context_only != (f.r.event_count == 0) ||
            f.r.change_count != (ROWS[i].kind >= 0))
            fail_msg("%s: %zu changes, events '%s'", ROWS[i].trigger, f.r.change_count, phases);
        if (ROWS[i].kind < 0)
            continue;
        const struct change *c = &f.r.changes[0];
        if ((int)c->kind != ROWS[i].kind || strcmp(news(c), ROWS[i].place) != 0 ||
            !slice_ends(c->patient.id, SLICE("|4711")))
            fail_msg("%s: %s at '%s'", ROWS[i].trigger, help_change_name(c->kind), news(c));
    }
    fixture_end(&f);
}

static void the_order_is_evn6_else_evn2_else_msh7(void **state)
{
    static const struct {
        const char *evn;
        int64_t occurred, recorded; /* minutes of the day */
    } table[] = {
        { "EVN||20261122040000|||d1|20261122033000\r", 210, 240 },
        { "EVN||20261122040000\r", 240, 240 },
        { "EVN|A02||||d1|20261122033000\r", 210, 195 },
        { "", 195, 195 },
        { "EVN||20261122040000|||d1|20261122\r", 240, 240 }, /* the day alone says less */
        { "EVN||20261122040000|||d1|20261121\r", -1440, 240 },
        { "EVN||20261122040000+0100|||d1|20261122033000-0500\r", 510, 180 },
    };
    struct fixture f;
    int64_t day;
    (void)state;
    fixture_begin(&f);
    assert_true(time_parse_iso(SLICE("2026-11-22T00:00:00Z"), 0, &day));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000];
        snprintf(wire, sizeof wire, "MSH|^~\\&|HIS|GH|||20261122031500+0000||ADT^A02|1|P|2.5\r%s%s",
                 table[i].evn, PID PV1);
        assert_true(fixture_read(&f, wire));
        assert_int_equal((f.r.changes[0].occurred_us - day) / TIME_MIN, table[i].occurred);
        assert_int_equal((f.r.changes[0].recorded_us - day) / TIME_MIN, table[i].recorded);
    }
    fixture_end(&f);
}

static void merges_name_all_that_is_gone(void **state)
{
    static const struct {
        const char *name, *segments, *gone; /* gone ids, in order */
    } table[] = {
        { "one", "PID|||1^^^GH^MR\rMRG|9^^^GH^MR\r", "GH|9 " },
        { "pairs repeat", "PID|||1^^^GH\rMRG|9^^^GH\rPID|||5^^^GH\rMRG|6^^^GH\r", "GH|9 GH|6 " },
        { "MRG-1 is a list", "PID|||1^^^GH^MR\rMRG|8^^^GH^MR~9^^^GH^MR~7^^^XX^PI\r", "GH|8 GH|9 " },
        { "with itself", "PID|||1^^^GH\rMRG|1^^^GH\r", "" },
        { "itself in the list", "PID|||1^^^GH^MR\rMRG|1^^^GH^MR~9^^^GH^MR\r", "GH|9 " },
        { "v2.2, PID-2", "PID||1\rMRG|9\r", "|9 " },
        { "PD1 and PV1 between", "PID|||1^^^GH\rPD1||\rMRG|9^^^GH\rPV1||I\r", "GH|9 " },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000], got[200] = "";
        snprintf(wire, sizeof wire, "%s%s", MSH("A40", "2.5") EVN, table[i].segments);
        assert_true(fixture_read(&f, wire));
        for (size_t k = 0; k < f.r.change_count; k++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s ",
                     SLICE_ARG(f.r.changes[k].other.id));
        if (strcmp(got, table[i].gone) != 0 || fixture_found(&f, "merge-of-itself") != (got[0] == '\0'))
            fail_msg("%s: %s", table[i].name, got);
    }
    assert_false(fixture_read(&f, MSH("A40", "2.5") EVN "PID|||1^^^GH\r"));
    assert_string_equal(f.err.where, "MRG");
    assert_false(fixture_read(&f, MSH("A40", "2.5") EVN "PID|||1^^^GH\rMRG|\r"));
    assert_false(fixture_read(&f, MSH("A40", "2.5") EVN MRG));
    fixture_end(&f);
}

static void too_many_merges_name_the_limit(void **state)
{
    struct fixture f;
    struct buf wire = buf_make(1 << 24);
    (void)state;
    fixture_begin(&f);
    buf_text(&wire, MSH("A40", "2.5") EVN);
    for (int i = 0; i <= LIMIT_EVENTS_PER_MESSAGE; i++)
        buf_printf(&wire, "PID|||%d^^^GH\rMRG|x%d^^^GH\r", i, i);
    buf_u8(&wire, 0);
    assert_false(fixture_read(&f, wire.ptr));
    assert_int_equal(f.err.code, ERROR_LIMIT);
    assert_non_null(strstr(f.err.message, "events-per-message"));
    buf_free(&wire);
    fixture_end(&f);
}

static void words_of(const struct slice *list, size_t count, char out[400])
{
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(out + strlen(out), 400 - strlen(out), "%.*s ", SLICE_ARG(list[i]));
}

static bool has_word(const struct slice *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(list[i], word))
            return true;
    return false;
}

static void fields_make_flags(void **state)
{
    static const struct {
        const char *name, *segments, *flags, *off; /* off: one word that must be taken off, or NULL */
    } table[] = {
        { "none", "PV1||I|5W^^12\r", "", NULL },
        { "PV1-15", "PV1||I|5W^^12||||||||||||A2~B1\r", "wheelchair oxygen-therapy ", "comatose" },
        { "PV1-15 none", "PV1||I|5W^^12||||||||||||A0\r", "", "wheelchair" },
        { "PV1-15 taken away", "PV1||I|5W^^12||||||||||||\"\"\r", "", "wheelchair" },
        { "PV1-16", "PV1||I|5W^^12|||||||||||||1\r", "vip ", NULL },
        { "PV1-16 N", "PV1||I|5W^^12|||||||||||||N\r", "", "vip" },
        { "PV2-22", "PV1||I\rPV2||||||||||||||||||||||Y\r", "protected ", NULL },
        { "PD1-12", "PD1||||||||||||Y\r", "protected ", NULL },
        { "PD1-15", "PD1|||||||||||||||DNR\r", "dnr ", NULL },
        { "PV2-41", "PV2|||||||||||||||||||||||||||||||||||||||||C~D\r", "confused deaf ", "aggressive" },
        { "PV2-45 before PD1-15",
          "PD1|||||||||||||||DNR\rPV1||I\rPV2|||||||||||||||||||||||||||||||||||||||||||||N\r", "", "dnr" },
        { "PV2-36", "PV2||||||||||||||||||||||||||||||||||||Y\r", "newborn ", NULL },
        { "OBX by the map", "PV1||I\rOBX|1|CE|MORSE^Morse scale^L||Y||||||F\r", "fall-risk ", NULL },
        { "OBX says no", "PV1||I\rOBX|1|CE|MORSE^Morse scale^L||N||||||F\r", "", "fall-risk" },
        { "OBX withdrawn", "PV1||I\rOBX|1|CE|MORSE^Morse scale^L||Y||||||W\r", "", "fall-risk" },
        { "OBX unknown", "PV1||I\rOBX|1|CE|8302-2^Height^LN||180||||||F\r", "", NULL },
        { "AL1 by the map", "PV1||I\rAL1|1|DA|LATEX^Latex^L\r", "latex-allergy ", NULL },
        { "a local code of PV1-15 by the map", "PV1||I|5W^^12||||||||||||FR\r", "fall-risk ", NULL },
        { "a map entry that is no flag", "PV1||I\rOBX|1|CE|MDCX_BATH_CORD^x^L||Y||||||F\r", "", NULL },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    codemap_add(f.site.map, SLICE("MORSE"), SLICE(""), SLICE("fall-risk"));
    codemap_add(f.site.map, SLICE("FR"), SLICE(""), SLICE("fall-risk"));
    codemap_add(f.site.map, SLICE("LATEX"), SLICE(""), SLICE("latex-allergy"));
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000], got[400];
        snprintf(wire, sizeof wire, "%s%s", MSH("A08", "2.5") EVN PID, table[i].segments);
        assert_true(fixture_read(&f, wire));
        const struct change *c = &f.r.changes[0];
        words_of(c->patient.flags, c->patient.flag_count, got);
        if (strcmp(got, table[i].flags) != 0 ||
            (table[i].off != NULL && !has_word(c->unflags, c->unflag_count, table[i].off)) ||
            (table[i].off == NULL && i == 0 && c->unflag_count > 0))
            fail_msg("%s: '%s'", table[i].name, got);
    }
    fixture_end(&f);
}

static void null_takes_away_and_empty_does_not(void **state)
{
    static const struct {
        const char *pv1;
        unsigned cleared;
    } table[] = {
        { "PV1||I|5W^^12\r", 0 },
        { "PV1||I|5W^^12||||\"\"\r", CLEARED_ATTENDING },
        { "PV1||\"\"|5W^^12||||\"\"|||\"\"|\"\"\r",
          CLEARED_ATTENDING | CLEARED_SERVICE | CLEARED_CLASS | CLEARED_TEMPORARY },
    };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[1000];
        snprintf(wire, sizeof wire, "%s%s", MSH("A08", "2.5") EVN PID, table[i].pv1);
        assert_true(fixture_read(&f, wire));
        assert_int_equal(f.r.changes[0].cleared, table[i].cleared);
        assert_int_equal(f.r.changes[0].patient.attending.id.len, 0);
    }
    fixture_end(&f);
}

static void movements_have_their_ids(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(
        fixture_read(&f, MSH("A02", "2.5") EVN PID PV1 "ZBE|77^HIS~x9^KIS|20261122||UPDATE|N|A02|5W\r"));
    const struct change *c = &f.r.changes[0];
    assert_int_equal(c->movement_count, 2);
    assert_true(slice_is(c->movements[0], "HIS|77"));
    assert_true(slice_is(c->movements[1], "KIS|x9"));
    assert_int_equal(c->action, ZBE_UPDATE);
    fixture_end(&f);
}

static void swaps_tell_of_both_patients(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(&f, MSH("A17", "2.3") EVN PID PV1 "PID|||12^^^GH\rPV1||I|ICU^^B1\r"));
    assert_int_equal(f.r.event_count, 2);
    assert_true(slice_is(f.r.events[1].patient.id, "GH|12"));
    assert_true(slice_is(f.r.events[1].place.bed, "B1"));
    assert_true(slice_is(f.r.events[1].prior.bed, "12"));
    assert_true(slice_is(f.r.events[0].prior.bed, "B1"));
    assert_false(slice_eq(f.r.events[0].identity, f.r.events[1].identity));
    assert_true(fixture_read(&f, MSH("A17", "2.3") EVN PID PV1 PID PV1));
    assert_true(fixture_found(&f, "swap-with-itself"));
    assert_int_equal(f.r.change_count, 0);
    fixture_end(&f);
}

static void a_bed_has_a_status(void **state)
{
    static const char *const table[][2] = { { "C", "closed" },       { "H", "housekeeping" },
                                            { "O", "occupied" },     { "U", "unoccupied" },
                                            { "K", "contaminated" }, { "I", "isolated" },
                                            { "Q7", "Q7" } };
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char wire[500];
        snprintf(wire, sizeof wire, "%sNPU|5W^^12|%s\r", MSH("A20", "2.3") EVN, table[i][0]);
        assert_true(fixture_read(&f, wire));
        assert_int_equal(f.r.location_count, 1);
        assert_true(slice_is(f.r.locations[0].status, table[i][1]));
        assert_true(slice_is(f.r.locations[0].place.bed, "12"));
    }
    assert_false(fixture_read(&f, MSH("A20", "2.3") EVN));
    assert_string_equal(f.err.where, "NPU");
    fixture_end(&f);
}

static void practice_moves_nobody(void **state)
{
    struct fixture f;
    (void)state;
    fixture_begin(&f);
    assert_true(fixture_read(&f, "MSH|^~\\&|HIS|GH|||20261122||ADT^A01|1|T|2.5\r" PID PV1));
    assert_true(fixture_found(&f, "test-movement"));
    assert_int_equal(f.r.change_count, 0);
    f.site.source.allow_test = true;
    assert_true(fixture_read(&f, "MSH|^~\\&|HIS|GH|||20261122||ADT^A01|1|T|2.5\r" PID PV1));
    assert_int_equal(f.r.change_count, 1);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trigger_has_its_change),
        cmocka_unit_test(the_order_is_evn6_else_evn2_else_msh7),
        cmocka_unit_test(merges_name_all_that_is_gone),
        cmocka_unit_test(too_many_merges_name_the_limit),
        cmocka_unit_test(fields_make_flags),
        cmocka_unit_test(null_takes_away_and_empty_does_not),
        cmocka_unit_test(movements_have_their_ids),
        cmocka_unit_test(swaps_tell_of_both_patients),
        cmocka_unit_test(a_bed_has_a_status),
        cmocka_unit_test(practice_moves_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
