/* What each listener's messages are read with: catalogue, code map, places, identities. */
#include "rules/site/build.h"

#include "events/csv.h"
#include "events/flags.h"

struct span site_file_span(const struct builder *b, struct slice path, const struct error *err)
{
    struct span at = { 0, err->line > 0 ? err->line : 1, err->column > 0 ? err->column : 1, 0 };
    struct slice name = path;

    if (site_file_name(b->arena, path, &name))
        name = site_file_path(b->arena, name);
    for (size_t i = 0; i < b->d->file_count; i++)
        if (slice_eq(b->d->files[i].name, name))
            at.file = (uint32_t)i;
    return at;
}

void site_report_file(struct builder *b, struct slice name, const struct error *err)
{
    diagnose(b->d, SEVERITY_ERROR, SITE_CSV, site_file_span(b, name, err), "%s", err->message);
    if (err->hint[0] != '\0')
        diagnose_hint(b->d, "%s", err->hint);
}

bool site_find_file(struct builder *b, struct slice path, struct span at, struct slice *bytes)
{
    struct slice name;

    if (site_file_name(b->arena, path, &name) && fileset_find(b->files, name, bytes))
        return true;
    diagnose(b->d, SEVERITY_ERROR, SITE_FILE, at, "the site has no file \"%.*s\"", SLICE_ARG(path));
    diagnose_hint(b->d, "file names are relative to the site's folder");
    return false;
}

static void add_catalogue_file(struct builder *b, const struct ast_node *at)
{
    struct slice bytes;
    struct error err = { 0 };

    if (site_find_file(b, at->text, at->at, &bytes) && !catalogue_add_csv(b->out->catalogue, bytes, &err))
        site_report_file(b, at->text, &err);
}

void build_catalogue(struct builder *b)
{
    struct walk w = { NULL, NULL };
    struct error err = { 0 };

    b->out->catalogue = catalogue_new();
    while (walk_next(&w, b->program, AST_CATALOGUE))
        for (const struct ast_node *s = ast_child(w.node, AST_STRING); s != NULL; s = ast_next(s, AST_STRING))
            add_catalogue_file(b, s);
    if (!catalogue_add_builtin(b->out->catalogue, &err))
        diagnose(b->d, SEVERITY_ERROR, SITE_CSV, (struct span){ 0, 1, 1, 0 }, "%s", err.message);
    b->out->site.catalogue = b->out->catalogue;
}

/* --- code maps -------------------------------------------------------------------------------------- */

enum { MAP_DEPTH = 8 }; /* maps based on maps */

static const struct ast_node *map_node(const struct builder *b, struct slice name)
{
    struct walk w = { NULL, NULL };

    while (walk_next(&w, b->program, AST_MAP))
        if (slice_eq(w.node->text, name))
            return w.node;
    return NULL;
}

static void unknown_map(struct builder *b, const struct ast_node *at)
{
    struct names known = { NULL, 0, 0 };

    names_add(&known, b->arena, SLICE("pcd04"));
    for (size_t i = 0; i < b->out->map_count; i++)
        names_add(&known, b->arena, b->out->map_names[i]);
    unknown_name(b, at, "map", &known);
}

static void unknown_code_name(struct builder *b, const struct ast_node *at)
{
    struct names known = { NULL, 0, 0 };

    for (size_t i = 0; i < catalogue_count(b->out->catalogue); i++)
        names_add(&known, b->arena, catalogue_row_at(b->out->catalogue, i)->name);
    unknown_name(b, at, "code", &known);
}

/* `code mdcx:0`: what the sender writes in the code stands behind the system's colon. */
static struct slice code_part(struct slice code)
{
    size_t colon = slice_find(code, ':');

    return colon < code.len ? slice_sub(code, colon + 1, code.len) : code;
}

static void add_entry(struct builder *b, struct codemap *map, const struct ast_node *entry, bool check)
{
    static const struct slice none = { NULL, 0 };
    const struct ast_node *text = ast_child(entry, AST_STRING), *code = ast_child(entry, AST_CODE);

    if (check && catalogue_named(b->out->catalogue, entry->text) == NULL && !flag_known(entry->text))
        unknown_code_name(b, entry);
    codemap_add(map, code != NULL ? code_part(code->text) : none, text != NULL ? text->text : none,
                entry->text);
}

