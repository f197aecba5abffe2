#include "router/pcd05.h"

#include "hl7/ack.h"
#include "hl7/charset.h"
#include "hl7/dtm.h"
#include "hl7/write.h"

#include <string.h>

LAYOUT_DEFINE(, template_layout, "template", struct report_template, TEMPLATE_MEMBERS)

#define PROFILE     "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.5.1^ISO"
#define FILTER_CODE "68491" /* MDC_ATTR_ALERT_DISSEM_STATUS_FILTER */
#define OUR_NAME    "NIGHTBELL"
#define OUR_VERSION "2.6"
#define OUR_CHARSET "UNICODE UTF-8"

static const struct {
    const char *code, *word, *mdc;
} STATUSES[] = {
#define X(id, code, word, mdc) { #code, word, "MDC_ENUMGV_ALERT_DISSEM_STATUS__" mdc },
    REPORT_STATUSES(X)
#undef X
};

const char *report_status_word(enum report_status s)
{
    return s < STATUS_COUNT ? STATUSES[s].word : "?";
}

struct slice report_control_id(uint64_t report, char out[REPORT_CONTROL_ID])
{
    char digits[REPORT_CONTROL_ID];
    size_t count = 0, length = 2;

    do
        digits[count++] = (char)('0' + report % 10);
    while ((report /= 10) > 0);
    out[0] = 'N';
    out[1] = 'R';
    while (count > 0)
        out[length++] = digits[--count];
    return (struct slice){ out, length };
}

/* --- from the PCD-04 ---------------------------------------------------------------------------------- */

bool pcd04_is(const struct hl7_message *m)
{
    struct hl7_header h;

    hl7_header_read(m, &h);
    return slice_is(h.type, "ORU") && slice_is(h.event, "R40");
}

/* The OBR that the OBX belongs to: the last one before it. */
static size_t request_of(const struct hl7_message *m, uint32_t obx)
{
    size_t at = obx > 0 ? hl7_segment_find(m, SLICE("OBX"), obx) : HL7_NONE;

    while (at != HL7_NONE && at > 0 && !slice_is(hl7_segment_name(m, at), "OBR"))
        at--;
    return at != HL7_NONE && at > 0 ? at : hl7_segment_find(m, SLICE("OBR"), 1);
}

static struct slice whole_field(const struct hl7_message *m, size_t segment, uint32_t field)
{
    struct slice raw;

    return hl7_get(m, segment, field, 0, 0, 0, &raw) == HL7_VALUE ? raw : (struct slice){ NULL, 0 };
}

static bool names_status(struct slice text, size_t s)
{
    return slice_is(text, STATUSES[s].code) || slice_eq_nocase(text, slice_of(STATUSES[s].word)) ||
           slice_eq_nocase(text, slice_of(STATUSES[s].mdc));
}

/* One repetition: 477432^...^MDC, or the word alone. */
static uint32_t status_bit(const struct hl7_message *m, size_t obx, uint32_t repetition)
{
    struct slice code, text;

    hl7_get(m, obx, 5, repetition, 1, 0, &code);
    hl7_get(m, obx, 5, repetition, 2, 0, &text);
    for (size_t s = 0; s < STATUS_COUNT; s++)
        if (names_status(slice_trim(code), s) || names_status(slice_trim(text), s))
            return STATUS_BIT(s);
    return 0;
}

/* CP-154. A filter that names nothing we know asks for something: all is then better than none. */
static uint32_t filter_read(const struct hl7_message *m)
{
    uint32_t wanted = 0;
    bool there = false, valued = false;

    for (size_t at = hl7_segment_next(m, SLICE("OBX"), 0); at != HL7_NONE;
         at = hl7_segment_next(m, SLICE("OBX"), at + 1)) {
        struct slice code;
        hl7_get(m, at, 3, 1, 1, 0, &code);
        if (!slice_is(slice_trim(code), FILTER_CODE))
            continue;
        uint32_t count = hl7_repetitions(m, at, 5);
        there = true;
        valued = valued || whole_field(m, at, 5).len > 0;
        for (uint32_t i = 1; i <= count; i++)
            wanted |= status_bit(m, at, i);
    }
    return !there || (valued && wanted == 0) ? STATUS_ALL : wanted;
}

