/* fhir/path.h - the simple paths of rules: fhir "Observation.code.coding[0].code" (LANGUAGE.md section 2).
 *
 * A path begins with a resource type and goes down by element names; [n] picks one item (from 0), a list
 * without it means each of its items. Not FHIRPath: no functions, no filters. */
#ifndef NIGHTBELL_FHIR_PATH_H
#define NIGHTBELL_FHIR_PATH_H

#include "base/error.h"
#include "fhir/tree.h"

enum { FHIR_PATH_STEPS = 16, FHIR_PATH_TEXT = 200 };
#define FHIR_PATH_EACH UINT32_MAX

struct fhir_path { /* holds its own text: copy and keep as you like */
    struct {
        uint16_t at, len;    /* the name, in text */
        uint32_t index;      /* FHIR_PATH_EACH when not given */
    } step[FHIR_PATH_STEPS]; /* step[0] is the resource type */
    uint16_t steps;
    char text[FHIR_PATH_TEXT];
};

/* False with ERROR_SYNTAX (column set; the text is a rule's and may be quoted) or ERROR_LIMIT. */
bool fhir_path_compile(struct slice text, struct fhir_path *out, struct error *err);

enum fhir_match { FHIR_MATCH_NONE, FHIR_MATCH_ONE, FHIR_MATCH_MANY };
/* Looks in one resource node. *out is the first match in document order; nulls do not match.
 * FHIR_MATCH_NONE (and FHIR_NONE) also when the resource is of another type. */
enum fhir_match fhir_path_get(const struct fhir_path *p, const struct fhir_tree *t, uint32_t resource,
                              uint32_t *out);

#endif
