/* router/query_switch.c - who may set a switch of the site, and which are on. */
#include "router/state.h"

#include "roster/resolve.h"

/* Does the person hold the role now, anywhere in the house? Unreachable ones count: a switch rings nobody. */
static bool holds(const struct core *c, struct slice role, struct slice person, int64_t wall_us)
{
    struct arena *a = arena_new();
    struct roster_now now = core_roster(c);
    struct resolved found;
    bool there = false;

    now.wall_us = wall_us;
    roster_role_holders(a, &now, role, (struct slice){ NULL, 0 }, (struct slice){ NULL, 0 }, &found);
    for (size_t i = 0; i < found.count; i++)
        there = there || slice_eq(found.holders[i].name, person);
    arena_free(&a);
    return there;
}

bool core_may_switch(const struct core *c, struct slice name, struct slice person, struct slice for_text,
                     int64_t now_us, int64_t *until_us, struct error *err)
{
    const struct site_switch *s = c->site != NULL ? site_switch(c->site, name) : NULL;
    int64_t for_us = s != NULL ? s->max_us : 0;
    char text[TIME_TEXT];

    if (s == NULL)
        return error_set(err, ERROR_UNKNOWN, "the site has no switch of that name");
    if (!holds(c, s->set_by, person, core_wall(c, now_us)))
        return error_set(err, ERROR_VALUE, "this switch is set by who holds the role %.*s now",
                         SLICE_ARG(s->set_by));
    if (for_text.len > 0 && !setting_duration(for_text, &for_us))
        return error_set(err, ERROR_SYNTAX, "a time is a number and s, min, h or d");
    if (for_us <= 0 || for_us > s->max_us)
        return error_set(err, ERROR_LIMIT, "this switch is on for at most %.*s",
                         SLICE_ARG(duration_text(s->max_us, text)));
    *until_us = core_wall(c, now_us) + for_us;
    return true;
}

void core_switches(const struct core *c, int64_t now_us, struct arena *a, struct switch_line **rows,
                   size_t *count)
{
    size_t most = c->site != NULL ? c->site->switch_count : 0;

    *rows = arena_array(a, most + 1, sizeof **rows);
    *count = 0;
    for (size_t i = 0; i < most; i++) {
        const struct site_switch *s = &c->site->switches[i];
        const struct record_toggle *t = map_get(c->devices.toggles, s->name);
        if (t != NULL && devices_switch_on(&c->devices, s->name, core_wall(c, now_us)))
            (*rows)[(*count)++] = (struct switch_line){ s->name, s->title, t->by, t->until_us };
    }
}
