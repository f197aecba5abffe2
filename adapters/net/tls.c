#include "adapters/net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

/* RFC 9325 section 4.2: forward secrecy and AEAD. TLS 1.3 has its own list, all of which are both. */
static const char CIPHERS[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* OpenSSL's reason names no secret: it is about files and formats. */
static bool failed(struct error *err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return error_set(err, ERROR_CRYPTO, "tls: %s (%s)", what, reason != NULL ? reason : "no reason given");
}

static SSL_CTX *context_new(const SSL_METHOD *method, struct error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (ctx == NULL || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1 ||
        SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") != 1) {
        failed(err, "no context");
        SSL_CTX_free(ctx);
        return NULL;
    }
    SSL_CTX_set_options(ctx,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Buffers of idle connections are given back: 10 KB less for each event stream (LIMITS.md section 3). */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return ctx;
}

static bool use_identity(SSL_CTX *ctx, const char *cert_file, const char *key_file, struct error *err)
{
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        return failed(err, "the certificate cannot be read");
    if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        return failed(err, "the key cannot be read, or is not of this certificate");
    return true;
}

static bool ask_for_client(SSL_CTX *ctx, const struct tls_config *config, struct error *err)
{
    if (config->client_ca_file == NULL)
        return true;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(config->client_ca_file);
    if (names == NULL || SSL_CTX_load_verify_locations(ctx, config->client_ca_file, NULL) != 1)
        return failed(err, "the client CA cannot be read");
    SSL_CTX_set_client_CA_list(ctx, names);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (config->mutual_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
    /* A resumed session would carry an old verdict on the certificate. */
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return true;
}

SSL_CTX *tls_server_new(const struct tls_config *config, struct error *err)
{
    static const unsigned char id[] = "nightbell";
    SSL_CTX *ctx = context_new(TLS_server_method(), err);
    if (ctx == NULL)
        return NULL;
    if (SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1) != 1 ||
        !use_identity(ctx, config->cert_file, config->key_file, err) || !ask_for_client(ctx, config, err)) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

SSL_CTX *tls_client_new(const char *ca_file, const char *cert_file, const char *key_file, struct error *err)
{
    SSL_CTX *ctx = context_new(TLS_client_method(), err);
    if (ctx == NULL)
        return NULL;
    bool trusted = ca_file != NULL ? SSL_CTX_load_verify_locations(ctx, ca_file, NULL) == 1
                                   : SSL_CTX_set_default_verify_paths(ctx) == 1;
    if (!trusted)
        failed(err, "the trusted certificates cannot be read");
    if (!trusted || (cert_file != NULL && !use_identity(ctx, cert_file, key_file, err))) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    return ctx;
}

static bool fingerprint(const X509 *cert, char out[TLS_FINGERPRINT])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (X509_digest(cert, EVP_sha256(), digest, &len) != 1 || len != 32)
        return false;
    for (unsigned i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[64] = '\0';
    return true;
}

static X509 *verified_peer(SSL *ssl)
{
    X509 *cert = ssl != NULL && SSL_is_init_finished(ssl) ? SSL_get1_peer_certificate(ssl) : NULL;
    if (cert != NULL && SSL_get_verify_result(ssl) != X509_V_OK) {
        X509_free(cert);
        cert = NULL;
    }
    return cert;
}

bool tls_peer_fingerprint(SSL *ssl, char out[TLS_FINGERPRINT])
{
    X509 *cert = verified_peer(ssl);
    bool ok = cert != NULL && fingerprint(cert, out);
    X509_free(cert);
    return ok;
}

static bool copy_name(const ASN1_STRING *text, char out[TLS_SUBJECT])
{
    const unsigned char *p = text != NULL ? ASN1_STRING_get0_data(text) : NULL;
    int len = text != NULL ? ASN1_STRING_length(text) : 0;
    if (p == NULL || len <= 0 || len >= TLS_SUBJECT || memchr(p, '\0', (size_t)len) != NULL)
        return false;
    memcpy(out, p, (size_t)len);
    out[len] = '\0';
    return true;
}

bool tls_peer_name(SSL *ssl, char out[TLS_SUBJECT])
{
    X509 *cert = verified_peer(ssl);
    bool found = false;
    if (cert == NULL)
        return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
        found = n->type == GEN_DNS && copy_name(n->d.dNSName, out);
    }
    GENERAL_NAMES_free(names);
    if (!found) {
        const X509_NAME *subject = X509_get_subject_name(cert);
        int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
        found = at >= 0 && copy_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), out);
    }
    X509_free(cert);
    return found;
}

bool tls_file_fingerprint(const char *cert_file, char out[TLS_FINGERPRINT], struct error *err)
{
    BIO *bio = BIO_new_file(cert_file, "r");
    X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool ok = cert != NULL && fingerprint(cert, out);
    X509_free(cert);
    BIO_free(bio);
    return ok || failed(err, "the certificate cannot be read");
}
