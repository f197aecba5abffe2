/* nightbell/message_file.h - the messages of a file (HL7 v2, one or many; one FHIR resource or Bundle, JSON
 * or XML) as the router would get them from a listener. */
#ifndef NIGHTBELL_NIGHTBELL_MESSAGE_FILE_H
#define NIGHTBELL_NIGHTBELL_MESSAGE_FILE_H

#include "router/core.h"

/* The settings of the named listener; without a name those of the site's first one of that kind. NULL with
 * err: there is none. */
const struct event_source *message_file_source(const struct site *site, const char *listener, bool fhir,
                                               struct error *err);
/* Does the file begin like JSON or XML? */
bool message_file_is_fhir(struct slice bytes, bool *xml);
/* Calls `each` with every message until it gives false; `number` counts from 1. Slices of the input live
 * during the call. False with err: the file holds none, one cannot be read, or `each` said so. */
bool message_file_each(struct slice bytes, const struct site *site, const char *listener,
                       bool (*each)(void *ctx, const struct message_input *in, size_t number,
                                    struct error *err),
                       void *ctx, struct error *err);

#endif
