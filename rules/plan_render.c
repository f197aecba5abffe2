/* rules/plan_render.c - "{code} {unit|?}-{bed|?}" for one event. The checker has seen the template. */
#include "rules/plan_render.h"
#include "events/schema.h"
#include "rules/ruleset.h"

bool template_next(struct slice *rest, struct template_part *out)
{
    if (rest->len == 0)
        return false;
    *out = (struct template_part){ .at = rest->ptr };
    size_t open = slice_find(*rest, '{');
    if (open > 0) {
        out->literal = slice_sub(*rest, 0, open);
        *rest = slice_sub(*rest, open, rest->len);
        return true;
    }
    size_t close = slice_find(*rest, '}');
    out->is_field = close < rest->len;
    if (!out->is_field) { /* an open brace without its end is text */
        out->literal = *rest;
        *rest = slice_sub(*rest, rest->len, 0);
        return true;
    }
    struct slice inside = slice_sub(*rest, 1, close - 1);
    size_t bar = slice_find(inside, '|');
    out->field = slice_sub(inside, 0, bar);
    out->has_otherwise = bar < inside.len;
    out->otherwise = slice_sub(inside, bar + 1, inside.len);
    out->length = close + 1;
    *rest = slice_sub(*rest, close + 1, rest->len);
    return true;
}

void plan_render_in(struct buf *out, struct slice text_template, const struct event *e, const struct tz *zone)
{
    struct template_part part;

    while (template_next(&text_template, &part)) {
        size_t id;
        if (!part.is_field)
            buf_put(out, part.literal);
        else if (!schema_find(part.field, &id) || !event_field_text_in(e, id, zone, out))
            buf_put(out, part.has_otherwise ? part.otherwise : SLICE("?"));
    }
}

void plan_render(struct buf *out, struct slice text_template, const struct event *e)
{
    plan_render_in(out, text_template, e, NULL);
}
