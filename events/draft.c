#include "events/draft.h"

#include "base/limits.h"
#include "events/catalogue_add.h"
#include "events/event_parts.h"
#include "events/mdc.h"

#include <stdio.h>
#include <string.h>

struct draft draft_make(struct arena *a, const struct event_source *src, struct reading *out)
{
    *out = (struct reading){ .events = NULL };
    return (struct draft){ .arena = a, .src = src, .out = out };
}

/* Room for one more of `size` bytes each; arrays double and leave the old one to the arena. */
static void *grown(struct arena *a, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room > 0 ? *room * 2 : 4;
    void *bigger = arena_array(a, *room, size);
    if (count > 0)
        memcpy(bigger, items, count * size);
    return bigger;
}

void draft_reserve(struct draft *d, size_t events)
{
    struct reading *r = d->out;
    size_t room = events < LIMIT_EVENTS_PER_MESSAGE ? events : LIMIT_EVENTS_PER_MESSAGE;
    if (room <= d->event_room || r->event_count > 0)
        return;
    d->event_room = room;
    r->events = arena_array(d->arena, room, sizeof *r->events);
}

static bool too_long(struct error *err)
{
    return error_set(err, ERROR_LIMIT, "event-bytes (%d) passed", LIMIT_EVENT_BYTES);
}

static size_t event_text_bytes(const struct event *e)
{
    size_t bytes = 0;
#define X(member, key) bytes += e->member.len;
    EVENT_TEXTS(X)
#undef X
    return bytes;
}

bool draft_event(struct draft *d, const struct event *e, struct error *err)
{
    struct reading *r = d->out;
    if (event_text_bytes(e) > LIMIT_EVENT_BYTES)
        return too_long(err);
    if (r->event_count >= LIMIT_EVENTS_PER_MESSAGE)
        return error_set(err, ERROR_LIMIT, "events-per-message (%d) passed", LIMIT_EVENTS_PER_MESSAGE);
    r->events = grown(d->arena, r->events, r->event_count, &d->event_room, sizeof *r->events);
    r->events[r->event_count++] = *e;
    return true;
}

static size_t patient_text_bytes(const struct patient *p)
{
    size_t bytes = p->id.len + p->family.len + p->given.len + p->birth.len + p->class.len + p->service.len +
                   p->attending.id.len + p->attending.name.len;
    for (size_t i = 0; i < p->flag_count; i++)
        bytes += p->flags[i].len;
    return bytes;
}

static size_t change_text_bytes(const struct change *c)
{
    const struct place *const places[] = { &c->place, &c->other_place, &c->prior, &c->temporary,
                                           &c->pending };
    size_t bytes = patient_text_bytes(&c->patient) + patient_text_bytes(&c->other) + c->visit.len +
                   c->account.len + c->other_visit.len + c->other_account.len;
    for (size_t i = 0; i < c->movement_count; i++)
        bytes += c->movements[i].len;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        bytes += places[i]->unit.len + places[i]->room.len + places[i]->bed.len;
    return bytes;
}

bool draft_change(struct draft *d, const struct change *c, struct error *err)
{
    struct reading *r = d->out;
    if (change_text_bytes(c) > LIMIT_EVENT_BYTES)
        return too_long(err);
    if (r->change_count >= LIMIT_EVENTS_PER_MESSAGE)
        return error_set(err, ERROR_LIMIT, "events-per-message: more than %d changes in one message",
                         LIMIT_EVENTS_PER_MESSAGE);
    r->changes = grown(d->arena, r->changes, r->change_count, &d->change_room, sizeof *r->changes);
    r->changes[r->change_count++] = *c;
    return true;
}

