/* adapters/net/tls.h - TLS contexts, who is at the other end, and demo certificates (OpenSSL 3).
 *
 * TLS 1.2 and 1.3 only, no renegotiation, no compression, forward-secret AEAD ciphers; no session
 * tickets where client certificates are asked for (RELIABILITY.md S5, RFC 9325). */
#ifndef NIGHTBELL_ADAPTERS_NET_TLS_H
#define NIGHTBELL_ADAPTERS_NET_TLS_H

#include <openssl/ssl.h>

#include "base/error.h"

struct tls_config {
    const char *cert_file;      /* PEM, the chain, leaf first */
    const char *key_file;       /* PEM */
    const char *client_ca_file; /* PEM, or NULL: no client certificate is asked for */
    bool mutual_required;       /* with a client CA: a handshake without a certificate fails */
};

SSL_CTX *tls_server_new(const struct tls_config *config, struct error *err); /* SSL_CTX_free it; or NULL */
/* For clients: trusts `ca_file` (NULL: the system's), shows cert and key if given. Names are checked by
 * whoever connects (SSL_set1_host). */
SSL_CTX *tls_client_new(const char *ca_file, const char *cert_file, const char *key_file, struct error *err);

enum { TLS_FINGERPRINT = 65, TLS_SUBJECT = 256 };
/* SHA-256 of the peer's certificate (DER), 64 lower-case hex digits. False when it showed none, or none
 * that was verified. */
bool tls_peer_fingerprint(SSL *ssl, char out[TLS_FINGERPRINT]);
/* The peer's first DNS name in subjectAltName, else its common name. False as above, or too long. */
bool tls_peer_name(SSL *ssl, char out[TLS_SUBJECT]);
/* The same fingerprint of a certificate file, for setting one up. */
bool tls_file_fingerprint(const char *cert_file, char out[TLS_FINGERPRINT], struct error *err);

/* Makes a demo certificate authority and a server certificate (P-256) in the existing folder `dir`:
 * ca.pem, ca.key, server.pem, server.key; keys have mode 0600. `hosts` ends with NULL; addresses become
 * IP names; localhost, 127.0.0.1 and ::1 are always in it. Existing files are ERROR_CONFLICT. */
bool tls_make_demo(const char *dir, const char *const *hosts, struct error *err);
/* A client certificate by that authority: dir/NAME.pem and dir/NAME.key. NAME: letters, digits, '-'. */
bool tls_make_client(const char *dir, const char *name, struct error *err);

#endif
