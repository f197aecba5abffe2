/* What a compiled site holds: people and places as declared, sources, and instants in UTC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/site_fixture.h"

static const char TEXT[] =
    "language 1\n"
    "site north timezone \"America/Chicago\" demo yes\n"
    "shift week-night = 19:00-07:00, 12:00-12:30 on mon, fri\n"
    "desk operator \"Operator\" staffed always relay reach phones\n"
    "desk clinic \"Clinic\" staffed during week-night reach phones \"x\", phones\n"
    "unit \"5W\" \"Telemetry\" { beds \"08\" to \"11\", \"A\" fallback desk operator }\n"
    "unit \"HALL\" { fallback desk operator }\n"
    "person ana \"Ana Ruiz RN\" { may-hold primary-nurse line \"5W-ana\" reach phones }\n"
    "person ben { reach phones }\n"
    "rota rapid \"Rapid response\" { weekly from 2026-10-26 07:00 ana, nobody\n"
    "             override 2026-12-24 19:00 to 2026-12-25 07:00 ben instead of ana }\n"
    "rota consult.renal { zone \"Europe/Berlin\" every 2d from 2026-03-28 02:30 ben }\n"
    "group team = oncall rapid, charge-nurse of \"5W\", desk operator, turn of group pair\n"
    "group pair = ana, ben\n"
    "assign ana primary-nurse of \"5W\" beds \"08\" to \"09\", \"A\" during week-night\n"
    "assign ben charge-nurse of \"5W\"\n"
    "listen mllp tele { on \"127.0.0.1:1\" map vendor places \"p.csv\" patient authority \"GH\" \"MR\"\n"
    "                   sends starts processing P, T charset \"8859/1\" fallback \"8859/2\" }\n"
    "listen fhir ehr { on \"127.0.0.1:2\" client token }\n"
    "endpoint inbox phones { on \"127.0.0.1:3\" receipt 12s }\n"
    "map base { text \"A\" is vtach  text \"B\" is vtach }\n"
    "map vendor { based on base  text \"A\" is vfib  code mdcx:17 is asystole\n"
    "             code l:MORSE is fall-risk }\n"
    "default { notify primary-nurse  after 2min if not accepted notify desk operator }\n";

static struct arena *arena;
static struct fileset *files;
static struct site *site;

static int set_up(void **state)
{
    struct diagnostics d;
    struct buf text = buf_make(65536);

    (void)state;
    arena = arena_new();
    files = fileset_new();
    fixture_add(files, "north.bell", TEXT);
    fixture_add(files, "p.csv", "sent-unit,sent-room,sent-bed,unit,room,bed\nTELE5,512,A,5W,512,09\n");
    fixture_add_zone(files, "America/Chicago");
    fixture_add_zone(files, "Europe/Berlin");
    diagnostics_init(&d, arena, NULL, 0);
    site = fixture_compile(files, &d);
    diagnostics_text(&d, false, &text);
    printf("%.*s", SLICE_ARG(buf_slice(&text)));
    buf_free(&text);
    diagnostics_free(&d);
    /* The site stands on its own from here on. */
    fileset_free(&files);
    return site != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    site_free(&site);
    arena_free(&arena);
    return 0;
}

static void people_and_places(void **state)
{
    const struct directory *d = site->directory;
    const struct unit *u = directory_unit(d, SLICE("5W"));
    const struct person *ana = directory_person(d, SLICE("ana"));
    const struct desk *clinic = directory_desk(d, SLICE("clinic"));

    (void)state;
    assert_true(site->demo && slice_is(site->name, "north") && slice_is(d->site, "north"));
    assert_true(site->zone == d->zone && site->zone != NULL);
    assert_int_equal(u->bed_count, 5);
    assert_true(slice_is(u->beds[0], "08") && slice_is(u->beds[2], "10") && slice_is(u->beds[4], "A"));
    assert_true(slice_is(u->fallback_desk, "operator") && slice_is(u->title, "Telemetry"));
    assert_true(slice_is(directory_unit(d, SLICE("HALL"))->title, "HALL"));
    assert_true(slice_is(ana->title, "Ana Ruiz RN") && slice_is(ana->line, "5W-ana"));
    assert_true(directory_person_by_id(d, SLICE("5w-ANA")) == ana);
    assert_int_equal(ana->role_count, 1);
    assert_int_equal(clinic->reach_count, 2);
    assert_true(slice_is(clinic->reach[0].address, "x") && clinic->reach[1].address.len == 0);
    assert_true(clinic->staffed != NULL && !clinic->relay && directory_desk(d, SLICE("operator"))->relay);
    assert_int_equal(clinic->staffed->range_count, 2);
    assert_int_equal(clinic->staffed->days, 1 | 16);
}

