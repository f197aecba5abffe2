#include "router/answer.h"

#define X(id, name) name,
static const char *const NAMES[] = { ANSWER_KINDS(X) };
#undef X

const char *answer_kind_name(enum answer_kind k)
{
    return k < ANSWER_KIND_COUNT ? NAMES[k] : "?";
}

bool answer_kind_find(struct slice name, enum answer_kind *out)
{
    for (unsigned i = 0; i < ANSWER_KIND_COUNT; i++)
        if (slice_is(name, NAMES[i])) {
            *out = (enum answer_kind)i;
            return true;
        }
    return false;
}
