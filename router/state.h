/* router/state.h - the whole state of the core, and what its files share. Private to router/.
 *
 * Only router/apply*.c change it, each change on behalf of one record; router/decide*.c read it and emit
 * records. core_emit encodes a record and applies it through the same table that a restart uses. */
#ifndef NIGHTBELL_ROUTER_STATE_H
#define NIGHTBELL_ROUTER_STATE_H

#include "router/alert.h"
#include "router/census.h"
#include "router/core.h"
#include "router/counters_list.h"
#include "router/devices.h"
#include "router/duplicates.h"
#include "router/ignored.h"
#include "router/limits.h"
#include "router/lists.h"
#include "router/record.h"
#include "router/reports.h"
#include "router/sameness.h"
#include "router/staff.h"
#include "router/timers.h"
#include "router/versions.h"

#define RECEIPT_US       (8 * TIME_S)   /* R: a phone without a receipt by then opens the next step */
#define LEASE_RING_US    (20 * TIME_S)  /* from the second ring of an acceptor to the end of the lease */
#define RELAY_US         (2 * TIME_MIN) /* a relay desk that accepted rings again */
#define LAST_CALL_US     (60 * TIME_S)  /* from the last send of a plan without repeat to "exhausted" */
#define HANDOFF_US       (30 * TIME_S)  /* what an incoming nurse has at least */
#define UPDATED_US       (30 * TIME_S)  /* between two quiet words that values have changed */
#define CLOSED_MEMORY_US TIME_DAY       /* closed alerts stay for explain and for late answers */

/* clang-format off */
#define HEAD_MEMBERS(M, S) M(S, U64, lane) M(S, I64, lane_us) M(S, I64, wall_offset_us) M(S, U32, rate_permille) \
    M(S, TEXT, version) M(S, I64, start_us) M(S, HASH32, site_hash) M(S, BLOB, fileset) M(S, U64, alerts) \
    /* version 3 */                                                                                        \
    M(S, U64, roster) /* position of the last record that changed who does what */
#define HEAD_MEMBERS_V2 9 /* the first so many stand in snapshots before version 3 */
/* clang-format on */
struct core_head {
    HEAD_MEMBERS(MEMBER_DECLARE, _)
};
extern const struct layout head_layout;

struct pending_effect {
    enum effect_kind kind;
    uint64_t delivery;
};

struct core {
    struct core_hooks hooks;
    /* --- the state --- */
    struct core_head head;
    uint64_t counters[COUNTER_COUNT], fates[FATE_COUNT];
    struct lists lists;
    struct versions versions; /* of the site, that open alerts still need; and what came when */
    struct duplicates duplicates;
    struct census census;
    struct devices devices;
    struct staff *staff; /* on its own: a question may make its view anew */
    struct map *sources; /* listener -> struct source_row */
    struct reports reports;
    struct limits limits;
    struct map *alerts;                       /* id -> struct alert */
    struct alert *open_first, *open_last;     /* in the order in which they opened */
    struct alert *closed_first, *closed_last; /* in the order in which they closed */
    size_t open_count, closed_count;
    /* --- derived from it --- */
    struct expectation { /* `expect every D` of the listeners of the site */
        struct slice listener;
        int64_t every_us;
    } * expect;
    size_t expect_count;
    struct site *site;      /* compiled from head.fileset: the newest */
    struct site *fresh;     /* compiled while a site is decided, for the record that follows */
    bool site_reports;      /* a listener of it has `reports` */
    struct map *identities; /* identity -> its newest struct alert */
    struct map *deliveries; /* id -> struct delivery */
    struct timers timers;
    struct sameness sameness;
    uint64_t placed; /* alerts put into a list so far */
    /* --- work in hand --- */
    struct arena *scratch; /* until the next core_decide or core_apply */
    uint64_t scratch_number;
    struct arena *effect_arena;
    struct pending_effect *effects;
    size_t effect_count, effect_room;
    bool live;             /* deciding: effects are collected */
    int64_t roster_due_us; /* the next look at the roster; INT64_MAX while nothing is open */
    int64_t now_us;        /* lane time of the input in hand, never before head.lane_us */
    uint64_t position;     /* of the record in hand */
    struct buf *append;    /* deciding: where records go */
    uint32_t appended;
    const struct message_context *reporting; /* the PCD-04 in hand, when its listener has `reports` */
    bool reported;                           /* and a PCD-05 has been made of it */
    bool damaged;                            /* a record did not fit the state: the state is not to be used */
};

