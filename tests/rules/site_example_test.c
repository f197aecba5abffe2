/* The example hospital: it compiles without a word, and each event rings the people that its files name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "roster/resolve.h"
#include "tests/rules/site_fixture.h"

static struct site *hospital;

/* clang-format off */
static const struct row {
    const char *name;
    enum event_kind kind;
    enum event_phase phase;
    const char *code;   /* catalogue name; empty: unmapped */
    const char *unit, *bed, *at;
    const char *owner;  /* its rule */
    const char *plan;   /* "TIME names | TIME names", from time 0 */
    const char *value, *measure, *flag, *provider, *copies;
    enum event_abnormal abnormal;
} ROWS[] = {
#define ALARM EVENT_ALARM, PHASE_STARTS
#define CALL EVENT_CALL, PHASE_STARTS
#define RESULT EVENT_RESULT, PHASE_FINAL
#define DAY "2026-11-23T18:00:00Z"    /* Monday 12:00 */
#define NIGHT "2026-11-24T08:10:00Z"  /* Tuesday 02:10 */
#define SUNDAY "2026-11-22T18:00:00Z"
    { "V-fib by day", ALARM, "vfib", "5W", "12", DAY, "lethal-arrhythmia",
      .plan = "0s ana | 0s tele-room | 30s carla | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "V-fib at night", ALARM, "vfib", "5W", "12", NIGHT, "lethal-arrhythmia",
      .plan = "0s petra | 0s tele-room | 30s rosa | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "the last minute of the long night", ALARM, "asystole", "5W", "13", "2026-11-01T12:59:00Z", "lethal-arrhythmia",
      .plan = "0s quinn | 0s tele-room | 30s rosa | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "the first of the day after it", ALARM, "asystole", "5W", "13", "2026-11-01T13:00:00Z", "lethal-arrhythmia",
      .plan = "0s ben | 0s tele-room | 30s carla | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "the Christmas swap", ALARM, "vtach", "ICU", "01", "2026-12-25T02:00:00Z", "lethal-arrhythmia",
      .plan = "0s samir | 0s tele-room | 30s uwe | 90s mei | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "and its end", ALARM, "vtach", "ICU", "01", "2026-12-25T13:00:00Z", "lethal-arrhythmia",
      .plan = "0s dora | 0s tele-room | 30s faye | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "V-fib from nowhere still rings desks", ALARM, "vfib", "", "", DAY, "lethal-arrhythmia",
      .plan = "0s - | 0s tele-room | 30s - | 90s rashid | 2min operator", .copies = "cardiology-hears 0s omar" },
    { "SpO2 low", ALARM, "spo2-low", "MED", "14", DAY, "spo2-low", .plan = "0s kira | 1min liam | 4min operator",
      .value = "86", .measure = "%" },
    { "apnea", ALARM, "apnea", "ICU", "08", DAY, "apnea", .plan = "0s emil | 20s dora faye | 1min rashid | 2min operator" },
    { "probe off", ALARM, "spo2-probe-off", "5W", "01", DAY, "sensor-off", .plan = "0s noor | 2min ana | 2min carla | 4min operator" },
    { "leads off", ALARM, "lead-off", "PACU", "07", NIGHT, "sensor-off", .plan = "0s dina | 2min yann | 2min yann | 4min operator" },
    { "bed exit by day", ALARM, "bed-exit", "MED", "20", DAY, "bed-exit", .plan = "0s otis | 2min liam | 4min operator", .flag = "fall-risk" },
    { "bed exit at night, no risk", ALARM, "bed-exit", "MED", "20", NIGHT, "bed-exit", .plan = "0s elio | 2min abel | 4min operator" },
    { "bed exit at night, fall risk", ALARM, "bed-exit", "MED", "20", NIGHT, "bed-exit-night-fall-risk",
      .plan = "0s abel elio | 30s zara abel | 90s operator", .flag = "fall-risk" },
    { "one minute before the night", ALARM, "bed-exit", "MED", "20", "2026-11-24T00:59:00Z", "bed-exit",
      .plan = "0s otis | 2min liam | 4min operator", .flag = "fall-risk" },
    { "a device in office hours", ALARM, "comm-lost", "ED", "05", DAY, "device-lost", .plan = "0s biomed | 5min hilde | 10min operator" },
    { "a device on Sunday", ALARM, "battery-empty", "ED", "05", SUNDAY, "device-lost", .plan = "0s operator | 5min hilde | 10min operator" },
    { "call light", CALL, "nurse-call", "5W", "24", DAY, "nurse-call", .plan = "0s noor | 90s ben | 3min carla | 5min operator" },
    { "bathroom cord", CALL, "bathroom-cord", "PEDS", "07", NIGHT, "bathroom-cord",
      .plan = "0s elio | 1min bea cyrus | 2min operator | 4min cyrus | 6min operator" },
    { "code blue", CALL, "code-blue", "ICU", "03", DAY, "code-blue",
      .plan = "0s mei rashid hana faye operator | 20s mei | 45s mei | 90s operator" },
    { "fall", CALL, "fall-detected", "ED", "03", DAY, "fall-detected", .plan = "0s gus otis | 30s hilde | 90s operator" },
    { "critical potassium, a stranger's order", RESULT, "potassium", "MED", "02", DAY, "potassium-critical",
      .plan = "0s ivo | 10min ivo | 15min liam | 20min operator", .value = "6.9", .measure = "mmol/L", .abnormal = ABNORMAL_CRITICAL_HIGH },
    { "critical potassium by its value alone", RESULT, "potassium", "MED", "02", DAY, "potassium-critical",
      .plan = "0s omar | 10min ivo | 15min liam | 20min operator", .value = "2.5", .measure = "mmol/L", .provider = "omar" },
    { "potassium ordered by one off duty", RESULT, "potassium", "MED", "02", DAY, "potassium-critical",
      .plan = "0s ivo | 10min ivo | 15min liam | 20min operator", .value = "6.2", .measure = "mmol/L", .provider = "tess" },
    { "a routine potassium is ignored", RESULT, "potassium", "MED", "02", DAY, "default for result", .plan = "ignored",
      .value = "4.1", .measure = "mmol/L" },
    { "an unmapped alarm goes to default", ALARM, "", "PACU", "01", DAY, "default", .plan = "0s ines | 2min jonas | 4min operator" },
    { "an unlisted alarm too", ALARM, "hr-high", "PEDS", "01", DAY, "default", .plan = "0s maya | 2min nils | 4min operator" },
};
/* clang-format on */

