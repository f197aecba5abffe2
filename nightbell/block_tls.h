/* nightbell/block_tls.h - the TLS context that a listener's or endpoint's block asks for.
 *
 * `tls server FOLDER`: FOLDER/server.pem and server.key, in the site. `tls mutual FOLDER`:
 * senders show a certificate by FOLDER/ca.pem. `client certificate FILE`: by that authority. */
#ifndef NIGHTBELL_NIGHTBELL_BLOCK_TLS_H
#define NIGHTBELL_NIGHTBELL_BLOCK_TLS_H

#include "adapters/net/tls.h"
#include "base/error.h"
#include "rules/site/site.h"

bool block_has_tls(const struct block *b);
/* True when `client certificate FILE` is set: a handshake without a certificate then fails. `out`: FILE in
 * the site. */
bool block_client_ca(const struct block *b, const char *site_dir, char *out, size_t room);
/* For a block that has tls. NULL: a file is missing or wrong; the error names the block. SSL_CTX_free it. */
SSL_CTX *block_tls(const struct block *b, const char *site_dir, struct error *err);
/* For a block that has reports-tls: our side of the connection to its source. FOLDER/ca.pem signs the
 * source's certificate; with `mutual` we show FOLDER/client.pem and client.key. */
SSL_CTX *block_reports_tls(const struct block *b, const char *site_dir, struct error *err);
bool block_has_reports_tls(const struct block *b);
uint64_t block_reports_tls_mark(const struct block *b, const char *site_dir); /* as block_tls_mark */

/* Before a site is taken: every certificate that its blocks name or need can be loaded. */
bool block_tls_check_all(const struct site *site, const char *site_dir, struct error *err);

/* Changes when a file that the block's tls names does: SIGHUP is how new certificates are taken. */
uint64_t block_tls_mark(const struct block *b, const char *site_dir);

#endif