void draft_finding(struct draft *d, const char *what, const char *where, struct slice key)
{
    enum { LOOK_BACK = 8 }; /* the same thing said twice in one message is one finding */
    struct reading *r = d->out;
    for (size_t i = r->finding_count; i > 0 && i + LOOK_BACK > r->finding_count; i--) {
        const struct finding *f = &r->findings[i - 1];
        if (strcmp(f->what, what) == 0 && strcmp(f->where, where) == 0 && slice_eq(f->key, key))
            return;
    }
    r->findings = grown(d->arena, r->findings, r->finding_count, &d->finding_room, sizeof *r->findings);
    struct finding *f = &r->findings[r->finding_count++];
    *f = (struct finding){ .what = what, .key = key };
    snprintf(f->where, sizeof f->where, "%s", where);
}

static bool is_visible(char c)
{
    return c > ' ' && c <= '~';
}

struct slice code_trim(struct slice s)
{
    if (s.len == 0 || (is_visible(s.ptr[0]) && is_visible(s.ptr[s.len - 1])))
        return s; /* nearly always */
    for (;;) {
        struct slice before = s;
        s = slice_trim(s);
        if (slice_starts(s, SLICE("\xC2\xA0")))
            s = slice_sub(s, 2, s.len);
        if (slice_ends(s, SLICE("\xC2\xA0")))
            s.len -= 2;
        if (before.len == s.len)
            return s;
    }
}

/* The parts one after the other, in the arena: what arena_printf would do, without reading a format for each
 * event. */
static struct slice joined(struct arena *a, const struct slice *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *text = arena_alloc(a, len + 1), *at = text;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0)
            memcpy(at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    *at = '\0';
    return (struct slice){ text, len };
}

static struct slice joined_by(struct draft *d, struct slice first, const char *between, struct slice second)
{
    const struct slice parts[] = { first, slice_of(between), second };
    return joined(d->arena, parts, 3);
}

/* The name that the site's own map gives. A text says more than a bare "0", so it is asked first. */
static struct slice mapped_name(const struct codemap *map, const struct sent_code *sent)
{
    const struct slice none = { NULL, 0 };
    const struct slice pairs[][2] = {
        { none, sent->ref }, { none, sent->text }, { sent->code, sent->ref }, { sent->code, sent->text }
    };
    for (size_t i = 0; map != NULL && i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i][1].len == 0 && i != 3) /* asked without a text once */
            continue;
        struct slice name = codemap_find(map, pairs[i][0], pairs[i][1]);
        if (name.len > 0)
            return name;
    }
    return none;
}

/* The base code of an alternate (odd) MDC event, else the empty slice. */
static struct slice base_code(struct arena *a, struct slice system, struct slice code)
{
    uint32_t n;
    if (!slice_to_u32(code, &n) || n % 2 == 0 || n < MDC_EVT_PARTITION || n >= MDC_EVT_END ||
        !slice_is(coding_system(system), "MDC"))
        return (struct slice){ NULL, 0 };
    return arena_printf(a, "%u", (unsigned)(n - 1));
}

static const struct catalogue_row *find_row(const struct draft *d, const struct sent_code *s,
                                            struct slice code)
{
    const struct catalogue_row *by_text =
        catalogue_find(d->src->catalogue, s->system, code, s->source, s->text);
    if (s->ref.len == 0)
        return by_text; /* without a name the second look would find nothing else */
    const struct catalogue_row *by_ref =
        catalogue_find(d->src->catalogue, s->system, code, s->source, s->ref);
    return by_text == NULL || (by_ref != NULL && by_text->text.len == 0) ? by_ref : by_text;
}

const struct catalogue_row *draft_row(const struct draft *d, const struct sent_code *sent)
{
    struct slice name = mapped_name(d->src->map, sent);
    if (name.len > 0)
        return catalogue_named(d->src->catalogue, name);
    const struct catalogue_row *row = find_row(d, sent, sent->code);
    if (row != NULL)
        return row;
    struct slice base = base_code(d->arena, sent->system, sent->code);
    return base.len > 0 ? find_row(d, sent, base) : NULL;
}

