/* router/record_list.h - every record of the journal, once: its members make struct, bytes and text.
 *
 * docs/records.md describes each. New members go to the end of a list under a new RECORD_VERSION; a type
 * is never reused. Numbers of types are their place here. */
#ifndef NIGHTBELL_ROUTER_RECORD_LIST_H
#define NIGHTBELL_ROUTER_RECORD_LIST_H

/* clang-format off */
#define RECORDS(R)                                                                                         \
    /* inputs */                                                                                           \
    R(START, start)               /* the router began */                                                   \
    R(CLOCK, clock)               /* the wall clock moved against lane time */                             \
    R(SITE, site)                 /* a new site */                                                         \
    R(MESSAGE, message)           /* one message as it came */                                             \
    R(ANSWER, answer)             /* what a device or gateway said */                                      \
    R(DELIVERY, delivery)         /* what became of a send */                                              \
    R(CODE, code)                 /* an enrolment code was issued, or guessed wrong */                     \
    R(DEVICE_ADD, device_add)                                                                              \
    R(DEVICE_REVOKE, device_revoke)                                                                        \
    R(TOKEN, token)                                                                                        \
    R(ASSIGN, assign)             /* a journaled assignment, or the end of one */                          \
    R(AWAY, away)                                                                                          \
    R(TOGGLE, toggle)             /* a switch of the site */                                               \
    /* decisions about a message */                                                                        \
    R(FATE, fate)                 /* what became of a message, exactly one each */                         \
    R(FINDING, finding)           /* something unmapped or odd, for a list */                              \
    R(PATIENT, patient)           /* the census row of a patient as it now is */                           \
    R(PATIENT_MERGED, patient_merged)                                                                      \
    R(DEVICE_PLACE, device_place) /* where a bedside device was last seen */                               \
    /* decisions about an alert */                                                                         \
    R(ALERT_OPEN, alert_open)                                                                              \
    R(ALERT_UPDATE, alert_update) /* a later event of the same alert */                                    \
    R(ALERT_WORSE, alert_worse)   /* moved to a more urgent rule: the plan begins again */                 \
    R(ALERT_BEGIN, alert_begin)   /* the hold is over: time 0 */                                           \
    R(STEP, step)                 /* a step fired */                                                       \
    R(STEP_SKIP, step_skip)       /* its condition was not true */                                         \
    R(ADVANCE, advance)           /* a step ended early: the next one is due now */                        \
    R(RING, ring)                 /* rung again: lease, relay desk */                                      \
    R(ACCEPTED, accepted)         /* the quorum is met */                                                  \
    R(LAPSE, lapse)               /* the accept no longer holds */                                         \
    R(ATTENDED, attended)         /* staff are there: the lease is off */                                  \
    R(CLEARED, cleared)           /* the source ended it, nobody had accepted */                           \
    R(EXHAUSTED, exhausted)       /* nothing more will ring */                                             \
    R(CLOSE, close)                                                                                        \
    R(NOTICE, notice)             /* quiet word to those who were told */                                  \
    R(SOURCE_SILENT, source_silent) /* a listener that should have been heard was not */                   \
    R(STAY_MOVED, stay_moved)     /* a stay was filed under a wrong patient: it goes to another */                   \
    /* decisions about master files and about who cares for a patient */                                   \
    R(STAFF, staff)               /* a row of a listener's staff directory as it now is */                 \
    R(LOCATION, location)         /* a place as a listener describes it, as it now is */                   \
    R(MASTER, master)             /* a file that replaces all: rows that do not follow are off */          \
    R(CARE, care)                 /* an assignment that a listener made, or the end of it */               \
    /* decisions about what goes back to a source on a connection of its own */                            \
    R(REPORT_TO, report_to)       /* the PCD-04 that reports of an alert answer to */                      \
    R(REPORT, report)             /* a PCD-05 or an application acknowledgement, ready to be sent */       \
    R(REPORT_DONE, report_done)   /* what became of one */                                                 \
    /* inputs of version 3 */                                                                              \
    R(TICK, tick)                 /* a deadline had come: the core woke */                               \
    R(ADOPT, adopt)               /* open alerts were asked to go over to the newest site version */       \
    R(SITE_FINDING, site_finding) /* a candidate site was kept out, or leaves something uncovered */         \
    R(ALERT_ADOPT, alert_adopt)   /* an open alert goes over to the newest site version */ \
    /* decisions of version 3 */                                                                           \
    R(DECISION, decision)         /* why a rule owns an event, or none does: what was known, each rule's fate */ \
    /* version 3: decisions about an alert that its rule holds back or joins with others */                \
    R(WAIT, wait)                 /* it waits: for another alert's end, for others to join, for a shift */ \
    R(JOINED, joined)             /* it is part of another alert from now on */                            \
    R(REOPEN, reopen)             /* closed, and the same comes again */                                   \
    R(PART_OVER, part_over)       /* its own source is done with it, those that joined go on */            \
    R(TEXTS, texts)               /* the plan with its texts written again for all its parts */ \
    R(LEAD, lead)                 /* the rest of a bundle goes on without the one that moved up */ \
    R(LIMITED, limited)           /* one who has heard enough of this rule for now hears of it later */    \
    R(SUMMARY, summary)           /* and that is now: one send for all of them */

