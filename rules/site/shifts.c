/* `site`, its zone, and shifts. */
#include "rules/site/build.h"

#include <string.h>

static struct tz *load_zone(struct builder *b, struct slice name)
{
    struct slice bytes;
    struct error err = { 0 };

    if (fileset_find(b->files, arena_printf(b->arena, "tz/%.*s", SLICE_ARG(name)), &bytes))
        return tz_parse(bytes, &err);
    return slice_is(name, "UTC") || slice_is(name, "Etc/UTC") ? tz_utc() : NULL;
}

const struct tz *build_zone_named(struct builder *b, struct slice name)
{
    struct site_owned *out = b->out;
    struct tz *zone;

    for (size_t i = 0; i < out->zone_count; i++)
        if (slice_eq(out->zone_names[i], name))
            return out->zones[i];
    zone = load_zone(b, name);
    if (zone == NULL)
        return NULL;
    if (out->zone_count == out->zone_room) {
        size_t room = out->zone_room > 0 ? 2 * out->zone_room : 8;
        struct slice *names = arena_array(b->arena, room, sizeof *names);
        struct tz **zones = arena_array(b->arena, room, sizeof(void *));
        for (size_t i = 0; i < out->zone_count; i++) {
            names[i] = out->zone_names[i];
            zones[i] = out->zones[i];
        }
        out->zone_names = names;
        out->zones = zones;
        out->zone_room = room;
    }
    out->zone_names[out->zone_count] = name;
    out->zones[out->zone_count++] = zone;
    return zone;
}

const struct tz *build_zone(struct builder *b, const struct ast_node *at)
{
    const struct tz *zone = build_zone_named(b, at->text);

    if (zone == NULL) {
        diagnose(b->d, SEVERITY_ERROR, SITE_ZONE, at->at, "unknown time zone \"%.*s\"", SLICE_ARG(at->text));
        diagnose_hint(b->d, "zones are named by place, for example \"America/Chicago\" or \"Europe/Berlin\"");
    }
    return zone;
}

void build_site(struct builder *b)
{
    struct walk w = { NULL, NULL };
    const struct ast_node *zone, *found = NULL;

    while (walk_next(&w, b->program, AST_SITE)) {
        if (found != NULL) {
            diagnose(b->d, SEVERITY_ERROR, SITE_NONE, w.node->at, "a second \"site\": there can be only one");
            continue;
        }
        found = w.node;
        b->out->site.name = found->text;
        b->out->site.demo = ast_child(found, AST_DEMO) != NULL;
        zone = ast_child(found, AST_ZONE);
        b->out->site.zone = zone != NULL ? build_zone(b, zone) : NULL;
    }
    if (found == NULL) {
        diagnose(b->d, SEVERITY_ERROR, SITE_NONE, (struct span){ 0, 1, 1, 0 }, "no file declares the site");
        diagnose_hint(b->d, "write: site NAME timezone \"America/Chicago\"");
    }
    b->out->directory.site = b->out->site.name;
    b->out->directory.zone = b->out->site.zone;
}

static void read_range(const struct ast_node *range, struct shift_range *out)
{
    const struct ast_node *from = ast_child(range, AST_TIME);
    const struct ast_node *to = from != NULL ? ast_next(from, AST_TIME) : NULL;

    if (to != NULL)
        *out = (struct shift_range){ (uint16_t)from->number, (uint16_t)to->number };
}

static void read_shift(struct builder *b, const struct ast_node *node, struct shift *out)
{
    size_t count = ast_count(node, AST_RANGE), i = 0;
    struct shift_range *ranges = arena_array(b->arena, count, sizeof *ranges);

    for (const struct ast_node *r = ast_child(node, AST_RANGE); r != NULL; r = ast_next(r, AST_RANGE))
        read_range(r, &ranges[i++]);
    *out = (struct shift){ node->text, ranges, count, 0 };
    for (const struct ast_node *d = ast_child(node, AST_DAY); d != NULL; d = ast_next(d, AST_DAY))
        out->days |= (uint8_t)(1u << (unsigned)d->number);
    if (out->days == 0)
        out->days = 0x7f;
}

void build_shifts(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names seen = { NULL, 0, 0 };

    b->shifts = arena_array(b->arena, walk_count(b->program, AST_SHIFT), sizeof *b->shifts);
    while (walk_next(&w, b->program, AST_SHIFT))
        if (names_declare(&seen, b, w.node, "shift"))
            read_shift(b, w.node, &b->shifts[b->shift_count++]);
}

const struct shift *build_shift_named(struct builder *b, const struct ast_node *at)
{
    struct names known = { NULL, 0, 0 };

    for (size_t i = 0; i < b->shift_count; i++) {
        if (slice_eq(b->shifts[i].name, at->text))
            return &b->shifts[i];
        names_add(&known, b->arena, b->shifts[i].name);
    }
    unknown_name(b, at, "shift", &known);
    return NULL;
}
