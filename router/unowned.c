/* What no rule wanted: listed by kind, class, code, listener and unit, and found again for who writes the
 * rule. */
#include "router/state.h"

/* The three texts that make a row one and the same. */
static struct list_row row_of(struct arena *a, const struct event *e)
{
    struct slice code = e->code.len > 0 ? e->code
                        : e->raw_code.len > 0
                            ? arena_printf(a, "%.*s:%.*s", SLICE_ARG(e->system), SLICE_ARG(e->raw_code))
                            : e->raw_text;
    struct slice where =
        slice_trim(arena_printf(a, "%.*s %.*s", SLICE_ARG(e->listener), SLICE_ARG(e->place.unit)));

    return (struct list_row){ .what = arena_printf(a, "%s %s", event_kind_name(e->kind),
                                                   event_class_name(e->class)),
                              .key = slice_sub(code, 0, LISTED_KEY_MAX),
                              .where = where,
                              .count = 1 };
}

void unowned_list(struct core *c, const struct record *r, const struct event *e)
{
    struct list_row row = row_of(c->scratch, e);

    row.position = r->as.decision.position;
    row.at_us = r->wall_us;
    lists_add(&c->lists, LIST_UNOWNED, &row, false);
}

bool core_unowned_event(const struct listed *row, struct slice records, struct arena *a, struct event *out)
{
    struct reader in = reader_make(records);
    struct record r;

    while (in.len > 0 && record_read(&in, &r, NULL)) {
        bool opens = r.type == RECORD_ALERT_OPEN && r.as.alert_open.position == row->position;
        bool ignored = r.type == RECORD_DECISION && r.as.decision.position == row->position &&
                       r.as.decision.event.len > 0;
        struct reader event = reader_make(opens ? r.as.alert_open.event : r.as.decision.event);
        if ((!opens && !ignored) || !event_read(&event, out))
            continue;
        struct list_row found = row_of(a, out);
        if (slice_eq(found.what, row->what) && slice_eq(found.key, row->key) &&
            slice_eq(found.where, row->where))
            return true;
    }
    return false;
}
