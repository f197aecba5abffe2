#include "router/census.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define CENSUS_MEMORY_US (2 * TIME_DAY)
#define MERGED_MEMORY_US (30 * TIME_DAY)

LAYOUT_DEFINE(static, patient_layout, "patient", struct record_patient, PATIENT_MEMBERS)
LAYOUT_DEFINE(static, merged_layout, "merged-id", struct merged_id, MERGED_ID_MEMBERS)
LAYOUT_DEFINE(static, place_layout, "device-place", struct record_device_place, DEVICE_PLACE_MEMBERS)

static void row_free(void *value)
{
    struct census_row *row = value;

    layout_drop(&patient_layout, &row->patient);
    free(row);
}

static void merged_free(void *value)
{
    layout_drop(&merged_layout, value);
    free(value);
}

static void occupants_free(void *value)
{
    struct occupants *o = value;

    free(o->rows);
    free(o);
}

void census_init(struct census *c)
{
    *c = (struct census){
        .patients = map_new(), .beds = map_new(), .devices = map_new(), .merged = map_new()
    };
}

void census_free(struct census *c)
{
    map_free(&c->beds, occupants_free);
    map_free(&c->patients, row_free);
    objects_free(&c->devices, &place_layout);
    map_free(&c->merged, merged_free);
    for (size_t i = 0; i < c->left_count; i++)
        text_set(&c->left[c->left_first + i].id, (struct slice){ NULL, 0 });
    free(c->left);
    c->left = NULL;
}

const struct census_row *census_patient(const struct census *c, struct slice id)
{
    return id.len > 0 ? map_get(c->patients, id) : NULL;
}

const struct record_device_place *census_device(const struct census *c, struct slice device)
{
    return device.len > 0 ? map_get(c->devices, device) : NULL;
}

enum { BED_KEY = 256 };

/* The key of a bed; longer names than any hospital's are no bed. */
static struct slice bed_key(char out[BED_KEY], struct slice unit, struct slice bed)
{
    if (unit.len + bed.len + 1 > BED_KEY || bed.len == 0)
        return (struct slice){ NULL, 0 };
    if (unit.len > 0)
        memcpy(out, unit.ptr, unit.len);
    out[unit.len] = '\0';
    memcpy(out + unit.len + 1, bed.ptr, bed.len);
    return (struct slice){ out, unit.len + bed.len + 1 };
}

const struct occupants *census_bed(const struct census *c, struct slice unit, struct slice bed)
{
    char key[BED_KEY];
    struct slice k = bed_key(key, unit, bed);
    const struct occupants *o = k.len > 0 ? map_get(c->beds, k) : NULL;

    return o != NULL && o->count > 0 ? o : NULL;
}

static void place_enter(struct census *c, struct census_row *row, struct slice unit, struct slice bed)
{
    char key[BED_KEY];
    struct slice k = bed_key(key, unit, bed);

    if (k.len == 0)
        return;
    struct occupants *o = map_get(c->beds, k);
    if (o == NULL) {
        o = memory_new(sizeof *o);
        map_put(c->beds, k, o);
    }
    MEMORY_ROOM(o->rows, o->count, o->room);
    size_t at = o->count++;
    for (; at > 0 && slice_cmp(row->patient.id, o->rows[at - 1]->patient.id) < 0; at--)
        o->rows[at] = o->rows[at - 1];
    o->rows[at] = row;
}

static void place_leave(struct census *c, const struct census_row *row, struct slice unit, struct slice bed)
{
    char key[BED_KEY];
    struct slice k = bed_key(key, unit, bed);
    struct occupants *o = k.len > 0 ? map_get(c->beds, k) : NULL;

    for (size_t i = 0; o != NULL && i < o->count; i++)
        if (o->rows[i] == row) {
            memmove(&o->rows[i], &o->rows[i + 1], (o->count - i - 1) * sizeof(struct census_row *));
            o->count--;
            break;
        }
    if (o != NULL && o->count == 0) {
        map_remove(c->beds, k);
        occupants_free(o);
    }
}

