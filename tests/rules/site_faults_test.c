/* One fault a row, in a site that is otherwise whole: its number, its place, its words and its hint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/rules/site_fixture.h"

static const char SITE[] = "site north timezone \"America/Chicago\"\n";

static const char BASE[] =
    "language 1\n"
    "shift day = 07:00-19:00\n"
    "desk operator \"Operator\" staffed always reach phones\n"
    "unit \"5W\" { beds \"01\" to \"04\" fallback desk operator }\n"
    "person ana \"Ana Ruiz RN\" { may-hold primary-nurse, charge-nurse reach phones }\n"
    "person ben { reach phones }\n"
    "rota rapid { weekly from 2026-11-02 07:00 ana, ben }\n"
    "group team = oncall rapid, desk operator\n"
    "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"
    "default { notify primary-nurse  after 2min if not accepted notify desk operator }\n";

/* clang-format off */
static const struct row {
    const char *name, *text; /* of extra.bell, after its first line "language 1" */
    unsigned number;
    const char *where;       /* file:line */
    const char *message, *hint;
    const char *csv;         /* contents of data.csv */
    bool without_site;
    bool warning;
} ROWS[] = {
    { "no site", "", 601, "base.bell:1", .message = "no file declares the site", "write: site NAME", .without_site = true },
    { "two sites", "site south timezone \"America/Chicago\"", 601, "extra.bell:2", .message = "a second \"site\"" },
    { "an unknown zone", "rota x { zone \"America/Chicgo\" weekly from 2026-11-02 07:00 ana }", 604, "extra.bell:2", .message = "unknown time zone \"America/Chicgo\"", "zones are named by place" },
    { "a shift twice", "shift day = 08:00-09:00", 602, "extra.bell:2", .message = "shift \"day\" is declared twice", "another name" },
    { "a desk twice", "desk operator \"x\" staffed always reach phones", 602, "extra.bell:2", .message = "desk \"operator\"" },
    { "a person named as a desk", "person operator { reach phones }", 602, "extra.bell:2", .message = "person or desk \"operator\"" },
    { "a person twice", "person ana { reach phones }", 602, "extra.bell:2", .message = "\"ana\" is declared twice" },
    { "a person called nobody", "person nobody { reach phones }", 602, "extra.bell:2", .message = "\"nobody\"" },
    { "a person named as a role", "person charge-nurse { reach phones }", 602, "extra.bell:2", .message = "is a person and a role" },
    { "a unit twice", "unit \"5W\" { beds \"01\" }", 602, "extra.bell:2", .message = "unit \"5W\"" },
    { "a rota twice", "rota rapid { weekly from 2026-11-02 07:00 ana }", 602, "extra.bell:2", .message = "rota \"rapid\"" },
    { "a group twice", "group team = ana", 602, "extra.bell:2", .message = "group \"team\"" },
    { "listener and endpoint share names", "listen mllp phones { on \"127.0.0.1:1\" }", 602, "base.bell:9", .message = "\"phones\" is declared twice" },
    { "a listener named as the router itself", "listen mllp nightbell { on \"127.0.0.1:1\" }", 602, "extra.bell:2", .message = "the router's own alerts", "the listener another name" },
    { "a bed twice", "unit \"X\" { beds \"01\" to \"03\", \"02\" }", 602, "extra.bell:2", .message = "bed \"02\" is listed twice" },
    { "a desk's unknown shift", "desk d \"D\" staffed during dya reach phones", 603, "extra.bell:2", .message = "unknown shift \"dya\"", "did you mean \"day\"" },
    { "an unknown endpoint", "person eva { reach phone }", 603, "extra.bell:2", .message = "unknown endpoint \"phone\"", "did you mean \"phones\"" },
    { "a listener is no way out", "listen mllp tele { on \"127.0.0.1:1\" } person eva { reach tele }", 603, "extra.bell:2", .message = "unknown endpoint \"tele\"", "is a listener" },
    { "an unknown fallback desk", "unit \"X\" { fallback desk operater }", 603, "extra.bell:2", .message = "unknown desk \"operater\"", "did you mean \"operator\"" },
    { "an unknown person on call", "rota x { weekly from 2026-11-02 07:00 anna }", 603, "extra.bell:2", .message = "unknown person \"anna\"", "did you mean \"ana\"" },
    { "an unknown person in an override", "rota x { weekly from 2026-11-02 07:00 ana override 2026-12-24 19:00 to 2026-12-25 07:00 ana instead of bne }",
      603, "extra.bell:2", .message = "unknown person \"bne\"", "\"ben\"" },
    { "an unknown person assigned", "assign anna charge-nurse of \"5W\"", 603, "extra.bell:2", .message = "unknown person \"anna\"" },
    { "an unknown unit", "assign ana charge-nurse of \"5V\"", 603, "extra.bell:2", .message = "unknown unit \"5V\"", "did you mean \"5W\"" },
    { "an assignment's unknown shift", "assign ana charge-nurse of \"5W\" during night", 603, "extra.bell:2", .message = "unknown shift \"night\"" },
    { "an unknown rota in a group", "group g = oncall rapit", 603, "extra.bell:2", .message = "unknown rota \"rapit\"", "\"rapid\"" },
    { "an unknown role in a group", "group g = charge-nurze", 603, "extra.bell:2", .message = "unknown role or person", "\"charge-nurse\"" },
    { "an unknown group in a group", "group g = group teem", 603, "extra.bell:2", .message = "unknown group \"teem\"", "\"team\"" },
    { "an unknown unit in a group", "group g = charge-nurse of \"6W\"", 603, "extra.bell:2", .message = "unknown unit \"6W\"" },
    { "an unknown kind of listener", "listen mlpp x { on \"127.0.0.1:1\" }", 603, "extra.bell:2", .message = "no listener of kind \"mlpp\"", "did you mean \"mllp\"" },
    { "an unknown map", "listen mllp x { on \"127.0.0.1:1\" map pcd4 }", 603, "extra.bell:2", .message = "unknown map \"pcd4\"", "\"pcd04\"" },
    { "a map to an unknown code", "map m { text \"X\" is vfibb }", 603, "extra.bell:2", .message = "unknown code \"vfibb\"", "\"vfib\"" },
    { "a map based on nothing", "map m { based on philips }", 603, "extra.bell:2", .message = "unknown map \"philips\"" },
    { "nothing rings a person", "person eva { may-hold charge-nurse }", 605, "extra.bell:2", .message = "nothing rings \"eva\"", "reach ENDPOINT" },
    { "nothing rings a desk", "desk d \"D\" staffed always", 605, "extra.bell:2", .message = "nothing rings \"d\"" },
    { "plain off loopback", "listen mllp x { on \"0.0.0.0:2575\" }", 607, "extra.bell:2", .message = "plain text off this machine", "the word insecure" },
    { "plain on IPv6", "listen mllp x { on \"[::]:2575\" }", 607, "extra.bell:2", .message = "plain text" },
    { "a plain gateway", "endpoint jose g { url \"http://gw.example:80/a\" key \"k\" }", 607, "extra.bell:2", .message = "plain text", "https://" },
    { "an unknown setting", "listen mllp x { on \"127.0.0.1:1\" plases \"p.csv\" }", 608, "extra.bell:2", .message = "no setting \"plases\"", "\"places\"" },
    { "a setting twice", "listen mllp x { on \"127.0.0.1:1\" on \"127.0.0.1:2\" }", 608, "extra.bell:2", .message = "stands twice" },
    { "a setting that is needed", "listen fhir x { on \"127.0.0.1:1\" }", 609, "extra.bell:2", .message = "needs \"client\"" },
    { "a character set that is none", "listen mllp x { on \"127.0.0.1:1\" charset \"8859/99\" }", 610, "extra.bell:2", .message = "no character set of HL7 table 0211", "8859/15" },
    { "a fallback that is none", "listen mllp x { on \"127.0.0.1:1\" charset \"8859/1\" fallback \"latin\" }", 610, "extra.bell:2", .message = "\"latin\"" },
    { "a word that cannot be", "listen mllp x { on \"127.0.0.1:1\" on-bad drop }", 610, "extra.bell:2", .message = "cannot be \"drop\"", "quarantine, nak" },
    { "too many values", "listen mllp x { on \"127.0.0.1:1\" \"127.0.0.1:2\" }", 610, "extra.bell:2", .message = "takes 1 to 1 values, not 2" },
    { "a number that is none", "listen mllp x { on \"127.0.0.1:1\" max-message 4min }", 610, "extra.bell:2", .message = "\"max-message\" cannot be", "number of bytes" },
    { "a message too large for any listener", "listen mllp x { on \"127.0.0.1:1\" max-message 67108865 }", 610, "extra.bell:2", .message = "\"max-message\" cannot be", "1 to 67108864" },
    { "a number of connections that is none", "listen mllp x { on \"127.0.0.1:1\" max-connections many }", 610, "extra.bell:2", .message = "cannot be \"many\"", "whole number" },
    { "a duration without its unit", "endpoint inbox x { on \"127.0.0.1:1\" receipt 8 }", 610, "extra.bell:2", .message = "\"receipt\" cannot be \"8\"", "for example 8s" },
    { "a callback on a listener's port", "listen mllp x { on \"127.0.0.1:7\" } endpoint jose g { url \"https://g/\" key \"k\" callback \"127.0.0.1:7\" }",
      611, "extra.bell:2", .message = "\"x\" already listens", NULL },
    { "no address", "listen mllp x { on \"2575\" }", 610, "extra.bell:2", .message = "\"2575\" is not an address", "127.0.0.1:2575" },
    { "a port past the last", "listen mllp x { on \"127.0.0.1:70000\" }", 610, "extra.bell:2", .message = "is not an address" },
    { "one address twice", "listen mllp x { on \"127.0.0.1:8444\" }", 611, "base.bell:9", .message = "\"x\" already listens on \"127.0.0.1:8444\"", "own port" },
    { "a role not allowed", "assign ana primary-nurze of \"5W\"", 612, "extra.bell:2", .message = "ana may not hold \"primary-nurze\"", "\"primary-nurse\"" },
    { "a bed that is not there", "assign ana primary-nurse of \"5W\" beds \"03\" to \"05\"", 613, "extra.bell:2", .message = "unit \"5W\" has no bed \"05\"", "\"01\" to \"04\"" },
    { "a rota from FHIR that is not there", "rota x from fhir \"x.json\"", 615, "extra.bell:2", .message = "no file \"x.json\"" },
    { "one without its tree", "rota x from fhir \"data.csv\"", 616, "data.csv:1", .message = "not its tree", NULL, "{}" },
    { "a roster that is not there", "rota x from ics \"x.ics\"", 615, "extra.bell:2", .message = "no file \"x.ics\"", "relative" },
    { "a roster that is no calendar", "rota x from ics \"data.csv\"", 616, "data.csv:1", .message = "no calendar begins here", NULL, "from,to,person\n" },
    { "a roster without its columns", "rota x from csv \"data.csv\"", 616, "data.csv:1", .message = "from, to, person", NULL, "from,person\n" },
    { "a roster with a bad time", "rota x from csv \"data.csv\"", 616, "data.csv:3", .message = "times are written", NULL, "from,to,person\n2026-11-02 07:00,2026-11-03 07:00,ana\n2.11.2026,3.11.2026,ana\n" },
    { "a turn that ends before it begins", "rota x from csv \"data.csv\"", 616, "data.csv:2", .message = "ends before it begins", NULL, "from,to,person\n2026-11-03 07:00,2026-11-02 07:00,ana\n" },
    { "a roster with a stranger", "rota x from csv \"data.csv\"", 623, "data.csv:2", .message = "\"anna\" is no person of this site", "did you mean \"ana\"", "from,to,person\n2026-11-02 07:00,2026-11-03 07:00,anna\n", .warning = true },
    { "a roster of nobody", "rota x from csv \"data.csv\"", 624, "extra.bell:2", .message = "rota \"x\" has nobody", "found by name", "from,to,person\n", .warning = true },
    { "a switch that nobody can set", "switch calm \"Calm\" set by charge-nurze max 2h", 603, "extra.bell:2", .message = "nobody could set it", "\"charge-nurse\"" },
    { "a switch that stays on", "switch calm \"Calm\" set by charge-nurse max 31d", 618, "extra.bell:2", .message = "at most 30d", "into the rules" },
    { "a silence of no length", "listen mllp x { on \"127.0.0.1:1\" expect every \"soon\" }", 610, "extra.bell:2",
      .message = "\"expect\" cannot be \"soon\"", "8s or 2min" },
    { "a catalogue that is not there", "catalogue \"codes.csv\"", 615, "extra.bell:2", .message = "no file \"codes.csv\"", "relative" },
    { "places that are not there", "listen mllp x { on \"127.0.0.1:1\" places \"p.csv\" }", 615, "extra.bell:2", .message = "no file \"p.csv\"" },
    { "a used file that is not there", "", 615, "use.bell:2", .message = "no rule file \"../common.bell\"", "end in .bell" },
    { "a bad catalogue", "catalogue \"data.csv\"", 616, "data.csv:2", .message = "class:", NULL, "name,kind,class,system,code\nx,alarm,loud,MDC,1\n" },
    { "bad places", "listen mllp x { on \"127.0.0.1:1\" places \"data.csv\" }", 616, "data.csv:2", .message = "names no unit", NULL, "sent-unit,unit\nA,\n" },
    { "a group in itself", "group g = group h, ana group h = group g", 617, "extra.bell:2", .message = "group \"g\" contains itself", "without a circle" },
    { "a field in a group", "group g = oncall rapid of patient.service", 617, "extra.bell:2", .message = "depend on a field" },
    { "maps in a circle", "map m { based on n } map n { based on m }", 617, "extra.bell:2", .message = "maps based on each other" },
    { "beds that count down", "unit \"X\" { beds \"09\" to \"01\" }", 618, "extra.bell:2", .message = "are not a range", "counts up" },
    { "beds that are no numbers", "unit \"X\" { beds \"A\" to \"F\" }", 618, "extra.bell:2", .message = "are not a range" },
    { "an override that ends first", "rota x { weekly from 2026-11-02 07:00 ana override 2026-12-25 07:00 to 2026-12-24 19:00 ben }",
      618, "extra.bell:2", .message = "ends before it begins" },
    { "an empty rota", "rota x { zone \"America/Chicago\" }", 618, "extra.bell:2", .message = "rota \"x\" has nobody" },
    { "a place that is not ours", "listen mllp x { on \"127.0.0.1:1\" places \"data.csv\" }", 620, "data.csv:3", .message = "unit \"5W\" has no bed \"09\"", NULL, "sent-unit,sent-bed,unit,bed\nT,1,5W,01\nT,9,5W,09\n", .warning = true },
    { "roles that are not there", "listen mllp x { on \"127.0.0.1:1\" roles \"r.csv\" }", 615, "extra.bell:2", .message = "no file \"r.csv\"" },
    { "bad roles", "listen mllp x { on \"127.0.0.1:1\" roles \"data.csv\" }", 616, "data.csv:2", .message = "needs a code and a role", NULL, "code,role\nPN,\n" },
    { "a role that is not ours", "listen mllp x { on \"127.0.0.1:1\" roles \"data.csv\" }", 622, "data.csv:3", .message = "no role \"porter\"", NULL, "code,role\nPN,primary-nurse\nPO,porter\n", .warning = true },
    { "staff reach nothing", "listen mllp x { on \"127.0.0.1:1\" staff reach phone }", 603, "extra.bell:2", .message = "unknown inbox endpoint \"phone\"", "did you mean \"phones\"" },
    { "staff without reach", "listen mllp x { on \"127.0.0.1:1\" staff phones }", 610, "extra.bell:2", .message = "\"staff\" takes 2" },
    { "a unit that is not ours", "listen mllp x { on \"127.0.0.1:1\" places \"data.csv\" }", 620, "data.csv:2", .message = "no unit \"6W\"", NULL, "sent-unit,unit\nT,6W\n", .warning = true },
    { "nothing listens", "", 621, "base.bell:1", .message = "no listener", NULL, NULL, .warning = true },
};
/* clang-format on */

