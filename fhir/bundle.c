#include "fhir/bundle.h"

#include "base/limits.h"

static const struct {
    const char *type;
    enum fhir_bundle_kind kind;
} KINDS[] = { /* hl7.org/fhir/valueset-bundle-type.html; those that only answer or list are not here */
              { "message", FHIR_MESSAGE }, { "transaction", FHIR_TRANSACTION },
              { "batch", FHIR_BATCH },     { "collection", FHIR_COLLECTION },
              { "history", FHIR_HISTORY }, { "subscription-notification", FHIR_NOTIFICATION }
};

static bool find_kind(const struct fhir_tree *t, struct fhir_bundle *b, struct error *err)
{
    struct slice type = fhir_get(t, FHIR_ROOT, "type");
    if (type.len == 0)
        return error_at(err, ERROR_MISSING, "Bundle.type", "a Bundle needs its type");
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (slice_is(type, KINDS[i].type)) {
            b->kind = KINDS[i].kind;
            return true;
        }
    return error_at(err, ERROR_UNSUPPORTED, "Bundle.type", "a Bundle of this type brings no events");
}

/* R4 backport: Parameters.parameter with name "type"; R4B and R5: SubscriptionStatus.type. */
static uint32_t parameter(const struct fhir_tree *t, uint32_t list, const char *name)
{
    uint32_t p = fhir_kind(t, list) == FHIR_ARRAY ? fhir_first(t, list) : list;
    for (; p != FHIR_NONE; p = p == list ? FHIR_NONE : fhir_next(t, p))
        if (slice_is(fhir_get(t, p, "name"), name))
            return p;
    return FHIR_NONE;
}

static struct slice parameter_text(const struct fhir_tree *t, uint32_t p)
{
    static const char *const forms[] = { "valueCode", "valueString", "valueReference.reference",
                                         "valueInteger" };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (fhir_find(t, p, forms[i]) != FHIR_NONE)
            return fhir_get(t, p, forms[i]);
    return (struct slice){ NULL, 0 };
}

static bool is_status(const struct fhir_tree *t, uint32_t resource)
{
    struct slice type = fhir_type(t, resource);
    if (slice_is(type, "SubscriptionStatus"))
        return true;
    return slice_is(type, "Parameters") &&
           parameter(t, fhir_child(t, resource, "parameter"), "subscription") != FHIR_NONE;
}

static struct slice status_type(const struct fhir_tree *t, uint32_t status)
{
    if (slice_is(fhir_type(t, status), "SubscriptionStatus"))
        return fhir_get(t, status, "type");
    return parameter_text(t, parameter(t, fhir_child(t, status, "parameter"), "type"));
}

static bool open_notification(const struct fhir_tree *t, struct fhir_bundle *b, struct error *err)
{
    struct slice type = status_type(t, b->header);
    b->kind = FHIR_NOTIFICATION;
    b->quiet = slice_is(type, "handshake") || slice_is(type, "heartbeat") || slice_is(type, "query-status");
    if (b->quiet || slice_is(type, "event-notification") || slice_is(type, "query-event"))
        return true;
    return error_at(err, ERROR_VALUE, "Bundle.entry[0].resource",
                    "no known type of subscription notification");
}

static bool open_header(const struct fhir_tree *t, struct fhir_bundle *b, struct error *err)
{
    uint32_t first = fhir_child(t, fhir_item(t, fhir_child(t, FHIR_ROOT, "entry"), 0), "resource");
    if (b->kind == FHIR_MESSAGE) {
        if (!slice_is(fhir_type(t, first), "MessageHeader"))
            return error_at(err, ERROR_MISSING, "Bundle.entry[0].resource",
                            "a message begins with its MessageHeader");
        b->header = first;
        uint32_t focus = fhir_child(t, first, "focus");
        for (uint32_t i = 0; i < fhir_count(t, focus) && i < LIMIT_BUNDLE_ENTRIES && !b->focus_listed; i++)
            b->focus_listed =
                fhir_resolve(t, first, fhir_get(t, fhir_item(t, focus, i), "reference")) != FHIR_NONE;
        return true;
    }
    if (b->kind == FHIR_NOTIFICATION && !is_status(t, first))
        return error_at(err, ERROR_MISSING, "Bundle.entry[0].resource",
                        "a notification begins with its SubscriptionStatus");
    if ((b->kind == FHIR_NOTIFICATION || b->kind == FHIR_HISTORY) && is_status(t, first)) {
        b->header = first;
        return open_notification(t, b, err);
    }
    return true;
}

bool fhir_bundle_open(const struct fhir_tree *tree, struct fhir_bundle *out, struct error *err)
{
    struct slice type = fhir_type(tree, FHIR_ROOT);
    *out = (struct fhir_bundle){ .kind = FHIR_BARE, .header = FHIR_NONE, .tree = tree };
    if (type.len == 0)
        return error_set(err, ERROR_MISSING, "the document has no resourceType");
    if (!slice_is(type, "Bundle"))
        return true;
    if (!find_kind(tree, out, err))
        return false;
    out->entries = fhir_count(tree, fhir_child(tree, FHIR_ROOT, "entry"));
    if (out->entries > LIMIT_BUNDLE_ENTRIES)
        return error_at(err, ERROR_LIMIT, "Bundle.entry", "bundle-entries: more than %d",
                        (int)LIMIT_BUNDLE_ENTRIES);
    if (out->entries == 0 && out->kind == FHIR_MESSAGE)
        return error_at(err, ERROR_MISSING, "Bundle.entry", "a message begins with its MessageHeader");
    return open_header(tree, out, err);
}

