/* Which URLs a gateway may have (RELIABILITY.md S8): checked once, when the site gives it. */
#include <string.h>

#include "adapters/jose/jose_parts.h"

static bool is_part(CURLU *u, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(u, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return there;
}

static bool part_is_one(CURLU *u, CURLUPart part, const char *const *values)
{
    char *text = NULL;
    bool one = false;

    if (curl_url_get(u, part, &text, 0) == CURLUE_OK)
        for (; *values != NULL && !one; values++)
            one = strcmp(text, *values) == 0;
    curl_free(text);
    return one;
}

static bool check(CURLU *u, const char *url, bool insecure, struct error *err)
{
    static const char *const https[] = { "https", NULL }, *const http[] = { "http", NULL };
    static const char *const loopback[] = { "127.0.0.1", "[::1]", "localhost", NULL };

    if (strchr(url, ' ') != NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
        return error_set(err, ERROR_VALUE, "the url cannot be read");
    if (is_part(u, CURLUPART_USER) || is_part(u, CURLUPART_PASSWORD) || is_part(u, CURLUPART_FRAGMENT))
        return error_set(err, ERROR_VALUE, "the url may have no user, password or fragment");
    if (part_is_one(u, CURLUPART_SCHEME, https))
        return true;
    if (!part_is_one(u, CURLUPART_SCHEME, http))
        return error_set(err, ERROR_VALUE, "the url must begin with https://");
    if (!insecure || !part_is_one(u, CURLUPART_HOST, loopback))
        return error_set(err, ERROR_VALUE, "http:// is for loopback and needs the word `insecure`");
    return true;
}

bool jose_url_fine(const char *url, bool insecure, struct error *err)
{
    CURLU *u = curl_url();
    bool fine = u != NULL && check(u, url, insecure, err);

    curl_url_cleanup(u);
    return fine || error_set(err, ERROR_VALUE, "the url cannot be read");
}
