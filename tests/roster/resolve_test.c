/* From a target to people, with the reason for each: the table of LANGUAGE section 7 and CLINICAL 3.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "roster/resolve.h"
#include "tests/roster/zones.h"

#define S(text) SLICE_INIT(text)

static struct tz *chicago;

static const struct shift_range DAY_HOURS = { 7 * 60, 19 * 60 }, NIGHT_HOURS = { 19 * 60, 7 * 60 };
static const struct shift DAY = { S("day"), &DAY_HOURS, 1, 127 },
                          NIGHT = { S("night"), &NIGHT_HOURS, 1, 127 };

static const struct slice BEDS[] = { S("11"), S("12"), S("13") };
static const struct unit UNITS[] = {
    { S("5W"), S("Surgical telemetry"), BEDS, 3, S("operator") },
    { S("ICU"), S("Intensive care"), BEDS, 3, S("clinic-desk") },
};
static const struct slice LOU[] = { S("77"), S("E-77") };
static const struct person PERSONS[] = {
    { .name = S("ana"), .title = S("Ana Ruiz RN"), .line = S("5W-ana") },
    { .name = S("ben"), .title = S("Ben Okafor RN"), .line = S("5W-ben") },
    { .name = S("carla"), .title = S("Carla Weiss RN"), .line = S("") },
    { .name = S("noor"), .title = S("Noor Haddad NA"), .line = S("") },
    { .name = S("rashid"), .title = S("Dr Rashid"), .line = S("MD-77") },
    { .name = S("mei"), .title = S("Dr Mei"), .line = S("") },
    { .name = S("ivo"), .title = S("Dr Ivo"), .line = S("") },
    { .name = S("free"), .title = S("Unscheduled"), .line = S("") },
    { .name = S("kim"), .off = S("deactivated by hr") },
    { .name = S("hal") },
    { .name = S("lou"), .ids = LOU, .id_count = 2 },
};
static const struct desk DESKS[] = {
    { S("operator"), S("Operator"), NULL, true, NULL, 0 },
    { S("clinic-desk"), S("Clinic"), &DAY, false, NULL, 0 },
};

#define HOLDS(p, r, u, b, n, when)                                                                           \
    {                                                                                                        \
        .person = p, .role = r, .unit = u, .beds = b, .bed_count = n, .during = when, .from_us = TIME_NONE,  \
        .until_us = TIME_NONE                                                                                \
    }
static const struct assignment ASSIGNED[] = {
    HOLDS(S("ana"), S("primary-nurse"), S("5W"), BEDS, 2, &DAY),
    HOLDS(S("ben"), S("primary-nurse"), S("5W"), BEDS + 1, 1, &DAY),
    HOLDS(S("noor"), S("primary-nurse"), S("5W"), NULL, 0, &NIGHT),
    HOLDS(S("noor"), S("nursing-assistant"), S("5W"), BEDS + 2, 1, NULL),
    HOLDS(S("carla"), S("charge-nurse"), S("5W"), NULL, 0, NULL),
    HOLDS(S("ben"), S("primary-nurse"), S("ICU"), BEDS, 3, &NIGHT),
    HOLDS(S("mei"), S("charge-nurse"), S("ICU"), BEDS, 1, NULL),
};

static const struct slice TURNS[] = { S("rashid"), S("mei") };
static const struct slice IVO[] = { S("ivo") };
static const struct rota_turn WEEKLY = { { 2026, 10, 26, 7, 0, 0, 0 }, 7, TURNS, 2 };
static const struct rota_turn DAILY = { { 2026, 10, 26, 7, 0, 0, 0 }, 1, IVO, 1 };
static struct rota_interval SWAP; /* mei instead of rashid, 28 October */
static struct rota ROTAS[] = {
    { S("rapid-response"), S(""), NULL, &WEEKLY, 1, &SWAP, 1, .feed = { .count = 0 } },
    { S("consult.cardiology"), S(""), NULL, &DAILY, 1, NULL, 0, .feed = { .count = 0 } },
    { S("consult-renal"), S(""), NULL, &DAILY, 1, NULL, 0, .feed = { .count = 0 } },
    { S("empty"), S(""), NULL, NULL, 0, NULL, 0, .feed = { .count = 0 } },
    { .name = S("filed") },
};
static struct rota_interval FILED[4]; /* of "filed", whose turns come from a file */

