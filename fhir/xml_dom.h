/* fhir/xml_dom.h - hardened parsing into libxml2's DOM; for fhir/xml*.c only. */
#ifndef NIGHTBELL_FHIR_XML_DOM_H
#define NIGHTBELL_FHIR_XML_DOM_H

#include <libxml/tree.h>

#include "base/error.h"
#include "base/slice.h"

#define XML_FHIR_NS  "http://hl7.org/fhir"
#define XML_XHTML_NS "http://www.w3.org/1999/xhtml"

/* The document, xmlFreeDoc it; NULL with a located error. */
xmlDoc *xml_dom_read(struct slice body, struct error *err);

#endif
