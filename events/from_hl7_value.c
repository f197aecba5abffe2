/* Units and quantities of an OBX: OBX-2, 5, 6. */
#include "events/from_hl7.h"
#include "events/units.h"
#include "hl7/charset.h"

void hl7_parts(struct hl7_in *in, size_t segment, uint32_t field, struct slice *parts, size_t count)
{
    struct slice raw = { NULL, 0 };
    char by = hl7_message_delimiters(in->m)->component;
    bool simple = hl7_message_reading(in->m)->hiding == HL7_HIDES_NOTHING && by != '\0';
    bool there = hl7_get(in->m, segment, field, 1, 0, 0, &raw) == HL7_VALUE;
    for (size_t i = 0; i < count; i++)
        parts[i] =
            there && !simple ? hl7_part(in, segment, field, (uint32_t)i + 1) : (struct slice){ NULL, 0 };
    if (!there || !simple)
        return;
    /* One look-up for all components (no byte of a character can be the delimiter), and mostly nothing to
     * decode in any of them. */
    bool plain = hl7_text(in->m, in->draft.arena, raw).ptr == raw.ptr;
    for (size_t i = 0; i < count && raw.len > 0; i++) {
        struct slice part = slice_cut(&raw, by);
        bool as_it_is = plain && !slice_is(part, "\"\""); /* the null is no text */
        parts[i] = code_trim(as_it_is ? part : hl7_text(in->m, in->draft.arena, part));
    }
}

/* Components 1, 2, 4 and 5 may each hold the spelling that is known. */
struct slice hl7_units(struct hl7_in *in, size_t obx, uint32_t field)
{
    static const size_t components[] = { 0, 1, 3, 4 };
    struct slice parts[5];
    hl7_parts(in, obx, field, parts, 5);
    for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
        struct slice ucum = parts[components[i]].len > 0 ? unit_ucum(parts[components[i]]) : parts[0];
        if (parts[components[i]].len > 0 && ucum.len > 0)
            return ucum;
    }
    return parts[0];
}

/* SN: comparator ^ number ^ separator ^ number. A ratio or a sum of two numbers is no quantity. */
static struct quantity structured(struct hl7_in *in, size_t obx)
{
    struct slice parts[4];
    hl7_parts(in, obx, 5, parts, 4);
    if (parts[2].len == 0 && parts[3].len == 0)
        return quantity_make(parts[0], parts[1]);
    if (!slice_is(parts[2], "-"))
        return (struct quantity){ .state = QUANTITY_ABSENT };
    return quantity_parse(
        arena_printf(in->draft.arena, "%.*s-%.*s", SLICE_ARG(parts[1]), SLICE_ARG(parts[3])));
}

/* NR: low ^ high. */
static struct quantity numeric_range(struct hl7_in *in, size_t obx)
{
    struct slice parts[2];
    hl7_parts(in, obx, 5, parts, 2);
    return quantity_parse(
        arena_printf(in->draft.arena, "%.*s-%.*s", SLICE_ARG(parts[0]), SLICE_ARG(parts[1])));
}

/* Types whose text may be a number; in coded, time, name and encapsulated ones digits mean something else. */
static bool may_be_number(struct slice type)
{
    static const char *const types[] = { "NM", "ST", "TX", "FT", "IS", "SI", "" };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_is(type, types[i]))
            return true;
    return false;
}

/* "6.9 mmol/L", "<10 ug/dl": a number with a unit that is known behind it. */
static struct quantity with_unit(struct slice text, struct slice *unit)
{
    struct quantity q = quantity_parse(text);
    for (size_t at = 1; q.state == QUANTITY_ABSENT && at < text.len && text.len < 80; at++) {
        struct slice rest = slice_trim(slice_sub(text, at, text.len));
        bool edge = text.ptr[at - 1] >= '0' && text.ptr[at - 1] <= '9' &&
                    !(text.ptr[at] >= '0' && text.ptr[at] <= '9');
        struct slice ucum = edge && rest.len > 0 ? unit_ucum(rest) : (struct slice){ NULL, 0 };
        if (ucum.len == 0)
            continue;
        q = quantity_parse(slice_sub(text, 0, at));
        *unit = q.state != QUANTITY_ABSENT ? ucum : *unit;
    }
    return q;
}

struct quantity hl7_range(struct hl7_in *in, size_t obx, struct slice *unit)
{
    return with_unit(hl7_part(in, obx, 7, 1), unit);
}

struct quantity hl7_quantity(struct hl7_in *in, size_t obx, struct slice *unit)
{
    struct slice type = hl7_part(in, obx, 2, 1);
    if (slice_is(type, "SN"))
        return structured(in, obx);
    if (slice_is(type, "NR"))
        return numeric_range(in, obx);
    if (slice_is(type, "CQ")) { /* quantity ^ units: OBX-6 is empty then */
        *unit = hl7_part(in, obx, 5, 2);
        return quantity_parse(hl7_part(in, obx, 5, 1));
    }
    if (!may_be_number(type) || hl7_repetitions(in->m, obx, 5) > 1) /* two values: neither is the value */
        return (struct quantity){ .state = QUANTITY_ABSENT };
    return with_unit(hl7_part(in, obx, 5, 1), unit);
}
