/* What no rule wanted: listed by kind, class, code, listener and unit, and found again for who writes the
 * rule. */
#include "router/state.h"

#include <string.h>

/* Each routine result comes by here: no formats. */
static struct slice joined(struct arena *a, struct slice left, char between, struct slice right)
{
    char *text = arena_raw(a, left.len + 1 + right.len);

    memcpy(text, left.len > 0 ? left.ptr : "", left.len);
    text[left.len] = between;
    memcpy(text + left.len + 1, right.len > 0 ? right.ptr : "", right.len);
    return (struct slice){ text, left.len + 1 + right.len };
}

/* "alarm lethal" */
static struct slice what_of(struct arena *a, enum event_kind kind, enum event_class class)
{
    return joined(a, slice_of(event_kind_name(kind)), ' ', slice_of(event_class_name(class)));
}

/* The three texts that make a row one and the same. */
static struct list_row row_of(struct arena *a, const struct event *e)
{
    struct slice code = e->code.len > 0       ? e->code
                        : e->raw_code.len > 0 ? joined(a, e->system, ':', e->raw_code)
                                              : e->raw_text;

    return (struct list_row){ .what = what_of(a, e->kind, e->class),
                              .key = slice_sub(code, 0, LISTED_KEY_MAX),
                              .where = slice_trim(joined(a, e->listener, ' ', e->place.unit)),
                              .count = 1 };
}

void unowned_list(struct core *c, const struct record *r, const struct event *e)
{
    struct list_row row = row_of(c->scratch, e);

    row.position = r->as.decision.position;
    row.at_us = r->wall_us;
    lists_add(&c->lists, LIST_UNOWNED, &row, false);
}

/* Once a day each row keeps the event that stands for it: records of long ago may be gone. */
static bool stands_for_row(struct core *c, const struct list_row *row)
{
    const struct list_row *there = lists_find(&c->lists, LIST_UNOWNED, row);

    return there == NULL || there->at_us / TIME_DAY != core_wall(c, c->now_us) / TIME_DAY;
}

void unowned_note(struct core *c, struct message_context *m, const struct event *e, const struct rule *owner)
{
    if (m->ignored == NULL)
        return;
    struct ignored *i = ignored_add(m->ignored, c->scratch);
    const struct list_row row = row_of(c->scratch, e);
    i->rule = rule_name(owner);
    i->unowned = rule_is_default(owner);
    i->kind = e->kind;
    i->class = e->class;
    i->key = row.key;
    i->where = row.where;
    if (i->unowned && stands_for_row(c, &row))
        i->event = event_bytes(c, e);
}

void unowned_of_fate(struct core *c, const struct record *r)
{
    const struct ignored_list l = ignored_read(c->scratch, r->as.fate.ignored);

    for (const struct ignored *i = l.first; i != NULL; i = i->next) {
        const struct list_row row = { .what = what_of(c->scratch, i->kind, i->class),
                                      .key = i->key,
                                      .where = i->where,
                                      .count = 1,
                                      .position = i->event.len > 0 ? r->as.fate.position : 0,
                                      .at_us = r->wall_us };
        if (i->unowned)
            lists_add(&c->lists, LIST_UNOWNED, &row, false);
    }
}

/* The event of a record that may be the row's. */
static bool event_of(const struct record *r, uint64_t position, struct event *out)
{
    struct slice bytes = { NULL, 0 };

    if (r->type == RECORD_ALERT_OPEN && r->as.alert_open.position == position)
        bytes = r->as.alert_open.event;
    else if (r->type == RECORD_DECISION && r->as.decision.position == position)
        bytes = r->as.decision.event;
    struct reader in = reader_make(bytes);
    return bytes.len > 0 && event_read(&in, out);
}

static bool is_of_row(const struct listed *row, const struct event *e, struct arena *a)
{
    struct list_row found = row_of(a, e);

    return slice_eq(found.what, row->what) && slice_eq(found.key, row->key) &&
           slice_eq(found.where, row->where);
}

/* The same for those that a fate carries. */
static bool ignored_of(const struct listed *row, const struct record *r, struct arena *a, struct event *out)
{
    struct ignored_list l = { .count = 0 };

    if (r->type == RECORD_FATE && r->as.fate.position == row->position)
        l = ignored_read(a, r->as.fate.ignored);
    for (const struct ignored *i = l.first; i != NULL; i = i->next) {
        struct reader in = reader_make(i->event);
        if (i->event.len > 0 && event_read(&in, out) && is_of_row(row, out, a))
            return true;
    }
    return false;
}

bool core_unowned_event(const struct listed *row, struct slice records, struct arena *a, struct event *out)
{
    struct reader in = reader_make(records);
    struct record r;

    while (in.len > 0 && record_read(&in, &r, NULL))
        if (ignored_of(row, &r, a, out) || (event_of(&r, row->position, out) && is_of_row(row, out, a)))
            return true;
    return false;
}
