/* `listen` and `endpoint` blocks, read without knowing what their keys mean. */
#include "rules/site/build.h"

const struct setting *block_setting(const struct block *b, struct slice key)
{
    for (size_t i = 0; i < b->setting_count; i++)
        if (slice_eq(b->settings[i].key, key))
            return &b->settings[i];
    return NULL;
}

struct slice block_value(const struct block *b, struct slice key, struct slice otherwise)
{
    const struct setting *s = block_setting(b, key);

    return s != NULL && s->value_count > 0 ? s->values[0] : otherwise;
}

const struct block *site_block(const struct site *s, struct slice name)
{
    for (size_t i = 0; i < s->block_count; i++)
        if (slice_eq(s->blocks[i].name, name))
            return &s->blocks[i];
    return NULL;
}

const struct event_source *site_source(const struct site *s, struct slice listener)
{
    for (size_t i = 0; i < s->source_count; i++)
        if (slice_eq(s->sources[i].listener, listener))
            return &s->sources[i];
    return NULL;
}

static void read_setting(struct builder *b, const struct ast_node *n, struct setting *out)
{
    size_t count = 0;
    struct slice *values;

    for (const struct ast_node *v = n->child; v != NULL; v = v->next)
        count++;
    values = arena_array(b->arena, count, sizeof *values);
    *out = (struct setting){ n->text, values, count, n->at };
    for (const struct ast_node *v = n->child; v != NULL; v = v->next)
        *values++ = v->text;
}

static void read_block(struct builder *b, const struct ast_node *n, struct block *out)
{
    const struct ast_node *kind = ast_child(n, AST_NAME);
    size_t count = ast_count(n, AST_SETTING), i = 0;
    struct setting *settings = arena_array(b->arena, count, sizeof *settings);

    for (const struct ast_node *s = ast_child(n, AST_SETTING); s != NULL; s = ast_next(s, AST_SETTING))
        read_setting(b, s, &settings[i++]);
    *out = (struct block){ .endpoint = n->kind == AST_ENDPOINT,
                           .kind = kind != NULL ? kind->text : (struct slice){ NULL, 0 },
                           .name = n->text,
                           .settings = settings,
                           .setting_count = count,
                           .at = n->at };
}

/* Technical alerts of the router itself have the source "nightbell": a rule must know which one it means. */
static bool is_own_name(struct builder *b, const struct ast_node *n)
{
    if (!slice_is(n->text, "nightbell"))
        return false;
    diagnose(b->d, SEVERITY_ERROR, SITE_TWICE, n->at,
             "\"nightbell\" is the source of the router's own alerts");
    diagnose_hint(b->d, "give the %s another name", n->kind == AST_LISTEN ? "listener" : "endpoint");
    return true;
}

static size_t read_blocks(struct builder *b, enum ast_kind kind, struct names *seen, struct block *list)
{
    struct walk w = { NULL, NULL };
    size_t count = 0;

    while (walk_next(&w, b->program, kind))
        if (!is_own_name(b, w.node) && names_declare(seen, b, w.node, "listener or endpoint"))
            read_block(b, w.node, &list[count++]);
    return count;
}

/* Listeners first, then endpoints; one set of names, because `serve --listen NAME=...` means either. */
void build_blocks(struct builder *b)
{
    size_t room = walk_count(b->program, AST_LISTEN) + walk_count(b->program, AST_ENDPOINT), listeners;
    struct block *list = arena_array(b->arena, room, sizeof *list);
    struct names seen = { NULL, 0, 0 };

    listeners = read_blocks(b, AST_LISTEN, &seen, list);
    b->out->site.blocks = list;
    b->out->site.block_count = listeners + read_blocks(b, AST_ENDPOINT, &seen, list + listeners);
    b->out->site.source_count = listeners;
}

bool setting_duration(struct slice text, int64_t *us)
{
    static const struct {
        const char *unit;
        int64_t us;
    } UNITS[] = {
        { "ms", TIME_MS }, { "s", TIME_S }, { "min", TIME_MIN }, { "h", TIME_HOUR }, { "d", TIME_DAY }
    };
    size_t digits = 0;
    uint32_t n;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!slice_to_u32(slice_sub(text, 0, digits), &n))
        return false;
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        if (slice_is(slice_sub(text, digits, text.len), UNITS[i].unit)) {
            *us = (int64_t)n * UNITS[i].us;
            return true;
        }
    return false;
}