static const struct who CODE_TEAM[] = {
    { WHO_ONCALL, S("rapid-response"), S("") },
    { WHO_ROLE, S("charge-nurse"), S("") },
    { WHO_GROUP, S("doctors"), S("") },
    { WHO_DESK, S("operator"), S("") },
};
static const struct who DOCTORS[] = { { WHO_ROLE, S("rashid"), S("") },
                                      { WHO_ROLE, S("mei"), S("") },
                                      { WHO_ROLE, S("ivo"), S("") },
                                      { WHO_ROLE, S("free"), S("") } };
static const struct who LOOP[] = { { WHO_GROUP, S("loop"), S("") }, { WHO_ROLE, S("ana"), S("") } };
static const struct group GROUPS[] = { { S("code-team"), CODE_TEAM, 4 },
                                       { S("doctors"), DOCTORS, 4 },
                                       { S("loop"), LOOP, 2 } };

static struct directory site_directory(void)
{
    SWAP = (struct rota_interval){ instant("2026-10-28T12:00:00Z"), instant("2026-10-29T12:00:00Z"),
                                   SLICE("mei"), SLICE("rashid") };
    FILED[0] = (struct rota_interval){ instant("2026-12-01T06:00:00Z"), instant("2026-12-01T18:00:00Z"),
                                       SLICE("carla"), SLICE("hal") };
    FILED[1] = (struct rota_interval){ instant("2026-12-01T07:00:00Z"), instant("2026-12-01T19:00:00Z"),
                                       SLICE("hal"), SLICE("") };
    FILED[2] = (struct rota_interval){ instant("2026-12-01T07:00:00Z"), instant("2026-12-01T19:00:00Z"),
                                       SLICE("noor"), SLICE("") };
    FILED[3] = (struct rota_interval){ instant("2026-12-02T07:00:00Z"), instant("2026-12-02T19:00:00Z"),
                                       SLICE("hal"), SLICE("") };
    ROTAS[4].feed = (struct rota_feed){ SLICE("r.csv"), FILED, 4, 12 * TIME_HOUR, FILED[3].to_us };
    for (size_t i = 0; i < 5; i++)
        ROTAS[i].zone = chicago;
    return (struct directory){ .site = SLICE("north"),
                               .zone = chicago,
                               .units = UNITS,
                               .unit_count = 2,
                               .persons = PERSONS,
                               .person_count = sizeof PERSONS / sizeof *PERSONS,
                               .desks = DESKS,
                               .desk_count = 2,
                               .groups = GROUPS,
                               .group_count = 3,
                               .rotas = ROTAS,
                               .rota_count = 5,
                               .assignments = ASSIGNED,
                               .assignment_count = sizeof ASSIGNED / sizeof *ASSIGNED };
}

struct presence {
    const char *away, *dark; /* names between spaces */
};

static bool listed(const char *names, struct slice name)
{
    struct slice rest = slice_of(names);

    while (rest.len > 0)
        if (slice_eq(slice_cut(&rest, ' '), name))
            return true;
    return false;
}

static bool is_away(const void *ctx, struct slice person)
{
    return listed(((const struct presence *)ctx)->away, person);
}

static bool is_reachable(const void *ctx, struct slice holder)
{
    return !listed(((const struct presence *)ctx)->dark, holder);
}

static uint32_t alerts_of(const void *ctx, struct slice person)
{
    (void)ctx;
    return slice_is(person, "rashid") ? 4 : slice_is(person, "mei") ? 1 : 2;
}

