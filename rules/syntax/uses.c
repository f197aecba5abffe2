#include "rules/syntax/uses.h"

#include "base/map.h"

#include <string.h>

struct walk {
    struct arena *arena;
    struct use_list *out;
    struct map *known; /* "kind:name" of the definitions */
    bool defining;     /* first the definitions, then what leans on them */
};

const char *use_kind_name(enum use_kind k)
{
    static const char *const names[] = {
#define X(id, name) name,
        USE_KINDS(X)
#undef X
    };

    return (unsigned)k < USE_KIND_COUNT ? names[k] : "";
}

const struct use *use_definition(const struct use_list *list, enum use_kind kind, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].defines && list->items[i].kind == kind && slice_eq(list->items[i].name, name))
            return &list->items[i];
    return NULL;
}

static void add(struct walk *w, enum use_kind kind, const struct ast_node *n, bool defines)
{
    struct use_list *list = w->out;

    if (defines != w->defining || n == NULL || n->at.length == 0)
        return;
    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : 256;
        struct use *more = arena_array(w->arena, room, sizeof *more);
        if (list->count > 0)
            memcpy(more, list->items, list->count * sizeof *more);
        list->items = more;
        list->room = room;
    }
    bool quoted = n->kind == AST_STRING || n->kind == AST_UNIT || n->kind == AST_TEST;
    list->items[list->count++] = (struct use){ kind, n->text, n->at, defines, quoted, n };
}

static struct slice key_of(const struct walk *w, enum use_kind kind, struct slice name)
{
    return arena_printf(w->arena, "%d:%.*s", (int)kind, SLICE_ARG(name));
}

static bool known(const struct walk *w, enum use_kind kind, struct slice name)
{
    return map_get(w->known, key_of(w, kind, name)) != NULL;
}

static void add_children(struct walk *w, enum use_kind kind, const struct ast_node *parent, enum ast_kind of)
{
    for (const struct ast_node *n = ast_child(parent, of); n != NULL; n = ast_next(n, of))
        add(w, kind, n, false);
}

static void add_code(struct walk *w, const struct ast_node *n, bool set_first)
{
    bool set = known(w, USE_CODES, n->text);

    add(w, set && set_first ? USE_CODES : USE_CODE, n, false);
}

static void add_value(struct walk *w, struct slice field, const struct ast_node *v, bool in)
{
    if (slice_is(field, "code") && (v->kind == AST_NAME || v->kind == AST_CODE))
        add_code(w, v, in || v->kind == AST_NAME);
    else if (slice_is(field, "source") && v->kind == AST_NAME)
        add(w, USE_LISTENER, v, false);
    else if ((slice_is(field, "unit") || slice_is(field, "prior-unit")) && v->kind == AST_STRING)
        add(w, USE_UNIT, v, false);
    else if (v->kind == AST_NAME && known(w, USE_PLACES, v->text))
        add(w, USE_PLACES, v, false);
}

static void add_atom(struct walk *w, const struct ast_node *atom)
{
    const struct ast_node *operand = atom->child, *check = operand != NULL ? operand->next : NULL;

    if (operand == NULL || operand->kind != AST_FIELD || check == NULL)
        return;
    for (const struct ast_node *v = check->child; v != NULL; v = v->next)
        add_value(w, operand->text, v, check->kind == AST_IN || check->kind == AST_NOT_IN);
}

static void add_person_or_role(struct walk *w, const struct ast_node *n)
{
    add(w, known(w, USE_PERSON, n->text) ? USE_PERSON : USE_ROLE, n, false);
}

/* "assign ana primary-nurse of pat", "oncall rota person", "switch storm on". */
static void add_fact(struct walk *w, const struct ast_node *fact)
{
    const struct ast_node *first = fact->child, *second = first != NULL ? first->next : NULL;

    if (first == NULL)
        return;
    if (slice_is(fact->text, "assign")) {
        add(w, USE_PERSON, first, false);
        add(w, USE_ROLE, second, false);
    } else if (slice_is(fact->text, "oncall")) {
        add(w, USE_ROTA, first, false);
        add(w, USE_PERSON, second, false);
    } else if (slice_is(fact->text, "covers")) {
        add(w, USE_PERSON, first, false);
        add(w, USE_PERSON, second, false);
    } else if (slice_is(fact->text, "away") || slice_is(fact->text, "back")) {
        add(w, USE_PERSON, first, false);
    } else if (slice_is(fact->text, "switch")) {
        add(w, USE_SWITCH, first, false);
    }
}

static void add_action(struct walk *w, const struct ast_node *action)
{
    const struct ast_node *first = action->child;

    if (slice_is(action->text, "expect") || slice_is(action->text, "accept") ||
        slice_is(action->text, "decline") || slice_is(action->text, "undelivered")) {
        if (first != NULL && first->kind == AST_NAME)
            add(w, USE_PERSON, first, false);
        add(w, USE_RULE, ast_child(action, AST_RULE), false);
    }
    if (!slice_is(action->text, "send"))
        return;
    for (const struct ast_node *e = ast_child(action, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY))
        if (e->child != NULL)
            add_value(w, e->text, e->child, false);
}

