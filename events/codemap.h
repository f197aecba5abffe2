/* events/codemap.h - a site's own reading of a vendor's alert codes and texts (`map NAME { ... }`).
 *
 *   map philips { based on pcd04  text "MDCX_BATH_CORD" is bathroom-cord  code "0" is bed-exit }
 * Entries override the catalogue's match; what no entry names is read as before. */
#ifndef NIGHTBELL_EVENTS_CODEMAP_H
#define NIGHTBELL_EVENTS_CODEMAP_H

#include "base/slice.h"

struct codemap;

struct codemap *codemap_new(void);
void codemap_free(struct codemap **m);
/* `text` or `code` (or both) as sent; `name` a catalogue name. Copies. */
void codemap_add(struct codemap *m, struct slice code, struct slice text, struct slice name);
/* The catalogue name for what was sent, or the empty slice. Exact, then ASCII case ignored. */
struct slice codemap_find(const struct codemap *m, struct slice code, struct slice text);

#endif
