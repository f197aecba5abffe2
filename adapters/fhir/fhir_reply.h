/* adapters/fhir/fhir_reply.h - the bodies that the FHIR listener answers with, in JSON and XML. */
#ifndef NIGHTBELL_ADAPTERS_FHIR_FHIR_REPLY_H
#define NIGHTBELL_ADAPTERS_FHIR_FHIR_REPLY_H

#include "base/buf.h"
#include "base/error.h"
#include "fhir/bundle.h"

enum fhir_format { FHIR_JSON, FHIR_XML };
enum { FHIR_TOKEN = 128 };

/* What of the request its answer needs; copied, because the tree is gone by then. */
struct fhir_asked {
    enum fhir_bundle_kind kind;
    uint32_t entries;
    char type[FHIR_TOKEN];         /* resource type */
    char message_id[FHIR_TOKEN];   /* MessageHeader.id; empty when it is none */
    char event_system[FHIR_TOKEN]; /* MessageHeader.eventCoding, or eventUri in event_code; may be empty */
    char event_code[FHIR_TOKEN];
};

const char *fhir_format_type(enum fhir_format format); /* the content type */
/* "application/fhir+xml; charset=utf-8" and its like; false when it is no FHIR format we read. */
bool fhir_format_of(const char *content_type, enum fhir_format *out);
/* What Accept (NULL when absent) and the query's _format wish, else `otherwise`. */
enum fhir_format fhir_format_wanted(const char *accept, struct slice query, enum fhir_format otherwise);

void fhir_reply_outcome(struct buf *out, enum fhir_format format, const struct error *err);
/* The same with severity warning: kept, but not routed. */
void fhir_reply_warning(struct buf *out, enum fhir_format format, const struct error *err);
/* Of what was accepted: transaction-response, batch-response, a message reply, or an OperationOutcome. */
void fhir_reply_accepted(struct buf *out, enum fhir_format format, const struct fhir_asked *asked);
void fhir_reply_capability(struct buf *out, enum fhir_format format);

#endif