#define START_MEMBERS(M, S)  M(S, I64, wall_offset_us) M(S, U32, rate_permille) M(S, TEXT, version)
#define CLOCK_MEMBERS(M, S)  M(S, I64, wall_offset_us)
#define SITE_MEMBERS(M, S)   M(S, HASH32, hash) M(S, BLOB, fileset)                                         \
    /* version 3 */                                                                                        \
    M(S, TEXT, by) M(S, TEXT, how) M(S, BLOB, added) M(S, BLOB, changed) M(S, BLOB, removed)
#define ADOPT_MEMBERS(M, S)  M(S, TEXT, by)
#define SITE_FINDING_MEMBERS(M, S) M(S, TEXT, by) M(S, TEXT, how) M(S, TEXT, why)
#define MESSAGE_MEMBERS(M, S) M(S, TEXT, listener) M(S, U8, format) M(S, TEXT, principal) M(S, KEY16, key)  \
    M(S, TEXT, control_id) M(S, BLOB, bytes)
#define ANSWER_MEMBERS(M, S) M(S, U64, alert) M(S, U64, delivery) M(S, U64, device) M(S, TEXT, endpoint)    \
    M(S, TEXT, holder) M(S, U8, kind) M(S, U8, result) M(S, TEXT, reason) M(S, I64, device_us)             \
    M(S, KEY16, nonce) M(S, U32, credits)
#define DELIVERY_MEMBERS(M, S) M(S, U64, alert) M(S, U64, delivery) M(S, U8, state) M(S, TEXT, detail)
#define CODE_MEMBERS(M, S)   M(S, U8, what) M(S, HASH32, hash) M(S, TEXT, holder) M(S, I64, expires_us)
#define DEVICE_ADD_MEMBERS(M, S) M(S, U64, device) M(S, TEXT, holder) M(S, HASH32, code) M(S, KEY65, ecdh)  \
    M(S, KEY65, ecdsa) M(S, TEXT, label)
#define DEVICE_REVOKE_MEMBERS(M, S) M(S, U64, device)
#define TOKEN_MEMBERS(M, S)  M(S, BOOL, remove) M(S, TEXT, listener) M(S, TEXT, name) M(S, HASH32, hash)
#define ASSIGN_MEMBERS(M, S) M(S, BOOL, end) M(S, TEXT, person) M(S, TEXT, role) M(S, TEXT, unit)           \
    M(S, TEXT, patient) M(S, BLOB, beds) M(S, I64, from_us) M(S, I64, until_us) M(S, TEXT, by)
#define AWAY_MEMBERS(M, S)   M(S, TEXT, person) M(S, BOOL, away)
#define TOGGLE_MEMBERS(M, S) M(S, TEXT, name) M(S, TEXT, by) M(S, BOOL, on) M(S, I64, until_us)

#define TICK_MEMBERS(M, S)   M(S, I64, due_us) M(S, BOOL, alone)

#define FATE_MEMBERS(M, S)   M(S, U64, position) M(S, KEY16, key) M(S, U64, control) M(S, U8, fate)         \
    M(S, U8, verdict) M(S, BOOL, accepted) M(S, U8, code) M(S, TEXT, where) M(S, TEXT, reason) M(S, TEXT, listener) \
    /* version 3: its events that nobody is told (router/ignored.h) */ M(S, BLOB, ignored)
#define FINDING_MEMBERS(M, S) M(S, TEXT, what) M(S, TEXT, key) M(S, TEXT, where) M(S, U64, position)
#define PATIENT_MEMBERS(M, S) M(S, TEXT, id) M(S, TEXT, family) M(S, TEXT, given) M(S, TEXT, birth)         \
    M(S, TEXT, class) M(S, TEXT, service) M(S, TEXT, attending_id) M(S, TEXT, attending_name)              \
    M(S, BLOB, flags) M(S, TEXT, unit) M(S, TEXT, room) M(S, TEXT, bed) M(S, TEXT, prior_unit)             \
    M(S, TEXT, prior_room) M(S, TEXT, prior_bed) M(S, I64, moved_us) M(S, BOOL, here)                      \
    /* version 2 */                                                                                        \
    M(S, I64, details_us) M(S, TEXT, visit) M(S, TEXT, account) M(S, TEXT, prior_attending_id)             \
    M(S, TEXT, prior_attending_name) M(S, TEXT, temporary_unit) M(S, TEXT, temporary_room)                 \
    M(S, TEXT, temporary_bed) M(S, BOOL, away) M(S, TEXT, pending) M(S, TEXT, pending_unit)                \
    M(S, TEXT, pending_room) M(S, TEXT, pending_bed) M(S, BLOB, movements) M(S, I64, person_us)
