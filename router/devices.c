#include "router/devices.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

LAYOUT_DEFINE(static, device_layout, "device", struct device, DEVICE_MEMBERS)
LAYOUT_DEFINE(static, code_layout, "code", struct enrol_code, ENROL_MEMBERS)
LAYOUT_DEFINE(static, token_layout, "token", struct record_token, TOKEN_MEMBERS)
LAYOUT_DEFINE(static, assign_layout, "assign", struct record_assign, ASSIGN_MEMBERS)
LAYOUT_DEFINE(static, override_layout, "override", struct override, OVERRIDE_MEMBERS)
LAYOUT_DEFINE(static, away_layout, "away", struct record_away, AWAY_MEMBERS)
LAYOUT_DEFINE(static, toggle_layout, "switch", struct record_toggle, TOGGLE_MEMBERS)

struct slice id_key(const uint64_t *id)
{
    return (struct slice){ (const char *)id, sizeof *id };
}

static struct slice hash_key(const uint8_t hash[32])
{
    return (struct slice){ (const char *)hash, 32 };
}

void devices_init(struct devices *d)
{
    *d = (struct devices){ .by_id = map_new(),
                           .by_holder = map_new(),
                           .codes = map_new(),
                           .tokens = map_new(),
                           .away = map_new(),
                           .toggles = map_new(),
                           .assignment_arena = arena_new() };
}

static void holder_free(void *value)
{
    free(((struct holder_devices *)value)->devices);
    free(value);
}

void devices_free(struct devices *d)
{
    map_free(&d->by_holder, holder_free);
    objects_free(&d->by_id, &device_layout);
    objects_free(&d->codes, &code_layout);
    objects_free(&d->tokens, &token_layout);
    objects_free(&d->away, &away_layout);
    objects_free(&d->toggles, &toggle_layout);
    for (size_t i = 0; i < d->override_count; i++)
        layout_drop(&override_layout, &d->overrides[i]);
    free(d->overrides);
    free(d->assignments);
    arena_free(&d->assignment_arena);
}

struct device *devices_find(const struct devices *d, uint64_t id)
{
    return map_get(d->by_id, id_key(&id));
}

const struct holder_devices *devices_of(const struct devices *d, struct slice holder)
{
    const struct holder_devices *h = map_get(d->by_holder, holder);

    return h != NULL && h->count > 0 ? h : NULL;
}

struct enrol_code *devices_code(const struct devices *d, const uint8_t hash[32])
{
    return map_get(d->codes, hash_key(hash));
}

static void holder_add(struct devices *d, struct device *v)
{
    struct holder_devices *h = map_get(d->by_holder, v->holder);

    if (h == NULL) {
        h = memory_new(sizeof *h);
        map_put(d->by_holder, v->holder, h);
    }
    MEMORY_ROOM(h->devices, h->count, h->room);
    h->devices[h->count++] = v;
}

void devices_add(struct devices *d, const struct record_device_add *r, int64_t lane_us)
{
    struct device v = { .id = r->device,
                        .holder = r->holder,
                        .label = r->label,
                        .enrolled_us = lane_us,
                        .last_receipt_us = TIME_NONE };
    struct enrol_code *code = devices_code(d, r->code);

    if (devices_find(d, r->device) != NULL)
        return;
    memcpy(v.ecdh, r->ecdh, sizeof v.ecdh);
    memcpy(v.ecdsa, r->ecdsa, sizeof v.ecdsa);
    holder_add(d, objects_put(d->by_id, id_key(&r->device), &device_layout, &v));
    if (code != NULL)
        code->used = true;
}

void devices_revoke(struct devices *d, uint64_t id)
{
    struct device *v = devices_find(d, id);
    struct holder_devices *h = v != NULL ? map_get(d->by_holder, v->holder) : NULL;

    if (v != NULL)
        v->revoked = true;
    for (size_t i = 0; h != NULL && i < h->count; i++)
        if (h->devices[i] == v) {
            memmove(&h->devices[i], &h->devices[i + 1], (h->count - i - 1) * sizeof(struct device *));
            h->count--;
            break;
        }
}

/* Codes whose time is over are dropped when a new one is issued. */
static void codes_expire(struct devices *d, int64_t lane_us)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(d->codes, &at, &key, &value);)
        if (((struct enrol_code *)value)->expires_us <= lane_us)
            objects_remove(d->codes, key, &code_layout);
}

void devices_code_apply(struct devices *d, const struct record_code *r, int64_t lane_us)
{
    struct enrol_code code = { .holder = r->holder, .expires_us = r->expires_us };
    void *value;

    if (r->what == 0) {
        codes_expire(d, lane_us);
        memcpy(code.hash, r->hash, sizeof code.hash);
        objects_put(d->codes, hash_key(r->hash), &code_layout, &code);
        return;
    }
    /* A wrong guess counts against every open code of the holder it was tried for. */
    for (size_t at = 0; map_next(d->codes, &at, NULL, &value);) {
        struct enrol_code *open = value;
        if (r->holder.len > 0 ? slice_eq(open->holder, r->holder)
                              : memcmp(open->hash, r->hash, sizeof open->hash) == 0)
            open->wrong++;
    }
}