/* When a listener was heard last; owned texts. */
/* clang-format off */
#define SOURCE_MEMBERS(M, S) M(S, TEXT, listener) M(S, I64, heard_us) M(S, BOOL, silent)
/* clang-format on */
struct source_row {
    SOURCE_MEMBERS(MEMBER_DECLARE, _)
};

/* --- emit and apply ------------------------------------------------------------------------------ */
void core_emit(struct core *c, struct record *r);
void record_apply(struct core *c, const struct record *r);
void core_effect(struct core *c, enum effect_kind kind, uint64_t delivery);
void core_scratch_reset(struct core *c);
void core_watch_roster(struct core *c); /* when to look at the roster again */
int64_t core_wall(const struct core *c, int64_t lane_us);
void core_derive_alert(struct core *c, struct alert *a); /* after a snapshot: indexes and timer */

/* One function a type of record; apply*.c. */
#define R(id, name) void apply_##name(struct core *c, const struct record *r);
RECORDS(R)
#undef R

/* --- alerts ---------------------------------------------------------------------------------------- */
struct alert *core_alert(const struct core *c, uint64_t id);
struct delivery *core_delivery(const struct core *c, uint64_t id);
/* The site version that is asked about an alert's rule: the one it opened under, unless it went over to a
 * newer one (versions.h). A version that this program no longer compiles is answered by the newest. */
const struct site *alert_site(struct core *c, const struct alert *a);
const struct rule *alert_rule(struct core *c, const struct alert *a); /* NULL: that version has none */
void alert_version_opened(struct core *c, struct alert *a);           /* it is the newest's */
void alert_version_left(struct core *c, struct alert *a);             /* closed, or adopted by another */
/* Open again: of its version, or of the newest when that has gone meanwhile. */
void alert_version_back(struct core *c, struct alert *a);
struct alert *core_identity(const struct core *c, struct slice identity); /* the newest; maybe closed */
const struct plan *alert_plan(struct core *c, struct alert *a);           /* lives in scratch */
const struct event *alert_event(struct core *c, struct alert *a);         /* lives in scratch */
/* Another plan, no step of it fired; and, once all have, what comes then. */
void alert_take_plan(struct core *c, struct alert *a, struct slice plan);
void alert_arm_end(struct alert *a, int64_t next_us);
void alert_place_open(struct core *c, struct alert *a);
void alert_place_closed(struct core *c, struct alert *a);
void alert_place_reopened(struct core *c, struct alert *a);
/* The same as what the hashes stand for: of this rule, with equal values in the fields of the clause. */
bool alerts_same(struct core *c, struct alert *x, struct alert *y, const struct plan_same *fields);
void alert_take_sameness(struct core *c, struct alert *a); /* its hashes, after its plan or event changed */
void alert_take_expire(struct core *c,
                       struct alert *a); /* when its plan expires, after that or time 0 changed */
void alert_identify(struct core *c, struct alert *a);
int alerts_by_place(const void *x, const void *y); /* for qsort, of pointers to alerts */
/* Open and closed alerts about `from`, opened since then (TIME_NONE: all), are about `into` now. */
void alerts_patient_moved(struct core *c, struct slice from, struct slice into, int64_t since_us);
void core_forget(struct core *c, int64_t lane_us); /* closed alerts past their day, patients who left */

