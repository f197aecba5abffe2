/* adapters/net/bus_zap.h - who may connect with CURVE: the ZAP handler (ZeroMQ RFC 27) on our loop.
 *
 * One a process (zmq's rule): inproc://zeromq.zap.01. Only adapters/net/bus uses it. */
#ifndef NIGHTBELL_ADAPTERS_NET_BUS_ZAP_H
#define NIGHTBELL_ADAPTERS_NET_BUS_ZAP_H

#include "base/error.h"

struct bus_zap;
struct event_base;

struct bus_zap *bus_zap_open(void *zmq_context, struct event_base *loop,
                             bool (*known)(void *ctx, const char *public_key_z85, char name[64]), void *ctx,
                             struct error *err);
void bus_zap_close(struct bus_zap **z);

#endif
