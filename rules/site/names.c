#include "rules/site/build.h"

#include <string.h>

static const struct ast_node *first_of(const struct ast_node *from, enum ast_kind kind)
{
    while (from != NULL && from->kind != kind)
        from = from->next;
    return from;
}

bool walk_next(struct walk *w, const struct ast_node *program, enum ast_kind kind)
{
    w->node = w->node != NULL ? first_of(w->node->next, kind) : NULL;
    while (w->node == NULL) {
        w->file = w->file == NULL ? program->child : w->file->next;
        if (w->file == NULL)
            return false;
        w->node = first_of(w->file->child, kind);
    }
    return true;
}

size_t walk_count(const struct ast_node *program, enum ast_kind kind)
{
    struct walk w = { NULL, NULL };
    size_t count = 0;

    while (walk_next(&w, program, kind))
        count++;
    return count;
}

void names_add(struct names *n, struct arena *a, struct slice name)
{
    if (n->count == n->room) {
        size_t room = n->room > 0 ? n->room * 2 : 16;
        struct slice *list = arena_array(a, room, sizeof *list);

        if (n->count > 0)
            memcpy(list, n->list, n->count * sizeof *list);
        n->list = list;
        n->room = room;
    }
    n->list[n->count++] = name;
}

bool names_have(const struct names *n, struct slice name)
{
    for (size_t i = 0; i < n->count; i++)
        if (slice_eq(n->list[i], name))
            return true;
    return false;
}

bool names_declare(struct names *n, struct builder *b, const struct ast_node *at, const char *what)
{
    if (names_have(n, at->text)) {
        diagnose(b->d, SEVERITY_ERROR, SITE_TWICE, at->at, "%s \"%.*s\" is declared twice", what,
                 SLICE_ARG(at->text));
        diagnose_hint(b->d, "give one of them another name, or remove it");
        return false;
    }
    names_add(n, b->arena, at->text);
    return true;
}

void unknown_name(struct builder *b, const struct ast_node *at, const char *what, const struct names *known)
{
    struct slice near = diagnose_nearest(at->text, known->list, known->count);

    diagnose(b->d, SEVERITY_ERROR, SITE_UNKNOWN, at->at, "unknown %s \"%.*s\"", what, SLICE_ARG(at->text));
    if (near.len > 0)
        diagnose_hint(b->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else if (known->count == 0)
        diagnose_hint(b->d, "the site declares no %s", what);
}

struct names names_of_persons(struct builder *b)
{
    struct names n = { NULL, 0, 0 };

    for (size_t i = 0; i < b->out->directory.person_count; i++)
        names_add(&n, b->arena, b->out->directory.persons[i].name);
    return n;
}

struct names names_of_desks(struct builder *b)
{
    struct names n = { NULL, 0, 0 };

    for (size_t i = 0; i < b->out->directory.desk_count; i++)
        names_add(&n, b->arena, b->out->directory.desks[i].name);
    return n;
}

struct names names_of_units(struct builder *b)
{
    struct names n = { NULL, 0, 0 };

    for (size_t i = 0; i < b->out->directory.unit_count; i++)
        names_add(&n, b->arena, b->out->directory.units[i].name);
    return n;
}
