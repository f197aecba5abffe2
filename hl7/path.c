#include "hl7/path.h"

#include "hl7/path_parts.h"

/* --- what a path says ------------------------------------------------------------------------------- */

struct slice hl7_path_segment(const struct hl7_path *path)
{
    return path_last(path)->segment;
}

uint32_t hl7_path_field(const struct hl7_path *path)
{
    return path->place.field;
}

bool hl7_path_is_selected(const struct hl7_path *path)
{
    return path->step_count > 1 || path->steps[0].occurrence > 0 || path->steps[0].filtered;
}

static bool is_numbered(const struct path_step *s)
{
    return s->occurrence > 0 && s->occurrence != PATH_EVERY;
}

bool hl7_path_is_occurrence(const struct hl7_path *path)
{
    for (size_t i = 0; i < path->step_count; i++)
        if (is_numbered(&path->steps[i]))
            return true;
    return false;
}

bool hl7_path_is_many(const struct hl7_path *path)
{
    for (size_t i = 0; i < path->step_count; i++)
        if (path->steps[i].occurrence == PATH_EVERY)
            return true;
    return path->place.repetition == PATH_EVERY;
}

/* --- filters ------------------------------------------------------------------------------------------ */

static bool is_text(const struct hl7_message *m, struct slice raw, struct slice text)
{
    return slice_eq(raw, text) || slice_eq(hl7_text(m, hl7_message_arena(m), raw), text);
}

static bool place_holds(const struct hl7_message *m, size_t segment, const struct path_step *s,
                        uint32_t repetition)
{
    const struct path_place *p = &s->filter;
    struct slice raw;

    return hl7_get(m, segment, p->field, repetition, p->component, p->sub, &raw) == HL7_VALUE &&
           is_text(m, raw, s->filter_text);
}

static bool filter_holds(const struct hl7_message *m, size_t segment, const struct path_step *s)
{
    if (!s->filtered)
        return true;
    if (s->filter.repetition != PATH_EVERY)
        return place_holds(m, segment, s, s->filter.repetition);
    uint32_t count = hl7_repetitions(m, segment, s->filter.field);
    for (uint32_t i = 1; i <= count; i++)
        if (place_holds(m, segment, s, i))
            return true;
    return false;
}

/* --- walking over the segments that a path names -------------------------------------------------------- */

struct walk {
    const struct hl7_path *path;
    const struct hl7_message *m;
    bool is_every; /* [*] is all of them; else it is the first, and a step without number is tried on */
    struct path_nesting nesting;
    size_t hits;
    bool (*hit)(struct walk *w, size_t segment); /* false: enough */
};

static size_t named_next(const struct hl7_message *m, struct slice name, size_t from, size_t end)
{
    if (end == hl7_message_segments(m))
        return hl7_segment_next(m, name, from);
    while (from < end && !slice_eq(hl7_segment_name(m, from), name))
        from++;
    return from < end ? from : HL7_NONE;
}

/* Is what was found at this step the last to be looked at? */
static bool is_done(const struct walk *w, const struct path_step *s, bool found)
{
    if (s->occurrence == PATH_EVERY)
        return !w->is_every;
    return s->occurrence > 0 || (w->is_every && found);
}

/* Tries every segment of step `depth` in [from, end). False when enough was found. */
static bool walk_step(struct walk *w, size_t depth, size_t from, size_t end)
{
    const struct path_step *s = &w->path->steps[depth];
    size_t seen = 0, at = named_next(w->m, s->segment, from, end);

    if (at == HL7_NONE && s->optional && s->occurrence <= 1)
        return walk_step(w, depth + 1, from, end);
    for (; at != HL7_NONE; at = named_next(w->m, s->segment, at + 1, end)) {
        size_t hits = w->hits;
        if (!filter_holds(w->m, at, s) || (is_numbered(s) && ++seen < s->occurrence))
            continue;
        if (depth + 1 == w->path->step_count) {
            w->hits++;
            if (!w->hit(w, at))
                return false;
        } else if (!walk_step(w, depth + 1, at + 1,
                              path_scope_end(w->m, w->nesting, at, w->path->steps[depth + 1].segment))) {
            return false;
        }
        if (is_done(w, s, w->hits > hits))
            break;
    }
    return true;
}

static void walk_all(struct walk *w)
{
    if (w->path->step_count > 1)
        w->nesting = path_nesting_of(w->m);
    walk_step(w, 0, 0, hl7_message_segments(w->m));
}

/* --- one value ------------------------------------------------------------------------------------------ */

struct first {
    struct walk walk;
    size_t segment;
    bool wants_many, many;
};

static bool first_hit(struct walk *w, size_t segment)
{
    struct first *f = (struct first *)w; /* the walk is its first member */

    f->many = f->segment != HL7_NONE;
    if (!f->many)
        f->segment = segment;
    return f->wants_many && !f->many;
}

