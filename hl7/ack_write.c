#include "hl7/ack_parts.h"
#include "hl7/delimiters.h"
#include "hl7/dtm.h"
#include "hl7/escape.h"

/* ERR has fields of its own from 2.5; MSA-3 was withdrawn in 2.7 for ERR-8. */
enum { ERR_SINCE = 5, MSA_TEXT_UNTIL = 6, MINOR_DEFAULT = 5 };

void ack_words(struct ack *a, const char *text)
{
    buf_text(a->out, text);
}

void ack_char(struct ack *a, char c)
{
    buf_bytes(a->out, &c, 1);
}

void ack_text(struct ack *a, const char *text)
{
    hl7_escape_put(a->out, &a->d, slice_of(text));
}

void ack_echo(struct ack *a, struct slice raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        ack_char(a, c == '\r' || c == '\n' || c == 0x0B || c == 0x1C ? ' ' : c);
    }
}

void ack_fields(struct ack *a, unsigned n)
{
    for (; n > 0; n--)
        ack_char(a, a->d.field);
}

static void version_read(struct ack *a)
{
    struct slice rest = a->h.version;

    a->minor = MINOR_DEFAULT;
    if (slice_is(slice_cut(&rest, '.'), "2"))
        slice_to_u32(slice_trim(slice_cut(&rest, '.')), &a->minor);
    a->patched = rest.len > 0;
}

/* ACK, or MFK with its structure MFK_M01, which is the same for all master files. */
static void put_type(struct ack *a, bool master)
{
    const char *type = master ? "MFK" : "ACK";
    bool has_event = a->h.event.len > 0 && (a->minor >= 3 || master);

    ack_words(a, type);
    if (!has_event)
        return;
    ack_char(a, a->d.component);
    ack_echo(a, a->h.event);
    if (a->minor > 3 || a->patched) { /* MSH-9.3 came with 2.3.1 */
        ack_char(a, a->d.component);
        ack_words(a, master ? "MFK_M01" : type);
    }
}

/* MSH-13 to 18, as far as one of them is to be said. */
static void put_msh_end(struct ack *a, const char *accept_ack)
{
    bool asks = accept_ack != NULL && accept_ack[0] != 0;

    if (asks) {
        ack_fields(a, 3);
        ack_words(a, accept_ack);
        ack_fields(a, 1);
        ack_words(a, "NE");
    }
    if (a->h.charset.len > 0) {
        ack_fields(a, asks ? 2 : 6);
        ack_echo(a, a->h.charset);
    }
    ack_words(a, "\r");
}

static void put_msh(struct ack *a, const struct hl7_ack_request *r, bool master)
{
    const struct slice ends[] = { a->h.receiving_application, a->h.receiving_facility,
                                  a->h.sending_application, a->h.sending_facility };

    ack_words(a, "MSH");
    ack_fields(a, 1);
    ack_echo(a, a->h.encoding);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        ack_fields(a, 1);
        ack_echo(a, ends[i]);
    }
    ack_fields(a, 1);
    hl7_dtm_put(a->out, r->wall_us);
    ack_fields(a, 2);
    put_type(a, master);
    ack_fields(a, 1);
    hl7_escape_put(a->out, &a->d, r->control_id);
    ack_fields(a, 1);
    ack_echo(a, a->h.processing_field.len > 0 ? a->h.processing_field : SLICE("P"));
    ack_fields(a, 1);
    ack_echo(a, a->h.version_field.len > 0 ? a->h.version_field : SLICE("2.5"));
    put_msh_end(a, r->accept_ack);
}

/* MSA-4 of the sequence number protocol (HL7 v2 section 2.10.1). We keep no numbers of a link: a link that
 * starts (0) or resynchronises (-1) hears -1, any positive number is welcome. */
static void put_sequence(struct ack *a, bool accepted, bool has_text)
{
    uint64_t came = 0;
    bool restart = slice_is(slice_trim(a->h.sequence), "-1");

    if (!restart && (!slice_to_u64(slice_trim(a->h.sequence), &came) || came == UINT64_MAX))
        return;
    ack_fields(a, has_text ? 1 : 2);
    if (restart || came == 0)
        ack_words(a, "-1");
    else
        buf_printf(a->out, "%llu", (unsigned long long)came + accepted);
}