/* Is the temporary place another one than the bed? */
static bool elsewhere(const struct record_patient *p)
{
    return !slice_eq(p->temporary_unit, p->unit) || !slice_eq(p->temporary_bed, p->bed);
}

static void bed_enter(struct census *c, struct census_row *row)
{
    const struct record_patient *p = &row->patient;

    if (!p->here)
        return;
    place_enter(c, row, p->unit, p->bed);
    if (elsewhere(p))
        place_enter(c, row, p->temporary_unit, p->temporary_bed);
}

static void bed_leave(struct census *c, const struct census_row *row)
{
    const struct record_patient *p = &row->patient;

    if (!p->here)
        return;
    place_leave(c, row, p->unit, p->bed);
    if (elsewhere(p))
        place_leave(c, row, p->temporary_unit, p->temporary_bed);
}

static void remember_leaving(struct census *c, int64_t left_us, struct slice id)
{
    if (c->left_first > 0 && c->left_first + c->left_count == c->left_room) {
        memmove(c->left, c->left + c->left_first, c->left_count * sizeof *c->left);
        c->left_first = 0;
    }
    if (c->left_first + c->left_count == c->left_room) {
        c->left_room = c->left_room > 0 ? c->left_room * 2 : 64;
        c->left = memory_grow(c->left, c->left_room, sizeof *c->left);
    }
    size_t at = c->left_first + c->left_count++;
    /* Live, times only rise; a snapshot is read in another order. */
    for (; at > c->left_first && c->left[at - 1].left_us > left_us; at--)
        c->left[at] = c->left[at - 1];
    c->left[at] = (struct leaving){ left_us, { NULL, 0 } };
    text_set(&c->left[at].id, id);
}

static void put_row(struct census *c, const struct record_patient *row, int64_t left_us)
{
    struct census_row *there = map_get(c->patients, row->id);
    struct record_patient copy = *row; /* may borrow from the row that it replaces */

    bool known = there != NULL && there->left_us == left_us; /* one leaving, one entry in the list */

    layout_own(&patient_layout, &copy);
    if (there == NULL) {
        there = memory_new(sizeof *there);
        map_put(c->patients, row->id, there);
    } else {
        bed_leave(c, there);
        layout_drop(&patient_layout, &there->patient);
    }
    there->patient = copy;
    there->left_us = left_us;
    bed_enter(c, there);
    if (left_us != TIME_NONE && !known)
        remember_leaving(c, left_us, copy.id);
}

void census_put(struct census *c, const struct record_patient *row, int64_t lane_us)
{
    const struct census_row *there = census_patient(c, row->id);
    bool gone = there != NULL && there->left_us != TIME_NONE; /* what comes late makes nobody leave again */

    put_row(c, row, row->here ? TIME_NONE : gone ? there->left_us : lane_us);
}

void census_remove(struct census *c, struct slice id)
{
    struct census_row *row = map_get(c->patients, id);

    if (row == NULL)
        return;
    bed_leave(c, row);
    map_remove(c->patients, id);
    row_free(row);
}

void census_device_put(struct census *c, const struct record_device_place *row)
{
    objects_put(c->devices, row->device, &place_layout, row);
}

/* --- ids that were merged away ------------------------------------------------------------------------ */
struct slice census_survivor(const struct census *c, struct slice id)
{
    const struct merged_id *m;

    /* A survivor is never in the map (census_merge), so every chain ends. */
    while (id.len > 0 && (m = map_get(c->merged, id)) != NULL)
        id = m->into;
    return id;
}

static void merged_drop(struct census *c, struct merged_id *m)
{
    map_remove(c->merged, m->from);
    merged_free(m);
}

static void merged_forget_oldest(struct census *c)
{
    struct merged_id *m = c->merged_first;

    c->merged_first = m->next;
    if (m->next != NULL)
        m->next->prev = NULL;
    else
        c->merged_last = NULL;
    merged_drop(c, m);
}

