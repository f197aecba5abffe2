#include "nightbell/block_schemas.h"

static const char *const TLS[] = { "mutual", "server", NULL };
static const char *const PATIENT[] = { "authority", NULL };
static const char *const ACK[] = { "by-header", "original", "enhanced", NULL };
static const char *const ON_BAD[] = { "quarantine", "nak", NULL };
static const char *const SENDS[] = { "starts", "ends", NULL };
static const char *const PROCESSING[] = { "P", "T", "D", NULL };
static const char *const EXPECT[] = { "every", NULL };
static const char *const CLIENT[] = { "token", "certificate", NULL };
static const char *const DELIVERED[] = { "accepted", "callback", NULL };

/* clang-format off */
/* How a listener's messages are read: the same for every protocol. */
#define READING                                                                                              \
    { "map",        1, 1, NULL,       false },                                                               \
    { "places",     1, 8, NULL,       false },                                                               \
    { "patient",    2, 3, PATIENT,    false }, /* authority CX.4 [CX.5] */                                   \
    { "sends",      1, 2, SENDS,      false },                                                               \
    { "processing", 1, 3, PROCESSING, false },                                                               \
    { "expect",     2, 2, EXPECT,     false }  /* every DURATION: silence is an alert */
/* Bounds of one listener; the defaults are those of base/limits.h. */
#define BOUNDS                                                                                               \
    { "max-message",     1, 1, NULL, false }, /* bytes */                                                    \
    { "max-connections", 1, 1, NULL, false },                                                                \
    { "idle",            1, 1, NULL, false }  /* DURATION */
#define END { NULL, 0, 0, NULL, false }

static const struct setting_schema MLLP[] = {
    { "on",       1, 1, NULL,   true },
    { "tls",      1, 2, TLS,    false }, /* mutual | server FOLDER */
    { "insecure", 0, 0, NULL,   false },
    { "ack",      1, 1, ACK,    false },
    { "on-bad",   1, 1, ON_BAD, false },
    READING, BOUNDS, END,
};

static const struct setting_schema FHIR[] = {
    { "on",     1, 1, NULL,   true },
    { "tls",    1, 2, TLS,    false },
    { "client", 1, 2, CLIENT, true }, /* token | certificate "CA file" */
    READING, BOUNDS, END,
};

static const struct setting_schema INBOX[] = {
    { "on",              1, 1, NULL, true },
    { "tls",             1, 2, TLS,  false },
    { "receipt",         1, 1, NULL, false }, /* R: how long a device may stay silent */
    { "max-connections", 1, 1, NULL, false },
    { "idle",            1, 1, NULL, false },
    END,
};

static const struct setting_schema JOSE[] = {
    { "url",             1, 1, NULL,      true },
    { "key",             1, 1, NULL,      true }, /* the gateway's public JWK */
    { "tls",             1, 2, TLS,       false }, /* our client certificate, or the CA of the gateway */
    { "insecure",        0, 0, NULL,      false },
    { "receipt",         1, 1, NULL,      false },
    { "delivered-on",    1, 1, DELIVERED, false }, /* a 2xx answer, or the gateway's callback */
    { "max-connections", 1, 1, NULL,      false },
    END,
};

static const struct block_schema SCHEMAS[] = {
    { false, "mllp",  MLLP },
    { false, "fhir",  FHIR },
    { true,  "inbox", INBOX },
    { true,  "jose",  JOSE },
};
/* clang-format on */

const struct block_schema *block_schemas(size_t *count)
{
    *count = sizeof SCHEMAS / sizeof *SCHEMAS;
    return SCHEMAS;
}
