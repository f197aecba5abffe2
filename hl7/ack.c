#include "hl7/ack.h"

#include "hl7/delimiters.h"
#include "hl7/dtm.h"
#include "hl7/escape.h"

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

/* --- writing -------------------------------------------------------------------------------------- */

/* What the acknowledgement is written with: the sender's own delimiters, so that MSA-2 is its MSH-10
 * byte for byte. */
struct ack {
    struct buf *out;
    struct hl7_delimiters d;
    struct hl7_header h;
    uint32_t minor; /* 5 of version 2.5.1 */
    bool patched;   /* a third number follows: 2.3.1 */
};

enum { ERR_SINCE = 5, MINOR_DEFAULT = 5 };

static void put(struct ack *a, const char *text)
{
    buf_text(a->out, text);
}

static void put_char(struct ack *a, char c)
{
    buf_bytes(a->out, &c, 1);
}

/* Our own words. */
static void put_text(struct ack *a, const char *text)
{
    hl7_escape_put(a->out, &a->d, slice_of(text));
}

/* The sender's bytes as they came; a control character among them could end a segment or a frame. */
static void put_echo(struct ack *a, struct slice raw)
{
    for (size_t i = 0; i < raw.len; i++)
        put_char(a, (unsigned char)raw.ptr[i] < 0x20 ? ' ' : raw.ptr[i]);
}

static void put_fields(struct ack *a, unsigned n)
{
    for (; n > 0; n--)
        put_char(a, a->d.field);
}

static void version_read(struct ack *a)
{
    struct slice rest = a->h.version;

    a->minor = MINOR_DEFAULT;
    if (slice_is(slice_cut(&rest, '.'), "2"))
        slice_to_u32(slice_trim(slice_cut(&rest, '.')), &a->minor);
    a->patched = rest.len > 0;
}

static void put_type(struct ack *a)
{
    bool has_event = a->h.event.len > 0 && a->minor >= 3;

    put(a, "ACK");
    if (!has_event)
        return;
    put_char(a, a->d.component);
    put_echo(a, a->h.event);
    if (a->minor > 3 || a->patched) { /* MSH-9.3 came with 2.3.1 */
        put_char(a, a->d.component);
        put(a, "ACK");
    }
}

static void put_msh(struct ack *a, struct slice control_id, int64_t wall_us)
{
    const struct slice ends[] = { a->h.receiving_application, a->h.receiving_facility,
                                  a->h.sending_application, a->h.sending_facility };

    put(a, "MSH");
    put_fields(a, 1);
    put_echo(a, a->h.encoding);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        put_fields(a, 1);
        put_echo(a, ends[i]);
    }
    put_fields(a, 1);
    hl7_dtm_put(a->out, wall_us);
    put_fields(a, 2);
    put_type(a);
    put_fields(a, 1);
    hl7_escape_put(a->out, &a->d, control_id);
    put_fields(a, 1);
    put_echo(a, a->h.processing_id.len > 0 ? a->h.processing_id : SLICE("P"));
    put_fields(a, 1);
    put_echo(a, a->h.version_field.len > 0 ? a->h.version_field : SLICE("2.5"));
    if (a->h.charset.len > 0) {
        put_fields(a, 6);
        put_echo(a, a->h.charset);
    }
    put(a, "\r");
}

static void put_msa(struct ack *a, const char *code, const struct error *err)
{
    put(a, "MSA");
    put_fields(a, 1);
    put(a, code);
    put_fields(a, 1);
    put_echo(a, a->h.control_id);
    if (err != NULL) {
        put_fields(a, 1);
        if (err->where[0] != 0) {
            put_text(a, err->where);
            put(a, ": ");
        }
        put_text(a, err->message);
    }
    put(a, "\r");
}

/* The parts of "OBX[3]-5[2].1.4"; 0 where not said. */
struct place {
    struct slice segment;
    uint32_t occurrence, field, repetition, component, sub;
};

