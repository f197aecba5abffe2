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
    static const char *const names[] = {
        "admit", "move",  "discharge", "update", "cancel-admit", "cancel-move", "cancel-discharge",
        "swap",  "merge", "flag",      "unflag"
    };
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
    if (c->patient.flag_count > 0)
        buf_printf(out, ",\"flag\":\"%.*s\"", SLICE_ARG(c->patient.flags[0]));
    help_put_place(out, "place", &c->place);
    help_put_place(out, "prior", &c->prior);
    help_put_place(out, "other-place", &c->other_place);
    if (c->occurred_us != TIME_NONE) {
        struct slice text = time_text(c->occurred_us, at);
        buf_printf(out, ",\"occurred\":\"%.*s\"", SLICE_ARG(text));
    }
    buf_text(out, "}\n");
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
