/* adapters/fhir/fhir_http.h - the FHIR listener: what comes over HTTP becomes a checked tree.
 *
 * POST /fhir            a Bundle, or any resource
 * POST /fhir/{Type}     a resource of that type
 * POST /fhir/$process-message   a Bundle of type message
 * GET  /fhir/metadata   a small CapabilityStatement, without authentication as FHIR asks
 *
 * Everything else gets one constant 404 before anything is parsed or anyone authenticated (RELIABILITY.md
 * S10). Errors are OperationOutcomes in the format that Accept asks for, else that of the body, located and
 * without patient data. Success is told only after the commit: submit() hands the tree on, and
 * fhir_http_finish() answers when the journal has it. */
#ifndef NIGHTBELL_ADAPTERS_FHIR_FHIR_HTTP_H
#define NIGHTBELL_ADAPTERS_FHIR_FHIR_HTTP_H

#include "adapters/net/http.h"
#include "base/error.h"
#include "base/slice.h"

struct fhir_http;
struct fhir_http_handle; /* one request that waits for its verdict */

struct fhir_http_config {
    void *ctx;
    /* The name of the principal that a bearer token (NULL when none came) or a client certificate's
     * fingerprint (NULL when none) stands for; NULL: nobody, 401. Lives until submit returns. */
    const char *(*auth)(void *ctx, const char *bearer, const char *fingerprint);
    /* Before a byte is parsed (the suspect slot); false with *err refuses the body with 422. May be NULL. */
    bool (*admit)(void *ctx, const char *principal, struct slice body, struct error *err);
    /* A body that could not be read, to be kept and listed; the 400 is sent by the listener. May be NULL. */
    void (*refused)(void *ctx, const char *principal, struct slice body, const struct error *err);
    /* `tree` (fhir/tree.h) and `principal` live until submit returns: copy. Owes one fhir_http_finish. */
    void (*submit)(void *ctx, struct fhir_http_handle *h, const char *principal, struct slice tree);
};

struct fhir_http *fhir_http_new(const struct fhir_http_config *config); /* copies the config */
void fhir_http_free(struct fhir_http **f);                              /* handles must have been finished */
/* The http_handler: http_server_new(..., fhir_http_handle_request, fhir, ...). */
void fhir_http_handle_request(void *fhir, struct http_request *request);

enum fhir_verdict {
    FHIR_ACCEPTED,  /* durable: 201 with Location for a resource, 200 for a Bundle */
    FHIR_BAD,       /* 400 */
    FHIR_UNMAPPED,  /* read, but nothing we can take (on-bad nak): 422 */
    FHIR_TRY_LATER, /* no journal, no router: 503 with Retry-After */
    FHIR_DENIED     /* this principal may not: 403 */
};
/* Answers and frees the handle. `id` (FHIR id characters) goes into Location; may be NULL when not
 * accepted. `err` is shown in the OperationOutcome; may be NULL. */
void fhir_http_finish(struct fhir_http_handle *h, enum fhir_verdict verdict, const char *id,
                      const struct error *err);
bool fhir_http_gone(const struct fhir_http_handle *h); /* the client no longer waits */

#endif