#define SAYS(who, message)                                                                                   \
    {                                                                                                        \
        .person = S(who), .role = S("primary-nurse"), .from_us = TIME_NONE, .until_us = TIME_NONE,           \
        .patient = S("GH|1"), .listener = S("ehr"), .said = message                                          \
    }
/* Overrides by the letter that a row gives. */
static const struct {
    char letter;
    struct assignment made;
} OVERRIDES[] = {
    { 'p',
      { .person = S("mei"),
        .role = S("primary-nurse"),
        .unit = S("5W"),
        .from_us = TIME_NONE,
        .until_us = TIME_NONE,
        .patient = S("GH|1") } },
    /* Two messages of a feed; what the later one says counts together. */
    { 'f', SAYS("noor", 1) },
    { 'F', SAYS("rashid", 2) },
    { 'G', SAYS("ivo", 2) },
    { 'b', HOLDS(S("carla"), S("primary-nurse"), S("5W"), BEDS + 1, 1, NULL) },
    { 'B', HOLDS(S("ben"), S("primary-nurse"), S("5W"), BEDS + 1, 1, NULL) },
    { 'u', HOLDS(S("ivo"), S("primary-nurse"), S("5W"), NULL, 0, NULL) },
    { 'n', HOLDS(S("nobody"), S("primary-nurse"), S("5W"), BEDS, 3, NULL) },
    { 'x', HOLDS(S("gone"), S("primary-nurse"), S("5W"), BEDS, 3, NULL) },
    /* said by somebody, until 2026-11-01 06:00 in Chicago, after the clock change */
    { 'y',
      { .person = S("carla"),
        .role = S("primary-nurse"),
        .unit = S("5W"),
        .from_us = TIME_NONE,
        .until_us = INT64_C(1793534400000000),
        .by = S("desk-2") } },
    /* 2026-10-27T15:00Z to 17:00Z */
    { 't',
      { .person = S("carla"),
        .role = S("primary-nurse"),
        .unit = S("5W"),
        .beds = BEDS,
        .bed_count = 3,
        .from_us = INT64_C(1793113200000000),
        .until_us = INT64_C(1793120400000000) } },
};

/* clang-format off */
#define PRIMARY { WHO_ROLE, S("primary-nurse"), S("") }
#define CHARGE { WHO_ROLE, S("charge-nurse"), S("") }
#define OPERATOR { WHO_DESK, S("operator"), S("") }
#define RAPID { WHO_ONCALL, S("rapid-response"), S("") }
#define TURN { WHO_TURN, S("doctors"), S("") }
#define LEAST { WHO_LEAST, S("doctors"), S("") }
#define NOON "2026-10-27T17:00:00Z"

