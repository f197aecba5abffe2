/* Which places are redacted, and how: by data type, with the exceptions below. */
#include "hl7/names.h"
#include "hl7/redact_parts.h"

/* Parts of data types. Those not named go by their own type; types of which all stays are in KEPT. */
static const struct part_rule {
    char type[4];
    uint32_t component;
    enum redact_act act;
} PARTS[] = {
    { "XPN", 1, REDACT_NAME },  { "XPN", 2, REDACT_NAME },   { "XPN", 3, REDACT_NAME },
    { "XPN", 4, REDACT_ID },    { "XPN", 5, REDACT_ID },     { "XPN", 6, REDACT_ID },
    { "XPN", 14, REDACT_ID },   { "XCN", 1, REDACT_ID },     { "XCN", 2, REDACT_NAME },
    { "XCN", 3, REDACT_NAME },  { "XCN", 4, REDACT_NAME },   { "XCN", 5, REDACT_ID },
    { "XCN", 6, REDACT_ID },    { "XCN", 7, REDACT_ID },     { "XCN", 11, REDACT_ID },
    { "XCN", 21, REDACT_ID },   { "PPN", 1, REDACT_ID },     { "PPN", 2, REDACT_NAME },
    { "PPN", 3, REDACT_NAME },  { "PPN", 4, REDACT_NAME },   { "PPN", 5, REDACT_ID },
    { "PPN", 6, REDACT_ID },    { "PPN", 7, REDACT_ID },     { "CNN", 1, REDACT_ID },
    { "CNN", 2, REDACT_NAME },  { "CNN", 3, REDACT_NAME },   { "CNN", 4, REDACT_NAME },
    { "CNN", 5, REDACT_ID },    { "CNN", 6, REDACT_ID },     { "CNN", 7, REDACT_ID },
    { "FN", 1, REDACT_NAME },   { "FN", 2, REDACT_NAME },    { "FN", 3, REDACT_NAME },
    { "FN", 4, REDACT_NAME },   { "FN", 5, REDACT_NAME },    { "CX", 1, REDACT_ID },
    { "CX", 2, REDACT_ID },     { "EI", 1, REDACT_ID },      { "XAD", 1, REDACT_NAME },
    { "XAD", 2, REDACT_NAME },  { "XAD", 3, REDACT_NAME },   { "XAD", 4, REDACT_SHORT },
    { "XAD", 5, REDACT_ID },    { "XAD", 6, REDACT_SHORT },  { "XAD", 7, REDACT_SHORT },
    { "XAD", 8, REDACT_NAME },  { "XAD", 9, REDACT_SHORT },  { "XAD", 10, REDACT_SHORT },
    { "SAD", 1, REDACT_NAME },  { "SAD", 2, REDACT_NAME },   { "SAD", 3, REDACT_NAME },
    { "XTN", 1, REDACT_PHONE }, { "XTN", 4, REDACT_PHONE },  { "XTN", 5, REDACT_KEEP },
    { "XTN", 6, REDACT_ID },    { "XTN", 7, REDACT_PHONE },  { "XTN", 8, REDACT_ID },
    { "XTN", 9, REDACT_TEXT },  { "XTN", 12, REDACT_PHONE }, { "XON", 1, REDACT_NAME },
    { "XON", 3, REDACT_ID },    { "XON", 4, REDACT_ID },     { "XON", 10, REDACT_ID },
    { "DLN", 1, REDACT_ID },    { "PL", 9, REDACT_TEXT },    { "ED", 5, REDACT_DATA },
    { "RP", 1, REDACT_ID },     { "AD", 1, REDACT_NAME },    { "AD", 2, REDACT_NAME },
    { "AD", 3, REDACT_NAME },   { "AD", 4, REDACT_SHORT },   { "AD", 5, REDACT_ID },
    { "AD", 6, REDACT_SHORT },
};

/* Names of systems and places, kinds of messages, quantities: all of them stays, but for the rules above. */
static const char KEPT[][4] = { "HD",  "VID", "PT", "MSG", "SN",  "NR",  "MO",  "CP", "CQ", "RI", "ELD",
                                "ERL", "OG",  "PL", "NA",  "MA",  "NM",  "SI",  "ID", "IS", "TM", "ED",
                                "RP",  "EI",  "CX", "TQ",  "AUI", "WVI", "WVS", "CD", "CSU" };

/* Older names of the same. */
static const struct {
    char from[3], to[4];
} ALIASES[] = { { "CE", "CWE" }, { "CF", "CWE" }, { "CN", "XCN" },
                { "PN", "XPN" }, { "CK", "CX" },  { "TN", "XTN" } };

