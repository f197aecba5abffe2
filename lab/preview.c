#include "lab/preview.h"

#include "base/memory.h"
#include "lab/lab.h"

#include <stdlib.h>
#include <string.h>

struct preview {
    struct lab *lab;
    struct arena *arena;
};

/* Who has a device is not known without a running router: everybody who may have one has one. */
static void enrol_all(struct lab *lab, struct arena *a)
{
    const struct directory *d = core_site(lab->core)->directory;

    for (size_t i = 0; i < d->person_count && !lab->broken; i++)
        lab_enrol(lab, arena_text(a, d->persons[i].name));
    for (size_t i = 0; i < d->desk_count && !lab->broken; i++)
        lab_enrol(lab, arena_text(a, d->desks[i].name));
}

struct preview *preview_new(const struct preview_options *o, struct error *err)
{
    struct preview *p = memory_new(sizeof *p);
    struct lab_options options = { .compile_site = o->compile_site,
                                   .ctx = o->ctx,
                                   .fileset = o->fileset,
                                   .snapshot = o->snapshot,
                                   .wall_us = o->wall_us,
                                   .alone = true };

    memcpy(options.hash, o->hash, sizeof options.hash);
    p->arena = arena_new();
    p->lab = lab_new(&options);
    if (!p->lab->broken && o->snapshot.len > 0 && o->fileset.len > 0)
        lab_site(p->lab, o->fileset);
    if (!p->lab->broken && core_site(p->lab->core) != NULL && o->snapshot.len == 0)
        enrol_all(p->lab, p->arena);
    if (p->lab->broken || core_site(p->lab->core) == NULL) {
        *err = p->lab->error;
        if (err->code == ERROR_NONE)
            error_set(err, ERROR_VALUE, "there is no site: %s", p->lab->last.error.message);
        preview_free(&p);
    }
    return p;
}

void preview_free(struct preview **p)
{
    if (p == NULL || *p == NULL)
        return;
    lab_free(&(*p)->lab);
    arena_free(&(*p)->arena);
    free(*p);
    *p = NULL;
}

const struct site *preview_site(const struct preview *p)
{
    return core_site(p->lab->core);
}

/* What was decided since the append `*from`. */
static void tell(struct preview *p, struct story *s, size_t *from, struct buf *out)
{
    for (; *from < p->lab->append_count; (*from)++) {
        const struct lab_append *a = &p->lab->appends[*from];
        core_story(p->lab->core, s, a->first, a->records, out);
    }
}

bool preview_message(struct preview *p, const struct message_input *in, struct buf *json_lines,
                     struct error *err)
{
    struct core_input input = { .kind = INPUT_MESSAGE, .as.message = *in };
    size_t from = p->lab->append_count;
    int64_t end = p->lab->now_us + PREVIEW_HOURS * TIME_HOUR;

    input.as.message.explain = true;
    lab_input(p->lab, &input);
    struct story s = {
        .message = p->lab->last.position, .until_us = INT64_MAX, .no_receipts = true, .arena = p->arena
    };
    tell(p, &s, &from, json_lines);
    while (!p->lab->broken && s.going > 0 && core_next_deadline(p->lab->core) <= end) {
        lab_until(p->lab, core_next_deadline(p->lab->core));
        tell(p, &s, &from, json_lines);
    }
    if (s.alert_count > 0)
        core_story_state(p->lab->core, &s, json_lines);
    if (p->lab->broken)
        *err = p->lab->error;
    return !p->lab->broken;
}