enum due_kind {
    DUE_NOTHING,
    DUE_HOLD, /* of any wait before time 0 */
    DUE_STEP,
    DUE_RECEIPT,
    DUE_REPEAT,
    DUE_LEASE,
    DUE_RELAY,
    DUE_EXHAUST,
    DUE_EXPIRE
};
struct due {
    enum due_kind kind;
    uint32_t step; /* STEP, RECEIPT: index; RELAY: of the recipient */
    int64_t at_us;
};
/* What this alert waits for next; INT64_MAX and DUE_NOTHING when nothing. */
struct due alert_next(const struct core *c, const struct alert *a);
int64_t alert_next_ring(const struct core *c, const struct alert *a); /* the next step or repeat; TIME_NONE */
void alert_touch(struct core *c, struct alert *a); /* its timer and its sameness, after a change */
bool alert_paused(const struct alert *a);
/* The first step that has neither fired nor been skipped and may fire in this state; step_count if none. */
uint32_t alert_unfired(const struct alert *a);
bool alert_all_fired(const struct alert *a);
/* Steps of one time: [*first, *end). */
void alert_level(const struct alert *a, uint32_t step, uint32_t *first, uint32_t *end);
bool alert_heard(const struct alert *a);                  /* anybody told has received it */
bool alert_quorum(const struct core *c, struct alert *a); /* of the accepts that stand */

/* --- sources that should be heard (`expect every D`): silence.c ------------------------------------ */
void sources_expect(struct core *c); /* after the site changed */
void sources_heard(struct core *c, struct slice listener, int64_t lane_us);
int64_t sources_deadline(const struct core *c);
void decide_silence(struct core *c);
/* The open alert about this listener's silence, or NULL. */
struct alert *sources_silent_alert(struct core *c, struct slice listener);
/* Its last heartbeat announced a planned stop: not awaited until it is heard again. Listed as a finding. */
void sources_stopped(struct core *c, struct slice listener, uint64_t position);
void sources_write(const struct core *c, struct buf *out);
void sources_read(struct core *c, struct reader *in);
void sources_free(struct core *c);

/* --- people ---------------------------------------------------------------------------------------- */
struct slice core_title(const struct core *c, struct slice holder);
/* The site's people with what staff feeds say about them; needs a site. */
const struct directory *core_directory(const struct core *c);
struct roster_now core_roster(const struct core *c);
bool core_reachable(const void *core, struct slice holder);
int64_t core_receipt_us(const struct core *c, struct slice endpoint); /* R of an endpoint */
bool core_pushed_is_received(const struct core *c, struct slice endpoint);
struct sends { /* grows in scratch */
    struct send_item *items;
    size_t count, room;
};
/* Adds one for each device or address of the holder that is not in the list yet. */
void core_sends_add(struct core *c, const struct alert *a, struct sends *sends, struct slice holder,
                    uint32_t step, uint32_t round, bool fyi);
void sends_put(struct core *c, struct sends *sends, const struct send_item *item);
struct told_list { /* grows in scratch */
    struct told_item *items;
    size_t count, room, told;
};
void told_put(struct core *c, struct told_list *list, const struct told_item *item); /* once each holder */
/* Who a step is for now: those to be told, then those skipped. All occupants' nurses when the event names
 * no patient (LANGUAGE 3). */
void core_resolve(struct core *c, struct alert *a, const struct plan_step *step, struct told_list *out);
uint64_t delivery_make_id(uint64_t alert, uint32_t step, uint32_t round, uint64_t device,
                          struct slice endpoint, struct slice address, struct slice notice);

