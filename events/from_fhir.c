#include "events/from_fhir.h"

static bool read_observation(struct fhir_in *in, uint32_t node)
{
    return fhir_is_alarm(in, node) ? fhir_read_alarm(in, node) : fhir_read_result(in, node);
}

static const struct {
    const char *type;
    bool (*read)(struct fhir_in *in, uint32_t node);
} readers[] = {
    { "Observation", read_observation },
    { "Communication", fhir_read_communication },
    { "CommunicationRequest", fhir_read_communication },
    { "Flag", fhir_read_flag },
    { "Encounter", fhir_read_encounter },
    { "Appointment", fhir_read_appointment },
};

/* Who sends: the message header's source; without one the resource says it (in_event). */
static struct slice header_sender(struct fhir_in *in, const struct fhir_bundle *b)
{
    if (!slice_is(fhir_type(in->t, b->header), "MessageHeader"))
        return (struct slice){ NULL, 0 };
    struct slice name = in_get(in, b->header, "source.name");
    if (name.len == 0)
        name = in_get(in, b->header, "source.endpoint");
    if (name.len == 0)
        name = in_get(in, b->header, "source.endpointUrl");
    return draft_sender(&in->draft, name, in_get(in, b->header, "sender.display"));
}

/* *known counts the resources that are of a type we read. */
static bool read_focus(struct fhir_in *in, size_t *known)
{
    struct slice type = fhir_type(in->t, in->focus.node);
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (slice_is(type, readers[i].type)) {
            ++*known;
            return readers[i].read(in, in->focus.node);
        }
    }
    return true;
}

bool reading_from_fhir(struct arena *a, const struct fhir_tree *t, const struct event_source *src,
                       struct reading *out, struct error *err)
{
    struct fhir_in in = { .draft = draft_make(a, src, out), .t = t, .err = err };
    struct fhir_bundle bundle;
    size_t known = 0, missing = 0;
    if (!fhir_bundle_open(t, &bundle, err))
        return false;
    in.sender = header_sender(&in, &bundle);
    while (fhir_bundle_next(&bundle, &in.focus)) {
        if (in.focus.node == FHIR_NONE) { /* a DELETE, or a notification that sends the id alone */
            draft_finding(&in.draft, "no-resource", "Bundle.entry", slice_cut(&in.focus.url, '/'));
            missing++;
        } else if (!read_focus(&in, &known)) {
            return false;
        }
    }
    if (known == 0 && missing == 0 && !bundle.quiet)
        return error_at(err, ERROR_UNSUPPORTED, bundle.kind == FHIR_BARE ? "resourceType" : "Bundle.entry",
                        "no resource of a type that is read");
    out->context_only = out->event_count == 0;
    return true;
}
