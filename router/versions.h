/* router/versions.h - site versions: those that open alerts still need, and what came one after the other.
 *
 * A version is a site's fileset, named by the hash of its bytes. The newest one stands in the core's head;
 * new alerts are always its. An open alert asks the version under which it opened what its rule says
 * (LANGUAGE 7, Reload), so that version is kept until the last alert of it closes: its bytes once, in
 * snapshots too, and its compiled form only after somebody asked. At most LIMIT_SITE_VERSIONS are kept; then
 * the alerts of the oldest adopt the newest. People, rosters, desks and endpoints are always those of the
 * newest. */
#ifndef NIGHTBELL_ROUTER_VERSIONS_H
#define NIGHTBELL_ROUTER_VERSIONS_H

#include "router/layout.h"
#include "rules/site/site.h"

/* clang-format off */
#define KEPT_VERSION_MEMBERS(M, S) M(S, HASH32, hash) M(S, BLOB, fileset)
/* One line of the history; `added`, `changed`, `removed`: lists of rule names (router/record.h, texts). */
#define TAKEN_VERSION_MEMBERS(M, S) M(S, HASH32, hash) M(S, U64, position) M(S, I64, at_us) M(S, TEXT, by) \
    M(S, TEXT, how) M(S, BLOB, added) M(S, BLOB, changed) M(S, BLOB, removed)
/* clang-format on */

struct kept_version {
    KEPT_VERSION_MEMBERS(MEMBER_DECLARE, _)
    /* derived: */
    struct site *site; /* NULL until it is asked */
    bool refused;      /* this program does not compile it any more */
    size_t alerts;     /* open alerts of it */
};
struct taken_version {
    TAKEN_VERSION_MEMBERS(MEMBER_DECLARE, _)
};

struct versions {
    struct kept_version *kept; /* in the order in which they were replaced, oldest first */
    size_t kept_count, kept_room;
    struct taken_version *taken; /* oldest first, the last is in force; at most LIMIT_SITE_HISTORY */
    size_t taken_count, taken_room;
};

void versions_free(struct versions *v);
/* NULL: not kept, so it is the newest or nobody needs it. */
struct kept_version *versions_kept(const struct versions *v, const uint8_t hash[32]);
/* Takes over `fileset` (owned bytes) and `site` (may be NULL). */
void versions_keep(struct versions *v, const uint8_t hash[32], struct slice fileset, struct site *site,
                   size_t alerts);
/* Lets go of it and frees what it holds. */
void versions_drop(struct versions *v, struct kept_version *k);
/* Copies the row; the oldest one leaves when there are too many. */
void versions_take(struct versions *v, const struct taken_version *row);
void versions_write(const struct versions *v, struct buf *out);
void versions_read(struct versions *v, struct reader *in);

#endif
