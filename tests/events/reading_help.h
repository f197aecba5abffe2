/* Helpers of the tests of events/: a source with the built-in catalogue, and readings as lines of JSON. */
#ifndef NIGHTBELL_TESTS_EVENTS_READING_HELP_H
#define NIGHTBELL_TESTS_EVENTS_READING_HELP_H

#include "base/buf.h"
#include "events/reading.h"
#include "events/schema.h"
#include "fhir/json.h"
#include "fhir/tree.h"
#include "fhir/xml.h"
#include "hl7/batch.h"
#include "hl7/message.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_BYTES_MAX = 64 << 20 };

static inline bool help_read_file(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    char piece[65536];
    size_t n;
    if (f == NULL)
        return false;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_bytes(out, piece, n);
    fclose(f);
    return true;
}

/* The built-in catalogue and our own places: units "5W" and "ICU". */
struct help_site {
    struct catalogue *catalogue;
    struct codemap *map;
    struct place_map *places;
    struct event_source source;
};

static inline struct help_site help_site_make(void)
{
    struct help_site s = { catalogue_new(), codemap_new(), place_map_new(), { .listener = SLICE("test") } };
    catalogue_add_builtin(s.catalogue, NULL);
    place_map_add_own(s.places, SLICE("5W"), SLICE(""));
    place_map_add_own(s.places, SLICE("5W"), SLICE("12"));
    place_map_add_own(s.places, SLICE("ICU"), SLICE("B1"));
    codemap_add(s.map, SLICE(""), SLICE("MDCX_BATH_CORD"), SLICE("bathroom-cord"));
    s.source.catalogue = s.catalogue;
    s.source.map = s.map;
    s.source.places = s.places;
    return s;
}

static inline void help_site_free(struct help_site *s)
{
    catalogue_free(&s->catalogue);
    codemap_free(&s->map);
    place_map_free(&s->places);
}

static inline const char *help_change_name(enum change_kind k)
{
    static const char *const names[] = { "admit",
                                         "move",
                                         "discharge",
                                         "update",
                                         "cancel-admit",
                                         "cancel-move",
                                         "cancel-discharge",
                                         "swap",
                                         "merge",
                                         "flag",
                                         "unflag",
                                         "place",
                                         "details",
                                         "cancel-attending",
                                         "depart",
                                         "arrive",
                                         "cancel-depart",
                                         "cancel-arrive",
                                         "leave",
                                         "return",
                                         "cancel-leave",
                                         "cancel-return",
                                         "preadmit",
                                         "pending-admit",
                                         "pending-move",
                                         "pending-discharge",
                                         "cancel-preadmit",
                                         "cancel-pending-admit",
                                         "cancel-pending-move",
                                         "cancel-pending-discharge",
                                         "delete-person",
                                         "move-stay",
                                         "renumber" };
    return names[k];
}

static inline void help_put_place(struct buf *out, const char *key, const struct place *p)
{
    if (p->unit.len + p->room.len + p->bed.len > 0)
        buf_printf(out, ",\"%s\":\"%.*s/%.*s/%.*s\"", key, SLICE_ARG(p->unit), SLICE_ARG(p->room),
                   SLICE_ARG(p->bed));
}

