/* File names as a site writes them, and as they stand in a fileset. A name inside the folder stands as it
 * is; "../common/codes.csv" stands as ".shared/1/common/codes.csv" (one step up), "/etc/x.bell" as
 * ".shared/0/etc/x.bell". Hidden folders are never part of a site, so the two cannot meet. */
#include "rules/site/build.h"

enum { PARTS_MAX = 64 };

static const struct slice SHARED = SLICE_INIT(".shared/");

/* The parts of a path with "." and "x/.." gone; what is left of ".." at the front is counted in *up. */
static bool path_parts(struct slice path, struct slice parts[PARTS_MAX], size_t *count, unsigned *up)
{
    *count = 0;
    *up = 0;
    while (path.len > 0) {
        struct slice part = slice_cut(&path, '/');

        if (part.len == 0 || slice_is(part, "."))
            continue;
        if (!slice_is(part, "..")) {
            if (*count == PARTS_MAX)
                return false;
            parts[(*count)++] = part;
        } else if (*count > 0) {
            (*count)--;
        } else {
            (*up)++;
        }
    }
    return *count > 0;
}

static struct slice join_parts(struct arena *a, struct slice front, const struct slice *parts, size_t count)
{
    struct slice out = front;

    for (size_t i = 0; i < count; i++)
        out = arena_printf(a, "%.*s%s%.*s", SLICE_ARG(out), i > 0 ? "/" : "", SLICE_ARG(parts[i]));
    return out;
}

bool site_file_name(struct arena *a, struct slice path, struct slice *name)
{
    struct slice parts[PARTS_MAX], front = { NULL, 0 };
    size_t count;
    unsigned up;
    bool absolute = slice_starts(path, SLICE("/"));

    if (!path_parts(path, parts, &count, &up) || (absolute && up > 0))
        return false;
    if (absolute || up > 0)
        front = arena_printf(a, "%.*s%u/", SLICE_ARG(SHARED), up);
    *name = join_parts(a, front, parts, count);
    return true;
}

struct slice site_file_path(struct arena *a, struct slice name)
{
    struct slice rest = name, steps;
    uint32_t up;

    if (!slice_starts(name, SHARED))
        return name;
    rest = slice_sub(name, SHARED.len, name.len);
    steps = slice_cut(&rest, '/');
    if (!slice_to_u32(steps, &up) || up > PARTS_MAX)
        return name;
    rest = arena_printf(a, "%s%.*s", up == 0 ? "/" : "", SLICE_ARG(rest));
    while (up-- > 0)
        rest = arena_printf(a, "../%.*s", SLICE_ARG(rest));
    return rest;
}

static void collect(struct arena *a, struct names *out, struct slice path)
{
    struct slice name;

    if (site_file_name(a, path, &name) && !names_have(out, name))
        names_add(out, a, name);
}

static void collect_strings(struct arena *a, struct names *out, const struct ast_node *of)
{
    for (const struct ast_node *s = ast_child(of, AST_STRING); s != NULL; s = ast_next(s, AST_STRING))
        collect(a, out, s->text);
}

static void collect_settings(struct arena *a, struct names *out, const struct ast_node *listen)
{
    for (const struct ast_node *s = ast_child(listen, AST_SETTING); s != NULL; s = ast_next(s, AST_SETTING))
        if (slice_is(s->text, "places") || slice_is(s->text, "roles"))
            collect_strings(a, out, s);
}

size_t site_catalogue_mentions(const struct ast_node *program, struct arena *a, const struct slice **names)
{
    struct walk w = { NULL, NULL };
    struct names out = { NULL, 0, 0 };

    while (walk_next(&w, program, AST_CATALOGUE))
        collect_strings(a, &out, w.node);
    *names = out.list;
    return out.count;
}

/* What a site's tests send and load comes with the site. */
static void collect_actions(struct arena *a, struct names *out, const struct ast_node *test)
{
    for (const struct ast_node *n = ast_child(test, AST_ACTION); n != NULL; n = ast_next(n, AST_ACTION))
        if ((slice_is(n->text, "send") || slice_is(n->text, "load")) && n->child->kind == AST_STRING)
            collect(a, out, n->child->text);
}

size_t site_mentions(const struct ast_node *program, struct arena *a, const struct slice **names)
{
    struct walk use = { NULL, NULL }, catalogue = { NULL, NULL }, listen = { NULL, NULL };
    struct walk test = { NULL, NULL }, rota = { NULL, NULL };
    struct names out = { NULL, 0, 0 };

    while (walk_next(&use, program, AST_USE))
        collect(a, &out, use.node->text);
    while (walk_next(&catalogue, program, AST_CATALOGUE))
        collect_strings(a, &out, catalogue.node);
    while (walk_next(&listen, program, AST_LISTEN))
        collect_settings(a, &out, listen.node);
    while (walk_next(&rota, program, AST_ROTA))
        if (ast_child(rota.node, AST_FROM) != NULL)
            collect_strings(a, &out, ast_child(rota.node, AST_FROM));
    while (walk_next(&test, program, AST_TEST))
        collect_actions(a, &out, test.node);
    *names = out.list;
    return out.count;
}

const struct ast_node *site_mention(const struct ast_node *node, struct arena *a, struct slice name,
                                    unsigned depth)
{
    enum { DEPTH_MAX = 6 }; /* file, declaration, setting, text: a path never stands deeper */
    const struct ast_node *found = NULL;
    struct slice here;

    if ((node->kind == AST_STRING || node->kind == AST_USE) && site_file_name(a, node->text, &here) &&
        slice_eq(here, name))
        return node;
    for (const struct ast_node *n = node->child; n != NULL && found == NULL && depth < DEPTH_MAX; n = n->next)
        found = site_mention(n, a, name, depth + 1);
    return found;
}

size_t site_fhir_files(const struct fileset *files, struct arena *a, const struct slice **names)
{
    struct walk rota = { NULL, NULL };
    struct names out = { NULL, 0, 0 };

    for (const struct ast_node *program = site_program(files, a); walk_next(&rota, program, AST_ROTA);) {
        const struct ast_node *from = ast_child(rota.node, AST_FROM);
        if (from != NULL && slice_is(from->text, "fhir"))
            collect_strings(a, &out, from);
    }
    *names = out.list;
    return out.count;
}

struct slice site_fhir_name(struct arena *a, struct slice name)
{
    return arena_printf(a, ".fhir/%.*s", SLICE_ARG(name));
}