static void fill_entry(const struct fhir_tree *t, uint32_t entry, uint32_t index, struct fhir_focus *out)
{
    *out = (struct fhir_focus){ .node = fhir_child(t, entry, "resource"),
                                .entry = index,
                                .full_url = fhir_get(t, entry, "fullUrl"),
                                .method = fhir_get(t, entry, "request.method"),
                                .url = fhir_get(t, entry, "request.url") };
}

/* What a reference names, with its entry when it was sent; the reference itself when not. */
static void fill_reference(const struct fhir_bundle *b, struct slice ref, struct fhir_focus *out)
{
    const struct fhir_tree *t = b->tree;
    uint32_t node = fhir_resolve(t, b->header, ref), entry = fhir_parent(t, node), index = 0;
    *out = (struct fhir_focus){ .node = node, .entry = FHIR_NONE, .full_url = ref };
    if (node == FHIR_NONE || !slice_is(fhir_name(t, node), "resource"))
        return;
    uint32_t list = fhir_child(t, FHIR_ROOT, "entry");
    for (uint32_t e = fhir_first(t, list); e != FHIR_NONE && e != entry; e = fhir_next(t, e))
        index++;
    fill_entry(t, entry, index, out);
}

/* Every entry in turn, without a message's header. A cursor, so that a walk is linear. */
static bool next_entry(struct fhir_bundle *b, struct fhir_focus *out)
{
    const struct fhir_tree *t = b->tree;
    uint32_t list = fhir_child(t, FHIR_ROOT, "entry");
    while (b->index < b->entries) {
        if (b->index == 0)
            b->at = fhir_item(t, list, 0);
        else
            b->at = fhir_next(t, b->at);
        fill_entry(t, b->at, b->index++, out);
        if (out->node == FHIR_NONE || out->node != b->header)
            return true;
    }
    return false;
}

/* The same reference may stand twice in MessageHeader.focus; it is one focus. */
static bool focus_seen(const struct fhir_tree *t, uint32_t list, uint32_t item)
{
    struct slice reference = fhir_get(t, item, "reference");
    for (uint32_t f = fhir_item(t, list, 0); f != FHIR_NONE && f != item; f = fhir_next(t, f))
        if (slice_eq(fhir_get(t, f, "reference"), reference))
            return true;
    return false;
}

static bool next_message_focus(struct fhir_bundle *b, struct fhir_focus *out)
{
    const struct fhir_tree *t = b->tree;
    uint32_t list = fhir_child(t, b->header, "focus");
    for (uint32_t f = fhir_item(t, list, b->index); f != FHIR_NONE && b->index < LIMIT_BUNDLE_ENTRIES;
         f = fhir_kind(t, list) == FHIR_ARRAY ? fhir_next(t, f) : FHIR_NONE) {
        b->index++;
        if (focus_seen(t, list, f))
            continue;
        fill_reference(b, fhir_get(t, f, "reference"), out);
        return true;
    }
    return false;
}

static bool next_status_event(struct fhir_bundle *b, struct fhir_focus *out)
{
    const struct fhir_tree *t = b->tree;
    uint32_t list = fhir_child(t, b->header, "notificationEvent");
    if (b->index >= fhir_count(t, list) || b->index >= LIMIT_BUNDLE_ENTRIES)
        return false;
    uint32_t event = fhir_item(t, list, b->index++);
    fill_reference(b, fhir_get(t, event, "focus.reference"), out);
    out->event_number = fhir_get(t, event, "eventNumber");
    return true;
}

static bool next_parameter_event(struct fhir_bundle *b, struct fhir_focus *out)
{
    const struct fhir_tree *t = b->tree;
    uint32_t list = fhir_child(t, b->header, "parameter");
    for (uint32_t p = fhir_item(t, list, b->index); p != FHIR_NONE && b->part < LIMIT_BUNDLE_ENTRIES;
         p = fhir_kind(t, list) == FHIR_ARRAY ? fhir_next(t, p) : FHIR_NONE) {
        b->index++;
        if (!slice_is(fhir_get(t, p, "name"), "notification-event"))
            continue;
        b->part++;
        uint32_t parts = fhir_child(t, p, "part");
        fill_reference(b, parameter_text(t, parameter(t, parts, "focus")), out);
        out->event_number = parameter_text(t, parameter(t, parts, "event-number"));
        return true;
    }
    return false;
}

/* "empty" payloads and senders that list no events: what entries there are behind the status. */
static bool lists_events(const struct fhir_bundle *b)
{
    const struct fhir_tree *t = b->tree;
    if (slice_is(fhir_type(t, b->header), "SubscriptionStatus"))
        return fhir_child(t, b->header, "notificationEvent") != FHIR_NONE;
    return parameter(t, fhir_child(t, b->header, "parameter"), "notification-event") != FHIR_NONE;
}

bool fhir_bundle_next(struct fhir_bundle *b, struct fhir_focus *out)
{
    *out = (struct fhir_focus){ .node = FHIR_NONE, .entry = FHIR_NONE };
    if (b->quiet)
        return false;
    if (b->kind == FHIR_BARE) {
        out->node = FHIR_ROOT;
        return b->index++ == 0;
    }
    if (b->kind == FHIR_MESSAGE && b->focus_listed)
        return next_message_focus(b, out);
    if (b->kind == FHIR_NOTIFICATION && lists_events(b))
        return slice_is(fhir_type(b->tree, b->header), "SubscriptionStatus") ? next_status_event(b, out)
                                                                             : next_parameter_event(b, out);
    return next_entry(b, out);
}
