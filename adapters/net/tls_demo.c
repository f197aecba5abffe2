/* Demo certificates: an authority, a server, clients. For demos and tests; a hospital brings its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/net/tls.h"
#include "base/buf.h"

enum { DEMO_DAYS = 390 }; /* browsers refuse server certificates of more than 398 days */

struct identity {
    EVP_PKEY *key;
    X509 *cert;
};

static void identity_free(struct identity *i)
{
    EVP_PKEY_free(i->key);
    X509_free(i->cert);
}

static bool failed(struct error *err, const char *what)
{
    ERR_clear_error();
    return error_set(err, ERROR_CRYPTO, "demo certificate: %s", what);
}

static bool extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

static bool set_serial(X509 *cert)
{
    unsigned char raw[16];
    BIGNUM *n = RAND_bytes(raw, sizeof raw) == 1 ? BN_bin2bn(raw, sizeof raw, NULL) : NULL;
    bool ok =
        n != NULL && BN_clear_bit(n, 127) >= 0 && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return ok;
}

/* A certificate still without extensions and signature; an hour back, for clocks that differ. */
static bool identity_begin(struct identity *i, const char *name, const X509 *issuer)
{
    i->key = EVP_EC_gen("P-256");
    i->cert = X509_new();
    if (i->key == NULL || i->cert == NULL || X509_set_version(i->cert, X509_VERSION_3) != 1)
        return false;
    X509_NAME *subject = X509_get_subject_name(i->cert);
    return set_serial(i->cert) && X509_gmtime_adj(X509_getm_notBefore(i->cert), -3600) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(i->cert), DEMO_DAYS, 0, NULL) != NULL &&
           X509_set_pubkey(i->cert, i->key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) ==
               1 &&
           X509_set_issuer_name(i->cert, issuer != NULL ? X509_get_subject_name(issuer) : subject) == 1;
}

static bool make_authority(struct identity *ca, struct error *err)
{
    return (identity_begin(ca, "Nightbell demo authority", NULL) &&
            extend(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
            extend(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
            extend(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
            X509_sign(ca->cert, ca->key, EVP_sha256()) > 0) ||
           failed(err, "the authority cannot be made");
}

static bool make_leaf(struct identity *leaf, const struct identity *ca, const char *name, const char *usage,
                      const char *alt_names, struct error *err)
{
    return (identity_begin(leaf, name, ca->cert) &&
            extend(leaf->cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
            extend(leaf->cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
            extend(leaf->cert, ca->cert, NID_ext_key_usage, usage) &&
            extend(leaf->cert, ca->cert, NID_subject_key_identifier, "hash") &&
            extend(leaf->cert, ca->cert, NID_authority_key_identifier, "keyid") &&
            extend(leaf->cert, ca->cert, NID_subject_alt_name, alt_names) &&
            X509_sign(leaf->cert, ca->key, EVP_sha256()) > 0) ||
           failed(err, "the certificate cannot be made");
}

static bool path_make(char out[512], const char *dir, const char *name, const char *suffix, struct error *err)
{
    int len = snprintf(out, 512, "%s/%s%s", dir, name, suffix);
    return (len > 0 && len < 512) ||
           error_set(err, ERROR_VALUE, "demo certificate: the folder's name is too long");
}

static FILE *create(const char *path, mode_t mode, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (f == NULL && fd >= 0)
        close(fd);
    if (f == NULL)
        error_set(err, errno == EEXIST ? ERROR_CONFLICT : ERROR_IO,
                  "demo certificate: a file cannot be made (%s)", strerror(errno));
    return f;
}

static bool store(const struct identity *i, const X509 *chain, const char *dir, const char *name,
                  struct error *err)
{
    char cert_path[512], key_path[512];
    if (!path_make(cert_path, dir, name, ".pem", err) || !path_make(key_path, dir, name, ".key", err))
        return false;
    FILE *key = create(key_path, 0600, err);
    FILE *cert = key != NULL ? create(cert_path, 0644, err) : NULL;
    bool ok = cert != NULL && PEM_write_PrivateKey(key, i->key, NULL, NULL, 0, NULL, NULL) == 1 &&
              PEM_write_X509(cert, i->cert) == 1 && (chain == NULL || PEM_write_X509(cert, chain) == 1);
    if (key != NULL)
        ok = fclose(key) == 0 && ok;
    if (cert != NULL)
        ok = fclose(cert) == 0 && ok;
    return ok || error_set(err, ERROR_IO, "demo certificate: writing failed");
}

static void put_host(struct buf *names, const char *host)
{
    unsigned char raw[16];
    bool address = inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1;
    buf_printf(names, ",%s:%s", address ? "IP" : "DNS", host);
}

/* A name goes into OpenSSL's little extension language: nothing of its syntax may be in it. */
static bool name_plain(const char *s)
{
    return s[0] != '\0' && strlen(s) < 254 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:") == strlen(s);
}

bool tls_make_demo(const char *dir, const char *const *hosts, struct error *err)
{
    struct identity ca = { NULL, NULL }, server = { NULL, NULL };
    struct buf names = buf_make(65536);
    bool ok = true;
    buf_text(&names, "DNS:localhost,IP:127.0.0.1,IP:::1");
    for (size_t i = 0; hosts != NULL && hosts[i] != NULL && ok; i++) {
        ok = name_plain(hosts[i]) || error_set(err, ERROR_VALUE, "demo certificate: not a host name");
        if (ok && strcmp(hosts[i], "localhost") != 0 && strcmp(hosts[i], "127.0.0.1") != 0)
            put_host(&names, hosts[i]);
    }
    buf_u8(&names, 0);
    ok = ok && !names.failed && make_authority(&ca, err) &&
         make_leaf(&server, &ca, "Nightbell demo server", "serverAuth", names.ptr, err) &&
         store(&ca, NULL, dir, "ca", err) && store(&server, NULL, dir, "server", err);
    identity_free(&ca);
    identity_free(&server);
    buf_free(&names);
    return ok;
}

static bool load_authority(struct identity *ca, const char *dir, struct error *err)
{
    char cert_path[512], key_path[512];
    if (!path_make(cert_path, dir, "ca", ".pem", err) || !path_make(key_path, dir, "ca", ".key", err))
        return false;
    FILE *cert = fopen(cert_path, "re"), *key = fopen(key_path, "re");
    if (cert != NULL && key != NULL) {
        ca->cert = PEM_read_X509(cert, NULL, NULL, NULL);
        ca->key = PEM_read_PrivateKey(key, NULL, NULL, NULL);
    }
    if (cert != NULL)
        fclose(cert);
    if (key != NULL)
        fclose(key);
    return (ca->cert != NULL && ca->key != NULL) || failed(err, "the authority cannot be read");
}

bool tls_make_client(const char *dir, const char *name, struct error *err)
{
    struct identity ca = { NULL, NULL }, client = { NULL, NULL };
    char alt[300];
    if (!name_plain(name) || strpbrk(name, ".:") != NULL || strcmp(name, "ca") == 0 ||
        strcmp(name, "server") == 0)
        return error_set(err, ERROR_VALUE, "demo certificate: a client's name is letters, digits and '-'");
    snprintf(alt, sizeof alt, "DNS:%s", name);
    bool ok = load_authority(&ca, dir, err) && make_leaf(&client, &ca, name, "clientAuth", alt, err) &&
              store(&client, NULL, dir, name, err);
    identity_free(&ca);
    identity_free(&client);
    return ok;
}