static inline void help_put_change(struct buf *out, const struct change *c)
{
    char at[TIME_TEXT];
    buf_printf(out, "{\"change\":\"%s\",\"patient\":\"%.*s\"", help_change_name(c->kind),
               SLICE_ARG(c->patient.id));
    if (c->patient.family.len > 0)
        buf_printf(out, ",\"family\":\"%.*s\"", SLICE_ARG(c->patient.family));
    if (c->patient.class.len > 0)
        buf_printf(out, ",\"class\":\"%.*s\"", SLICE_ARG(c->patient.class));
    if (c->other.id.len > 0)
        buf_printf(out, ",\"other\":\"%.*s\"", SLICE_ARG(c->other.id));
    for (size_t i = 0; i < c->patient.flag_count; i++)
        buf_printf(out, ",\"flag\":\"%.*s\"", SLICE_ARG(c->patient.flags[i]));
    help_put_place(out, "place", &c->place);
    help_put_place(out, "prior", &c->prior);
    help_put_place(out, "other-place", &c->other_place);
    help_put_place(out, "temporary", &c->temporary);
    help_put_place(out, "pending", &c->pending);
    if (c->patient.attending.id.len > 0)
        buf_printf(out, ",\"attending\":\"%.*s\"", SLICE_ARG(c->patient.attending.id));
    if (c->movement_count > 0)
        buf_printf(out, ",\"movement\":\"%.*s %s\"", SLICE_ARG(c->movements[0]),
                   c->action == ZBE_UPDATE   ? "update"
                   : c->action == ZBE_CANCEL ? "cancel"
                                             : "insert");
    if (c->occurred_us != TIME_NONE) {
        struct slice text = time_text(c->occurred_us, at);
        buf_printf(out, ",\"occurred\":\"%.*s\"", SLICE_ARG(text));
    }
    buf_text(out, "}\n");
}

static inline void help_put_text(struct buf *out, const char *key, struct slice value)
{
    if (value.len > 0)
        buf_printf(out, ",\"%s\":\"%.*s\"", key, SLICE_ARG(value));
}

static inline void help_put_time(struct buf *out, const char *key, int64_t us)
{
    char at[TIME_TEXT];
    if (us != TIME_NONE)
        help_put_text(out, key, time_text(us, at));
}

static inline void help_put_staff(struct buf *out, const struct staff_change *c)
{
    static const char *const kinds[] = { "put", "activate", "deactivate", "remove" };
    buf_printf(out, "{\"staff\":\"%s\",\"key\":\"%.*s\"", kinds[c->kind], SLICE_ARG(c->key));
    for (size_t i = 0; i < c->id_count; i++)
        help_put_text(out, "id", c->ids[i]);
    help_put_text(out, "family", c->family);
    help_put_text(out, "given", c->given);
    help_put_text(out, "department", c->department);
    help_put_text(out, "title", c->title);
    help_put_text(out, "phone", c->phone);
    help_put_text(out, "pager", c->pager);
    help_put_text(out, "mail", c->mail);
    help_put_text(out, "contact", c->contact);
    help_put_text(out, "backup", c->backup);
    help_put_text(out, "category", c->category);
    help_put_text(out, "specialty", c->specialty);
    buf_text(out, c->active ? ",\"active\":true" : ",\"active\":false");
    help_put_time(out, "effective", c->effective_us);
    help_put_time(out, "occurred", c->occurred_us);
    buf_text(out, "}\n");
}

static inline void help_put_care(struct buf *out, const struct care_change *c)
{
    buf_printf(out, "{\"care\":\"%s\",\"person\":\"%.*s\",\"code\":\"%.*s\"", c->end ? "end" : "begin",
               SLICE_ARG(c->person.id), SLICE_ARG(c->role_code));
    help_put_text(out, "name", c->person.name);
    help_put_text(out, "system", c->role_system);
    help_put_text(out, "role", c->role);
    help_put_text(out, "patient", c->patient);
    help_put_place(out, "place", &c->place);
    help_put_time(out, "from", c->from_us);
    help_put_time(out, "until", c->until_us);
    help_put_time(out, "occurred", c->occurred_us);
    help_put_text(out, "where", slice_of(c->where));
    buf_text(out, "}\n");
}

static inline void help_put_location(struct buf *out, const struct location_change *c)
{
    buf_printf(out, "{\"location\":\"%.*s/%.*s/%.*s\"", SLICE_ARG(c->place.unit), SLICE_ARG(c->place.room),
               SLICE_ARG(c->place.bed));
    help_put_text(out, "status", c->status);
    help_put_text(out, "title", c->title);
    buf_text(out, c->remove ? ",\"remove\":true" : "");
    buf_text(out, !c->says_active ? "" : c->active ? ",\"active\":true" : ",\"active\":false");
    help_put_time(out, "occurred", c->occurred_us);
    buf_text(out, "}\n");
}

