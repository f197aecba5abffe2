#include "router/staff.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(static, staff_layout, "staff", struct record_staff, STAFF_MEMBERS)
LAYOUT_DEFINE(static, location_layout, "location", struct record_location, LOCATION_MEMBERS)

void staff_init(struct staff *s)
{
    *s = (struct staff){ .rows = map_new(), .places = map_new(), .view_arena = arena_new() };
}

void staff_free(struct staff *s)
{
    objects_free(&s->rows, &staff_layout);
    objects_free(&s->places, &location_layout);
    map_free(&s->by_name, NULL);
    map_free(&s->by_id, NULL);
    arena_free(&s->view_arena);
}

void staff_site_changed(struct staff *s)
{
    s->fresh = false;
}

/* --- rows -------------------------------------------------------------------------------------------- */

/* Parts with their lengths, so that no two lists of parts make the same key. */
static struct buf key_of(const struct slice *parts, size_t count)
{
    struct buf key = buf_make(LIMIT_MESSAGE_BYTES);

    for (size_t i = 0; i < count; i++)
        buf_slice_put(&key, parts[i]);
    return key;
}

static void *row_get(const struct map *rows, const struct slice *parts, size_t count)
{
    struct buf key = key_of(parts, count);
    void *row = map_get(rows, buf_slice(&key));

    buf_free(&key);
    return row;
}

static void row_put(struct map *rows, const struct slice *parts, size_t count, const struct layout *l,
                    const void *row)
{
    struct buf key = key_of(parts, count);

    objects_put(rows, buf_slice(&key), l, row);
    buf_free(&key);
}

const struct record_staff *staff_row(const struct staff *s, struct slice listener, struct slice key)
{
    const struct slice parts[] = { listener, key };

    return row_get(s->rows, parts, 2);
}

const struct record_location *staff_place(const struct staff *s, const struct record_location *like)
{
    const struct slice parts[] = { like->listener, like->unit, like->room, like->bed };

    return row_get(s->places, parts, 4);
}

void staff_apply(struct staff *s, const struct record_staff *r)
{
    const struct slice parts[] = { r->listener, r->key };

    row_put(s->rows, parts, 2, &staff_layout, r);
    s->fresh = false;
}

void staff_place_apply(struct staff *s, const struct record_location *r)
{
    const struct slice parts[] = { r->listener, r->unit, r->room, r->bed };

    row_put(s->places, parts, 4, &location_layout, r);
}

static bool is_newer(int64_t row_us, int64_t file_us)
{
    return row_us != TIME_NONE && file_us != TIME_NONE && row_us > file_us;
}

static void rows_off(struct map *rows, const struct record_master *r)
{
    void *value;

    for (size_t at = 0; map_next(rows, &at, NULL, &value);) {
        struct record_staff *row = value;
        if (!slice_eq(row->listener, r->listener) || is_newer(row->occurred_us, r->occurred_us))
            continue;
        row->active = false;
        row->off_us = TIME_NONE;
        row->occurred_us = r->occurred_us;
    }
}

static void places_off(struct map *places, const struct record_master *r)
{
    void *value;

    for (size_t at = 0; map_next(places, &at, NULL, &value);) {
        struct record_location *row = value;
        if (!slice_eq(row->listener, r->listener) || is_newer(row->occurred_us, r->occurred_us))
            continue;
        row->active = false;
        row->occurred_us = r->occurred_us;
    }
}

void staff_master_apply(struct staff *s, const struct record_master *r)
{
    if (slice_is(r->what, "places"))
        places_off(s->places, r);
    else
        rows_off(s->rows, r);
    s->fresh = false;
}

bool staff_row_off(const struct record_staff *r, int64_t wall_us)
{
    return (!r->active || r->gone) && (r->off_us == TIME_NONE || wall_us >= r->off_us);
}

struct slice staff_name(const struct record_staff *r, struct arena *a)
{
    return arena_printf(a, "%.*s:%.*s", SLICE_ARG(r->listener), SLICE_ARG(r->key));
}

/* --- the view: the site's directory with the rows in it ------------------------------------------------ */

struct viewing {
    struct staff *staff;
    const struct site *site;
    struct map *site_ids; /* names and lines of the site alone, in small letters */
    struct person *persons;
    const struct person **owners;
    size_t count, rows;
    int64_t wall_us, until_us;
};

/* The first who is called so keeps the name: names of the site before its lines, and these before what feeds
 * say.
 */
static void know(struct map *ids, struct slice id, struct person *p)
{
    char text[DIRECTORY_ID_MAX];
    struct slice key;

    if (id.len > 0 && directory_id_fold(id, text, &key) && map_get(ids, key) == NULL)
        map_put(ids, key, p);
}

static void know_site(struct viewing *v)
{
    for (size_t i = 0; i < v->count; i++) {
        map_put(v->staff->by_name, v->persons[i].name, &v->persons[i]);
        know(v->site_ids, v->persons[i].name, &v->persons[i]);
        know(v->staff->by_id, v->persons[i].name, &v->persons[i]);
    }
    for (size_t i = 0; i < v->count; i++) {
        know(v->site_ids, v->persons[i].line, &v->persons[i]);
        know(v->staff->by_id, v->persons[i].line, &v->persons[i]);
    }
}

static struct person *site_person(struct viewing *v, struct slice id)
{
    char text[DIRECTORY_ID_MAX];
    struct slice key;