static struct fileset *row_files(const struct row *row)
{
    struct fileset *f = fileset_new();
    char text[1024];

    fixture_add(f, "base.bell", BASE);
    if (!row->without_site) {
        snprintf(text, sizeof text, "language 1\n%s", SITE);
        fixture_add(f, "country.bell", text);
    }
    snprintf(text, sizeof text, "language 1\n%s\n", row->text);
    fixture_add(f, "extra.bell", text);
    if (strncmp(row->where, "use.bell", 8) == 0)
        fixture_add(f, "use.bell", "language 1\nuse \"../common.bell\"\n");
    if (row->csv != NULL)
        fixture_add(f, "data.csv", row->csv);
    fixture_add_zone(f, "America/Chicago");
    return f;
}

static bool is_it(const struct diagnostics *d, const struct diagnostic *item, const struct row *row)
{
    char where[128];

    snprintf(where, sizeof where, "%.*s:%u", SLICE_ARG(d->files[item->at.file].name), item->at.line);
    return item->number == row->number && strcmp(where, row->where) == 0 &&
           (item->severity == SEVERITY_WARNING) == row->warning &&
           strstr(item->message.ptr, row->message) != NULL &&
           (row->hint == NULL || (item->hint.len > 0 && strstr(item->hint.ptr, row->hint) != NULL));
}

