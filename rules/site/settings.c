/* What can be said about a block's settings without its adapter: keys and counts by the adapter's
 * schema, addresses, and plain text that leaves the machine. */
#include "base/limits.h"
#include "rules/site/build.h"

#include <string.h>

static const struct block_schema *schema_of(const struct builder *b, const struct block *block)
{
    for (size_t i = 0; i < b->schema_count; i++)
        if (b->schemas[i].endpoint == block->endpoint && slice_is(block->kind, b->schemas[i].kind))
            return &b->schemas[i];
    return NULL;
}

static const struct setting_schema *setting_of(const struct block_schema *schema, struct slice key)
{
    for (const struct setting_schema *s = schema->settings; s->key != NULL; s++)
        if (slice_is(key, s->key))
            return s;
    return NULL;
}

static void unknown_kind(struct builder *b, const struct block *block)
{
    const char *what = block->endpoint ? "endpoint" : "listener";
    struct names kinds = { NULL, 0, 0 };
    struct slice near;

    for (size_t i = 0; i < b->schema_count; i++)
        if (b->schemas[i].endpoint == block->endpoint)
            names_add(&kinds, b->arena, slice_of(b->schemas[i].kind));
    near = diagnose_nearest(block->kind, kinds.list, kinds.count);
    diagnose(b->d, SEVERITY_ERROR, SITE_UNKNOWN, block->at, "this version has no %s of kind \"%.*s\"", what,
             SLICE_ARG(block->kind));
    if (near.len > 0)
        diagnose_hint(b->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
}

static void unknown_key(struct builder *b, const struct block *block, const struct block_schema *schema,
                        const struct setting *s)
{
    struct names keys = { NULL, 0, 0 };
    struct slice near;

    for (const struct setting_schema *k = schema->settings; k->key != NULL; k++)
        names_add(&keys, b->arena, slice_of(k->key));
    near = diagnose_nearest(s->key, keys.list, keys.count);
    diagnose(b->d, SEVERITY_ERROR, SITE_KEY, s->at, "%s %.*s has no setting \"%.*s\"",
             block->endpoint ? "endpoint" : "listen", SLICE_ARG(block->kind), SLICE_ARG(s->key));
    if (near.len > 0)
        diagnose_hint(b->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
}

static bool word_allowed(const char *const *words, struct slice word)
{
    for (; *words != NULL; words++)
        if (slice_is(word, *words))
            return true;
    return false;
}

static void hint_words(struct builder *b, const char *const *words)
{
    struct buf text = buf_make(256);

    for (size_t i = 0; words[i] != NULL; i++)
        buf_printf(&text, "%s%s", i > 0 ? ", " : "", words[i]);
    diagnose_hint(b->d, "one of: %.*s", SLICE_ARG(buf_slice(&text)));
    buf_free(&text);
}

static bool is_duration(struct slice s)
{
    static const char *const units[] = { "s", "min", "h", "d", NULL };
    size_t digits = 0;
    uint32_t n;

    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
        digits++;
    return slice_to_u32(slice_sub(s, 0, digits), &n) && n > 0 &&
           word_allowed(units, slice_sub(s, digits, s.len));
}

static bool value_fits(const struct setting_schema *k, struct slice value)
{
    uint32_t n;

    if (k->first != NULL && word_allowed(k->first, value))
        return true;
    if (k->form == FORM_NUMBER || k->form == FORM_BYTES)
        return slice_to_u32(value, &n) && n > 0 && (k->form == FORM_NUMBER || n <= LIMIT_MAX_MESSAGE);
    return k->form == FORM_DURATION ? is_duration(value) : k->first == NULL;
}

static void check_values(struct builder *b, const struct setting_schema *k, const struct setting *s)
{
    if (s->value_count < k->least || s->value_count > k->most) {
        diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, s->at, "\"%s\" takes %u to %u values, not %zu", k->key,
                 k->least, k->most, s->value_count);
        return;
    }
    /* `expect every 60s`: after the word comes the duration. */
    size_t bad = s->value_count == 0 || value_fits(k, s->values[0]) ? s->value_count : 0;
    for (size_t i = 1; i < s->value_count && bad == s->value_count && k->form == FORM_DURATION; i++)
        if (!is_duration(s->values[i]))
            bad = i;
    if (bad == s->value_count)
        return;
    diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, s->at, "\"%s\" cannot be \"%.*s\"", k->key,
             SLICE_ARG(s->values[bad]));
    if (k->form == FORM_NUMBER)
        diagnose_hint(b->d, "write a whole number above 0");
    else if (k->form == FORM_BYTES)
        diagnose_hint(b->d, "write a number of bytes from 1 to %d (max-message)", LIMIT_MAX_MESSAGE);
    else if (k->form == FORM_DURATION)
        diagnose_hint(b->d, "write a duration, for example 8s or 2min");
    else
        hint_words(b, k->first);
}

