/* Drills: a real send of a real rule that nobody can take for a real alarm, and that touches no real one. */
#include "router/state.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <stddef.h>
#include <string.h>

#define MARK "DRILL "

bool alert_is_drill(const struct alert *a)
{
    return slice_starts(a->identity, SLICE(EVENT_OWN_LISTENER "|" EVENT_DRILL "|"));
}

const struct rule *drill_rule(const struct core *c, const struct event *e)
{
    struct slice rest = e->identity;

    slice_cut(&rest, '|');
    slice_cut(&rest, '|');
    const struct rule *r = ruleset_rule(c->site->rules, slice_cut(&rest, '|'));
    return r != NULL && rule_may_drill(r) ? r : NULL;
}

/* The mark before a text, at most `width` characters of both. */
static struct slice marked(struct core *c, struct slice text, size_t width)
{
    size_t keep = text.len;

    while (keep > 0 && sizeof MARK - 1 + utf8_count(slice_sub(text, 0, keep)) > width) {
        keep--;
        while (keep > 0 && ((unsigned char)text.ptr[keep] & 0xC0) == 0x80)
            keep--;
    }
    return arena_printf(c->scratch, MARK "%.*s", (int)keep, text.ptr != NULL ? text.ptr : "");
}

const struct plan *drill_plan(struct core *c, const struct plan *p)
{
    struct plan *out = arena_alloc(c->scratch, sizeof *out);
    struct plan_message *list = arena_array(c->scratch, p->message_count + 1, sizeof *list);

    *out = *p;
    out->title = marked(c, p->title, LIMIT_FULL_CHARS);
    out->hold_us = 0;
    out->clauses = (struct plan_clauses){ .dedupe_us = 0 };
    for (size_t i = 0; i < p->message_count; i++) {
        list[i] = p->messages[i];
        list[i].lock = marked(c, list[i].lock, LIMIT_LOCK_CHARS);
        list[i].full = marked(c, list[i].full, LIMIT_FULL_CHARS);
        list[i].lock_template = marked(c, list[i].lock_template, SIZE_MAX);
        list[i].full_template = marked(c, list[i].full_template, SIZE_MAX);
    }
    out->messages = list;
    return out;
}

/* Records of an alert begin with its id, but for those of a device or gateway, which do as well. */
bool record_of_drill(const struct core *c, const struct record *r)
{
    const struct layout *l = record_layout(r->type);
    uint64_t id;

    if (l->count == 0 || strcmp(l->members[0].name, "alert") != 0)
        return false;
    memcpy(&id, (const char *)&r->as + l->members[0].offset, sizeof id);
    const struct alert *a = core_alert(c, id);
    return a != NULL && alert_is_drill(a);
}
