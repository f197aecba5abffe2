#include "adapters/fhir/fhir_reply.h"

#include "fhir/outcome.h"

static const struct {
    const char *name;
    enum fhir_format format;
} TYPES[] = { { "application/fhir+json", FHIR_JSON },
              { "application/json", FHIR_JSON },
              { "json", FHIR_JSON },
              { "application/fhir+xml", FHIR_XML },
              { "application/xml", FHIR_XML },
              { "text/xml", FHIR_XML },
              { "xml", FHIR_XML } };

static bool format_named(struct slice name, enum fhir_format *out)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        if (slice_eq_nocase(name, slice_of(TYPES[i].name))) {
            *out = TYPES[i].format;
            return true;
        }
    return false;
}

const char *fhir_format_type(enum fhir_format format)
{
    return format == FHIR_XML ? "application/fhir+xml; charset=utf-8"
                              : "application/fhir+json; charset=utf-8";
}

bool fhir_format_of(const char *content_type, enum fhir_format *out)
{
    struct slice rest = slice_of(content_type), name = slice_trim(slice_cut(&rest, ';'));
    if (slice_find(name, '/') == name.len || !format_named(name, out))
        return false;
    while (rest.len > 0) {
        struct slice value = slice_trim(slice_cut(&rest, ';')), key = slice_cut(&value, '=');
        if (slice_eq_nocase(key, SLICE("charset")) && !slice_eq_nocase(value, SLICE("utf-8")) &&
            !slice_eq_nocase(value, SLICE("\"utf-8\"")))
            return false;
    }
    return true;
}

/* In a query '+' may stand for itself or be written %2B; nothing else of a type needs an escape. */
static bool query_format(struct slice query, enum fhir_format *out)
{
    while (query.len > 0) {
        struct slice value = slice_cut(&query, '&'), key = slice_cut(&value, '=');
        if (!slice_is(key, "_format"))
            continue;
        return format_named(value, out) ||
               (slice_ends(value, SLICE("xml"))
                    ? format_named(SLICE("xml"), out)
                    : slice_ends(value, SLICE("json")) && format_named(SLICE("json"), out));
    }
    return false;
}

enum fhir_format fhir_format_wanted(const char *accept, struct slice query, enum fhir_format otherwise)
{
    struct slice rest = slice_of(accept);
    enum fhir_format found;
    if (query_format(query, &found))
        return found;
    while (rest.len > 0) {
        struct slice name = slice_cut(&rest, ',');
        name = slice_trim(slice_cut(&name, ';'));
        if (slice_find(name, '/') < name.len && format_named(name, &found))
            return found;
    }
    return otherwise;
}

void fhir_reply_outcome(struct buf *out, enum fhir_format format, const struct error *err)
{
    enum fhir_severity severity = err == NULL || err->code == ERROR_NONE ? FHIR_INFORMATION : FHIR_ERROR;
    if (format == FHIR_XML)
        fhir_outcome_xml(out, err, severity);
    else
        fhir_outcome_json(out, err, severity);
}

void fhir_reply_warning(struct buf *out, enum fhir_format format, const struct error *err)
{
    if (format == FHIR_XML)
        fhir_outcome_xml(out, err, FHIR_WARNING);
    else
        fhir_outcome_json(out, err, FHIR_WARNING);
}

/* hl7.org/fhir/http.html#transaction-response: one entry for each one sent, in order. */
static void put_entries_reply(struct buf *out, enum fhir_format format, const struct fhir_asked *asked)
{
    const char *type = asked->kind == FHIR_BATCH ? "batch-response" : "transaction-response";
    if (format == FHIR_XML)
        buf_printf(out, "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"%s\"/>", type);
    else
        buf_printf(out, "{\"resourceType\":\"Bundle\",\"type\":\"%s\"", type);
    for (uint32_t i = 0; i < asked->entries; i++)
        if (format == FHIR_XML)
            buf_text(out, "<entry><response><status value=\"201 Created\"/></response></entry>");
        else
            buf_printf(out, "%s{\"response\":{\"status\":\"201 Created\"}}", i == 0 ? ",\"entry\":[" : ",");
    buf_text(out, format == FHIR_XML ? "</Bundle>" : asked->entries > 0 ? "]}" : "}");
}

/* The texts were checked to need no escape (fhir_http.c). */
static void put_event(struct buf *out, enum fhir_format format, const struct fhir_asked *asked)
{
    bool coding = asked->event_system[0] != '\0';
    const char *code = asked->event_code[0] != '\0' ? asked->event_code : "urn:uuid:unknown";
    if (format == FHIR_XML && coding)
        buf_printf(out, "<eventCoding><system value=\"%s\"/><code value=\"%s\"/></eventCoding>",
                   asked->event_system, code);
    else if (format == FHIR_XML)
        buf_printf(out, "<eventUri value=\"%s\"/>", code);
    else if (coding)
        buf_printf(out, "\"eventCoding\":{\"system\":\"%s\",\"code\":\"%s\"},", asked->event_system, code);
    else
        buf_printf(out, "\"eventUri\":\"%s\",", code);
}