/* A map's own entries stand before those of the map it is based on, and so win. */
static void fill_map(struct builder *b, struct codemap *map, const struct ast_node *n, unsigned depth)
{
    const struct ast_node *base = ast_child(n, AST_BASED_ON), *next;

    for (const struct ast_node *e = ast_child(n, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY))
        add_entry(b, map, e, depth == MAP_DEPTH);
    if (base == NULL || slice_is(base->text, "pcd04"))
        return;
    next = map_node(b, base->text);
    if (next != NULL && depth > 1)
        fill_map(b, map, next, depth - 1);
    else if (next != NULL)
        diagnose(b->d, SEVERITY_ERROR, SITE_GROUP, base->at, "maps based on each other, or more than %d deep",
                 MAP_DEPTH);
    else if (depth == MAP_DEPTH)
        unknown_map(b, base);
}

static void build_maps(struct builder *b)
{
    struct site_owned *out = b->out;
    struct walk w = { NULL, NULL };
    size_t room = walk_count(b->program, AST_MAP);
    struct names seen = { NULL, 0, 0 };

    out->maps = arena_array(b->arena, room, sizeof(struct codemap *));
    out->map_names = arena_array(b->arena, room, sizeof *out->map_names);
    while (walk_next(&w, b->program, AST_MAP)) {
        if (!names_declare(&seen, b, w.node, "map"))
            continue;
        out->map_names[out->map_count] = w.node->text;
        out->maps[out->map_count] = codemap_new();
        fill_map(b, out->maps[out->map_count++], w.node, MAP_DEPTH);
    }
}

static const struct codemap *map_of(struct builder *b, const struct block *block)
{
    const struct setting *s = block_setting(block, SLICE("map"));
    struct ast_node at = { 0 };

    if (s == NULL || s->value_count == 0 || slice_is(s->values[0], "pcd04"))
        return NULL;
    for (size_t i = 0; i < b->out->map_count; i++)
        if (slice_eq(b->out->map_names[i], s->values[0]))
            return b->out->maps[i];
    at.at = s->at;
    at.text = s->values[0];
    unknown_map(b, &at);
    return NULL;
}

/* --- places ----------------------------------------------------------------------------------------- */

static void add_own_places(const struct directory *d, struct place_map *map)
{
    for (size_t i = 0; i < d->unit_count; i++) {
        place_map_add_own(map, d->units[i].name, (struct slice){ NULL, 0 });
        for (size_t k = 0; k < d->units[i].bed_count; k++)
            place_map_add_own(map, d->units[i].name, d->units[i].beds[k]);
    }
}

static bool has_bed(const struct unit *u, struct slice bed)
{
    for (size_t i = 0; i < u->bed_count; i++)
        if (slice_eq(u->beds[i], bed))
            return true;
    return bed.len == 0;
}

enum { PLACE_UNIT, PLACE_BED };

struct checking {
    struct builder *b;
    struct slice name; /* of the file */
};

static bool check_place(void *ctx, const struct csv *c, const struct slice *cells, struct error *err)
{
    const struct checking *k = ctx;
    struct slice unit = cells[PLACE_UNIT], bed = cells[PLACE_BED];
    const struct unit *u = directory_unit(&k->b->out->directory, unit);
    struct error at = { .line = c->line };

    (void)err;
    if (u == NULL && unit.len > 0)
        diagnose(k->b->d, SEVERITY_WARNING, SITE_PLACE, site_file_span(k->b, k->name, &at),
                 "the site has no unit \"%.*s\"", SLICE_ARG(unit));
    else if (u != NULL && !has_bed(u, bed))
        diagnose(k->b->d, SEVERITY_WARNING, SITE_PLACE, site_file_span(k->b, k->name, &at),
                 "unit \"%.*s\" has no bed \"%.*s\"", SLICE_ARG(unit), SLICE_ARG(bed));
    return true;
}

/* The map itself takes any place: a wing may be wired before it opens. Here it is only said. */
static void check_places(struct builder *b, struct slice name, struct slice csv)
{
    static const char *const columns[] = { "unit", "bed", "sent-unit", "sent-room", "sent-bed", "room" };
    static const struct csv_table table = { columns, sizeof columns / sizeof *columns, 0, NULL, check_place };
    struct checking k = { b, name };

    csv_read(csv, b->arena, &table, &k, NULL);
}

/* A file that another listener names first has been looked at. */
static bool first_use(const struct builder *b, const struct block *block, const char *key, struct slice name)
{
    for (const struct block *other = b->out->site.blocks; other < block; other++)
        if (slice_eq(block_value(other, slice_of(key), SLICE("")), name))
            return false;
    return true;
}

static struct place_map *places_of(struct builder *b, const struct block *block)
{
    const struct setting *s = block_setting(block, SLICE("places"));
    struct place_map *map = place_map_new();
    struct slice bytes;

