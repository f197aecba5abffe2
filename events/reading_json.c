/* A reading as lines of JSON, for `nightbell event`: what a message would change, beside its events. */
#include "base/utf8.h"
#include "events/json_put.h"
#include "events/reading.h"

const char *change_name(enum change_kind kind)
{
    static const char *const names[] = {
        [CHANGE_ADMIT] = "admit",
        [CHANGE_MOVE] = "move",
        [CHANGE_DISCHARGE] = "discharge",
        [CHANGE_UPDATE] = "update",
        [CHANGE_CANCEL_ADMIT] = "cancel-admit",
        [CHANGE_CANCEL_MOVE] = "cancel-move",
        [CHANGE_CANCEL_DISCHARGE] = "cancel-discharge",
        [CHANGE_SWAP] = "swap",
        [CHANGE_MERGE] = "merge",
        [CHANGE_FLAG] = "flag",
        [CHANGE_UNFLAG] = "unflag",
        [CHANGE_PLACE] = "place",
        [CHANGE_DETAILS] = "details",
        [CHANGE_CANCEL_ATTENDING] = "cancel-attending",
        [CHANGE_DEPART] = "depart",
        [CHANGE_ARRIVE] = "arrive",
        [CHANGE_CANCEL_DEPART] = "cancel-depart",
        [CHANGE_CANCEL_ARRIVE] = "cancel-arrive",
        [CHANGE_LEAVE] = "leave",
        [CHANGE_RETURN] = "return",
        [CHANGE_CANCEL_LEAVE] = "cancel-leave",
        [CHANGE_CANCEL_RETURN] = "cancel-return",
        [CHANGE_PREADMIT] = "preadmit",
        [CHANGE_PENDING_ADMIT] = "pending-admit",
        [CHANGE_PENDING_MOVE] = "pending-move",
        [CHANGE_PENDING_DISCHARGE] = "pending-discharge",
        [CHANGE_CANCEL_PREADMIT] = "cancel-preadmit",
        [CHANGE_CANCEL_PENDING_ADMIT] = "cancel-pending-admit",
        [CHANGE_CANCEL_PENDING_MOVE] = "cancel-pending-move",
        [CHANGE_CANCEL_PENDING_LEAVING] = "cancel-pending-discharge",
        [CHANGE_DELETE_PERSON] = "delete-person",
        [CHANGE_MOVE_STAY] = "move-stay",
        [CHANGE_RENUMBER] = "renumber",
    };

    return names[kind];
}

static void put_place(struct buf *out, const struct place *p)
{
    json_put_text(out, "unit", p->unit);
    json_put_text(out, "room", p->room);
    json_put_text(out, "bed", p->bed);
}

static void put_change(struct buf *out, const struct change *c)
{
    buf_printf(out, "{\"change\":\"%s\"", change_name(c->kind));
    json_put_text(out, "patient", c->patient.id);
    json_put_text(out, "other", c->other.id);
    put_place(out, &c->place);
    json_put_instant(out, "occurred", c->occurred_us);
    buf_text(out, "}\n");
}

static void put_staff(struct buf *out, const struct staff_change *c)
{
    static const char *const kinds[] = { "put", "activate", "deactivate", "remove" };
    const struct {
        const char *key;
        struct slice text;
    } texts[] = { { "key", c->key },           { "family", c->family },
                  { "given", c->given },       { "department", c->department },
                  { "job", c->title },         { "phone", c->phone },
                  { "pager", c->pager },       { "mail", c->mail },
                  { "contact", c->contact },   { "backup", c->backup },
                  { "category", c->category }, { "specialty", c->specialty } };

    buf_printf(out, "{\"staff\":\"%s\"", kinds[c->kind]);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_put_text(out, texts[i].key, texts[i].text);
    buf_text(out, ",\"ids\":[");
    for (size_t i = 0; i < c->id_count; i++) {
        buf_text(out, i > 0 ? ",\"" : "\"");
        utf8_put_json(out, c->ids[i]);
        buf_text(out, "\"");
    }
    buf_text(out, "]");
    if (c->kind == STAFF_PUT)
        buf_text(out, c->active ? ",\"active\":true" : ",\"active\":false");
    json_put_instant(out, "effective", c->effective_us);
    json_put_instant(out, "occurred", c->occurred_us);
    buf_text(out, "}\n");
}

static void put_location(struct buf *out, const struct location_change *c)
{
    buf_printf(out, "{\"location\":\"%s\"", c->remove ? "remove" : "put");
    put_place(out, &c->place);
    json_put_text(out, "title", c->title);
    json_put_text(out, "status", c->status);
    if (c->says_active)
        buf_text(out, c->active ? ",\"active\":true" : ",\"active\":false");
    json_put_instant(out, "occurred", c->occurred_us);
    buf_text(out, "}\n");
}

static void put_care(struct buf *out, const struct care_change *c)
{
    buf_printf(out, "{\"care\":\"%s\"", c->end ? "end" : "begin");
    json_put_text(out, "person", c->person.id);
    json_put_text(out, "name", c->person.name);
    json_put_text(out, "role", c->role);
    json_put_text(out, "code", c->role_code);
    json_put_text(out, "system", c->role_system);
    json_put_text(out, "patient", c->patient);
    put_place(out, &c->place);
    json_put_instant(out, "from", c->from_us);
    json_put_instant(out, "until", c->until_us);
    buf_text(out, "}\n");
}

void reading_json(struct buf *out, const struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        event_json(out, &r->events[i]);
        buf_text(out, "\n");
    }
    for (size_t i = 0; i < r->change_count; i++)
        put_change(out, &r->changes[i]);
    for (size_t i = 0; i < r->staff_count; i++)
        put_staff(out, &r->staff[i]);
    for (size_t i = 0; i < r->location_count; i++)
        put_location(out, &r->locations[i]);
    for (size_t i = 0; i < r->care_count; i++)
        put_care(out, &r->care[i]);
    if (r->replaces)
        buf_printf(out, "{\"replaces\":\"%s\"}\n", r->places_file ? "places" : "staff");
    if (r->heartbeat)
        buf_text(out, "{\"heartbeat\":true}\n");
}
