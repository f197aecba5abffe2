/* router/core.h - the deterministic core: inputs in, records and effects out (ARCHITECTURE 2).
 *
 * No clock, socket, file, thread, global or random call: lane time, keyed ids and the site compiler
 * come in through arguments and hooks. core_decide takes one input, applies what it decides to the
 * state in memory and appends the input and its decisions, encoded, to the caller's batch. The caller
 * makes the batch durable before anything leaves; when that fails it throws the core away and rebuilds:
 * core_restore (snapshot) and core_apply (tail) give the same state without deciding again. */
#ifndef NIGHTBELL_ROUTER_CORE_H
#define NIGHTBELL_ROUTER_CORE_H

#include "router/answer.h"
#include "rules/site/site.h"

struct core;

struct core_hooks {
    /* Compiles a site's fileset bytes; called when a site record is decided and when it is applied. */
    struct site *(*compile_site)(void *ctx, struct slice fileset, struct error *err);
    /* Keyed hash of (lane, position, ordinal): the alert's id (docs/ids.md). */
    uint64_t (*alert_id)(void *ctx, uint64_t lane, uint64_t position, uint32_t ordinal);
    void *ctx;
    /* Sees each event, with all that is known of it, when rules are asked who owns it: what tests cover is
     * counted there. May be NULL; changes nothing. */
    void (*asked)(void *ctx, const struct ruleset *rules, const struct event *e, const struct eval_now *now);
};

struct core *core_new(uint64_t lane, const struct core_hooks *hooks);
void core_free(struct core **c);

/* --- deciding ---------------------------------------------------------------------------------- */

enum input_kind {
    INPUT_START,    /* the router began: version, wall offset, time rate; overdue steps catch up after it */
    INPUT_CLOCK,    /* the wall clock moved against lane time */
    INPUT_SITE,     /* a new site, already checked */
    INPUT_MESSAGE,  /* one HL7 v2 message or FHIR tree, or bytes that were not one */
    INPUT_TIMER,    /* lane time passed a deadline: everything due is decided */
    INPUT_ANSWER,   /* a verified answer or receipt of a device or gateway */
    INPUT_DELIVERY, /* delivery reports what became of a send */
    INPUT_CODE,     /* an enrolment code was issued (hash, holder, expiry) or guessed wrong */
    INPUT_DEVICE,   /* a device was enrolled or revoked */
    INPUT_TOKEN,    /* a listener's bearer token was added or removed (hash) */
    INPUT_ASSIGN,   /* a journaled assignment override, or its end */
    INPUT_AWAY,     /* a person is away or back */
    INPUT_SWITCH,   /* a switch of the site was set, with its expiry */
    INPUT_REPORT,   /* delivery says what became of a report to a source */
    INPUT_ADOPT,    /* every open alert goes over to the newest site version */
    INPUT_SITE_FINDING /* a candidate site was kept out: why, for an administrator to see */
};

enum message_format {
    FORMAT_HL7V2,
    FORMAT_FHIR_TREE,
    FORMAT_EVENT /* events/canonical.h; `listener` may be empty: then no listener's settings apply */
};

struct message_input {
    struct slice listener;
    enum message_format format;
    struct slice principal;    /* who the connection proved to be (certificate, token name); may be empty */
    uint8_t duplicate_key[16]; /* hash of (listener, control id, body), made at the edge */
    struct slice control_id;   /* MSH-10 or the FHIR id; may be empty */
    bool suspect;              /* a second crash happened on these bytes: quarantine without reading */
    struct error syntax;       /* intake could not read it: code != ERROR_NONE; quarantined, answered AR */
    struct slice bytes;
    bool explain; /* write DECISION for what is ignored as well: for who asks; never in a journal */
};

struct delivery_input {
    uint64_t delivery; /* docs/ids.md */
    enum { DELIVERY_PUSHED /* handed to the endpoint */, DELIVERY_FAILED, DELIVERY_DEAD } state;
    struct slice detail; /* a stable word or an HTTP status; no patient data */
};

