/* fhir/tree.h - a FHIR document as one flat, bounded block of bytes.
 *
 * JSON and XML (fhir/json, fhir/xml) are turned into this form where they are received; the block crosses
 * the bus and goes into the journal as it is, so that jansson and libxml2 never load beside the keys.
 * The tree has the shape of FHIR's JSON form (hl7.org/fhir/json.html), XML included: `_field` siblings,
 * arrays for what repeats. Numbers keep their digits as text. From XML every primitive is a string (XML
 * does not say which is a number): readers use the text and never ask for number or string.
 *
 * Layout, little-endian: "FHT" and a version byte (1), u32 node count, u32 text bytes, then the nodes in
 * document order, 24 bytes each, then the text. A node: u8 kind, u8 zero, u16 name bytes, u32 name
 * offset, u32 text offset, u32 text bytes, u32 parent, u32 end (the index after its last descendant).
 * Names and texts lie in the text section in node order without gaps: one document, one encoding.
 *
 * Nodes are indexes; the root is 0. Every function is total: FHIR_NONE, or an index past the end, has
 * nothing in it. Slices point into the block. */
#ifndef NIGHTBELL_FHIR_TREE_H
#define NIGHTBELL_FHIR_TREE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"

enum { FHIR_TREE_VERSION = 1, FHIR_WHERE = 48 };
#define FHIR_NONE UINT32_MAX
#define FHIR_ROOT UINT32_C(0)

enum fhir_kind { FHIR_NULL, FHIR_BOOL, FHIR_NUMBER, FHIR_STRING, FHIR_ARRAY, FHIR_OBJECT };

struct fhir_tree {
    struct slice nodes, text; /* borrowed from the bytes given to fhir_tree_open */
    uint32_t count;
};

/* Checks the whole block (it may come from an untrusted process) in time linear in its size: structure,
 * LIMIT_FHIR_NODES, LIMIT_FHIR_DEPTH, UTF-8, digits of numbers. The root is an object. `bytes` must
 * outlive *out. False with ERROR_SYNTAX, ERROR_VERSION or ERROR_LIMIT. */
bool fhir_tree_open(struct slice bytes, struct fhir_tree *out, struct error *err);

enum fhir_kind fhir_kind(const struct fhir_tree *t, uint32_t node); /* FHIR_NULL for FHIR_NONE */
struct slice fhir_name(const struct fhir_tree *t, uint32_t node);   /* empty for array items and the root */
struct slice fhir_text(const struct fhir_tree *t, uint32_t node);   /* empty for objects, arrays, null */
uint32_t fhir_parent(const struct fhir_tree *t, uint32_t node);     /* FHIR_NONE for the root */

/* for (n = fhir_first(t, p); n != FHIR_NONE; n = fhir_next(t, n)) walks members or items in order. */
uint32_t fhir_first(const struct fhir_tree *t, uint32_t node);
uint32_t fhir_next(const struct fhir_tree *t, uint32_t node);
uint32_t fhir_child(const struct fhir_tree *t, uint32_t node, const char *name); /* of an object */

/* Items of an array; anything but an array or null counts as an array of itself (senders and FHIR
 * releases differ in what repeats). */
uint32_t fhir_count(const struct fhir_tree *t, uint32_t node);
uint32_t fhir_item(const struct fhir_tree *t, uint32_t node, uint32_t index);

/* "code.coding.code" from an object (or the first item of an array of objects): the first item of each
 * array on the way, and at the end. FHIR_NONE when any step is absent. For what may repeat, walk. */
uint32_t fhir_find(const struct fhir_tree *t, uint32_t node, const char *dotted);
struct slice fhir_get(const struct fhir_tree *t, uint32_t node, const char *dotted); /* its text */

struct slice fhir_type(const struct fhir_tree *t, uint32_t node); /* resourceType, or empty */
/* The resource that the node stands in: the nearest ancestor or itself with a resourceType. */
uint32_t fhir_resource_of(const struct fhir_tree *t, uint32_t node);
/* "Bundle.entry[0].resource.valueQuantity", for error_at; when too long the front is replaced by "...".
 * Only names of the form of a FHIR element are shown, others as "?": a name may not smuggle a value. */
const char *fhir_where(const struct fhir_tree *t, uint32_t node, char out[FHIR_WHERE]);

/* The element that `reference` ("#id", "Patient/1", a fullUrl) names: first in the `contained` of the
 * resource that `from` stands in, then among the entries of a root Bundle. FHIR_NONE when not sent. */
uint32_t fhir_resolve(const struct fhir_tree *t, uint32_t from, struct slice reference);

/* --- building: for fhir/json and fhir/xml, and for tests --------------------------------------------- */
struct fhir_builder;

struct fhir_builder *fhir_builder_new(void);
void fhir_builder_free(struct fhir_builder **b);
/* Each names the member it adds ({ NULL, 0 } for array items and the root). A failure (a limit passed,
 * text that is not UTF-8, a number that is not one) is remembered, later calls do nothing. */
void fhir_builder_open(struct fhir_builder *b, struct slice name, enum fhir_kind array_or_object);
void fhir_builder_close(struct fhir_builder *b);
void fhir_builder_leaf(struct fhir_builder *b, struct slice name, enum fhir_kind kind, struct slice text);
bool fhir_builder_failed(const struct fhir_builder *b);
/* Appends the block to *out; false with the remembered error. */
bool fhir_builder_finish(struct fhir_builder *b, struct buf *out, struct error *err);

#endif
