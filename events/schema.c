#include "events/schema.h"

#include <stdint.h>

#define ALARM    KIND_BIT(EVENT_ALARM)
#define CALL     KIND_BIT(EVENT_CALL)
#define RESULT   KIND_BIT(EVENT_RESULT)
#define APPOINT  KIND_BIT(EVENT_APPOINTMENT)
#define CARRIED  KIND_BIT(EVENT_TRANSPORT)
#define TRANSFER KIND_BIT(EVENT_TRANSFER)
#define ORDER    KIND_BIT(EVENT_ORDER)
#define PLACED   (ALARM | CALL | TRANSFER | RESULT | ORDER)

#define X(id, name) name,
static const char *const classes[] = { EVENT_CLASSES(X) NULL };
static const char *const abnormals[] = { EVENT_ABNORMALS(X) NULL };
#undef X
static const char *const priorities[] = { "high", "medium", "low", "info", "stat", "routine", NULL };
static const char *const statuses[] = { "preliminary", "final", "corrected", "withdrawn", NULL };
static const char *const patient_classes[] = { "inpatient", "outpatient", "emergency", "preadmit",
                                               "recurring", "obstetrics", "other",     NULL };
static const char *const device_states[] = { "on",        "off", "standby", "not-ready", "transducer-discon",
                                             "hw-discon", NULL };
static const char *const inactivations[] = { "enabled",   "audio-paused",       "audio-off", "alarm-paused",
                                             "alarm-off", "alert-acknowledged", NULL };

enum field {
    F_CODE,
    F_CLASS,
    F_PRIORITY,
    F_SOURCE,
    F_TIME,
    F_CATEGORY,
    F_TRANSPORT_ID,
    F_VALUE,
    F_THRESHOLD,
    F_UNIT,
    F_ROOM,
    F_BED,
    F_PRIOR_UNIT,
    F_PRIOR_BED,
    F_PATIENT,
    F_FLAGS,
    F_INITIALS,
    F_NAME,
    F_PATIENT_CLASS,
    F_SERVICE,
    F_ATTENDING,
    F_DEVICE_ID,
    F_DEVICE_TYPE,
    F_DEVICE_STATE,
    F_INACTIVATION,
    F_ABNORMAL,
    F_STATUS,
    F_ORDERING,
    F_START,
    F_WAS,
    F_PLACE,
    F_CLINIC,
    F_ACTOR,
    FIELD_COUNT
};

/* Widths: a name of the catalogue or its title is at most 40 characters, a place 8, a number with its
 * unit 16. Lock-screen fields stay narrow so that "{class} {unit|?} {bed|?}" fits in 40. */
