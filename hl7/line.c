#include "hl7/line.h"

struct slice hl7_front_strip(struct slice wire)
{
    if (wire.len > 0 && wire.ptr[0] == 'M')
        return wire;
    if (slice_starts(wire, SLICE("\xEF\xBB\xBF")))
        wire = slice_sub(wire, 3, SIZE_MAX);
    while (wire.len > 0 && hl7_is_end(wire.ptr[0]))
        wire = slice_sub(wire, 1, SIZE_MAX);
    return wire;
}

static bool is_litter(char c)
{
    return c == ' ' || c == '\t' || c == '\0' || c == 0x1A || c == 0x1C;
}

struct slice hl7_back_strip(struct slice wire)
{
    for (;;) {
        while (wire.len > 0 && hl7_is_end(wire.ptr[wire.len - 1]))
            wire.len--;
        size_t text = wire.len;
        while (text > 0 && is_litter(wire.ptr[text - 1]))
            text--;
        if (text == wire.len || text == 0 || !hl7_is_end(wire.ptr[text - 1]))
            return wire;
        wire.len = text;
    }
}

bool hl7_lf_is_data(struct slice wire, size_t first_end, char field)
{
    if (wire.ptr[first_end] == '\r')
        return true;
    if (slice_find(wire, '\r') == wire.len)
        return false;
    size_t next = first_end, end;
    while (next < wire.len && hl7_is_end(wire.ptr[next]))
        next++;
    for (end = next; end < wire.len && end < next + 4 && !hl7_is_end(wire.ptr[end]);)
        end++;
    return !hl7_line_is_segment(slice_sub(wire, next, end - next), field);
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool hl7_line_is_small_segment(struct slice line, char field)
{
    char name[3];

    if (line.len < 4 || line.ptr[3] != field)
        return false;
    for (int i = 0; i < 3; i++)
        name[i] = upper(line.ptr[i]);
    struct slice capitals = { name, 3 };
    return hl7_segment_named(capitals) && (name[0] == 'Z' || hl7_segment_size(capitals) > 0);
}