    add_own_places(&b->out->directory, map);
    for (size_t i = 0; s != NULL && i < s->value_count; i++) {
        struct error err = { 0 };
        bool first = i > 0 || first_use(b, block, "places", s->values[0]);

        if (!site_find_file(b, s->values[i], s->at, &bytes))
            continue;
        if (!place_map_add_csv(map, bytes, &err) && first)
            site_report_file(b, s->values[i], &err);
        else if (first)
            check_places(b, s->values[i], bytes);
    }
    return map;
}

/* --- roles and staff that feeds name ---------------------------------------------------------------- */

/* A row may be there before the role is: it is said, and what the feed says of it assigns what nobody asks.
 */
static void check_roles(struct builder *b, struct slice name, const struct role_map *map, size_t from)
{
    struct names known = { b->roles, b->role_count, b->role_count };

    for (size_t i = from; i < role_map_count(map); i++) {
        struct error at = { 0 };
        struct slice role = role_map_at(map, i, &at.line);
        if (!names_have(&known, role))
            diagnose(b->d, SEVERITY_WARNING, SITE_ROLE, site_file_span(b, name, &at),
                     "the site has no role \"%.*s\"", SLICE_ARG(role));
    }
}

static struct role_map *roles_of(struct builder *b, const struct block *block)
{
    const struct setting *s = block_setting(block, SLICE("roles"));
    struct role_map *map = role_map_new();
    struct slice bytes;

    for (size_t i = 0; i < b->role_count; i++)
        role_map_add_own(map, b->roles[i]);
    for (size_t i = 0; s != NULL && i < s->value_count; i++) {
        struct error err = { 0 };
        size_t before = role_map_count(map);
        bool first = i > 0 || first_use(b, block, "roles", s->values[0]);

        if (!site_find_file(b, s->values[i], s->at, &bytes))
            continue;
        if (!role_map_add_csv(map, bytes, &err) && first)
            site_report_file(b, s->values[i], &err);
        else if (first)
            check_roles(b, s->values[i], map, before);
    }
    return map;
}

/* `staff reach ENDPOINT`: people whom only the feed knows have no address, so it is an inbox. */
static void check_staff(struct builder *b, const struct block *block)
{
    const struct setting *s = block_setting(block, SLICE("staff"));
    struct names known = { NULL, 0, 0 };

    if (s == NULL || s->value_count < 2)
        return;
    for (size_t i = 0; i < b->out->site.block_count; i++) {
        const struct block *e = &b->out->site.blocks[i];
        if (e->endpoint && slice_is(e->kind, "inbox"))
            names_add(&known, b->arena, e->name);
    }
    if (!names_have(&known, s->values[1])) {
        struct ast_node at = { .at = s->at, .text = s->values[1] };
        unknown_name(b, &at, "inbox endpoint", &known);
    }
}

/* --- sources ---------------------------------------------------------------------------------------- */

static bool lists_word(const struct setting *s, const char *word)
{
    for (size_t i = 0; s != NULL && i < s->value_count; i++)
        if (slice_is(s->values[i], word))
            return true;
    return false;
}

/* patient authority "GH" "MR": the assigning authority (CX.4), and the identifier's type (CX.5). */
static void read_authority(const struct block *block, struct event_source *out)
{
    const struct setting *s = block_setting(block, SLICE("patient"));

    if (s == NULL)
        return;
    if (s->value_count > 1)
        out->patient_authority = s->values[1];
    if (s->value_count > 2)
        out->patient_type = s->values[2];
}

static void read_source(struct builder *b, const struct block *block, struct event_source *out)
{
    const struct setting *sends = block_setting(block, SLICE("sends"));
    const struct setting *processing = block_setting(block, SLICE("processing"));

    out->listener = block->name;
    out->catalogue = b->out->catalogue;
    out->map = map_of(b, block);
    out->places = b->out->places[b->out->place_count++] = places_of(b, block);
    out->roles = b->out->roles[b->out->role_map_count++] = roles_of(b, block);
    check_staff(b, block);
    read_authority(block, out);
    read_charset(b, block, out);
    out->zone = b->out->site.zone;
    out->sends_starts_only = lists_word(sends, "starts") && !lists_word(sends, "ends");
    out->allow_test = lists_word(processing, "T");
    out->allow_debug = lists_word(processing, "D");
}

void build_sources(struct builder *b)
{
    struct site *s = &b->out->site;
    struct event_source *sources = arena_array(b->arena, s->source_count, sizeof *sources);

    build_maps(b);
    b->out->places = arena_array(b->arena, s->source_count, sizeof(struct place_map *));
    b->out->roles = arena_array(b->arena, s->source_count, sizeof(struct role_map *));
    for (size_t i = 0; i < s->source_count; i++)
        read_source(b, &s->blocks[i], &sources[i]);
    s->sources = sources;
}