    return directory_id_fold(id, text, &key) ? map_get(v->site_ids, key) : NULL;
}

static struct person *owner_of(struct viewing *v, const struct record_staff *r, const struct slice *ids,
                               size_t count)
{
    struct person *p = site_person(v, r->key);

    for (size_t i = 0; i < count && p == NULL; i++)
        p = site_person(v, ids[i]);
    return p;
}

static void add_ids(struct viewing *v, struct person *p, struct slice key, const struct slice *ids,
                    size_t count)
{
    struct slice *all = arena_array(v->staff->view_arena, p->id_count + count + 1, sizeof *all);
    size_t n = 0;

    for (size_t i = 0; i < p->id_count; i++)
        all[n++] = p->ids[i];
    all[n++] = key;
    for (size_t i = 0; i < count; i++)
        all[n++] = ids[i];
    p->ids = all;
    p->id_count = n;
}

static struct person fed_person(struct viewing *v, const struct record_staff *r)
{
    struct arena *a = v->staff->view_arena;
    const struct block *listen = site_block(v->site, r->listener);
    const struct setting *s = listen != NULL ? block_setting(listen, SLICE("staff")) : NULL;
    struct person p = { .name = staff_name(r, a), .fed = true };

    p.title = r->given.len > 0 && r->family.len > 0
                  ? arena_printf(a, "%.*s %.*s", SLICE_ARG(r->given), SLICE_ARG(r->family))
              : r->family.len > 0 ? r->family
                                  : r->given;
    if (p.title.len == 0)
        p.title = r->key;
    if (s != NULL && s->value_count > 1) {
        struct reach *reach = arena_alloc(a, sizeof *reach);
        *reach = (struct reach){ .endpoint = s->values[1] };
        p.reach = reach;
        p.reach_count = 1;
    }
    return p;
}

static void set_state(struct viewing *v, struct person *p, const struct record_staff *r)
{
    if (staff_row_off(r, v->wall_us)) {
        if (p->off.len == 0)
            p->off = arena_printf(v->staff->view_arena, "%s by %.*s", r->gone ? "removed" : "deactivated",
                                  SLICE_ARG(r->listener));
    } else if ((!r->active || r->gone) && r->off_us < v->until_us) {
        v->until_us = r->off_us;
    }
}

static void place_row(struct viewing *v, const struct record_staff *r)
{
    size_t count, at = v->rows++;
    const struct slice *ids = texts_read(v->staff->view_arena, r->ids, &count);
    struct person *p = owner_of(v, r, ids, count);

    if (p == NULL && r->gone && staff_row_off(r, v->wall_us))
        return; /* nobody knows them any more */
    if (p == NULL) {
        p = &v->persons[v->count++];
        *p = fed_person(v, r);
        map_put(v->staff->by_name, p->name, p);
        know(v->staff->by_id, p->name, p);
    }
    v->owners[at] = p;
    add_ids(v, p, r->key, ids, count);
    for (size_t i = 0; i < p->id_count; i++)
        know(v->staff->by_id, p->ids[i], p);
    set_state(v, p, r);
}

static void view_drop(struct staff *s)
{
    map_free(&s->by_name, NULL);
    map_free(&s->by_id, NULL);
    arena_reset(s->view_arena);
    s->fresh = false;
}

static void view_make(struct staff *s, const struct site *site, int64_t wall_us)
{
    const struct directory *d = site->directory;
    struct viewing v = {
        .staff = s, .site = site, .count = d->person_count, .wall_us = wall_us, .until_us = INT64_MAX
    };
    void *value;

    view_drop(s);
    s->by_name = map_new();
    s->by_id = map_new();
    v.site_ids = map_new();
    v.owners = arena_array(s->view_arena, map_count(s->rows) + 1, sizeof *v.owners);
    v.persons = arena_array(s->view_arena, d->person_count + map_count(s->rows), sizeof *v.persons);
    for (size_t i = 0; i < d->person_count; i++)
        v.persons[i] = d->persons[i];
    know_site(&v);
    for (size_t at = 0; map_next(s->rows, &at, NULL, &value);)
        place_row(&v, value);
    s->view = *d;
    s->view.persons = v.persons;
    s->view.person_count = v.count;
    s->view.by_name = s->by_name;
    s->view.by_id = s->by_id;
    s->until_us = v.until_us;
    s->owners = v.owners;
    s->fresh = true;
    map_free(&v.site_ids, NULL);
}

const struct directory *staff_directory(struct staff *s, const struct site *site, int64_t wall_us)
{
    if (map_count(s->rows) == 0)
        return site->directory;
    if (!s->fresh || wall_us >= s->until_us)
        view_make(s, site, wall_us);
    return &s->view;
}

/* --- snapshots ----------------------------------------------------------------------------------------- */

void staff_write(const struct staff *s, struct buf *out)
{
    objects_write(s->rows, &staff_layout, out);
    objects_write(s->places, &location_layout, out);
}

void staff_read(struct staff *s, struct reader *in)
{
    uint32_t rows = read_u32(in);

    for (uint32_t i = 0; i < rows && !in->failed; i++) {
        struct record_staff row;
        layout_read(in, &staff_layout, &row);
        if (!in->failed)
            staff_apply(s, &row);
    }
    uint32_t places = read_u32(in);
    for (uint32_t i = 0; i < places && !in->failed; i++) {
        struct record_location row;
        layout_read(in, &location_layout, &row);
        if (!in->failed)
            staff_place_apply(s, &row);
    }
}