/* What became of a report: a PCD-05 or a delayed application acknowledgement on its own connection. */
#define REPORT_OUTCOMES(X)                                                                                   \
    X(TAKEN, "acknowledged")                                                                                 \
    X(REFUSED, "refused") /* for good: listed */                                                             \
    X(STALLED, "waiting") /* for too long, and still tried: a technical alert, once */                       \
    X(DROPPED, "dropped") /* by the core itself: too many wait */
#define X(id, name) REPORT_##id,
enum report_outcome { REPORT_OUTCOMES(X) REPORT_OUTCOME_COUNT };
#undef X
const char *report_outcome_name(enum report_outcome o);

struct report_input {
    uint64_t report;
    enum report_outcome outcome; /* any but DROPPED */
    struct slice detail;         /* a stable word, MSA-1 for example; no patient data */
};

struct device_input {
    bool revoke;
    uint64_t device;                     /* random, drawn by the router process */
    struct slice holder;                 /* person or desk */
    uint8_t code_hash[32];               /* enrolment: which code it used */
    uint8_t ecdh_key[65], ecdsa_key[65]; /* uncompressed P-256 points, already validated */
    struct slice label;                  /* "Chrome on Android", shown in lists */
};

struct code_input {
    enum { CODE_ISSUED, CODE_WRONG } what;
    uint8_t hash[32];
    struct slice holder;
    int64_t expires_us; /* lane time */
};

struct token_input {
    bool remove;
    struct slice listener, name;
    uint8_t hash[32];
};

struct assign_input {
    bool end; /* ends this person's override instead of making one */
    struct slice person, role, unit, patient;
    const struct slice *beds;
    size_t bed_count;
    int64_t until_us; /* wall; TIME_NONE = until ended */
    struct slice by;
};

struct core_input {
    enum input_kind kind;
    union {
        struct {
            int64_t wall_offset_us;
            uint32_t rate_permille;
            struct slice version;
        } start; /* wall = lane + offset */
        struct {
            int64_t wall_offset_us;
        } clock;
        struct {
            struct slice fileset;
            uint8_t hash[32];
            struct slice by, how; /* who, and "start", "reload", "apply", "rollback" */
        } site;
        struct {
            struct slice by;
        } adopt;
        struct {
            struct slice by, how, why; /* how: "kept-out", "coverage"; why: one line, no patient data */
        } site_finding;
        struct message_input message;
        struct answer answer;
        struct delivery_input delivery;
        struct report_input report;
        struct device_input device;
        struct code_input code;
        struct token_input token;
        struct assign_input assign;
        struct {
            struct slice person;
            bool away;
        } away;
        struct {
            struct slice name, by;
            bool on;
            int64_t until_us;
        } toggle; /* INPUT_SWITCH */
    } as;
};

/* What the caller must answer the sender, after the commit. */
enum verdict {
    VERDICT_OK,        /* AA, 2xx */
    VERDICT_DUPLICATE, /* the stored answer again: position, wall_us, accepted, error are the first one's */
    VERDICT_BAD,       /* readable, not mappable: `on-bad` chose AE; or quarantine chose AA (accepted) */
    VERDICT_REJECTED   /* unreadable, suspect or past a limit: AR */
};

struct core_result {
    enum verdict verdict;
    enum verdict first; /* VERDICT_DUPLICATE: what the first one was answered */
    bool accepted;      /* true: AA/CA, false: AE/AR by verdict */
    uint64_t position;  /* of the message's record: makes the acknowledgement's control id */
    int64_t wall_us;    /* record time: makes MSH-7 of the acknowledgement */
    struct error error; /* located, without patient data; for ERR and OperationOutcome */
    /* answers: */
    enum answer_result answer;
    /* devices, codes, tokens, assignments: */
    bool done; /* false: error says why (unknown holder, code expired, attempts passed ...) */
    bool more; /* INPUT_ADOPT: once more, after the commit: so many do not go over at once */
};

