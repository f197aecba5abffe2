#include "events/event.h"

#include "events/event_parts.h"

#define X(id, name) name,
static const char *const kind_names[] = { EVENT_KINDS(X) };
static const char *const phase_names[] = { EVENT_PHASES(X) };
static const char *const class_names[] = { EVENT_CLASSES(X) };
static const char *const priority_names[] = { EVENT_PRIORITIES(X) };
static const char *const abnormal_names[] = { EVENT_ABNORMALS(X) };
#undef X

static const char *name_at(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "";
}

const char *event_kind_name(enum event_kind k)
{
    return name_at(kind_names, EVENT_KIND_COUNT, (size_t)k);
}

const char *event_phase_name(enum event_phase p)
{
    return name_at(phase_names, PHASE_COUNT, (size_t)p);
}

const char *event_class_name(enum event_class c)
{
    return name_at(class_names, CLASS_COUNT, (size_t)c);
}

const char *event_priority_name(enum event_priority p)
{
    return name_at(priority_names, PRIORITY_COUNT, (size_t)p);
}

const char *event_abnormal_name(enum event_abnormal a)
{
    return name_at(abnormal_names, ABNORMAL_COUNT, (size_t)a);
}

/* The index of `name`, or `count`. The empty name is nobody's. */
static size_t name_index(const char *const *names, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (name.len > 0 && slice_is(name, names[i]))
            return i;
    return count;
}

bool event_kind_find(struct slice name, enum event_kind *out)
{
    size_t i = name_index(kind_names, EVENT_KIND_COUNT, name);
    if (i == EVENT_KIND_COUNT)
        return false;
    *out = (enum event_kind)i;
    return true;
}

bool event_phase_find(struct slice name, enum event_phase *out)
{
    size_t i = name_index(phase_names, PHASE_COUNT, name);
    if (i == PHASE_COUNT)
        return false;
    *out = (enum event_phase)i;
    return true;
}

bool event_class_find(struct slice name, enum event_class *out)
{
    size_t i = name_index(class_names, CLASS_COUNT, name);
    if (i == CLASS_COUNT)
        return false;
    *out = (enum event_class)i;
    return true;
}

bool event_phase_fits(enum event_kind k, enum event_phase p)
{
    if (p == PHASE_WITHDRAWN)
        return true;
    switch (k) {
    case EVENT_ALARM:
    case EVENT_CALL:
        return p <= PHASE_ENDS;
    case EVENT_RESULT:
        return p == PHASE_PRELIMINARY || p == PHASE_FINAL || p == PHASE_CORRECTED;
    case EVENT_APPOINTMENT:
        return p >= PHASE_BOOKED && p < PHASE_COUNT;
    case EVENT_TRANSPORT:
        return p == PHASE_INBOUND || p == PHASE_ARRIVED;
    case EVENT_TRANSFER:
        return p == PHASE_STARTS;
    case EVENT_ORDER:
        return p == PHASE_STARTS || p == PHASE_UPDATES;
    default:
        return false;
    }
}

bool event_phase_opens(enum event_phase p)
{
    return p != PHASE_ATTENDED && p != PHASE_ENDS && p != PHASE_WITHDRAWN && p < PHASE_COUNT;
}

bool event_is_drill(const struct event *e)
{
    return slice_is(e->listener, EVENT_OWN_LISTENER) && slice_is(e->sender, EVENT_DRILL) &&
           slice_starts(e->identity, SLICE(EVENT_OWN_LISTENER "|" EVENT_DRILL "|"));
}

struct event event_empty(enum event_kind kind, enum event_phase phase)
{
    struct event e = { .kind = kind,
                       .phase = phase,
                       .class = CLASS_INFO,
                       .time_us = TIME_NONE,
                       .start_us = TIME_NONE,
                       .was_us = TIME_NONE };
    return e;
}

struct event *event_copy(struct arena *a, const struct event *e)
{
    struct event *out = arena_alloc(a, sizeof *out);
    *out = *e;
#define X(member, key) out->member = arena_copy(a, e->member);
    EVENT_TEXTS(X)
#undef X
    out->value.unit = arena_copy(a, e->value.unit);
    out->threshold.unit = arena_copy(a, e->threshold.unit);
    for (size_t i = 0; i < e->patient.flag_count; i++)
        out->patient.flags[i] = arena_copy(a, e->patient.flags[i]);
    return out;
}
