#include "fhir/xml.h"

#include <libxml/parser.h>
#include <string.h>

#include "base/limits.h"
#include "fhir/tree.h"
#include "fhir/xml_dom.h"

/* No FHIR type has as many different elements; names are compared pairwise below this. */
enum { MEMBERS_MAX = 256, PATH_MAX_BYTES = 256 };

struct convert {
    struct fhir_builder *b;
    struct error *err;
    char path[PATH_MAX_BYTES]; /* from the resource that the element stands in, for the table of lists */
    size_t path_len;
};

void fhir_xml_prepare(void)
{
    xmlInitParser();
}

static struct slice name_of(const xmlNode *n)
{
    return slice_of((const char *)n->name);
}

static bool in_ns(const xmlNode *n, const char *uri)
{
    return n->ns != NULL && n->ns->href != NULL && strcmp((const char *)n->ns->href, uri) == 0;
}

static bool refuse(struct convert *c, const xmlNode *at, enum error_code code, const char *what)
{
    bool fresh = c->err != NULL && c->err->code == ERROR_NONE;
    long line = xmlGetLineNo(at);
    error_set(c->err, code, "%s", what);
    if (fresh && line > 0)
        c->err->line = (uint32_t)line;
    return false;
}

static const xmlNode *element_from(const xmlNode *n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

static const xmlAttr *attribute(const xmlNode *n, const char *name)
{
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
        if (a->ns == NULL && strcmp((const char *)a->name, name) == 0)
            return a;
    return NULL;
}

static bool put_attribute(struct convert *c, struct slice name, const xmlAttr *a)
{
    xmlChar *text = xmlNodeListGetString(a->doc, a->children, 1);
    fhir_builder_leaf(c->b, name, FHIR_STRING, slice_of((const char *)text));
    xmlFree(text);
    return true;
}

/* Narrative: the div with all its markup as one string, as it stands in FHIR JSON. */
static bool put_narrative(struct convert *c, struct slice name, const xmlNode *div)
{
    xmlBuffer *text = xmlBufferCreate();
    if (text == NULL || xmlNodeDump(text, div->doc, (xmlNode *)(uintptr_t)div, 0, 0) < 0) {
        xmlBufferFree(text);
        return refuse(c, div, ERROR_INTERNAL, "the narrative cannot be written");
    }
    fhir_builder_leaf(c->b, name, FHIR_STRING,
                      (struct slice){ (const char *)xmlBufferContent(text), (size_t)xmlBufferLength(text) });
    xmlBufferFree(text);
    return true;
}

/* Elements hold elements; white space and comments mean nothing, other text is not FHIR. */
static bool only_elements(struct convert *c, const xmlNode *n)
{
    for (const xmlNode *i = n->children; i != NULL; i = i->next) {
        bool nothing = i->type == XML_COMMENT_NODE || i->type == XML_PI_NODE ||
                       (i->type == XML_TEXT_NODE && xmlIsBlankNode(i));
        if (i->type == XML_ELEMENT_NODE || nothing)
            continue;
        return refuse(c, n, ERROR_SYNTAX, "text between elements: FHIR values stand in a value attribute");
    }
    return true;
}

/* "resource" and "contained" hold a resource, whose name is the type. */
static const xmlNode *wrapped_resource(const xmlNode *n)
{
    const xmlNode *child = element_from(n->children);
    if (child == NULL || element_from(child->next) != NULL || attribute(n, "value") != NULL)
        return NULL;
    return child->name[0] >= 'A' && child->name[0] <= 'Z' ? child : NULL;
}

static bool path_push(struct convert *c, struct slice name)
{
    if (c->path_len + 1 + name.len > sizeof c->path)
        return false; /* deeper than any row of the table: nothing there is a list by it */
    if (c->path_len > 0)
        c->path[c->path_len++] = '.';
    memcpy(c->path + c->path_len, name.ptr, name.len);
    c->path_len += name.len;
    return true;
}

static bool put_members(struct convert *c, const xmlNode *n);

static bool put_object(struct convert *c, struct slice name, const xmlNode *n)
{
    size_t keep = c->path_len;
    fhir_builder_open(c->b, name, FHIR_OBJECT);
    bool ok = path_push(c, name_of(n)) ? put_members(c, n)
                                       : refuse(c, n, ERROR_SYNTAX, "nested deeper than FHIR's elements");
    c->path_len = keep;
    fhir_builder_close(c->b);
    return ok;
}

static bool put_resource(struct convert *c, struct slice name, const xmlNode *n)
{
    char outer[PATH_MAX_BYTES];
    size_t keep = c->path_len;
    memcpy(outer, c->path, keep);
    c->path_len = 0;
    fhir_builder_open(c->b, name, FHIR_OBJECT);
    fhir_builder_leaf(c->b, SLICE("resourceType"), FHIR_STRING, name_of(n));
    bool ok = path_push(c, name_of(n)) && put_members(c, n);
    fhir_builder_close(c->b);
    memcpy(c->path, outer, keep);
    c->path_len = keep;
    return ok || refuse(c, n, ERROR_SYNTAX, "not a resource");
}

/* The recursion is as deep as the document, which xml_dom.c bounds. */
static bool put_element(struct convert *c, struct slice name, const xmlNode *n)
{
    const xmlAttr *value = attribute(n, "value");
    const xmlNode *resource = wrapped_resource(n);
    if (in_ns(n, XML_XHTML_NS) && slice_is(name_of(n), "div"))
        return put_narrative(c, name, n);
    if (!in_ns(n, XML_FHIR_NS))
        return refuse(c, n, ERROR_SYNTAX, "an element outside the namespace http://hl7.org/fhir");
    if (!only_elements(c, n))
        return false;
    if (resource != NULL && in_ns(resource, XML_FHIR_NS))
        return put_resource(c, name, resource);
    return value != NULL ? put_attribute(c, name, value) : put_object(c, name, n);
}

static bool has_more(const xmlNode *n)
{
    return attribute(n, "id") != NULL || element_from(n->children) != NULL;
}

/* What a primitive carries beside its value: its id and extensions (hl7.org/fhir/json.html#primitive). */
static bool put_sibling(struct convert *c, struct slice name, const xmlNode *n)
{
    if (has_more(n))
        return put_object(c, name, n);
    fhir_builder_leaf(c->b, name, FHIR_NULL, (struct slice){ NULL, 0 });
    return true;
}

struct group { /* siblings of one name, which stand together in FHIR XML */
    const xmlNode *first, *after;
    uint32_t count;
    bool primitive, more;
};

static struct group group_from(const xmlNode *first)
{
    struct group g = { .first = first, .after = first };
    while (g.after != NULL && xmlStrEqual(g.after->name, first->name)) {
        g.count++;
        g.primitive = g.primitive || attribute(g.after, "value") != NULL;
        g.more = g.more || has_more(g.after);
        g.after = element_from(g.after->next);
    }
    return g;
}

static bool put_list(struct convert *c, struct slice name, const struct group *g, bool siblings)
{
    const struct slice none = { NULL, 0 };
    bool ok = true;
    fhir_builder_open(c->b, name, FHIR_ARRAY);
    for (const xmlNode *n = g->first; n != g->after && ok && !fhir_builder_failed(c->b);
         n = element_from(n->next)) {
        if (siblings)
            ok = put_sibling(c, none, n);
        else if (g->primitive && attribute(n, "value") == NULL)
            fhir_builder_leaf(c->b, none, FHIR_NULL, none);
        else
            ok = put_element(c, none, n);
    }
    fhir_builder_close(c->b);
    return ok;
}

static bool put_group(struct convert *c, const struct group *g)
{
    struct slice name = name_of(g->first), path = { c->path, c->path_len };
    bool list = g->count > 1 || fhir_xml_is_list(path, name);
    if (!(list ? put_list(c, name, g, false) : put_element(c, name, g->first)))
        return false;
    if (!g->primitive || !g->more)
        return true;
    char text[128];
    if (name.len + 1 > sizeof text)
        return refuse(c, g->first, ERROR_SYNTAX, "an element name is not one of FHIR's");
    text[0] = '_';
    memcpy(text + 1, name.ptr, name.len);
    struct slice sibling = { text, name.len + 1 };
    return list ? put_list(c, sibling, g, true) : put_sibling(c, sibling, g->first);
}

static bool put_members(struct convert *c, const xmlNode *n)
{
    const xmlChar *seen[MEMBERS_MAX];
    size_t count = 0;
    if (!only_elements(c, n))
        return false;
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
        if (a->ns == NULL && (xmlStrEqual(a->name, BAD_CAST "id") || xmlStrEqual(a->name, BAD_CAST "url")))
            put_attribute(c, slice_of((const char *)(seen[count++] = a->name)), a);
    for (const xmlNode *i = element_from(n->children); i != NULL && !fhir_builder_failed(c->b);) {
        struct group g = group_from(i);
        if (i->name[0] == '_' || slice_is(name_of(i), "resourceType"))
            return refuse(c, i, ERROR_SYNTAX, "an element by a name that FHIR XML does not have");
        for (size_t k = 0; k < count; k++)
            if (xmlStrEqual(seen[k], i->name))
                return refuse(c, i, ERROR_SYNTAX, "elements of one name must stand together");
        if (count == MEMBERS_MAX)
            return refuse(c, i, ERROR_SYNTAX, "more different elements than any of FHIR's types has");
        seen[count++] = i->name;
        if (!put_group(c, &g))
            return false;
        i = g.after;
    }
    return true;
}

static bool convert_root(struct convert *c, const xmlNode *root, struct buf *tree_out)
{
    if (root == NULL)
        return error_set(c->err, ERROR_SYNTAX, "no root element");
    if (!in_ns(root, XML_FHIR_NS))
        return refuse(c, root, ERROR_SYNTAX, "the root is outside the namespace http://hl7.org/fhir");
    if (root->name[0] < 'A' || root->name[0] > 'Z')
        return refuse(c, root, ERROR_MISSING, "the root element is no resource");
    return put_resource(c, (struct slice){ NULL, 0 }, root) && fhir_builder_finish(c->b, tree_out, c->err);
}

bool fhir_xml_read(struct slice body, struct buf *tree_out, struct error *err)
{
    struct error mine = { .code = ERROR_NONE };
    struct convert c = { .b = fhir_builder_new(), .err = err != NULL ? err : &mine };
    xmlDoc *doc = xml_dom_read(body, c.err);
    bool ok = doc != NULL && convert_root(&c, xmlDocGetRootElement(doc), tree_out);
    xmlFreeDoc(doc);
    fhir_builder_free(&c.b);
    return ok;
}