/* `append` gets the encoded input and decisions; *count grows by the records written (none when nothing
 * changed); `position` is that of the first record written (expected position + records already in the
 * batch). Whatever fell due by `lane_us` is decided first, so out->position of a message may lie behind
 * `position`; lane time that goes back counts as standing still.
 *
 * False means that this core is not to be used any more, except for ERROR_LIMIT before anything was
 * decided: `append` must have room for the input and 4 MB of decisions, so commit early. A refused code,
 * site, assignment or answer is no failure: out->done is false and out->error says why. A message is
 * never refused here: see verdict, accepted and error. */
bool core_decide(struct core *c, const struct core_input *in, int64_t lane_us, uint64_t position,
                 struct buf *append, uint32_t *count, struct core_result *out, struct error *err);

/* Lane time of the next deadline; INT64_MAX when none. INPUT_TIMER at or after it. While an alert is open
 * every whole minute of wall time is one (the roster is asked again). */
int64_t core_next_deadline(const struct core *c);

/* --- effects: what must leave after the commit --------------------------------------------------- */

enum effect_kind {
    EFFECT_SEND,
    EFFECT_NOTICE /* taken by, ended, withdrawn, updated: quiet */,
    EFFECT_CANCEL, /* stop trying */
    EFFECT_REPORT  /* for the source itself: `delivery` is the report, `endpoint` the listener, `bytes` it all
                    */
};

struct effect {
    enum effect_kind kind;
    uint64_t delivery, alert, device; /* device 0: a gateway address */
    struct slice holder, endpoint, address;
    enum notify_level level;
    bool fyi;
    uint32_t step, repeat, seq;     /* seq: rises with every send or notice about this alert to this device */
    struct slice notice;            /* "taken", "ended", "withdrawn", "updated", "exhausted" or empty */
    struct slice notice_by;         /* who took it: a person's title */
    struct slice lock, full, title; /* texts; full is phi */
    enum event_class class;
    struct slice unit, bed;                      /* lock-screen place and full place */
    unsigned replies;                            /* enum reply_bit */
    int64_t opened_us, next_step_us, expires_us; /* lane; TIME_NONE when none */
    struct slice rule, state;                    /* alert state name */
    bool identity_mismatch;
    struct slice bytes; /* REPORT: the whole HL7 message */
};

/* Effects of everything decided since the last call, in order; slices live until the next core call.
 * SEND: ring it. NOTICE: a delivery of its own, quiet, that wants a receipt too. CANCEL: `delivery` is the
 * id of an earlier SEND that need not arrive any more. `repeat` is the round of ringing, 0 for a step's
 * first; `next_step_us` is when the plan goes on, as things stand. Texts are those of now, so a later
 * update shows in what is asked for again. REPORT: the same bytes each time, in the order of their ids within
 * a listener; until INPUT_REPORT says that it was taken or refused. */
void core_effects(struct core *c, void (*each)(void *ctx, const struct effect *e), void *ctx);
/* device 0 (restart of delivery): every send and notice still queued or pushed, and every report. One device
 * (reconnect): these, and whatever it has already received of alerts that are still open. */
void core_outstanding(struct core *c, uint64_t device, void (*each)(void *ctx, const struct effect *e),
                      void *ctx);

/* --- state ---------------------------------------------------------------------------------------- */

/* Applies the records of one append read back from the journal. False: unreadable, or a newer version. */
bool core_apply(struct core *c, uint64_t first_position, uint32_t count, struct slice records,
                struct error *err);
void core_snapshot(const struct core *c, struct buf *out);
bool core_restore(struct core *c, struct slice snapshot, struct error *err);
/* Each open alert has a timer, or is accepted without a lease, or is exhausted; the fates sum up to the
 * messages (RELIABILITY L1, L8). For tests and the simulator: walks all open alerts. */
