/* Rotas from calendars and tables: who has which turn, over clock changes, exceptions and odd files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/memory.h"
#include "fhir/json.h"
#include "fhir/xml.h"
#include "tests/rules/site_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char BASE[] =
    "language 1\nsite north timezone \"America/Chicago\"\n"
    "desk operator \"Operator\" staffed always reach phones\n"
    "unit \"5W\" { beds \"01\" to \"04\" fallback desk operator }\n"
    "person ana \"Ana Ruiz RN\" { may-hold primary-nurse, charge-nurse reach phones }\n"
    "person ben \"Ben, the Elder\" { line \"5W-ben\" reach phones }\n"
    "person mei { reach phones }\n"
    "listen mllp m { on \"127.0.0.1:2575\" }\nendpoint inbox phones { on \"127.0.0.1:8444\" }\n"
    "default { notify desk operator }\n";

struct made {
    struct fileset *files;
    struct arena *arena;
    struct diagnostics d;
    struct site *site;
    struct buf findings;
};

/* As the program does where it reads the folder. */
static void add_tree(struct made *m, struct slice bytes)
{
    struct error err = { .code = ERROR_NONE };
    struct buf tree = buf_make(1 << 20);
    bool fine = slice_starts(bytes, SLICE("<")) ? fhir_xml_read(bytes, &tree, &err)
                                                : fhir_json_read(bytes, &tree, &err);

    assert_true(fine);
    assert_true(fileset_add(m->files, site_fhir_name(m->arena, SLICE("r")), buf_slice(&tree), &err));
    buf_free(&tree);
}

static void make(struct made *m, const char *format, struct slice bytes)
{
    struct error err = { .code = ERROR_NONE };
    const struct slice *zones;

    *m = (struct made){ .files = fileset_new(), .arena = arena_new(), .findings = buf_make(1 << 20) };
    fixture_add(m->files, "base.bell", BASE);
    fixture_add(m->files, "rotas.bell",
                arena_printf(m->arena, "language 1\nrota x from %s \"r\"\n", format).ptr);
    assert_true(fileset_add(m->files, SLICE("r"), bytes, &err));
    if (strcmp(format, "fhir") == 0)
        add_tree(m, bytes);
    size_t count = site_zones(m->files, m->arena, &zones);
    for (size_t i = 0; i < count; i++)
        if (slice_is(zones[i], "America/Chicago") || slice_is(zones[i], "Europe/Berlin"))
            fixture_add_zone(m->files, arena_text(m->arena, zones[i]));
    diagnostics_init(&m->d, m->arena, NULL, 0);
    m->site = fixture_compile(m->files, &m->d);
    diagnostics_text(&m->d, false, &m->findings);
}

static void unmake(struct made *m)
{
    site_free(&m->site);
    diagnostics_free(&m->d);
    fileset_free(&m->files);
    arena_free(&m->arena);
    buf_free(&m->findings);
}

/* "ana 02T13:00-03T01:00 ben ..." in UTC, the first few turns. */
static struct slice turns_text(const struct made *m, struct buf *out)
{
    const struct rota *r = directory_rota(m->site->directory, SLICE("x"));

    for (size_t i = 0; i < r->feed.count && i < 6; i++) {
        const struct rota_interval *t = &r->feed.turns[i];
        char from[TIME_TEXT], to[TIME_TEXT];
        struct slice a = time_text(t->from_us, from), b = time_text(t->to_us, to);
        buf_printf(out, "%s%.*s %.*s-%.*s", i > 0 ? ", " : "", SLICE_ARG(t->person),
                   SLICE_ARG(slice_sub(a, 5, 11)), SLICE_ARG(slice_sub(b, 5, 11)));
        if (t->instead_of.len > 0)
            buf_printf(out, " for %.*s", SLICE_ARG(t->instead_of));
    }
    if (r->feed.count > 6)
        buf_printf(out, ", ... %zu", r->feed.count);
    return buf_slice(out);
}

#define CAL(text)   "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" text "END:VCALENDAR\r\n"
#define EVENT(text) "BEGIN:VEVENT\r\n" text "END:VEVENT\r\n"
#define CHICAGO     ";TZID=America/Chicago:"
#define WIN_ZONE                                                                                             \
    "BEGIN:VTIMEZONE\r\nTZID:Central Standard Time\r\n"                                                      \
    "BEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0600\r\n"                \
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\n"                                  \
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0600\r\nTZOFFSETTO:-0500\r\n"                \
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

