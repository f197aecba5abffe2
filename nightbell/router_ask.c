/* nightbell/router_ask.c - what web asks for browsers and gateways: enrol, session, answers.
 *
 * Signatures are verified here, beside the keys of the devices, before anything is decided
 * (docs/inbox-protocol.md, docs/gateway.md). Errors say what to do and quote nothing. */
#include "nightbell/router_state.h"

#include "adapters/seal/code.h"
#include "adapters/seal/jwk.h"
#include "adapters/seal/jws.h"
#include "adapters/seal/random.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "base/log.h"
#include "nightbell/file.h"
#include "nightbell/json_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
    struct router *router;
    struct router_peer *peer;
    uint64_t id;
    struct slice body;
};

static void reply_json(const struct asking *q, uint16_t status, json_t *o)
{
    char *dumped = json_dumps(o, JSON_COMPACT);

    router_reply(q->router, q->peer, q->id, status, dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(o);
}

static void refuse(const struct asking *q, uint16_t status, const char *why)
{
    reply_json(q, status, json_pack("{s:s}", "error", why));
}

static bool hex_id(struct slice s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.len != 16)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *out = value;
    return true;
}

static json_t *parse(struct slice body)
{
    json_error_t where;

    return json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &where);
}

/* --- enrolment --------------------------------------------------------------------------------------- */

static bool key_point(const json_t *jwk, uint8_t point[65])
{
    struct error err = { .code = ERROR_NONE };
    char *text = json_dumps(jwk, JSON_COMPACT);
    struct jwk *key = text != NULL ? jwk_from_json(slice_of(text), &err) : NULL;
    bool fine = key != NULL && !jwk_private(key);

    if (fine)
        memcpy(point, jwk_point(key), JWK_POINT);
    jwk_free(&key);
    free(text);
    return fine;
}

/* The browser shows that it holds the signing key by signing the code it was given. */
static bool proof_good(const json_t *o, const uint8_t point[65])
{
    struct buf payload = buf_make(4096);
    struct error err = { .code = ERROR_NONE };
    struct slice raw = { (const char *)point, 65 };
    bool fine = jws_verify_point(raw, json_member(o, "proof"), &payload, &err);
    json_t *said = fine ? parse(buf_slice(&payload)) : NULL;

    fine = slice_is(json_member(said, "aud"), "nightbell-enrol") &&
           slice_eq(json_member(said, "code"), json_member(o, "code"));
    json_decref(said);
    buf_free(&payload);
    return fine;
}

/* A wrong guess is a record: attempts are counted in the journal, so that a restart gives none back. */
static void wrong_code(const struct asking *q, const uint8_t hash[32], const char *why)
{
    struct core_input in = { .kind = INPUT_CODE, .as.code.what = CODE_WRONG };

    memcpy(in.as.code.hash, hash, 32);
    router_decide(q->router, &in, NULL);
    refuse(q, 403, why);
}

static void enrolled(const struct asking *q, const struct core_input *in, struct slice holder)
{
    struct slice title = holder;
    bool desk = false;
    char id[17];

    core_holder(q->router->core, holder, &title, &desk);
    snprintf(id, sizeof id, "%016llx", (unsigned long long)in->as.device.device);
    log_event(LOG_INFO, "router", "device-enrolled", "device", id, NULL);
    struct slice site = core_site(q->router->core)->name;
    reply_json(q, 201,
               json_pack("{s:s,s:s%,s:s%,s:s%}", "device", id, "holder", holder.ptr, holder.len, "title",
                         title.ptr, title.len, "site", site.ptr, site.len));
}

static void ask_enrol(const struct asking *q, const json_t *o)
{
    struct router *r = q->router;
    struct core_input in = { .kind = INPUT_DEVICE };
    struct core_result result = { .done = false };
    struct error err = { .code = ERROR_NONE };
    struct slice holder = { "", 0 };
    char kept[512]; /* of a person whom only a feed knows: LISTENER:KEY */

    if (!code_hash(r->keys, json_member(o, "code"), in.as.device.code_hash)) {
        refuse(q, 400, "that is not a code: nine letters and digits, as XXX-XXX-XXX");
        return;
    }
    if (!core_code(r->core, in.as.device.code_hash, lane_clock_now(&r->clock), &holder, &err)) {
        wrong_code(q, in.as.device.code_hash, err.message);
        return;
    }
    if (!key_point(json_object_get(o, "ecdh"), in.as.device.ecdh_key) ||
        !key_point(json_object_get(o, "ecdsa"), in.as.device.ecdsa_key) ||
        !proof_good(o, in.as.device.ecdsa_key)) {
        refuse(q, 400, "the keys or their proof are not right: enrol again with a new code");
        return;
    }
    snprintf(kept, sizeof kept, "%.*s", SLICE_ARG(holder));
    in.as.device.device = seal_random_u64();
    in.as.device.holder = slice_of(kept);
    in.as.device.label = slice_sub(json_member(o, "label"), 0, 64);
    if (!router_decide(r, &in, &result))
        return;
    if (result.done)
        enrolled(q, &in, in.as.device.holder);
    else
        refuse(q, 403, result.error.message);
}

/* --- sessions and answers of devices ------------------------------------------------------------------ */