/* --- reports back to sources (`reports "HOST:PORT"`): decide_report.c ------------------------------- */
struct message_context;
void reports_expect(struct core *c); /* after the site changed */
/* Around the reading of one message: what opens meanwhile answers to it. */
void reports_begin(struct core *c, const struct message_context *m);
void reports_end(struct core *c);
/* The message in hand is about this alert, which is known already. */
void reports_message(struct core *c, const struct message_context *m, struct alert *a);
void reports_follow(struct core *c, const struct record *r); /* after each record that is decided */
/* An accepted message; `why`: what was wrong with one that is kept all the same (quarantined). */
void reports_acknowledge(struct core *c, const struct message_input *in, const struct error *why);
void decide_report(struct core *c, const struct report_input *in, struct core_result *out);

/* --- deciding -------------------------------------------------------------------------------------- */
bool decide_start(struct core *c, const struct core_input *in, struct core_result *out);
bool decide_site(struct core *c, const struct core_input *in, struct core_result *out);
/* decide_version.c: every open alert that is not the newest version's goes over to it. */
void decide_adopt(struct core *c, const struct core_input *in, struct core_result *out);
/* Versions that this program does not compile: their alerts go over. */
void decide_unread_versions(struct core *c);
void decide_site_finding(struct core *c, const struct core_input *in, struct core_result *out);
void decide_message(struct core *c, const struct message_input *in, struct core_result *out);
void decide_answer(struct core *c, const struct answer *in, struct core_result *out);
void decide_delivery(struct core *c, const struct delivery_input *in, struct core_result *out);
void decide_timers(struct core *c);
void decide_code(struct core *c, const struct code_input *in, struct core_result *out);
void decide_device(struct core *c, const struct device_input *in, struct core_result *out);
void decide_token(struct core *c, const struct token_input *in, struct core_result *out);
void decide_assign(struct core *c, const struct assign_input *in, struct core_result *out);
void decide_away(struct core *c, const struct core_input *in, struct core_result *out);
void decide_toggle(struct core *c, const struct core_input *in, struct core_result *out);

struct message_context { /* the message in hand, for raw paths and ids */
    uint64_t position;
    uint32_t ordinal; /* alerts made of it so far */
    const struct event_source *source;
    const struct hl7_message *hl7; /* one of the two is NULL */
    const struct fhir_tree *fhir;
    const struct event *event;
    const struct event *raw; /* the event as the message said it, before the census; NULL: our own */
    struct ignored_list
        *ignored;      /* those that nobody is told, for its FATE; NULL: our own event, without one */
    bool explain;      /* they get a DECISION each as well */
    bool planned_stop; /* a heartbeat that said it is the last */
    bool two_matches;  /* a raw path of a rule named two values of it, which counts as none */
};
/* Writes down why `owner` has the event (decision.c): the rules that were looked at, what was known beside
 * the message, the versions of both. `match` as it was found, or NULL: it is made again; alert 0: nobody is
 * told, the event goes along. */
void decide_decision(struct core *c, const struct message_context *m, const struct event *e,
                     const struct match *match, const struct rule *owner, struct slice why, uint64_t alert);
/* What an event becomes. */
enum fate decide_event(struct core *c, struct message_context *m, const struct event *e);
/* The alert's plan with its texts written for this event; empty when they stay as they are. */
struct slice decide_texts(struct core *c, struct alert *a, const struct event *e);
void decide_technical(struct core *c, struct message_context *m, const char *code, const char *title,
                      struct place place, struct slice detail);
/* True when the census says something else now, or a movement in it is told again as it stands. */
bool decide_change(struct core *c, const struct change *change);
/* Staff rows, places and assignments of one message (decide_staff.c, decide_care.c). */
void decide_master(struct core *c, const struct message_context *m, const struct reading *read);
void decide_care(struct core *c, const struct message_context *m, const struct reading *read);
void decide_give_back(struct core *c); /* what people have accepted whom a feed has taken out of service */
void decide_finding(struct core *c, const struct message_context *m, const char *what, const char *where,
                    struct slice key);
