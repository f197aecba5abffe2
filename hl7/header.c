#include "hl7/ack_parts.h"
#include "hl7/delimiters.h"
#include "hl7/line.h"

/* What MSH holds before its third field. */
enum { FIRST_READ = 3, LAST_READ = 21, ESC = 0x1B };

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

/* Can a character of several bytes hide what looks like a separator? */
static bool has_wide(struct slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] >= 0x80 || line.ptr[i] == ESC)
            return true;
    return false;
}

/* The same where MSH-18 decides what is a separator (GB 18030, BIG-5, ISO 2022): as the message is read. */
static void fields_get(const struct hl7_message *m, struct slice out[LAST_READ + 1])
{
    for (uint32_t i = FIRST_READ; i <= LAST_READ; i++)
        if (hl7_get(m, 0, i, 0, 0, 0, &out[i]) != HL7_VALUE)
            out[i].len = 0;
}

/* `m`: the message when it was parsed, else NULL; then `line` is MSH with its end, by which LF are judged. */
static void fields_find(struct slice msh, struct slice line, const struct hl7_message *m, char field,
                        struct slice out[LAST_READ + 1])
{
    bool wide = has_wide(msh);
    struct arena *arena = wide && m == NULL ? arena_new() : NULL;

    if (arena != NULL)
        m = hl7_message_parse(arena, line, NULL);
    if (wide && m != NULL && hl7_segment_raw(m, 0).len == msh.len) /* where no LF in it ended a line */
        fields_get(m, out);                                        /* parts of `msh`, whatever becomes of m */
    else
        fields_split(msh, field, out);
    arena_free(&arena);
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

/* MSH-2 cannot be read, but fields are cut by the usual separator: enough to say which message is refused. */
static bool is_usual_with_other_encoding(struct slice msh)
{
    return slice_starts(msh, SLICE("MSH|")) && msh.len > 4 && msh.ptr[4] != '|';
}

static bool header_fill(struct slice msh, struct slice line, const struct hl7_message *m,
                        struct hl7_header *out)
{
    struct hl7_delimiters d;
    struct slice f[LAST_READ + 1] = { { NULL, 0 } };
    struct slice rest = msh;
    bool right = hl7_delimiters_read(msh, "MSH-2", &d, NULL);

    if (!right && !is_usual_with_other_encoding(msh))
        return false;
    if (!right)
        d = hl7_delimiters_usual();
    fields_find(msh, line, m, d.field, f);
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
    /* As hl7/delimiters: a LF ends it as well. */
    out->encoding = right ? slice_sub(rest, 0, slice_find(rest, '\n')) : SLICE("^~\\&");
    type_split(f[9], &d, out);
    return true;
}

void hl7_header_read(const struct hl7_message *m, struct hl7_header *out)
{
    *out = (struct hl7_header){ 0 };
    header_fill(hl7_segment_raw(m, 0), SLICE(""), m, out);
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

/* And without line ends behind: they are of no line. */
struct slice hl7_lines_strip(struct slice wire)
{
    return hl7_back_strip(hl7_front_strip(wire));
}

/* By the rule of hl7/message. Of a single line the first end behind it says. */
bool hl7_line_is_cr(struct slice wire)
{
    size_t inside = hl7_lines_strip(wire).len, end = 0;

    wire = hl7_front_strip(wire);
    while (end < wire.len && !hl7_is_end(wire.ptr[end]))
        end++;
    if (end >= inside)
        return end < wire.len && wire.ptr[end] == '\r';
    return hl7_lf_is_data(wire, end, wire.len > 3 ? wire.ptr[3] : 0);
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
    size_t all = wire.len;
    struct slice line = hl7_line_cut(&wire, cr_only), ended = line;
    ended.len += line.len < all;
    if (!slice_starts(line, SLICE("MSH")) || !header_fill(line, ended, NULL, out))
        return false;
    for (bool second = true; wire.len > 0 && !out->is_answer;) {
        line = hl7_line_cut(&wire, cr_only);
        char next = line.len > 3 ? line.ptr[3] : out->delimiters.field;
        /* The parser takes the line behind MSH for a segment in any case, and a LF ends its name. */
        out->is_answer =
            slice_starts(line, SLICE("MSA")) && (next == out->delimiters.field || (second && next == '\n'));
        second = second && line.len == 0;
    }
    return true;
}