static struct site *compile_example(const char *folder, const char *const *names, const char *zone)
{
    struct arena *a = arena_new();
    struct fileset *f = fileset_new();
    struct diagnostics d;
    struct buf text = buf_make(65536);
    struct site *site;

    for (; *names != NULL; names++) {
        char path[512];

        snprintf(path, sizeof path, PROJECT_DIR "/examples/%s/%s", folder, *names);
        fixture_add_file(f, *names, path);
    }
    fixture_add_zone(f, zone);
    diagnostics_init(&d, a, NULL, 0);
    site = fixture_compile(f, &d);
    diagnostics_text(&d, false, &text);
    printf("%.*s", SLICE_ARG(buf_slice(&text)));
    buf_free(&text);
    diagnostics_free(&d);
    fileset_free(&f);
    arena_free(&a);
    return site;
}

static int compile(void **state)
{
    static const char *const names[] = { "site.bell",  "units.bell", "people.bell",
                                         "rotas.bell", "rules.bell", "catalogue.csv",
                                         "places.csv", "roles.csv",  "assignments.bell",
                                         NULL };

    (void)state;
    hospital = compile_example("general-hospital", names, "America/Chicago");
    return hospital != NULL ? 0 : -1;
}

static void the_clinic_compiles_too(void **state)
{
    static const char *const names[] = { "site.bell", "rules.bell", NULL };
    struct site *clinic = compile_example("gateway-clinic", names, "Europe/Berlin");

    (void)state;
    assert_non_null(clinic);
    assert_int_equal(clinic->warning_count, 0);
    assert_true(
        slice_is(directory_person(clinic->directory, SLICE("greta"))->reach[0].address, "staff:greta"));
    site_free(&clinic);
}

static int give_back(void **state)
{
    (void)state;
    site_free(&hospital);
    return 0;
}

static void set_number(struct event *e, const char *value, const char *measure)
{
    if (value == NULL)
        return;
    e->value.state = QUANTITY_EXACT;
    e->value.has_low = e->value.has_high = true;
    assert_true(decimal_parse(slice_of(value), &e->value.low));
    e->value.high = e->value.low;
    e->value.unit = slice_of(measure);
}

static struct event make_event(const struct row *row, int64_t at_us)
{
    struct event e = event_empty(row->kind, row->phase);
    const struct catalogue_row *known = catalogue_named(hospital->catalogue, slice_of(row->code));

    e.class = known != NULL ? known->class : CLASS_MEDIUM;
    e.mapped = known != NULL;
    e.listener = SLICE("telemetry");
    e.code = slice_of(row->code);
    if (known != NULL) {
        e.system = known->system;
        e.raw_code = known->code;
        e.title = known->title;
    }
    e.time_us = at_us;
    e.place.unit = slice_of(row->unit);
    e.place.bed = slice_of(row->bed);
    e.patient.id = SLICE("GH|100");
    if (row->flag != NULL)
        e.patient.flags[e.patient.flag_count++] = slice_of(row->flag);
    e.ordering_provider.id = slice_of(row->provider);
    e.abnormal = row->abnormal;
    set_number(&e, row->value, row->measure);
    return e;
}

