/* fhir/outcome.h - OperationOutcome (hl7.org/fhir/operationoutcome.html) from a struct error.
 *
 * issue.code comes from the error's code, issue.expression from err->where, issue.diagnostics from the
 * message, line and column. Errors hold no patient data (base/error.h), so neither does this. */
#ifndef NIGHTBELL_FHIR_OUTCOME_H
#define NIGHTBELL_FHIR_OUTCOME_H

#include "base/buf.h"
#include "base/error.h"

enum fhir_severity { FHIR_FATAL, FHIR_ERROR, FHIR_WARNING, FHIR_INFORMATION };

/* NULL, or an error with ERROR_NONE, says that all went well (code "informational"). */
void fhir_outcome_json(struct buf *out, const struct error *err, enum fhir_severity severity);
void fhir_outcome_xml(struct buf *out, const struct error *err, enum fhir_severity severity);
const char *fhir_issue_code(enum error_code code); /* issue-type: "structure", "required", ... */

#endif