static const struct field_info fields[FIELD_COUNT] = {
    [F_CODE] = { "code", KINDS_ALL, TYPE_NAME, true, PRIVACY_PHI, NULL, 40, false },
    [F_CLASS] = { "class", KINDS_ALL, TYPE_NAME, true, PRIVACY_LOCK, classes, 9, false },
    [F_PRIORITY] = { "priority", KINDS_ALL, TYPE_NAME, true, PRIVACY_NONE, priorities, 7, false },
    [F_SOURCE] = { "source", KINDS_ALL, TYPE_NAME, true, PRIVACY_NONE, NULL, 24, false },
    [F_TIME] = { "time", KINDS_ALL, TYPE_INSTANT, true, PRIVACY_LOCK, NULL, 6, false },
    [F_CATEGORY] = { "category", CARRIED, TYPE_NAME, false, PRIVACY_PHI, NULL, 24, false },
    [F_TRANSPORT_ID] = { "transport.id", CARRIED, TYPE_TEXT, false, PRIVACY_NONE, NULL, 24, false },
    [F_VALUE] = { "value", ALARM | RESULT, TYPE_NUMBER, false, PRIVACY_PHI, NULL, 24, false },
    [F_THRESHOLD] = { "threshold", ALARM | RESULT, TYPE_NUMBER, false, PRIVACY_PHI, NULL, 32, false },
    [F_UNIT] = { "unit", PLACED, TYPE_PLACE, false, PRIVACY_LOCK, NULL, 12, false },
    [F_ROOM] = { "room", PLACED, TYPE_PLACE, false, PRIVACY_LOCK, NULL, 8, false },
    [F_BED] = { "bed", PLACED, TYPE_PLACE, false, PRIVACY_LOCK, NULL, 8, false },
    [F_PRIOR_UNIT] = { "prior-unit", PLACED, TYPE_PLACE, false, PRIVACY_LOCK, NULL, 12, false },
    [F_PRIOR_BED] = { "prior-bed", PLACED, TYPE_PLACE, false, PRIVACY_LOCK, NULL, 8, false },
    [F_PATIENT] = { "patient", KINDS_PATIENT, TYPE_TEXT, false, PRIVACY_PHI, NULL, 40, false },
    [F_FLAGS] = { "patient.flags", KINDS_PATIENT, TYPE_LIST, false, PRIVACY_PHI, NULL, 40, false },
    [F_INITIALS] = { "patient.initials", KINDS_PATIENT, TYPE_TEXT, false, PRIVACY_PHI, NULL, 4, true },
    [F_NAME] = { "patient.name", KINDS_PATIENT, TYPE_TEXT, false, PRIVACY_PHI, NULL, 40, true },
    [F_PATIENT_CLASS] = { "patient.class", KINDS_PATIENT, TYPE_NAME, false, PRIVACY_PHI, patient_classes, 10,
                          false },
    [F_SERVICE] = { "patient.service", KINDS_PATIENT, TYPE_NAME, false, PRIVACY_PHI, NULL, 24, false },
    [F_ATTENDING] = { "patient.attending", KINDS_PATIENT, TYPE_PERSON, false, PRIVACY_PHI, NULL, 40, false },
    [F_DEVICE_ID] = { "device.id", ALARM | CALL, TYPE_TEXT, false, PRIVACY_NONE, NULL, 40, false },
    [F_DEVICE_TYPE] = { "device.type", ALARM | CALL, TYPE_TEXT, false, PRIVACY_NONE, NULL, 40, false },
    [F_DEVICE_STATE] = { "device.state", ALARM | CALL, TYPE_NAME, false, PRIVACY_NONE, device_states, 17,
                         false },
    [F_INACTIVATION] = { "inactivation", ALARM | CALL, TYPE_NAME, false, PRIVACY_NONE, inactivations, 18,
                         false },
    [F_ABNORMAL] = { "abnormal", RESULT, TYPE_NAME, true, PRIVACY_PHI, abnormals, 14, false },
    [F_STATUS] = { "status", RESULT, TYPE_NAME, true, PRIVACY_PHI, statuses, 11, false },
    [F_ORDERING] = { "ordering-provider", RESULT | ORDER | APPOINT, TYPE_PERSON, false, PRIVACY_PHI, NULL, 40,
                     false },
    [F_START] = { "start", APPOINT, TYPE_INSTANT, false, PRIVACY_PHI, NULL, 6, false },
    [F_WAS] = { "was", APPOINT, TYPE_INSTANT, false, PRIVACY_PHI, NULL, 6, false },
    [F_PLACE] = { "place", APPOINT, TYPE_PLACE, false, PRIVACY_PHI, NULL, 24, false },
    [F_CLINIC] = { "clinic", APPOINT, TYPE_PLACE, false, PRIVACY_PHI, NULL, 24, false },
    [F_ACTOR] = { "actor", CALL, TYPE_PERSON, false, PRIVACY_PHI, NULL, 40, false },
};

size_t schema_count(void)
{
    return FIELD_COUNT;
}

const struct field_info *schema_field(size_t id)
{
    return id < FIELD_COUNT ? &fields[id] : NULL;
}

bool schema_find(struct slice name, size_t *id)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (slice_is(name, fields[i].name)) {
            *id = i;
            return true;
        }
    }
    return false;
}