enum { TOKEN_KEY = 256 };

static struct slice token_key(char out[TOKEN_KEY], struct slice listener, const uint8_t hash[32])
{
    size_t len = listener.len < TOKEN_KEY - 32 ? listener.len : 0;

    memcpy(out, hash, 32);
    if (len > 0)
        memcpy(out + 32, listener.ptr, len);
    return (struct slice){ out, 32 + len };
}

const struct record_token *devices_token(const struct devices *d, struct slice listener,
                                         const uint8_t hash[32])
{
    char key[TOKEN_KEY];

    return map_get(d->tokens, token_key(key, listener, hash));
}

bool devices_token_named(const struct devices *d, struct slice listener, struct slice name)
{
    struct slice at;
    void *value;

    for (size_t i = 0; map_next(d->tokens, &i, &at, &value);) {
        const struct record_token *t = value;
        if (slice_eq(t->listener, listener) && slice_eq(t->name, name))
            return true;
    }
    return false;
}

void devices_token_apply(struct devices *d, const struct record_token *r)
{
    char key[TOKEN_KEY];
    struct slice at;
    void *value;

    if (!r->remove) {
        objects_put(d->tokens, token_key(key, r->listener, r->hash), &token_layout, r);
        return;
    }
    for (size_t i = 0; map_next(d->tokens, &i, &at, &value);) {
        const struct record_token *t = value;
        if (slice_eq(t->listener, r->listener) && slice_eq(t->name, r->name))
            objects_remove(d->tokens, at, &token_layout);
    }
}

/* roster/resolve reads assignments: the same rows with their bed lists unpacked. */
static void assignments_rebuild(struct devices *d)
{
    arena_reset(d->assignment_arena);
    free(d->assignments);
    d->assignments = memory_array(d->override_count + 1, sizeof *d->assignments);
    for (size_t i = 0; i < d->override_count; i++) {
        const struct override *o = &d->overrides[i];
        struct assignment *a = &d->assignments[i];
        *a = (struct assignment){ .person = o->person,
                                  .role = o->role,
                                  .unit = o->unit,
                                  .from_us = o->from_us,
                                  .until_us = o->until_us,
                                  .patient = o->patient,
                                  .listener = o->listener,
                                  .by = o->by,
                                  .said = o->position };
        a->beds = texts_read(d->assignment_arena, o->beds, &a->bed_count);
    }
}

static void override_add(struct devices *d, const struct override *o)
{
    MEMORY_ROOM(d->overrides, d->override_count, d->override_room);
    d->overrides[d->override_count] = *o;
    layout_own(&override_layout, &d->overrides[d->override_count++]);
}

static struct override override_of(const struct record_assign *r)
{
    return (struct override){ .person = r->person,
                              .role = r->role,
                              .unit = r->unit,
                              .patient = r->patient,
                              .beds = r->beds,
                              .from_us = r->from_us,
                              .until_us = r->until_us,
                              .by = r->by,
                              .occurred_us = TIME_NONE };
}

bool override_about(const struct override *o, struct slice patient, struct slice unit, struct slice beds)
{
    if (patient.len > 0)
        return slice_eq(o->patient, patient);
    return o->patient.len == 0 && slice_eq(o->unit, unit) && slice_eq(o->beds, beds);
}

/* What ends overrides: their time, a person, a feed that says the same again or its end, a leaving. */
struct ending {
    int64_t wall_us; /* TIME_NONE: time ends none now */
    const struct record_assign *by_hand;
    const struct record_care *by_feed;
    struct slice left; /* the patient */
};

static bool ends_by_hand(const struct override *o, const struct record_assign *r)
{
    return r->end && slice_eq(o->person, r->person) && (r->role.len == 0 || slice_eq(o->role, r->role)) &&
           (r->unit.len == 0 || slice_eq(o->unit, r->unit));
}

static bool ends_by_feed(const struct override *o, const struct record_care *r)
{
    return slice_eq(o->listener, r->listener) && slice_eq(o->role, r->role) &&
           slice_eq(o->person, r->person) && override_about(o, r->patient, r->unit, r->beds);
}

static bool is_ended(const struct override *o, const struct ending *e)
{
    bool over = e->wall_us != TIME_NONE && o->until_us != TIME_NONE && o->until_us <= e->wall_us;

    return over || (e->by_hand != NULL && ends_by_hand(o, e->by_hand)) ||
           (e->by_feed != NULL && ends_by_feed(o, e->by_feed)) ||
           (e->left.len > 0 && o->listener.len > 0 && slice_eq(o->patient, e->left));
}

/* True when there were such. */
static bool overrides_end(struct devices *d, const struct ending *e)
{
    size_t before = d->override_count, kept = 0;

    for (size_t i = 0; i < before; i++) {
        if (is_ended(&d->overrides[i], e))
            layout_drop(&override_layout, &d->overrides[i]);
        else
            d->overrides[kept++] = d->overrides[i];
    }
    d->override_count = kept;
    return kept < before;
}

