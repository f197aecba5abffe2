/* Paths with parents, [*], and what they give as text again; how long they take. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/path.h"
#include "tests/guard.h"

#include <stdio.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD     "MSH|^~\\&|A|B|C|D|20260101||X|1|P|2.5\r"

/* Two patients; two orders of the first; notes at every level; a specimen behind the observations. */
#define ORU                                                                                                  \
    HEAD "PID|1||p1\rNTE|1||of the patient\rPV1|1|I\rORC|RE|o1\rOBR|1|o1||PANEL\rNTE|1||of the order\r"      \
         "OBX|1|NM|K||4.1\rNTE|1||of K\rNTE|2||more of K\rOBX|2|NM|NA||140\rSPM|1|s1\rNTE|1||of the "        \
         "specimen\r"                                                                                        \
         "ORC|RE|o2\rOBR|2|o2||OTHER\rOBX|1|NM|K||5.9~6.0|mmol/L\rOBX|2|ST|TXT||\"\"\r"                      \
         "PID|2||p2\rORC|RE|o3\rOBR|3|o3||PANEL\rOBX|1|NM|NA||120\r"
/* Specimens above orders, and ORC behind its OBR. */
#define OUL                                                                                                  \
    HEAD "SPM|1|s1\rOBX|1|ST|SPECIMEN||a\rSAC|1\rOBR|1|o1\rORC|NW|o1\rOBX|1|NM|K||1\rSPM|2|s2\rSAC|2\r"      \
         "OBR|2|o2\rORC|NW|o2\rOBX|1|NM|K||2\r"
#define SIU                                                                                                  \
    HEAD "SCH|1\rNTE|1||of the appointment\rPID|1||p1\rPV1|1|O\rRGS|1|A\rAIS|1|A|SVC\rNTE|1||of the "        \
         "service\r"                                                                                         \
         "AIL|1|A|ROOM1\rAIP|1|A|ANN\rRGS|2|A\rAIL|1|A|ROOM2\r"
#define MFN HEAD "MFI|STF\rMFE|MAD|1\rSTF|1||ANN\rPRA|1||x\rMFE|MAD|2\rSTF|2||BEN\r"
#define ADT HEAD "PID|1||new1\rMRG|old1\rPV1|1\rPID|2||new2\rMRG|old2\r"

/* Charges with their orders; segments that no group is known of; a line that is no segment. */
#define DFT                                                                                                  \
    HEAD "not a segment\rPID|1\rNK1|1|ANN\rNTE|1||of "                                                       \
         "Ann\rFT1|1\rPR1|1||P1\rORC|1|o1\rOBX|1|ST|||a\rFT1|2\rPR1|1||P2\r"                                 \
         "ZCH|1\rOBX|1|ST|||b\rZCH|2\rOBX|1|ST|||c\r"

struct seen {
    struct buf text;
    const struct hl7_path *path;
    const struct hl7_message *m;
    size_t stop; /* after so many; 0: never */
    size_t calls;
};

static bool see(void *ctx, const struct hl7_match *match)
{
    static const char STATES[] = "-e0v";
    struct seen *s = ctx;

    s->calls++;
    buf_text(&s->text, s->calls > 1 ? " " : "");
    hl7_match_text(&s->text, s->path, s->m, match);
    buf_printf(&s->text, "%c%.*s", STATES[match->state], SLICE_ARG(match->raw));
    return s->stop == 0 || s->calls < s->stop;
}

