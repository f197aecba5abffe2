/* nightbell/web_state.h - private to the web process: its listeners and what waits for the router. */
#ifndef NIGHTBELL_NIGHTBELL_WEB_STATE_H
#define NIGHTBELL_NIGHTBELL_WEB_STATE_H

#include "adapters/fhir/fhir_http.h"
#include "adapters/inbox/inbox.h"
#include "base/map.h"
#include "nightbell/config.h"
#include "nightbell/peer.h"

enum site_kind { SITE_FHIR, SITE_INBOX, SITE_GATEWAY };

struct web;

struct web_site { /* one listening socket */
    struct web *owner;
    enum site_kind kind;
    char name[BOUND_NAME];
    struct http_server *server;
    SSL_CTX *tls;
    struct fhir_http *fhir;
    bool by_certificate; /* fhir: `client certificate`, else `client token` */
    uint8_t in_hand[16]; /* fhir: hash of the body being parsed */
};

struct web {
    const struct role_env *env;
    struct event_base *loop;
    struct role_wire wire;
    struct peer *peer;
    struct config *config;
    struct web_site *sites;
    size_t site_count;
    struct inbox *inbox;
    struct map *waiting; /* fhir submissions: id (8 bytes) -> struct fhir_http_handle */
    struct map *gateway; /* gateway answers: id (8 bytes) -> struct http_request */
    uint64_t next_id;
    struct bus_socket *push;
    uint64_t push_session;
    struct event *hello;
    struct buf out;
    int code;
};

struct slice web_key(const uint64_t *id);

/* web_fhir.c */
bool web_fhir_open(struct web_site *s, const struct block *b, struct error *err);
void web_fhir_verdict(struct web *w, const struct verdict_item *v);
void web_fhir_lost(struct web *w);
/* web_gateway.c */
void web_gateway_request(void *site, struct http_request *r);
bool web_gateway_reply(struct web *w, uint64_t id, uint16_t status, struct slice body);
void web_gateway_lost(struct web *w);
/* web_push.c: sealed alerts from delivery */
bool web_push_open(struct web *w, struct error *err);
void web_push_close(struct web *w);

#endif
