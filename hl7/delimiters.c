#include "hl7/delimiters.h"

#include <string.h>

enum { NAME = 3, ROLES = 5 };

struct hl7_delimiters hl7_delimiters_usual(void)
{
    return (struct hl7_delimiters){ '|', '^', '~', '\\', '&', 0 };
}

static bool is_visible(char c)
{
    return c > ' ' && c < 0x7F;
}

/* MSH-2: what stands between the first field separator and the next one or the line's end. */
static struct slice encoding_of(struct slice header, char field)
{
    struct slice rest = slice_sub(header, NAME + 1, SIZE_MAX);
    size_t end = 0;

    while (end < rest.len && rest.ptr[end] != field && rest.ptr[end] != '\r' && rest.ptr[end] != '\n')
        end++;
    return slice_sub(rest, 0, end);
}

/* Takes one encoding character from *rest; 0 for U+FFFD, which stands for a lost one. */
static bool encoding_take(struct slice *rest, char *out)
{
    if (slice_starts(*rest, SLICE("\xEF\xBF\xBD"))) {
        *out = 0;
        *rest = slice_sub(*rest, 3, SIZE_MAX);
        return true;
    }
    *out = rest->ptr[0];
    *rest = slice_sub(*rest, 1, SIZE_MAX);
    return is_visible(*out);
}

static bool is_distinct(const char chars[ROLES + 1])
{
    for (int i = 0; i <= ROLES; i++)
        for (int j = 0; j < i; j++)
            if (chars[i] != 0 && chars[i] == chars[j])
                return false;
    return true;
}

bool hl7_delimiters_read(struct slice header, const char *where, struct hl7_delimiters *out,
                         struct error *err)
{
    char chars[ROLES + 1] = { 0 }; /* the field separator, then the roles in order */
    struct slice rest;

    if (slice_starts(slice_sub(header, NAME, SIZE_MAX), SLICE("|^~\\&|"))) { /* what almost everybody sends */
        *out = hl7_delimiters_usual();
        return true;
    }
    if (header.len <= NAME || !is_visible(header.ptr[NAME]))
        return error_at(err, ERROR_SYNTAX, where, "no field separator after the segment name");
    chars[0] = header.ptr[NAME];
    rest = encoding_of(header, chars[0]);
    if (rest.len == 0)
        return error_at(err, ERROR_SYNTAX, where, "no encoding characters");
    for (int role = 1; rest.len > 0; role++) {
        if (role > ROLES)
            return error_at(err, ERROR_SYNTAX, where, "more than five encoding characters");
        if (!encoding_take(&rest, &chars[role]))
            return error_at(err, ERROR_SYNTAX, where, "an encoding character that cannot be printed");
    }
    if (chars[1] == 0)
        return error_at(err, ERROR_SYNTAX, where, "no component separator");
    if (!is_distinct(chars))
        return error_at(err, ERROR_SYNTAX, where, "a delimiter stands twice");
    *out = (struct hl7_delimiters){ chars[0], chars[1], chars[2], chars[3], chars[4], chars[5] };
    return true;
}