static void every_match_is_given(void **state)
{
    /* path, then each match as its text, its state (- absent, e empty, 0 null, v value) and its raw bytes */
    static const struct {
        const char *wire, *path, *matches;
    } ROWS[] = {
        { ORU, "PID[*]-3", "PID[1]-3vp1 PID[2]-3vp2" },
        { ORU, "OBX[*]-5", "OBX[1]-5v4.1 OBX[2]-5v140 OBX[3]-5[1]v5.9 OBX[4]-50\"\" OBX[5]-5v120" },
        { ORU, "OBX[*]-5[*]",
          "OBX[1]-5v4.1 OBX[2]-5v140 OBX[3]-5[1]v5.9 OBX[3]-5[2]v6.0 OBX[4]-50\"\" OBX[5]-5v120" },
        { ORU, "OBX[*]-6", "OBX[1]-6- OBX[2]-6- OBX[3]-6vmmol/L OBX[4]-6- OBX[5]-6-" },
        { ORU, "OBX[3]-5[*]", "OBX[3]-5[1]v5.9 OBX[3]-5[2]v6.0" },
        { ORU, "OBX[3]-5[3]", "OBX[3]-5[3]-" },
        { ORU, "PID-2[*]", "PID[1]-2e" },
        { ORU, "PV1-2", "PV1-2vI" },
        { ORU, "MSH-2[*]", "MSH-2v^~\\&" },
        { ORU, "MSH-1", "MSH-1v|" },
        { ORU, "MSH-9.2", "MSH-9.2-" },
        { ORU, "MSH-9.1.1", "MSH-9.1.1vX" },
        { ORU, "ZZZ[*]-1[*]", "ZZZ[*]-1[*]-" },
        { ORU, "OBX[9]-5", "OBX[9]-5-" },
        { ORU, "OBR[2]->OBX[1]-5", "OBX[3]-5[1]v5.9" },
        { ORU, "OBR[2]->OBX[*]-5", "OBX[3]-5[1]v5.9 OBX[4]-50\"\"" },
        { ORU, "OBR[2]->OBX[3]-5", "OBR[2]->OBX[3]-5-" },
        { ORU, "OBR[4]->OBX[1]-5", "OBR[4]->OBX[1]-5-" },
        { ORU, "OBR[*]->OBX[1]-5", "OBX[1]-5v4.1 OBX[3]-5[1]v5.9 OBX[5]-5v120" },
        { ORU, "OBR[@4.1='PANEL']->OBX[@3.1='NA']-5", "OBX[2]-5v140" },
        { ORU, "PID[*]->OBX[@3.1='NA']-5", "OBX[2]-5v140 OBX[5]-5v120" },
        { ORU, "PID[2]->OBX-5", "OBX[5]-5v120" },
        { ORU, "PID[1]->OBR[2]->OBX[2]-3", "OBX[4]-3vTXT" },
        { ORU, "PID[2]->OBR[2]->OBX-3", "PID[2]->OBR[2]->OBX-3-" },
        { ORU, "PV1->OBR[2]-2", "OBR[2]-2vo2" },
        { ORU, "ORC[2]->OBX[*]-3", "OBX[3]-3vK OBX[4]-3vTXT" },
        { ORU, "PID[1]->NTE[*]-3", "NTE[1]-3vof the patient" },
        { ORU, "OBR[1]->NTE[*]-3", "NTE[2]-3vof the order" },
        { ORU, "OBR[2]->NTE-3", "OBR[2]->NTE-3-" },
        { ORU, "OBX[1]->NTE[*]-3", "NTE[3]-3vof K NTE[4]-3vmore of K" },
        { ORU, "OBX[2]->NTE[*]-3", "OBX[2]->NTE[*]-3-" },
        { ORU, "OBR[1]->SPM->NTE-3", "NTE[5]-3vof the specimen" },
        { OUL, "SPM[2]->OBR-2", "OBR[2]-2vo2" },
        { OUL, "SPM[1]->OBX[*]-5", "OBX[1]-5va OBX[2]-5v1" },
        { OUL, "OBR[1]->ORC-2", "ORC[1]-2vo1" },
        { OUL, "OBR[1]->OBX[*]-5", "OBX[2]-5v1" },
        { SIU, "SCH->NTE[*]-3", "NTE[1]-3vof the appointment" },
        { SIU, "RGS[2]->AIL-3", "AIL[2]-3vROOM2" },
        { SIU, "RGS[1]->AIP-3", "AIP-3vANN" },
        { SIU, "RGS[1]->AIS->NTE-3", "NTE[2]-3vof the service" },
        { SIU, "RGS[2]->AIP-3", "RGS[2]->AIP-3-" },
        { SIU, "PID->AIL-3", "PID->AIL-3-" },
        { MFN, "MFE[2]->STF-3", "STF[2]-3vBEN" },
        { MFN, "MFE[1]->STF->PRA-3", "PRA-3vx" },
        { MFN, "MFE[*]->STF-3", "STF[1]-3vANN STF[2]-3vBEN" },
        { ADT, "PID[2]->MRG-1", "MRG[2]-1vold2" },
        { ADT, "PID[@3='new1']->MRG-1", "MRG[1]-1vold1" },
        { ADT, "MSH->PID[2]-3", "PID[2]-3vnew2" },
        { DFT, "FT1[1]->OBX-5", "OBX[1]-5va" },
        { DFT, "FT1[2]->PR1-3", "PR1[2]-3vP2" },
        { DFT, "FT1[1]->PR1[2]-3", "FT1[1]->PR1[2]-3-" },
        { DFT, "NK1->NTE-3", "NTE-3vof Ann" },
        { DFT, "ZCH[1]->OBX[*]-5", "OBX[2]-5vb" },
        { DFT, "ZCH[2]->OBX[*]-5", "OBX[3]-5vc" },
        { DFT, "PV1->OBX-5", "PV1->OBX-5-" },
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct guard wire = guard_make(slice_of(ROWS[i].wire)), text = guard_make(slice_of(ROWS[i].path));
        struct hl7_message *m = hl7_message_parse(arena, wire.bytes, NULL);
        struct hl7_path *p = hl7_path_compile(arena, text.bytes, NULL);
        guard_free(&text);
        assert_true(m != NULL && p != NULL);
        struct seen s = { buf_make(4096), p, m, 0, 0 };
        size_t calls = hl7_path_each(p, m, see, &s);
        if (!slice_is(buf_slice(&s.text), ROWS[i].matches) || calls != s.calls)
            fail_msg("%s: %.*s", ROWS[i].path, SLICE_ARG(buf_slice(&s.text)));
        buf_free(&s.text);
        guard_free(&wire);
    }
    arena_free(&arena);
}

