/* Any bytes: their acknowledgement is two or three segments (an MFK has its rows more) that read back with
 * the same code and MSA-2, whatever the bytes hold; the header found without parsing is the parser's. */
#include "hl7/ack.h"
#include "hl7/mllp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fine)
{
    if (!fine)
        abort();
}

static size_t lines_of(struct slice s)
{
    size_t lines = 0;

    for (size_t i = 0; i < s.len; i++)
        lines += s.ptr[i] == '\r';
    return lines;
}

static bool is_word(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* With letters or digits as delimiters nobody can say AA. */
static bool is_sane(const struct hl7_delimiters *d)
{
    return !is_word(d->field) && !is_word(d->component) && !is_word(d->repetition) && !is_word(d->escape) &&
           !is_word(d->subcomponent) && !is_word(d->truncation);
}

static bool same_id(struct slice sent, struct slice back)
{
    if (sent.len != back.len)
        return false;
    for (size_t i = 0; i < sent.len; i++)
        if (back.ptr[i] != sent.ptr[i] && back.ptr[i] != ' ')
            return false;
    return true;
}

static void one_code(struct slice wire, const struct hl7_header *h, const char *code, const struct error *err)
{
    struct buf out = buf_make(1 << 26), kept = buf_make(1 << 24), framed = buf_make(1 << 26);
    struct hl7_answer a;

    hl7_master_keep(&kept, wire);
    hl7_ack_put(&out, &(struct hl7_ack_request){ .header = h,
                                                 .code = code,
                                                 .control_id = SLICE("N1"),
                                                 .err = err,
                                                 .kept = buf_slice(&kept),
                                                 .accept_ack = code[0] == 'A' ? "AL" : NULL });
    require(!out.failed && mllp_wrap(&framed, buf_slice(&out)));
    bool master = h != NULL && hl7_ack_is_master(h, code);
    require(master || lines_of(buf_slice(&out)) == (err != NULL ? 3u : 2u));
    if (h == NULL || is_sane(&h->delimiters)) {
        require(hl7_answer_read(buf_slice(&out), &a));
        require(slice_is(a.code, code));
        struct slice sent = h != NULL ? h->control_id : SLICE("");
        bool hidden = h != NULL && slice_find(sent, h->delimiters.field) < sent.len; /* in a wide character */
        require(hidden || same_id(sent, a.control_id));
        require(a.err_0357 == (err != NULL ? hl7_error_code(err) : 0));
    }
    buf_free(&out);
    buf_free(&kept);
    buf_free(&framed);
}

/* Characters of several bytes, which a guess at the character set may read in two ways. */
static bool is_wide(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] >= 0x80 || line.ptr[i] == 0x1B)
            return true;
    return false;
}

static void same_header(struct slice wire, const struct hl7_header *scanned)
{
    struct arena *arena = arena_new();
    struct hl7_message *m = hl7_message_parse(arena, wire, NULL);
    struct hl7_header read;

    if (m != NULL) {
        hl7_header_read(m, &read);
        require(slice_eq(read.control_id, scanned->control_id) && slice_eq(read.type, scanned->type));
        require(slice_eq(read.version, scanned->version) && slice_eq(read.charset, scanned->charset));
        require(read.is_answer == scanned->is_answer);
        require(hl7_ack_mode(&read) == hl7_ack_mode(scanned));
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice wire = { (const char *)data, size };
    struct error err = { .code = ERROR_NONE };
    struct hl7_header h;
    struct hl7_answer a;

    error_at(&err, ERROR_VALUE, "MFE[2]-4.1", "is |not^ known\r");
    bool known = hl7_header_scan(wire, &h);
    one_code(wire, known ? &h : NULL, "AA", NULL);
    one_code(wire, known ? &h : NULL, "AE", &err);
    one_code(wire, known ? &h : NULL, "CR", &err);
    if (known && is_sane(&h.delimiters) && !is_wide(hl7_header_line(wire)))
        same_header(wire, &h);
    hl7_answer_read(wire, &a);
    struct buf out = buf_make(1 << 24);
    hl7_ack_batch_begin(&out, "BHS", wire, SLICE("N1"), 0);
    hl7_ack_batch_end(&out, "BTS", wire, size);
    require(!out.failed && lines_of(buf_slice(&out)) == 2);
    buf_free(&out);
    return 0;
}
