/* nightbell/feeds_bus.h - `listen bus`: adapters of other hosts submit over CURVE (docs/bus.md).
 *
 * They may submit events for their own listener, never answers. They stand in the feeds process, so
 * that bytes from outside never reach the router's own socket. */
#ifndef NIGHTBELL_NIGHTBELL_FEEDS_BUS_H
#define NIGHTBELL_NIGHTBELL_FEEDS_BUS_H

#include "nightbell/config.h"
#include "nightbell/peer.h"

struct bus_feeds;

/* Without a `listen bus` block it opens nothing, and is still not NULL. */
struct bus_feeds *bus_feeds_open(const struct role_env *env, struct event_base *loop, struct peer *peer,
                                 const struct config *c, struct error *err);
void bus_feeds_close(struct bus_feeds **b);
/* The router went away: what is unanswered never will be; every adapter hears that it must say hello again.
 */
void bus_feeds_lost(struct bus_feeds *b);
/* A verdict whose connection has listener index 0. */
void bus_feeds_answer(struct bus_feeds *b, const struct verdict_item *v);

#endif
