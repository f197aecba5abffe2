/* tests/rules/hand.h - a small site made by hand, so that rules are tested without rules/site. */
#ifndef NIGHTBELL_TESTS_RULES_HAND_H
#define NIGHTBELL_TESTS_RULES_HAND_H

#include "rules/check/compile.h"
#include "rules/syntax/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array)     (sizeof(array) / sizeof *(array))
#define TEXTS(name, ...) static const struct slice name[] = { __VA_ARGS__ }

TEXTS(hand_roles, SLICE_INIT("primary-nurse"), SLICE_INIT("buddy-nurse"), SLICE_INIT("charge-nurse"),
      SLICE_INIT("nursing-assistant"));
TEXTS(hand_sources, SLICE_INIT("telemetry"), SLICE_INIT("nurse-call"), SLICE_INIT("lab"),
      SLICE_INIT("one-shot"));
TEXTS(hand_starts_only, SLICE_INIT("one-shot"));
static const struct shift_range hand_night_range = { 19 * 60, 7 * 60 },
                                hand_clinic_range = { 8 * 60, 17 * 60 }, hand_day_range = { 7 * 60, 19 * 60 };
static const struct shift hand_shifts[] = {
    { SLICE_INIT("night"), &hand_night_range, 1, 0x7f },
    { SLICE_INIT("clinic"), &hand_clinic_range, 1, 0x1f },
    { SLICE_INIT("day"), &hand_day_range, 1, 0x7f },
};
static const struct desk hand_desks[] = {
    { .name = SLICE_INIT("operator"), .relay = true },
    { .name = SLICE_INIT("tele-room"), .relay = true },
    { .name = SLICE_INIT("ed-desk") },
    { .name = SLICE_INIT("scheduling"), .staffed = &hand_shifts[1] },
};
static const struct unit hand_units[] = {
    { .name = SLICE_INIT("5W"), .fallback_desk = SLICE_INIT("operator") },
    { .name = SLICE_INIT("ICU"), .fallback_desk = SLICE_INIT("operator") },
};
static const struct unit hand_bare_units[] = { { .name = SLICE_INIT("5W") } };
static const struct person hand_persons[] = {
    { .name = SLICE_INIT("ana") },  { .name = SLICE_INIT("ben") },    { .name = SLICE_INIT("carla") },
    { .name = SLICE_INIT("noor") }, { .name = SLICE_INIT("rashid") }, { .name = SLICE_INIT("mei") },
};
static const struct rota hand_rotas[] = {
    { .name = SLICE_INIT("code-leader") },        { .name = SLICE_INIT("code-nurse") },
    { .name = SLICE_INIT("respiratory") },        { .name = SLICE_INIT("anesthesia") },
    { .name = SLICE_INIT("rapid-response") },     { .name = SLICE_INIT("house-supervisor") },
    { .name = SLICE_INIT("hospital-medicine") },  { .name = SLICE_INIT("ed-charge") },
    { .name = SLICE_INIT("ed-attending") },       { .name = SLICE_INIT("cath-lab") },
    { .name = SLICE_INIT("consult.cardiology") },
};
static const struct who hand_team[] = {
    { WHO_ONCALL, SLICE_INIT("code-leader"), { NULL, 0 } },
    { WHO_ONCALL, SLICE_INIT("code-nurse"), { NULL, 0 } },
};
static const struct group hand_groups[] = { { SLICE_INIT("code-team"), hand_team, COUNT(hand_team) } };

struct hand {
    struct arena *arena;
    struct source_file file;
    struct diagnostics d;
    struct catalogue *catalogue;
    struct tz *zone;
    struct directory directory;
    struct check_context context;
    struct ast_node *program;
    struct ruleset *rules;
};

static inline void hand_site(struct hand *h)
{
    struct error err = { .code = ERROR_NONE };

    *h = (struct hand){ .arena = arena_new() };
    h->catalogue = catalogue_new();
    catalogue_add_builtin(h->catalogue, &err);
    h->zone = tz_utc();
    h->directory = (struct directory){ .zone = h->zone,
                                       .units = hand_units,
                                       .unit_count = COUNT(hand_units),
                                       .persons = hand_persons,
                                       .person_count = COUNT(hand_persons),
                                       .desks = hand_desks,
                                       .desk_count = COUNT(hand_desks),
                                       .groups = hand_groups,
                                       .group_count = COUNT(hand_groups),
                                       .rotas = hand_rotas,
                                       .rota_count = COUNT(hand_rotas) };
    h->context = (struct check_context){ .catalogue = h->catalogue,
                                         .directory = &h->directory,
                                         .shifts = hand_shifts,
                                         .shift_count = COUNT(hand_shifts),
                                         .roles = hand_roles,
                                         .role_count = COUNT(hand_roles),
                                         .sources = hand_sources,
                                         .source_count = COUNT(hand_sources),
                                         .starts_only = hand_starts_only,
                                         .starts_only_count = COUNT(hand_starts_only) };
}

/* Parses and compiles one file named "t.bell"; h->rules is NULL when there were errors. */
static inline void hand_compile(struct hand *h, struct slice text)
{
    h->file = (struct source_file){ SLICE("t.bell"), text };
    diagnostics_init(&h->d, h->arena, &h->file, 1);
    h->program = syntax_parse(h->arena, &h->file, 1, &h->d);
    h->rules = ruleset_compile(h->arena, h->program, &h->context, &h->d);
}

static inline void hand_free(struct hand *h)
{
    ruleset_free(&h->rules);
    diagnostics_free(&h->d);
    catalogue_free(&h->catalogue);
    tz_free(&h->zone);
    arena_free(&h->arena);
}

/* The whole of a file of the project; free() it. */
static inline struct slice hand_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *bytes = malloc(1 << 23);
    size_t len = f != NULL ? fread(bytes, 1, 1 << 23, f) : 0;

    if (f != NULL)
        fclose(f);
    return (struct slice){ bytes, len };
}

#endif
