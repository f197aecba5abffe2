/* nightbell/router_requests.h - what can be asked over the control socket, and how it is answered. */
#ifndef NIGHTBELL_NIGHTBELL_ROUTER_REQUESTS_H
#define NIGHTBELL_NIGHTBELL_ROUTER_REQUESTS_H

#include <jansson.h>

#include "nightbell/router_state.h"

struct caller;

void router_request(struct router *r, struct caller *c, const json_t *request);

void router_ask_staff(struct router *r, struct caller *c);
void router_ask_places(struct router *r, struct caller *c);
void router_ask_journal(struct router *r, struct caller *c, const json_t *request);

/* Answers. The json_t reference is taken. */
void control_line(struct caller *c, json_t *line);
void control_text(struct caller *c, struct slice lines); /* whole JSON lines */
void control_refuse(struct caller *c, const char *why);
void control_later(struct caller *c, json_t *line); /* after the commit; one a request */

#endif