#define BUNDLE(text)                                                                                         \
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"timestamp\":\"2026-11-01T12:00:00Z\",\"entry\":" \
    "[" text "]}"
#define IN(text)             "{\"resource\":{" text "}}"
#define SCHEDULE(id, actors) IN("\"resourceType\":\"Schedule\",\"id\":\"" id "\",\"actor\":[" actors "]")
#define REF(ref)             "{\"reference\":\"" ref "\"}"
#define SLOT(of, status, from, to)                                                                           \
    IN("\"resourceType\":\"Slot\",\"schedule\":" REF(of) ",\"status\":\"" status "\",\"start\":\"" from      \
                                                         "\",\"end\":\"" to "\"")
#define ROLE(text) IN("\"resourceType\":\"PractitionerRole\",\"id\":\"r1\"," text)
#define WEEK       "\"period\":{\"start\":\"2026-11-02\",\"end\":\"2026-11-08\"}"

/* clang-format off */
static const struct {
    const char *name, *format, *bytes, *turns, *warning;
} rows[] = {
    { "one turn in UTC", "ics", CAL(EVENT("DTSTART:20261102T130000Z\r\nDTEND:20261103T010000Z\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-03T01:00" },
    { "a time without a zone is the rota's", "ics", CAL(EVENT("DTSTART:20261102T070000\r\nDTEND:20261102T190000\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-03T01:00" },
    { "a whole day is from midnight to midnight there", "ics", CAL(EVENT("DTSTART;VALUE=DATE:20261102\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T06:00-11-03T06:00" },
    { "a zone by name", "ics", CAL(EVENT("DTSTART;TZID=Europe/Berlin:20261102T070000\r\nDURATION:PT12H\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T06:00-11-02T18:00" },
    { "a zone's name behind a prefix", "ics", CAL(EVENT("DTSTART;TZID=\"/freeassociation.sourceforge.net/Europe/Berlin\":20261102T070000\r\nDURATION:PT1H\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T06:00-11-02T07:00" },
    { "a zone that only the file knows", "ics", CAL(WIN_ZONE
        EVENT("DTSTART;TZID=Central Standard Time:20261031T190000\r\nDTEND;TZID=Central Standard Time:20261101T070000\r\nRRULE:FREQ=DAILY;COUNT=2\r\nSUMMARY:ana\r\n")
        EVENT("DTSTART;TZID=Central Standard Time:20260308T023000\r\nDURATION:PT1H\r\nSUMMARY:mei\r\n")),
      .turns = "mei 03-08T08:00-03-08T09:00, ana 11-01T00:00-11-01T13:00, ana 11-02T01:00-11-02T13:00" },
    { "a night over the end of summer time is 13 h by the wall clock", "ics",
      CAL(EVENT("DTSTART" CHICAGO "20261031T190000\r\nDTEND" CHICAGO "20261101T070000\r\nRRULE:FREQ=DAILY;COUNT=2\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-01T00:00-11-01T13:00, ana 11-02T01:00-11-02T13:00" },
    { "a night over its beginning is 11 h", "ics",
      CAL(EVENT("DTSTART" CHICAGO "20260307T190000\r\nDTEND" CHICAGO "20260308T070000\r\nSUMMARY:ana\r\n")),
      .turns = "ana 03-08T01:00-03-08T12:00" },
    { "hours given as a duration pass as hours", "ics",
      CAL(EVENT("DTSTART" CHICAGO "20261031T190000\r\nDURATION:PT12H\r\nSUMMARY:ana\r\n")), .turns = "ana 11-01T00:00-11-01T12:00" },
    { "days given as a duration are the wall clock's", "ics",
      CAL(EVENT("DTSTART" CHICAGO "20261031T190000\r\nDURATION:P1D\r\nSUMMARY:ana\r\n")), .turns = "ana 11-01T00:00-11-02T01:00" },
    { "some weekdays, until a day, that day included", "ics",
      CAL(EVENT("DTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261109\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-02T14:00, ana 11-04T13:00-11-04T14:00, ana 11-09T13:00-11-09T14:00" },
    { "every other week counts weeks from their first day", "ics",
      CAL(EVENT("DTSTART:20261104T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=3\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-04T13:00-11-04T14:00, ana 11-16T13:00-11-16T14:00, ana 11-18T13:00-11-18T14:00" },
    { "the second Monday and the last Friday of a month", "ics",
      CAL(EVENT("DTSTART:20261109T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=MONTHLY;BYDAY=2MO,-1FR;COUNT=3\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-09T13:00-11-09T14:00, ana 11-27T13:00-11-27T14:00, ana 12-14T13:00-12-14T14:00" },
    { "the last day of each month", "ics",
      CAL(EVENT("DTSTART:20261130T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-30T13:00-11-30T14:00, ana 12-31T13:00-12-31T14:00, ana 01-31T13:00-01-31T14:00" },
    { "the 31st is left out where a month has none", "ics",
      CAL(EVENT("DTSTART:20261031T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=MONTHLY;COUNT=2\r\nSUMMARY:ana\r\n")),
      .turns = "ana 10-31T13:00-10-31T14:00, ana 12-31T13:00-12-31T14:00" },
    { "a turn taken out and one put in", "ics",
      CAL(EVENT("UID:1\r\nDTSTART" CHICAGO "20261102T070000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEXDATE" CHICAGO "20261103T070000\r\nRDATE:20261110T000000Z,20261111T000000Z\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-02T14:00, ana 11-04T13:00-11-04T14:00, ana 11-10T00:00-11-10T01:00, ana 11-11T00:00-11-11T01:00" },
    { "one turn given to another, one cancelled", "ics",
      CAL(EVENT("UID:1\r\nDTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:ana\r\n")
          EVENT("UID:1\r\nRECURRENCE-ID:20261103T130000Z\r\nDTSTART:20261103T150000Z\r\nDURATION:PT2H\r\nSUMMARY:ben\r\n")
          EVENT("UID:1\r\nRECURRENCE-ID:20261104T130000Z\r\nDTSTART:20261104T130000Z\r\nSTATUS:CANCELLED\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-02T14:00, ben 11-03T15:00-11-03T17:00" },
    { "a cancelled series", "ics", CAL(EVENT("DTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED\r\nSUMMARY:ana\r\n")),
      "", "holds no turn of anybody" },
    { "an endless series ends two years after the last date of the file", "ics",
      CAL(EVENT("DTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-02T13:00-11-02T14:00, ana 11-02T13:00-11-02T14:00, ana 11-02T13:00-11-02T14:00" },
    { "people by title, line and attendee; folded lines, escapes, other components", "ics",
      CAL("BEGIN:VTODO\r\nDTSTART:nonsense\r\nEND:VTODO\r\n"
          EVENT("DTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nSUMMARY:ana ru\r\n iz rn\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDTSTART:x\r\nEND:VALARM\r\n")
          EVENT("DTSTART:20261103T130000Z\r\nDURATION:PT1H\r\nSUMMARY:Ben\\, the Elder\r\n")
          EVENT("DTSTART:20261104T130000Z\r\nDURATION:PT1H\r\nSUMMARY:On call\r\nATTENDEE;CN=\"Ana Ruiz RN\";ROLE=CHAIR:mailto:x@example.org\r\nATTENDEE:mailto:5w-ben@example.org\r\n")
          EVENT("DTSTART:20261105T130000Z\r\nDURATION:PT1H\r\nSUMMARY:mei\\, ana\r\n")),
      .turns = "ana 11-02T13:00-11-02T14:00, ben 11-03T13:00-11-03T14:00, ana 11-04T13:00-11-04T14:00, ben 11-04T13:00-11-04T14:00, mei 11-05T13:00-11-05T14:00, ana 11-05T13:00-11-05T14:00" },
    { "a stranger's turns are left out and said", "ics",
      CAL(EVENT("DTSTART:20261102T130000Z\r\nDURATION:PT1H\r\nSUMMARY:Meii\r\n") EVENT("DTSTART:20261103T130000Z\r\nDURATION:PT1H\r\nSUMMARY:ana\r\n")),
      .turns = "ana 11-03T13:00-11-03T14:00", "r:3" },
    { "line ends of LF alone", "ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261102T130000Z\nDURATION:PT1H\nSUMMARY:ana\nEND:VEVENT\nEND:VCALENDAR\n",
      .turns = "ana 11-02T13:00-11-02T14:00" },
    { "a table", "csv", "from,to,person,instead-of\n2026-11-02 19:00,2026-11-03 07:00,Ana Ruiz RN,\n2026-11-01T07:00:00Z,2026-11-01T19:00+01:00,ben,\n2026-11-02 20:00,2026-11-02 21:00,mei,ana\n",
      .turns = "ben 11-01T07:00-11-01T18:00, ana 11-03T01:00-11-03T13:00, mei 11-03T02:00-11-03T03:00 for ana" },
    { "a Slot of a Practitioner's Schedule, booked or not", "fhir",
      BUNDLE(SCHEDULE("s", REF("Practitioner/ana")) ","
             SLOT("Schedule/s", "free", "2026-11-02T07:00:00-06:00", "2026-11-02T19:00:00-06:00") ","
             SLOT("https://ehr.example/fhir/Schedule/s", "busy", "2026-11-03T13:00:00Z", "2026-11-03T14:00:00Z") ","
             SLOT("Schedule/s", "busy-tentative", "2026-11-04T13:00:00Z", "2026-11-04T14:00:00Z")),
      .turns = "ana 11-02T13:00-11-03T01:00, ana 11-03T13:00-11-03T14:00, ana 11-04T13:00-11-04T14:00" },
    { "time that the actor does not have", "fhir",
      BUNDLE(SCHEDULE("s", REF("Practitioner/ana")) ","
             SLOT("Schedule/s", "busy-unavailable", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z") ","
             SLOT("Schedule/s", "entered-in-error", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z") ","
             SLOT("Schedule/s", "busy", "2026-11-03T13:00:00Z", "2026-11-03T14:00:00Z")),
      .turns = "ana 11-03T13:00-11-03T14:00" },
    { "by the name of the Practitioner of a PractitionerRole; the service beside is nobody", "fhir",
      BUNDLE(IN("\"resourceType\":\"Practitioner\",\"id\":\"77\",\"name\":[{\"family\":\"Ruiz RN\",\"given\":[\"Ana\"]}]") ","
             ROLE("\"practitioner\":" REF("Practitioner/77")) ","
             SCHEDULE("s", REF("PractitionerRole/r1") "," REF("HealthcareService/cardiology")) ","
             SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      .turns = "ana 11-02T13:00-11-02T14:00" },
    { "by an identifier, and by what the reference shows", "fhir",
      BUNDLE(IN("\"resourceType\":\"Practitioner\",\"id\":\"1\",\"identifier\":[{\"value\":\"x\"},{\"value\":\"5w-BEN\"}]") ","
             SCHEDULE("s", REF("Practitioner/1") ",{\"display\":\"Mei\"}") ","
             SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      .turns = "ben 11-02T13:00-11-02T14:00, mei 11-02T13:00-11-02T14:00" },
    { "a Schedule that is not active, and a role", "fhir",
      BUNDLE(IN("\"resourceType\":\"Schedule\",\"id\":\"off\",\"active\":false,\"actor\":[" REF("Practitioner/ana") "]") ","
             ROLE("\"active\":false,\"practitioner\":" REF("Practitioner/mei")) "," SCHEDULE("s", REF("Practitioner/ben") "," REF("PractitionerRole/r1")) ","
             SLOT("Schedule/off", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z") ","
             SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      .turns = "ben 11-02T13:00-11-02T14:00" },
    { "weekly hours on the wall clock, nights past midnight, absences cut out", "fhir",
      BUNDLE(ROLE(WEEK ",\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":["
                  "{\"daysOfWeek\":[\"mon\",\"wed\"],\"availableStartTime\":\"07:00:00\",\"availableEndTime\":\"19:00:00\"},"
                  "{\"daysOfWeek\":[\"thu\"],\"availableStartTime\":\"19:00:00\",\"availableEndTime\":\"07:00:00\"}],"
                  "\"notAvailable\":[{\"description\":\"course\",\"during\":{\"start\":\"2026-11-04T08:00:00-06:00\",\"end\":\"2026-11-04T12:00:00-06:00\"}}]")),
      .turns = "ana 11-02T13:00-11-03T01:00, ana 11-04T13:00-11-04T14:00, ana 11-04T18:00-11-05T01:00, ana 11-06T01:00-11-06T13:00" },
    { "a whole day off, all day on every other", "fhir",
      BUNDLE(ROLE("\"period\":{\"start\":\"2026-11-02\",\"end\":\"2026-11-04\"},\"practitioner\":" REF("Practitioner/ana")
                  ",\"availableTime\":[{\"allDay\":true}],\"notAvailable\":[{\"during\":{\"start\":\"2026-11-03\",\"end\":\"2026-11-03\"}}]")),
      .turns = "ana 11-02T06:00-11-03T06:00, ana 11-04T06:00-11-05T06:00" },
    { "hours from the Bundle's date on, for two years", "fhir",
      BUNDLE(ROLE("\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"daysOfWeek\":[\"sun\"],\"availableStartTime\":\"07:00:00\",\"availableEndTime\":\"08:00:00\"}]")),
      .turns = "ana 11-01T13:00-11-01T14:00, ana 11-08T13:00-11-08T14:00, ana 11-15T13:00-11-15T14:00, ana 11-22T13:00-11-22T14:00, ana 11-29T13:00-11-29T14:00, ana 12-06T13:00-12-06T14:00, ... 105" },
    { "Slots count before hours", "fhir",
      BUNDLE(ROLE(WEEK ",\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"allDay\":true}]") ","
             SCHEDULE("s", REF("PractitionerRole/r1")) "," SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      .turns = "ana 11-02T13:00-11-02T14:00" },
    { "the same in XML", "fhir",
      "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"searchset\"/>"
      "<entry><resource><Schedule><id value=\"s\"/><actor><display value=\"Ana Ruiz RN\"/></actor></Schedule></resource></entry>"
      "<entry><resource><Slot><schedule><reference value=\"Schedule/s\"/></schedule><status value=\"busy\"/>"
      "<start value=\"2026-11-02T13:00:00Z\"/><end value=\"2026-11-02T14:00:00Z\"/></Slot></resource></entry></Bundle>",
      .turns = "ana 11-02T13:00-11-02T14:00" },
    { "a stranger in FHIR", "fhir",
      BUNDLE(SCHEDULE("s", "{\"reference\":\"Practitioner/9\",\"display\":\"Meii\"}," REF("Practitioner/ana")) ","
             SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      .turns = "ana 11-02T13:00-11-02T14:00", "\"Meii\" is no person of this site" },
    { "nothing read", "fhir", BUNDLE(IN("\"resourceType\":\"Practitioner\",\"id\":\"1\"")), "", "holds no turn of anybody" },
    { "a table over the end of summer time", "csv", "person,from,to\nana,2026-10-31 19:00,2026-11-01 07:00\n", .turns = "ana 11-01T00:00-11-01T13:00" },
};
/* clang-format on */

static void files_say_who_has_which_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct made m;
        struct buf got = buf_make(4096);
        make(&m, rows[i].format, slice_of(rows[i].bytes));
        struct slice said = buf_slice(&m.findings);
        if (m.site == NULL || !slice_is(turns_text(&m, &got), rows[i].turns))
            print_error("%s\n got  %.*s\n want %s\n%.*s\n", rows[i].name, SLICE_ARG(buf_slice(&got)),
                        rows[i].turns, SLICE_ARG(said));
        assert_non_null(m.site);
        assert_true(slice_is(buf_slice(&got), rows[i].turns));
        assert_int_equal(m.d.count, rows[i].warning != NULL);
        buf_u8(&m.findings, 0);
        assert_true(rows[i].warning == NULL || strstr(m.findings.ptr, rows[i].warning) != NULL);
        buf_free(&got);
        unmake(&m);
    }
}

/* clang-format off */
static const struct {
    const char *name, *bytes, *where, *message;
} faults[] = {
    { "no calendar", "hello: world\r\n", "r:1", "no calendar begins here" },
    { "nothing at all", "", "r:1", "no calendar begins here" },
    { "an event that never ends", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261102T130000Z\r\n", "r:2", "an event never ends" },
    { "an event without a beginning", CAL(EVENT("SUMMARY:ana\r\n")), "r:3", "without DTSTART" },
    { "a date that is none", CAL(EVENT("DTSTART:20261302T130000Z\r\n")), "r:4", "no date or time" },
    { "a year before there was an hour to be on call", CAL(EVENT("DTSTART:00010101T000000Z\r\n")), "r:4", "from 1970 to 2200" },
    { "a zone that nobody knows", CAL(EVENT("DTSTART;TZID=Mars/Base:20261102T130000\r\nDURATION:PT1H\r\n")), "r:3", "unknown time zone \"Mars/Base\"" },
    { "a repetition that is not read", CAL(EVENT("DTSTART:20261102T130000Z\r\nRRULE:FREQ=HOURLY\r\n")), "r:5", "this part of RRULE is not read: \"FREQ=HOURLY\"" },
    { "a part of it", CAL(EVENT("DTSTART:20261102T130000Z\r\nRRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO\r\n")), "r:5", "\"BYSETPOS=-1\"" },
    { "a duration that is none", CAL(EVENT("DTSTART:20261102T130000Z\r\nDURATION:12 hours\r\n")), "r:5", "no duration" },
    { "components in components", CAL(EVENT("BEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\nBEGIN:A\r\n")), "r:12", "too deep" },
};
/* clang-format on */

static void what_is_malformed_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct made m;
        make(&m, "ics", slice_of(faults[i].bytes));
        buf_u8(&m.findings, 0);
        bool fine = m.site == NULL && strstr(m.findings.ptr, faults[i].where) != NULL &&
                    strstr(m.findings.ptr, faults[i].message) != NULL && m.d.count == 1;
        if (!fine)
            print_error("%s\n%s\n", faults[i].name, m.findings.ptr);
        assert_true(fine);
        unmake(&m);
    }
}

/* clang-format off */
static const struct {
    const char *name, *bytes, *message;
} bundle_faults[] = {
    { "no Bundle", "{\"resourceType\":\"Slot\"}", "a roster is a Bundle" },
    { "a Slot of nobody's Schedule", BUNDLE(SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      "Bundle.entry[0].resource: its Schedule is not in the Bundle" },
    { "a Schedule without an actor", BUNDLE(IN("\"resourceType\":\"Schedule\",\"id\":\"s\"") "," SLOT("Schedule/s", "free", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      "Bundle.entry[0].resource: a Schedule needs an actor" },
    { "a status that is none", BUNDLE(SCHEDULE("s", REF("Practitioner/ana")) "," SLOT("Schedule/s", "taken", "2026-11-02T13:00:00Z", "2026-11-02T14:00:00Z")),
      "Bundle.entry[1].resource: status is none of" },
    { "a time that is none", BUNDLE(SCHEDULE("s", REF("Practitioner/ana")) "," SLOT("Schedule/s", "busy", "noon", "2026-11-02T14:00:00Z")),
      "start and end are instants" },
    { "an end before the beginning", BUNDLE(SCHEDULE("s", REF("Practitioner/ana")) "," SLOT("Schedule/s", "busy", "2026-11-02T14:00:00Z", "2026-11-02T13:00:00Z")),
      "it ends before it begins" },
    { "a day that is none", BUNDLE(ROLE(WEEK ",\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"daysOfWeek\":[\"monday\"]}]")),
      "a day of the week is one of" },
    { "hours without an end", BUNDLE(ROLE(WEEK ",\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"availableStartTime\":\"09:00:00\"}]")),
      "are times of day" },
    { "hours from the year one on", BUNDLE(ROLE("\"period\":{\"start\":\"0001-01-01\"},\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"allDay\":true}]")),
      "from 1970 to 2200" },
    { "hours without any date", "{\"resourceType\":\"Bundle\",\"entry\":[" ROLE("\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"allDay\":true}]") "]}",
      "weekly hours need a period.start" },
    { "more turns than a rota holds", BUNDLE(ROLE("\"period\":{\"start\":\"1970-01-01\",\"end\":\"2200-01-01\"},\"practitioner\":" REF("Practitioner/ana") ",\"availableTime\":[{\"allDay\":true}]")),
      "roster-entries" },
    { "a role of a role of itself", BUNDLE(ROLE("\"practitioner\":" REF("PractitionerRole/r1") "," WEEK ",\"availableTime\":[{\"availableStartTime\":\"x\"}]")),
      "are times of day" },
};
/* clang-format on */

static void a_bundle_with_a_fault_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bundle_faults); i++) {
        struct made m;
        make(&m, "fhir", slice_of(bundle_faults[i].bytes));
        buf_u8(&m.findings, 0);
        bool fine = m.site == NULL && strstr(m.findings.ptr, "error[E616]") != NULL &&
                    strstr(m.findings.ptr, bundle_faults[i].message) != NULL && m.d.count == 1;
        if (!fine)
            print_error("%s\n%s\n", bundle_faults[i].name, m.findings.ptr);
        assert_true(fine);
        unmake(&m);
    }
}

static void a_calendar_without_bounds_is_refused_by_name(void **state)
{
    struct made m;
    struct buf text = buf_make(1 << 24);

    (void)state;
    buf_text(&text, "BEGIN:VCALENDAR\r\n");
    for (int i = 0; i < 60; i++)
        buf_text(&text,
                 EVENT("DTSTART:20250101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY\r\nSUMMARY:ana\r\n"));
    make(&m, "ics", buf_slice(&text));
    assert_null(m.site);
    buf_u8(&m.findings, 0);
    assert_non_null(strstr(m.findings.ptr, "roster-entries"));
    unmake(&m);
    buf_free(&text);
}

static void who_is_on_call_is_found_among_thousands_of_turns(void **state)
{
    struct made m;
    struct buf text = buf_make(1 << 22);
    struct slice people[4];

    (void)state;
    buf_text(&text, "from,to,person\n2026-01-01 00:00,2027-01-01 00:00,mei\n");
    for (unsigned day = 1; day <= 28; day++)
        for (unsigned hour = 0; hour < 23; hour++)
            buf_printf(&text, "2026-02-%02u %02u:00,2026-02-%02u %02u:00,%s\n", day, hour, day, hour + 1,
                       hour % 2 ? "ana" : "ben");
    make(&m, "csv", buf_slice(&text));
    assert_non_null(m.site);
    const struct rota *r = directory_rota(m.site->directory, SLICE("x"));
    struct civil noon = { .year = 2026, .month = 2, .day = 14, .hour = 12, .minute = 30 };
    int64_t at = tz_from_civil(r->zone, noon, TZ_FIRST);
    assert_int_equal(rota_at(r, at, people, 4), 2);
    assert_true(slice_is(people[0], "mei") && slice_is(people[1], "ben"));
    assert_int_equal(rota_next_change(r, at), at + 30 * TIME_MIN);
    assert_int_equal(rota_at(r, at + 11 * TIME_HOUR, people, 4), 1); /* 23:30 is nobody else's */
    unmake(&m);
    buf_free(&text);
}

/* --- E304: what a person hears who asks with a date ----------------------------------------------------- */

/* clang-format off */
static const struct {
    const char *name, *steps, *severity, *message;
} steps[] = {
    { "nobody at night", "notify charge-nurse", "error[E304]", "unit \"5W\" has no charge-nurse every day 19:00-07:00, and this step has no else" },
    { "an else who is there", "notify charge-nurse else oncall always", NULL, NULL },
    { "an else who is away as well", "notify charge-nurse else oncall x", "warning[W304]", "the else has nobody then either" },
    { "a desk", "notify charge-nurse else desk operator", NULL, NULL },
    { "a file that ends", "notify oncall x", "warning[W304]", "rota \"x\" has nobody Sun 2026-11-01 07:00 to Sat 2026-11-14 11:00, and" },
    { "a role that is given out elsewhere", "notify primary-nurse", NULL, NULL },
    { "a person by name", "notify ana", NULL, NULL },
    { "a unit that the rule is not for", "notify buddy-nurse", NULL, NULL },
    { "a group none of whom is there", "notify group nights", "error[E304]", "group \"nights\" has nobody on Sat, Sun 19:00-07:00, and this step has no else" },
    { "a group of whom one is always there", "notify group mixed", NULL, NULL },
    { "a turn of the group", "notify turn of group nights", "error[E304]", "write \"turn of group nights else oncall always\", or fill the roster: nightbell roster gaps" },
    { "the rota that covers", "notify covering patient.attending via oncall weekend", "warning[W304]", "rota \"weekend\", which covers, has nobody Sun 2026-11-01" },
    { "a rota of a value that has a gap", "notify oncall class-of of class", "error[E304]", "rota \"class-of.high\" has nobody" },
    { "the same with an else", "notify oncall class-of of class else charge-nurse of \"OR\"", NULL, NULL },
    { "a unit by name", "notify buddy-nurse of \"OR\"", "error[E304]", "unit \"OR\" has no buddy-nurse on Mon 03:01 to Mon 03:00, and this step has no else" },
};
/* clang-format on */

static const char VALUES[] = "rota class-of.lethal { weekly from 2026-10-26 07:00 ben }\n"
                             "rota class-of.high { weekly from 2026-11-02 07:00 ben }\n"
                             "rota class-of.medium { weekly from 2026-10-26 07:00 ben }\n"
                             "rota class-of.low { weekly from 2026-10-26 07:00 ben }\n"
                             "rota class-of.call { weekly from 2026-10-26 07:00 ben }\n"
                             "rota class-of.technical { weekly from 2026-10-26 07:00 ben }\n"
                             "rota class-of.info { weekly from 2026-10-26 07:00 ben }\n";

static void a_step_that_finds_nobody_is_told_beforehand(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct made m = { .files = fileset_new(), .arena = arena_new(), .findings = buf_make(1 << 20) };
        size_t schemas;
        const struct block_schema *known = block_schemas(&schemas);
        fixture_add(m.files, "base.bell", BASE);
        fixture_add(m.files, "r.csv", "from,to,person\n2026-10-30 07:00,2026-11-01 07:00,ben\n");
        struct slice more = arena_printf(
            m.arena,
            "language 1\nshift day = 07:00-19:00\nunit \"OR\" { beds \"1\" fallback desk operator }\n"
            "assign ana charge-nurse of \"5W\" during day\nassign ana charge-nurse of \"OR\"\n"
            "assign ben buddy-nurse of \"5W\"\n"
            "person eva { may-hold buddy-nurse reach phones }\nassign eva buddy-nurse of \"OR\" during none\n"
            "shift none = 03:00-03:01 on mon\nrota always { weekly from 2026-10-26 07:00 ben }\nrota x from "
            "csv \"r.csv\"\n"
            "shift week = 19:00-07:00 on mon, tue, wed, thu, fri\nassign ben night-lead of \"5W\" during "
            "day\n"
            "assign ben night-lead of \"5W\" during week\ngroup nights = night-lead, group inner\n"
            "group inner = night-lead\ngroup mixed = night-lead, oncall always\n"
            "rota weekend { weekly from 2026-10-26 07:00 ben override 2026-11-01 07:00 to 2026-11-01 09:00 "
            "nobody "
            "instead of ben }\n%s"
            "rule r { title \"t\" when alarm starts and code is apnea and unit is \"5W\" if known\n %s\n "
            "after 2min if "
            "not accepted notify desk operator }\n",
            VALUES, steps[i].steps);
        fixture_add(m.files, "more.bell", more.ptr);
        fixture_add_zone(m.files, "America/Chicago");
        diagnostics_init(&m.d, m.arena, NULL, 0);
        m.site =
            site_check_days(m.files, known, schemas, 1793466000 * TIME_S, 14, &m.d); /* 31 October, noon */
        diagnostics_text(&m.d, false, &m.findings);
        buf_u8(&m.findings, 0);
        const char *found = strstr(m.findings.ptr, "304]");
        bool fine = steps[i].severity == NULL ? found == NULL
                                              : strstr(m.findings.ptr, steps[i].severity) != NULL &&
                                                    strstr(m.findings.ptr, steps[i].message) != NULL;
        if (!fine)
            print_error("%s\n%s\n", steps[i].name, m.findings.ptr);
        assert_true(fine);
        unmake(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_say_who_has_which_turn),
        cmocka_unit_test(what_is_malformed_is_told_with_its_line),
        cmocka_unit_test(a_bundle_with_a_fault_is_refused_with_its_place),
        cmocka_unit_test(a_calendar_without_bounds_is_refused_by_name),
        cmocka_unit_test(a_step_that_finds_nobody_is_told_beforehand),
        cmocka_unit_test(who_is_on_call_is_found_among_thousands_of_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