static void add_suppress(struct walk *w, const struct ast_node *n)
{
    for (const struct ast_node *c = ast_child(n, AST_NAME); c != NULL; c = ast_next(c, AST_NAME))
        if (known(w, USE_RULE, c->text))
            add(w, USE_RULE, c, false);
        else
            add_code(w, c, true);
}

static void add_settings(struct walk *w, const struct ast_node *s)
{
    if (slice_is(s->text, "map"))
        add(w, USE_MAP, ast_child(s, AST_NAME), false);
}

static const struct {
    enum ast_kind node;
    enum use_kind kind;
} declared[] = { { AST_RULE, USE_RULE },         { AST_COPY, USE_RULE },   { AST_CODES, USE_CODES },
                 { AST_PLACES, USE_PLACES },     { AST_SHIFT, USE_SHIFT }, { AST_SWITCH, USE_SWITCH },
                 { AST_DESK, USE_DESK },         { AST_GROUP, USE_GROUP }, { AST_CHAIN, USE_CHAIN },
                 { AST_MESSAGE, USE_MESSAGE },   { AST_WORLD, USE_WORLD }, { AST_UNIT, USE_UNIT },
                 { AST_PERSON, USE_PERSON },     { AST_ROTA, USE_ROTA },   { AST_LISTEN, USE_LISTENER },
                 { AST_ENDPOINT, USE_ENDPOINT }, { AST_MAP, USE_MAP },     { AST_TEST, USE_TEST } };

static const struct {
    enum ast_kind node;
    enum use_kind kind;
} named[] = { { AST_WHO_ONCALL, USE_ROTA }, { AST_WHO_GROUP, USE_GROUP }, { AST_WHO_TURN, USE_GROUP },
              { AST_WHO_LEAST, USE_GROUP }, { AST_WHO_DESK, USE_DESK },   { AST_VIA, USE_ROTA },
              { AST_ESCALATE, USE_CHAIN },  { AST_USING, USE_MESSAGE },   { AST_REACH, USE_ENDPOINT },
              { AST_IN_LAYER, USE_LAYER },  { AST_WITH, USE_WORLD },      { AST_FALLBACK, USE_DESK },
              { AST_INSTEAD, USE_PERSON },  { AST_FIELD, USE_FIELD },     { AST_BASED_ON, USE_MAP } };

/* Nodes whose children are named by their parent. */
static void add_parent(struct walk *w, const struct ast_node *n)
{
    switch (n->kind) {
    case AST_CODES:
        add_children(w, USE_CODE, n, AST_NAME);
        add_children(w, USE_CODE, n, AST_CODE);
        break;
    case AST_OVERRIDES:
        add_children(w, USE_RULE, n, AST_NAME);
        break;
    case AST_MAY_HOLD:
        add_children(w, USE_ROLE, n, AST_NAME);
        break;
    case AST_SWITCH:
        add_children(w, USE_ROLE, n, AST_NAME);
        break;
    case AST_WEEKLY:
    case AST_OVERRIDE:
        add_children(w, USE_PERSON, n, AST_NAME);
        break;
    case AST_OF:
        add_children(w, USE_UNIT, n, AST_STRING);
        break;
    case AST_ASSIGN:
        add(w, USE_PERSON, n, false);
        add_children(w, USE_ROLE, n, AST_NAME);
        break;
    case AST_LAYERS:
        for (const struct ast_node *c = n->child; c != NULL; c = c->next)
            add(w, USE_LAYER, c, true);
        break;
    default:
        break;
    }
}

static void add_own(struct walk *w, const struct ast_node *n)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (n->kind == named[i].node)
            add(w, named[i].kind, n, false);
    switch (n->kind) {
    case AST_DURING:
        add(w, known(w, USE_SWITCH, n->text) ? USE_SWITCH : USE_SHIFT, n, false);
        break;
    case AST_WHO_ROLE:
        add_person_or_role(w, n);
        break;
    case AST_ATOM:
        add_atom(w, n);
        break;
    case AST_FACT:
        add_fact(w, n);
        break;
    case AST_ACTION:
        add_action(w, n);
        break;
    case AST_SUPPRESS:
        add_suppress(w, n);
        break;
    case AST_SETTING:
        add_settings(w, n);
        break;
    default:
        add_parent(w, n);
    }
}

/* As deep as the parser lets a tree be. */
static void visit(struct walk *w, const struct ast_node *n, bool top)
{
    for (size_t i = 0; top && i < sizeof declared / sizeof *declared; i++)
        if (n->kind == declared[i].node)
            add(w, declared[i].kind, n, true);
    add_own(w, n);
    for (const struct ast_node *c = n->child; c != NULL; c = c->next)
        visit(w, c, false);
}

void syntax_uses(struct arena *a, const struct ast_node *program, struct use_list *out)
{
    struct walk w = { a, out, map_new(), true };

    *out = (struct use_list){ NULL, 0, 0 };
    for (int pass = 0; pass < 2; pass++) {
        w.defining = pass == 0;
        for (const struct ast_node *file = program->child; file != NULL; file = file->next)
            for (const struct ast_node *n = file->child; n != NULL; n = n->next)
                visit(&w, n, true);
        for (size_t i = 0; pass == 0 && i < out->count; i++)
            map_put(w.known, key_of(&w, out->items[i].kind, out->items[i].name), out);
    }
    map_free(&w.known, NULL);
}
