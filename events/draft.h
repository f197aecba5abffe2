/* events/draft.h - a reading under way: what the HL7 and the FHIR readers share (private to events/).
 *
 * Everything lives in the arena that the reading was asked to use. */
#ifndef NIGHTBELL_EVENTS_DRAFT_H
#define NIGHTBELL_EVENTS_DRAFT_H

#include "events/reading.h"

struct draft {
    struct arena *arena;
    const struct event_source *src;
    struct reading *out;
    size_t event_room, change_room, finding_room;
};

struct draft draft_make(struct arena *a, const struct event_source *src, struct reading *out);
/* Room for so many events at once (an event is large: growing step by step copies it often). A hint. */
void draft_reserve(struct draft *d, size_t events);
/* False with ERROR_LIMIT: events-per-message, or event-bytes for texts that are none. */
bool draft_event(struct draft *d, const struct event *e, struct error *err);
bool draft_change(struct draft *d, const struct change *c, struct error *err);
void draft_finding(struct draft *d, const char *what, const char *where, struct slice key);

/* A code as sent: `system` may be any spelling, `ref` the sender's name of the code, `text` what it shows
 * to people, `source` the metric that the event is about. */
struct sent_code {
    struct slice system, code, ref, text, source;
};

/* Fills code, title, system, raw_code, raw_text, mapped, class and kind from the site's map and the
 * catalogue, else class from e->priority and a finding. A row of a result makes no alarm of it: the kind
 * changes between alarm and call only. */
void draft_classify(struct draft *d, struct event *e, const struct sent_code *sent, const char *where);
/* The row that classifying would use, or NULL. */
const struct catalogue_row *draft_row(const struct draft *d, const struct sent_code *sent);
/* draft_classify in its parts, for who has the row already: what the row (NULL: none) makes of it, and the
 * finding that there is none. */
void draft_take_row(struct event *e, const struct sent_code *sent, const struct catalogue_row *row);
void draft_unmapped(struct draft *d, const struct sent_code *sent, const char *where);
/* Lethal, high ... from a priority; `otherwise` when there is none. */
enum event_class class_of_priority(enum event_priority p, enum event_class otherwise);

/* As the site names it; a finding when the map does not know it. */
struct place draft_place(struct draft *d, struct place sent, const char *where);
/* "TELEMETRY", "TELEMETRY|NORTH". */
struct slice draft_sender(struct draft *d, struct slice application, struct slice facility);
/* sender|a|b|c... : parts trimmed, in order, empty ones kept between bars. */
struct slice draft_identity(struct draft *d, struct slice sender, const struct slice *parts, size_t count);
/* The parts of an entity identifier as identity: the id alone when it is long enough to be unique by
 * itself (20 characters), since senders are not of one mind about the other parts; else all of them. */
struct slice draft_entity(struct draft *d, struct slice id, struct slice name_space, struct slice universal);

/* --- values ------------------------------------------------------------------------------------------ */
/* "88", ">10", "<= 5.2", "90-96": the number and its bounds without a unit; ABSENT when it is none. */
struct quantity quantity_parse(struct slice text);
/* Comparator (">", "<", ">=", "<=" or empty) and a number. */
struct quantity quantity_make(struct slice comparator, struct slice number);
/* Gives it a unit: `sent` in UCUM, else the row's; converted to the row's unit where that is exact. */
void quantity_set_unit(struct quantity *q, struct slice sent, struct slice row_unit);
/* The same for a unit that is UCUM already, or known not to be. */
void quantity_put_unit(struct quantity *q, struct slice unit, struct slice row_unit);

/* Phase and priority of IEEE 11073 and FHIR words; false when the word is not one of them. */
bool phase_of_word(struct slice word, enum event_phase *out);
bool priority_of_word(struct slice word, enum event_priority *out);
/* The abnormal flag of HL7 table 0078 / FHIR interpretation; the more severe of `so_far` and it. */
enum event_abnormal abnormal_worse(enum event_abnormal so_far, struct slice flag);
/* Is it a word of those tables at all, whatever it says? */
bool abnormal_known(struct slice flag);
/* Class of a result: its row's, raised by critical flags and STAT. */
enum event_class class_of_result(const struct event *e, enum event_class base);

/* Blanks and no-break spaces off both ends: codes are compared without them. */
struct slice code_trim(struct slice s);
/* "adams|77" style key of a patient: authority and id. */
struct slice draft_patient_id(struct draft *d, struct slice authority, struct slice id);
struct slice draft_name(struct draft *d, struct slice given, struct slice family);

#endif