static const struct row {
    const char *name;
    struct who who[3];
    const char *unit, *bed, *at;
    const char *expected; /* "name=reason, ..." with "|" before the skipped */
    size_t alternative;
    const char *patient, *overrides, *away, *dark, *told, *actor;
} ROWS[] = {
    { "the bed's nurse by day", { PRIMARY }, "5W", "11", NOON,
      .expected = "ana=assigned primary-nurse of 5W bed 11 (day)" },
    { "a couplet's bed has two", { PRIMARY }, "5W", "12", NOON,
      .expected = "ana=assigned primary-nurse of 5W bed 12 (day), ben=assigned primary-nurse of 5W bed 12"
      " (day)" },
    { "the unit-wide nurse at night", { PRIMARY }, "5W", "12", "2026-10-28T06:00:00Z",
      .expected = "noor=assigned primary-nurse of 5W (night)" },
    { "the shift's end is half open", { PRIMARY }, "5W", "11", "2026-10-28T00:00:00Z",
      .expected = "noor=assigned primary-nurse of 5W (night)" },
    { "night until 07:00 after the clock change", { PRIMARY }, "5W", "11", "2026-11-01T12:59:59Z",
      .expected = "noor=assigned primary-nurse of 5W (night)" },
    { "a gap by day, then the else", { PRIMARY, CHARGE }, "5W", "13", NOON,
      .expected = "carla=else 1: assigned charge-nurse of 5W", .alternative = 1 },
    { "no place, no nurse", { PRIMARY }, "", "", NOON,
      .expected = "", .alternative = 1 },
    { "an override of the bed beats the site", { PRIMARY }, "5W", "12", NOON,
      .expected = "carla=override, primary-nurse of 5W bed 12", .overrides = "b" },
    { "the later override wins", { PRIMARY }, "5W", "12", NOON,
      .expected = "ben=override, primary-nurse of 5W bed 12", .overrides = "bB" },
    { "a bed's override beats the unit's", { PRIMARY }, "5W", "12", NOON,
      .expected = "carla=override, primary-nurse of 5W bed 12", .overrides = "bu" },
    { "the unit's override beats the site's bed", { PRIMARY }, "5W", "11", NOON,
      .expected = "ivo=override, primary-nurse of 5W", .overrides = "u" },
    { "the patient's override beats all", { PRIMARY }, "5W", "12", NOON,
      .expected = "mei=override, primary-nurse of this patient", .patient = "GH|1", .overrides = "pbu" },
    { "another patient's does not count", { PRIMARY }, "5W", "11", NOON,
      .expected = "ana=assigned primary-nurse of 5W bed 11 (day)", .patient = "GH|2", .overrides = "p" },
    { "what one message of a feed says counts together, and before what it said earlier", { PRIMARY }, "5W", "12",
      NOON, .expected = "rashid=assigned by ehr, primary-nurse of this patient, ivo=assigned by ehr, primary-nurse of"
      " this patient", .patient = "GH|1", .overrides = "fFG" },
    { "by hand after the feed", { PRIMARY }, "5W", "12", NOON,
      .expected = "mei=override, primary-nurse of this patient", .patient = "GH|1", .overrides = "Fp" },
    { "the feed after what was made by hand", { PRIMARY }, "5W", "12", NOON,
      .expected = "noor=assigned by ehr, primary-nurse of this patient", .patient = "GH|1", .overrides = "pf" },
    { "whom a feed has taken out is skipped", { { WHO_ROLE, S("kim"), S("") } }, "5W", "12", NOON,
      .expected = "| kim=named in the rule; deactivated by hr", .alternative = 1 },
    { "an id of a feed finds the person", { { WHO_COVERING, S("empty"), S("e-77") } }, "5W", "12", NOON,
      .expected = "lou=on duty now, named by the event" },
    { "nobody is an answer", { PRIMARY }, "5W", "11", NOON,
      .expected = "", .alternative = 1, .overrides = "n" },
    { "an override's start counts", { PRIMARY }, "5W", "11", "2026-10-27T15:00:00Z",
      .expected = "carla=override until 12:00, primary-nurse of 5W bed 11", .overrides = "t" },
    { "an override says by whom and until when", { PRIMARY }, "5W", "11", NOON,
      .expected = "carla=override by desk-2 until 2026-11-01 06:00, primary-nurse of 5W", .overrides = "y" },
    { "its end does not", { PRIMARY }, "5W", "11", "2026-10-27T17:00:00Z",
      .expected = "ana=assigned primary-nurse of 5W bed 11 (day)", .overrides = "t" },
    { "a name no longer in the site", { PRIMARY }, "5W", "11", NOON,
      .expected = "| gone=override, primary-nurse of 5W bed 11; not a person of this site", .alternative = 1, .overrides = "x" },
    { "away goes to the else, and is listed", { PRIMARY, CHARGE }, "5W", "11", NOON,
      .expected = "carla=else 1: assigned charge-nurse of 5W, | ana=assigned primary-nurse of 5W bed 11 (day); away", .alternative = 1, .away = "ana" },
    { "one of two unreachable", { PRIMARY }, "5W", "12", NOON,
      .expected = "ben=assigned primary-nurse of 5W bed 12 (day), | ana=assigned primary-nurse of 5W bed "
      "12 (day); unreachable", .dark = "ana" },
    { "the actor is never the target", { PRIMARY, OPERATOR }, "5W", "11", NOON,
      .expected = "operator=else 1: desk, | ana=assigned primary-nurse of 5W bed 11 (day); the event's own actor", .alternative = 1, .actor = "5W-ANA" },
    { "a role elsewhere", { { WHO_ROLE, S("charge-nurse"), S("5W") } }, "ICU", "12", NOON,
      .expected = "carla=assigned charge-nurse of 5W" },
    { "elsewhere by beds when none holds the unit", { { WHO_ROLE, S("nursing-assistant"), S("5W") } }, "ICU", "12", NOON,
      .expected = "noor=assigned nursing-assistant of 5W bed 13" },
    { "of the alert's own unit keeps the bed", { { WHO_ROLE, S("primary-nurse"), S("5W") } }, "5W", "11", NOON,
      .expected = "ana=assigned primary-nurse of 5W bed 11 (day)" },
    { "a person by name", { { WHO_ROLE, S("ivo"), S("") } }, "5W", "11", NOON,
      .expected = "ivo=named in the rule" },
    { "on call", { RAPID }, "5W", "11", NOON,
      .expected = "rashid=oncall rapid-response, weekly turn" },
    { "on call by override", { RAPID }, "5W", "11", "2026-10-28T17:00:00Z",
      .expected = "mei=oncall rapid-response, override instead of rashid" },
    { "a rota by a field's value", { { WHO_ONCALL, S("consult"), S("cardiology") } }, "5W", "11", NOON,
      .expected = "ivo=oncall consult.cardiology, daily turn" },
    { "... with a hyphen", { { WHO_ONCALL, S("consult"), S("renal") } }, "5W", "11", NOON,
      .expected = "ivo=oncall consult-renal, daily turn" },
    { "no rota for the value, then the else", { { WHO_ONCALL, S("consult"), S("none") }, { WHO_UNIT_DESK, S(""), S("") } }, "5W", "11", NOON,
      .expected = "operator=else 1: fallback desk of 5W", .alternative = 1 },
    { "an empty rota", { { WHO_ONCALL, S("empty"), S("") } }, "5W", "11", NOON,
      .expected = "", .alternative = 1 },
    { "on call by a file", { { WHO_ONCALL, S("filed"), S("") } }, "5W", "11", "2026-12-02T12:00:00Z",
      .expected = "hal=oncall filed, turn from a file" },
    { "two turns of a file at once, one taken over by who began before", { { WHO_ONCALL, S("filed"), S("") } }, "5W", "11", "2026-12-01T12:00:00Z",
      .expected = "carla=oncall filed, turn from a file instead of hal, noor=oncall filed, turn from a file" },
    { "a file's turn makes on duty", { { WHO_COVERING, S("filed"), S("hal") } }, "5W", "11", "2026-12-02T12:00:00Z",
      .expected = "hal=on duty now, named by the event" },
    { "out of the file's turns is off duty", { { WHO_COVERING, S("consult-renal"), S("hal") } }, "5W", "11", "2026-12-03T12:00:00Z",
      .expected = "ivo=hal is not on duty and has no cover: oncall consult-renal, daily turn" },
    { "who stands in by the file covers", { { WHO_COVERING, S("consult-renal"), S("hal") } }, "5W", "11", "2026-12-01T12:00:00Z",
      .expected = "carla=covers hal in rota filed" },
    { "a group within a group, each once", { { WHO_GROUP, S("code-team"), S("") } }, "5W", "11", NOON,
      .expected = "rashid=group code-team: oncall rapid-response, weekly turn, carla=group code-team: assigned charge-nurse of 5W, mei=group code-team: named in the rule, ivo=group code-team: named in the rule, free=group code-team: named in the rule, operator=group code-team: desk"},
    { "a circle of groups ends", { { WHO_GROUP, S("loop"), S("") } }, "5W", "11", NOON,
      .expected = "ana=group loop: named in the rule"},
    { "a desk outside its hours", { { WHO_DESK, S("clinic-desk"), S("") }, OPERATOR }, "ICU", "11", "2026-10-28T02:00:00Z",
      .expected = "operator=else 1: desk, | clinic-desk=desk; not staffed now", .alternative = 1 },
    { "a dark desk", { OPERATOR }, "5W", "11", NOON,
      .expected = "| operator=desk; unreachable", .alternative = 1, .dark = "operator" },
    { "the unit's desk", { { WHO_UNIT_DESK, S(""), S("") } }, "ICU", "11", NOON,
      .expected = "clinic-desk=fallback desk of ICU" },
    { "everyone of a unit now", { { WHO_EVERYONE, S(""), S("5W") } }, "ICU", "11", NOON,
      .expected = "ana=everyone of the unit: assigned primary-nurse of 5W bed 11 (day), ben=everyone of the unit: assigned primary-nurse of 5W bed 12 (day), noor=everyone of the unit: assigned nursing-assistant of 5W bed 13, carla=everyone of the unit: assigned charge-nurse of 5W"},
    { "a turn takes the first on duty", { TURN }, "5W", "11", NOON,
      .expected = "rashid=named in the rule; turn of group doctors" },
    { "then the next, those told skipped", { TURN }, "5W", "11", NOON,
      .expected = "ivo=named in the rule; turn of group doctors, | rashid=named in the rule; already "
      "told, mei=named in the rule; already told", .told = "rashid mei" },
    { "off duty skipped, unscheduled is on duty", { TURN }, "5W", "11", "2026-10-20T17:00:00Z",
      .expected = "free=named in the rule; turn of group doctors, | rashid=named in the rule; not on "
      "duty, mei=named in the rule; away, ivo=named in the rule; not on duty", .away = "mei" },
    { "the least loaded", { LEAST }, "5W", "11", NOON,
      .expected = "mei=named in the rule; fewest open alerts of group doctors (1)" },
    { "of equals the first", { LEAST }, "5W", "11", NOON,
      .expected = "ivo=named in the rule; fewest open alerts of group doctors (2), | mei=named in the "
      "rule; away", .away = "mei" },
    { "covering: on duty", { { WHO_COVERING, S("consult-renal"), S("md-77") } }, "5W", "11", NOON,
      .expected = "rashid=on duty now, named by the event" },
    { "covering: who replaces", { { WHO_COVERING, S("consult-renal"), S("rashid") } }, "5W", "11", "2026-10-28T17:00:00Z",
      .expected = "mei=covers rashid in rota rapid-response" },
    { "covering: off duty, so the rota", { { WHO_COVERING, S("consult-renal"), S("rashid") } }, "5W", "11", "2026-11-04T17:00:00Z",
      .expected = "ivo=rashid is not on duty and has no cover: oncall consult-renal, daily turn"},
    { "covering: a stranger, so the rota", { { WHO_COVERING, S("consult-renal"), S("99") } }, "5W", "11", NOON,
      .expected = "ivo=the event names nobody of this site: oncall consult-renal, daily turn"},
};
/* clang-format on */

