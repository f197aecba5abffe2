#include "fhir/xml_dom.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/limits.h"

/* More than any element of FHIR or XHTML has. libxml2 compares attributes pairwise, and tells of them only
 * when it has done so: they are counted before it starts. */
enum { ATTRIBUTES_MAX = 64 };

struct guard { /* hangs on the parser context */
    uint32_t nodes, depth;
    struct error err;
    startElementNsSAX2Func start;
    endElementNsSAX2Func end;
};

static void stop(xmlParserCtxt *ctxt, struct guard *g, enum error_code code, const char *what)
{
    if (g->err.code == ERROR_NONE && ctxt->input != NULL) {
        g->err.line = ctxt->input->line > 0 ? (uint32_t)ctxt->input->line : 1;
        g->err.column = ctxt->input->col > 0 ? (uint32_t)ctxt->input->col : 1;
    }
    error_set(&g->err, code, "%s", what);
    xmlStopParser(ctxt);
}

static void refuse_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxt *ctxt = ctx;
    (void)name;
    (void)external;
    (void)system;
    stop(ctxt, ctxt->_private, ERROR_UNSUPPORTED, "a DOCTYPE is not allowed");
}

static void start_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                          int ns_count, const xmlChar **ns, int attr_count, int defaulted,
                          const xmlChar **attrs)
{
    xmlParserCtxt *ctxt = ctx;
    struct guard *g = ctxt->_private;
    g->nodes += 1 + (uint32_t)attr_count;
    if (g->nodes > LIMIT_FHIR_NODES * 2) /* an element with its value is one node of the tree */
        stop(ctxt, g, ERROR_LIMIT, "fhir-nodes: too many elements");
    else if (++g->depth > LIMIT_FHIR_DEPTH)
        stop(ctxt, g, ERROR_LIMIT, "fhir-depth: nested too deep");
    else
        g->start(ctx, name, prefix, uri, ns_count, ns, attr_count, defaulted, attrs);
}

static void end_element(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct guard *g = ((xmlParserCtxt *)ctx)->_private;
    if (g->depth > 0)
        g->depth--;
    g->end(ctx, name, prefix, uri);
}

/* libxml2's own messages quote the input: nothing of them is used but the place. */
static void silent(void *ctx, xmlError *error)
{
    (void)ctx;
    (void)error;
}

static void harden(xmlParserCtxt *ctxt, struct guard *g)
{
    g->start = ctxt->sax->startElementNs;
    g->end = ctxt->sax->endElementNs;
    ctxt->_private = g;
    ctxt->sax->startElementNs = start_element;
    ctxt->sax->endElementNs = end_element;
    ctxt->sax->internalSubset = refuse_doctype;
    ctxt->sax->externalSubset = NULL;
    ctxt->sax->error = NULL;
    ctxt->sax->warning = NULL;
    ctxt->sax->serror = silent;
}

static size_t find_text(struct slice s, size_t from, struct slice what)
{
    for (; from + what.len <= s.len; from++)
        if (memcmp(s.ptr + from, what.ptr, what.len) == 0)
            return from + what.len;
    return s.len;
}

/* From behind a '<' to behind its '>'; counts '=' outside quotes. */
static size_t tag_end(struct slice s, size_t at, unsigned *attributes)
{
    char quote = '\0';
    for (*attributes = 0; at < s.len; at++) {
        char c = s.ptr[at];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return at + 1;
        else
            *attributes += c == '=';
    }
    return s.len;
}

static bool attributes_bounded(struct slice s)
{
    static const struct {
        struct slice open, close;
    } SKIP[] = { { SLICE_INIT("<!--"), SLICE_INIT("-->") },
                 { SLICE_INIT("<![CDATA["), SLICE_INIT("]]>") },
                 { SLICE_INIT("<?"), SLICE_INIT("?>") } };
    for (size_t at = slice_find(s, '<'); at < s.len;) {
        struct slice rest = slice_sub(s, at, s.len);
        size_t i = 0;
        unsigned attributes = 0;
        while (i < 3 && !slice_starts(rest, SKIP[i].open))
            i++;
        at = i < 3 ? find_text(s, at + SKIP[i].open.len, SKIP[i].close) : tag_end(s, at + 1, &attributes);
        if (attributes > ATTRIBUTES_MAX)
            return false;
        at += slice_find(slice_sub(s, at, s.len), '<');
    }
    return true;
}

/* The name in <?xml ... encoding="..."?>; empty when not declared. */
static struct slice declared_encoding(struct slice s)
{
    struct slice decl = slice_sub(s, 0, slice_find(s, '>'));
    if (!slice_starts(decl, SLICE("<?xml")))
        return (struct slice){ NULL, 0 };
    size_t at = find_text(decl, 0, SLICE("encoding"));
    while (at < decl.len && decl.ptr[at] != '"' && decl.ptr[at] != '\'')
        at++;
    if (at >= decl.len)
        return (struct slice){ NULL, 0 };
    struct slice rest = slice_sub(decl, at + 1, decl.len);
    return slice_sub(rest, 0, slice_find(rest, decl.ptr[at]));
}

/* Other encodings are converted by iconv, which opens files and has a history of its own. */
static bool encoding_fits(struct slice s)
{
    struct slice name = declared_encoding(s);
    if (slice_starts(s, SLICE("\xFF\xFE")) || slice_starts(s, SLICE("\xFE\xFF")) ||
        (s.len > 1 && (s.ptr[0] == '\0' || s.ptr[1] == '\0')))
        return false;
    return name.len == 0 || slice_eq_nocase(name, SLICE("utf-8")) || slice_eq_nocase(name, SLICE("us-ascii"));
}

static void take_error(xmlParserCtxt *ctxt, const struct guard *g, struct error *err)
{
    if (err == NULL || err->code != ERROR_NONE)
        return;
    if (g->err.code != ERROR_NONE) {
        *err = g->err;
        return;
    }
    const xmlError *last = xmlCtxtGetLastError(ctxt);
    error_set(err, ERROR_SYNTAX, "not well-formed XML");
    if (last != NULL && last->line > 0) {
        err->line = (uint32_t)last->line;
        err->column = last->int2 > 0 ? (uint32_t)last->int2 : 0;
    }
}

xmlDoc *xml_dom_read(struct slice body, struct error *err)
{
    struct slice s = slice_starts(body, SLICE("\xEF\xBB\xBF")) ? slice_sub(body, 3, body.len) : body;
    struct guard g = { .nodes = 0 };
    if (s.len > LIMIT_BUS_FRAME_BYTES) {
        error_set(err, ERROR_LIMIT, "bus-frame-bytes: the body is too large");
        return NULL;
    }
    if (!encoding_fits(s)) {
        error_set(err, ERROR_UNSUPPORTED, "FHIR XML is UTF-8; this is declared or marked as something else");
        return NULL;
    }
    if (!attributes_bounded(s)) {
        error_set(err, ERROR_SYNTAX, "an element has more attributes than any of FHIR's");
        return NULL;
    }
    xmlParserCtxt *ctxt = xmlNewParserCtxt();
    if (ctxt == NULL) {
        error_set(err, ERROR_INTERNAL, "no memory for the XML parser");
        return NULL;
    }
    harden(ctxt, &g);
    xmlDoc *doc =
        xmlCtxtReadMemory(ctxt, s.ptr != NULL ? s.ptr : "", (int)s.len, NULL, "UTF-8", XML_PARSE_NONET);
    if (doc == NULL || g.err.code != ERROR_NONE) {
        take_error(ctxt, &g, err);
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(ctxt);
    return doc;
}