/* The text of a match, compiled, gives that match again. */
static void matches_are_paths(void **state)
{
    static const char *const PATHS[] = { "OBX[*]-5[*]", "OBR[*]->OBX[*]-3.1", "PID[*]-3.1.1", "NTE[*]-3" };
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(ORU), NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        struct hl7_path *p = hl7_path_compile(arena, slice_of(PATHS[i]), NULL);
        struct seen all = { buf_make(4096), p, m, 0, 0 };
        hl7_path_each(p, m, see, &all);
        struct slice rest = buf_slice(&all.text);
        while (rest.len > 0) {
            struct slice one = slice_cut(&rest, ' '), text = one;
            text.len = strcspn(one.ptr, "v0e-") + 1; /* as far as the "-" before the field */
            while (text.len < one.len && strchr("0123456789[].", one.ptr[text.len]) != NULL)
                text.len++;
            struct hl7_path *again = hl7_path_compile(arena, text, NULL);
            if (again == NULL)
                continue; /* a word of a value with a blank in it */
            struct seen s = { buf_make(4096), again, m, 0, 0 };
            assert_int_equal(hl7_path_each(again, m, see, &s), 1);
            assert_true(slice_starts(buf_slice(&s.text), text));
            buf_free(&s.text);
        }
        buf_free(&all.text);
    }
    arena_free(&arena);
}

static void enough_is_enough(void **state)
{
    static const char *const PATHS[] = { "OBX[*]-5[*]", "OBR[*]->OBX[*]-5", "OBX[3]-5[*]" };
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(ORU), NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(PATHS); i++)
        for (size_t stop = 1; stop <= 2; stop++) {
            struct hl7_path *p = hl7_path_compile(arena, slice_of(PATHS[i]), NULL);
            struct seen s = { buf_make(4096), p, m, stop, 0 };
            assert_int_equal(hl7_path_each(p, m, see, &s), stop);
            buf_free(&s.text);
        }
    arena_free(&arena);
}

/* One value: the first match of the whole path, and whether another segment matches as well. */
static void a_rule_reads_one(void **state)
{
    static const struct {
        const char *path;
        enum hl7_presence presence;
        const char *raw;
        bool many;
    } ROWS[] = {
        { "OBR[2]->OBX[1]-5", HL7_VALUE, "5.9", false },
        { "OBR->OBX[1]-5", HL7_VALUE, "4.1", true },
        { "OBR[2]->OBX-5", HL7_VALUE, "5.9", true },
        { "OBR[3]->OBX-5", HL7_VALUE, "120", false },
        { "OBR[@4.1='OTHER']->OBX[@3.1='K']-5[2]", HL7_VALUE, "6.0", false },
        { "OBR->OBX[@3.1='TXT']-5", HL7_NULL, "\"\"", false }, /* tried on: only the second has it */
        { "OBR[1]->OBX[@3.1='TXT']-5", HL7_ABSENT, "", false },
        { "OBX[*]-5", HL7_VALUE, "4.1", false },
        { "PID[*]->OBX[*]-5[*]", HL7_VALUE, "4.1", false },
        { "OBX[@5[*]='6.0']-3", HL7_VALUE, "K", false },
        { "OBX[@5[2]='5.9']-3", HL7_ABSENT, "", false },
    };
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(ORU), NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct hl7_path *p = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        struct slice raw;
        bool many;
        assert_non_null(p);
        enum hl7_presence got = hl7_path_get(p, m, 8, &raw, &many);
        if (got != ROWS[i].presence || !slice_is(raw, ROWS[i].raw) || many != ROWS[i].many)
            fail_msg("%s: %d \"%.*s\" %d", ROWS[i].path, got, SLICE_ARG(raw), many);
        assert_int_equal(hl7_path_get(p, m, 8, NULL, NULL), ROWS[i].presence);
    }
    arena_free(&arena);
}