static size_t split_names(const char *text, struct slice *out)
{
    struct slice rest = slice_of(text);
    size_t count = 0;

    while (rest.len > 0)
        out[count++] = slice_cut(&rest, ' ');
    return count;
}

static size_t pick_overrides(const char *letters, struct assignment *out)
{
    size_t count = 0;

    for (; letters != NULL && *letters != '\0'; letters++)
        for (size_t i = 0; i < sizeof OVERRIDES / sizeof *OVERRIDES; i++)
            if (OVERRIDES[i].letter == *letters)
                out[count++] = OVERRIDES[i].made;
    return count;
}

static void write_resolved(struct buf *out, const struct resolved *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (i > 0)
            buf_text(out, ", ");
        if (i == r->told)
            buf_text(out, "| ");
        buf_printf(out, "%.*s=%.*s", SLICE_ARG(r->holders[i].name), SLICE_ARG(r->holders[i].reason));
    }
}

static void check_row(struct arena *a, const struct directory *d, const struct row *row)
{
    struct presence presence = { row->away, row->dark };
    struct assignment overrides[8];
    struct slice told[8];
    struct roster_now now = { d,
                              overrides,
                              pick_overrides(row->overrides, overrides),
                              instant(row->at),
                              is_reachable,
                              is_away,
                              alerts_of,
                              &presence };
    struct resolve_query q = {
        slice_of(row->unit),          slice_of(row->bed),  slice_of(row->patient), NULL, 0, told,
        split_names(row->told, told), slice_of(row->actor)
    };
    struct target t = { row->who, 1 };
    struct resolved r;
    struct buf got = buf_make(4096);

    while (t.count < 3 && (row->who[t.count].name.len > 0 || row->who[t.count].kind != WHO_ROLE))
        t.count++;
    roster_resolve(a, &now, &q, &t, &r);
    write_resolved(&got, &r);
    if (!slice_is(buf_slice(&got), row->expected) || r.alternative != row->alternative)
        fail_msg("%s: alternative %zu: %.*s", row->name, r.alternative, SLICE_ARG(buf_slice(&got)));
    for (size_t i = 0; i < r.count; i++)
        assert_int_equal(r.holders[i].reachable, i < r.told);
    buf_free(&got);
}

