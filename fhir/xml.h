/* fhir/xml.h - FHIR XML (hl7.org/fhir/xml.html) to the same flat tree as JSON gives, by libxml2.
 *
 * Hardened: any DOCTYPE is refused before its first declaration is looked at, no entity but the five of
 * XML, no network, no file is opened, depth and nodes are bounded while parsing. Elements must be in
 * http://hl7.org/fhir; narrative (a div of XHTML) is kept as opaque text, as in JSON.
 *
 * Which elements are lists is not in the document; fhir/xml_lists.c holds the table. What repeats is an
 * array in any case. Primitives become strings. A primitive's id or extensions go into `_name`. */
#ifndef NIGHTBELL_FHIR_XML_H
#define NIGHTBELL_FHIR_XML_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

/* As fhir_json_read. FHIR XML is UTF-8; another declared encoding is ERROR_UNSUPPORTED. */
bool fhir_xml_read(struct slice body, struct buf *tree_out, struct error *err);

/* libxml2's one-time set-up: call before threads start and before a sandbox closes. */
void fhir_xml_prepare(void);

/* Is `name` a list in `parent` (a path from the resource: "Observation", "Observation.component")? */
bool fhir_xml_is_list(struct slice parent, struct slice name);

#endif
