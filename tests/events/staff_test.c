/* Staff directories, places and roles: MFN^M02, MFN^M05, PMU, ROL and PRT (STANDARDS sections 1.2 and 3.7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/events/reading_help.h"

struct row {
    const char *name;
    const char *message; /* segments end with a line end here */
    const char *expected;
};

#define MFN(trigger) "MSH|^~\\&|HR|GH|||20261122090000+0000||MFN^" trigger "|1|P|2.5.1\n"
#define STAFF_UPD    MFN("M02") "MFI|STF||UPD|||NE\n"
#define PLACES_UPD   MFN("M05") "MFI|LOC||UPD|||NE\n"
#define PMU(trigger) "MSH|^~\\&|HR|GH|||20261122090000+0000||PMU^" trigger "|1|P|2.5.1\n"
#define ADT(version)                                                                                         \
    "MSH|^~\\&|EHR|GH|||20261122090000+0000||ADT^A08|1|P|" version "\nEVN||20261122085900+0000\n"
#define WHO                        "PID|||P1^^^GH^MR\n"
#define AT                         "2026-11-22T09:00:00.000Z"
#define CONTEXT                    "{\"context-only\":true,\"heartbeat\":false,\"planned-stop\":false}\n"
#define CHANGE                     "{\"change\":\"update\",\"patient\":\"GH|P1\",\"occurred\":\"2026-11-22T08:59:00.000Z\"}\n"
#define CARE(how, who, code, more) "{\"care\":\"" how "\",\"person\":\"" who "\",\"code\":\"" code "\"" more
#define CARE_END(where)                                                                                      \
    ",\"patient\":\"GH|P1\",\"occurred\":\"2026-11-22T08:59:00.000Z\",\"where\":\"" where "\"}\n"

static void run(const struct row *rows, size_t count)
{
    struct help_site site = help_site_make();
    struct role_map *roles = role_map_new();
    struct error err = { .code = ERROR_NONE };

    role_map_add_own(roles, SLICE("primary-nurse"));
    assert_true(role_map_add_csv(roles,
                                 SLICE("code,system,role\nPN,LOCAL,primary-nurse\nBN,,buddy-nurse\n"
                                       "PN,OTHER,charge-nurse\n"),
                                 &err));
    site.source.roles = roles;
    for (size_t i = 0; i < count; i++) {
        struct arena *a = arena_new();
        struct buf got = buf_make(1 << 20);
        char *wire = arena_text(a, slice_of(rows[i].message));
        for (char *c = wire; *c != '\0'; c++)
            *c = *c == '\n' ? '\r' : *c;
        help_read_hl7(a, &site.source, slice_of(wire), &got);
        if (!slice_eq(buf_slice(&got), slice_of(rows[i].expected)))
            fail_msg("%s: expected\n%s\ngot\n%.*s", rows[i].name, rows[i].expected,
                     SLICE_ARG(buf_slice(&got)));
        buf_free(&got);
        arena_free(&a);
    }
    role_map_free(&roles);
    help_site_free(&site);
}

