#include "adapters/net/http_guard.h"

#include <string.h>

enum state {
    IN_HEAD,
    IN_BODY,
    IN_CHUNK_SIZE,
    IN_CHUNK_DATA,
    IN_CHUNK_CR,
    IN_CHUNK_LF,
    IN_END_CR,
    IN_END_LF,
    DONE
};

void http_guard_init(struct http_guard *g, size_t max_head, size_t max_body)
{
    *g = (struct http_guard){ .head = buf_make(max_head),
                              .body = buf_make(max_body),
                              .path = buf_make(max_head) };
    g->max_head = max_head;
    g->max_body = max_body;
    g->state = IN_HEAD;
}

void http_guard_free(struct http_guard *g)
{
    buf_free(&g->head);
    buf_free(&g->body);
    buf_free(&g->path);
}

void http_guard_next(struct http_guard *g)
{
    size_t max_head = g->max_head, max_body = g->max_body;
    http_guard_free(g);
    http_guard_init(g, max_head, max_body);
}

bool http_guard_idle(const struct http_guard *g)
{
    return g->state == IN_HEAD && g->head.len == 0;
}

static bool refuse(struct http_guard *g, int status)
{
    if (g->status == 0)
        g->status = status;
    return false;
}

/* RFC 9110 section 5.6.2 */
static bool token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!token_char(s.ptr[i]))
            return false;
    return s.len > 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One byte of a path: visible ASCII, or %xx that is neither NUL nor a '/' in disguise. */
static bool decode_path(struct http_guard *g, struct slice raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (c == '%') {
            int high = i + 1 < raw.len ? hex_value(raw.ptr[i + 1]) : -1;
            int low = i + 2 < raw.len ? hex_value(raw.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            if ((unsigned char)c < 0x20 || c == 0x7F || c == '/' || c == '\\')
                return false;
            i += 2;
        }
        buf_u8(&g->path, (uint8_t)c);
    }
    return true;
}

static bool has_dot_segment(struct slice path)
{
    while (path.len > 0) {
        struct slice segment = slice_cut(&path, '/');
        if (slice_is(segment, ".") || slice_is(segment, ".."))
            return true;
    }
    return false;
}

static bool read_target(struct http_guard *g, struct slice target)
{
    if (target.len == 0 || target.ptr[0] != '/')
        return refuse(g, 400);
    for (size_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= 0x20 || target.ptr[i] >= 0x7F || strchr("\"<>\\^`{|}#", target.ptr[i]) != NULL)
            return refuse(g, 400);
    if (!decode_path(g, slice_sub(target, 0, slice_find(target, '?'))) ||
        has_dot_segment(buf_slice(&g->path)))
        return refuse(g, 400);
    g->target_at = (uint32_t)(target.ptr - g->head.ptr);
    g->target_len = (uint32_t)target.len;
    return true;
}

static bool known_method(struct slice method)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (slice_is(method, known[i]))
            return true;
    return false;
}

/* method SP origin-form SP HTTP-version, each SP exactly one (RFC 9112 section 3) */
static bool read_request_line(struct http_guard *g, struct slice line)
{
    struct slice version = line, method, target;
    method = slice_cut(&version, ' ');
    target = slice_cut(&version, ' ');
    if (!is_token(method) || method.ptr != g->head.ptr)
        return refuse(g, 400);
    if (!read_target(g, target))
        return false;
    g->method_len = (uint32_t)method.len;
    g->http_10 = slice_is(version, "HTTP/1.0");
    if (!g->http_10 && !slice_is(version, "HTTP/1.1"))
        return refuse(g, version.len == 8 && slice_starts(version, SLICE("HTTP/")) ? 505 : 400);
    return known_method(method) || refuse(g, 501);
}

static bool read_header(struct http_guard *g, struct slice line)
{
    size_t colon = slice_find(line, ':');
    struct slice name = slice_sub(line, 0, colon), value = slice_sub(line, colon + 1, line.len);
    if (colon == line.len || !is_token(name)) /* also: folding begins with a space, "Name :" ends with one */
        return refuse(g, 400);
    for (size_t i = 0; i < value.len; i++)
        if ((value.ptr[i] < 0x20 && value.ptr[i] != '\t') || value.ptr[i] >= 0x7F)
            return refuse(g, 400);
    if (g->header_count == HTTP_GUARD_HEADERS)
        return refuse(g, 431);
    value = slice_trim(value);
    g->headers[g->header_count++] =
        (struct http_guard_header){ (uint32_t)(name.ptr - g->head.ptr), (uint32_t)name.len,
                                    value.len > 0 ? (uint32_t)(value.ptr - g->head.ptr) : 0,
                                    (uint32_t)value.len };
    return true;
}