/* As a record holds it; lives in scratch. */
struct slice event_bytes(struct core *c, const struct event *e);
struct slice plan_bytes(struct core *c, const struct plan *p);
/* Results, orders and appointments are where their patient is; alarms are where they ring. */
bool event_follows_patient(enum event_kind k);
/* The place, patient and doubts that the census adds to an event; lives in scratch. */
struct event *enrich_event(struct core *c, const struct event *e, struct message_context *m);
struct eval_now core_eval(struct core *c, struct message_context *m);
/* The same on the wall clock of that version. */
struct eval_now core_eval_at(struct core *c, struct message_context *m, const struct site *site);

/* --- what a rule puts before time 0 (LANGUAGE 7), in the order of enum alert_wait ----------------------- */

bool plan_waits(const struct plan *p); /* has it a clause of these? */
/* The hold or another wait is over at `at_us`: the next clause makes it wait, it joins another alert, or time
 * 0 has come. Each decides for one alert in the state "held"; true: it waits or has joined. */
void decide_time_zero(struct core *c, struct alert *a, int64_t at_us);
bool decide_dedupe(struct core *c, struct alert *a);
bool decide_suppress(struct core *c, struct alert *a, int64_t at_us);
bool decide_bundle(struct core *c, struct alert *a, int64_t at_us);
bool decide_deliver(struct core *c, struct alert *a);
void decide_released(struct core *c, const struct alert *closed); /* what it held back goes on */
void decide_clock(struct core *c); /* the wall clock moved: shifts open elsewhen */
void emit_wait(struct core *c, struct alert *a, enum alert_wait kind, int64_t until_us, uint64_t by,
               struct slice shift);

/* --- limit N per D: decide_limit.c, apply_limit.c ---------------------------------------------------------
 */

/* Takes those out of `told` who have heard N of this rule's alerts in the last D: they wait for the summary.
 * True: somebody was. */
bool decide_surplus(struct core *c, struct alert *a, uint32_t step, struct told_list *told);
void decide_summaries(struct core *c); /* those that are due */
/* Who was told by a step, counted; before they are its recipients. */
void limits_step(struct core *c, struct alert *a, struct slice told);
struct part_item { /* what `alerts` of a summary holds */
    uint64_t alert;
    uint32_t step;
};
/* Of a summary's delivery or record; lives in scratch. */
struct part_item *summary_items(struct core *c, struct slice blob, size_t *count);

/* Applying: one more recipient, and sends that leave (apply_send.c). */
void alert_tell(struct alert *a, const struct told_item *t, uint32_t step, bool fyi);
void alert_send(struct core *c, struct alert *a, struct slice blob, uint32_t round, struct slice notice,
                struct slice by);
/* One text for several alerts, within the widths of a message: "3x ..." and "3: ...; ...". */
void decide_joint_texts(struct core *c, struct alert *const *alerts, size_t count, struct plan_message *m);

/* --- alerts that are part of another: decide_parts.c -----------------------------------------------------
 */
void decide_join(struct core *c, struct alert *a, struct alert *into, enum join_why why);
/* The source is done with this one. False: it stands alone, and the caller ends it. True: it was a part, or
 * has others; they go on, and when all are over the whole ends. */
bool decide_part_over(struct core *c, struct alert *a, enum close_reason reason, struct slice by,
                      uint64_t position);
void decide_part_left(struct core *c, struct alert *whole,
                      uint64_t position); /* one has left by other ways */
void decide_parts_close(struct core *c, struct alert *whole, enum close_reason reason, struct slice by,
                        struct slice detail);
/* It moves up by itself: those that it is bundled with wait on, or are told again at once, without it. */
void decide_parts_leave(struct core *c, struct alert *whole);
bool decide_parts_write(struct core *c,
                        struct alert *whole); /* its texts again, for all; false: as they were */