static void groups_end(void **state)
{
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, SLICE(ORU), NULL);
    size_t count = hl7_message_segments(m);

    (void)state;
    assert_int_equal(hl7_group_end(m, 0), count);
    assert_int_equal(hl7_group_end(m, hl7_segment_find(m, SLICE("PID"), 1)),
                     hl7_segment_find(m, SLICE("PID"), 2));
    assert_int_equal(hl7_group_end(m, hl7_segment_find(m, SLICE("OBR"), 1)),
                     hl7_segment_find(m, SLICE("ORC"), 2));
    assert_int_equal(hl7_group_end(m, hl7_segment_find(m, SLICE("OBR"), 3)), count);
    assert_int_equal(hl7_group_end(m, count), count);
    assert_int_equal(hl7_group_end(m, HL7_NONE), count);
    arena_free(&arena);
}

static bool add_up(void *ctx, const struct hl7_match *match)
{
    *(size_t *)ctx += match->raw.len;
    return true;
}

static double seconds_of(const struct hl7_path *p, const struct hl7_message *m, size_t *calls)
{
    struct timespec from, to;
    size_t bytes = 0;

    clock_gettime(CLOCK_MONOTONIC, &from);
    *calls = hl7_path_each(p, m, add_up, &bytes);
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

/* 100,000 observations, 100,000 repetitions: twice as many would take twice as long, not four times. A path
 * that is not linear takes minutes here; the bound is that of a slow machine with a sanitizer. */
static void it_is_linear(void **state)
{
    static const struct {
        const char *path;
        size_t calls;
    } ROWS[] = {
        { "OBX[*]-5", 100000 },    { "OBR[*]->OBX[*]-5", 100000 }, { "OBR[*]->OBX[2]-5", 25000 },
        { "OBR[*]->ZZZ[*]-5", 1 }, { "PID->OBX[*]-5", 100000 },    { "PID->OBR[*]->OBX[@3='X']-5", 1 },
        { "ZRP-1[*]", 100000 },    { "ZRP-1[*].2", 100000 },       { "ZRP[@1[*]='no']-1", 1 },
    };
    struct buf wire = buf_make(16 << 20);
    struct arena *arena = arena_new();

    (void)state;
    buf_text(&wire, HEAD "PID|1||p1\r");
    for (unsigned i = 0; i < 100000; i++) {
        if (i % 4 == 0)
            buf_text(&wire, "OBR|1\r");
        buf_printf(&wire, "OBX|%u|NM|K||%u\r", i + 1, i);
    }
    buf_text(&wire, "ZRP|");
    for (unsigned i = 0; i < 100000; i++)
        buf_text(&wire, i == 0 ? "a^b" : "~a^b");
    struct hl7_message *m = hl7_message_parse(arena, buf_slice(&wire), NULL);
    assert_non_null(m);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        size_t calls;
        struct hl7_path *p = hl7_path_compile(arena, slice_of(ROWS[i].path), NULL);
        assert_non_null(p);
        double seconds = seconds_of(p, m, &calls);
        if (calls != ROWS[i].calls || seconds > 5)
            fail_msg("%s: %zu matches in %f s", ROWS[i].path, calls, seconds);
    }
    buf_free(&wire);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_match_is_given), cmocka_unit_test(matches_are_paths),
        cmocka_unit_test(enough_is_enough),     cmocka_unit_test(a_rule_reads_one),
        cmocka_unit_test(groups_end),           cmocka_unit_test(it_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
