/* hl7/path_parts.h - what a compiled path is made of. Shared by path*.c and terser.c, and by nobody else. */
#ifndef NIGHTBELL_HL7_PATH_PARTS_H
#define NIGHTBELL_HL7_PATH_PARTS_H

#include "hl7/path.h"

#define PATH_EVERY UINT32_MAX /* [*] as an occurrence or a repetition */

enum { PATH_STEPS = 8, PATH_BYTES = 4096 };

/* field[repetition].component.sub; component and sub are 0 where not said. */
struct path_place {
    uint32_t field, repetition, component, sub;
};

struct path_step {
    struct slice segment;
    uint32_t occurrence; /* 0: none given */
    bool filtered;       /* OBX[@3.1='...'] */
    bool optional;       /* a Terser group whose first segment may be left out: then what is around it */
    struct path_place filter;
    struct slice filter_text; /* quotes already undoubled */
};

struct hl7_path {
    struct slice text; /* as it was compiled */
    struct path_step steps[PATH_STEPS];
    size_t step_count; /* at least 1; the last is the segment that the place is in */
    struct path_place place;
};

static inline const struct path_step *path_last(const struct hl7_path *path)
{
    return &path->steps[path->step_count - 1];
}

/* Compiling: a text, how far it was read, and where the first fault goes. */
struct path_reading {
    struct arena *arena;
    struct slice text;
    size_t at;
    struct error *err;
};

/* A new path by one of the two syntaxes: `read` fills it, false with the error set. NULL with an error. */
struct hl7_path *path_compile(struct arena *arena, struct slice text, const char *hint,
                              bool (*read)(struct path_reading *r, struct hl7_path *p), struct error *err);
/* Sets the error at r->at with `hint`; always false. */
bool path_fail(struct path_reading *r, const char *what, const char *hint);
/* The byte at r->at, 0 at the end. */
char path_peek(const struct path_reading *r);
bool path_take(struct path_reading *r, char c);
/* Digits at r->at as a number of at least `least`. */
bool path_number(struct path_reading *r, uint32_t least, const char *what, const char *hint, uint32_t *out);
/* Three capitals or digits at r->at, a capital first. */
bool path_segment(struct path_reading *r, const char *hint, struct slice *out);

/* What the order of a message's segments says about their nesting; one scan. */
struct path_nesting {
    bool has_specimens_first; /* SPM stands above ORC and OBR */
    bool has_services_first;  /* ORC belongs to the OBR before it */
};
struct path_nesting path_nesting_of(const struct hl7_message *m);

/* Where the segments end that belong to `parent` and may be named `child` in a path: a note or a
 * participation belongs to the segment it follows, not to one above that. */
size_t path_scope_end(const struct hl7_message *m, struct path_nesting n, size_t parent, struct slice child);

#endif
