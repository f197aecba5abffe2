#include "nightbell/json_text.h"

#include <stdio.h>

json_t *json_of_slice(struct slice s)
{
    json_t *j = json_stringn(s.ptr != NULL ? s.ptr : "", s.len);

    return j != NULL ? j : json_string("");
}

json_t *json_of_id(uint64_t id)
{
    char digits[17];

    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)id);
    return json_string(digits);
}

struct slice json_member(const json_t *o, const char *name)
{
    const json_t *s = json_object_get(o, name);

    return json_is_string(s) ? (struct slice){ json_string_value(s), json_string_length(s) } : SLICE("");
}
