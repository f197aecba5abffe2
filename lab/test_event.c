/* What a test sends: a canonical event made of its words, or a file as a sender would send it. */
#include "lab/test_parts.h"

#include "base/limits.h"
#include "events/canonical.h"
#include "fhir/json.h"
#include "fhir/xml.h"

#include <stddef.h>

static const struct ast_node *entry(const struct ast_node *action, const char *field)
{
    for (const struct ast_node *e = ast_child(action, AST_ENTRY); e != NULL; e = ast_next(e, AST_ENTRY))
        if (slice_is(e->text, field))
            return e->child;
    return NULL;
}

static struct slice entry_text(const struct ast_node *action, const char *field)
{
    const struct ast_node *value = entry(action, field);

    return value != NULL ? value->text : (struct slice){ NULL, 0 };
}

static bool takes_messages(const struct block *b)
{
    return !b->endpoint && (slice_is(b->kind, "mllp") || slice_is(b->kind, "fhir"));
}

struct slice test_listener(const struct test_run *t, const struct ast_node *action)
{
    struct slice named = entry_text(action, "source");
    const struct site *site = test_site(t);

    for (size_t i = 0; named.len == 0 && site != NULL && i < site->block_count; i++)
        if (takes_messages(&site->blocks[i]))
            return site->blocks[i].name;
    return named;
}

/* --- a canonical event ------------------------------------------------------------------------------- */

static const struct catalogue_row *row_of(const struct test_run *t, const struct ast_node *code)
{
    const struct catalogue *c = test_site(t)->catalogue;

    if (code == NULL)
        return NULL;
    if (code->kind != AST_CODE)
        return catalogue_named(c, code->text);
    struct slice rest = code->text, system = slice_cut(&rest, ':');
    return catalogue_coded(c, system, rest);
}

static struct quantity quantity(const struct ast_node *value, const struct catalogue_row *row)
{
    const struct ast_node *unit = value != NULL ? ast_child(value, AST_NAME) : NULL;

    if (value == NULL)
        return (struct quantity){ .state = QUANTITY_ABSENT };
    return canonical_quantity(value->text, unit != NULL ? unit->text : (struct slice){ NULL, 0 }, row);
}

/* The texts of an event that a test may say, by field. */
static void put_texts(struct event *e, const struct ast_node *action)
{
    static const struct {
        const char *field;
        size_t at;
    } texts[] = { { "unit", offsetof(struct event, place.unit) },
                  { "place", offsetof(struct event, place.unit) },
                  { "room", offsetof(struct event, place.room) },
                  { "bed", offsetof(struct event, place.bed) },
                  { "prior-unit", offsetof(struct event, prior.unit) },
                  { "prior-bed", offsetof(struct event, prior.bed) },
                  { "patient.class", offsetof(struct event, patient.class) },
                  { "patient.service", offsetof(struct event, patient.service) },
                  { "patient.attending", offsetof(struct event, patient.attending.id) },
                  { "device.id", offsetof(struct event, device_id) },
                  { "device.type", offsetof(struct event, device_type) },
                  { "device.state", offsetof(struct event, device_state) },
                  { "inactivation", offsetof(struct event, inactivation) },
                  { "ordering-provider", offsetof(struct event, ordering_provider.id) },
                  { "actor", offsetof(struct event, actor.id) },
                  { "category", offsetof(struct event, category) },
                  { "transport.id", offsetof(struct event, transport_id) },
                  { "clinic", offsetof(struct event, clinic) } };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct slice text = entry_text(action, texts[i].field);
        if (text.len > 0)
            *(struct slice *)(void *)((char *)e + texts[i].at) = text;
    }
}

static void put_names(struct event *e, const struct ast_node *action)
{
    struct slice priority = entry_text(action, "priority"), abnormal = entry_text(action, "abnormal");

    for (int p = 0; p < PRIORITY_COUNT; p++)
        if (slice_is(priority, event_priority_name((enum event_priority)p)))
            e->priority = (enum event_priority)p;
    for (int a = 0; a < ABNORMAL_COUNT; a++)
        if (slice_is(abnormal, event_abnormal_name((enum event_abnormal)a)))
            e->abnormal = (enum event_abnormal)a;
    e->result_status = slice_of(event_phase_name(e->phase));
}

/* `2026-10-14T09:30:00Z` as a text, or wall clock of the site. */
static int64_t instant(const struct test_run *t, struct slice text)
{
    int64_t us;

    if (text.len == 0 || !time_parse_iso(text, 0, &us))
        return TIME_NONE;
    bool zoned =
        slice_find(text, 'Z') < text.len || slice_find(slice_sub(text, 10, 100), '+') + 10 < text.len;
    return zoned ? us : tz_from_civil(test_site(t)->zone, time_to_civil(us), TZ_FIRST);
}

static void put_patient(struct test_run *t, struct event *e, const struct ast_node *action)
{
    struct slice name = entry_text(action, "patient");
    const struct test_patient *p = test_patient(t, name);

    if (p != NULL)
        e->patient.id = p->is.id;
    else if (name.len > 0)
        e->patient.id = arena_printf(t->arena, "test|%.*s", SLICE_ARG(name));
}

static bool is_about_last(enum event_phase p)
{
    return p == PHASE_CORRECTED || p == PHASE_WITHDRAWN;
}

/* One alert is one sender, code, device, and patient or bed. Each final result is of a specimen of its own,
 * and a corrected or recalled one is about the last. */
static struct slice identity(struct test_run *t, const struct event *e, struct slice code)
{
    struct slice who = e->patient.id.len > 0 ? e->patient.id : e->place.bed;
    size_t specimen = 0;