/* The next line without its CRLF; false at a bare CR or LF. */
static bool next_line(struct slice *rest, struct slice *line)
{
    size_t lf = slice_find(*rest, '\n');
    if (lf == rest->len || lf == 0 || rest->ptr[lf - 1] != '\r')
        return false;
    *line = slice_sub(*rest, 0, lf - 1);
    *rest = slice_sub(*rest, lf + 1, rest->len);
    return slice_find(*line, '\r') == line->len;
}

static bool read_host(struct http_guard *g)
{
    struct slice host;
    if (http_guard_header(g, "Host", &host) != 1 || host.len == 0)
        return refuse(g, 400);
    for (size_t i = 0; i < host.len; i++)
        if (!token_char(host.ptr[i]) && strchr(":[]", host.ptr[i]) == NULL)
            return refuse(g, 400);
    return true;
}

static bool may_have_body(struct slice method)
{
    return slice_is(method, "POST") || slice_is(method, "PUT") || slice_is(method, "PATCH");
}

/* How long the body is (RFC 9112 section 6.3, without its leniency). */
static bool read_framing(struct http_guard *g)
{
    struct slice length, coding;
    unsigned lengths = http_guard_header(g, "Content-Length", &length);
    unsigned codings = http_guard_header(g, "Transfer-Encoding", &coding);
    bool body = may_have_body(http_guard_method(g));
    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
        return refuse(g, 400);
    if (codings == 1) {
        if (g->http_10 || !slice_is(coding, "chunked") || !body)
            return refuse(g, 400);
        g->state = IN_CHUNK_SIZE;
        return true;
    }
    if (lengths == 1 && (length.len > 18 || !slice_to_u64(length, &g->left)))
        return refuse(g, 400);
    if (g->left > 0 && !body)
        return refuse(g, 400);
    if (g->left > g->max_body)
        return refuse(g, 413);
    g->state = g->left > 0 ? IN_BODY : DONE;
    return true;
}

static bool read_wishes(struct http_guard *g)
{
    struct slice value;
    unsigned expects = http_guard_header(g, "Expect", &value);
    if (expects > 1 || (expects == 1 && !slice_eq_nocase(value, SLICE("100-continue"))))
        return refuse(g, 417);
    g->wants_continue = expects == 1 && g->state != DONE && !g->http_10;
    if (http_guard_header(g, "Connection", &value) == 0)
        return true;
    while (value.len > 0)
        g->close = slice_eq_nocase(slice_trim(slice_cut(&value, ',')), SLICE("close")) || g->close;
    return true;
}

static bool read_head(struct http_guard *g)
{
    struct slice rest = buf_slice(&g->head), line;
    if (!next_line(&rest, &line))
        return refuse(g, 400);
    if (!read_request_line(g, line))
        return false;
    for (;;) {
        if (!next_line(&rest, &line))
            return refuse(g, 400);
        if (line.len == 0)
            break;
        if (!read_header(g, line))
            return false;
    }
    return read_host(g) && read_framing(g) && read_wishes(g);
}

/* Takes bytes up to the empty line that ends the head. A bare LF is refused as soon as it is seen. */
static bool feed_head(struct http_guard *g, struct slice *in)
{
    while (in->len > 0 && g->state == IN_HEAD) {
        size_t upto = slice_find(*in, '\n');
        size_t take = upto < in->len ? upto + 1 : in->len;
        if (take > g->max_head - g->head.len)
            return refuse(g, 431);
        buf_put(&g->head, slice_sub(*in, 0, take));
        *in = slice_sub(*in, take, in->len);
        struct slice head = buf_slice(&g->head);
        if (memchr(head.ptr + head.len - take, '\0', take) != NULL)
            return refuse(g, 400);
        if (upto + 1 != take)
            break;
        if (!slice_ends(head, SLICE("\r\n")) || head.len == 2)
            return refuse(g, 400);
        if (slice_ends(head, SLICE("\r\n\r\n")) && !read_head(g))
            return false;
    }
    return true;
}

