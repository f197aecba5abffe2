#include "hl7/ack_parts.h"
#include "hl7/delimiters.h"

/* What MSH holds before its third field. */
enum { FIRST_READ = 3, LAST_READ = 21 };

/* Fields 3 to 21 of the MSH segment, whole; "" counts as empty. */
static void fields_split(struct slice msh, char field, struct slice out[LAST_READ + 1])
{
    slice_cut(&msh, field); /* MSH */
    slice_cut(&msh, field); /* MSH-2 */
    for (int i = FIRST_READ; i <= LAST_READ; i++) {
        out[i] = slice_cut(&msh, field);
        if (slice_is(out[i], "\"\""))
            out[i].len = 0;
    }
}

static struct slice component_cut(struct slice *rest, const struct hl7_delimiters *d)
{
    return d->component != 0 ? slice_cut(rest, d->component) : *rest;
}

static struct slice first_component(struct slice field, const struct hl7_delimiters *d)
{
    struct slice first = d->repetition != 0 ? slice_cut(&field, d->repetition) : field;

    return component_cut(&first, d);
}

static void type_split(struct slice field, const struct hl7_delimiters *d, struct hl7_header *out)
{
    struct slice rest = d->repetition != 0 ? slice_cut(&field, d->repetition) : field;

    out->type = component_cut(&rest, d);
    out->event = component_cut(&rest, d);
    out->structure = component_cut(&rest, d);
}

static bool header_fill(struct slice msh, struct hl7_header *out)
{
    struct hl7_delimiters d;
    struct slice f[LAST_READ + 1] = { { NULL, 0 } };
    struct slice rest = msh;

    if (!hl7_delimiters_read(msh, "MSH-2", &d, NULL))
        return false;
    fields_split(msh, d.field, f);
    *out = (struct hl7_header){
        .delimiters = d,
        .sending_application = f[3],
        .sending_facility = f[4],
        .receiving_application = f[5],
        .receiving_facility = f[6],
        .time = first_component(f[7], &d),
        .control_id = f[10],
        .processing_id = first_component(f[11], &d),
        .processing_field = f[11],
        .version = first_component(f[12], &d),
        .version_field = f[12],
        .sequence = f[13],
        .continuation = f[14],
        .accept_ack = slice_trim(f[15]),
        .application_ack = slice_trim(f[16]),
        .charset = f[18],
        .profile = f[21],
    };
    slice_cut(&rest, d.field);
    rest = slice_cut(&rest, d.field);
    out->encoding = slice_sub(rest, 0, slice_find(rest, '\n')); /* as hl7/delimiters: a LF ends it as well */
    type_split(f[9], &d, out);
    return true;
}

void hl7_header_read(const struct hl7_message *m, struct hl7_header *out)
{
    *out = (struct hl7_header){ 0 };
    header_fill(hl7_segment_raw(m, 0), out);
    out->is_answer = hl7_segment_next(m, SLICE("MSA"), 0) != HL7_NONE;
}

struct slice hl7_line_cut(struct slice *rest, bool cr_only)
{
    size_t end = 0;

    while (end < rest->len && rest->ptr[end] != '\r' && (cr_only || rest->ptr[end] != '\n'))
        end++;
    struct slice line = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end + 1, SIZE_MAX);
    while (cr_only && rest->len > 0 && rest->ptr[0] == '\n') /* CR LF */
        *rest = slice_sub(*rest, 1, SIZE_MAX);
    return line;
}

static bool is_end(char c)
{
    return c == '\r' || c == '\n';
}

/* Without byte order mark and blank lines before. */
static struct slice front_strip(struct slice wire)
{
    if (slice_starts(wire, SLICE("\xEF\xBB\xBF")))
        wire = slice_sub(wire, 3, SIZE_MAX);
    while (wire.len > 0 && is_end(wire.ptr[0]))
        wire = slice_sub(wire, 1, SIZE_MAX);
    return wire;
}

/* And without line ends behind: they are of no line. */
struct slice hl7_lines_strip(struct slice wire)
{
    wire = front_strip(wire);
    while (wire.len > 0 && is_end(wire.ptr[wire.len - 1]))
        wire.len--;
    return wire;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_alnum(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

/* "OBX|...", or three capitals alone on a line. */
static bool segment_begins(struct slice s, char field)
{
    if (s.len < 3 || !is_letter(s.ptr[0]) || !is_alnum(s.ptr[1]) || !is_alnum(s.ptr[2]))
        return false;
    return s.len == 3 || is_end(s.ptr[3]) ? is_upper(s.ptr[0]) : s.ptr[3] == field;
}

/* hl7/message reads by the same rule: after CR a LF is data, unless the first LF comes before every CR and a
 * segment follows it. Of a single line the first end behind it says. */
bool hl7_line_is_cr(struct slice wire)
{
    struct slice bare = hl7_lines_strip(wire);

    wire = front_strip(wire);
    size_t lf = slice_find(bare, '\n'), cr = slice_find(wire, '\r');
    if (cr == wire.len || cr < lf)
        return cr < wire.len;
    if (lf == bare.len)
        return wire.ptr[bare.len] == '\r';
    size_t next = lf;
    while (next < wire.len && is_end(wire.ptr[next]))
        next++;
    return !segment_begins(slice_sub(wire, next, SIZE_MAX), wire.len > 3 ? wire.ptr[3] : 0);
}

struct slice hl7_header_line(struct slice wire)
{
    bool cr_only = hl7_line_is_cr(wire);

    wire = hl7_lines_strip(wire);
    return hl7_line_cut(&wire, cr_only);
}

bool hl7_header_scan(struct slice wire, struct hl7_header *out)
{
    bool cr_only = hl7_line_is_cr(wire);

    *out = (struct hl7_header){ 0 };
    wire = hl7_lines_strip(wire);
    struct slice line = hl7_line_cut(&wire, cr_only);
    if (!slice_starts(line, SLICE("MSH")) || !header_fill(line, out))
        return false;
    while (wire.len > 0 && !out->is_answer) {
        line = hl7_line_cut(&wire, cr_only);
        out->is_answer =
            slice_starts(line, SLICE("MSA")) && (line.len == 3 || line.ptr[3] == out->delimiters.field);
    }
    return true;
}
