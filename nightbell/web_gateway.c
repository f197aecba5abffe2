/* nightbell/web_gateway.c - answers of secure-texting gateways (docs/gateway.md). */
#include "nightbell/web_state.h"

#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reply(struct http_request *r, int status, struct slice body)
{
    http_reply(r, status, "application/json", body, NULL, 0);
}

/* One constant answer for every path but the endpoint's own, before anything is read. */
void web_gateway_request(void *site, struct http_request *r)
{
    struct web_site *s = site;
    struct web *w = s->owner;
    char path[sizeof "/gateway/" + BOUND_NAME];
    uint64_t id = w->next_id++;

    snprintf(path, sizeof path, "/gateway/%s", s->name);
    if (!slice_is(http_path(r), path)) {
        reply(r, 404, SLICE("{\"error\":\"not here\"}"));
        return;
    }
    if (!slice_is(http_method(r), "POST")) {
        reply(r, 405, SLICE("{\"error\":\"POST a signed answer\"}"));
        return;
    }
    struct buf body = buf_make(LIMIT_CONTROL_BYTES);
    buf_text(&body, s->name);
    buf_text(&body, "\n");
    buf_put(&body, http_body(r));
    /* Kept only once it is handed over: a router lost meanwhile answers all that is kept. */
    if (!body.failed && peer_ask(w->peer, id, QUESTION_GATEWAY_ANSWER, buf_slice(&body))) {
        map_put(w->gateway, web_key(&id), r);
    } else {
        reply(r, body.failed ? 413 : 503,
              body.failed ? SLICE("{\"error\":\"control-bytes: too large for an answer\"}")
                          : SLICE("{\"error\":\"try again under the same nonce\"}"));
    }
    buf_free(&body);
}

bool web_gateway_reply(struct web *w, uint64_t id, uint16_t status, struct slice body)
{
    struct http_request *r = map_remove(w->gateway, web_key(&id));

    if (r != NULL)
        reply(r, status, body);
    return r != NULL;
}

void web_gateway_lost(struct web *w)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(w->gateway, &at, &key, &value);) {
        map_remove(w->gateway, key);
        reply(value, 503, SLICE("{\"error\":\"try again under the same nonce\"}"));
    }
}