/* hl7.org/fhir/messaging.html: the reply is a message whose header names the one it answers. */
static void put_message_reply(struct buf *out, enum fhir_format format, const struct fhir_asked *asked)
{
    if (format == FHIR_XML) {
        buf_text(out, "<Bundle xmlns=\"http://hl7.org/fhir\"><type "
                      "value=\"message\"/><entry><resource><MessageHeader>");
        put_event(out, format, asked);
        buf_printf(
            out,
            "<source><name value=\"Nightbell\"/><endpoint value=\"urn:oid:nightbell\"/></source><response>"
            "<identifier value=\"%s\"/><code "
            "value=\"ok\"/></response></MessageHeader></resource></entry></Bundle>",
            asked->message_id);
        return;
    }
    buf_text(out,
             "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":"
             "\"MessageHeader\",");
    put_event(out, format, asked);
    buf_printf(out,
               "\"source\":{\"name\":\"Nightbell\",\"endpoint\":\"urn:oid:nightbell\"},\"response\":{"
               "\"identifier\":\"%s\","
               "\"code\":\"ok\"}}}]}",
               asked->message_id);
}

void fhir_reply_accepted(struct buf *out, enum fhir_format format, const struct fhir_asked *asked)
{
    if (asked->kind == FHIR_TRANSACTION || asked->kind == FHIR_BATCH)
        put_entries_reply(out, format, asked);
    else if (asked->kind == FHIR_MESSAGE && asked->message_id[0] != '\0')
        put_message_reply(out, format, asked);
    else
        fhir_reply_outcome(out, format, NULL);
}

static const char *const RESOURCES[] = { "Appointment", "Communication", "CommunicationRequest",
                                         "Encounter",   "Flag",          "Observation" };
enum { RESOURCE_COUNT = sizeof RESOURCES / sizeof RESOURCES[0] };

static void put_capability_json(struct buf *out)
{
    buf_text(
        out,
        "{\"resourceType\":\"CapabilityStatement\",\"status\":\"active\",\"date\":\"2026-11-22\",\"kind\":"
        "\"instance\",\"software\":{\"name\":\"Nightbell\",\"version\":\"" NIGHTBELL_VERSION "\"},"
        "\"implementation\":{\"description\":\"clinical alert router: takes events, answers no searches\"},"
        "\"fhirVersion\":\"4.0.1\",\"format\":[\"application/fhir+json\",\"application/fhir+xml\"],"
        "\"rest\":[{\"mode\":\"server\",\"resource\":[");
    for (size_t i = 0; i < RESOURCE_COUNT; i++)
        buf_printf(out, "%s{\"type\":\"%s\",\"interaction\":[{\"code\":\"create\"}]}", i > 0 ? "," : "",
                   RESOURCES[i]);
    buf_text(out,
             "],\"interaction\":[{\"code\":\"transaction\"},{\"code\":\"batch\"}],\"operation\":[{\"name\":"
             "\"process-message\",\"definition\":"
             "\"http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message\"}]}]}");
}

static void put_capability_xml(struct buf *out)
{
    buf_text(
        out,
        "<CapabilityStatement xmlns=\"http://hl7.org/fhir\"><status value=\"active\"/><date "
        "value=\"2026-11-22\"/>"
        "<kind value=\"instance\"/><software><name value=\"Nightbell\"/><version value=\"" NIGHTBELL_VERSION
        "\"/></software><implementation><description value=\"clinical alert router: takes events, answers no "
        "searches\"/></implementation><fhirVersion value=\"4.0.1\"/><format value=\"application/fhir+json\"/>"
        "<format value=\"application/fhir+xml\"/><rest><mode value=\"server\"/>");
    for (size_t i = 0; i < RESOURCE_COUNT; i++)
        buf_printf(
            out,
            "<resource><type value=\"%s\"/><interaction><code value=\"create\"/></interaction></resource>",
            RESOURCES[i]);
    buf_text(
        out,
        "<interaction><code value=\"transaction\"/></interaction><interaction><code value=\"batch\"/>"
        "</interaction><operation><name value=\"process-message\"/><definition "
        "value=\"http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message\"/></operation></rest>"
        "</CapabilityStatement>");
}

void fhir_reply_capability(struct buf *out, enum fhir_format format)
{
    if (format == FHIR_XML)
        put_capability_xml(out);
    else
        put_capability_json(out);
}
