/* router/query_staff.c - people and places as they stand: what the site declares and what feeds say. */
#include "router/state.h"

bool core_holder_named(const struct core *c, struct slice text, struct slice *name)
{
    const struct directory *d = c->site != NULL ? core_directory(c) : NULL;

    if (d == NULL)
        return false;
    const struct person *p = directory_person(d, text);
    const struct desk *k = p == NULL ? directory_desk(d, text) : NULL;
    if (p == NULL && k == NULL)
        p = directory_person_by_id(d, text);
    if (p == NULL && k == NULL)
        return false;
    *name = p != NULL ? p->name : k->name;
    return true;
}

/* --- staff -------------------------------------------------------------------------------------------- */

static struct slice state_of(const struct core *c, const struct person *p)
{
    if (p->off.len > 0)
        return p->off;
    return devices_away(&c->devices, p->name) ? SLICE("away") : SLICE("active");
}

static struct staff_line line_of(const struct core *c, const struct person *p)
{
    return (struct staff_line){ .person = p->name,
                                .title = p->title.len > 0 ? p->title : p->name,
                                .source = SLICE("site"),
                                .ids = p->ids,
                                .id_count = p->id_count,
                                .state = state_of(c, p),
                                .reachable = core_reachable(c, p->name),
                                .off_us = TIME_NONE,
                                .occurred_us = TIME_NONE };
}

static void add_row(struct staff_line *line, const struct record_staff *r)
{
    line->listener = r->listener;
    line->key = r->key;
    line->department = r->department;
    line->job = r->title;
    line->phone = r->phone;
    line->pager = r->pager;
    line->mail = r->mail;
    line->contact = r->contact;
    line->backup = r->backup;
    line->category = r->category;
    line->specialty = r->specialty;
    line->off_us = r->off_us;
    line->occurred_us = r->occurred_us;
}

static struct staff_line gone_line(struct arena *a, const struct record_staff *r)
{
    return (struct staff_line){ .person = staff_name(r, a),
                                .title = r->family.len > 0 ? r->family : r->key,
                                .state = arena_printf(a, "removed by %.*s", SLICE_ARG(r->listener)) };
}

/* The rows of feeds by whom they are about: rows[first[person]], then next of each; 0 ends, so all count
 * from 1. */
struct rows_by_person {
    const struct record_staff **rows;
    size_t *next, *first, count;
};

static struct rows_by_person rows_of(const struct core *c, struct arena *a, const struct directory *d)
{
    size_t count = map_count(c->staff->rows);
    struct rows_by_person r = { .rows = arena_array(a, count + 1, sizeof(struct record_staff *)),
                                .next = arena_array(a, count + 1, sizeof(size_t)),
                                .first = arena_array(a, d->person_count + 1, sizeof(size_t)),
                                .count = count };
    void *value;

    for (size_t at = 0, i = 1; map_next(c->staff->rows, &at, NULL, &value); i++)
        r.rows[i] = value;
    for (size_t i = count; i > 0; i--) {
        const struct person *p = c->staff->owners[i - 1];
        if (p == NULL)
            continue;
        r.next[i] = r.first[p - d->persons];
        r.first[p - d->persons] = i;
    }
    return r;
}

/* One line for each row about the person; the same person may stand in two feeds. */
static void add_person(const struct core *c, const struct person *p, const struct rows_by_person *by,
                       size_t first, struct staff_line *rows, size_t *count)
{
    struct staff_line line = line_of(c, p);

    if (first == 0)
        rows[(*count)++] = line;
    for (size_t i = first; i > 0; i = by->next[i]) {
        line.source = p->fed ? by->rows[i]->listener : SLICE("site");
        rows[*count] = line;
        add_row(&rows[(*count)++], by->rows[i]);
    }
}