static void check_settings(struct builder *b, const struct block *block, const struct block_schema *schema)
{
    for (size_t i = 0; i < block->setting_count; i++) {
        const struct setting *s = &block->settings[i];
        const struct setting_schema *k = setting_of(schema, s->key);

        if (k == NULL) {
            unknown_key(b, block, schema, s);
            continue;
        }
        if (block_setting(block, s->key) != s)
            diagnose(b->d, SEVERITY_ERROR, SITE_KEY, s->at, "\"%s\" stands twice in this block", k->key);
        check_values(b, k, s);
    }
    for (const struct setting_schema *k = schema->settings; k->key != NULL; k++)
        if (k->required && block_setting(block, slice_of(k->key)) == NULL) {
            diagnose(b->d, SEVERITY_ERROR, SITE_REQUIRED, block->at, "%.*s \"%.*s\" needs \"%s\"",
                     SLICE_ARG(block->kind), SLICE_ARG(block->name), k->key);
            diagnose_hint(b->d, "add it inside the braces");
        }
}

/* "127.0.0.1:2575", "[::1]:2575", "localhost:0", "tcp://127.0.0.1:5671". */
static bool split_address(struct slice address, struct slice *host, uint32_t *port)
{
    size_t colon;

    if (slice_starts(address, SLICE("tcp://"))) /* as the bus spells it */
        address = slice_sub(address, 6, address.len);
    colon = address.len;
    while (colon > 0 && address.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || !slice_to_u32(slice_sub(address, colon, address.len), port) || *port > 65535)
        return false;
    *host = slice_sub(address, 0, colon - 1);
    if (host->ptr[0] == '[') {
        if (host->len < 4 || host->ptr[host->len - 1] != ']')
            return false;
        *host = slice_sub(*host, 1, host->len - 2);
        return true;
    }
    return slice_find(*host, ':') == host->len;
}

static bool is_loopback(struct slice host)
{
    return slice_starts(host, SLICE("127.")) || slice_is(host, "::1") ||
           slice_eq_nocase(host, SLICE("localhost"));
}

/* The host of "http://host[:port]/..."; false when it is not plain http. */
static bool plain_url_host(struct slice url, struct slice *host)
{
    struct slice rest = url, authority;
    uint32_t port;

    if (!slice_eq_nocase(slice_sub(url, 0, 7), SLICE("http://")))
        return false;
    rest = slice_sub(url, 7, url.len);
    authority = slice_cut(&rest, '/');
    if (!split_address(authority, host, &port))
        *host = authority;
    return true;
}

static void report_plain(struct builder *b, const struct block *block, const struct setting *at)
{
    diagnose(b->d, SEVERITY_ERROR, SITE_PLAIN, at->at,
             "%.*s would carry patient data in plain text off this machine", SLICE_ARG(block->name));
    diagnose_hint(b->d, block->endpoint
                            ? "use an https:// address, or write the word insecure into the block"
                            : "add tls mutual \"FOLDER\", or write the word insecure into the block");
}

/* Only a kind that knows the word `insecure` can run without TLS; the others always have it. */
static void check_plain(struct builder *b, const struct block *block, const struct block_schema *schema)
{
    const struct setting *on = block_setting(block, SLICE("on")), *url = block_setting(block, SLICE("url"));
    struct slice host;
    uint32_t port;

    if (setting_of(schema, SLICE("insecure")) == NULL || block_setting(block, SLICE("insecure")) != NULL)
        return;
    if (url != NULL && url->value_count > 0 && plain_url_host(url->values[0], &host) && !is_loopback(host))
        report_plain(b, block, url);
    if (on != NULL && on->value_count > 0 && block_setting(block, SLICE("tls")) == NULL &&
        split_address(on->values[0], &host, &port) && !is_loopback(host))
        report_plain(b, block, on);
}

