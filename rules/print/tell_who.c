#include "rules/print/tell.h"

/* "charge-nurse" reads "charge nurse". */
static void put_spaced(struct buf *out, struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        buf_u8(out, name.ptr[i] == '-' || name.ptr[i] == '.' ? ' ' : (uint8_t)name.ptr[i]);
}

static struct slice title_of(const struct teller *t, enum ast_kind kind, struct slice name)
{
    const struct ast_node *n = tell_find(t->program, kind, name);
    const struct ast_node *title = ast_child(n, AST_STRING);

    return title != NULL ? title->text : SLICE("");
}

static void put_titled(const struct teller *t, struct buf *out, enum ast_kind kind, struct slice name)
{
    struct slice title = title_of(t, kind, name);

    if (title.len > 0)
        buf_put(out, title);
    else
        put_spaced(out, name);
}

static void put_unit(const struct teller *t, struct buf *out, struct slice name)
{
    struct slice title = title_of(t, AST_UNIT, name);

    buf_put(out, name);
    if (title.len > 0)
        buf_printf(out, " (%.*s)", SLICE_ARG(title));
}

static void put_of(const struct teller *t, struct buf *out, const struct ast_node *who, const char *of)
{
    const struct ast_node *value = who->child != NULL ? who->child->child : NULL;

    if (value == NULL)
        return;
    buf_text(out, of);
    if (value->kind == AST_FIELD)
        tell_field(out, value->text);
    else
        put_unit(t, out, value->text);
}

static void put_role(const struct teller *t, struct buf *out, const struct ast_node *who)
{
    if (tell_find(t->program, AST_PERSON, who->text) != NULL) {
        put_titled(t, out, AST_PERSON, who->text);
        return;
    }
    buf_text(out, "the ");
    put_spaced(out, who->text);
    put_of(t, out, who, " of ");
}

static void put_group(const struct teller *t, struct buf *out, struct slice name)
{
    const struct ast_node *group = tell_find(t->program, AST_GROUP, name);
    size_t i = 0, count = 0;

    put_spaced(out, name);
    for (const struct ast_node *m = group != NULL ? group->child : NULL; m != NULL; m = m->next)
        count++;
    for (const struct ast_node *m = group != NULL ? group->child : NULL; m != NULL; m = m->next, i++) {
        buf_text(out, i == 0 ? " (" : tell_joint(i, count, " and "));
        if (m->kind == AST_WHO_GROUP)
            put_spaced(out, m->text); /* one level is told; its own members stand with that group */
        else
            tell_who(t, out, m);
    }
    buf_text(out, count > 0 ? ")" : "");
}

/* "the Front desk", but "the desk Hospital operator". */
static void put_desk(const struct teller *t, struct buf *out, struct slice name)
{
    struct slice title = title_of(t, AST_DESK, name);
    size_t cut = title.len > 4 ? title.len - 4 : 0;

    buf_text(out, slice_eq_nocase(slice_sub(title, cut, 4), SLICE("desk")) ? "the " : "the desk ");
    put_titled(t, out, AST_DESK, name);
}

static void put_covering(const struct teller *t, struct buf *out, const struct ast_node *who)
{
    tell_field(out, who->text);
    buf_text(out, " if on duty, otherwise who covers, otherwise whoever is on call for ");
    put_titled(t, out, AST_ROTA, who->child->text);
}

void tell_who(const struct teller *t, struct buf *out, const struct ast_node *who)
{
    switch (who->kind) {
    case AST_WHO_ONCALL:
        buf_text(out, "whoever is on call for ");
        put_titled(t, out, AST_ROTA, who->text);
        put_of(t, out, who, ", by ");
        break;
    case AST_WHO_GROUP:
        buf_text(out, "everyone of the group ");
        put_group(t, out, who->text);
        break;
    case AST_WHO_DESK:
        put_desk(t, out, who->text);
        break;
    case AST_WHO_UNIT_DESK:
        buf_text(out, "the unit's desk");
        break;
    case AST_WHO_EVERYONE:
        buf_text(out, "everyone assigned");
        put_of(t, out, who, " in ");
        break;
    case AST_WHO_TURN:
        buf_text(out, "the next one on duty, not told yet, of the group ");
        put_group(t, out, who->text);
        break;
    case AST_WHO_LEAST:
        buf_text(out, "the one with the fewest open alerts of the group ");
        put_group(t, out, who->text);
        break;
    case AST_WHO_COVERING:
        put_covering(t, out, who);
        break;
    default:
        put_role(t, out, who);
    }
}

void tell_target(const struct teller *t, struct buf *out, const struct ast_node *target)
{
    for (const struct ast_node *w = target->child; w != NULL; w = w->next) {
        if (w != target->child)
            buf_text(out, w->next != NULL ? ", else " : ", or else ");
        tell_who(t, out, w);
    }
}
