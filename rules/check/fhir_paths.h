/* rules/check/fhir_paths.h - does a fhir path name an element that R4 has, and one that holds a value? */
#ifndef NIGHTBELL_RULES_CHECK_FHIR_PATHS_H
#define NIGHTBELL_RULES_CHECK_FHIR_PATHS_H

#include "fhir/path.h"
#include "rules/check/check.h"

/* E209 otherwise, at the step that is wrong. Behind a resource that fhir/elements.h does not list, behind
 * `contained` and `Bundle.entry.resource`, and behind extensions nothing is judged. */
bool check_fhir_path(struct checker *c, const struct ast_node *n, const struct fhir_path *p);

#endif