static bool asked(const struct hl7_header *h)
{
    return h->application_ack.len > 0 && !slice_is(h->application_ack, "NE");
}

static struct slice delimiter_bytes(const struct hl7_message *m)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(m);
    const char bytes[] = { d->field, d->component, d->repetition, d->escape, d->subcomponent };

    return arena_copy(hl7_message_arena(m), (struct slice){ bytes, sizeof bytes });
}

void report_template_read(const struct hl7_message *m, uint32_t obx, bool when_asked,
                          struct report_template *out)
{
    struct hl7_header h;
    size_t obr = request_of(m, obx);

    hl7_header_read(m, &h);
    *out = (struct report_template){ .delimiters = delimiter_bytes(m),
                                     .sending_application = h.sending_application,
                                     .sending_facility = h.sending_facility,
                                     .receiving_application = h.receiving_application,
                                     .receiving_facility = h.receiving_facility,
                                     .control_id = h.control_id,
                                     .processing = h.processing_id,
                                     .version = h.version_field,
                                     .placer = whole_field(m, obr, 2),
                                     .filler = whole_field(m, obr, 3),
                                     .service = whole_field(m, obr, 4),
                                     .parent = whole_field(m, obr, 29),
                                     .wanted = when_asked && !asked(&h) ? 0 : filter_read(m) };
    /* What we write is UTF-8 throughout, names of staff too; the escapes stay as they came. */
    struct slice *const texts[] = { &out->sending_application,
                                    &out->sending_facility,
                                    &out->receiving_application,
                                    &out->receiving_facility,
                                    &out->control_id,
                                    &out->processing,
                                    &out->version,
                                    &out->placer,
                                    &out->filler,
                                    &out->service,
                                    &out->parent };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        *texts[i] = hl7_reading_text(hl7_message_arena(m), hl7_message_reading(m), *texts[i]);
}

/* --- the PCD-05 ------------------------------------------------------------------------------------------
 */

/* The sender's, so that its fields can be given back as they came; what it lacks is one that it does not use.
 */
static struct hl7_delimiters delimiters_of(const struct report_template *t)
{
    char d[5] = { '|', 0, 0, 0, 0 };
    static const char USUAL[] = "|^~\\&!#$%*+";

    if (t->delimiters.len == sizeof d)
        memcpy(d, t->delimiters.ptr, sizeof d);
    for (size_t i = 0; i < sizeof d; i++)
        for (size_t k = i; d[i] == 0; k++)
            if (memchr(d, USUAL[k], sizeof d) == NULL)
                d[i] = USUAL[k];
    return (struct hl7_delimiters){
        .field = d[0], .component = d[1], .repetition = d[2], .escape = d[3], .subcomponent = d[4]
    };
}

static struct slice or_else(struct slice s, const char *otherwise)
{
    return s.len > 0 ? s : slice_of(otherwise);
}

/* "A^B^C" of our own, component by component: the delimiters may be others. */
static void put_coded(struct hl7_writer *w, uint32_t field, const char *text)
{
    struct slice rest = slice_of(text);

    for (uint32_t i = 1; rest.len > 0; i++)
        hl7_write_at(w, field, 1, i, 1, slice_cut(&rest, '^'));
}

static void put_header(struct hl7_writer *w, const struct report_template *t, const struct report_content *r,
                       struct slice now)
{
    char id[REPORT_CONTROL_ID];

