#include "base/limits.h"
#include "events/reading.h"
#include "fhir/json.h"
#include "fhir/tree.h"
#include "fhir/xml.h"
#include "hl7/batch.h"
#include "hl7/message.h"
#include "nightbell/commands.h"
#include "nightbell/file.h"
#include "nightbell/message_file.h"
#include "nightbell/site_load.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: nightbell event FILE --site SITE [--listener NAME]\n"
    "\n"
    "Reads a message (HL7 v2, one or many; FHIR JSON or XML) as the listener would "
    "(the site's first one of that kind\n"
    "unless named) and prints its canonical events and what it would change as JSON, one a line; what could "
    "not be mapped goes to stderr.\n"
    "Exit codes: 0 every message was read, 1 one was not.\n";

enum { READING_BYTES = 256 << 20 }; /* a message of 64 MiB, escaped */

static void print_reading(const struct reading *r)
{
    struct buf lines = buf_make(READING_BYTES);

    reading_json(&lines, r);
    if (lines.len > 0) /* context may change nothing */
        fwrite(lines.ptr, 1, lines.len, stdout);
    for (size_t i = 0; i < r->finding_count; i++)
        fprintf(stderr, "%s: %s\n", r->findings[i].where, r->findings[i].what);
    buf_free(&lines);
}

static bool read_hl7(struct arena *a, struct slice bytes, const struct event_source *src, struct error *err)
{
    struct slice rest = bytes, message;
    size_t count = 0;

    while (hl7_batch_next(&rest, &message)) {
        struct reading r = { .event_count = 0 };
        const struct hl7_charset_choice charset = { src->charset, src->charset_fallback };
        struct hl7_message *m = hl7_message_parse_as(a, message, &charset, err);
        count++;
        if (m == NULL || !reading_from_hl7(a, m, src, &r, err))
            return false;
        print_reading(&r);
    }
    return count > 0 || error_set(err, ERROR_MISSING, "there is no MSH segment in the file");
}

static bool read_fhir(struct arena *a, struct slice bytes, bool xml, const struct event_source *src,
                      struct error *err)
{
    struct buf tree = buf_make(LIMIT_BUS_FRAME_BYTES);
    struct reading r = { .event_count = 0 };
    struct fhir_tree t;
    bool fine = (xml ? fhir_xml_read(bytes, &tree, err) : fhir_json_read(bytes, &tree, err)) &&
                fhir_tree_open(buf_slice(&tree), &t, err) && reading_from_fhir(a, &t, src, &r, err);

    if (fine)
        print_reading(&r);
    buf_free(&tree);
    return fine;
}

static bool read_file(const struct site *site, const char *listener, struct slice bytes, struct error *err)
{
    bool xml, fhir = message_file_is_fhir(bytes, &xml);
    const struct event_source *src = message_file_source(site, listener, fhir, err);

    if (src == NULL)
        return false;
    struct arena *a = arena_new();
    bool fine = fhir ? read_fhir(a, bytes, xml, src, err) : read_hl7(a, bytes, src, err);
    arena_free(&a);
    return fine;
}

static int run(int argc, char **argv)
{
    const char *folder = NULL, *listener = NULL;
    const struct option_spec specs[] = { { .name = "--site", .value = &folder },
                                         { .name = "--listener", .value = &listener },
                                         { .name = NULL } };
    struct error err = { .code = ERROR_NONE };
    struct buf bytes = buf_make((size_t)1 << 28);

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2 || folder == NULL)
        return usage_error(argv[0], "a FILE and --site SITE are needed");
    struct site *site = site_load(folder, &err);
    bool fine = site != NULL && file_read(argv[1], &bytes, &err) &&
                read_file(site, listener, buf_slice(&bytes), &err);
    buf_free(&bytes);
    site_free(&site);
    if (!fine)
        report(&err);
    return fine ? COMMAND_DONE : COMMAND_NO;
}

const struct command command_event = { "event", "a message as the canonical events that rules see", help,
                                       run };
