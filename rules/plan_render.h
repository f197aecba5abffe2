/* rules/plan_render.h - the parts of a message text: literals and {field|text}; shared with rules/check. */
#ifndef NIGHTBELL_RULES_PLAN_RENDER_H
#define NIGHTBELL_RULES_PLAN_RENDER_H

#include "base/slice.h"

struct template_part {
    const char *at; /* where it begins */
    size_t length;  /* of a field with its braces */
    bool is_field;
    struct slice literal;
    struct slice field, otherwise;
    bool has_otherwise; /* {field|text}: `otherwise` stands for an absent field, and may be empty */
};

/* The next part of *rest, which moves past it; false at the end. */
bool template_next(struct slice *rest, struct template_part *out);

#endif
