/* Whole messages into events: HL7 v2 text, and FHIR as the flat tree that crosses the bus. */
#include "events/reading.h"
#include "fhir/tree.h"
#include "hl7/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event_source source;

static void set_up(void)
{
    struct catalogue *catalogue = catalogue_new();
    struct place_map *places = place_map_new();
    catalogue_add_builtin(catalogue, NULL);
    place_map_add_own(places, SLICE("5W"), SLICE("12"));
    struct codemap *map = codemap_new();
    codemap_add(map, SLICE("MORSE"), SLICE(""), SLICE("fall-risk"));
    source = (struct event_source){
        .listener = SLICE("fuzz"), .catalogue = catalogue, .map = map, .places = places
    };
}

/* What was read can be written, read again and printed. */
static void use(const struct reading *r)
{
    for (size_t i = 0; i < r->event_count; i++) {
        struct buf bytes = buf_make((size_t)1 << 26), json = buf_make((size_t)1 << 26);
        struct event again;
        event_write(&bytes, &r->events[i]);
        struct reader in = reader_make(buf_slice(&bytes));
        if (!bytes.failed && (!event_read(&in, &again) || !reader_done(&in)))
            __builtin_trap();
        event_json(&json, &r->events[i]);
        buf_free(&bytes);
        buf_free(&json);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = { (const char *)data, size };
    struct error err = { .code = ERROR_NONE };
    struct arena *arena = arena_new();
    struct reading reading;
    struct fhir_tree tree;
    if (source.catalogue == NULL)
        set_up();
    struct hl7_message *m = hl7_message_parse(arena, bytes, &err);
    if (m != NULL && reading_from_hl7(arena, m, &source, &reading, &err))
        use(&reading);
    error_clear(&err);
    if (fhir_tree_open(bytes, &tree, &err) && reading_from_fhir(arena, &tree, &source, &reading, &err))
        use(&reading);
    arena_free(&arena);
    return 0;
}