static void put_msa(struct ack *a, const char *code, const struct error *err)
{
    bool has_text = err != NULL && a->minor <= MSA_TEXT_UNTIL;

    ack_words(a, "MSA");
    ack_fields(a, 1);
    ack_words(a, code);
    ack_fields(a, 1);
    ack_echo(a, a->h.control_id);
    if (has_text) {
        ack_fields(a, 1);
        if (err->where[0] != 0) {
            ack_text(a, err->where);
            ack_words(a, ": ");
        }
        ack_text(a, err->message);
    }
    put_sequence(a, code[1] == 'A', has_text);
    ack_words(a, "\r");
}

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

struct ack_place ack_place_read(const char *where)
{
    struct slice rest = slice_of(where);
    struct ack_place p = { .segment = slice_sub(rest, 0, 3) };

    rest = slice_sub(rest, 3, SIZE_MAX);
    if (p.segment.len < 3 || (rest.len > 0 && rest.ptr[0] != '[' && rest.ptr[0] != '-'))
        return (struct ack_place){ 0 }; /* not a place in a message */
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
        ack_char(a, a->d.component);
        if (numbers[i] > 0)
            buf_printf(a->out, "%u", numbers[i]);
    }
}

/* ERR-1 of 2.1 to 2.4: segment^sequence^field^code&text&table. */
static void put_err_old(struct ack *a, const struct ack_place *p, uint32_t code)
{
    const uint32_t at[] = { p->segment.len > 0 && p->occurrence == 0 ? 1 : p->occurrence, p->field };

    ack_fields(a, 1);
    ack_echo(a, p->segment);
    for (size_t i = 0; i < 2; i++) {
        ack_char(a, a->d.component);
        if (at[i] > 0)
            buf_printf(a->out, "%u", at[i]);
    }
    ack_char(a, a->d.component);
    buf_printf(a->out, "%u", code);
    if (a->d.subcomponent != 0) {
        ack_char(a, a->d.subcomponent);
        ack_text(a, hl7_error_text(code));
        ack_char(a, a->d.subcomponent);
        ack_words(a, "HL70357");
    }
}

/* ERR-2 location, ERR-3 code, ERR-4 severity, ERR-8 what a person reads (2.5 and later). */
static void put_err_new(struct ack *a, const struct ack_place *p, uint32_t code, const struct error *err)
{
    uint32_t repetition = p->field > 0 && p->repetition == 0 ? 1 : p->repetition;
    const uint32_t at[] = { p->occurrence == 0 ? 1 : p->occurrence, p->field, repetition, p->component,
                            p->sub };

    ack_fields(a, 2);
    if (p->segment.len > 0) {
        ack_echo(a, p->segment);
        put_numbers(a, at, sizeof at / sizeof *at);
    }
    ack_fields(a, 1);
    buf_printf(a->out, "%u", code);
    ack_char(a, a->d.component);
    ack_text(a, hl7_error_text(code));
    ack_char(a, a->d.component);
    ack_words(a, "HL70357");
    ack_fields(a, 1);
    ack_words(a, "E");
    ack_fields(a, 4);
    ack_text(a, err->message);
}

static void put_err(struct ack *a, const struct error *err)
{
    struct ack_place p = ack_place_read(err->where);
    uint32_t code = hl7_error_code(err);

    ack_words(a, "ERR");
    if (a->minor < ERR_SINCE)
        put_err_old(a, &p, code);
    else
        put_err_new(a, &p, code, err);
    ack_words(a, "\r");
}

void hl7_ack_put(struct buf *out, const struct hl7_ack_request *r)
{
    struct ack a = { .out = out, .d = hl7_delimiters_usual(), .h = { .encoding = SLICE("^~\\&") } };
    const struct error *err = r->err != NULL && r->err->code != ERROR_NONE ? r->err : NULL;

    if (r->header != NULL && r->header->encoding.len > 0) {
        a.h = *r->header;
        a.d = r->header->delimiters;
    }
    version_read(&a);
    bool master = hl7_ack_is_master(&a.h, r->code) && hl7_master_holds(r->kept);
    put_msh(&a, r, master);
    put_msa(&a, r->code, err);
    if (err != NULL)
        put_err(&a, err);
    if (master)
        ack_master_rows(&a, r->kept, r->wall_us, r->code[1] == 'A', err);
}

void hl7_ack_write(struct buf *out, const struct hl7_header *h, const char *code, struct slice control_id,
                   int64_t wall_us, const struct error *err)
{
    hl7_ack_put(out,
                &(struct hl7_ack_request){
                    .header = h, .code = code, .control_id = control_id, .wall_us = wall_us, .err = err });
}
