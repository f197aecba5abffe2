/* What stands under the pointer: for names of the roster, who that is at this moment. */
#include <string.h>

#include "adapters/net/clock.h"
#include "nightbell/json_text.h"
#include "nightbell/lsp.h"
#include "nightbell/schema_show.h"
#include "roster/resolve.h"
#include "rules/check/compile.h"

enum { HOVER_BYTES = 65536, UNITS_SHOWN = 24, PEOPLE = 16 };

struct hover {
    struct lsp *s;
    struct lsp_site *site;
    const struct use *use;
    int64_t wall_us;
    struct buf *out;
};

static void put_title(struct hover *h, const char *what)
{
    buf_printf(h->out, "**%.*s** (%s)\n\n", SLICE_ARG(h->use->name), what);
}

static void put_now(struct hover *h)
{
    struct civil c = tz_to_civil(h->site->good->zone, h->wall_us);

    buf_printf(h->out, "Now (%04d-%02u-%02u %02u:%02u):\n\n", (int)c.year, (unsigned)c.month, (unsigned)c.day,
               (unsigned)c.hour, (unsigned)c.minute);
}

static void put_person(struct hover *h, struct slice name)
{
    const struct person *p = directory_person(h->site->good->directory, name);

    buf_printf(h->out, "%.*s", SLICE_ARG(p != NULL && p->title.len > 0 ? p->title : name));
}

static bool always(const void *ctx, struct slice holder)
{
    (void)ctx;
    (void)holder;
    return true;
}

static struct roster_now roster(const struct hover *h)
{
    return (struct roster_now){ .directory = h->site->good->directory,
                                .wall_us = h->wall_us,
                                .reachable = always };
}

/* For each unit: who holds the role. What feeds and people have assigned since is with the running router. */
static void put_holders(struct hover *h)
{
    const struct directory *d = h->site->good->directory;
    struct roster_now now = roster(h);

    put_now(h);
    for (size_t i = 0; i < d->unit_count && i < UNITS_SHOWN; i++) {
        struct resolved r;
        roster_role_holders(h->s->scratch, &now, h->use->name, d->units[i].name, SLICE(""), &r);
        buf_printf(h->out, "- %.*s: ", SLICE_ARG(d->units[i].name));
        for (size_t k = 0; k < r.count; k++) {
            buf_text(h->out, k > 0 ? ", " : "");
            put_person(h, r.holders[k].name);
        }
        buf_text(h->out, r.count > 0 ? "\n" : "nobody\n");
    }
}

static void put_rota(struct hover *h)
{
    const struct rota *r = directory_rota(h->site->good->directory, h->use->name);
    struct slice people[PEOPLE];

    if (r == NULL)
        return;
    if (r->title.len > 0)
        buf_printf(h->out, "%.*s\n\n", SLICE_ARG(r->title));
    put_now(h);
    size_t count = rota_at(r, h->wall_us, people, PEOPLE);
    for (size_t i = 0; i < count; i++) {
        buf_text(h->out, "- ");
        put_person(h, people[i]);
        buf_text(h->out, "\n");
    }
    if (count == 0)
        buf_text(h->out, "- nobody\n");
    int64_t next = rota_next_change(r, h->wall_us);
    if (next != TIME_NONE) {
        struct civil c = tz_to_civil(h->site->good->zone, next);
        buf_printf(h->out, "\nuntil %04d-%02u-%02u %02u:%02u\n", (int)c.year, (unsigned)c.month,
                   (unsigned)c.day, (unsigned)c.hour, (unsigned)c.minute);
    }
}

static void put_desk(struct hover *h)
{
    const struct desk *d = directory_desk(h->site->good->directory, h->use->name);

    if (d == NULL)
        return;
    buf_printf(h->out, "%.*s\n\n", SLICE_ARG(d->title));
    if (d->staffed == NULL)
        buf_text(h->out, "Staffed always.");
    else
        buf_printf(h->out, "Staffed during %.*s; now %s.", SLICE_ARG(d->staffed->name),
                   shift_holds(d->staffed, h->site->good->zone, h->wall_us) ? "it is" : "it is not");
    buf_text(h->out, d->relay ? " Relay: its accept quiets the desk only.\n" : "\n");
}

