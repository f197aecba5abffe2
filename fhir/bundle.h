/* fhir/bundle.h - what a document is about: one resource, or the focus resources of a Bundle.
 *
 * message: the MessageHeader's focus; without a focus that was sent, every entry but the header.
 * transaction, batch, collection: every entry. subscription-notification (R5, R4B) and history with a
 * Parameters or SubscriptionStatus in front (R4 backport): the focus of each notification event; a
 * handshake, heartbeat or query-status has none. A plain history: every entry. Other types are
 * ERROR_UNSUPPORTED. (hl7.org/fhir/bundle.html, messaging.html, subscriptions backport IG.) */
#ifndef NIGHTBELL_FHIR_BUNDLE_H
#define NIGHTBELL_FHIR_BUNDLE_H

#include "base/error.h"
#include "fhir/tree.h"

enum fhir_bundle_kind {
    FHIR_BARE, /* not a Bundle */
    FHIR_MESSAGE,
    FHIR_TRANSACTION,
    FHIR_BATCH,
    FHIR_COLLECTION,
    FHIR_HISTORY,
    FHIR_NOTIFICATION
};

struct fhir_bundle {
    enum fhir_bundle_kind kind;
    uint32_t entries; /* how many */
    uint32_t header;  /* MessageHeader, SubscriptionStatus or Parameters; else FHIR_NONE */
    bool quiet;       /* a notification without events: yields nothing, and that is right */
    const struct fhir_tree *tree;
    uint32_t at, part, index; /* where the walk stands */
    bool focus_listed;
};

struct fhir_focus {
    uint32_t node;  /* the resource; FHIR_NONE for a DELETE or an id-only notification */
    uint32_t entry; /* index of the entry, FHIR_NONE for a bare resource or when nothing was sent */
    struct slice full_url, method, url; /* entry.fullUrl (or the focus reference), entry.request; or empty */
    struct slice event_number;          /* notifications: for duplicates by (subscription, number) */
};

/* Borrows `tree`. False with ERROR_MISSING, ERROR_VALUE, ERROR_UNSUPPORTED, ERROR_LIMIT (bundle-entries). */
bool fhir_bundle_open(const struct fhir_tree *tree, struct fhir_bundle *out, struct error *err);
bool fhir_bundle_next(struct fhir_bundle *b, struct fhir_focus *out); /* document order; false at the end */

#endif
