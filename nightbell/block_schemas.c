#include "nightbell/block_schemas.h"

static const char *const TLS[] = { "mutual", "server", NULL };
static const char *const PATIENT[] = { "authority", NULL };
static const char *const STAFF[] = { "reach", NULL };
static const char *const ACK[] = { "by-header", "original", "enhanced", NULL };
static const char *const RELEASE[] = { "1", "2", NULL };
static const char *const ON_BAD[] = { "quarantine", "nak", NULL };
static const char *const SENDS[] = { "starts", "ends", NULL };
static const char *const PROCESSING[] = { "P", "T", "D", NULL };
static const char *const EXPECT[] = { "every", NULL };
static const char *const CLIENT[] = { "token", "certificate", NULL };
static const char *const REPORTS_TLS[] = { "mutual", "server", NULL };
static const char *const RECEIPT[] = { "pushed", NULL };

/* clang-format off */
#define FILES(key, most)  { key, 1, most, NULL, false, FORM_ANY }
#define NUMBER(key)       { key, 1, 1, NULL, false, FORM_NUMBER }
#define WORDS(key, least, most, words) { key, least, most, words, false, FORM_ANY }
#define NEEDED(key)       { key, 1, 1, NULL, true, FORM_ANY }
/* The word alone, without a value. */
#define INSECURE          { "insecure", 0, 0, NULL, false, FORM_ANY }
/* R: how long everybody told may stay silent before the next step opens beside this one; `pushed` for an
 * endpoint that never answers: that it took the message is all we learn. */
#define RECEIPT_TIME      { "receipt", 1, 1, RECEIPT, false, FORM_DURATION }
#define END               { NULL, 0, 0, NULL, false, FORM_ANY }

/* How a listener's messages are read: the same for every protocol. */
#define READING                                                                                              \
    FILES("map", 1), FILES("places", 8), FILES("roles", 8),                                                 \
    WORDS("staff", 2, 2, STAFF),     /* reach ENDPOINT */                                                    \
    WORDS("patient", 2, 3, PATIENT), /* authority CX.4 [CX.5] */                                             \
    WORDS("sends", 1, 2, SENDS), WORDS("processing", 1, 3, PROCESSING),                                      \
    WORDS("on-bad", 1, 1, ON_BAD),                                                                           \
    FILES("charset", 1), FILES("fallback", 1), /* names of table 0211 */                                     \
    { "expect", 2, 2, EXPECT, false, FORM_DURATION } /* every DURATION: silence is an alert */
/* Bounds of one listener: bytes, connections, seconds. The defaults are those of base/limits.h. */
#define BOUNDS { "max-message", 1, 1, NULL, false, FORM_BYTES }, NUMBER("max-connections"), NUMBER("idle")

static const struct setting_schema MLLP[] = {
    NEEDED("on"),
    WORDS("tls", 2, 2, TLS), /* mutual | server FOLDER */
    INSECURE,
    WORDS("ack", 1, 1, ACK),
    WORDS("release", 1, 1, RELEASE), /* of MLLP: 2 has commit acknowledgements */
    /* [always | when-asked] "HOST:PORT": what goes back to the source, on a connection of ours (docs/reports.md) */
    { "reports", 1, 2, NULL, false, FORM_ANY },
    WORDS("reports-tls", 2, 2, REPORTS_TLS), /* mutual | server FOLDER: ca.pem, and our client.pem */
    READING, BOUNDS, END,
};

static const struct setting_schema FHIR[] = {
    NEEDED("on"),
    WORDS("tls", 2, 2, TLS),
    { "client", 1, 2, CLIENT, true, FORM_ANY }, /* token | certificate "CA file" */
    READING, BOUNDS, END,
};

/* Adapters on other hosts, always under CURVE (docs/bus.md). */
static const struct setting_schema BUS[] = {
    NEEDED("on"),
    FILES("client", 1), /* the public keys that may come in */
    FILES("key", 1),    /* our own pair */
    READING, END,
};

static const struct setting_schema INBOX[] = {
    NEEDED("on"), WORDS("tls", 2, 2, TLS), RECEIPT_TIME, NUMBER("max-connections"), NUMBER("idle"), END,
};

static const struct setting_schema JOSE[] = {
    NEEDED("url"),
    NEEDED("key"),           /* the gateway's public JWK, to seal for */
    FILES("answers-key", 1), /* the JWK that its answers are signed with */
    FILES("callback", 1),    /* where its answers come in: HOST:PORT */
    FILES("ca", 1),          /* PEM: whom the gateway's certificate must come from; else the system's */
    WORDS("certificate", 2, 2, NULL), /* ours, and its key, when the gateway asks for one */
    WORDS("tls", 2, 2, TLS),
    INSECURE, RECEIPT_TIME, NUMBER("max-connections"), END,
};

static const struct block_schema SCHEMAS[] = {
    { false, "mllp",  MLLP },
    { false, "fhir",  FHIR },
    { false, "bus",   BUS },
    { true,  "inbox", INBOX },
    { true,  "jose",  JOSE },
};
/* clang-format on */

const struct block_schema *block_schemas(size_t *count)
{
    *count = sizeof SCHEMAS / sizeof *SCHEMAS;
    return SCHEMAS;
}
