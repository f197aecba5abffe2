/* router/devices.h - phones, enrolment codes, bearer tokens, assignments, who is away, switches.
 *
 * What people set by hand or by command, each by a record of its own. Owned by the core's state. */
#ifndef NIGHTBELL_ROUTER_DEVICES_H
#define NIGHTBELL_ROUTER_DEVICES_H

#include "base/map.h"
#include "roster/resolve.h"
#include "router/record.h"

/* clang-format off */
#define DEVICE_MEMBERS(M, S) M(S, U64, id) M(S, TEXT, holder) M(S, TEXT, label) M(S, KEY65, ecdh)          \
    M(S, KEY65, ecdsa) M(S, BOOL, revoked) M(S, I64, enrolled_us) M(S, I64, last_receipt_us)
#define ENROL_MEMBERS(M, S) M(S, HASH32, hash) M(S, TEXT, holder) M(S, I64, expires_us) M(S, U32, wrong)   \
    M(S, BOOL, used)
/* A journaled assignment; made by a person, or by a message of `listener`. */
#define OVERRIDE_MEMBERS(M, S) ASSIGN_MEMBERS(M, S) M(S, TEXT, listener) M(S, U64, position) M(S, I64, occurred_us)
/* clang-format on */
struct override {
    OVERRIDE_MEMBERS(MEMBER_DECLARE, _)
};
struct device {
    DEVICE_MEMBERS(MEMBER_DECLARE, _)
};
struct enrol_code {
    ENROL_MEMBERS(MEMBER_DECLARE, _)
};

struct holder_devices {
    struct device **devices;
    size_t count, room; /* revoked ones are not in here */
};

struct devices {
    struct map *by_id;          /* device id, 8 bytes -> struct device */
    struct map *by_holder;      /* derived -> struct holder_devices */
    struct map *codes;          /* hash -> struct enrol_code */
    struct map *tokens;         /* listener "\0" hash -> struct record_token */
    struct map *away;           /* person -> struct record_away */
    struct map *toggles;        /* switch -> struct record_toggle */
    struct override *overrides; /* in the order in which they were made */
    size_t override_count, override_room;
    struct assignment *assignments; /* the same as roster/resolve wants them; derived */
    struct arena *assignment_arena;
};

void devices_init(struct devices *d);
void devices_free(struct devices *d);

struct slice id_key(const uint64_t *id);
struct device *devices_find(const struct devices *d, uint64_t id);
const struct holder_devices *devices_of(const struct devices *d, struct slice holder); /* NULL: none */
struct enrol_code *devices_code(const struct devices *d, const uint8_t hash[32]);
const struct record_token *devices_token(const struct devices *d, struct slice listener,
                                         const uint8_t hash[32]);
bool devices_away(const struct devices *d, struct slice person);
bool devices_switch_on(const struct devices *d, struct slice name, int64_t wall_us);

/* Apply: what a record changes. */
void devices_add(struct devices *d, const struct record_device_add *r, int64_t lane_us);
void devices_revoke(struct devices *d, uint64_t id);
void devices_code_apply(struct devices *d, const struct record_code *r, int64_t lane_us);
/* Whether the listener has a token of that name. */
bool devices_token_named(const struct devices *d, struct slice listener, struct slice name);
void devices_token_apply(struct devices *d, const struct record_token *r);
void devices_assign_apply(struct devices *d, const struct record_assign *r, int64_t wall_us);
/* A feed's assignment, or its end: touches what feeds made, never what people made. */
void devices_care_apply(struct devices *d, const struct record_care *r, int64_t wall_us);
/* Is this override about that patient or, without one, about that place? */
bool override_about(const struct override *o, struct slice patient, struct slice unit, struct slice beds);
/* The patient left the house: what feeds assigned for them ends. */
void devices_patient_left(struct devices *d, struct slice patient);
/* Merged: assignments for `from` are for `into` now. */
void devices_patient_moved(struct devices *d, struct slice from, struct slice into);
void devices_away_apply(struct devices *d, const struct record_away *r);
void devices_toggle_apply(struct devices *d, const struct record_toggle *r);

void devices_write(const struct devices *d, struct buf *out);
/* `version`: of the snapshot. */
void devices_read(struct devices *d, struct reader *in, uint8_t version);

#endif
