/* Desks, persons and units: who there is, where, and what rings them. */
#include "rules/site/build.h"

#include <string.h>

static const struct block *block_named(const struct site *s, struct slice name, bool endpoint)
{
    for (size_t i = 0; i < s->block_count; i++)
        if (s->blocks[i].endpoint == endpoint && slice_eq(s->blocks[i].name, name))
            return &s->blocks[i];
    return NULL;
}

/* A reach must name an endpoint: an alert for somebody whom nothing rings would wait for its timer. */
static void check_reach(struct builder *b, const struct ast_node *at)
{
    struct names known = { NULL, 0, 0 };

    if (block_named(&b->out->site, at->text, true) != NULL)
        return;
    for (size_t i = 0; i < b->out->site.block_count; i++)
        if (b->out->site.blocks[i].endpoint)
            names_add(&known, b->arena, b->out->site.blocks[i].name);
    unknown_name(b, at, "endpoint", &known);
    if (block_named(&b->out->site, at->text, false) != NULL)
        diagnose_hint(b->d, "\"%.*s\" is a listener: messages come in there, nothing goes out",
                      SLICE_ARG(at->text));
}

static const struct reach *read_reach(struct builder *b, const struct ast_node *of, size_t *count)
{
    struct reach *list = arena_array(b->arena, ast_count(of, AST_REACH), sizeof *list);
    size_t n = 0;

    for (const struct ast_node *r = ast_child(of, AST_REACH); r != NULL; r = ast_next(r, AST_REACH)) {
        const struct ast_node *address = ast_child(r, AST_STRING);

        check_reach(b, r);
        list[n++] = (struct reach){ r->text, address != NULL ? address->text : (struct slice){ NULL, 0 } };
    }
    if (n == 0) {
        diagnose(b->d, SEVERITY_ERROR, SITE_SILENT, of->at, "nothing rings \"%.*s\"", SLICE_ARG(of->text));
        diagnose_hint(b->d, "add \"reach ENDPOINT\", naming an endpoint of the site");
    }
    *count = n;
    return list;
}

static struct slice title_of(const struct ast_node *n)
{
    const struct ast_node *title = ast_child(n, AST_STRING);

    return title != NULL ? title->text : n->text;
}

static void read_desk(struct builder *b, const struct ast_node *n, struct desk *out)
{
    const struct ast_node *staffed = ast_child(n, AST_STAFFED);
    const struct ast_node *during = staffed != NULL ? ast_child(staffed, AST_DURING) : NULL;

    out->name = n->text;
    out->title = title_of(n);
    out->staffed = during != NULL ? build_shift_named(b, during) : NULL;
    out->relay = ast_child(n, AST_RELAY) != NULL;
    out->reach = read_reach(b, n, &out->reach_count);
}

void build_desks(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names seen = { NULL, 0, 0 };
    struct directory *d = &b->out->directory;
    struct desk *desks = arena_array(b->arena, walk_count(b->program, AST_DESK), sizeof *desks);

    d->desks = desks;
    while (walk_next(&w, b->program, AST_DESK))
        if (names_declare(&seen, b, w.node, "desk"))
            read_desk(b, w.node, &desks[d->desk_count++]);
}

static const struct slice *read_roles(struct builder *b, const struct ast_node *person, size_t *count)
{
    struct names roles = { NULL, 0, 0 };

    for (const struct ast_node *m = ast_child(person, AST_MAY_HOLD); m != NULL; m = ast_next(m, AST_MAY_HOLD))
        for (const struct ast_node *n = ast_child(m, AST_NAME); n != NULL; n = ast_next(n, AST_NAME))
            names_add(&roles, b->arena, n->text);
    *count = roles.count;
    return roles.list;
}

static void read_person(struct builder *b, const struct ast_node *n, struct person *out)
{
    const struct ast_node *line = ast_child(n, AST_LINE);

    out->name = n->text;
    out->title = title_of(n);
    if (line != NULL)
        out->line = line->text;
    out->roles = read_roles(b, n, &out->role_count);
    out->reach = read_reach(b, n, &out->reach_count);
}

