/* base/error.h - one error type: what, where, and what to do.
 *
 * Parsers fill it, only the edge prints it or turns it into MSA/ERR (hl7/ack) or an OperationOutcome
 * (fhir/outcome). A rule file's words may be quoted; a message's values never are (errors reach logs
 * and senders): they are located. */
#ifndef NIGHTBELL_BASE_ERROR_H
#define NIGHTBELL_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum error_code {
    ERROR_NONE = 0,
    ERROR_SYNTAX,      /* the bytes are not of the format */
    ERROR_MISSING,     /* something required is absent */
    ERROR_TYPE,        /* a value is not of its data type */
    ERROR_VALUE,       /* a value is not one of those allowed */
    ERROR_LIMIT,       /* a named limit was passed; the message names it */
    ERROR_UNSUPPORTED, /* understood, but not something we do */
    ERROR_UNKNOWN,     /* a name that stands for nothing here */
    ERROR_CONFLICT,    /* two things that cannot both hold */
    ERROR_AUTH,        /* who you are, or what you may do */
    ERROR_IO,          /* disk, socket, file */
    ERROR_CRYPTO,      /* a key, a signature, a seal */
    ERROR_VERSION,     /* made by a newer version than this one */
    ERROR_INTERNAL     /* our own fault */
};

struct error {
    enum error_code code;
    uint32_t line, column; /* text files: 1-based, column in bytes; 0 = not known */
    char where[48];        /* messages: "OBX[3]-5.1", "Bundle.entry[0].resource"; may be empty */
    char message[160];     /* one line, lower case; longer is a bug in the caller, and is marked "..." */
    char hint[120];        /* may be empty */
};

/* Fill *err (NULL is accepted) and return false, so that a parser can `return error_set(...)`.
 * The first error wins: a filled one is not overwritten. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool error_at(struct error *err, enum error_code code, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_clear(struct error *err);

#ifdef __clang_analyzer__ /* tells it that both always give false, so that it does not follow impossible     \
                             paths */
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_at(...)  ((void)error_at(__VA_ARGS__), false)
#endif

const char *error_name(enum error_code code); /* "syntax", "limit", ... stable */

#endif
