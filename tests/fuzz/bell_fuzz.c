/* The rule language on any bytes, alone and as a whole site: parse, check, print the findings; of what
 * compiles, match events made of the same bytes, make plans, ask who is on call and where nobody is.
 *
 * A digit in front says what the bytes are: 0 a file beside others, 1 a calendar, 2 a roster, 3 a catalogue,
 * 4 places, 5 several files with "%%%% NAME" lines between them; without one they are a file of rules. */
#include "fhir/json.h"
#include "roster/gaps.h"
#include "tests/rules/hand.h"
#include "tests/rules/site_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_BYTES = 1 << 22, NOW_S = 1793466000, EVENTS = 4 };

static const char BASE[] =
    "language 1\nsite north timezone \"America/Chicago\"\nlayers house, unit\n"
    "shift day = 07:00-19:00\nshift night = 19:00-07:00\n"
    "desk operator \"Operator\" staffed always reach phones\n"
    "unit \"5W\" { beds \"01\" to \"04\" fallback desk operator }\nunit \"ICU\" { beds \"1\" fallback desk "
    "operator }\n"
    "person ana \"Ana Ruiz RN\" { may-hold primary-nurse, charge-nurse reach phones }\n"
    "person ben { line \"5W-ben\" reach phones }\n"
    "assign ana primary-nurse of \"5W\" during day\nassign ana charge-nurse of \"5W\"\n"
    "rota rapid { weekly from 2026-11-02 07:00 ana, ben }\n"
    "listen mllp telemetry { on \"127.0.0.1:2575\" sends starts, ends }\n"
    "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"
    "default { notify charge-nurse else oncall rapid  after 2min if not accepted notify desk operator }\n";

/* --- events of the same bytes ----------------------------------------------------------------------------
 */

struct bytes {
    const uint8_t *data;
    size_t size, at;
};

static unsigned take(struct bytes *b, unsigned below)
{
    return b->at < b->size ? b->data[b->at++] % below : 0;
}

static struct event some_event(struct bytes *b, const struct catalogue *c)
{
    static const char *const units[] = { "", "5W", "ICU", "X" }, *const flags[] = { "fall-risk", "dnr" };
    struct event e =
        event_empty((enum event_kind)take(b, EVENT_KIND_COUNT), (enum event_phase)take(b, PHASE_COUNT));
    const struct catalogue_row *row = catalogue_row_at(c, take(b, 255) % catalogue_count(c));

    e.code = take(b, 4) > 0 ? row->name : SLICE("");
    e.raw_code = row->code;
    e.class = (enum event_class)take(b, CLASS_COUNT);
    e.priority = (enum event_priority)take(b, PRIORITY_COUNT);
    e.listener = SLICE("telemetry");
    e.place.unit = slice_of(units[take(b, 4)]);
    e.place.bed = take(b, 2) ? SLICE("01") : SLICE("");
    e.patient.flag_count = take(b, 3);
    for (size_t i = 0; i < e.patient.flag_count; i++)
        e.patient.flags[i] = slice_of(flags[take(b, 2)]);
    e.time_us = NOW_S * TIME_S;
    struct decimal value = { (int64_t)take(b, 200), 0 };
    e.value = (struct quantity){ .state = take(b, 3) ? QUANTITY_EXACT : QUANTITY_INTERVAL,
                                 .has_low = true,
                                 .has_high = take(b, 2),
                                 .low = value,
                                 .high = value,
                                 .unit = row->unit };
    return e;
}

static void use_rules(const struct ruleset *rules, const struct catalogue *c, const struct tz *zone,
                      struct bytes b, struct arena *arena, struct buf *out)
{
    struct eval_now now = { .wall_us = NOW_S * TIME_S, .zone = zone };

    for (int i = 0; i < EVENTS; i++) {
        struct event e = some_event(&b, c);
        struct match m;
        ruleset_match(rules, &e, &now, i == 0, arena, &m);
        if (rule_ignores(m.owner).len == 0)
            plan_write(out, plan_make(m.owner, &e, arena));
        rule_hold_skipped(m.owner, &e, &now, arena);
    }
    ruleset_bounds(rules, out);
}

/* --- one file alone --------------------------------------------------------------------------------------
 */