/* Devices are enrolled for a person or a desk by name, so the two share one set of names. */
void build_persons(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names seen = names_of_desks(b);
    struct directory *d = &b->out->directory;
    struct person *persons = arena_array(b->arena, walk_count(b->program, AST_PERSON), sizeof *persons);

    names_add(&seen, b->arena, SLICE("nobody")); /* means a gap wherever a person may stand */
    d->persons = persons;
    while (walk_next(&w, b->program, AST_PERSON))
        if (names_declare(&seen, b, w.node, "person or desk"))
            read_person(b, w.node, &persons[d->person_count++]);
}

enum { RANGE_MAX = 1000 }; /* beds; more is a slip of the finger */

static void add_bed(struct builder *b, const struct ast_node *at, struct slice bed, struct names *out)
{
    if (names_have(out, bed)) {
        diagnose(b->d, SEVERITY_ERROR, SITE_TWICE, at->at, "bed \"%.*s\" is listed twice", SLICE_ARG(bed));
        return;
    }
    names_add(out, b->arena, bed);
}

/* "01" to "24": as many digits as the first. */
static void add_range(struct builder *b, const struct ast_node *range, struct names *out)
{
    const struct ast_node *from = ast_child(range, AST_STRING);
    const struct ast_node *to = from != NULL ? ast_next(from, AST_STRING) : NULL;
    uint32_t first, last;

    if (to == NULL)
        return;
    if (!slice_to_u32(from->text, &first) || !slice_to_u32(to->text, &last) || first > last ||
        last - first >= RANGE_MAX || from->text.len > 9) {
        diagnose(b->d, SEVERITY_ERROR, SITE_RANGE, range->at, "beds \"%.*s\" to \"%.*s\" are not a range",
                 SLICE_ARG(from->text), SLICE_ARG(to->text));
        diagnose_hint(b->d, "a range counts up in digits, for example \"01\" to \"24\", at most %d beds",
                      RANGE_MAX);
        return;
    }
    for (uint32_t i = first; i <= last; i++)
        add_bed(b, range, arena_printf(b->arena, "%0*u", (int)from->text.len, i), out);
}

void build_beds(struct builder *b, const struct ast_node *beds, struct names *out)
{
    for (const struct ast_node *n = beds->child; n != NULL; n = n->next) {
        if (n->kind == AST_STRING)
            add_bed(b, n, n->text, out);
        else if (n->kind == AST_RANGE)
            add_range(b, n, out);
    }
}

static void read_unit(struct builder *b, const struct ast_node *n, struct unit *out)
{
    const struct ast_node *fallback = ast_child(n, AST_FALLBACK);
    struct names beds = { NULL, 0, 0 }, desks;

    out->name = n->text;
    out->title = title_of(n);
    for (const struct ast_node *list = ast_child(n, AST_BEDS); list != NULL; list = ast_next(list, AST_BEDS))
        build_beds(b, list, &beds);
    out->beds = beds.list;
    out->bed_count = beds.count;
    if (fallback == NULL)
        return;
    if (ast_next(fallback, AST_FALLBACK) != NULL)
        diagnose(b->d, SEVERITY_ERROR, SITE_TWICE, fallback->at, "unit \"%.*s\" has two fallback desks",
                 SLICE_ARG(n->text));
    out->fallback_desk = fallback->text;
    if (directory_desk(&b->out->directory, fallback->text) == NULL) {
        desks = names_of_desks(b);
        unknown_name(b, fallback, "desk", &desks);
    }
}

void build_units(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct names seen = { NULL, 0, 0 };
    struct directory *d = &b->out->directory;
    struct unit *units = arena_array(b->arena, walk_count(b->program, AST_UNIT), sizeof *units);

    d->units = units;
    while (walk_next(&w, b->program, AST_UNIT))
        if (names_declare(&seen, b, w.node, "unit"))
            read_unit(b, w.node, &units[d->unit_count++]);
}
