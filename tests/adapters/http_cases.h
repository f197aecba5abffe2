/* tests/adapters/http_cases.h - requests that must not be understood (RELIABILITY.md S7): read by the guard's
 * own test and sent over a real socket. All are refused with the status, and nothing behind them is read. */
#ifndef NIGHTBELL_TESTS_ADAPTERS_HTTP_CASES_H
#define NIGHTBELL_TESTS_ADAPTERS_HTTP_CASES_H

#define HOST    "Host: h\r\n"
#define POST    "POST /x HTTP/1.1\r\n" HOST
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct http_case {
    const char *name, *text;
    int status;
} HTTP_CASES[] = {
    { "content-length and chunked", POST "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
      400 },
    { "chunked and content-length", POST "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX",
      400 },
    { "two lengths, different", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400 },
    { "two lengths, equal", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400 },
    { "a list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", 400 },
    { "length with plus", POST "Content-Length: +3\r\n\r\nabc", 400 },
    { "length with minus", POST "Content-Length: -1\r\n\r\nabc", 400 },
    { "length in hexadecimal", POST "Content-Length: 0x3\r\n\r\nabc", 400 },
    { "length empty", POST "Content-Length:\r\n\r\nabc", 400 },
    { "length with a word", POST "Content-Length: 3 bytes\r\n\r\nabc", 400 },
    { "length past 64 bits", POST "Content-Length: 18446744073709551617\r\n\r\na", 400 },
    { "length name with space", POST "Content-Length : 3\r\n\r\nabc", 400 },
    { "length name with tab", POST "Content-Length\t: 3\r\n\r\nabc", 400 },
    { "length name with leading space", "POST /x HTTP/1.1\r\n Content-Length: 3\r\n" HOST "\r\nabc", 400 },
    { "coding name with space", POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400 },
    { "coding xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400 },
    { "coding list", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
    { "coding list after", POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400 },
    { "coding twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
    { "coding identity", POST "Transfer-Encoding: identity\r\n\r\n", 400 },
    { "coding in capitals", POST "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", 400 },
    { "coding with vertical tab",
      POST "Transfer-Encoding: \x0b"
           "chunked\r\n\r\n0\r\n\r\n",
      400 },
    { "coding quoted", POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400 },
    { "coding folded", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400 },
    { "coding in HTTP/1.0", "POST /x HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
    { "folded header", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400 },
    { "folded with tab", "GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n\r\n", 400 },
    { "bare LF after the request line", "GET / HTTP/1.1\n" HOST "\r\n", 400 },
    { "bare LF after a header", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400 },
    { "bare LF as the end", "GET / HTTP/1.1\r\n" HOST "\n", 400 },
    { "bare CR in a header", "GET / HTTP/1.1\r\n" HOST "A: b\rContent-Length: 3\r\n\r\n", 400 },
    { "no host", "GET / HTTP/1.1\r\n\r\n", 400 },
    { "two hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400 },
    { "empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400 },
    { "host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400 },
    { "no colon", "GET / HTTP/1.1\r\n" HOST "Nonsense\r\n\r\n", 400 },
    { "empty name", "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n", 400 },
    { "control character in a value", "GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n", 400 },
    { "byte over 127 in a value", "GET / HTTP/1.1\r\n" HOST "A: \xe9\r\n\r\n", 400 },
    { "byte over 127 in a name", "GET / HTTP/1.1\r\n" HOST "\xe9: a\r\n\r\n", 400 },
    { "chunk size with sign", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk size with 0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk size empty", CHUNKED "\r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk size with space", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk size of nine digits", CHUNKED "000000003\r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk extension", CHUNKED "3;a=b\r\nabc\r\n0\r\n\r\n", 400 },
    { "chunk size, bare LF", CHUNKED "3\nabc\r\n0\r\n\r\n", 400 },
    { "chunk longer than said", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 400 },
    { "chunk end, bare LF", CHUNKED "3\r\nabc\n0\r\n\r\n", 400 },
    { "trailer", CHUNKED "0\r\nContent-Length: 3\r\n\r\n", 400 },
    { "body of a GET", "GET / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 400 },
    { "chunked GET", "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
    { "two spaces", "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "space behind the version", "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
    { "absolute form", "GET http://h/ HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "authority form", "GET h:80 HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "fragment", "GET /#a HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "dot segments", "GET /a/../b HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "dot segments in disguise", "GET /a/%2e%2E/b HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "slash in disguise", "GET /a%2fb HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "NUL in disguise", "GET /a%00 HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "broken escape", "GET /a%2 HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "empty line in front", "\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400 },
    { "HTTP/0.9", "GET /\r\n\r\n", 400 },
    { "HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400 },
    { "HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", 505 },
    { "lower-case method", "get / HTTP/1.1\r\n" HOST "\r\n", 501 },
    { "CONNECT-like method", "TRACE / HTTP/1.1\r\n" HOST "\r\n", 501 },
    { "other expectation", POST "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc", 417 },
    { "TLS on a plain port", "\x16\x03\x01\x02\n\x01", 400 },
};
enum { HTTP_CASE_COUNT = sizeof HTTP_CASES / sizeof HTTP_CASES[0] };

#endif
