#include "hl7/ack.h"

/* --- which one is due ----------------------------------------------------------------------------- */

enum hl7_ack_mode hl7_ack_mode(const struct hl7_header *h)
{
    bool enhanced = h->accept_ack.len > 0 || h->application_ack.len > 0;

    /* MCF is the delayed acknowledgement of versions before 2.4. */
    if (slice_is(h->type, "ACK") || slice_is(h->type, "MCF") || (!enhanced && h->is_answer))
        return HL7_ACK_NEVER;
    return enhanced ? HL7_ACK_ENHANCED : HL7_ACK_ORIGINAL;
}

/* Table 0155. Empty beside a valued one counts as never. */
static bool condition_holds(struct slice condition, enum hl7_outcome outcome)
{
    if (condition.len == 0 || slice_is(condition, "NE"))
        return false;
    if (slice_is(condition, "ER"))
        return outcome != HL7_OUTCOME_OK;
    return !slice_is(condition, "SU") || outcome == HL7_OUTCOME_OK;
}

struct hl7_ack_due hl7_ack_due(const struct hl7_header *h, enum hl7_outcome outcome)
{
    static const char *const ACCEPT[] = { "CA", "CE", "CR" }, *const APPLICATION[] = { "AA", "AE", "AR" };
    struct hl7_ack_due due = { "", "" };

    if (h == NULL) {
        due.application = outcome != HL7_OUTCOME_OK ? APPLICATION[outcome] : "";
        return due;
    }
    enum hl7_ack_mode mode = hl7_ack_mode(h);
    if (mode == HL7_ACK_ORIGINAL)
        due.application = APPLICATION[outcome];
    if (mode == HL7_ACK_ENHANCED && condition_holds(h->accept_ack, outcome))
        due.accept = ACCEPT[outcome];
    if (mode == HL7_ACK_ENHANCED && condition_holds(h->application_ack, outcome))
        due.application = APPLICATION[outcome];
    return due;
}

/* --- table 0357 ----------------------------------------------------------------------------------- */

static const struct {
    uint32_t code;
    const char *text;
} CODES[] = {
    { 0, "Message accepted" },
    { 100, "Segment sequence error" },
    { 101, "Required field missing" },
    { 102, "Data type error" },
    { 103, "Table value not found" },
    { 104, "Value too long" },
    { 200, "Unsupported message type" },
    { 201, "Unsupported event code" },
    { 202, "Unsupported processing id" },
    { 203, "Unsupported version id" },
    { 204, "Unknown key identifier" },
    { 205, "Duplicate key identifier" },
    { 206, "Application record locked" },
    { 207, "Application internal error" },
};

const char *hl7_error_text(uint32_t code_0357)
{
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (CODES[i].code == code_0357)
            return CODES[i].text;
    return "";
}

/* What the header says that we do not support, by the place of the error. */
static uint32_t unsupported_code(struct slice where)
{
    if (slice_starts(where, SLICE("MSH-9.2")))
        return 201;
    if (slice_starts(where, SLICE("MSH-11")))
        return 202;
    return slice_starts(where, SLICE("MSH-12")) ? 203 : 200;
}

uint32_t hl7_error_code(const struct error *err)
{
    struct slice where = slice_of(err->where);
    bool in_field = slice_find(where, '-') < where.len;

    switch (err->code) {
    case ERROR_NONE:
        return 0;
    case ERROR_SYNTAX:
        return in_field ? 102 : 100;
    case ERROR_MISSING:
        return in_field ? 101 : 100;
    case ERROR_TYPE:
        return 102;
    case ERROR_VALUE:
        return 103;
    case ERROR_LIMIT:
        return 104;
    case ERROR_UNSUPPORTED:
        return unsupported_code(where);
    case ERROR_VERSION:
        return 203;
    case ERROR_UNKNOWN:
        return 204;
    case ERROR_CONFLICT:
        return 205;
    default:
        return 207;
    }
}