    if (e->kind == EVENT_RESULT)
        specimen = is_about_last(e->phase) && t->results > 0 ? t->results - 1 : t->results;
    if (e->kind == EVENT_RESULT && e->phase == PHASE_FINAL)
        t->results++;
    return arena_printf(t->arena, "%.*s|%s|%.*s|%.*s|%.*s|%.*s|%.*s%.*s|%zu", SLICE_ARG(e->listener),
                        event_kind_name(e->kind), SLICE_ARG(code), SLICE_ARG(e->device_id), SLICE_ARG(who),
                        SLICE_ARG(e->place.unit), SLICE_ARG(e->transport_id), SLICE_ARG(e->clinic), specimen);
}

static bool make_event(struct test_run *t, const struct ast_node *action, struct event *e)
{
    const struct ast_node *kind = ast_child(action, AST_NAME), *phase = ast_next(kind, AST_NAME);
    const struct ast_node *code = entry(action, "code");
    const struct catalogue_row *row = row_of(t, code);
    enum event_kind k;
    enum event_phase p;

    if (!event_kind_find(kind->text, &k) || !event_phase_find(phase->text, &p)) {
        test_refuse(t, "no such kind or phase of an event");
        return false;
    }
    *e = event_empty(k, p);
    e->listener = e->sender = test_listener(t, action);
    e->time_us = t->lab->options.wall_us + t->lab->now_us;
    put_texts(e, action);
    put_names(e, action);
    put_patient(t, e, action);
    e->value = quantity(entry(action, "value"), row);
    e->threshold = quantity(entry(action, "threshold"), row);
    e->start_us = instant(t, entry_text(action, "start"));
    e->was_us = instant(t, entry_text(action, "was"));
    struct slice said = code != NULL ? code->text : SLICE("");
    canonical_classify(e, row, said);
    event_class_find(entry_text(action, "class"), &e->class);
    e->identity = identity(t, e, said);
    return true;
}

static void judge_verdict(struct test_run *t)
{
    const struct core_result *r = &t->lab->last;

    if (r->verdict != VERDICT_OK && r->verdict != VERDICT_DUPLICATE)
        test_refuse(t, "not taken: %s%s%s", r->error.where, r->error.where[0] != '\0' ? ": " : "",
                    r->error.message);
}

static void send_event(struct test_run *t, const struct ast_node *action)
{
    struct buf bytes = buf_make(LIMIT_MESSAGE_BYTES);
    struct event e;

    if (make_event(t, action, &e)) {
        canonical_put_event(&bytes, &e);
        if (lab_submit(t->lab, e.listener, FORMAT_EVENT, buf_slice(&bytes), ++t->lab->next_id))
            judge_verdict(t);
    }
    buf_free(&bytes);
}

/* --- a file ------------------------------------------------------------------------------------------- */

static char first_of(struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] > ' ' && (unsigned char)bytes.ptr[i] < 0x80)
            return bytes.ptr[i];
    return '\0';
}

/* Files keep lines with line feeds; on the wire a segment ends with a carriage return. */
static struct slice as_wire(struct test_run *t, struct slice file)
{
    char *wire = arena_text(t->arena, file);
    size_t len = 0;

    for (size_t i = 0; i < file.len; i++) {
        char c = file.ptr[i];
        if (c == '\n' && len > 0 && wire[len - 1] == '\r')
            continue;
        wire[len++] = (char)(c == '\n' ? '\r' : c);
    }
    return (struct slice){ wire, len };
}

static void submit_fhir(struct test_run *t, struct slice listener, struct slice file, bool xml)
{
    struct buf tree = buf_make(LIMIT_MESSAGE_BYTES * 4);
    struct error err = { .code = ERROR_NONE };

    if (!(xml ? fhir_xml_read(file, &tree, &err) : fhir_json_read(file, &tree, &err)))
        test_refuse(t, "not FHIR: %s", err.message);
    else if (lab_submit(t->lab, listener, FORMAT_FHIR_TREE, buf_slice(&tree), 0))
        judge_verdict(t);
    buf_free(&tree);
}

/* The first listener that reads such a file. */
static struct slice file_listener(const struct test_run *t, const struct ast_node *action, const char *kind)
{
    struct slice named = entry_text(action, "source");
    const struct site *site = test_site(t);

    for (size_t i = 0; named.len == 0 && i < site->block_count; i++)
        if (!site->blocks[i].endpoint && slice_is(site->blocks[i].kind, kind))
            return site->blocks[i].name;
    return named;
}

static void send_file(struct test_run *t, const struct ast_node *action)
{
    struct slice path = ast_child(action, AST_STRING)->text, name, bytes;

    if (!site_file_name(t->arena, path, &name) || !fileset_find(t->files, name, &bytes)) {
        test_refuse(t, "the site has no file \"%.*s\"", SLICE_ARG(path));
        return;
    }
    char first = first_of(bytes);
    bool fhir = first == '{' || first == '<';
    struct slice listener = file_listener(t, action, fhir ? "fhir" : "mllp");
    if (listener.len == 0) {
        test_refuse(t, "the site has no %s listener", fhir ? "fhir" : "mllp");
        return;
    }
    if (fhir)
        submit_fhir(t, listener, bytes, first == '<');
    else if (lab_submit(t->lab, listener, FORMAT_HL7V2, as_wire(t, bytes), 0))
        judge_verdict(t);
}

void test_send(struct test_run *t, const struct ast_node *action)
{
    t->sent++;
    if (ast_child(action, AST_STRING) != NULL)
        send_file(t, action);
    else
        send_event(t, action);
}