static uint32_t number_take(struct slice *rest, char before)
{
    size_t digits = 1;
    uint32_t n = 0;

    if (rest->len < 2 || rest->ptr[0] != before)
        return 0;
    while (digits < rest->len && rest->ptr[digits] >= '0' && rest->ptr[digits] <= '9')
        digits++;
    slice_to_u32(slice_sub(*rest, 1, digits - 1), &n);
    *rest = slice_sub(*rest, digits + (before == '['), SIZE_MAX); /* and the bracket that closes */
    return n;
}

static struct place place_read(const char *where)
{
    struct slice rest = slice_of(where);
    struct place p = { .segment = slice_sub(rest, 0, 3) };

    rest = slice_sub(rest, 3, SIZE_MAX);
    if (p.segment.len < 3 || (rest.len > 0 && rest.ptr[0] != '[' && rest.ptr[0] != '-'))
        return (struct place){ 0 }; /* not a place in a message */
    p.occurrence = number_take(&rest, '[');
    p.field = number_take(&rest, '-');
    p.repetition = number_take(&rest, '[');
    p.component = number_take(&rest, '.');
    p.sub = number_take(&rest, '.');
    return p;
}

/* "^3^5" up to the last number that is known. */
static void put_numbers(struct ack *a, const uint32_t *numbers, size_t count)
{
    while (count > 0 && numbers[count - 1] == 0)
        count--;
    for (size_t i = 0; i < count; i++) {
        put_char(a, a->d.component);
        if (numbers[i] > 0)
            buf_printf(a->out, "%u", numbers[i]);
    }
}

/* ERR-1 of 2.1 to 2.4: segment^sequence^field^code&text&table. */
static void put_err_old(struct ack *a, const struct place *p, uint32_t code)
{
    const uint32_t at[] = { p->segment.len > 0 && p->occurrence == 0 ? 1 : p->occurrence, p->field };

    put_fields(a, 1);
    put_echo(a, p->segment);
    for (size_t i = 0; i < 2; i++) {
        put_char(a, a->d.component);
        if (at[i] > 0)
            buf_printf(a->out, "%u", at[i]);
    }
    put_char(a, a->d.component);
    buf_printf(a->out, "%u", code);
    if (a->d.subcomponent != 0) {
        put_char(a, a->d.subcomponent);
        put_text(a, hl7_error_text(code));
        put_char(a, a->d.subcomponent);
        put(a, "HL70357");
    }
}

/* ERR-2 location, ERR-3 code, ERR-4 severity, ERR-8 what a person reads (2.5 and later). */
static void put_err_new(struct ack *a, const struct place *p, uint32_t code, const struct error *err)
{
    uint32_t repetition = p->field > 0 && p->repetition == 0 ? 1 : p->repetition;
    const uint32_t at[] = { p->occurrence == 0 ? 1 : p->occurrence, p->field, repetition, p->component,
                            p->sub };

    put_fields(a, 2);
    if (p->segment.len > 0) {
        put_echo(a, p->segment);
        put_numbers(a, at, sizeof at / sizeof *at);
    }
    put_fields(a, 1);
    buf_printf(a->out, "%u", code);
    put_char(a, a->d.component);
    put_text(a, hl7_error_text(code));
    put_char(a, a->d.component);
    put(a, "HL70357");
    put_fields(a, 1);
    put(a, "E");
    put_fields(a, 4);
    put_text(a, err->message);
}

static void put_err(struct ack *a, const struct error *err)
{
    struct place p = place_read(err->where);
    uint32_t code = hl7_error_code(err);

    put(a, "ERR");
    if (a->minor < ERR_SINCE)
        put_err_old(a, &p, code);
    else
        put_err_new(a, &p, code, err);
    put(a, "\r");
}

void hl7_ack_write(struct buf *out, const struct hl7_header *h, const char *code, struct slice control_id,
                   int64_t wall_us, const struct error *err)
{
    struct ack a = { .out = out, .d = hl7_delimiters_usual(), .h = { .encoding = SLICE("^~\\&") } };

    if (h != NULL && h->encoding.len > 0) {
        a.h = *h;
        a.d = h->delimiters;
    }
    version_read(&a);
    if (err != NULL && err->code == ERROR_NONE)
        err = NULL;
    put_msh(&a, control_id, wall_us);
    put_msa(&a, code, err);
    if (err != NULL)
        put_err(&a, err);
}