static void put_code(struct hover *h)
{
    struct slice code = h->use->name, system = slice_cut(&code, ':');
    const struct catalogue *c = h->site->good->catalogue;
    const struct catalogue_row *row =
        code.len > 0 ? catalogue_coded(c, system, code) : catalogue_named(c, h->use->name);

    if (row == NULL)
        return;
    buf_printf(h->out, "%.*s\n\n%s, class %s", SLICE_ARG(row->title), event_kind_name(row->kind),
               event_class_name(row->class));
    if (row->unit.len > 0)
        buf_printf(h->out, ", unit `%.*s`", SLICE_ARG(row->unit));
    if (row->code.len > 0)
        buf_printf(h->out, ", %.*s %.*s", SLICE_ARG(row->system), SLICE_ARG(row->code));
    buf_text(h->out, "\n");
}

static void put_field(struct hover *h)
{
    const struct field_info *f;
    size_t id;

    if (!schema_find(h->use->name, &id))
        return;
    f = schema_field(id);
    buf_printf(h->out, "%s, %s there, privacy %s\n\nof ", schema_type_name(f->type),
               f->always ? "always" : "sometimes", schema_privacy_name(f->privacy));
    schema_kinds_text(f, h->out);
    buf_text(h->out, "; compared with: ");
    schema_values_text(f, h->out);
    buf_text(h->out, f->always ? "\n" : "\n\nNeeds `or missing` or `if known` behind its check.\n");
}

static void put_bound(struct hover *h)
{
    struct buf bounds = buf_make(LSP_FRAME_BYTES);
    struct slice rest, line;

    if (h->site->good != NULL)
        ruleset_bounds(h->site->good->rules, &bounds);
    rest = buf_slice(&bounds);
    while (rest.len > 0) {
        line = slice_cut(&rest, '\n');
        struct slice text = line, name = slice_cut(&text, ':');
        if (slice_eq(name, h->use->name))
            buf_printf(h->out, "\nBound:%.*s\n", SLICE_ARG(text));
    }
    buf_free(&bounds);
}

static void put_told(struct hover *h, const struct ast_node *declaration)
{
    struct teller t = lsp_teller(h->s, h->site);
    struct told told;

    tell(&t, declaration, &told);
    if (told.title.len > 0)
        buf_printf(h->out, "%.*s\n\n", SLICE_ARG(told.title));
    buf_printf(h->out, "%.*s\n\n", SLICE_ARG(told.when));
    for (size_t i = 0; i < told.clause_count; i++)
        buf_printf(h->out, "%.*s\n\n", SLICE_ARG(told.clauses[i]));
    for (size_t i = 0; i < told.step_count; i++)
        buf_printf(h->out, "- %.*s: %.*s%s%.*s\n", SLICE_ARG(told.steps[i].when),
                   SLICE_ARG(told.steps[i].whom), told.steps[i].how.len > 0 ? " — " : "",
                   SLICE_ARG(told.steps[i].how));
    buf_printf(h->out, "\n%.*s%s%.*s\n", SLICE_ARG(told.repeat), told.repeat.len > 0 ? " " : "",
               SLICE_ARG(told.ends));
    put_bound(h);
}

static void put_person_about(struct hover *h)
{
    const struct person *p = directory_person(h->site->good->directory, h->use->name);

    if (p == NULL)
        return;
    buf_printf(h->out, "%.*s\n\n", SLICE_ARG(p->title));
    for (size_t i = 0; i < p->role_count; i++)
        buf_printf(h->out, "%s%.*s", i > 0 ? ", " : "may hold ", SLICE_ARG(p->roles[i]));
    buf_text(h->out, p->role_count > 0 ? "\n" : "");
}

