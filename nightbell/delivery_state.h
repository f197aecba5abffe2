/* nightbell/delivery_state.h - private to the delivery process: shared by delivery*.c.
 *
 * Nothing here is durable. What the router has committed and nobody has received yet is outstanding there:
 * it sends it again when this process, or a device's stream, comes back. */
#ifndef NIGHTBELL_NIGHTBELL_DELIVERY_STATE_H
#define NIGHTBELL_NIGHTBELL_DELIVERY_STATE_H

#include "adapters/jose/jose.h"
#include "nightbell/peer.h"
#include "rules/site/site.h"

enum delivery_state { STATE_PUSHED, STATE_FAILED, STATE_DEAD }; /* docs/bus.md, frame 8 */

struct pushes;   /* delivery_push.c: sealed for devices, on their way to web */
struct gateways; /* delivery_gateways.c: sealed for gateways */
struct sources;  /* delivery_reports.c: reports to the sources of messages */

struct delivery_process {
    const struct role_env *env;
    struct event_base *loop;
    struct peer *peer;
    struct role_wire wire;
    struct pushes *pushes;
    struct gateways *gateways;
    struct sources *sources;
    int code; /* of exit */
    bool ready;
};

/* Tells the router; without one nothing is lost, because it asks again. */
void delivery_report(struct delivery_process *d, uint64_t delivery, enum delivery_state state,
                     const char *detail);
enum jose_level delivery_level(uint8_t level); /* of a frame: enum notify_level */

struct pushes *pushes_open(struct delivery_process *d, struct error *err);
void pushes_close(struct pushes **p);
void pushes_take(struct pushes *p, const struct deliver_item *i);
void pushes_cancel(struct pushes *p, uint64_t delivery);

struct gateways *gateways_open(struct delivery_process *d, struct error *err);
void gateways_close(struct gateways **g);
void gateways_configure(struct gateways *g, const struct block *blocks, size_t count);
void gateways_take(struct gateways *g, const struct deliver_item *i);
void gateways_cancel(struct gateways *g, uint64_t delivery);

struct sources *sources_open(struct delivery_process *d);
void sources_close(struct sources **s);
void sources_configure(struct sources *s, const struct block *blocks, size_t count);
void sources_take(struct sources *s, const struct deliver_item *i);

#endif