enum event_class class_of_priority(enum event_priority p, enum event_class otherwise)
{
    switch (p) {
    case PRIORITY_HIGH:
    case PRIORITY_STAT:
        return CLASS_HIGH;
    case PRIORITY_MEDIUM:
        return CLASS_MEDIUM;
    case PRIORITY_LOW:
    case PRIORITY_ROUTINE:
        return CLASS_LOW;
    case PRIORITY_INFO:
        return CLASS_INFO;
    default:
        return otherwise;
    }
}

void draft_unmapped(struct draft *d, const struct sent_code *s, const char *where)
{
    const struct slice bar = SLICE("|");
    const struct slice parts[] = { coding_system(s->system), bar, s->code, bar, s->ref, bar, s->source };
    draft_finding(d, "unmapped-code", where, joined(d->arena, parts, s->source.len > 0 ? 7 : 5));
}

static bool rings(enum event_kind k)
{
    return k == EVENT_ALARM || k == EVENT_CALL;
}

void draft_take_row(struct event *e, const struct sent_code *sent, const struct catalogue_row *row)
{
    struct slice shown = sent->text.len > 0 ? sent->text : sent->ref.len > 0 ? sent->ref : sent->code;
    e->system = coding_system(sent->system);
    e->raw_code = sent->code;
    e->raw_text = sent->text.len > 0 ? sent->text : sent->ref;
    e->title = shown.len > 0 ? shown : SLICE("unknown");
    e->mapped = row != NULL;
    if (row == NULL) {
        e->class = class_of_priority(e->priority, CLASS_MEDIUM);
        return;
    }
    e->code = row->name;
    e->class = row->class;
    if (row->title.len > 0)
        e->title = row->title;
    if (rings(e->kind) && rings(row->kind))
        e->kind = row->kind;
    if (row->attended_ends && e->phase == PHASE_ATTENDED)
        e->phase = PHASE_ENDS;
}

void draft_classify(struct draft *d, struct event *e, const struct sent_code *sent, const char *where)
{
    const struct catalogue_row *row = draft_row(d, sent);
    draft_take_row(e, sent, row);
    if (row == NULL)
        draft_unmapped(d, sent, where);
}

struct place draft_place(struct draft *d, struct place sent, const char *where)
{
    struct place own;
    if (!place_map_find(d->src->places, sent, &own) && d->src->places != NULL)
        draft_finding(d, "unmapped-place", where,
                      arena_printf(d->arena, "%.*s^%.*s^%.*s", SLICE_ARG(sent.unit), SLICE_ARG(sent.room),
                                   SLICE_ARG(sent.bed)));
    return own;
}

struct slice draft_sender(struct draft *d, struct slice application, struct slice facility)
{
    if (facility.len == 0)
        return application;
    return joined_by(d, application, "|", facility);
}

struct slice draft_identity(struct draft *d, struct slice sender, const struct slice *parts, size_t count)
{
    enum { PARTS_MAX = 8 };
    struct slice whole[2 * PARTS_MAX + 1] = { sender };
    size_t n = 1;
    for (size_t i = 0; i < count && i < PARTS_MAX; i++) {
        whole[n++] = SLICE("|");
        whole[n++] = code_trim(parts[i]);
    }
    return joined(d->arena, whole, n);
}

struct slice draft_entity(struct draft *d, struct slice id, struct slice name_space, struct slice universal)
{
    enum { UNIQUE_BY_ITSELF = 20 };
    id = code_trim(id);
    if (id.len == 0 || id.len >= UNIQUE_BY_ITSELF ||
        code_trim(name_space).len + code_trim(universal).len == 0)
        return id;
    return arena_printf(d->arena, "%.*s^%.*s^%.*s", SLICE_ARG(id), SLICE_ARG(code_trim(name_space)),
                        SLICE_ARG(code_trim(universal)));
}

struct slice draft_patient_id(struct draft *d, struct slice authority, struct slice id)
{
    if (id.len == 0)
        return id;
    return joined_by(d, authority, "|", id);
}

struct slice draft_name(struct draft *d, struct slice given, struct slice family)
{
    if (given.len == 0 || family.len == 0)
        return given.len > 0 ? given : family;
    return joined_by(d, given, " ", family);
}