#define PATIENT_MEMBERS_V1 17 /* the first so many stand in records and snapshots of version 1 */
#define PATIENT_MERGED_MEMBERS(M, S) M(S, TEXT, from) M(S, TEXT, into)
#define DEVICE_PLACE_MEMBERS(M, S) M(S, TEXT, device) M(S, TEXT, unit) M(S, TEXT, room) M(S, TEXT, bed)

#define ALERT_OPEN_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, U32, ordinal) M(S, U64, copy_of) \
    M(S, U32, copies) M(S, BLOB, event) M(S, BLOB, plan) M(S, TEXT, rule) M(S, TEXT, why)                  \
    M(S, TEXT, others) M(S, I64, hold_until_us) M(S, BOOL, source_ends)
#define ALERT_UPDATE_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, BLOB, event) M(S, BLOB, plan)  \
    M(S, BOOL, active)
#define DECISION_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, U8, fate) M(S, BOOL, unowned)       \
    M(S, BLOB, event) M(S, TEXT, rule) M(S, TEXT, why) M(S, HASH32, site) M(S, U64, roster) M(S, BLOB, facts)                \
    M(S, BLOB, rules) M(S, U32, more)
#define ALERT_WORSE_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, BLOB, event) M(S, BLOB, plan)   \
    M(S, TEXT, rule) M(S, TEXT, why) M(S, I64, hold_until_us)                                              \
    /* version 3 */ M(S, BOOL, by_part)
/* `steps`: u32 count, then for each step of the new plan 1 + the step of the old one whose state it takes over,
 * 0 for none; `credits`: u32 count, then those of each recipient in turn. */
#define ALERT_ADOPT_MEMBERS(M, S) M(S, U64, alert) M(S, HASH32, site) M(S, TEXT, rule) M(S, TEXT, why)      \
    M(S, BLOB, plan) M(S, BLOB, steps) M(S, BLOB, credits) M(S, I64, hold_until_us) M(S, I64, next_us)
#define ALERT_BEGIN_MEMBERS(M, S) M(S, U64, alert) M(S, I64, base_us)
#define STEP_MEMBERS(M, S)   M(S, U64, alert) M(S, U32, step) M(S, U32, round) M(S, U8, why)                \
    M(S, I64, base_us) M(S, I64, receipt_us) M(S, I64, next_us) M(S, BLOB, told)          \
    M(S, BLOB, sends)
#define STEP_SKIP_MEMBERS(M, S) M(S, U64, alert) M(S, U32, step) M(S, I64, next_us)
#define ADVANCE_MEMBERS(M, S) M(S, U64, alert) M(S, U32, step) M(S, U8, why)
#define RING_MEMBERS(M, S)   M(S, U64, alert) M(S, U32, step) M(S, U32, round) M(S, U8, why)                \
    M(S, I64, next_us) M(S, BLOB, told) M(S, BLOB, sends)
#define ACCEPTED_MEMBERS(M, S) M(S, U64, alert) M(S, TEXT, by) M(S, I64, lease_until_us)
#define LAPSE_MEMBERS(M, S)  M(S, U64, alert) M(S, U8, why) M(S, I64, base_us)
#define ATTENDED_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position)
#define CLEARED_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position)
#define EXHAUSTED_MEMBERS(M, S) M(S, U64, alert) M(S, BOOL, nobody)
#define CLOSE_MEMBERS(M, S)  M(S, U64, alert) M(S, U64, position) M(S, U8, reason) M(S, TEXT, by)           \
    M(S, TEXT, detail)
#define NOTICE_MEMBERS(M, S) M(S, U64, alert) M(S, U32, round) M(S, TEXT, word) M(S, TEXT, by) M(S, BLOB, sends)

#define SOURCE_SILENT_MEMBERS(M, S) M(S, TEXT, listener)
#define STAY_MOVED_MEMBERS(M, S) M(S, TEXT, from) M(S, TEXT, into) M(S, I64, since_us)