bool core_invariants(const struct core *c, struct error *err);
uint64_t core_state_hash(const struct core *c); /* of the snapshot's bytes: equal states, equal hashes */

/* --- questions: nothing here changes the state ---------------------------------------------------- */

const struct site *core_site(const struct core *c); /* NULL before the first site record */
int64_t core_wall_offset(const struct core *c);
int64_t core_lane_time(const struct core *c); /* of the last record */
bool core_site_hash(const struct core *c,
                    uint8_t hash[32]); /* of the site in force; false before the first */

/* The files of the site in force; empty before the first. Valid until the next decision. */
struct slice core_site_files(const struct core *c);

/* The site versions that were taken, newest first; the first is in force. */
struct version_row {
    uint8_t hash[32];
    uint64_t position; /* of its SITE record, which holds the files */
    int64_t at_us;     /* wall */
    struct slice by, how;
    const struct slice *added, *changed, *removed; /* names of rules, against the one before */
    size_t added_count, changed_count, removed_count;
    uint32_t open; /* alerts that are asked of it; on the newest row of a version that came twice */
};
void core_versions(const struct core *c, struct arena *a, struct version_row **rows, size_t *count);
/* Reads the files out of the SITE record at `position` of an append; false when there is none. */
bool core_site_record(uint64_t first_position, struct slice records, uint64_t position,
                      struct slice *fileset);

struct device_info {
    uint64_t device;
    struct slice holder, label;
    uint8_t ecdh_key[65], ecdsa_key[65];
    bool revoked;
    int64_t enrolled_us, last_receipt_us;
};
bool core_device(const struct core *c, uint64_t device, struct device_info *out);
/* The tokens one after the other; false past the last. */
bool core_token_at(const struct core *c, size_t index, struct slice *listener, struct slice *name,
                   uint8_t hash[32]);
/* Every device ever enrolled, revoked ones too, in the order in which they came. */
void core_devices(const struct core *c, struct arena *a, struct device_info **rows, size_t *count);
bool core_token(const struct core *c, struct slice listener, const uint8_t hash[32], struct slice *name);
/* Is this code known, unused, unexpired and within its attempts? Gives its holder. */
bool core_code(const struct core *c, const uint8_t hash[32], int64_t lane_us, struct slice *holder,
               struct error *err);
/* Is there such a person or desk, and its title. */
bool core_holder(const struct core *c, struct slice name, struct slice *title, bool *is_desk);

/* The name that devices of this person or desk are enrolled under: its own, or that of the person whom a feed
 * calls so. False when there is nobody. Valid until the next decision. */
bool core_holder_named(const struct core *c, struct slice text, struct slice *name);

/* The staff directory as it stands: the site's people, each with what feeds say of them, then those whom only
 * a feed knows. Slices live until the next decision. */
struct staff_line {
    struct slice person;        /* the site's name, or LISTENER:KEY */
    struct slice title, source; /* "site", or the listener that alone knows the person */
    struct slice listener, key; /* the feed's row; empty: no feed says anything */
    const struct slice *ids;
    size_t id_count;
    struct slice department, job, phone, pager, mail, contact, backup, category, specialty;
    struct slice state; /* "active", "away", "deactivated by hr", "removed by hr" */
    bool reachable;
    int64_t off_us, occurred_us; /* wall; TIME_NONE: not announced, no row */
};
void core_staff(const struct core *c, struct arena *a, struct staff_line **rows, size_t *count);

/* The places as they stand: the site's units and beds, then those that only a feed names. */
struct place_line {
    struct slice unit, room, bed, title, source, listener, status;
    struct slice state; /* "active", "closed", "removed" */
    bool known;         /* the site has it */
    int64_t occurred_us;
};
void core_places(const struct core *c, struct arena *a, struct place_line **rows, size_t *count);

