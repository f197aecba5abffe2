/* Where ADT puts patients: each row a sequence of messages, and who lies where after it
 * (docs/rules/events.md). */
#include "tests/router/census_help.h"

static const struct {
    const char *name, *script;
} ROWS[] = {
    /* --- place ------------------------------------------------------------------------------------- */
    { "A01 A02 A03", "A01 p1 at 0 in 5W-12\n= 5W-12 p1\nA02 p1 at 1 in 6E-03\n= 5W-12 nobody\n= 6E-03 p1\n"
                     "A03 p1 at 2 in 6E-03\n= p1 out\n= 6E-03 nobody\n" },
    { "A04", "A04 p1 at 0 in 5W-12 class E\n= 5W-12 p1\n" },
    { "A05 only tells", "A05 p1 at 0 in 5W-12 class P\n= p1 out\npending p1 admission 5W-12\n= 5W-12 nobody\n"
                        "A08 p1 at 1 in 5W-12 class P\n= p1 out\nA01 p1 at 2 in 5W-12\n= p1 5W-12\n"
                        "pending p1 none\n" },
    { "A05 of who is here keeps class and bed",
      "A01 p1 at 0 in 5W-12 doc d1\nA05 p1 at 1 in 6E-03 class P doc d2\n= p1 5W-12\ndoc p1 d1\n" },
    { "A38 takes A05 back", "A05 p1 at 0 in 5W-12 class P\nA38 p1 at 1\npending p1 none\n= p1 out\n" },
    { "A06 A07", "A04 p1 at 0 in 6E-03 class O\nA06 p1 at 1 in 5W-12\n= p1 5W-12\nA07 p1 at 2 class O\n"
                 "= p1 5W-12\n" },
    { "A08 corrects the bed", "A01 p1 at 0 in 5W-12\nA08 p1 at 1 in 5W-13\n= p1 5W-13\n" },
    { "A08 without the bed", "A01 p1 at 0 in 5W-12\nA08 p1 at 1 in 5W-\n= p1 5W-12\n" },
    { "couplet", "A01 p1 at 0 in 5W-12\nA01 p2 at 1 in 5W-12\nA01 p3 at 1 in 5W-12\n= 5W-12 p1,p2,p3\n"
                 "A03 p1 at 2\n= 5W-12 p2,p3\n" },
    { "A09 A10: found at both",
      "A01 p1 at 0 in 5W-12\nA09 p1 at 1 in 5W-12 temp 6E-03\n= 6E-03 p1\n= 5W-12 p1\n"
      "A10 p1 at 2 in 5W-12\n= 6E-03 nobody\n= 5W-12 p1\n" },
    { "A33 takes A09 back", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\nA33 p1 at 2\n= 6E-03 nobody\n"
                            "= 5W-12 p1\n" },
    { "A32 takes A10 back",
      "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\nA10 p1 at 2 temp 6E-04\n= 6E-04 p1\n"
      "A32 p1 at 3\n= 6E-04 nobody\n= 6E-03 p1\n" },
    { "A10 into a bed", "A01 p1 at 0 in 5W-12\nA10 p1 at 1 in 6E-03\n= p1 6E-03\n" },
    { "PV1-11 of an update",
      "A01 p1 at 0 in 5W-12\nA08 p1 at 1 in 5W-12 temp 6E-03\n= 6E-03 p1\n= p1 5W-12\n" },
    { "A02 ends the tracking", "A01 p1 at 0 in 5W-12\nA09 p1 at 1 temp 6E-03\nA02 p1 at 2 in 5W-13\n"
                               "= 6E-03 nobody\n= p1 5W-13\n" },
    { "A14 A27",
      "A14 p1 at 0 in 5W-12\npending p1 admission 5W-12\n= p1 out\nA27 p1 at 1\npending p1 none\n" },
    { "A15 A26",
      "A01 p1 at 0 in 5W-12\nA15 p1 at 1 in 5W-12 pend 6E-03\npending p1 transfer 6E-03\n= p1 5W-12\n"
      "A26 p1 at 2\npending p1 none\n" },
    { "A15 then A02",
      "A01 p1 at 0 in 5W-12\nA15 p1 at 1 pend 6E-03\nA02 p1 at 2 in 6E-03\npending p1 none\n" },
    { "A16 A25",
      "A01 p1 at 0 in 5W-12\nA16 p1 at 1 in 5W-12\npending p1 discharge -\n= p1 5W-12\nA25 p1 at 2\n"
      "pending p1 none\n" },
    { "A17", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 6E-03\nA17 p1 at 1 in 6E-03 with p2 5W-12\n= p1 6E-03\n"
             "= p2 5W-12\n" },
    { "A21 keeps the bed", "A01 p1 at 0 in 5W-12\nA21 p1 at 1 in 5W-12\n= p1 5W-12\nflags p1 none,away\n"
                           "A22 p1 at 2\nflags p1 none\n" },
    { "A52 takes A21 back", "A01 p1 at 0 in 5W-12\nA21 p1 at 1\nA52 p1 at 2\nflags p1 none\n" },
    { "A53 takes A22 back",
      "A01 p1 at 0 in 5W-12\nA21 p1 at 1\nA22 p1 at 2\nA53 p1 at 3\nflags p1 none,away\n" },
    /* --- undo -------------------------------------------------------------------------------------- */
    { "A11", "A01 p1 at 0 in 5W-12\nA11 p1 at 1 in 5W-12\n= p1 out\n" },
    { "A11 of an admission from the emergency bed",
      "A04 p1 at 0 in 6E-03 class E\nA01 p1 at 1 in 5W-12\nA11 p1 at 2\n= p1 6E-03\n" },
    { "A11 of an admission told twice",
      "A01 p1 at 0 in 5W-12\nA01 p1 at 1 in 5W-12\nA11 p1 at 2\n= p1 out\n" },
    { "A11 with the time of the A01",
      "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA11 p1 at 0 rec 5\n= p1 out\n" },
    { "A11 of an older stay", "A01 p1 at 0 in 5W-12\nA03 p1 at 1\nA01 p1 at 3 in 6E-03\nA11 p1 at 0 rec 5\n"
                              "= p1 6E-03\n" },
    { "a late A02 after A11", "A01 p1 at 0 in 5W-12\nA11 p1 at 5\nA02 p1 at 1 in 6E-03\n= p1 out\n" },
    { "A23", "A01 p1 at 0 in 5W-12\nA23 p1 at 1\n= p1 out\n" },
    { "A29", "A01 p1 at 0 in 5W-12 raw A2\nflags p1 wheelchair\nA29 p1 at 1\n= p1 out\nflags p1 none\n" },
    { "A29 is late", "A01 p1 at 2 in 5W-12\nA29 p1 at 1\n= p1 5W-12\n" },
    { "A12", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA12 p1 at 2 in 5W-12\n= p1 5W-12\n" },
    { "A12 without PV1-3", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA12 p1 at 2\n= p1 5W-12\n" },
    { "A12 with the time of the A02", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA02 p1 at 2 in 6E-04\n"
                                      "A12 p1 at 1 rec 3\n= p1 6E-04\n" },
    { "A12 twice", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 5W-13\nA02 p1 at 2 in 6E-03\nA12 p1 at 3 in 5W-13\n"
                   "A12 p1 at 4 in 5W-13\n= p1 5W-13\n" },
    { "A12 whose PV1-3 is the undone place", "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\n"
                                             "A12 p1 at 2 in 6E-03 from 5W-12\n= p1 5W-12\n" },
    { "A12 before its A02", "A01 p1 at 0 in 5W-12\nA12 p1 at 2 in 5W-12\n= p1 5W-12\n" },
    { "A12 of nobody known", "A12 p1 at 0 in 5W-12\n= p1 5W-12\n" },
    { "A12 after the discharge",
      "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA03 p1 at 2\nA12 p1 at 1 rec 3\n"
      "= p1 out\n" },
    { "A13", "A01 p1 at 0 in 5W-12\nA03 p1 at 1 in 5W-12\nA13 p1 at 2\n= p1 5W-12\n" },
    { "A13 after two A03",
      "A01 p1 at 0 in 5W-12\nA03 p1 at 1\nA03 p1 at 2\nA13 p1 at 3 in 5W-12\n= p1 5W-12\n" },
    { "A13 into another bed", "A01 p1 at 0 in 5W-12\nA03 p1 at 1\nA13 p1 at 2 in 6E-03\n= p1 6E-03\n" },
    { "A13 after a readmission",
      "A01 p1 at 0 in 5W-12\nA03 p1 at 1\nA01 p1 at 2 in 6E-03\nA13 p1 at 1 rec 3 in 5W-12\n"
      "= p1 6E-03\n" },
    { "A13 of nobody known", "A13 p1 at 0 in 5W-12\n= p1 5W-12\n" },
    /* --- order of EVN-6 ---------------------------------------------------------------------------- */
    { "late A08 after A02",
      "A01 p1 at 0 in 5W-12\nA02 p1 at 5 in 6E-03\nA08 p1 at 2 in 5W-12\n= p1 6E-03\n" },
    { "late A08 after A03", "A01 p1 at 0 in 5W-12\nA03 p1 at 5\nA08 p1 at 2 in 5W-12\n= p1 out\n"
                            "A08 p1 at 6 in 5W-12\n= p1 out\n" },
    { "late A02 after A02",
      "A01 p1 at 0 in 5W-12\nA02 p1 at 5 in 6E-03\nA02 p1 at 2 in 5W-13\n= p1 6E-03\n" },
    { "late A02 after A03", "A01 p1 at 0 in 5W-12\nA03 p1 at 5\nA02 p1 at 2 in 5W-13\n= p1 out\n" },
    { "late A01 after A02",
      "A02 p1 at 5 in 6E-03\nA01 p1 at 0 in 5W-12\n= p1 6E-03\nA12 p1 at 6\n= p1 5W-12\n" },
    { "late A03 after A01", "A01 p1 at 0 in 5W-12\nA01 p1 at 5 in 6E-03\nA03 p1 at 2\n= p1 6E-03\n" },
    { "late A03 before an A08 that corrected",
      "A01 p1 at 0 in 5W-12\nA08 p1 at 5 in 5W-13\nA03 p1 at 4\n= p1 out\n" },
    { "late A17", "A01 p1 at 0 in 5W-12\nA01 p2 at 0 in 6E-03\nA02 p1 at 5 in 5W-20\n"
                  "A17 p1 at 2 in 6E-03 with p2 5W-12\n= p1 5W-20\n= p2 5W-12\n" },
    { "late A21", "A01 p1 at 0 in 5W-12\nA22 p1 at 5\nA21 p1 at 2\nflags p1 none\n" },
    { "equal times: by arrival",
      "A01 p1 at 0 in 5W-12\nA02 p1 at 1 in 6E-03\nA02 p1 at 1 in 6E-04\n= p1 6E-04\n" },
    { "late details",
      "A01 p1 at 0 in 5W-12 doc d1\nA54 p1 at 5 doc d3\nA08 p1 at 2 in 5W-12 doc d2\ndoc p1 d3\n" },
    { "a clock days ahead", "A01 p1 at 100000 in 5W-12\nA02 p1 at 10 in 6E-03\n= p1 6E-03\n" },
    /* --- doctors ----------------------------------------------------------------------------------- */
    { "A54 A55", "A01 p1 at 0 in 5W-12 doc d1\nA54 p1 at 1 doc d2\ndoc p1 d2\nA55 p1 at 2\ndoc p1 d1\n" },
    { "A55 names him", "A01 p1 at 0 in 5W-12 doc d1\nA54 p1 at 1 doc d2\nA55 p1 at 2 doc d3\ndoc p1 d3\n" },
    { "A61 moves nobody", "A01 p1 at 0 in 5W-12 doc d1\nA61 p1 at 1 in 6E-03\n= p1 5W-12\ndoc p1 d1\n" },
    /* --- ZBE --------------------------------------------------------------------------------------- */
    { "ZBE CANCEL by id", "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
                          "A02 p1 at 2 in 6E-04 zbe 3 INSERT\nA12 p1 at 2 zbe 2 CANCEL A02\n= p1 6E-04\n"
                          "A12 p1 at 2 zbe 3 CANCEL A02\n= p1 5W-12\n" },
    { "ZBE CANCEL of another id", "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
                                  "A12 p1 at 2 zbe 9 CANCEL A02\n= p1 6E-03\n" },
    { "Z99 UPDATE",
      "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
      "Z99 p1 at 1 in 6E-04 zbe 2 UPDATE A02\n= p1 6E-04\nA12 p1 at 3 zbe 2 CANCEL A02\n= p1 5W-12\n" },
    { "Z99 UPDATE of the past", "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
                                "Z99 p1 at 0 in 5W-13 zbe 1 UPDATE A01\n= p1 6E-03\n"
                                "A12 p1 at 3 zbe 2 CANCEL A02\n= p1 5W-13\n" },
    { "Z99 CANCEL of the admission", "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nZ99 p1 at 0 rec 3 zbe 1 CANCEL A01\n"
                                     "= p1 out\n" },
    { "the same INSERT again", "A01 p1 at 0 in 5W-12 zbe 1 INSERT\nA02 p1 at 1 in 6E-03 zbe 2 INSERT\n"
                               "A01 p1 at 0 in 5W-12 zbe 1 INSERT\n= p1 6E-03\n" },
    /* --- identity ---------------------------------------------------------------------------------- */
    { "A40: the bed goes over", "A01 p1 at 0 in 5W-12\nA40 p9 at 1 mrg p1\n= p9 5W-12\n= p1 unknown\n"
                                "= 5W-12 p9\n" },
    { "A40: later messages under the dead id",
      "A01 p1 at 0 in 5W-12\nA40 p9 at 1 mrg p1\nA02 p1 at 2 in 6E-03\n"
      "= p9 6E-03\n= p1 unknown\n" },
    { "A40: the survivor's bed when only he is here",
      "A01 p9 at 0 in 6E-03\nA40 p9 at 1 mrg p1\n= p9 6E-03\n" },
    { "A40: both here, the newer movement", "A01 p9 at 0 in 6E-03\nA01 p1 at 1 in 5W-12\nA40 p9 at 2 mrg p1\n"
                                            "= p9 5W-12\n= 6E-03 nobody\n" },
    { "A40: both here, the survivor's is newer",
      "A01 p1 at 0 in 5W-12\nA01 p9 at 1 in 6E-03\nA40 p9 at 2 mrg p1\n"
      "= p9 6E-03\n= 5W-12 nobody\n" },
    { "A40: chain", "A01 p1 at 0 in 5W-12\nA40 p2 at 1 mrg p1\nA40 p3 at 2 mrg p2\n= p3 5W-12\n"
                    "A02 p1 at 3 in 6E-03\n= p3 6E-03\nA02 p2 at 4 in 6E-04\n= p3 6E-04\n" },
    { "A40: into a dead one",
      "A01 p1 at 0 in 5W-12\nA40 p2 at 1 mrg p1\nA01 p4 at 2 in 6E-03\nA40 p1 at 3 mrg p4\n"
      "= p2 6E-03\n= p1 unknown\n= p4 unknown\n" },
    { "A40: taken back",
      "A01 p1 at 0 in 5W-12\nA40 p2 at 1 mrg p1\nA40 p1 at 2 mrg p2\n= p1 5W-12\n= p2 unknown\n"
      "A02 p2 at 3 in 6E-03\n= p1 6E-03\n" },
    { "A40: again", "A01 p1 at 0 in 5W-12\nA40 p2 at 1 mrg p1\nA40 p2 at 1 mrg p1\n= p2 5W-12\n" },
    { "A40: itself", "A01 p1 at 0 in 5W-12\nA40 p1 at 1 mrg p1\n= p1 5W-12\n" },
    { "A40: of nobody known",
      "A40 p2 at 1 mrg p1\n= p2 unknown\nA01 p1 at 2 in 5W-12\n= p2 5W-12\n= p1 unknown\n" },
    { "A40: flags of both", "A01 p1 at 0 in 5W-12 raw A2\nA04 p2 at 0 in 5W-12 raw B1\nA40 p2 at 1 mrg p1\n"
                            "flags p2 oxygen-therapy,wheelchair\n" },
    { "A18", "A01 p1 at 0 in 5W-12\nA18 p9 at 1 mrg p1\n= p9 5W-12\n" },
    { "A47", "A01 p1 at 0 in 5W-12\nA47 p9 at 1 mrg p1\n= p9 5W-12\n" },
    { "A41 changes nobody", "A01 p1 at 0 in 5W-12\nA41 p1 at 1 mrg p1\n= p1 5W-12\n" },
    { "A24 A37 change nobody", "A01 p1 at 0 in 5W-12\nA24 p1 at 1 with p2 5W-12\nA37 p1 at 2 with p2 5W-12\n"
                               "= p1 5W-12\n= p2 unknown\n" },
    { "A45: the visit moves",
      "A01 p1 at 0 in 5W-12 visit v1\nA45 p2 at 1 mrg p1 was v1\n= p2 5W-12\n= p1 out\n"
      "A08 p1 at 2 in 5W-12\n= p1 out\n" },
    { "A45: another visit",
      "A01 p1 at 0 in 5W-12 visit v1\nA45 p2 at 1 mrg p1 was v7\n= p1 5W-12\n= p2 unknown\n" },
    { "A50 then A45",
      "A01 p1 at 0 in 5W-12 visit v1\nA50 p1 at 1 visit v2 was v1\nA45 p2 at 2 mrg p1 was v2\n"
      "= p2 5W-12\n" },
    { "A43",
      "A01 p1 at 0 in 5W-12\nA43 p2 at 1 mrg p1\n= p2 5W-12\n= p1 out\nA01 p1 at 2 in 6E-03\n= p1 6E-03\n" },
    /* --- flags ------------------------------------------------------------------------------------- */
    { "PV1-15 is said anew", "A01 p1 at 0 in 5W-12 raw A2~B1\nflags p1 wheelchair,oxygen-therapy\n"
                             "A08 p1 at 1 in 5W-12\nflags p1 wheelchair,oxygen-therapy\n"
                             "A08 p1 at 2 in 5W-12 raw B6\nflags p1 pregnant\nA08 p1 at 3 in 5W-12 raw \"\"\n"
                             "flags p1 none\n" },
    { "late flags", "A01 p1 at 0 in 5W-12 raw A2\nA08 p1 at 5 in 5W-12 raw A1\nA08 p1 at 3 in 5W-12 raw B6\n"
                    "flags p1 assistive-device\n" },
};

static void each_sequence_leaves_everybody_where_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct play p;
        play_begin(&p, "2026-10-14T19:00:00Z", true);
        adt_script(&p, ROWS[i].name, ROWS[i].script);
        play_end(&p);
    }
}

/* More movements than are kept: the patient stays where the newest say, and undo still works. */
static void long_stays_keep_the_newest_movements(void **state)
{
    struct play p;
    char line[100];

    (void)state;
    play_begin(&p, "2026-10-14T19:00:00Z", true);
    adt_script(&p, "long", "A01 p1 at 0 in 5W-01\n");
    for (int i = 1; i <= 40; i++) {
        snprintf(line, sizeof line, "A02 p1 at %d in 5W-%02d\n", i, i % 20 + 1);
        adt_script(&p, "long", line);
    }
    adt_script(&p, "long", "= p1 5W-01\nA12 p1 at 41\n= p1 5W-20\nA02 p1 at 3 in 6E-03\n= p1 5W-20\n");
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sequence_leaves_everybody_where_it_says),
        cmocka_unit_test(long_stays_keep_the_newest_movements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
