/* nightbell/router_requests.h - what can be asked over the control socket, and how it is answered. */
#ifndef NIGHTBELL_NIGHTBELL_ROUTER_REQUESTS_H
#define NIGHTBELL_NIGHTBELL_ROUTER_REQUESTS_H

#include <jansson.h>

#include "nightbell/router_state.h"
#include "nightbell/site_load.h"

void router_request(struct router *r, struct caller *c, const json_t *request);

/* One alert as `alerts` and `explain` show it. */
json_t *router_alert_json(struct router *r, const struct alert_row *a);

/* Looking back, and what looking ahead needs (router_explain.c). */
void router_ask_explain(struct router *r, struct caller *c, const json_t *q);
void router_ask_snapshot(struct router *r, struct caller *c);
void router_ask_drill(struct router *r, struct caller *c, const json_t *q); /* router_drill.c */
void router_ask_unmatched(struct router *r, struct caller *c, const json_t *q);

void router_ask_staff(struct router *r, struct caller *c);
void router_ask_places(struct router *r, struct caller *c);
void router_ask_journal(struct router *r, struct caller *c, const json_t *request);

/* Sites (router_apply.c). */
void router_ask_apply(struct router *r, struct caller *c, const json_t *q);
void router_ask_rollback(struct router *r, struct caller *c, const json_t *q);
void router_ask_versions(struct router *r, struct caller *c);
json_t *router_ruleset_json(const uint8_t hash[32]);

const char *control_user(const struct caller *c); /* who asks, by the socket's credentials */
/* Answers. The json_t reference is taken. */
void control_line(struct caller *c, json_t *line);
void control_text(struct caller *c, struct slice lines); /* whole JSON lines */
void control_refuse(struct caller *c, const char *why);
void control_later(struct caller *c, json_t *line); /* after the commit; one a request */
/* The answer comes by control_answer, later; router_caller_gone says when nobody waits for it any more. */
void control_wait(struct caller *c);
void control_answer(struct caller *c, json_t *line);

#endif