static void feed_bytes(struct http_guard *g, struct slice *in, enum state then)
{
    size_t take = in->len < g->left ? in->len : (size_t)g->left;
    buf_put(&g->body, slice_sub(*in, 0, take));
    *in = slice_sub(*in, take, in->len);
    g->left -= take;
    if (g->left == 0)
        g->state = then;
}

/* 1*8HEXDIG CRLF: no extension, no spaces (RFC 9112 section 7.1) */
static bool feed_chunk_size(struct http_guard *g, char c)
{
    int digit = hex_value(c);
    if (digit >= 0 && g->line < 8) {
        g->left = g->left * 16 + (uint64_t)digit;
        g->line++;
        return true;
    }
    if (c != '\r' || g->line == 0)
        return refuse(g, 400);
    if (g->left > g->max_body - g->body.len)
        return refuse(g, 413);
    g->line = 0;
    g->state = g->left > 0 ? IN_CHUNK_LF : IN_END_LF;
    return true;
}

/* The single characters around chunks. After the last chunk's LF comes an empty line: no trailers. */
static bool feed_chunk_mark(struct http_guard *g, char c)
{
    static const struct {
        enum state at;
        char expect;
    } MARKS[] = { { IN_CHUNK_LF, '\n' }, { IN_CHUNK_CR, '\r' }, { IN_END_CR, '\r' }, { IN_END_LF, '\n' } };
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++)
        if (g->state == MARKS[i].at && c != MARKS[i].expect)
            return refuse(g, 400);
    switch (g->state) {
    case IN_CHUNK_LF: /* behind a size: data; behind data: the next size */
        g->state = g->left > 0 ? IN_CHUNK_DATA : IN_CHUNK_SIZE;
        break;
    case IN_CHUNK_CR:
        g->state = IN_CHUNK_LF;
        break;
    case IN_END_LF: /* the first one ends "0", the second the request */
        g->state = g->line++ == 0 ? IN_END_CR : DONE;
        break;
    default:
        g->state = IN_END_LF;
        break;
    }
    return true;
}

static bool feed_chunks(struct http_guard *g, struct slice *in)
{
    if (g->state == IN_CHUNK_DATA) {
        feed_bytes(g, in, IN_CHUNK_CR);
        return true;
    }
    char c = in->ptr[0];
    *in = slice_sub(*in, 1, in->len);
    return g->state == IN_CHUNK_SIZE ? feed_chunk_size(g, c) : feed_chunk_mark(g, c);
}

enum http_guard_result http_guard_feed(struct http_guard *g, struct slice *in)
{
    bool ok = g->status == 0;
    while (ok && g->state != DONE && in->len > 0) {
        if (g->state == IN_HEAD)
            ok = feed_head(g, in);
        else if (g->state == IN_BODY)
            feed_bytes(g, in, DONE);
        else
            ok = feed_chunks(g, in);
    }
    if (!ok)
        return HTTP_GUARD_REFUSED;
    return g->state == DONE ? HTTP_GUARD_REQUEST : HTTP_GUARD_MORE;
}

bool http_guard_wants_continue(struct http_guard *g)
{
    bool wants = g->wants_continue && g->state != DONE && g->body.len == 0;
    g->wants_continue = false;
    return wants;
}

struct slice http_guard_method(const struct http_guard *g)
{
    return slice_sub(buf_slice(&g->head), 0, g->method_len);
}

struct slice http_guard_query(const struct http_guard *g)
{
    struct slice target = slice_sub(buf_slice(&g->head), g->target_at, g->target_len);
    return slice_sub(target, slice_find(target, '?') + 1, target.len);
}

unsigned http_guard_header(const struct http_guard *g, const char *name, struct slice *value)
{
    struct slice head = buf_slice(&g->head);
    unsigned found = 0;
    *value = (struct slice){ NULL, 0 };
    for (uint32_t i = 0; i < g->header_count; i++) {
        const struct http_guard_header *h = &g->headers[i];
        if (!slice_eq_nocase(slice_sub(head, h->name_at, h->name_len), slice_of(name)))
            continue;
        if (found++ == 0)
            *value = slice_sub(head, h->value_at, h->value_len);
    }
    return found;
}
