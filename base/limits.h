/* base/limits.h - every named limit of the program, once.
 *
 * Passing one is an error (ERROR_LIMIT) whose text carries the name in the second column; nothing is
 * cut silently. docs/limits.md is made from this table (script/docs); a test compares them. Listeners
 * may lower or raise those marked "per listener" in the site. */
#ifndef NIGHTBELL_BASE_LIMITS_H
#define NIGHTBELL_BASE_LIMITS_H

/* clang-format off */
/*        identifier              name in errors           value        unit / what it bounds */
#define LIMITS(X)                                                                                          \
    X(LIMIT_MESSAGE_BYTES,        "message-bytes",         4194304,     "bytes of one HL7 v2 message or HTTP body; per listener") \
    X(LIMIT_MAX_MESSAGE,          "max-message",           67108864,    "bytes that a listener's max-message can ask for") \
    X(LIMIT_MESSAGE_SEGMENTS,     "message-segments",      200000,      "segments of one HL7 v2 message")  \
    X(LIMIT_FIELDS,               "fields",                4000,        "fields of one segment")           \
    X(LIMIT_EVENTS_PER_MESSAGE,   "events-per-message",    5000,        "canonical events from one message") \
    X(LIMIT_ROLES_PER_MESSAGE,    "roles-per-message",     500,         "people whom ROL and PRT of one message name for its patients") \
    X(LIMIT_EVENT_BYTES,          "event-bytes",           65536,       "bytes of all texts of one canonical event, or of one change of the census") \
    X(LIMIT_MASTER_BYTES,         "master-bytes",          2097152,     "bytes of all rows of one master file message (MFN)") \
    X(LIMIT_CONNECTIONS,          "connections",           1000,        "connections of one listener; per listener") \
    X(LIMIT_CONNECTIONS_PER_PEER, "connections-per-peer",  200,         "connections of one address to one listener") \
    X(LIMIT_INFLIGHT,             "inflight",              256,         "unacknowledged messages of one connection; reading stops, no error") \
    X(LIMIT_IDLE_S,               "idle-seconds",          3600,        "seconds without a byte before a connection is closed; per listener") \
    X(LIMIT_FRAME_S,              "frame-seconds",         60,          "seconds from the first byte of a message to its last") \
    X(LIMIT_HTTP_HEADER_BYTES,    "http-header-bytes",     16384,       "bytes of the request line and headers") \
    X(LIMIT_HTTP_REQUEST_S,       "http-request-seconds",  30,          "seconds for one whole HTTP request") \
    X(LIMIT_FHIR_DEPTH,           "fhir-depth",            64,          "levels of nesting in JSON or XML") \
    X(LIMIT_FHIR_NODES,           "fhir-nodes",            200000,      "elements of one FHIR document")   \
    X(LIMIT_BUNDLE_ENTRIES,       "bundle-entries",        1000,        "entries of one Bundle")           \
    X(LIMIT_BUS_FRAME_BYTES,      "bus-frame-bytes",       150994944,   "bytes of one bus frame; twice max-message and what stands round it")          \
    X(LIMIT_ADAPTER_FRAME_BYTES,  "adapter-frame-bytes",   16777216,    "bytes of one bus frame from another host") \
    X(LIMIT_BUS_FRAME_ITEMS,      "bus-frame-items",       1024,        "items of one bus frame")          \
    X(LIMIT_BUS_CREDIT_ITEMS,     "bus-credit-items",      8192,        "items a peer may have unanswered; reading stops, no error") \
    X(LIMIT_BUS_CREDIT_BYTES,     "bus-credit-bytes",      67108864,    "bytes a peer may have unanswered; reading stops, no error") \
    X(LIMIT_APPEND_BYTES,         "append-bytes",          150994944,   "bytes of one journal append")     \
    X(LIMIT_DUPLICATES,           "duplicates",            1000000,     "message keys kept for 24 h; past it the oldest leave early, counted") \
    X(LIMIT_OPEN_ALERTS,          "open-alerts",           20000,       "open alerts of one lane")         \
    X(LIMIT_DEVICES,              "devices",               20000,       "enrolled devices")                \
    X(LIMIT_DEVICES_PER_HOLDER,   "devices-per-holder",    16,          "enrolled devices of one person or desk") \
    X(LIMIT_SSE_QUEUE_BYTES,      "sse-queue-bytes",       262144,      "bytes waiting for one inbox stream; the stream is closed") \
    X(LIMIT_STREAMS,              "streams",               10000,       "open inbox streams")              \
    X(LIMIT_ENROL_ATTEMPTS,       "enrol-attempts",        5,           "wrong codes from one address in ten minutes; and for one code") \
    X(LIMIT_SITE_FILES,           "site-files",            2000,        "files of a site")                 \
    X(LIMIT_SITE_BYTES,           "site-bytes",            33554432,    "bytes of all files of a site")    \
    X(LIMIT_SITE_VERSIONS,        "site-versions",         8,           "site versions kept for open alerts beside the newest; past it the alerts of the oldest adopt the newest, recorded") \
    X(LIMIT_SITE_HISTORY,         "site-history",          64,          "site versions that are listed and can be gone back to; older ones stand in the journal") \
    X(LIMIT_RULE_CONJUNCTS,       "rule-conjuncts",        64,          "conjuncts of one rule after expansion") \
    X(LIMIT_RULE_STEPS,           "rule-steps",            32,          "steps of one plan")               \
    X(LIMIT_RULE_REPEATS,         "rule-repeats",          1000,        "repeats of one plan in total")    \
    X(LIMIT_EXPLAINED_RULES,      "explained-rules",       64,          "rules that the record of a decision names; the others are counted") \
    X(LIMIT_EXPLAINED_ELSEWHERE,  "explained-elsewhere",   8,           "rules of the code but of other places that the record of a decision names; where there are more, they are counted") \
    X(LIMIT_CLAUSE_FIELDS,        "clause-fields",         16,          "fields of one dedupe, bundle or suppress") \
    X(LIMIT_SUPPRESS_NAMES,       "suppress-names",        500,         "rules and codes of one suppress, sets counted out") \
    X(LIMIT_BUNDLE_MEMBERS,       "bundle-members",        500,         "alerts that are joined with one other; the next one goes alone") \
    X(LIMIT_SURPLUS,              "surplus",               200,         "alerts that wait for one summary; the next one is sent by itself") \
    X(LIMIT_RULE_SENDS,           "rule-sends",            20000,       "sends to people and desks that one event can make a rule do, repeats counted") \
    X(LIMIT_ROSTER_ENTRIES,       "roster-entries",        20000,       "turns of one rota from a file, repetitions told one by one") \
    X(LIMIT_ROSTER_REPEATS,       "roster-repeats",        1000,        "repeating events of one calendar file") \
    X(LIMIT_ROSTER_ZONES,         "roster-zones",          64,          "time zones of one calendar file, and changes that it tells of them") \
    X(LIMIT_NESTING,              "nesting",               32,          "levels of parentheses in a rule") \
    X(LIMIT_LOCK_CHARS,           "lock-characters",       40,          "characters of a lock screen text") \
    X(LIMIT_FULL_CHARS,           "full-characters",       160,         "characters of a full text")       \
    X(LIMIT_MERGED_IDS,           "merged-ids",            65536,       "patient ids that were merged away; past it the oldest are forgotten") \
    X(LIMIT_STAFF_ROWS,           "staff-rows",            100000,      "people that staff feeds describe; past it a new one is not taken, counted, listed") \
    X(LIMIT_PLACE_ROWS,           "place-rows",            20000,       "places that feeds describe; past it a new one is not taken, counted, listed") \
    X(LIMIT_FEED_ASSIGNMENTS,     "feed-assignments",      20000,       "assignments that stand, of people and of feeds; past it a feed makes none, counted, listed") \
    X(LIMIT_OPEN_REPORTS,         "open-reports",          10000,       "reports that wait for one source; past it the newest is dropped, counted, listed") \
    X(LIMIT_REPORT_STALLED_S,     "report-stalled-seconds", 300,        "seconds that a source may take no report before a technical alert says so") \
    X(LIMIT_DELIVERY_ATTEMPTS,    "delivery-attempts",     60,          "attempts for one delivery before it is a dead letter") \
    X(LIMIT_COMPARED_ALERTS,      "compared-alerts",       1000000,     "alerts of one replay or shadow under other rules") \
    X(LIMIT_CONTROL_BYTES,        "control-bytes",         1048576,     "bytes of one control request")
/* clang-format on */

enum limit {
#define X(id, name, value, what) id = (value),
    LIMITS(X)
#undef X
};

#endif
