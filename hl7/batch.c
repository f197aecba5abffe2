#include "hl7/batch.h"

/* The name, and then something that cannot belong to a longer word. */
static bool line_begins(struct slice line, const char *name)
{
    char next = line.len > 3 ? line.ptr[3] : '\r';
    bool word = (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') || (next >= '0' && next <= '9');

    return slice_starts(line, slice_of(name)) && !word;
}

static bool is_batch_segment(struct slice line)
{
    return line_begins(line, "FHS") || line_begins(line, "BHS") || line_begins(line, "BTS") ||
           line_begins(line, "FTS");
}

/* The start of the next line at or after `from` that begins a message (or, with `any`, a batch segment
 * as well); s.len when there is none. */
static size_t line_find(struct slice s, size_t from, bool any)
{
    for (size_t at = from; at < s.len; at++) {
        if (at > 0 && s.ptr[at - 1] != '\r' && s.ptr[at - 1] != '\n')
            continue;
        struct slice line = slice_sub(s, at, SIZE_MAX);
        if (line_begins(line, "MSH") || (any && is_batch_segment(line)))
            return at;
    }
    return s.len;
}

bool hl7_batch_next(struct slice *rest, struct slice *message)
{
    if (slice_starts(*rest, SLICE("\xEF\xBB\xBF")))
        *rest = slice_sub(*rest, 3, SIZE_MAX);
    size_t start = line_find(*rest, 0, false);
    if (start == rest->len) {
        *rest = slice_sub(*rest, rest->len, 0);
        return false;
    }
    size_t end = line_find(*rest, start + 1, true);
    *message = slice_sub(*rest, start, end - start);
    *rest = slice_sub(*rest, end, SIZE_MAX);
    return true;
}
