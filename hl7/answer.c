#include "hl7/ack_parts.h"
#include "hl7/names.h"

#include <stdio.h>

static struct slice field_next(struct slice *rest, char separator)
{
    return slice_cut(rest, separator);
}

static uint32_t number_of(struct slice s)
{
    uint32_t n = 0;

    slice_to_u32(slice_trim(s), &n);
    return n;
}

/* "OBX[3]-5.1" of segment^occurrence^field[^repetition^component]; nothing of it when it is no place. */
static void place_write(struct slice parts[5], char out[HL7_ANSWER_WHERE])
{
    uint32_t n[5] = { 0 };
    int len;

    out[0] = 0;
    if (!hl7_segment_named(parts[0]))
        return;
    for (int i = 1; i < 5; i++)
        n[i] = number_of(parts[i]);
    len = snprintf(out, HL7_ANSWER_WHERE, "%.3s", parts[0].ptr);
    if (n[1] > 1)
        len += snprintf(out + len, HL7_ANSWER_WHERE - (size_t)len, "[%u]", n[1]);
    if (n[2] > 0)
        len += snprintf(out + len, HL7_ANSWER_WHERE - (size_t)len, "-%u", n[2]);
    if (n[2] > 0 && n[3] > 1)
        len += snprintf(out + len, HL7_ANSWER_WHERE - (size_t)len, "[%u]", n[3]);
    if (n[2] > 0 && n[4] > 0)
        snprintf(out + len, HL7_ANSWER_WHERE - (size_t)len, ".%u", n[4]);
}

static struct slice first_of(struct slice field, char repetition)
{
    return repetition != 0 ? slice_cut(&field, repetition) : field;
}

/* ERR-2 and ERR-3 where they are valued, else ERR-1 of 2.4 and before. */
static void err_read(struct slice line, const struct hl7_delimiters *d, struct hl7_answer *out)
{
    struct slice rest = line, f[4], parts[5] = { { NULL, 0 } };

    for (int i = 0; i < 4; i++)
        f[i] = first_of(field_next(&rest, d->field), d->repetition);
    bool old = f[2].len == 0 && f[3].len == 0;
    struct slice location = old ? f[1] : f[2], code = f[3];
    for (int i = 0; i < 5; i++)
        parts[i] = slice_cut(&location, d->component);
    if (old) { /* the fourth component is the code, with its text as sub-components */
        code = parts[3];
        parts[3] = parts[4] = (struct slice){ NULL, 0 };
    }
    struct slice number = slice_cut(&code, d->component);
    if (d->subcomponent != 0)
        number = slice_cut(&number, d->subcomponent);
    out->err_0357 = number_of(number);
    place_write(parts, out->where);
}

bool hl7_answer_read(struct slice wire, struct hl7_answer *out)
{
    struct hl7_header h;
    bool cr_only = hl7_line_is_cr(wire), has_err = false, has_msa = false;

    *out = (struct hl7_answer){ .where = "" };
    if (!hl7_header_scan(wire, &h) || !h.is_answer)
        return false;
    char field = h.delimiters.field;
    wire = hl7_lines_strip(wire);
    while (wire.len > 0) {
        struct slice line = hl7_line_cut(&wire, cr_only);
        if (line.len < 4 || line.ptr[3] != field)
            continue;
        if (!has_msa && slice_starts(line, SLICE("MSA"))) {
            field_next(&line, field);
            out->code = slice_trim(field_next(&line, field));
            out->control_id = field_next(&line, field);
            has_msa = true;
        } else if (!has_err && slice_starts(line, SLICE("ERR"))) {
            err_read(line, &h.delimiters, out);
            has_err = true;
        }
    }
    return has_msa;
}
