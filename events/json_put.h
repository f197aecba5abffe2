/* events/json_put.h - members of a JSON object that has one already: `,"key":"text"`. Private to events/;
 * in event_json.c. */
#ifndef NIGHTBELL_EVENTS_JSON_PUT_H
#define NIGHTBELL_EVENTS_JSON_PUT_H

#include "base/buf.h"

/* Nothing for an empty text. */
void json_put_text(struct buf *out, const char *key, struct slice text);
/* ISO 8601 in UTC; nothing for TIME_NONE. */
void json_put_instant(struct buf *out, const char *key, int64_t us);

#endif