void core_staff(const struct core *c, struct arena *a, struct staff_line **rows, size_t *count)
{
    const struct directory *d = c->site != NULL ? core_directory(c) : NULL;
    struct rows_by_person by = { .count = 0 };

    *count = 0;
    *rows = arena_array(a, (d != NULL ? d->person_count : 0) + map_count(c->staff->rows) + 1, sizeof **rows);
    if (d == NULL)
        return;
    if (map_count(c->staff->rows) > 0)
        by = rows_of(c, a, d);
    for (size_t i = 0; i < d->person_count; i++)
        add_person(c, &d->persons[i], &by, by.count > 0 ? by.first[i] : 0, *rows, count);
    for (size_t i = 1; i <= by.count; i++) {
        if (c->staff->owners[i - 1] != NULL)
            continue;
        (*rows)[*count] = gone_line(a, by.rows[i]);
        (*rows)[*count].source = by.rows[i]->listener;
        add_row(&(*rows)[(*count)++], by.rows[i]);
    }
}

/* --- places -------------------------------------------------------------------------------------------- */

static bool is_of(const struct record_location *r, struct slice unit, struct slice bed)
{
    return slice_eq(r->unit, unit) && slice_eq(r->bed, bed);
}

static struct slice place_state(const struct record_location *r)
{
    return r->gone                                       ? SLICE("removed")
           : r->active && !slice_is(r->status, "closed") ? SLICE("active")
                                                         : SLICE("closed");
}

static void add_location(struct place_line *line, const struct record_location *r)
{
    line->room = r->room;
    line->listener = r->listener;
    line->status = r->status;
    line->state = place_state(r);
    line->occurred_us = r->occurred_us;
    if (line->title.len == 0)
        line->title = r->title;
}

static size_t add_site_place(const struct core *c, const struct unit *u, struct slice bed,
                             struct place_line *rows)
{
    const struct place_line line = { .unit = u->name,
                                     .bed = bed,
                                     .title = bed.len == 0 ? u->title : bed,
                                     .source = SLICE("site"),
                                     .state = SLICE("active"),
                                     .known = true,
                                     .occurred_us = TIME_NONE };
    void *value;
    size_t n = 0;

    for (size_t at = 0; map_next(c->staff->places, &at, NULL, &value);) {
        if (!is_of(value, u->name, bed))
            continue;
        rows[n] = line;
        add_location(&rows[n++], value);
    }
    if (n == 0)
        rows[n++] = line;
    return n;
}

static bool site_has(const struct directory *d, const struct record_location *r)
{
    const struct unit *u = directory_unit(d, r->unit);

    for (size_t i = 0; u != NULL && i < u->bed_count; i++)
        if (slice_eq(u->beds[i], r->bed))
            return true;
    return u != NULL && r->bed.len == 0;
}

void core_places(const struct core *c, struct arena *a, struct place_line **rows, size_t *count)
{
    const struct directory *d = c->site != NULL ? c->site->directory : NULL;
    size_t room = map_count(c->staff->places) + 1;
    void *value;

    for (size_t i = 0; d != NULL && i < d->unit_count; i++)
        room += d->units[i].bed_count + 1;
    *count = 0;
    *rows = arena_array(a, room, sizeof **rows);
    if (d == NULL)
        return;
    for (size_t i = 0; i < d->unit_count; i++) {
        *count += add_site_place(c, &d->units[i], (struct slice){ NULL, 0 }, &(*rows)[*count]);
        for (size_t k = 0; k < d->units[i].bed_count; k++)
            *count += add_site_place(c, &d->units[i], d->units[i].beds[k], &(*rows)[*count]);
    }
    for (size_t at = 0; map_next(c->staff->places, &at, NULL, &value);) {
        const struct record_location *r = value;
        if (site_has(d, r))
            continue;
        struct place_line *line = &(*rows)[(*count)++];
        *line = (struct place_line){ .unit = r->unit, .bed = r->bed, .source = r->listener };
        add_location(line, r);
    }
}