void devices_assign_apply(struct devices *d, const struct record_assign *r, int64_t wall_us)
{
    const struct override made = override_of(r);

    overrides_end(d, &(struct ending){ .wall_us = wall_us, .by_hand = r });
    if (!r->end)
        override_add(d, &made);
    assignments_rebuild(d);
}

void devices_care_apply(struct devices *d, const struct record_care *r, int64_t wall_us)
{
    const struct override made = { .person = r->person,
                                   .role = r->role,
                                   .unit = r->unit,
                                   .patient = r->patient,
                                   .beds = r->beds,
                                   .from_us = r->from_us,
                                   .until_us = r->until_us,
                                   .by = r->listener,
                                   .listener = r->listener,
                                   .position = r->position,
                                   .occurred_us = r->occurred_us };

    overrides_end(d, &(struct ending){ .wall_us = wall_us, .by_feed = r });
    if (!r->end)
        override_add(d, &made);
    assignments_rebuild(d);
}

void devices_patient_left(struct devices *d, struct slice patient)
{
    if (overrides_end(d, &(struct ending){ .wall_us = TIME_NONE, .left = patient }))
        assignments_rebuild(d);
}

void devices_patient_moved(struct devices *d, struct slice from, struct slice into)
{
    bool moved = false;

    for (size_t i = 0; from.len > 0 && i < d->override_count; i++) {
        if (!slice_eq(d->overrides[i].patient, from))
            continue;
        text_set(&d->overrides[i].patient, into);
        moved = true;
    }
    if (moved)
        assignments_rebuild(d);
}

void devices_away_apply(struct devices *d, const struct record_away *r)
{
    if (r->away)
        objects_put(d->away, r->person, &away_layout, r);
    else
        objects_remove(d->away, r->person, &away_layout);
}

bool devices_away(const struct devices *d, struct slice person)
{
    return map_get(d->away, person) != NULL;
}

void devices_toggle_apply(struct devices *d, const struct record_toggle *r)
{
    if (r->on)
        objects_put(d->toggles, r->name, &toggle_layout, r);
    else
        objects_remove(d->toggles, r->name, &toggle_layout);
}

bool devices_switch_on(const struct devices *d, struct slice name, int64_t wall_us)
{
    const struct record_toggle *t = map_get(d->toggles, name);

    return t != NULL && wall_us < t->until_us;
}

void devices_write(const struct devices *d, struct buf *out)
{
    objects_write(d->by_id, &device_layout, out);
    objects_write(d->codes, &code_layout, out);
    objects_write(d->tokens, &token_layout, out);
    objects_write(d->away, &away_layout, out);
    objects_write(d->toggles, &toggle_layout, out);
    buf_u32(out, (uint32_t)d->override_count);
    for (size_t i = 0; i < d->override_count; i++)
        layout_write(out, &override_layout, &d->overrides[i]);
}

static void device_put(struct devices *d, const void *row)
{
    const struct device *v = row;
    struct device *kept = objects_put(d->by_id, id_key(&v->id), &device_layout, v);

    if (!kept->revoked)
        holder_add(d, kept);
}

static void code_put(struct devices *d, const void *row)
{
    objects_put(d->codes, hash_key(((const struct enrol_code *)row)->hash), &code_layout, row);
}

static void token_put(struct devices *d, const void *row)
{
    devices_token_apply(d, row);
}

static void away_put(struct devices *d, const void *row)
{
    devices_away_apply(d, row);
}

static void toggle_put(struct devices *d, const void *row)
{
    devices_toggle_apply(d, row);
}

static void override_put(struct devices *d, const void *row)
{
    override_add(d, row);
}

/* Snapshots of version 1 knew only what people assign. */
static void assign_put(struct devices *d, const void *row)
{
    const struct override o = override_of(row);

    override_add(d, &o);
}

void devices_read(struct devices *d, struct reader *in, uint8_t version)
{
    const struct {
        const struct layout *layout;
        void (*put)(struct devices *d, const void *row);
    } PARTS[] = {
        { &device_layout, device_put },
        { &code_layout, code_put },
        { &token_layout, token_put },
        { &away_layout, away_put },
        { &toggle_layout, toggle_put },
        { version > 1 ? &override_layout : &assign_layout, version > 1 ? override_put : assign_put },
    };
    union {
        struct device device;
        struct enrol_code code;
        struct record_token token;
        struct record_away away;
        struct record_toggle toggle;
        struct record_assign assign;
        struct override override;
    } row;

    for (size_t p = 0; p < sizeof PARTS / sizeof PARTS[0]; p++) {
        uint32_t count = read_u32(in);
        for (uint32_t i = 0; i < count && !in->failed; i++) {
            layout_read(in, PARTS[p].layout, &row);
            if (!in->failed)
                PARTS[p].put(d, &row);
        }
    }
    assignments_rebuild(d);
}