/* The texts: each member by its field's id; NULL for what is no text. */
static const struct slice *text_member(const struct event *e, size_t id)
{
    switch ((enum field)id) {
    case F_CODE:
        return &e->code;
    case F_SOURCE:
        return &e->listener;
    case F_CATEGORY:
        return &e->category;
    case F_TRANSPORT_ID:
        return &e->transport_id;
    case F_UNIT:
    case F_PLACE:
        return &e->place.unit;
    case F_ROOM:
        return &e->place.room;
    case F_BED:
        return &e->place.bed;
    case F_PRIOR_UNIT:
        return &e->prior.unit;
    case F_PRIOR_BED:
        return &e->prior.bed;
    case F_PATIENT:
        return &e->patient.id;
    case F_NAME:
    case F_INITIALS:
        return e->patient.family.len > 0 ? &e->patient.family : &e->patient.given;
    case F_PATIENT_CLASS:
        return &e->patient.class;
    case F_SERVICE:
        return &e->patient.service;
    case F_ATTENDING:
        return &e->patient.attending.id;
    case F_DEVICE_ID:
        return &e->device_id;
    case F_DEVICE_TYPE:
        return &e->device_type;
    case F_DEVICE_STATE:
        return &e->device_state;
    case F_INACTIVATION:
        return &e->inactivation;
    case F_STATUS:
        return &e->result_status;
    case F_ORDERING:
        return &e->ordering_provider.id;
    case F_CLINIC:
        return &e->clinic;
    case F_ACTOR:
        return &e->actor.id;
    default:
        return NULL;
    }
}

static bool set_priority(struct event *e, struct slice text)
{
    for (unsigned p = 0; p < PRIORITY_COUNT; p++)
        if (slice_is(text, event_priority_name((enum event_priority)p))) {
            e->priority = (enum event_priority)p;
            return true;
        }
    return false;
}

static bool set_abnormal(struct event *e, struct slice text)
{
    for (unsigned v = 0; v < ABNORMAL_COUNT; v++)
        if (slice_is(text, event_abnormal_name((enum event_abnormal)v))) {
            e->abnormal = (enum event_abnormal)v;
            return true;
        }
    return false;
}

bool event_set_text(struct event *e, size_t id, struct slice text)
{
    if (id >= FIELD_COUNT || !(fields[id].kinds & KIND_BIT(e->kind)))
        return false;
    if (id == F_CLASS)
        return event_class_find(text, &e->class);
    if (id == F_PRIORITY)
        return set_priority(e, text);
    if (id == F_ABNORMAL)
        return set_abnormal(e, text);
    struct slice *member = (struct slice *)(uintptr_t)text_member(e, id); /* of e, which is not const here */
    if (member != NULL)
        *member = text;
    return member != NULL;
}

static struct field_value instant_value(int64_t us)
{
    return (struct field_value){ .present = us != TIME_NONE, .instant_us = us };
}

static struct field_value number_value(const struct quantity *q)
{
    return (struct field_value){ .present = q->state != QUANTITY_ABSENT, .number = *q };
}

static struct field_value name_value(const char *name)
{
    return (struct field_value){ .present = true, .text = slice_of(name) };
}

struct field_value event_field(const struct event *e, size_t id)
{
    if (id >= FIELD_COUNT || !(fields[id].kinds & KIND_BIT(e->kind)))
        return (struct field_value){ .present = false };
    switch ((enum field)id) {
    case F_CLASS:
        return name_value(event_class_name(e->class));
    case F_PRIORITY:
        return name_value(event_priority_name(e->priority));
    case F_ABNORMAL:
        return name_value(event_abnormal_name(e->abnormal));
    case F_TIME:
        return instant_value(e->time_us);
    case F_START:
        return instant_value(e->start_us);
    case F_WAS:
        return instant_value(e->was_us);
    case F_VALUE:
        return number_value(&e->value);
    case F_THRESHOLD:
        return number_value(&e->threshold);
    case F_FLAGS:
        return (struct field_value){ .present = e->patient.flag_count > 0,
                                     .list = e->patient.flags,
                                     .list_count = e->patient.flag_count };
    default:
        break;
    }
    const struct slice *text = text_member(e, id);
    if (text == NULL)
        return (struct field_value){ .present = false };
    return (struct field_value){ .present = fields[id].always || text->len > 0, .text = *text };
}
