/* fhir/tree_layout.h - sizes of the flat tree's block (described in fhir/tree.h); for fhir/tree*.c only. */
#ifndef NIGHTBELL_FHIR_TREE_LAYOUT_H
#define NIGHTBELL_FHIR_TREE_LAYOUT_H

#include "base/slice.h"

enum {
    TREE_HEADER = 12,    /* bytes: mark, version, node count, text bytes */
    TREE_NODE = 24,      /* bytes of one node */
    TREE_NAME_MAX = 128, /* bytes of one element name; FHIR's longest has about 50 */
};

bool tree_is_number(struct slice s); /* RFC 8259 section 6 */

#endif