/* Until when (wall) this person, at `now_us` (lane), sets this switch on: for `for_text` ("30min"), or as
 * long as the site allows. False: no such switch, the person does not hold the role that sets it, or that is
 * too long. */
bool core_may_switch(const struct core *c, struct slice name, struct slice person, struct slice for_text,
                     int64_t now_us, int64_t *until_us, struct error *err);
/* The switches that are on at `now_us` (lane), in the order in which the site declares them. */
struct switch_line {
    struct slice name, title, by; /* by: a person */
    int64_t until_us;             /* wall */
};
void core_switches(const struct core *c, int64_t now_us, struct arena *a, struct switch_line **rows,
                   size_t *count);

struct alert_row {
    uint64_t alert, number; /* number: in the order in which they opened */
    struct slice state, rule, title, unit, bed, code, taken_by, waiting_for;
    enum event_class class;
    int64_t opened_us, next_us, closed_us;
    uint32_t step, steps, told;
    uint64_t first_position, last_position;
    bool cleared_unseen, exhausted, escalated; /* escalated: a step after the first moment has fired */
    uint8_t site[32];                          /* the version that is asked about its rule */
};
/* Open alerts first, most urgent first; then closed ones still in memory, newest first. */
void core_alerts(const struct core *c, struct arena *a, struct alert_row **rows, size_t *count);
/* By its id's hexadecimal text or a unique prefix of at least 4 characters. */
bool core_alert_find(const struct core *c, struct slice hex, struct alert_row *out, struct error *err);

/* Counters by stable name, in a fixed order: fates (their sum is `messages`), sends, receipts, dead letters,
 * unmatched codes and places with counts. */
struct counter {
    struct slice name;
    uint64_t value;
};
void core_counters(const struct core *c, struct arena *a, struct counter **rows, size_t *count);
/* at_us is wall time. */
struct listed {
    struct slice what, key, where;
    uint64_t count, position;
    int64_t at_us;
};
/* `what` = "quarantine", "dead-letter", "unmatched-code", "unmatched-place", "coverage", "exhausted",
 * "identity-mismatch", "finding": lists for a person to see. */
void core_list(const struct core *c, struct slice what, struct arena *a, struct listed **rows, size_t *count);
/* What explain prints: one line per record about the alert, in order; called with each append in its position
 * range. docs/rules/explain.md has the members. */
void core_explain(const struct core *c, uint64_t alert, uint64_t first_position, struct slice records,
                  struct buf *json_lines);

/* The same with a memory: about one alert, or about all that came of one message and of the alerts it opened;
 * up to a time; and the state that the alert was in by then, from its records alone. */
struct story {
    uint64_t alert;   /* 0: of the message */
    uint64_t message; /* position of its record; 0: of the alert */
    int64_t until_us; /* wall time; INT64_MAX: all of it */
    bool no_receipts; /* leaves them out: a model's phones always give them */
    struct arena *arena;
    /* So far: */
    bool known;       /* at least one record was about it */
    uint64_t *alerts; /* that the message opened */
    size_t alert_count, alert_room;
    size_t going; /* how many of them are neither closed nor exhausted */
    struct slice state, rule, taken_by;
    struct slice *told; /* people and desks, in order */
    size_t told_count, told_room;
    int64_t at_us; /* wall time of the last record */
};
/* Appends the lines of one append; false when a record after `until_us` was met: nothing more comes. */
bool core_story(const struct core *c, struct story *s, uint64_t first_position, struct slice records,
                struct buf *json_lines);
/* One line of type "state". */
void core_story_state(const struct core *c, const struct story *s, struct buf *json_lines);

/* The event behind a row of the list "unowned": looked for in an append that holds the row's position. False:
 * it is not there. Slices borrow `records`. */
bool core_unowned_event(const struct listed *row, struct slice records, struct arena *a, struct event *out);

#endif