/* Fields that are not treated as their type says. Field 0: all of the segment. */
static const struct field_rule {
    char segment[4];
    uint32_t field;
    enum redact_act act;
} FIELDS[] = {
    { "MSH", 21, REDACT_KEEP }, /* profiles */
    { "SFT", 0, REDACT_KEEP },  /* software */
    { "OBX", 3, REDACT_KEEP },  { "OBX", 4, REDACT_KEEP },   { "OBX", 6, REDACT_KEEP },
    { "OBX", 7, REDACT_KEEP },  { "OBX", 8, REDACT_KEEP },   { "OBR", 4, REDACT_KEEP },
    { "OBR", 13, REDACT_TEXT }, { "NTE", 3, REDACT_TEXT },   { "MSA", 3, REDACT_TEXT },
    { "DG1", 4, REDACT_TEXT },  { "PR1", 4, REDACT_TEXT },   { "AL1", 5, REDACT_TEXT },
    { "IAM", 5, REDACT_TEXT },  { "PV2", 12, REDACT_TEXT },  { "ERR", 1, REDACT_KEEP },
    { "ERR", 2, REDACT_KEEP },  { "PID", 12, REDACT_SHORT }, { "PID", 23, REDACT_NAME },
    { "STF", 1, REDACT_ID },    { "PRA", 1, REDACT_ID },     { "MFE", 4, REDACT_ID },
    { "TQ1", 11, REDACT_TEXT }, { "AIG", 3, REDACT_NAME },   { "AIG", 4, REDACT_NAME },
    { "AIP", 4, REDACT_NAME }, /* a resource may be a person */
    { "ZBE", 4, REDACT_KEEP },  { "ZBE", 5, REDACT_KEEP },   { "ZBE", 6, REDACT_KEEP },
};

static struct slice type_now(struct slice type)
{
    for (size_t i = 0; i < sizeof ALIASES / sizeof *ALIASES; i++)
        if (slice_is(type, ALIASES[i].from))
            return slice_of(ALIASES[i].to);
    return type;
}

bool redact_is_coded(struct slice type)
{
    return slice_is(type, "CWE") || slice_is(type, "CNE");
}

static enum redact_act primitive_act(struct slice type)
{
    if (slice_is(type, "DTM") || slice_is(type, "DT") || slice_is(type, "TS"))
        return REDACT_DATE;
    if (slice_is(type, "TX") || slice_is(type, "FT"))
        return REDACT_TEXT;
    return slice_is(type, "ST") ? REDACT_ID : REDACT_UNKNOWN;
}

static bool is_kept(struct slice type)
{
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        if (slice_is(type, KEPT[i]))
            return true;
    return false;
}

enum redact_act redact_part_act(struct slice type, uint32_t component)
{
    for (size_t i = 0; component > 0 && i < sizeof PARTS / sizeof *PARTS; i++)
        if (PARTS[i].component == component && slice_is(type, PARTS[i].type))
            return PARTS[i].act;
    if (component > 0 && hl7_type_components(type) > 0) {
        struct slice own = slice_of(hl7_component_type(type, component));
        bool is_date = primitive_act(own) == REDACT_DATE;
        if (is_kept(type) && !is_date) /* CX and the like carry dates */
            return REDACT_KEEP;
        return hl7_type_components(own) > 0 ? REDACT_BY_TYPE : redact_part_act(own, 0);
    }
    return is_kept(type) ? REDACT_KEEP : primitive_act(type);
}

/* The attributes of an alarm (phase, state, priority ...) in ISO/IEEE 11073: fixed words, which rules read.
 */
static bool is_alarm_attribute(struct slice obx3)
{
    uint32_t code;

    return slice_to_u32(obx3, &code) && code >= 68480 && code <= 68489;
}

/* What OBX-5 is follows from OBX-2. */
static enum redact_act result_act(struct slice obx2, struct slice obx3, struct slice *type)
{
    *type = type_now(obx2);
    if (slice_is(obx2, "ST") || slice_is(obx2, "TX") || slice_is(obx2, "FT"))
        return slice_is(obx2, "ST") && is_alarm_attribute(obx3) ? REDACT_KEEP : REDACT_TEXT;
    if (!hl7_type_known(*type))
        return REDACT_UNKNOWN;
    return hl7_type_components(*type) > 0 ? REDACT_BY_TYPE : redact_part_act(*type, 0);
}

enum redact_act redact_field_act(struct slice segment, uint32_t field, struct slice obx2, struct slice obx3,
                                 struct slice *type)
{
    *type = type_now(slice_of(hl7_field_type(segment, field)));
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (slice_is(segment, FIELDS[i].segment) && (FIELDS[i].field == field || FIELDS[i].field == 0))
            return FIELDS[i].act;
    if (slice_is(segment, "OBX") && field == 5)
        return result_act(obx2, obx3, type);
    if (!hl7_type_known(*type))
        return REDACT_UNKNOWN;
    return hl7_type_components(*type) > 0 ? REDACT_BY_TYPE : redact_part_act(*type, 0);
}
