/* adapters/import/alertmanager.h - a Prometheus Alertmanager configuration as drafts of rules.
 *
 * Reads `route` with its routes, and `receivers` as far as routes name them (configuration of version 0.22
 * and later: `matchers`; `match` and `match_re` as well). A route is a rule with the matchers of all routes
 * above it; `continue: true` makes it a copy; of two sisters the first overrides the later ones, as the tree
 * is walked in order. alertname is the code, severity the priority, unit, ward and location the unit, bed the
 * bed. Another label, an expression that is no list of words, a mute time and inhibit_rules are left to a
 * person. */
#ifndef NIGHTBELL_ADAPTERS_IMPORT_ALERTMANAGER_H
#define NIGHTBELL_ADAPTERS_IMPORT_ALERTMANAGER_H

#include "adapters/import/draft.h"

/* False: no YAML, or no route in it; err has the line. Limits: import-bytes, import-depth. */
bool import_alertmanager(struct import_draft *d, struct slice yaml, struct error *err);

#endif