static void schedules(void **state)
{
    const struct directory *d = site->directory;
    const struct rota *rapid = directory_rota(d, SLICE("rapid")),
                      *renal = directory_rota(d, SLICE("consult.renal"));
    int64_t us;

    (void)state;
    assert_int_equal(rapid->turns[0].every_days, 7);
    assert_int_equal(rapid->turns[0].people_count, 2);
    assert_true(rapid->zone == site->zone && renal->zone != site->zone);
    assert_true(time_parse_iso(SLICE("2026-12-25T01:00:00Z"), 0, &us));
    assert_true(rapid->overrides[0].from_us == us);
    assert_true(slice_is(rapid->overrides[0].instead_of, "ana"));
    assert_int_equal(renal->turns[0].every_days, 2);
    assert_int_equal(renal->turns[0].start.hour, 2);
    assert_int_equal(d->assignment_count, 2);
    assert_int_equal(d->assignments[0].bed_count, 3);
    assert_true(d->assignments[0].during != NULL && d->assignments[1].during == NULL);
    assert_true(d->assignments[0].from_us == TIME_NONE && d->assignments[0].until_us == TIME_NONE);
    assert_int_equal(directory_group(d, SLICE("team"))->member_count, 4);
    assert_int_equal(directory_group(d, SLICE("team"))->members[1].kind, WHO_ROLE);
    assert_true(slice_is(directory_group(d, SLICE("team"))->members[1].of, "5W"));
    assert_int_equal(directory_group(d, SLICE("team"))->members[3].kind, WHO_TURN);
}

static void sources(void **state)
{
    const struct event_source *tele = site_source(site, SLICE("tele")),
                              *ehr = site_source(site, SLICE("ehr"));
    struct slice none = { NULL, 0 };
    struct place out;

    (void)state;
    assert_int_equal(site->source_count, 2);
    assert_true(tele == &site->sources[0] && ehr == &site->sources[1]);
    assert_true(tele->sends_starts_only && tele->allow_test && !tele->allow_debug && !ehr->sends_starts_only);
    assert_true(slice_is(tele->charset, "8859/1") && slice_is(tele->charset_fallback, "8859/2"));
    assert_true(slice_is(tele->patient_authority, "GH") && slice_is(tele->patient_type, "MR"));
    assert_null(ehr->map);
    assert_true(slice_is(codemap_find(tele->map, none, SLICE("A")), "vfib"));
    assert_true(slice_is(codemap_find(tele->map, none, SLICE("B")), "vtach"));
    assert_true(slice_is(codemap_find(tele->map, SLICE("17"), none), "asystole"));
    assert_true(slice_is(codemap_find(tele->map, SLICE("MORSE"), none), "fall-risk")); /* a flag, no code */
    assert_true(
        place_map_find(tele->places, (struct place){ SLICE("TELE5"), SLICE("512"), SLICE("A") }, &out));
    assert_true(slice_is(out.unit, "5W") && slice_is(out.bed, "09"));
    assert_true(place_map_find(ehr->places, (struct place){ SLICE("5W"), none, SLICE("10") }, &out));
    assert_false(
        place_map_find(ehr->places, (struct place){ SLICE("TELE5"), SLICE("512"), SLICE("A") }, &out));
    assert_non_null(catalogue_named(site->catalogue, SLICE("vfib")));
}

static void blocks(void **state)
{
    const struct block *tele = site_block(site, SLICE("tele")), *phones = site_block(site, SLICE("phones"));

    (void)state;
    assert_int_equal(site->block_count, 3);
    assert_true(!tele->endpoint && slice_is(tele->kind, "mllp") && phones->endpoint);
    assert_true(slice_is(block_value(phones, SLICE("receipt"), SLICE("8s")), "12s"));
    assert_true(slice_is(block_value(tele, SLICE("receipt"), SLICE("8s")), "8s"));
    assert_int_equal(block_setting(tele, SLICE("patient"))->value_count, 3);
    assert_null(block_setting(tele, SLICE("tls")));
    assert_null(site_block(site, SLICE("other")));
    assert_int_equal(site->warning_count, 0);
}

static void names_for_the_program(void **state)
{
    struct fileset *f = fileset_new();
    const struct slice *list;

    (void)state;
    fixture_add(f, "north.bell", TEXT);
    fixture_add(f, "more.bell", "language 1\nuse \"../common/x.bell\"\ncatalogue \"a.csv\", \"./a.csv\"\n");
    assert_int_equal(site_zones(f, arena, &list), 2);
    assert_true(slice_is(list[0], "America/Chicago") && slice_is(list[1], "Europe/Berlin"));
    assert_int_equal(site_files(f, arena, &list), 3);
    assert_true(slice_is(list[0], ".shared/1/common/x.bell") && slice_is(list[1], "a.csv") &&
                slice_is(list[2], "p.csv"));
    fileset_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_and_places),
        cmocka_unit_test(schedules),
        cmocka_unit_test(sources),
        cmocka_unit_test(blocks),
        cmocka_unit_test(names_for_the_program),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
