/* adapters/inbox/streams.h - private to adapters/inbox: the open event streams, by device. */
#ifndef NIGHTBELL_ADAPTERS_INBOX_STREAMS_H
#define NIGHTBELL_ADAPTERS_INBOX_STREAMS_H

#include "adapters/net/http.h"

struct streams;

struct streams *streams_new(struct event_base *loop, void (*told)(void *ctx, uint64_t device, bool open),
                            void *ctx, unsigned beat_ms);
void streams_free(struct streams **s);
void streams_open(struct streams *s, struct http_request *r, uint64_t device, const struct http_header *extra,
                  size_t extra_count);
bool streams_push(struct streams *s, uint64_t device, uint64_t delivery, struct slice jwe);
void streams_tell(struct streams *s);
size_t streams_count(const struct streams *s);

#endif