static inline void help_put_master(struct buf *out, const struct reading *r)
{
    for (size_t i = 0; i < r->staff_count; i++)
        help_put_staff(out, &r->staff[i]);
    for (size_t i = 0; i < r->location_count; i++)
        help_put_location(out, &r->locations[i]);
    for (size_t i = 0; i < r->care_count; i++)
        help_put_care(out, &r->care[i]);
    if (r->replaces)
        buf_text(out, "{\"replaces\":true}\n");
}

/* Events, changes, findings and the kind of reading, one line each. */
static inline void help_put_reading(struct buf *out, const struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        event_json(out, &r->events[i]);
        buf_text(out, "\n");
    }
    for (size_t i = 0; i < r->change_count; i++)
        help_put_change(out, &r->changes[i]);
    help_put_master(out, r);
    for (size_t i = 0; i < r->finding_count; i++)
        buf_printf(out, "{\"finding\":\"%s\",\"where\":\"%s\",\"key\":\"%.*s\"}\n", r->findings[i].what,
                   r->findings[i].where, SLICE_ARG(r->findings[i].key));
    if (r->context_only || r->heartbeat)
        buf_printf(out, "{\"context-only\":%s,\"heartbeat\":%s,\"planned-stop\":%s}\n",
                   r->context_only ? "true" : "false", r->heartbeat ? "true" : "false",
                   r->planned_stop ? "true" : "false");
}

static inline void help_put_error(struct buf *out, const struct error *e)
{
    buf_printf(out, "{\"error\":\"%s\",\"where\":\"%s\",\"message\":\"%s\"}\n", error_name(e->code), e->where,
               e->message);
}

/* One message; appends its lines. */
static inline bool help_read_hl7(struct arena *a, const struct event_source *src, struct slice wire,
                                 struct buf *out)
{
    struct error err = { .code = ERROR_NONE };
    struct reading r;
    const struct hl7_charset_choice charset = { src->charset, src->charset_fallback };
    struct hl7_message *m = hl7_message_parse_as(a, wire, &charset, &err);
    bool ok = m != NULL && reading_from_hl7(a, m, src, &r, &err);
    if (ok)
        help_put_reading(out, &r);
    else
        help_put_error(out, &err);
    return ok;
}

/* A FHIR document, JSON or XML by its first byte. */
static inline bool help_read_fhir(struct arena *a, const struct event_source *src, struct slice text,
                                  struct buf *out)
{
    struct error err = { .code = ERROR_NONE };
    struct reading r;
    struct fhir_tree tree;
    struct buf block = buf_make(HELP_BYTES_MAX);
    struct slice trimmed = slice_trim(text);
    bool xml = trimmed.len > 0 && memchr(trimmed.ptr, '<', trimmed.len < 8 ? trimmed.len : 8) != NULL;
    bool ok = xml ? fhir_xml_read(text, &block, &err) : fhir_json_read(text, &block, &err);
    ok = ok && fhir_tree_open(arena_copy(a, buf_slice(&block)), &tree, &err) &&
         reading_from_fhir(a, &tree, src, &r, &err);
    if (ok)
        help_put_reading(out, &r);
    else
        help_put_error(out, &err);
    buf_free(&block);
    return ok;
}

/* Compares with tests/events/expected/NAME.json; NIGHTBELL_GOLDEN=write stores it instead, for review. */
static inline bool help_golden(const char *name, const struct buf *got)
{
    char path[512];
    struct buf want = buf_make(HELP_BYTES_MAX);
    const char *mode = getenv("NIGHTBELL_GOLDEN");
    snprintf(path, sizeof path, PROJECT_DIR "/tests/events/expected/%s.json", name);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *f = fopen(path, "wb");
        bool ok = f != NULL && fwrite(got->ptr, 1, got->len, f) == got->len;
        return f != NULL && fclose(f) == 0 && ok;
    }
    bool ok = help_read_file(path, &want) && slice_eq(buf_slice(&want), buf_slice(got));
    if (!ok)
        fprintf(stderr, "%s: expected\n%.*sgot\n%.*s", name, SLICE_ARG(buf_slice(&want)),
                SLICE_ARG(buf_slice(got)));
    buf_free(&want);
    return ok;
}

#endif