static void one_file(struct slice text, struct bytes b)
{
    static struct hand site; /* made once: its catalogue does not change */
    struct buf out = buf_make(OUT_BYTES);
    struct diagnostics d;
    struct source_file file = { SLICE("t.bell"), text };
    struct arena *arena = arena_new();

    if (site.arena == NULL)
        hand_site(&site);
    diagnostics_init(&d, arena, &file, 1);
    struct ast_node *program = syntax_parse(arena, &file, 1, &d);
    struct ruleset *rules = ruleset_compile(arena, program, &site.context, &d);
    diagnostics_text(&d, false, &out);
    if (rules != NULL)
        use_rules(rules, site.catalogue, site.zone, b, arena, &out);
    ruleset_free(&rules);
    diagnostics_free(&d);
    arena_free(&arena);
    buf_free(&out);
}

/* --- a whole site ----------------------------------------------------------------------------------------
 */

static void add(struct fileset *f, struct slice name, struct slice text)
{
    struct error err = { .code = ERROR_NONE };

    fileset_add(f, name, text, &err); /* a name twice, or one that leads out, is refused */
}

static void use_site(const struct site *site, struct bytes b, struct arena *arena, struct buf *out)
{
    const struct directory *d = site->directory;
    struct slice people[8];

    use_rules(site->rules, site->catalogue, site->zone, b, arena, out);
    for (size_t i = 0; i < d->rota_count && i < 8; i++) {
        rota_at(&d->rotas[i], NOW_S * TIME_S, people, 8);
        gaps_of_rota(d, &d->rotas[i], NOW_S * TIME_S, (NOW_S + 14 * 86400) * TIME_S, arena);
    }
}

static void whole_site(struct fileset *f, struct bytes b)
{
    struct arena *arena = arena_new();
    struct buf out = buf_make(OUT_BYTES);
    struct diagnostics d;
    size_t schemas;
    const struct block_schema *known = block_schemas(&schemas);
    const struct slice *names;

    fixture_add_zone(f, "America/Chicago");
    site_zones(f, arena, &names);
    site_files(f, arena, &names);
    diagnostics_init(&d, arena, NULL, 0);
    struct site *site = site_check_days(f, known, schemas, NOW_S * TIME_S, 14, &d);
    diagnostics_text(&d, false, &out);
    if (site != NULL)
        use_site(site, b, arena, &out);
    site_free(&site);
    diagnostics_free(&d);
    arena_free(&arena);
    buf_free(&out);
    fileset_free(&f);
}

/* A roster in FHIR, as the program adds it where it reads the folder. */
static void add_bundle(struct fileset *f, struct slice text)
{
    struct buf tree = buf_make(OUT_BYTES);
    struct error err = { .code = ERROR_NONE };

    add(f, SLICE("base.bell"), slice_of(BASE));
    add(f, SLICE("rotas.bell"), SLICE("language 1\nrota x from fhir \"r.json\"\n"));
    add(f, SLICE("r.json"), text);
    if (fhir_json_read(text, &tree, &err))
        add(f, SLICE(".fhir/r.json"), buf_slice(&tree));
    buf_free(&tree);
}

/* "%%%% NAME" begins the next file. */
static void split_files(struct fileset *f, struct slice text)
{
    struct slice name = SLICE("a.bell"), file = { text.ptr, 0 };

    while (text.len > 0) {
        struct slice line = slice_cut(&text, '\n');
        if (!slice_starts(line, SLICE("%%%% "))) {
            file.len = (size_t)(line.ptr + line.len - file.ptr);
            continue;
        }
        add(f, name, file);
        name = slice_sub(line, 5, line.len);
        file = (struct slice){ text.ptr, 0 };
    }
    add(f, name, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *mention, *name;
    } beside[] = {
        { "language 1\n", "x.bell" },
        { "language 1\nrota x from ics \"r.ics\"\n", "r.ics" },
        { "language 1\nrota x from csv \"r.csv\"\n", "r.csv" },
        { "language 1\ncatalogue \"c.csv\"\n", "c.csv" },
        { "language 1\nlisten mllp m { on \"127.0.0.1:1\" places \"p.csv\" }\n", "p.csv" },
    };
    enum { KINDS = sizeof beside / sizeof *beside, FHIR_TREE };

    struct bytes b = { data, size, 0 };
    unsigned what = size > 0 ? data[0] - (unsigned)'0' : FHIR_TREE + 1;
    if (what > FHIR_TREE) {
        one_file((struct slice){ (const char *)data, size }, b);
        return 0;
    }
    struct slice text = { (const char *)data + 1, size - 1 };
    struct fileset *f = fileset_new();
    if (what == KINDS) {
        split_files(f, text);
    } else if (what == FHIR_TREE) {
        add_bundle(f, text);
    } else {
        add(f, SLICE("base.bell"), slice_of(BASE));
        add(f, SLICE("rotas.bell"), slice_of(beside[what].mention));
        add(f, slice_of(beside[what].name), text);
    }
    whole_site(f, b);
    return 0;
}