/* The payload of a JWS whose kid is an enrolled, live device. NULL: refused, already answered. */
static json_t *signed_by_device(const struct asking *q, struct slice jws, struct device_info *device)
{
    struct buf kid = buf_make(64), payload = buf_make(LIMIT_CONTROL_BYTES);
    struct error err = { .code = ERROR_NONE };
    uint64_t id = 0;
    json_t *said = NULL;

    if (jws_kid(jws, &kid, &err) && hex_id(buf_slice(&kid), &id) &&
        core_device(q->router->core, id, device) && !device->revoked &&
        jws_verify_point((struct slice){ (const char *)device->ecdsa_key, 65 }, jws, &payload, &err))
        said = parse(buf_slice(&payload));
    if (!json_is_object(said)) {
        json_decref(said);
        said = NULL;
        refuse(q, 401, "this device is not enrolled, or its signature is not right");
    }
    buf_free(&kid);
    buf_free(&payload);
    return said;
}

/* Web has made the challenge and checks it; here only whose signature it is. */
static void ask_session(const struct asking *q)
{
    struct device_info device;
    json_t *said = signed_by_device(q, q->body, &device);
    struct slice challenge = json_member(said, "challenge"), title;
    bool desk = false;
    char id[17];

    if (said == NULL)
        return;
    if (!slice_is(json_member(said, "aud"), "nightbell-inbox") || challenge.len == 0) {
        refuse(q, 401, "that is not a session request");
    } else {
        title = device.holder;
        core_holder(q->router->core, device.holder, &title, &desk);
        struct slice site = core_site(q->router->core)->name;
        snprintf(id, sizeof id, "%016llx", (unsigned long long)device.device);
        reply_json(q, 200,
                   json_pack("{s:s,s:s%,s:s%,s:s%,s:s%}", "device", id, "holder", device.holder.ptr,
                             device.holder.len, "title", title.ptr, title.len, "site", site.ptr, site.len,
                             "challenge", challenge.ptr, challenge.len));
    }
    json_decref(said);
}

static const char *result_name(enum answer_result result)
{
    static const char *const names[] = { "taken", "repeated", "late", "unknown", "refused" };

    return names[result];
}

static bool read_answer(const json_t *said, struct answer *a)
{
    struct buf nonce = buf_make(64);
    const json_t *at = json_object_get(said, "at");
    bool fine = hex_id(json_member(said, "delivery"), &a->delivery) &&
                answer_kind_find(json_member(said, "kind"), &a->kind) &&
                base64url_decode(json_member(said, "nonce"), &nonce) && nonce.len == sizeof a->nonce;

    if (fine)
        memcpy(a->nonce, nonce.ptr, sizeof a->nonce);
    a->reason = slice_sub(json_member(said, "reason"), 0, 256);
    a->device_us = json_is_integer(at) ? json_integer_value(at) * 1000 : TIME_NONE;
    buf_free(&nonce);
    return fine;
}

static void decide_answer(const struct asking *q, struct answer *a, const json_t *said)
{
    struct core_input in = { .kind = INPUT_ANSWER };
    struct core_result result = { .answer = ANSWER_UNKNOWN };

    if (!read_answer(said, a)) {
        refuse(q, 400, "an answer needs delivery, kind and a nonce of 16 bytes");
        return;
    }
    in.as.answer = *a;
    if (router_decide(q->router, &in, &result))
        reply_json(q, 200, json_pack("{s:s}", "result", result_name(result.answer)));
}

static void ask_device_answer(const struct asking *q)
{
    struct device_info device;
    json_t *said = signed_by_device(q, q->body, &device);

    if (said == NULL)
        return;
    struct answer a = { .device = device.device };
    decide_answer(q, &a, said);
    json_decref(said);
}

/* --- answers of gateways -------------------------------------------------------------------------------- */

/* The key that `answers-key` names in the endpoint's block; NULL when there is none that can be read. */
static struct jwk *gateway_key(struct router *r, struct slice name)
{
    const struct block *b = site_block(core_site(r->core), name);
    struct slice file =
        b != NULL && b->endpoint ? block_value(b, SLICE("answers-key"), SLICE("")) : SLICE("");
    struct buf text = buf_make(16384);
    struct error err = { .code = ERROR_NONE };
    struct jwk *key = NULL;
    char path[1024];

    if (file.len == 0)
        return NULL;
    snprintf(path, sizeof path, "%s/%.*s", r->env->options->site_dir, SLICE_ARG(file));
    if (file_read(path, &text, &err))
        key = jwk_from_json(buf_slice(&text), &err);
    if (key == NULL)
        log_error("router", "gateway-key", &err);
    buf_free(&text);
    return key;
}

/* body: the endpoint's name, a line end, the JWS. */
static void ask_gateway_answer(const struct asking *q)
{
    struct slice rest = q->body, name = slice_cut(&rest, '\n');
    struct buf payload = buf_make(LIMIT_CONTROL_BYTES);
    struct error err = { .code = ERROR_NONE };
    struct jwk *key = gateway_key(q->router, name);
    json_t *said = NULL;

    if (key != NULL && jws_verify(key, rest, &payload, &err))
        said = parse(buf_slice(&payload));
    if (json_is_object(said)) {
        struct answer a = { .device = 0, .endpoint = name };
        decide_answer(q, &a, said);
    } else {
        refuse(q, 401, "the signature is not the gateway's");
    }
    json_decref(said);
    jwk_free(&key);
    buf_free(&payload);
}

void router_ask(struct router *r, struct router_peer *p, uint64_t id, uint8_t question, struct slice body)
{
    struct asking q = { r, p, id, body };
    json_t *o = question == QUESTION_ENROL ? parse(body) : NULL;

    if (question == QUESTION_ENROL && json_is_object(o))
        ask_enrol(&q, o);
    else if (question == QUESTION_SESSION)
        ask_session(&q);
    else if (question == QUESTION_DEVICE_ANSWER)
        ask_device_answer(&q);
    else if (question == QUESTION_GATEWAY_ANSWER)
        ask_gateway_answer(&q);
    else
        refuse(&q, 400, "that cannot be read");
    json_decref(o);
}
