/* Helpers of the HL7 v2 tests of events/: one message of text into one reading. */
#ifndef NIGHTBELL_TESTS_EVENTS_HL7_HELP_H
#define NIGHTBELL_TESTS_EVENTS_HL7_HELP_H

#include "tests/events/reading_help.h"

struct fixture {
    struct help_site site;
    struct arena *arena;
    const struct hl7_message *m;
    struct reading r;
    struct error err;
};

static inline void fixture_begin(struct fixture *f)
{
    *f = (struct fixture){ .site = help_site_make(), .arena = arena_new() };
}

static inline void fixture_end(struct fixture *f)
{
    arena_free(&f->arena);
    help_site_free(&f->site);
}

/* What was read before is gone. */
static inline bool fixture_read(struct fixture *f, const char *wire)
{
    arena_reset(f->arena);
    error_clear(&f->err);
    f->r = (struct reading){ .event_count = 0 };
    f->m = hl7_message_parse(f->arena, arena_copy(f->arena, slice_of(wire)), &f->err);
    return f->m != NULL && reading_from_hl7(f->arena, f->m, &f->site.source, &f->r, &f->err);
}

/* The only event, or the test fails with `name`. */
static inline const struct event *fixture_event(struct fixture *f, const char *name, const char *wire)
{
    if (!fixture_read(f, wire) || f->r.event_count != 1)
        fail_msg("%s: %zu events, %s %s", name, f->r.event_count, f->err.where, f->err.message);
    return &f->r.events[0];
}

static inline bool fixture_found(const struct fixture *f, const char *what)
{
    for (size_t i = 0; i < f->r.finding_count; i++)
        if (strcmp(f->r.findings[i].what, what) == 0)
            return true;
    return false;
}

/* Event `i` as one line of JSON holds `part`. */
static inline bool fixture_holds(const struct fixture *f, size_t i, const char *part)
{
    struct buf out = buf_make(1 << 20);
    event_json(&out, &f->r.events[i]);
    buf_u8(&out, 0);
    bool held = strstr(out.ptr, part) != NULL;
    if (!held)
        fprintf(stderr, "%s\n", out.ptr);
    buf_free(&out);
    return held;
}

#endif