/* The first segment that the path names. */
static size_t segment_first(const struct hl7_path *path, const struct hl7_message *m, bool *many)
{
    const struct path_step *s = &path->steps[0];

    if (path->step_count == 1 && !s->filtered) { /* PID-3.1 and OBX[2]-5: most paths */
        size_t at = hl7_segment_find(m, s->segment, is_numbered(s) ? s->occurrence : 1);
        if (many != NULL)
            *many =
                at != HL7_NONE && s->occurrence == 0 && hl7_segment_next(m, s->segment, at + 1) != HL7_NONE;
        return at;
    }
    struct first f = { .walk = { .path = path, .m = m, .hit = first_hit },
                       .segment = HL7_NONE,
                       .wants_many = many != NULL };
    walk_all(&f.walk);
    if (many != NULL)
        *many = f.many;
    return f.segment;
}

enum hl7_presence hl7_path_get(const struct hl7_path *path, const struct hl7_message *m, size_t base_segment,
                               struct slice *raw, bool *many)
{
    const struct path_place *at = &path->place;
    bool is_own = base_segment != HL7_NONE && !hl7_path_is_selected(path) &&
                  slice_eq(hl7_segment_name(m, base_segment), path->steps[0].segment);

    if (many != NULL)
        *many = false;
    return hl7_get(m, is_own ? base_segment : segment_first(path, m, many), at->field,
                   at->repetition == PATH_EVERY ? 1 : at->repetition, at->component, at->sub, raw);
}

/* --- every match ------------------------------------------------------------------------------------------
 */

struct every {
    struct walk walk;
    bool (*each)(void *ctx, const struct hl7_match *match);
    void *ctx;
    size_t calls;
    bool is_only;             /* one segment of the name */
    size_t counted, occurred; /* segments of the name before index `counted` */
};

static bool give(struct every *e, struct hl7_match *match)
{
    e->calls++;
    return e->each(e->ctx, match);
}

/* Which of its name `segment` is; matches come in order, so that all of them together are one scan. */
static size_t occurrence_of(struct every *e, size_t segment)
{
    struct slice name = path_last(e->walk.path)->segment;

    if (e->is_only)
        return 0;
    for (; e->counted <= segment; e->counted++)
        e->occurred += slice_eq(hl7_segment_name(e->walk.m, e->counted), name);
    return e->occurred;
}

static bool every_hit(struct walk *w, size_t segment)
{
    struct every *e = (struct every *)w;
    const struct path_place *p = &w->path->place;
    uint32_t first = p->repetition, last = first;

    if (p->repetition == PATH_EVERY) {
        first = 1;
        last = hl7_repetitions(w->m, segment, p->field);
        last += last == 0; /* empty or absent: said once */
    }
    struct hl7_match match = { .segment = segment,
                               .field = p->field,
                               .component = p->component,
                               .sub = p->sub,
                               .occurrence = occurrence_of(e, segment) };
    for (uint32_t i = first; i <= last; i++) {
        match.repetition = i;
        match.state = hl7_get(w->m, segment, p->field, i, p->component, p->sub, &match.raw);
        if (!give(e, &match))
            return false;
    }
    return true;
}

size_t hl7_path_each(const struct hl7_path *path, const struct hl7_message *m,
                     bool (*each)(void *ctx, const struct hl7_match *match), void *ctx)
{
    const struct path_place *p = &path->place;
    struct every e = { .walk = { .path = path, .m = m, .is_every = true, .hit = every_hit },
                       .each = each,
                       .ctx = ctx };

    e.is_only = hl7_segment_find(m, path_last(path)->segment, 2) == HL7_NONE;
    walk_all(&e.walk);
    if (e.calls == 0) {
        struct hl7_match none = { .segment = HL7_NONE,
                                  .field = p->field,
                                  .repetition = p->repetition == PATH_EVERY ? 1 : p->repetition,
                                  .component = p->component,
                                  .sub = p->sub,
                                  .state = HL7_ABSENT };
        give(&e, &none);
    }
    return e.calls;
}

void hl7_match_text(struct buf *out, const struct hl7_path *path, const struct hl7_message *m,
                    const struct hl7_match *match)
{
    if (match->segment == HL7_NONE) {
        buf_put(out, path->text);
        return;
    }
    buf_put(out, hl7_segment_name(m, match->segment));
    if (match->occurrence > 0)
        buf_printf(out, "[%zu]", match->occurrence);
    buf_printf(out, "-%u", match->field);
    if (match->repetition > 1 || hl7_repetitions(m, match->segment, match->field) > 1)
        buf_printf(out, "[%u]", match->repetition);
    if (match->component > 0)
        buf_printf(out, ".%u", match->component);
    if (match->component > 0 && match->sub > 0)
        buf_printf(out, ".%u", match->sub);
}
