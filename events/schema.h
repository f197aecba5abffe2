/* events/schema.h - the fields that rules see: names, types, kinds, presence, privacy (LANGUAGE 3). */
#ifndef NIGHTBELL_EVENTS_SCHEMA_H
#define NIGHTBELL_EVENTS_SCHEMA_H

#include "base/tz.h"
#include "events/event.h"

enum field_type {
    TYPE_NAME /* catalogue name or enum */,
    TYPE_NUMBER,
    TYPE_TEXT,
    TYPE_PLACE,
    TYPE_PERSON,
    TYPE_INSTANT,
    TYPE_LIST
};
enum field_privacy { PRIVACY_NONE, PRIVACY_LOCK /* may stand on a locked screen */, PRIVACY_PHI };

#define KIND_BIT(k)   (1u << (k))
#define KINDS_ALL     ((1u << EVENT_KIND_COUNT) - 1)
#define KINDS_PATIENT KINDS_ALL

struct field_info {
    const char *name; /* "device.state" */
    unsigned kinds;   /* KIND_BIT mask */
    enum field_type type;
    bool always; /* never absent: needs neither `or missing` nor `if known` */
    enum field_privacy privacy;
    const char *const *values; /* NULL-ended list of allowed names, or NULL */
    unsigned width;    /* characters at the widest, for the text checks; 0 = unbounded (cut nowhere) */
    bool display_only; /* for message texts: has no value to compare, the checker refuses it there */
};

/* Index into the table is the field's id, stable within one build. */
size_t schema_count(void);
const struct field_info *schema_field(size_t id);
bool schema_find(struct slice name, size_t *id);

struct field_value {
    bool present;
    struct slice text; /* name, text, place, person id */
    struct quantity number;
    int64_t instant_us;
    const struct slice *list;
    size_t list_count;
};
struct field_value event_field(const struct event *e, size_t id);
/* Gives a name, text, place or person of the event a value, as event_field reads it; false: the field is a
 * number, an instant or a list, or an enum without this name. The text is borrowed. */
bool event_set_text(struct event *e, size_t id, struct slice text);
/* The field as a person reads it, appended to a text: "86 %", "5W", "A.R."; false when absent. Never
 * wider than `width`: what is longer ends in "...". Instants are written hh:mm in UTC, "02:10Z". */
bool event_field_text(const struct event *e, size_t id, struct buf *out);
/* The same with instants as the wall clock of `zone` shows them, "02:10"; NULL zone: as above. */
bool event_field_text_in(const struct event *e, size_t id, const struct tz *zone, struct buf *out);

#endif
