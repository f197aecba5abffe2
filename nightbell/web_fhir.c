/* nightbell/web_fhir.c - FHIR listeners: who may post, what is submitted, when it is answered. */
#include "nightbell/web_state.h"

#include "adapters/net/tls.h"
#include "adapters/seal/code.h"
#include "adapters/seal/hash.h"
#include "base/limits.h"
#include "nightbell/fault.h"
#include "nightbell/suspect.h"
#include "router/core.h"

#include <stdio.h>
#include <string.h>

/* The name a token was given, or the certificate's fingerprint; NULL: nobody. */
static const char *auth(void *ctx, const char *bearer, const char *fingerprint)
{
    struct web_site *s = ctx;
    const struct config *c = s->owner->config;
    static char name[BOUND_NAME];
    uint8_t hash[CODE_HASH];

    if (s->by_certificate)
        return fingerprint;
    if (bearer == NULL || !token_hash(slice_of(bearer), hash))
        return NULL;
    for (size_t i = 0; i < c->token_count; i++) {
        const struct config_token *t = &c->tokens[i];
        if (slice_is(t->listener, s->name) &&
            hash_equal((struct slice){ (const char *)t->hash, sizeof t->hash },
                       (struct slice){ (const char *)hash, sizeof hash })) {
            snprintf(name, sizeof name, "%.*s", SLICE_ARG(t->name));
            return name;
        }
    }
    return NULL;
}

static bool admit(void *ctx, const char *principal, struct slice body, struct error *err)
{
    struct web_site *s = ctx;

    (void)principal;
    submission_key(slice_of(s->name), body, s->in_hand);
    if (suspect_is(s->owner->env->suspects, s->in_hand))
        return error_set(err, ERROR_UNSUPPORTED,
                         "this body ended our reader twice: it is kept for a person to see");
    suspect_enter(s->owner->env->suspects, SUSPECT_WEB, s->in_hand, slice_of(s->name), FORMAT_FHIR_TREE,
                  body);
    fault_on_bytes("web", body);
    return true;
}

/* Kept and listed: journaled as quarantined. Nobody waits for its verdict: the 400 has gone. */
static void refused(void *ctx, const char *principal, struct slice body, const struct error *err)
{
    struct web_site *s = ctx;
    struct submit_item item = { .listener = slice_of(s->name),
                                .principal = slice_of(principal),
                                .format = FORMAT_FHIR_TREE,
                                .syntax = *err,
                                .bytes = body };

    suspect_leave(s->owner->env->suspects, SUSPECT_WEB);
    memcpy(item.duplicate_key, s->in_hand, sizeof item.duplicate_key);
    item.connection = s->owner->next_id++;
    peer_submit(s->owner->peer, &item);
}

static void submit(void *ctx, struct fhir_http_handle *h, const char *principal, struct slice tree)
{
    struct web_site *s = ctx;
    struct web *w = s->owner;
    uint64_t id = w->next_id++;
    struct submit_item item = { .connection = id,
                                .listener = slice_of(s->name),
                                .principal = slice_of(principal),
                                .format = FORMAT_FHIR_TREE,
                                .bytes = tree };

    suspect_leave(w->env->suspects, SUSPECT_WEB);
    /* Of the tree, not of the body: the same resource in JSON with other spaces is the same one. */
    submission_key(slice_of(s->name), tree, item.duplicate_key);
    /* Kept only once it is handed over: a router lost meanwhile answers all that is kept. */
    if (peer_submit(w->peer, &item))
        map_put(w->waiting, web_key(&id), h);
    else
        fhir_http_finish(h, FHIR_TRY_LATER, NULL, NULL);
}

void web_fhir_verdict(struct web *w, const struct verdict_item *v)
{
    struct fhir_http_handle *h = map_remove(w->waiting, web_key(&v->connection));
    char id[32];

    if (h == NULL)
        return;
    snprintf(id, sizeof id, "nb-%llu", (unsigned long long)v->position);
    enum fhir_verdict verdict = v->accepted                      ? FHIR_ACCEPTED
                                : v->verdict == VERDICT_REJECTED ? FHIR_BAD
                                                                 : FHIR_UNMAPPED;
    fhir_http_finish(h, verdict, id, v->error.code != ERROR_NONE ? &v->error : NULL);
}

void web_fhir_lost(struct web *w)
{
    struct slice key;
    void *value;

    for (size_t at = 0; map_next(w->waiting, &at, &key, &value);) {
        map_remove(w->waiting, key);
        fhir_http_finish(value, FHIR_TRY_LATER, NULL, NULL);
    }
}

bool web_fhir_open(struct web_site *s, const struct block *b, struct error *err)
{
    struct fhir_http_config c = {
        .ctx = s, .auth = auth, .admit = admit, .refused = refused, .submit = submit
    };

    s->by_certificate = slice_is(block_value(b, SLICE("client"), SLICE("token")), "certificate");
    s->fhir = fhir_http_new(&c);
    return s->fhir != NULL || error_set(err, ERROR_INTERNAL, "the FHIR listener cannot be made");
}
