/* The spelling of HAPI's Terser, compiled to the same path: "PID-3(0)-4-1", "/.OBX(1)-5",
 * "/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(0)-5". As there, segments and repetitions count from 0, and a
 * component or sub-component that is not named is the first one.
 *
 *   path = [ "/" ] { group "/" } segment "-" field [ "(" n ")" ] [ "-" component [ "-" sub ] ]
 *   group, segment = [ "." ] NAME [ "(" n ")" ]
 *
 * Message structures are not known here: a group is known by the segment that stands for it. */
#include "hl7/path_parts.h"

#include <stdio.h>

static const char HOW[] = "written PID-3(0)-4-1 or /.OBX(1)-5, counting segments and repetitions from 0";
static const char GROUPS_KNOWN[] = "known are those of ORU, ORM, OML, SIU, such as "
                                   "ORDER_OBSERVATION(1)/OBX(0)-5; or name the segment: /.OBX(1)-5";

/* Groups of ORU, ORM, OML, OUL, RDE, SIU, ADT, DFT and MFN. `segment` is the one that there is exactly one of
 * in each. One that only wraps another group, or that is named like its first segment's group, has its
 * segment too. */
static const struct group {
    const char *name, *segment;
    bool optional;
} GROUPS[] = {
    { "PATIENT_RESULT", "PID", true },
    { "RESPONSE", "PID", true }, /* ORU up to 2.3.1 in HAPI, ORL */
    { "PATIENT", "PID", true },
    { "PATIENT_VISIT", "PV1", true },
    { "VISIT", "PV1", true },
    { "ORDER_OBSERVATION", "OBR", false },
    { "ORDER", "ORC", false },
    { "COMMON_ORDER", "ORC", false },
    { "ORDER_DETAIL", "OBR", false },
    { "OBSERVATION_REQUEST", "OBR", false },
    { "OBSERVATION", "OBX", false },
    { "SPECIMEN", "SPM", false },
    { "CONTAINER", "SAC", false },
    { "INSURANCE", "IN1", false },
    { "PROCEDURE", "PR1", false },
    { "FINANCIAL", "FT1", false },
    { "RESOURCES", "RGS", false },
    { "SERVICE", "AIS", false },
    { "GENERAL_RESOURCE", "AIG", false },
    { "LOCATION_RESOURCE", "AIL", false },
    { "PERSONNEL_RESOURCE", "AIP", false },
    { "MF_STAFF", "MFE", false },
    { "MF_LOCATION", "MFE", false },
};

/* "(n)" as a 1-based number; not said is 0. */
static bool index_read(struct path_reading *r, uint32_t *out)
{
    *out = 0;
    if (path_peek(r) == '[')
        return path_fail(r, "repetitions are in ( ) here",
                         "in Terser's spelling PID-3(0); PID-3[1] is written without --terser");
    if (!path_take(r, '('))
        return true;
    if (!path_number(r, 0, "expected a number from 0", HOW, out))
        return false;
    ++*out;
    return path_take(r, ')') || path_fail(r, "expected \")\"", HOW);
}

static struct slice word_take(struct path_reading *r)
{
    size_t from = r->at;

    for (char c = path_peek(r); (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         c = path_peek(r))
        r->at++;
    return slice_sub(r->text, from, r->at - from);
}

static const struct group *group_find(struct slice name)
{
    for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
        if (slice_is(name, GROUPS[i].name))
            return &GROUPS[i];
    return NULL;
}

/* A group inside one of the same segment (PATIENT in PATIENT_RESULT) is that one again. */
static bool group_add(struct path_reading *r, struct hl7_path *p, struct slice name, uint32_t number)
{
    const struct group *g = group_find(name);
    struct path_step *last = p->step_count > 0 ? &p->steps[p->step_count - 1] : NULL;

    if (g == NULL)
        return path_fail(r, "a group that is not known", GROUPS_KNOWN);
    if (last != NULL && slice_is(last->segment, g->segment)) {
        last->occurrence = number > 1 ? number : last->occurrence;
        return true;
    }
    if (p->step_count + 1 >= PATH_STEPS)
        return path_fail(r, "too many groups in one another", HOW);
    p->steps[p->step_count++] = (struct path_step){ .segment = slice_of(g->segment),
                                                    .occurrence = number > 0 ? number : 1,
                                                    .optional = g->optional };
    return true;
}

/* The segment itself: where its group was named, it is that group's, and an ORC stands before the OBR that
 * stands for both. */
static void segment_add(struct hl7_path *p, struct slice segment, uint32_t number)
{
    struct path_step *last = p->step_count > 0 ? &p->steps[p->step_count - 1] : NULL;
    bool is_anchor = last != NULL && slice_eq(last->segment, segment);
    bool is_before = last != NULL && slice_is(last->segment, "OBR") && slice_is(segment, "ORC");

    if (is_anchor || is_before) {
        last->segment = segment;
        last->optional = false;
        last->occurrence += number > 1 ? number - 1 : 0;
        return;
    }
    p->steps[p->step_count++] = (struct path_step){ .segment = segment, .occurrence = number };
}

/* One name of the part before the first "-": a group when "/" follows. */
static bool name_read(struct path_reading *r, struct hl7_path *p, bool *is_segment)
{
    size_t from;
    uint32_t number;

    path_take(r, '.');
    from = r->at;
    if (path_peek(r) == '*' || path_peek(r) == '?')
        return path_fail(r, "names with * or ? are not known here", HOW);
    struct slice name = word_take(r);
    if (name.len == 0)
        return path_fail(r, "expected the name of a segment or group, in capitals", HOW);
    if (!index_read(r, &number))
        return false;
    size_t end = r->at;
    *is_segment = !path_take(r, '/');
    r->at = *is_segment ? from : r->at;
    if (!*is_segment) {
        size_t after = r->at;
        r->at = from;
        bool ok = group_add(r, p, name, number);
        r->at = ok ? after : r->at;
        return ok;
    }
    struct slice segment;
    if (name.len != 3)
        return path_fail(r, "expected a segment before \"-\"", HOW);
    if (!path_segment(r, HOW, &segment))
        return false;
    r->at = end;
    segment_add(p, segment, number);
    return true;
}

static bool path_read(struct path_reading *r, struct hl7_path *p)
{
    static const char DOT[] =
        "parts are separated by \"-\" here: PID-3-1; PID-3.1 is written without --terser";
    struct path_place *at = &p->place;
    bool is_segment = false;

    *at = (struct path_place){ 0, 1, 1, 1 };
    path_take(r, '/');
    while (!is_segment)
        if (!name_read(r, p, &is_segment))
            return false;
    if (!path_take(r, '-'))
        return path_fail(r, "expected \"-\" and a field number", path_peek(r) == '.' ? DOT : HOW);
    if (!path_number(r, 1, "expected a field number", HOW, &at->field) || !index_read(r, &at->repetition))
        return false;
    at->repetition += at->repetition == 0;
    if (path_take(r, '-') && !path_number(r, 1, "expected a component number", HOW, &at->component))
        return false;
    if (path_take(r, '-') && !path_number(r, 1, "expected a sub-component number", HOW, &at->sub))
        return false;
    return r->at == r->text.len ||
           path_fail(r, "unexpected text after the path", path_peek(r) == '.' ? DOT : HOW);
}

struct hl7_path *hl7_terser_compile(struct arena *arena, struct slice text, struct error *err)
{
    return path_compile(arena, text, HOW, path_read, err);
}