static void put_unit_about(struct hover *h)
{
    const struct unit *u = directory_unit(h->site->good->directory, h->use->name);

    if (u != NULL)
        buf_printf(h->out, "%.*s, %zu beds, fallback desk %.*s\n", SLICE_ARG(u->title), u->bed_count,
                   SLICE_ARG(u->fallback_desk));
}

static void put_members(struct hover *h, const struct ast_node *set)
{
    struct teller t = lsp_teller(h->s, h->site);

    for (const struct ast_node *m = set->child; m != NULL; m = m->next) {
        buf_text(h->out, "- ");
        if (set->kind == AST_GROUP)
            tell_who(&t, h->out, m);
        else
            buf_put(h->out, set->kind == AST_CODES ? tell_code(&t, m->text) : m->text);
        buf_text(h->out, "\n");
    }
}

static void put_message(struct hover *h, const struct ast_node *m)
{
    const struct ast_node *lock = ast_child(m, AST_LOCK), *full = ast_child(m, AST_FULL);

    if (lock != NULL && full != NULL)
        buf_printf(h->out, "locked: `%.*s`\n\nunlocked: `%.*s`\n", SLICE_ARG(lock->text),
                   SLICE_ARG(full->text));
}

/* What the files alone tell. */
static void put_declared(struct hover *h)
{
    const struct use *d = use_definition(&h->site->uses, h->use->kind, h->use->name);
    struct teller t = lsp_teller(h->s, h->site);

    if (h->use->kind == USE_FIELD)
        put_field(h);
    if (d == NULL)
        return;
    switch (h->use->kind) {
    case USE_RULE:
        put_told(h, d->node);
        break;
    case USE_CODES:
    case USE_PLACES:
    case USE_GROUP:
        put_members(h, d->node);
        break;
    case USE_SHIFT:
    case USE_SWITCH:
        tell_shift(&t, h->out, h->use->name);
        buf_text(h->out, "\n");
        break;
    case USE_MESSAGE:
        put_message(h, d->node);
        break;
    case USE_CHAIN:
        put_told(h, d->node);
        break;
    default:
        break;
    }
}

static void put_compiled(struct hover *h)
{
    switch (h->use->kind) {
    case USE_ROLE:
        put_holders(h);
        break;
    case USE_ROTA:
        put_rota(h);
        break;
    case USE_DESK:
        put_desk(h);
        break;
    case USE_CODE:
        put_code(h);
        break;
    case USE_PERSON:
        put_person_about(h);
        break;
    case USE_UNIT:
        put_unit_about(h);
        break;
    default:
        break;
    }
}

json_t *lsp_hover(struct lsp *s, const json_t *params, struct lsp_error *e)
{
    struct buf text = buf_make(HOVER_BYTES);
    struct lsp_place p;
    struct hover h = { .s = s, .out = &text };

    if (!lsp_place_of(s, params, &p))
        return lsp_refuse(e, LSP_INVALID_PARAMS, "no such place in an open file");
    h.site = p.site;
    h.use = lsp_use_at(&p);
    h.wall_us = s->at_us != TIME_NONE ? s->at_us : clock_wall_us();
    if (h.use == NULL)
        return json_null();
    put_title(&h, use_kind_name(h.use->kind));
    put_declared(&h);
    if (p.site->good != NULL)
        put_compiled(&h);
    else if (h.use->kind == USE_ROLE || h.use->kind == USE_ROTA || h.use->kind == USE_DESK)
        buf_text(&text, "Who it is now can be said once the site has no errors.\n");
    json_t *result =
        json_pack("{s:{s:s s:o} s:o}", "contents", "kind", "markdown", "value",
                  json_of_slice(buf_slice(&text)), "range", lsp_span_range(p.lines, h.use->at, s->utf8));
    buf_free(&text);
    return result;
}
