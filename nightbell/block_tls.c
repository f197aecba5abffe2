#include "nightbell/block_tls.h"

#include <stdio.h>
#include <sys/stat.h>

enum { PATH_ROOM = 1200 };

bool block_has_tls(const struct block *b)
{
    const struct setting *tls = block_setting(b, SLICE("tls"));

    return tls != NULL && tls->value_count > 0;
}

bool block_client_ca(const struct block *b, const char *site_dir, char *out, size_t room)
{
    const struct setting *client = block_setting(b, SLICE("client"));

    if (client == NULL || client->value_count < 2 || !slice_is(client->values[0], "certificate"))
        return false;
    snprintf(out, room, "%s/%.*s", site_dir, SLICE_ARG(client->values[1]));
    return true;
}

SSL_CTX *block_tls(const struct block *b, const char *site_dir, struct error *err)
{
    const struct setting *tls = block_setting(b, SLICE("tls"));
    struct slice folder = tls->values[tls->value_count - 1];
    char cert[PATH_ROOM], key[PATH_ROOM], ca[PATH_ROOM];
    struct error why = { .code = ERROR_NONE };
    struct tls_config c = { .cert_file = cert, .key_file = key };

    snprintf(cert, sizeof cert, "%s/%.*s/server.pem", site_dir, SLICE_ARG(folder));
    snprintf(key, sizeof key, "%s/%.*s/server.key", site_dir, SLICE_ARG(folder));
    snprintf(ca, sizeof ca, "%s/%.*s/ca.pem", site_dir, SLICE_ARG(folder));
    c.mutual_required = (tls->value_count > 1 && slice_is(tls->values[0], "mutual")) ||
                        block_client_ca(b, site_dir, ca, sizeof ca);
    c.client_ca_file = c.mutual_required ? ca : NULL;
    SSL_CTX *ctx = tls_server_new(&c, &why);
    if (ctx == NULL)
        error_set(err, why.code, "%.*s: %.120s", SLICE_ARG(b->name), why.message);
    return ctx;
}

static uint64_t files_mark(struct slice folder, const char *site_dir, const char *const *files)
{
    char path[PATH_ROOM];
    struct stat about;
    uint64_t mark = 0;

    for (; *files != NULL; files++) {
        snprintf(path, sizeof path, "%s/%.*s/%s", site_dir, SLICE_ARG(folder), *files);
        if (stat(path, &about) == 0)
            mark = mark * 31 + (uint64_t)about.st_ino + (uint64_t)about.st_size +
                   (uint64_t)about.st_mtim.tv_sec + (uint64_t)about.st_mtim.tv_nsec;
    }
    return mark;
}

uint64_t block_tls_mark(const struct block *b, const char *site_dir)
{
    static const char *const files[] = { "server.pem", "server.key", "ca.pem", NULL };
    const struct setting *tls = block_setting(b, SLICE("tls"));

    return block_has_tls(b) ? files_mark(tls->values[tls->value_count - 1], site_dir, files) : 0;
}

bool block_has_reports_tls(const struct block *b)
{
    const struct setting *tls = block_setting(b, SLICE("reports-tls"));

    return tls != NULL && tls->value_count == 2;
}

uint64_t block_reports_tls_mark(const struct block *b, const char *site_dir)
{
    static const char *const files[] = { "client.pem", "client.key", "ca.pem", NULL };
    const struct setting *tls = block_setting(b, SLICE("reports-tls"));

    return block_has_reports_tls(b) ? files_mark(tls->values[1], site_dir, files) : 0;
}

SSL_CTX *block_reports_tls(const struct block *b, const char *site_dir, struct error *err)
{
    const struct setting *tls = block_setting(b, SLICE("reports-tls"));
    char cert[PATH_ROOM], key[PATH_ROOM], ca[PATH_ROOM];
    struct error why = { .code = ERROR_NONE };
    bool mutual = slice_is(tls->values[0], "mutual");

    snprintf(cert, sizeof cert, "%s/%.*s/client.pem", site_dir, SLICE_ARG(tls->values[1]));
    snprintf(key, sizeof key, "%s/%.*s/client.key", site_dir, SLICE_ARG(tls->values[1]));
    snprintf(ca, sizeof ca, "%s/%.*s/ca.pem", site_dir, SLICE_ARG(tls->values[1]));
    SSL_CTX *ctx = tls_client_new(ca, mutual ? cert : NULL, mutual ? key : NULL, &why);
    if (ctx == NULL)
        error_set(err, why.code, "%.*s: reports: %.120s", SLICE_ARG(b->name), why.message);
    return ctx;
}

/* Everything that comes in by HTTP; only a site that says `demo yes` gets a certificate made on the spot. */
static bool needs_tls(const struct block *b)
{
    return slice_is(b->kind, "fhir") || slice_is(b->kind, "inbox") || slice_is(b->kind, "jose");
}

bool block_tls_check_all(const struct site *site, const char *site_dir, struct error *err)
{
    for (size_t i = 0; i < site->block_count; i++) {
        const struct block *b = &site->blocks[i];
        if (block_has_reports_tls(b)) {
            SSL_CTX *client = block_reports_tls(b, site_dir, err);
            if (client == NULL)
                return false;
            SSL_CTX_free(client);
        }
        bool serves =
            !b->endpoint || slice_is(b->kind, "inbox") || block_setting(b, SLICE("callback")) != NULL;
        if (serves && !block_has_tls(b) && !site->demo && needs_tls(b))
            return error_set(err, ERROR_MISSING,
                             "%.*s: `tls server \"FOLDER\"` with server.pem and server.key is needed",
                             SLICE_ARG(b->name));
        if (!serves || !block_has_tls(b))
            continue;
        SSL_CTX *ctx = block_tls(b, site_dir, err);
        if (ctx == NULL)
            return false;
        SSL_CTX_free(ctx);
    }
    return true;
}
