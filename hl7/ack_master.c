#include "hl7/ack_parts.h"
#include "hl7/dtm.h"
#include "hl7/line.h"

enum { NAME = 3 };

bool hl7_ack_is_master(const struct hl7_header *h, const char *code)
{
    return code[0] == 'A' && slice_is(h->type, "MFN");
}

static bool line_is(struct slice line, const char *name)
{
    return slice_is(slice_sub(line, 0, NAME), name);
}

void hl7_master_keep(struct buf *out, struct slice message)
{
    bool cr_only = hl7_line_is_cr(message);
    char field = '|';

    message = hl7_lines_strip(message);
    while (message.len > 0) {
        struct slice line = hl7_line_cut(&message, cr_only);
        if (line_is(line, "MSH") && line.len > NAME)
            field = line.ptr[NAME];
        if (!hl7_line_is_segment(line, field))
            continue;
        bool whole = line_is(line, "MSH") || line_is(line, "MFI") || line_is(line, "MFE");
        buf_put(out, whole ? line : slice_sub(line, 0, NAME));
        buf_text(out, "\r");
    }
}

/* The first MFI; empty when there is none. */
static struct slice file_line(struct slice kept)
{
    bool cr_only = hl7_line_is_cr(kept);

    while (kept.len > 0) {
        struct slice line = hl7_line_cut(&kept, cr_only);
        if (line_is(line, "MFI"))
            return line;
    }
    return (struct slice){ NULL, 0 };
}

bool hl7_master_holds(struct slice kept)
{
    return file_line(kept).len > 0;
}

static struct slice field_of(struct slice line, char separator, unsigned n)
{
    for (; n > 0; n--)
        slice_cut(&line, separator);
    return slice_cut(&line, separator);
}

/* Which record (1: the first) the error's place belongs to: the MFE at or before it. 0: none. */
static uint32_t record_at_fault(struct slice kept, const struct error *err)
{
    struct ack_place p = ack_place_read(err != NULL ? err->where : "");
    uint32_t wanted = p.occurrence > 0 ? p.occurrence : 1, seen = 0, record = 0;
    bool cr_only = hl7_line_is_cr(kept);

    while (p.segment.len > 0 && kept.len > 0) {
        struct slice line = hl7_line_cut(&kept, cr_only);
        record += line_is(line, "MFE");
        if (slice_eq(slice_sub(line, 0, NAME), p.segment) && ++seen == wanted)
            return record;
    }
    return 0;
}

/* MFA-4 (table 0181); the record at fault says why, by table 0357. */
static void put_return(struct ack *a, bool accepted, const struct error *err)
{
    ack_words(a, accepted ? "S" : "U");
    ack_char(a, a->d.component);
    ack_words(a, accepted ? "Successful" : "Unsuccessful");
    ack_char(a, a->d.component);
    ack_words(a, "HL70181");
    if (err == NULL)
        return;
    uint32_t code = hl7_error_code(err);
    ack_char(a, a->d.component);
    buf_printf(a->out, "%u", code);
    ack_char(a, a->d.component);
    ack_text(a, hl7_error_text(code));
    ack_char(a, a->d.component);
    ack_words(a, "HL70357");
}

static void put_row(struct ack *a, struct slice mfe, int64_t wall_us, bool accepted, const struct error *err)
{
    char f = a->d.field;
    struct slice type = field_of(mfe, f, 5);

    ack_words(a, "MFA");
    ack_fields(a, 1);
    ack_echo(a, field_of(mfe, f, 1));
    ack_fields(a, 1);
    ack_echo(a, field_of(mfe, f, 2));
    ack_fields(a, 1);
    hl7_dtm_put(a->out, wall_us);
    ack_fields(a, 1);
    put_return(a, accepted, err);
    ack_fields(a, 1);
    ack_echo(a, field_of(mfe, f, 4));
    if (type.len > 0) {
        ack_fields(a, 1);
        ack_echo(a, type);
    }
    ack_words(a, "\r");
}

/* MFI-6 (table 0179): which rows the sender wants; an unknown word is AL. */
static bool rows_wanted(struct slice level, bool accepted)
{
    level = slice_trim(level);
    if (slice_is(level, "NE"))
        return false;
    if (slice_is(level, "ER"))
        return !accepted;
    return !slice_is(level, "SU") || accepted;
}

void ack_master_rows(struct ack *a, struct slice kept, int64_t wall_us, bool accepted,
                     const struct error *err)
{
    struct slice mfi = file_line(kept), rest = kept;
    uint32_t bad = accepted ? 0 : record_at_fault(kept, err), record = 0;
    bool cr_only = hl7_line_is_cr(kept), wanted = rows_wanted(field_of(mfi, a->d.field, 6), accepted);

    ack_echo(a, mfi);
    ack_words(a, "\r");
    while (wanted && rest.len > 0) {
        struct slice line = hl7_line_cut(&rest, cr_only);
        if (line_is(line, "MFE"))
            put_row(a, line, wall_us, accepted, ++record == bad ? err : NULL);
    }
}