static const struct row staff_rows[] = {
    { "MAD: a whole row, PRA and ORG with it",
      STAFF_UPD
      "MFE|MAD|||77^Bell^Ida\n"
      "STF|77|I77^^^GH~123456789^^^USSSA^SS~E77^^^GH|Bell^Ida|N||19800101|A|ICU^Intensive care||"
      "^WPN^PH^^1^555^0100^12~^PRN^PH^^1^555^9999~5550199^BPN^BP~^NET^Internet^ida@gh.example||||78|"
      "|O||Staff nurse\nPRA|77||RN^Registered nurse||CC\n",
      "{\"staff\":\"put\",\"key\":\"77\",\"id\":\"I77\",\"id\":\"E77\",\"family\":\"Bell\",\"given\":\"Ida\","
      "\"department\":\"Intensive care\",\"title\":\"Staff nurse\",\"phone\":\"+1 555 0100 x12\","
      "\"pager\":\"5550199\",\"mail\":\"ida@gh.example\",\"contact\":\"O\",\"backup\":\"78\","
      "\"category\":\"Registered nurse\",\"specialty\":\"CC\",\"active\":true,\"occurred\":\"" AT
      "\"}\n" CONTEXT },
    { "MUP, MDC, MAC, MDL: each row its own",
      STAFF_UPD "MFE|MUP|||1\nSTF|1||A^B||||I\nMFE|MDC||20261201|2\nMFE|MAC|||3\nMFE|MDL|||4\n",
      "{\"staff\":\"put\",\"key\":\"1\",\"family\":\"A\",\"given\":\"B\",\"active\":false,\"occurred\":\"" AT
      "\"}\n{\"staff\":\"deactivate\",\"key\":\"2\",\"active\":true,\"effective\":\"2026-12-01T00:00:00."
      "000Z\","
      "\"occurred\":\"" AT "\"}\n{\"staff\":\"activate\",\"key\":\"3\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"staff\":\"remove\",\"key\":\"4\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "REP replaces the file; MFI-4 orders it",
      MFN("M02") "MFI|STF||REP|20261121^X|||NE\nMFE|MAD|||1\nSTF|1||A\n",
      "{\"staff\":\"put\",\"key\":\"1\",\"family\":\"A\",\"active\":true,\"occurred\":\"2026-11-21T00:00:00."
      "000Z\"}"
      "\n{\"replaces\":true}\n" CONTEXT },
    { "the key of STF-1 where MFE-4 has none, else of STF-2",
      STAFF_UPD "MFE|MAD\nSTF|9^X||A\nMFE|MAD\nSTF||U8^^^GH||||||\n",
      "{\"staff\":\"put\",\"key\":\"9\",\"family\":\"A\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"staff\":\"put\",\"key\":\"U8\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "two keys: MFE-4 counts, STF-1 is an id", STAFF_UPD "MFE|MAD|||9\nSTF|10||A\n",
      "{\"staff\":\"put\",\"key\":\"9\",\"id\":\"10\",\"family\":\"A\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"finding\":\"key-mismatch\",\"where\":\"STF-1\",\"key\":\"10\"}\n" CONTEXT },
    { "a state of no table rings all the same", STAFF_UPD "MFE|MAD|||9\nSTF|9||A||||X\n",
      "{\"staff\":\"put\",\"key\":\"9\",\"family\":\"A\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"finding\":\"staff-status\",\"where\":\"STF-7\",\"key\":\"X\"}\n" CONTEXT },
    { "PMU B01: EVN-6 orders, STF-13 is when", PMU("B05") "EVN||20261121|||||\nSTF|7||||||||||||20270101\n",
      "{\"staff\":\"deactivate\",\"key\":\"7\",\"active\":true,\"effective\":\"2027-01-01T00:00:00.000Z\","
      "\"occurred\":\"2026-11-21T00:00:00.000Z\"}\n" CONTEXT },
    { "PMU B02", PMU("B02") "STF|7||Lind^Dora\nORG|1|5W^Surgical telemetry\n",
      "{\"staff\":\"put\",\"key\":\"7\",\"family\":\"Lind\",\"given\":\"Dora\",\"department\":\"Surgical "
      "telemetry\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "PMU B03", PMU("B03") "STF|7\n",
      "{\"staff\":\"remove\",\"key\":\"7\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "PMU B04", PMU("B04") "STF|7\n",
      "{\"staff\":\"activate\",\"key\":\"7\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "PMU B06", PMU("B06") "STF|7\n",
      "{\"staff\":\"remove\",\"key\":\"7\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "PMU B07: a certificate says nothing", PMU("B07") "STF|7\n", CONTEXT },
    { "PMU of v2.3: the event stands in EVN-1",
      "MSH|^~\\&|HR|GH|||20261122090000+0000||PMU|1|P|2.3\nEVN|B04\nSTF|7\n",
      "{\"staff\":\"activate\",\"key\":\"7\",\"active\":true,\"occurred\":\"" AT "\"}\n" CONTEXT },
};

#define ERROR(code, where, text) "{\"error\":\"" code "\",\"where\":\"" where "\",\"message\":\"" text "\"}\n"
static const struct row refused_rows[] = {
    { "no key", STAFF_UPD "MFE|MAD|||1\nSTF|1||A\nMFE|MAD\nSTF|||B\n",
      ERROR("missing", "MFE[2]-4", "the row has no key") },
    { "an unknown MFE-1", STAFF_UPD "MFE|MAD|||1\nSTF|1\nMFE|XXX|||2\nSTF|2\n",
      ERROR("value", "MFE[2]-1", "a row is one of MAD, MUP, MAC, MDC, MDL") },
    { "no MFE-1", STAFF_UPD "MFE||||1\nSTF|1\n",
      ERROR("missing", "MFE-1", "a row is one of MAD, MUP, MAC, MDC, MDL") },
    { "a row without its STF", STAFF_UPD "MFE|MAD|||1\nMFE|MAD|||2\nSTF|2\n",
      ERROR("missing", "MFE[1]-4", "the row has no STF") },
    { "no MFI", MFN("M02") "MFE|MAD|||1\nSTF|1\n",
      ERROR("missing", "MFI-1", "the message does not say which master file it is") },
    { "no row", STAFF_UPD, ERROR("missing", "MFE", "a master file without a row") },
    { "another file", MFN("M02") "MFI|CDM||UPD\nMFE|MAD|||1\n",
      ERROR("unsupported", "MFI-1", "this master file is not read") },
    { "staff in a message of places", MFN("M05") "MFI|STF||UPD\nMFE|MAD|||1\nSTF|1\n",
      ERROR("unsupported", "MFI-1", "this master file is not read") },
    { "a mode of no table", MFN("M02") "MFI|STF||ALL\nMFE|MAD|||1\nSTF|1\n",
      ERROR("value", "MFI-3", "a master file is updated (UPD) or replaced (REP)") },
    { "a place without a name", PLACES_UPD "MFE|MAD\nLOC|\n",
      ERROR("missing", "MFE-4", "the row names no place") },
    { "a place without LOC", PLACES_UPD "MFE|MAD|||5W^^12\n",
      ERROR("missing", "MFE-4", "the row has no LOC") },
    { "PMU without STF", PMU("B01") "EVN||\n", ERROR("missing", "STF", "a personnel message without STF") },
    { "PMU without a key", PMU("B01") "STF||123456789^^^USSSA\n",
      ERROR("missing", "STF-1", "the row has no key") },
    { "another personnel message", PMU("B99") "STF|1\n",
      ERROR("unsupported", "MSH-9.2", "this personnel message is not read") },
};

static const struct row place_rows[] = {
    { "LOC and LDP", PLACES_UPD "MFE|MAD|||5W^^12\nLOC|5W^512^12^^C|Bed by the window|B\nLDP|5W|SUR|||I|I\n",
      "{\"location\":\"5W/512/12\",\"status\":\"closed\",\"title\":\"Bed by the "
      "window\",\"active\":false,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "MDC, MAC, MDL by MFE-4 alone", PLACES_UPD "MFE|MDC|||5W^^12\nMFE|MAC|||5W^^12\nMFE|MDL|||5W^^12\n",
      "{\"location\":\"5W//12\",\"active\":false,\"occurred\":\"" AT
      "\"}\n{\"location\":\"5W//12\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"location\":\"5W//12\",\"remove\":true,\"active\":false,\"occurred\":\"" AT "\"}\n" CONTEXT },
    { "a place that the site does not have", PLACES_UPD "MFE|MUP|||9Z\nLOC|9Z||N^Nursing unit\n",
      "{\"location\":\"9Z//\",\"title\":\"Nursing unit\",\"active\":true,\"occurred\":\"" AT
      "\"}\n{\"finding\":\"unmapped-place\",\"where\":\"LOC-1\",\"key\":\"9Z^^\"}\n" CONTEXT },
    { "a whole file of places", MFN("M05") "MFI|LOC||REP\nMFE|MAD|||5W\nLOC|5W\n",
      "{\"location\":\"5W//\",\"active\":true,\"occurred\":\"" AT "\"}\n{\"replaces\":true}\n" CONTEXT },
};

static const struct row care_rows[] = {
    { "ROL with the patient: role by code and system",
      ADT("2.3") WHO "ROL|1|AD|PN^^LOCAL|77^Bell^Ida|20261122070000+0000|20261122190000+0000\n",
      CHANGE CARE(
          "begin", "77", "PN",
          ",\"name\":\"Ida Bell\",\"system\":\"LOCAL\",\"role\":\"primary-nurse\","
          "\"patient\":\"GH|P1\",\"from\":\"2026-11-22T07:00:00.000Z\",\"until\":"
          "\"2026-11-22T19:00:00.000Z\",\"occurred\":\"2026-11-22T08:59:00.000Z\",\"where\":\"ROL-4\"}\n")
          CONTEXT },
    { "the system chooses the row, and a row without one takes the rest",
      ADT("2.5") WHO "ROL|1|UP|PN^^OTHER|1\nROL|2|CO|BN^^ANY|2\n",
      CHANGE CARE("begin", "1", "PN", ",\"system\":\"OTHER\",\"role\":\"charge-nurse\"") CARE_END("ROL[1]-4")
          CARE("begin", "2", "BN", ",\"system\":\"ANY\",\"role\":\"buddy-nurse\"") CARE_END("ROL[2]-4")
              CONTEXT },
    { "a role of the site needs no row; the alternate coding is read too",
      ADT("2.5") WHO "ROL|1|LI|PRIMARY-NURSE|1\nROL|2|UC|X^^Y^BN^^Z|2\n",
      CHANGE CARE("begin", "1", "PRIMARY-NURSE", ",\"role\":\"primary-nurse\"") CARE_END("ROL[1]-4") CARE(
          "begin", "2", "X", ",\"system\":\"Y\",\"role\":\"buddy-nurse\"") CARE_END("ROL[2]-4") CONTEXT },
    { "an unmapped role is listed", ADT("2.5") WHO "ROL|1|AD|PP^^HL70443|1\n",
      CHANGE CARE("begin", "1", "PP", ",\"system\":\"HL70443\"") CARE_END(
          "ROL-4") "{\"finding\":\"unmapped-role\",\"where\":\"ROL-3\",\"key\":\"HL70443|PP\"}\n" CONTEXT },
    { "DE and UN end; a word of no table is listed",
      ADT("2.5") WHO "ROL|1|DE|BN|1\nROL|2|UN|BN|2\nROL|3|ZZ|BN|3\n",
      CHANGE CARE("end", "1", "BN", ",\"role\":\"buddy-nurse\"") CARE_END("ROL[1]-4")
          CARE("end", "2", "BN", ",\"role\":\"buddy-nurse\"") CARE_END(
              "ROL[2]-4") "{\"finding\":\"role-action\",\"where\":\"ROL[3]-2\",\"key\":\"ZZ\"}\n" CONTEXT },
    { "each repetition of ROL-4 is a person", ADT("2.5") WHO "ROL|1|AD|BN|1~2\n",
      CHANGE CARE("begin", "1", "BN", ",\"role\":\"buddy-nurse\"") CARE_END("ROL-4")
          CARE("begin", "2", "BN", ",\"role\":\"buddy-nurse\"") CARE_END("ROL-4") CONTEXT },
    { "PRT: participation, person, times; without a person nobody takes part",
      ADT("2.7") WHO "PRT|1|AD||BN|5||||||20261122070000+0000\nPRT|2|AD||BN||||||D1\n",
      CHANGE CARE(
          "begin", "5", "BN",
          ",\"role\":\"buddy-nurse\",\"patient\":\"GH|P1\",\"from\":"
          "\"2026-11-22T07:00:00.000Z\",\"occurred\":\"2026-11-22T08:59:00.000Z\",\"where\":\"PRT[1]-5\"}\n")
          CONTEXT },
    { "roles of a procedure, an insurance or an observation are not the patient's",
      ADT("2.5") WHO "PR1|1\nROL|1|AD|BN|1\nIN1|1\nROL|2|AD|BN|2\nOBX|1|ST|x||y\nPRT|1|AD||BN|3\n",
      CHANGE CONTEXT },
    { "a movement that is history assigns nobody", ADT("2.5") WHO "ROL|1|AD|BN|1\nZBE|1|||INSERT|Y\n",
      "{\"finding\":\"historic-movement\",\"where\":\"ZBE-5\",\"key\":\"\"}\n" CONTEXT },
};

static void staff_rows_are_read(void **state)
{
    (void)state;
    run(staff_rows, sizeof staff_rows / sizeof staff_rows[0]);
}

static void a_file_that_cannot_be_applied_is_refused_whole(void **state)
{
    (void)state;
    run(refused_rows, sizeof refused_rows / sizeof refused_rows[0]);
}

static void places_are_read(void **state)
{
    (void)state;
    run(place_rows, sizeof place_rows / sizeof place_rows[0]);
}

static void roles_of_patient_and_visit_are_read(void **state)
{
    (void)state;
    run(care_rows, sizeof care_rows / sizeof care_rows[0]);
}

/* PCD-04 asks for recipients in PRT: that is a wish, and assigns nobody. */
static void recipients_of_an_alarm_are_no_assignment(void **state)
{
    struct help_site site = help_site_make();
    struct arena *a = arena_new();
    struct buf wire = buf_make(1 << 20);
    struct error err = { .code = ERROR_NONE };
    struct reading r;

    (void)state;
    assert_true(help_read_file(PROJECT_DIR "/examples/messages/vfib.hl7", &wire));
    buf_text(&wire, "PRT||AD||AR^Alert Recipient|77^Bell\r");
    struct hl7_message *m = hl7_message_parse(a, buf_slice(&wire), &err);
    assert_non_null(m);
    assert_true(reading_from_hl7(a, m, &site.source, &r, &err));
    assert_int_equal(r.event_count, 1);
    assert_int_equal(r.care_count, 0);
    buf_free(&wire);
    arena_free(&a);
    help_site_free(&site);
}

static void a_file_past_its_limit_is_refused(void **state)
{
    struct help_site site = help_site_make();
    struct arena *a = arena_new();
    struct buf wire = buf_make(8 << 20);
    struct error err = { .code = ERROR_NONE };
    struct reading r;

    (void)state;
    buf_text(&wire, "MSH|^~\\&|HR|GH|||20261122||MFN^M02|1|P|2.5\rMFI|STF||REP\r");
    for (unsigned i = 0; i < 14000; i++)
        buf_printf(&wire, "MFE|MAD|||%u\rSTF|%u||Bell^Ida\r", i, i);
    struct hl7_message *m = hl7_message_parse(a, buf_slice(&wire), &err);
    assert_non_null(m);
    assert_false(reading_from_hl7(a, m, &site.source, &r, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "master-bytes"));
    assert_int_equal(r.staff_count, 0);
    assert_true(r.master_file);
    buf_free(&wire);
    arena_free(&a);
    help_site_free(&site);
}

static void faults_of_roles_csv_have_a_line(void **state)
{
    static const struct {
        const char *name, *text;
        uint32_t line;
    } rows[] = {
        { "no column role", "code,system\nA,B\n", 1 },
        { "an unknown column", "code,role,what\nA,b,c\n", 1 },
        { "a row without a role", "code,role\nA,b\nC,\n", 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct role_map *m = role_map_new();
        struct error err = { .code = ERROR_NONE };
        if (role_map_add_csv(m, slice_of(rows[i].text), &err) || err.line != rows[i].line)
            fail_msg("%s: line %u", rows[i].name, err.line);
        assert_int_equal(role_map_count(m), 0);
        role_map_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staff_rows_are_read),
        cmocka_unit_test(a_file_that_cannot_be_applied_is_refused_whole),
        cmocka_unit_test(places_are_read),
        cmocka_unit_test(roles_of_patient_and_visit_are_read),
        cmocka_unit_test(recipients_of_an_alarm_are_no_assignment),
        cmocka_unit_test(a_file_past_its_limit_is_refused),
        cmocka_unit_test(faults_of_roles_csv_have_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
