#include "fhir/outcome.h"

#include <string.h>

#include "base/utf8.h"

/* issue.code by our own codes: hl7.org/fhir/valueset-issue-type.html */
static const struct {
    enum error_code code;
    const char *issue;
} ISSUES[] = {
    { ERROR_NONE, "informational" },    { ERROR_SYNTAX, "structure" },
    { ERROR_MISSING, "required" },      { ERROR_TYPE, "value" },
    { ERROR_VALUE, "value" },           { ERROR_LIMIT, "too-long" },
    { ERROR_UNKNOWN, "not-found" },     { ERROR_UNSUPPORTED, "not-supported" },
    { ERROR_CONFLICT, "conflict" },     { ERROR_AUTH, "security" },
    { ERROR_IO, "transient" },          { ERROR_CRYPTO, "security" },
    { ERROR_VERSION, "not-supported" },
};

const char *fhir_issue_code(enum error_code code)
{
    for (size_t i = 0; i < sizeof ISSUES / sizeof ISSUES[0]; i++)
        if (ISSUES[i].code == code)
            return ISSUES[i].issue;
    return "exception";
}

static const char *severity_text(enum fhir_severity severity)
{
    static const char *const names[] = { "fatal", "error", "warning", "information" };
    return (size_t)severity < 4 ? names[severity] : "error";
}

/* One line: what, and where in the text when it is known by line. */
static void diagnostics(const struct error *err, struct buf *out)
{
    bool well = err == NULL || err->code == ERROR_NONE;
    buf_text(out, well ? "all went well" : err->message);
    if (!well && err->line > 0)
        buf_printf(out, " (line %u, column %u)", (unsigned)err->line, (unsigned)err->column);
    if (!well && err->hint[0] != '\0')
        buf_printf(out, "; %s", err->hint);
}

void fhir_outcome_json(struct buf *out, const struct error *err, enum fhir_severity severity)
{
    struct buf text = buf_make(512);
    diagnostics(err, &text);
    buf_printf(out, "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"%s\",\"code\":\"%s\"",
               severity_text(severity), fhir_issue_code(err != NULL ? err->code : ERROR_NONE));
    buf_text(out, ",\"diagnostics\":\"");
    utf8_put_json(out, buf_slice(&text));
    buf_text(out, "\"");
    if (err != NULL && err->where[0] != '\0') {
        buf_text(out, ",\"expression\":[\"");
        utf8_put_json(out, slice_of(err->where));
        buf_text(out, "\"]");
    }
    buf_text(out, "}]}");
    buf_free(&text);
}

/* Inside an attribute value: markup characters as references, control characters as spaces. */
static void put_attribute(struct buf *out, struct slice s)
{
    struct buf text = buf_make(4 * s.len + 16);
    utf8_put_any(&text, s);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            buf_printf(out, "&#%d;", (int)c);
        else
            buf_u8(out, (unsigned char)c < 0x20 ? ' ' : (uint8_t)c);
    }
    buf_free(&text);
}

void fhir_outcome_xml(struct buf *out, const struct error *err, enum fhir_severity severity)
{
    struct buf text = buf_make(512);
    diagnostics(err, &text);
    buf_printf(out,
               "<OperationOutcome xmlns=\"http://hl7.org/fhir\"><issue><severity value=\"%s\"/>"
               "<code value=\"%s\"/><diagnostics value=\"",
               severity_text(severity), fhir_issue_code(err != NULL ? err->code : ERROR_NONE));
    put_attribute(out, buf_slice(&text));
    buf_text(out, "\"/>");
    if (err != NULL && err->where[0] != '\0') {
        buf_text(out, "<expression value=\"");
        put_attribute(out, slice_of(err->where));
        buf_text(out, "\"/>");
    }
    buf_text(out, "</issue></OperationOutcome>");
    buf_free(&text);
}