void decide_parts_texts(struct core *c, struct alert *whole);           /* and those told hear of it */
struct alert *alert_whole(const struct core *c, const struct alert *a); /* that it is a part of, or NULL */
/* The open parts in the order in which they opened; lives in scratch. */
struct alert **alert_parts(struct core *c, const struct alert *whole, size_t *count);
void decide_end(struct core *c, struct alert *a,
                uint64_t position); /* the source ended it: where it said so */

/* Time 0: the steps of that time fire; of a copy all of them, and it is over. */
void decide_begin(struct core *c, struct alert *a, int64_t base_us);
/* Fires the level of `step` now, and the following ones while they find nobody. */
void decide_level(struct core *c, struct alert *a, uint32_t step, enum step_why why);
void decide_repeat(struct core *c, struct alert *a);
void decide_ring_again(struct core *c, struct alert *a,
                       enum step_why why); /* the last level that has fired */
void decide_ring_acceptors(struct core *c, struct alert *a,
                           enum step_why why);                         /* or resumes: none is there */
void decide_early_end(struct core *c, struct alert *a, uint32_t step); /* all declined or failed? */
void decide_no_receipt(struct core *c, struct alert *a, uint32_t step);
void decide_resume(struct core *c, struct alert *a, enum step_why why); /* the accept no longer holds */
void decide_accepted(struct core *c, struct alert *a, struct slice by, uint64_t device);
void decide_lease(struct core *c, struct alert *a);
void decide_relay(struct core *c, struct alert *a, uint32_t recipient);
void decide_exhausted(struct core *c, struct alert *a, bool nobody);
void decide_close(struct core *c, struct alert *a, enum close_reason reason, struct slice by,
                  struct slice detail);
/* Which replies (enum reply_bit) this send offers: none for fyi and notices. */
unsigned delivery_replies(const struct plan *p, const struct delivery *d);
void decide_notice(struct core *c, struct alert *a, const char *word, struct slice by, uint64_t but_device);
void decide_tell(struct core *c, struct alert *a, const char *word); /* and its copies */

/* decide_again.c: a further event of an alert that is known, closed ones included. */
bool event_is_again(const struct alert *a, const struct event *e); /* a resend: nothing new in it */
/* Takes over what the event before said and this one leaves out: `was`, the value of an OBX-11 U. */
void event_follow(struct core *c, const struct message_context *m, struct alert *a, struct event *e);
bool alert_told(const struct alert *a);              /* did anybody hear of it? */
void decide_recall(struct core *c, struct alert *a); /* a closed one, told once */
void decide_handoff(struct core *c, struct alert *a);
void decide_handoff_all(struct core *c);
uint32_t decide_credits(struct core *c, struct alert *a,
                        struct slice holder); /* which needs an accept meets */
uint32_t decide_credits_of(struct core *c, struct alert *a, const struct plan *p, struct slice holder);

/* explain_state.c: what a record of a story makes of the alert's state. */
void story_follow(struct story *s, const struct record *r);
bool story_has(const struct story *s, uint64_t alert); /* one that its message opened */

/* unowned.c: an event that only a default took is listed by its code and place, for somebody to write a rule.
 */
void unowned_list(struct core *c, const struct record *r, const struct event *e);
/* An event that nobody is told, noted for the message's FATE. The event itself goes along when a default took
 * it and the list has no row of it from today. */
void unowned_note(struct core *c, struct message_context *m, const struct event *e, const struct rule *owner);
/* The rows that a FATE carries. */
void unowned_of_fate(struct core *c, const struct record *r);

/* drill.c: marked tries. A drill is owned by the rule that its identity names; its texts say what it is, it
 * waits for nothing and joins nothing, holds back nothing, and is counted as a drill alone. */
bool alert_is_drill(const struct alert *a);
const struct rule *drill_rule(const struct core *c, const struct event *e); /* NULL: there is none to try */
const struct plan *drill_plan(struct core *c, const struct plan *p);        /* lives in scratch */
bool record_of_drill(const struct core *c, const struct record *r);         /* once it is applied */

#endif