static void check_row(const struct row *row)
{
    struct arena *a = arena_new();
    struct fileset *f = row_files(row);
    struct diagnostics d;
    struct buf text = buf_make(65536);
    struct site *s;
    bool found = false;

    diagnostics_init(&d, a, NULL, 0);
    s = fixture_compile(f, &d);
    for (size_t i = 0; i < d.count; i++)
        found = found || is_it(&d, &d.items[i], row);
    diagnostics_text(&d, false, &text);
    if (!found || (s == NULL) == row->warning)
        fail_msg("%s:\n%.*s", row->name, SLICE_ARG(buf_slice(&text)));
    site_free(&s);
    buf_free(&text);
    diagnostics_free(&d);
    fileset_free(&f);
    arena_free(&a);
}

static void every_fault_is_located(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        check_row(&ROWS[i]);
}

/* The same blocks with the word, with TLS, or on loopback are fine. */
static void what_is_asked_for_passes(void **state)
{
    static const char *const texts[] = {
        "listen mllp x { on \"0.0.0.0:2575\" insecure }",
        "listen mllp x { on \"0.0.0.0:2575\" tls mutual \"tls/x\" }",
        "listen mllp x { on \"localhost:2575\" } listen mllp y { on \"[::1]:2575\" }",
        "listen mllp x { on \"127.0.0.1:0\" } listen mllp y { on \"127.0.0.1:0\" }",
        "listen fhir x { on \"0.0.0.0:8443\" client token }",
        "listen bus x { on \"tcp://0.0.0.0:5671\" client \"keys/clients.txt\" key \"keys/bus.key\" }",
        "listen fhir x { on \"0.0.0.0:8443\" client certificate \"tls/ca.pem\" }",
        "endpoint jose g { url \"https://gw.example/a\" key \"k\" receipt 8s callback \"127.0.0.1:9444\" "
        "answers-key \"a\" }",
        "endpoint jose g { url \"http://127.0.0.1:9000/a\" key \"k\" receipt pushed }",
        "group g = ana, primary-nurse, unit-desk, everyone of \"5W\", turn of group team, least of group "
        "team",
        "assign nobody charge-nurse of \"5W\" during day",
        "listen mllp x { on \"127.0.0.1:1\" sends starts processing P, T, D max-message "
        "1000 }",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct row row = { .text = texts[i], .where = "" };
        struct fileset *f = row_files(&row);
        struct arena *a = arena_new();
        struct diagnostics d;
        struct buf text = buf_make(65536);
        struct site *s;

        diagnostics_init(&d, a, NULL, 0);
        s = fixture_compile(f, &d);
        diagnostics_text(&d, false, &text);
        if (s == NULL)
            fail_msg("%s\n%.*s", texts[i], SLICE_ARG(buf_slice(&text)));
        site_free(&s);
        buf_free(&text);
        diagnostics_free(&d);
        fileset_free(&f);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_fault_is_located),
                                        cmocka_unit_test(what_is_asked_for_passes) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
