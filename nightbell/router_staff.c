/* nightbell/router_staff.c - staff and places over the control socket: one object a line (docs/control.md).
 */
#include "nightbell/router_requests.h"

#include "nightbell/json_text.h"

static json_t *instant(int64_t wall_us)
{
    char out[TIME_TEXT];

    return wall_us == TIME_NONE ? json_null() : json_of_slice(time_text(wall_us, out));
}

static void put(json_t *o, const char *name, struct slice value)
{
    json_object_set_new(o, name, json_of_slice(value));
}

static json_t *staff_json(const struct staff_line *s)
{
    const struct {
        const char *name;
        struct slice value;
    } texts[] = { { "person", s->person },     { "title", s->title },       { "source", s->source },
                  { "listener", s->listener }, { "key", s->key },           { "department", s->department },
                  { "job", s->job },           { "category", s->category }, { "specialty", s->specialty },
                  { "phone", s->phone },       { "pager", s->pager },       { "mail", s->mail },
                  { "contact", s->contact },   { "backup", s->backup },     { "state", s->state } };
    json_t *o = json_object(), *ids = json_array();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put(o, texts[i].name, texts[i].value);
    for (size_t i = 0; i < s->id_count; i++)
        json_array_append_new(ids, json_of_slice(s->ids[i]));
    json_object_set_new(o, "ids", ids);
    json_object_set_new(o, "reachable", json_boolean(s->reachable));
    json_object_set_new(o, "off", instant(s->off_us));
    json_object_set_new(o, "occurred", instant(s->occurred_us));
    return o;
}

void router_ask_staff(struct router *r, struct caller *c)
{
    /* The core's clock stands at its last input: who has left since then is shown as gone. */
    const struct core_input now = { .kind = INPUT_TIMER };
    struct staff_line *rows;
    size_t count;

    if (!router_decide(r, &now, NULL))
        return;
    arena_reset(r->arena);
    core_staff(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        control_line(c, staff_json(&rows[i]));
}

static json_t *place_json(const struct place_line *p)
{
    json_t *o = json_object();

    put(o, "unit", p->unit);
    put(o, "room", p->room);
    put(o, "bed", p->bed);
    put(o, "title", p->title);
    put(o, "source", p->source);
    put(o, "listener", p->listener);
    put(o, "status", p->status);
    put(o, "state", p->state);
    json_object_set_new(o, "known", json_boolean(p->known));
    json_object_set_new(o, "occurred", instant(p->occurred_us));
    return o;
}

void router_ask_places(struct router *r, struct caller *c)
{
    struct place_line *rows;
    size_t count;

    arena_reset(r->arena);
    core_places(r->core, r->arena, &rows, &count);
    for (size_t i = 0; i < count; i++)
        control_line(c, place_json(&rows[i]));
}
