/* nightbell/control.h - the client's side of the control socket (docs/control.md). */
#ifndef NIGHTBELL_NIGHTBELL_CONTROL_H
#define NIGHTBELL_NIGHTBELL_CONTROL_H

#include <jansson.h>

#include "base/error.h"

/* Sends one request and calls `each` with every line of the answer (decref is the callee's no more than
 * borrowed). False when nightbell does not run on that data folder, or an answer is an error (its text
 * is in err). Takes the reference to `request`. */
bool control_ask(const char *data_dir, json_t *request, void (*each)(void *ctx, json_t *line), void *ctx,
                 struct error *err);
/* The same with another socket of DATA/run: "shadow". */
bool control_ask_at(const char *data_dir, const char *socket_name, json_t *request,
                    void (*each)(void *ctx, json_t *line), void *ctx, struct error *err);
/* The same for requests with one line of answer: a new reference, or NULL. */
json_t *control_ask_one(const char *data_dir, json_t *request, struct error *err);
/* For commands: the exit code; an error is told on standard error. */
int control_command(const char *data_dir, json_t *request, void (*each)(void *ctx, json_t *line), void *ctx);
/* Prints the line as it is; for `each`, without ctx. */
void control_print(void *ctx, json_t *line);

#endif