static void resolve_rows(void **state)
{
    struct directory d = site_directory();
    struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        check_row(a, &d, &ROWS[i]);
        arena_reset(a);
    }
    arena_free(&a);
}

/* Twins in two beds: a query without device or PID tries
 * every place, and each nurse comes once. */
static void more_places_are_joined(void **state)
{
    struct directory d = site_directory();
    struct arena *a = arena_new();
    struct place_ref more[] = { { S("5W"), S("12") }, { S("5W"), S("11") } };
    struct roster_now now = { &d, NULL, 0, instant(NOON), NULL, NULL, NULL, NULL };
    struct resolve_query q = { S("5W"), S("11"), S(""), more, 2, NULL, 0, S("") };
    struct who role = { WHO_ROLE, S("primary-nurse"), S("") };
    struct resolved r;

    (void)state;
    roster_resolve(a, &now, &q, &(struct target){ &role, 1 }, &r);
    assert_int_equal(r.told, 2);
    assert_true(slice_is(r.holders[0].name, "ana") && slice_is(r.holders[1].name, "ben"));
    arena_free(&a);
}

static void holders_of_a_role(void **state)
{
    struct directory d = site_directory();
    struct arena *a = arena_new();
    struct presence presence = { "ben", "" };
    struct roster_now now = { &d, NULL, 0, instant(NOON), is_reachable, is_away, NULL, &presence };
    struct resolved r;

    (void)state;
    roster_role_holders(a, &now, SLICE("primary-nurse"), SLICE("5W"), SLICE(""), &r);
    assert_int_equal(r.count, 2);
    assert_int_equal(r.told, 1);
    assert_true(slice_is(r.holders[0].name, "ana") && slice_is(r.holders[1].name, "ben"));
    roster_role_holders(a, &now, SLICE("charge-nurse"), SLICE(""), SLICE(""), &r);
    assert_int_equal(r.count, 2);
    roster_role_holders(a, &now, SLICE("primary-nurse"), SLICE("5W"), SLICE("13"), &r);
    assert_int_equal(r.count, 0);
    arena_free(&a);
}

static int load_zone(void **state)
{
    (void)state;
    chicago = zone_load("America/Chicago");
    return chicago != NULL ? 0 : -1;
}

static int free_zone(void **state)
{
    (void)state;
    tz_free(&chicago);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolve_rows),
        cmocka_unit_test(more_places_are_joined),
        cmocka_unit_test(holders_of_a_role),
    };

    return cmocka_run_group_tests(tests, load_zone, free_zone);
}