/* `reports [always|when-asked] "HOST:PORT"`: where a listener's source is told what became of its messages.
 */
static void check_reports(struct builder *b, const struct block *block)
{
    static const char *const words[] = { "always", "when-asked", NULL };
    const struct setting *to = block_setting(block, SLICE("reports"));
    const struct setting *tls = block_setting(block, SLICE("reports-tls"));
    struct slice host;
    uint32_t port = 0;

    if (to == NULL && tls != NULL) {
        diagnose(b->d, SEVERITY_ERROR, SITE_REQUIRED, tls->at, "%.*s \"%.*s\" needs \"reports\"",
                 SLICE_ARG(block->kind), SLICE_ARG(block->name));
        diagnose_hint(b->d, "write where they go: reports \"monitor.example:2590\"");
    }
    if (to == NULL || to->value_count < 1 || to->value_count > 2)
        return;
    if (to->value_count == 2 && !word_allowed(words, to->values[0])) {
        diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, to->at, "\"reports\" cannot be \"%.*s\"",
                 SLICE_ARG(to->values[0]));
        hint_words(b, words);
    }
    struct slice address = to->values[to->value_count - 1];
    if (!split_address(address, &host, &port) || port == 0) {
        diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, to->at, "\"%.*s\" is not an address", SLICE_ARG(address));
        diagnose_hint(b->d, "write host and port of the source: reports \"monitor.example:2590\"");
    } else if (tls == NULL && block_setting(block, SLICE("insecure")) == NULL && !is_loopback(host)) {
        diagnose(b->d, SEVERITY_ERROR, SITE_PLAIN, to->at,
                 "%.*s would carry reports in plain text off this machine", SLICE_ARG(block->name));
        diagnose_hint(b->d, "add reports-tls mutual \"FOLDER\", or write the word insecure into the block");
    }
}

static struct slice address_of(const struct block *block)
{
    return block_value(block, SLICE("on"), block_value(block, SLICE("callback"), SLICE("")));
}

static void check_same_address(struct builder *b, const struct block *block, const struct setting *on)
{
    const struct site *s = &b->out->site;

    for (const struct block *other = s->blocks; other < block; other++)
        if (slice_eq(address_of(other), on->values[0])) {
            diagnose(b->d, SEVERITY_ERROR, SITE_ADDRESS, on->at, "\"%.*s\" already listens on \"%.*s\"",
                     SLICE_ARG(other->name), SLICE_ARG(on->values[0]));
            diagnose_hint(b->d, "give each its own port");
        }
}

static void check_address(struct builder *b, const struct block *block)
{
    const struct setting *on = block_setting(block, SLICE("on"));
    struct slice host;
    uint32_t port = 0;

    if (on == NULL)
        on = block_setting(block, SLICE("callback")); /* where a gateway's answers come in */
    if (on == NULL || on->value_count == 0)
        return;
    if (!split_address(on->values[0], &host, &port)) {
        diagnose(b->d, SEVERITY_ERROR, SITE_VALUE, on->at, "\"%.*s\" is not an address",
                 SLICE_ARG(on->values[0]));
        diagnose_hint(b->d, "write host and port: \"127.0.0.1:2575\", \"0.0.0.0:2575\" or \"[::1]:2575\"");
        return;
    }
    if (port > 0)
        check_same_address(b, block, on);
}

void check_blocks(struct builder *b)
{
    const struct site *s = &b->out->site;

    for (size_t i = 0; i < s->block_count; i++) {
        const struct block_schema *schema = schema_of(b, &s->blocks[i]);

        check_address(b, &s->blocks[i]);
        if (schema == NULL) {
            unknown_kind(b, &s->blocks[i]);
            continue;
        }
        check_settings(b, &s->blocks[i], schema);
        check_plain(b, &s->blocks[i], schema);
        if (setting_of(schema, SLICE("reports")) != NULL)
            check_reports(b, &s->blocks[i]);
    }
    if (s->source_count == 0)
        diagnose(b->d, SEVERITY_WARNING, SITE_DEAF, (struct span){ 0, 1, 1, 0 },
                 "no listener: nothing can come in");
}