    hl7_write_segment(w, "MSH");
    hl7_write_raw(w, 3, or_else(t->receiving_application, OUR_NAME));
    hl7_write_raw(w, 4, t->receiving_facility);
    hl7_write_raw(w, 5, t->sending_application);
    hl7_write_raw(w, 6, t->sending_facility);
    hl7_write_field(w, 7, now);
    put_coded(w, 9, "ORA^R41^ORA_R41");
    hl7_write_field(w, 10, report_control_id(r->report, id));
    hl7_write_raw(w, 11, or_else(t->processing, "P"));
    hl7_write_raw(w, 12, or_else(t->version, OUR_VERSION));
    hl7_write_field(w, 15, SLICE("AL"));
    hl7_write_field(w, 16, SLICE("NE"));
    hl7_write_field(w, 18, SLICE(OUR_CHARSET));
    put_coded(w, 21, PROFILE);
    hl7_write_segment(w, "MSA");
    hl7_write_field(w, 1, SLICE("AA"));
    hl7_write_raw(w, 2, t->control_id);
    hl7_write_segment(w, "OBR");
    hl7_write_field(w, 1, SLICE("1"));
    hl7_write_raw(w, 2, t->placer);
    hl7_write_raw(w, 3, t->filler);
    hl7_write_raw(w, 4, t->service);
    hl7_write_raw(w, 29, t->parent);
}

static void put_id(struct hl7_writer *w, uint32_t field, uint64_t id)
{
    static const char DIGITS[] = "0123456789abcdef";
    char hex[16];

    for (size_t i = 0; i < sizeof hex; i++)
        hex[i] = DIGITS[id >> (60 - 4 * i) & 15];
    hl7_write_at(w, field, 1, 1, 1, (struct slice){ hex, sizeof hex });
    hl7_write_at(w, field, 1, 2, 1, SLICE(OUR_NAME));
}

static void put_person(struct hl7_writer *w, enum report_status status, const struct report_person *p,
                       struct slice now)
{
    hl7_write_segment(w, "PRT");
    put_id(w, 1, p->dissemination);
    hl7_write_field(w, 2, p->again ? SLICE("UP") : SLICE("AD"));
    hl7_write_at(w, 3, 1, 1, 1, slice_of(STATUSES[status].word));
    hl7_write_at(w, 3, 1, 2, 1, slice_of(STATUSES[status].word));
    hl7_write_at(w, 3, 1, 3, 1, SLICE("IHE_PCD_ACM"));
    hl7_write_at(w, 3, 1, 4, 1, slice_of(STATUSES[status].code));
    hl7_write_at(w, 3, 1, 5, 1, slice_of(STATUSES[status].mdc));
    hl7_write_at(w, 3, 1, 6, 1, SLICE("MDC"));
    put_coded(w, 4, "RO^Responsible Observer^HL70912^AAP^Alert Acknowledging Provider^IHE_PCD_ACM");
    hl7_write_at(w, 5, 1, 1, 1, p->desk ? (struct slice){ NULL, 0 } : p->holder);
    hl7_write_at(w, 5, 1, 2, 1, p->desk ? (struct slice){ NULL, 0 } : p->title);
    hl7_write_at(w, 8, 1, 1, 1, p->desk ? p->title : (struct slice){ NULL, 0 });
    hl7_write_at(w, 8, 1, 10, 1, p->desk ? p->holder : (struct slice){ NULL, 0 });
    if (p->device != 0)
        put_id(w, 10, p->device);
    hl7_write_field(w, 11, now);
    if (p->address.len > 0) {
        hl7_write_at(w, 15, 1, 4, 1, p->endpoint);
        hl7_write_at(w, 15, 1, 12, 1, p->address);
    }
}

bool report_write_status(struct buf *out, const struct report_template *t, const struct report_content *r)
{
    struct hl7_delimiters d = delimiters_of(t);
    struct hl7_writer w = hl7_writer_make(out, &d);
    struct buf now = buf_make(64);

    hl7_dtm_put(&now, r->wall_us);
    put_header(&w, t, r, buf_slice(&now));
    for (size_t i = 0; i < r->person_count; i++)
        put_person(&w, r->status, &r->people[i], buf_slice(&now));
    buf_free(&now);
    return hl7_write_end(&w) && !out->failed;
}