#define STAFF_MEMBERS(M, S)  M(S, TEXT, listener) M(S, TEXT, key) M(S, BLOB, ids) M(S, TEXT, family)        \
    M(S, TEXT, given) M(S, TEXT, department) M(S, TEXT, title) M(S, TEXT, phone) M(S, TEXT, pager)         \
    M(S, TEXT, mail) M(S, TEXT, backup) M(S, TEXT, contact) M(S, TEXT, category) M(S, TEXT, specialty)         \
    M(S, BOOL, active) M(S, BOOL, gone) M(S, I64, off_us) M(S, I64, occurred_us)
#define LOCATION_MEMBERS(M, S) M(S, TEXT, listener) M(S, TEXT, unit) M(S, TEXT, room) M(S, TEXT, bed)       \
    M(S, TEXT, status) M(S, TEXT, title) M(S, BOOL, active) M(S, BOOL, gone) M(S, I64, occurred_us)
#define MASTER_MEMBERS(M, S) M(S, TEXT, listener) M(S, TEXT, what) M(S, I64, occurred_us)
#define CARE_MEMBERS(M, S)   M(S, BOOL, end) M(S, TEXT, listener) M(S, TEXT, person) M(S, TEXT, role)       \
    M(S, TEXT, patient) M(S, TEXT, unit) M(S, BLOB, beds) M(S, I64, from_us) M(S, I64, until_us)           \
    M(S, U64, position) M(S, I64, occurred_us)

#define REPORT_TO_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, TEXT, listener) M(S, BLOB, template_bytes)
#define REPORT_MEMBERS(M, S) M(S, U64, alert) M(S, U64, report) M(S, TEXT, listener) M(S, U8, kind)          \
    M(S, U32, status) M(S, BLOB, holders) M(S, BLOB, marks) M(S, BLOB, bytes)
#define REPORT_DONE_MEMBERS(M, S) M(S, U64, alert) M(S, U64, report) M(S, TEXT, listener) M(S, U8, kind)     \
    M(S, U32, status) M(S, U8, outcome) M(S, TEXT, detail) M(S, I64, after_us)

#define WAIT_MEMBERS(M, S)   M(S, U64, alert) M(S, U8, kind) M(S, I64, until_us) M(S, U64, by) M(S, TEXT, shift)
#define JOINED_MEMBERS(M, S) M(S, U64, alert) M(S, U64, into) M(S, U8, why)
#define REOPEN_MEMBERS(M, S) M(S, U64, alert) M(S, U64, by) M(S, BOOL, source_ends)
#define PART_OVER_MEMBERS(M, S) M(S, U64, alert) M(S, U64, position) M(S, BOOL, withdrawn)
#define LEAD_MEMBERS(M, S)   M(S, U64, alert) M(S, U64, from) M(S, I64, until_us)
#define LIMITED_MEMBERS(M, S) M(S, U64, alert) M(S, TEXT, rule) M(S, TEXT, holder) M(S, BOOL, desk)          \
    M(S, U32, step) M(S, I64, due_us)
/* `alerts`: u32 count, then (u64 alert, u32 step) of each that waited; `alert`: the newest of them. */
#define SUMMARY_MEMBERS(M, S) M(S, U64, alert) M(S, TEXT, rule) M(S, TEXT, holder) M(S, BOOL, desk)          \
    M(S, U32, round) M(S, BLOB, alerts) M(S, TEXT, lock) M(S, TEXT, full) M(S, BLOB, sends)
#define TEXTS_MEMBERS(M, S)  M(S, U64, alert) M(S, BLOB, plan)

/* What `told` and `sends` hold: u32 count, then each. */
#define TOLD_MEMBERS(M, S)   M(S, TEXT, holder) M(S, BOOL, desk) M(S, BOOL, told) M(S, TEXT, reason)
#define SEND_MEMBERS(M, S)   M(S, U64, delivery) M(S, U64, device) M(S, TEXT, holder) M(S, TEXT, endpoint)  \
    M(S, TEXT, address) M(S, U32, step) M(S, BOOL, fyi)
/* What `facts` and `rules` of a decision hold. */
#define FACT_MEMBERS(M, S)   M(S, TEXT, name) M(S, TEXT, value) M(S, TEXT, from)
#define JUDGED_MEMBERS(M, S) M(S, TEXT, rule) M(S, U8, fate) M(S, TEXT, file) M(S, U32, line) M(S, TEXT, reason)
/* What `movements` of a patient hold, by time; ids: ZBE-1, a list of texts. */
#define MOVEMENT_MEMBERS(M, S) M(S, U8, kind) M(S, I64, at_us) M(S, TEXT, unit) M(S, TEXT, room)            \
    M(S, TEXT, bed) M(S, TEXT, temporary_unit) M(S, TEXT, temporary_room) M(S, TEXT, temporary_bed)        \
    M(S, BLOB, ids)
/* clang-format on */

#endif