static void merged_forget(struct census *c, struct merged_id *m)
{
    if (m == c->merged_first) {
        merged_forget_oldest(c);
        return;
    }
    m->prev->next = m->next;
    if (m->next != NULL)
        m->next->prev = m->prev;
    else
        c->merged_last = m->prev;
    merged_drop(c, m);
}

static void merged_append(struct census *c, const struct merged_id *from)
{
    struct merged_id *m = memory_new(sizeof *m);

    *m = *from;
    layout_own(&merged_layout, m);
    m->next = NULL;
    m->prev = c->merged_last;
    if (m->prev != NULL)
        m->prev->next = m;
    else
        c->merged_first = m;
    c->merged_last = m;
    map_put(c->merged, m->from, m);
}

void census_merge(struct census *c, struct slice from, struct slice into, int64_t lane_us)
{
    struct merged_id *alive = map_get(c->merged, into), *again = map_get(c->merged, from);

    if (alive != NULL)
        merged_forget(c, alive);
    if (again != NULL)
        merged_forget(c, again);
    if (slice_eq(census_survivor(c, into), from))
        return;
    struct merged_id m = { .from = from, .into = into, .merged_us = lane_us };
    merged_append(c, &m);
    if (map_count(c->merged) > LIMIT_MERGED_IDS)
        merged_forget_oldest(c);
}

void census_expire(struct census *c, int64_t lane_us)
{
    while (c->merged_first != NULL && c->merged_first->merged_us <= lane_us - MERGED_MEMORY_US)
        merged_forget_oldest(c);
    while (c->left_count > 0 && c->left[c->left_first].left_us <= lane_us - CENSUS_MEMORY_US) {
        struct leaving *first = &c->left[c->left_first];
        const struct census_row *row = map_get(c->patients, first->id);
        if (row != NULL && row->left_us == first->left_us)
            census_remove(c, first->id);
        text_set(&first->id, (struct slice){ NULL, 0 });
        c->left_first++;
        c->left_count--;
    }
}

/* --- snapshots ---------------------------------------------------------------------------------------- */
void census_write(const struct census *c, struct buf *out)
{
    void *value;

    buf_u32(out, (uint32_t)map_count(c->patients));
    for (size_t at = 0; map_next(c->patients, &at, NULL, &value);) {
        const struct census_row *row = value;
        layout_write(out, &patient_layout, &row->patient);
        buf_i64(out, row->left_us);
    }
    objects_write(c->devices, &place_layout, out);
    buf_u32(out, (uint32_t)map_count(c->merged));
    for (const struct merged_id *m = c->merged_first; m != NULL; m = m->next)
        layout_write(out, &merged_layout, m);
}

static void merged_read(struct census *c, struct reader *in)
{
    uint32_t count = read_u32(in);

    for (uint32_t i = 0; i < count && !in->failed; i++) {
        struct merged_id m;
        layout_read(in, &merged_layout, &m);
        if (!in->failed && map_get(c->merged, m.from) == NULL)
            merged_append(c, &m);
    }
}

void census_read(struct census *c, struct reader *in, unsigned version)
{
    uint32_t patients = read_u32(in);

    for (uint32_t i = 0; i < patients && !in->failed; i++) {
        struct record_patient row;
        layout_read_first(in, &patient_layout, version > 1 ? patient_layout.count : PATIENT_MEMBERS_V1, &row);
        int64_t left_us = read_i64(in);
        if (!in->failed)
            put_row(c, &row, left_us);
    }
    uint32_t devices = read_u32(in);
    for (uint32_t i = 0; i < devices && !in->failed; i++) {
        struct record_device_place row;
        layout_read(in, &place_layout, &row);
        if (!in->failed)
            census_device_put(c, &row);
    }
    if (version > 1)
        merged_read(c, in);
}
