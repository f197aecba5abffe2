/* What the tables know: facts of the standard, each by itself, and that the tables hold together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hl7/definitions.h"
#include "hl7/names.h"
#include "tests/guard.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The highest field of a segment, with what the last version added to it. */
static void segments_have_their_fields(void **state)
{
    static const struct {
        const char *name;
        uint32_t fields;
    } ROWS[] = {
        { "MSH", 28 }, /* 2.1: 18; 2.3.1: 20; 2.5: 21; 2.7: 25; 2.9: 28 */
        { "EVN", 7 },  { "PID", 40 }, { "PD1", 23 }, { "PV1", 54 }, { "PV2", 50 }, { "NK1", 41 },
        { "MRG", 7 },  { "AL1", 6 },  { "DG1", 26 }, { "PR1", 25 }, { "GT1", 57 }, { "IN1", 55 },
        { "ORC", 38 }, { "OBR", 55 }, { "OBX", 33 }, { "NTE", 9 },  { "SPM", 35 }, { "SAC", 49 },
        { "TQ1", 14 }, { "SCH", 28 }, { "RGS", 3 },  { "AIS", 12 }, { "AIG", 14 }, { "AIL", 12 },
        { "AIP", 12 }, { "MFI", 6 },  { "MFE", 7 },  { "STF", 41 }, { "PRA", 12 }, { "ORG", 13 },
        { "LOC", 9 },  { "LDP", 12 }, { "ROL", 14 }, { "PRT", 24 }, { "MSA", 8 },  { "ERR", 12 },
        { "TXA", 28 }, { "RXA", 29 }, { "FT1", 56 }, { "BHS", 14 }, { "FHS", 14 }, { "BTS", 3 },
        { "FTS", 2 },  { "DSC", 2 },  { "SFT", 6 },  { "UAC", 2 },  { "QRD", 12 }, { "RX1", 30 },
        { "OM2", 11 }, /* 2.2 numbered one more */
        { "DEV", 17 }, { "OH4", 6 },  { "ZBE", 0 },  { "XXX", 0 },  { "PI", 0 },   { "PIDX", 0 },
        { "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct guard g = guard_make(slice_of(ROWS[i].name));
        uint32_t got = hl7_segment_size(g.bytes);
        bool has_title = hl7_segment_title(g.bytes) != NULL;
        guard_free(&g);
        if (got != ROWS[i].fields || has_title != (got > 0))
            fail_msg("%s: %u", ROWS[i].name, got);
    }
}

/* Field, type in the newest version that has it, may it repeat, our name. */
static void fields_have_their_types(void **state)
{
    static const struct {
        const char *segment;
        uint32_t field;
        const char *type;
        bool repeats;
        const char *name;
    } ROWS[] = {
        { "MSH", 1, "ST", false, "field separator" },
        { "MSH", 3, "HD", false, "sending application" },
        { "MSH", 7, "DTM", false, "time of message" },
        { "MSH", 9, "MSG", false, "message type" },
        { "MSH", 11, "PT", false, "processing id" },
        { "MSH", 12, "VID", false, "version" },
        { "MSH", 18, "ID", true, "character set" },
        { "MSH", 21, "EI", true, "profile" },
        { "MSH", 26, "CWE", false, "security classification" },
        { "EVN", 6, "DTM", false, "occurred at" },
        { "PID", 2, "CX", false, "external patient id" }, /* withdrawn in 2.7 */
        { "PID", 3, "CX", true, "patient identifiers" },
        { "PID", 5, "XPN", true, "name" },
        { "PID", 7, "DTM", false, "birth time" },
        { "PID", 11, "XAD", true, "address" },
        { "PID", 13, "XTN", true, "home phone" },
        { "PID", 18, "CX", false, "account number" },
        { "PID", 40, "XTN", true, "telecommunication" }, /* 2.7 */
        { "PV1", 2, "CWE", false, "patient class" },
        { "PV1", 3, "PL", false, "location" },
        { "PV1", 7, "XCN", true, "attending doctor" },
        { "PV1", 19, "CX", false, "visit number" },
        { "PV1", 42, "PL", false, "pending location" },
        { "PV1", 44, "DTM", false, "admitted at" },
        { "MRG", 1, "CX", true, "prior patient identifiers" },
        { "ORC", 1, "ID", false, "order control" },
        { "ORC", 12, "XCN", true, "ordering provider" },
        { "ORC", 7, "TQ", true, "timing" }, /* withdrawn in 2.7 */
        { "OBR", 4, "CWE", false, "service" },
        { "OBR", 25, "ID", false, "result status" },
        { "OBR", 27, "TQ", true, "timing" },
        { "OBR", 15, "SPS", false, "specimen source" },
        { "OBX", 2, "ID", true, "value type" },
        { "OBX", 3, "CWE", false, "observation" },
        { "OBX", 4, "OG", false, "sub-id" }, /* 2.8.2; a text before */
        { "OBX", 5, "*", true, "value" },
        { "OBX", 8, "CWE", true, "abnormal flags" },
        { "OBX", 11, "ID", false, "result status" },
        { "OBX", 14, "DTM", false, "observed at" },
        { "OBX", 18, "EI", true, "equipment instance" },
        { "OBX", 33, "EIP", true, "related specimen" },
        { "ERR", 1, "ELD", true, "code and location" },
        { "ERR", 2, "ERL", true, "location" },
        { "ERR", 3, "CWE", false, "code" },
        { "SPM", 2, "EIP", false, "specimen id" },
        { "SPM", 17, "DR", false, "collected" },
        { "SCH", 11, "TQ", true, "timing" },
        { "SCH", 25, "CWE", false, "filler status" },
        { "AIL", 3, "PL", true, "location" },
        { "AIP", 3, "XCN", true, "person" },
        { "MFE", 4, "*", true, "key" },
        { "STF", 2, "CX", true, "identifiers" },
        { "STF", 10, "XTN", true, "phones" },
        { "STF", 12, "DIN", true, "activated at" },
        { "PRA", 5, "SPD", true, "specialty" },
        { "LOC", 1, "PL", false, "place" },
        { "ROL", 4, "XCN", true, "person" },
        { "PRT", 5, "XCN", true, "person" },
        { "PRT", 9, "PL", true, "location" },
        { "PRT", 10, "EI", true, "device" },
        { "TXA", 22, "PPN", true, "authenticated by" },
        { "PID", 41, "", false, NULL },
        { "PID", 0, "", false, NULL },
        { "ZBE", 1, "", false, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct slice segment = slice_of(ROWS[i].segment);
        const char *type = hl7_field_type(segment, ROWS[i].field),
                   *name = hl7_field_name(segment, ROWS[i].field);
        if (!slice_is(slice_of(type), ROWS[i].type) || !slice_eq(slice_of(name), slice_of(ROWS[i].name)) ||
            hl7_field_repeats(segment, ROWS[i].field) != ROWS[i].repeats)
            fail_msg("%s-%u: %s %s", ROWS[i].segment, ROWS[i].field, type, name != NULL ? name : "none");
    }
}

static void types_have_their_components(void **state)
{
    static const struct {
        const char *type;
        uint32_t components;
        uint32_t component;
        const char *part, *name;
    } ROWS[] = {
        { "CX", 12, 4, "HD", "assigning authority" },
        { "CX", 12, 5, "ID", "type" },
        { "XPN", 15, 1, "FN", "family name" },
        { "XCN", 25, 9, "HD", "assigning authority" },
        { "PL", 11, 1, "HD", "point of care" },
        { "PL", 11, 6, "IS", "type" },
        { "CWE", 22, 3, "ID", "coding system" },
        { "CNE", 22, 1, "ST", "code" },
        { "CE", 6, 1, "ST", "code" },
        { "EI", 4, 2, "IS", "namespace" },
        { "HD", 3, 3, "ID", "universal id type" },
        { "XTN", 18, 7, "ST", "local number" },
        { "XAD", 23, 3, "ST", "city" },
        { "TQ", 12, 4, "DTM", "start" },
        { "PT", 2, 2, "ID", "mode" },
        { "MSG", 3, 2, "ID", "event" },
        { "VID", 3, 2, "CWE", "country" },
        { "FN", 5, 1, "ST", "surname" },
        { "ERL", 6, 1, "ST", "segment id" },
        { "SN", 4, 2, "NM", "num1" },
        { "DR", 2, 1, "DTM", "range start" },
        { "OG", 4, 2, "NM", "group" },
        { "XON", 10, 1, "ST", "organisation name" },
        { "ED", 5, 5, "TX", "data" },
        { "ST", 0, 1, "", NULL },
        { "NM", 0, 1, "", NULL },
        { "DTM", 0, 1, "", NULL },
        { "PL", 11, 12, "", NULL },
        { "PL", 11, 0, "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct slice type = slice_of(ROWS[i].type);
        const char *part = hl7_component_type(type, ROWS[i].component),
                   *name = hl7_component_name(type, ROWS[i].component);
        assert_true(hl7_type_known(type));
        assert_non_null(hl7_type_title(type));
        if (hl7_type_components(type) != ROWS[i].components || !slice_is(slice_of(part), ROWS[i].part) ||
            !slice_eq(slice_of(name), slice_of(ROWS[i].name)))
            fail_msg("%s.%u: %s %s", ROWS[i].type, ROWS[i].component, part, name != NULL ? name : "none");
    }
    assert_false(hl7_type_known(SLICE("QQ")));
    assert_false(hl7_type_known(SLICE("*")));
    assert_int_equal(hl7_type_components(SLICE("QQ")), 0);
    assert_null(hl7_type_title(SLICE("")));
}

static bool is_plain(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~' || (text[i] == ' ' && text[i + 1] == ' '))
            return false;
    return len > 0 && len < 60 && text[0] != ' ' && text[len - 1] != ' ' && text[len - 1] != '+';
}

static size_t owners_hold(const struct hl7_owner *table, size_t count, size_t first)
{
    for (size_t i = 0; i < count; i++) {
        const struct hl7_owner *o = &table[i];
        assert_true(i == 0 || strcmp(table[i - 1].name, o->name) < 0); /* found by halving */
        assert_true(is_plain(o->title));
        if (o->count == 0)
            continue;
        assert_int_equal(o->first, first); /* no row is left out, none is shared */
        first += o->count;
    }
    return first;
}

/* Every type that is named is known, every row belongs to one segment or type, types nest finitely. */
static void the_tables_hold_together(void **state)
{
    (void)state;
    size_t fields = owners_hold(HL7_SEGMENTS, HL7_SEGMENT_COUNT, 0);
    assert_int_equal(owners_hold(HL7_TYPES, HL7_TYPE_COUNT, fields), HL7_PART_COUNT);
    for (size_t i = 0; i < HL7_PART_COUNT; i++) {
        const struct hl7_part *p = &HL7_PARTS[i];
        if (!is_plain(p->name) || (p->type[0] != '*' && !hl7_type_known(slice_of(p->type))) ||
            (i >= fields && p->repeats))
            fail_msg("row %zu: %s %s", i, p->type, p->name);
    }
    for (size_t i = 0; i < HL7_SEGMENT_COUNT; i++) {
        const struct hl7_owner *s = &HL7_SEGMENTS[i];
        assert_true(strlen(s->name) == 3 && s->count > 0 && s->name[0] != 'Z');
        assert_int_equal(hl7_segment_size(slice_of(s->name)), s->count);
        assert_ptr_equal(hl7_field_name(slice_of(s->name), s->count),
                         HL7_PARTS[s->first + s->count - 1].name);
    }
    assert_true(HL7_SEGMENT_COUNT >= 190 && fields >= 2900);
}

/* A component's type is primitive or made of primitive ones: three levels are all that HL7 can write. Two
 * that 2.x wrote deeper, in the oldest types, end at the sub-component all the same. */
static void types_nest_two_deep(void **state)
{
    (void)state;
    for (size_t i = 0; i < HL7_TYPE_COUNT; i++) {
        struct slice type = slice_of(HL7_TYPES[i].name);
        for (uint32_t k = 1; k <= HL7_TYPES[i].count; k++) {
            struct slice part = slice_of(hl7_component_type(type, k));
            assert_false(slice_eq(part, type));
            for (uint32_t n = 1; n <= hl7_type_components(part); n++)
                assert_false(slice_is(slice_of(hl7_component_type(part, n)), HL7_TYPES[i].name));
        }
    }
}

static void similar_names_are_found(void **state)
{
    (void)state;
    assert_string_equal(hl7_segment_similar(SLICE("OBY")), "OBR");
    assert_string_equal(hl7_segment_similar(SLICE("PDI")), "PD1");
    assert_null(hl7_segment_similar(SLICE("QQQ")));
    assert_null(hl7_segment_similar(SLICE("PI")));
    assert_null(hl7_segment_similar(SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_have_their_fields),  cmocka_unit_test(fields_have_their_types),
        cmocka_unit_test(types_have_their_components), cmocka_unit_test(the_tables_hold_together),
        cmocka_unit_test(types_nest_two_deep),         cmocka_unit_test(similar_names_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