static bool no_raw(void *ctx, const void *path, struct arena *a, struct slice *out)
{
    (void)ctx;
    (void)path;
    (void)a;
    (void)out;
    return false;
}

static bool said(const struct slice *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(names[i], name))
            return true;
    return false;
}

static void write_step(struct buf *out, struct arena *a, const struct plan_step *step,
                       const struct roster_now *now, const struct event *e)
{
    struct resolve_query q = { .unit = e->place.unit, .bed = e->place.bed, .patient = e->patient.id };
    struct slice names[64];
    size_t count = 0;
    char text[TIME_TEXT];

    buf_printf(out, "%.*s", SLICE_ARG(duration_text(step->at_us, text)));
    for (size_t t = 0; t < step->target_count; t++) {
        struct resolved r;

        roster_resolve(a, now, &q, &step->targets[t], &r);
        for (size_t i = 0; i < r.told && count < 64; i++)
            if (!said(names, count, r.holders[i].name))
                names[count++] = r.holders[i].name;
    }
    for (size_t i = 0; i < count; i++)
        buf_printf(out, " %.*s", SLICE_ARG(names[i]));
    if (count == 0)
        buf_text(out, " -");
}

static void write_plan(struct buf *out, struct arena *a, const struct rule *rule,
                       const struct roster_now *now, const struct event *e)
{
    const struct plan *p;

    if (rule_ignores(rule).len > 0) {
        buf_text(out, "ignored");
        return;
    }
    p = plan_make(rule, e, a);
    for (size_t i = 0; i < p->step_count; i++) {
        if (i > 0)
            buf_text(out, " | ");
        write_step(out, a, &p->steps[i], now, e);
    }
}

static void check_row(const struct row *row)
{
    struct arena *a = arena_new();
    struct eval_now now = { .zone = hospital->zone, .raw = { no_raw, no_raw, NULL } };
    struct roster_now roster = { .directory = hospital->directory };
    struct buf plan = buf_make(4096), copies = buf_make(4096);
    struct event e;
    struct match m;

    assert_true(time_parse_iso(slice_of(row->at), 0, &now.wall_us));
    roster.wall_us = now.wall_us;
    e = make_event(row, now.wall_us);
    ruleset_match(hospital->rules, &e, &now, false, a, &m);
    write_plan(&plan, a, m.owner, &roster, &e);
    for (size_t i = 0; i < m.copy_count; i++) {
        buf_printf(&copies, "%.*s ", SLICE_ARG(rule_name(m.copies[i])));
        write_plan(&copies, a, m.copies[i], &roster, &e);
    }
    if (!slice_is(rule_name(m.owner), row->owner) || !slice_is(buf_slice(&plan), row->plan) ||
        !slice_eq(buf_slice(&copies), slice_of(row->copies)))
        fail_msg("%s: rule %.*s: %.*s; copies: %.*s", row->name, SLICE_ARG(rule_name(m.owner)),
                 SLICE_ARG(buf_slice(&plan)), SLICE_ARG(buf_slice(&copies)));
    buf_free(&plan);
    buf_free(&copies);
    arena_free(&a);
}

static void events_ring_these_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_row(&ROWS[i]);
}

static void it_has_the_size_it_says(void **state)
{
    const struct directory *d = hospital->directory;
    size_t beds = 0;

    (void)state;
    for (size_t i = 0; i < d->unit_count; i++)
        beds += d->units[i].bed_count;
    assert_int_equal(d->unit_count, 6);
    assert_int_equal(beds, 120);
    assert_int_equal(d->person_count, 40);
    assert_true(hospital->demo);
    assert_int_equal(hospital->warning_count, 0);
}

/* No bed is ever without its nurses, in a week that holds a clock change. */
static void every_bed_is_held(void **state)
{
    static const char *const roles[] = { "primary-nurse", "buddy-nurse", "charge-nurse",
                                         "nursing-assistant" };
    const struct directory *d = hospital->directory;
    struct arena *a = arena_new();
    struct roster_now now = { .directory = d };

    (void)state;
    assert_true(time_parse_iso(SLICE("2026-10-30T00:00:00Z"), 0, &now.wall_us));
    for (int hour = 0; hour < 7 * 24; hour++, now.wall_us += TIME_HOUR) {
        for (size_t u = 0; u < d->unit_count; u++)
            for (size_t bed = 0; bed < d->units[u].bed_count; bed++)
                for (size_t role = 0; role < sizeof roles / sizeof *roles; role++) {
                    struct resolved r;

                    roster_role_holders(a, &now, slice_of(roles[role]), d->units[u].name,
                                        d->units[u].beds[bed], &r);
                    assert_int_equal(r.told, 1);
                }
        arena_reset(a);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_the_size_it_says),
        cmocka_unit_test(every_bed_is_held),
        cmocka_unit_test(events_ring_these_people),
        cmocka_unit_test(the_clinic_compiles_too),
    };

    return cmocka_run_group_tests(tests, compile, give_back);
}
