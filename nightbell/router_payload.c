/* nightbell/router_payload.c - an effect as the JSON that is sealed for a device (docs/inbox-protocol.md). */
#include "nightbell/json_text.h"
#include "nightbell/router_state.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *replies(unsigned bits)
{
    static const char *const names[] = { "accept",  "decline", "readback", "callback",
                                         "confirm", "dismiss", "done" };
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((bits >> i & 1) != 0)
            json_array_append_new(list, json_string(names[i]));
    return list;
}

static const char *level_name(enum notify_level level)
{
    return level == LEVEL_URGENT ? "urgent" : level == LEVEL_SILENT ? "silent" : "normal";
}

/* People see the real clock, whatever the rate of lane time. */
static json_t *real_ms(struct router *r, int64_t lane_us, int64_t now_us, int64_t wall_us)
{
    if (lane_us == TIME_NONE)
        return json_null();
    return json_integer((wall_us - lane_clock_real(&r->clock, now_us - lane_us)) / 1000);
}

static json_t *until_ms(struct router *r, int64_t lane_us)
{
    return lane_us == TIME_NONE ? json_null() : json_integer(lane_clock_until(&r->clock, lane_us) / 1000);
}

static void put_texts(json_t *o, const struct effect *e)
{
    json_object_set_new(o, "lock", json_of_slice(e->lock));
    json_object_set_new(o, "full", json_of_slice(e->full));
    json_object_set_new(o, "title", json_of_slice(e->title));
    json_object_set_new(o, "unit", json_of_slice(e->unit));
    json_object_set_new(o, "bed", json_of_slice(e->bed));
    json_object_set_new(o, "class", json_string(event_class_name(e->class)));
    json_object_set_new(o, "state", json_of_slice(e->state));
    json_object_set_new(o, "rule", json_of_slice(e->rule));
    json_object_set_new(o, "notice", json_of_slice(e->notice));
    json_object_set_new(o, "by", json_of_slice(e->notice_by));
    json_object_set_new(o, "mismatch", json_boolean(e->identity_mismatch));
}

void router_payload(struct router *r, const struct effect *e, struct buf *out)
{
    int64_t now = lane_clock_now(&r->clock), wall = clock_wall_us();
    json_t *o = json_object();

    json_object_set_new(o, "v", json_integer(1));
    json_object_set_new(o, "type", json_string(e->kind == EFFECT_SEND ? "alert" : "notice"));
    json_object_set_new(o, "delivery", json_of_id(e->delivery));
    json_object_set_new(o, "alert", json_of_id(e->alert));
    json_object_set_new(o, "seq", json_integer(e->seq));
    json_object_set_new(o, "step", json_integer(e->step));
    json_object_set_new(o, "repeat", json_integer(e->repeat));
    json_object_set_new(o, "level", json_string(level_name(e->level)));
    json_object_set_new(o, "fyi", json_boolean(e->fyi));
    json_object_set_new(o, "replies", replies(e->replies));
    json_object_set_new(o, "opened", real_ms(r, e->opened_us, now, wall));
    json_object_set_new(o, "sent", json_integer(wall / 1000));
    json_object_set_new(o, "next_in_ms", until_ms(r, e->next_step_us));
    if (e->device == 0)
        json_object_set_new(o, "to", json_of_slice(e->address));
    put_texts(o, e);
    char *dumped = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (dumped != NULL)
        buf_text(out, dumped);
    free(dumped);
}
