/* events/event_parts.h - every text, number and instant of an event by name, once.
 *
 * Private to events/: copying, writing, reading and printing all walk these lists, so that a new
 * member cannot be forgotten in one of them. The order is the order in a record (version 1). */
#ifndef NIGHTBELL_EVENTS_EVENT_PARTS_H
#define NIGHTBELL_EVENTS_EVENT_PARTS_H

/* X(member, JSON key) */
#define EVENT_TEXTS(X)                                                                                       \
    X(listener, "source")                                                                                    \
    X(sender, "sender")                                                                                      \
    X(code, "code")                                                                                          \
    X(system, "system")                                                                                      \
    X(raw_code, "raw-code")                                                                                  \
    X(raw_text, "raw-text")                                                                                  \
    X(title, "title")                                                                                        \
    X(identity, "identity")                                                                                  \
    X(state, "state")                                                                                        \
    X(place.unit, "unit")                                                                                    \
    X(place.room, "room")                                                                                    \
    X(place.bed, "bed")                                                                                      \
    X(prior.unit, "prior-unit")                                                                              \
    X(prior.room, "prior-room")                                                                              \
    X(prior.bed, "prior-bed")                                                                                \
    X(patient.id, "patient")                                                                                 \
    X(patient.family, "patient.family")                                                                      \
    X(patient.given, "patient.given")                                                                        \
    X(patient.birth, "patient.birth")                                                                        \
    X(patient.class, "patient.class")                                                                        \
    X(patient.service, "patient.service")                                                                    \
    X(patient.attending.id, "patient.attending")                                                             \
    X(patient.attending.name, "patient.attending-name")                                                      \
    X(device_id, "device.id")                                                                                \
    X(device_type, "device.type")                                                                            \
    X(device_state, "device.state")                                                                          \
    X(inactivation, "inactivation")                                                                          \
    X(result_status, "status")                                                                               \
    X(ordering_provider.id, "ordering-provider")                                                             \
    X(ordering_provider.name, "ordering-provider-name")                                                      \
    X(actor.id, "actor")                                                                                     \
    X(actor.name, "actor-name")                                                                              \
    X(category, "category")                                                                                  \
    X(transport_id, "transport.id")                                                                          \
    X(clinic, "clinic")

#define EVENT_INSTANTS(X)                                                                                    \
    X(time_us, "time")                                                                                       \
    X(start_us, "start")                                                                                     \
    X(was_us, "was")

#define EVENT_QUANTITIES(X)                                                                                  \
    X(value, "value")                                                                                        \
    X(threshold, "threshold")

#endif
