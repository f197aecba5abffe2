/* rules/syntax/characters.c - what to write in place of a character that the language does not use: most of
 * them come from word processors, chat windows and other languages. */
#include "rules/syntax/build.h"

#include "base/utf8.h"

#include <string.h>

static const struct {
    const char *bytes, *name, *fix;
} known[] = {
    { "\xe2\x80\x9c", "a curly quote", "write straight quotes: \"text\"" },
    { "\xe2\x80\x9d", "a curly quote", "write straight quotes: \"text\"" },
    { "\xe2\x80\x9e", "a low quote", "write straight quotes: \"text\"" },
    { "\xc2\xab", "a pointed quote", "write straight quotes: \"text\"" },
    { "\xc2\xbb", "a pointed quote", "write straight quotes: \"text\"" },
    { "\xe2\x80\x98", "a curly quote", "texts stand in straight double quotes: \"text\"" },
    { "\xe2\x80\x99", "a curly quote", "texts stand in straight double quotes: \"text\"" },
    { "'", "a single quote", "texts stand in double quotes: \"text\"" },
    { "`", "a back quote", "texts stand in double quotes: \"text\"" },
    { "\xe2\x80\x93", "a long dash", "write a plain hyphen: -" },
    { "\xe2\x80\x94", "a long dash", "write a plain hyphen: -" },
    { "\xe2\x88\x92", "a minus sign of print", "write a plain hyphen: -" },
    { "\xc2\xa0", "a blank that does not break",
      "write a plain blank; word processors and web pages use others" },
    { "\xe2\x80\xaf", "a blank that does not break", "write a plain blank" },
    { "\xe2\x80\x8b", "a blank without width", "take it out: it cannot be seen" },
    { "\xe2\x80\xa6", "an ellipsis", "write out what is meant" },
    { "\xe2\x89\xa4", "a sign of print", "write <=" },
    { "\xe2\x89\xa5", "a sign of print", "write >=" },
    { "\xe2\x89\xa0", "a sign of print", "write \"is not\"" },
    { "\xc2\xb5", "a sign of print", "units are UCUM codes: micro is u, as ug/L" },
    { "\xc2\xb0", "a degree sign", "units are UCUM codes: degrees Celsius are Cel" },
    { ";", "a semicolon", "lists take commas; nothing ends a line" },
    { "&", "a sign of other languages", "write \"and\"" },
    { "|", "a sign of other languages", "write \"or\"" },
    { "!", "a sign of other languages", "write \"not\" or \"is not\"" },
    { "$", "a sign of other languages", "there are no variables" },
    { "//", "a comment of other languages", "comments begin with #" },
    { "/*", "a comment of other languages", "comments begin with #" },
};

const char *bell_habit(struct slice word, bool is_text)
{
    static const struct {
        const char *word, *fix;
    } habits[] = {
        { "=", "compare with \"is\": code is hr-low" },
        { "contains", "a list is asked with \"has\", a text with \"like\": device.type like \"*pump*\"" },
        { "includes", "a list is asked with \"has\": patient.flags has fall-risk" },
        { "matches", "there are no regular expressions; \"like\" takes *: device.type like \"*pump*\"" },
        { "between", "write both bounds: value >= 80 % if known and value <= 90 % if known" },
        { "equals", "compare with \"is\": code is hr-low" },
        { "then", "leave it out: clauses and steps follow the condition" },
        { "if", "a condition begins with \"when\": when alarm starts and ..." },
        { "else", "\"else\" stands between two targets: notify primary-nurse else charge-nurse" },
        { "where", "write \"and\": when alarm starts and code is hr-low" },
        { "accepted", "a later step asks \"if not accepted\", \"if not delivered\" or \"if open\"" },
        { "sms", "people are named here; what rings them is their \"reach\"" },
        { "email", "people are named here; what rings them is their \"reach\"" },
    };

    if (is_text)
        return "names stand without quotes, words joined by hyphens: low-heart-rate";
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (slice_is(word, habits[i].word))
            return habits[i].fix;
    return NULL;
}

/* Bytes of the character that begins here; 0 when none does. */
static size_t character_length(struct slice rest)
{
    for (size_t len = 1; len <= 4 && len <= rest.len; len++)
        if (utf8_valid(slice_sub(rest, 0, len)))
            return len;
    return 0;
}

static bool is_utf16(struct slice file)
{
    return file.len >= 2 && (memcmp(file.ptr, "\xff\xfe", 2) == 0 || memcmp(file.ptr, "\xfe\xff", 2) == 0 ||
                             file.ptr[0] == '\0' || file.ptr[1] == '\0');
}

static void foreign_byte(struct diagnostics *d, struct span at, unsigned char byte)
{
    static const struct {
        unsigned char byte;
        const char *name;
    } windows[] = { { 0x91, "a curly quote" }, { 0x92, "a curly quote" }, { 0x93, "a curly quote" },
                    { 0x94, "a curly quote" }, { 0x96, "a long dash" },   { 0x97, "a long dash" },
                    { 0x85, "an ellipsis" },   { 0xa0, "a hard blank" } };
    const char *name = "a letter or sign";

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (windows[i].byte == byte)
            name = windows[i].name;
    diagnose(d, SEVERITY_ERROR, 104, at, "the byte 0x%02X is not UTF-8", byte);
    diagnose_hint(d, "in Windows-1252 it is %s: save the file as UTF-8%s", name,
                  byte < 0xa1 ? ", and write it with plain signs" : "");
}

void bell_foreign_character(struct diagnostics *d, struct span at, struct slice file, struct slice rest)
{
    if (is_utf16(file)) {
        diagnose(d, SEVERITY_ERROR, 104, at, "this file is UTF-16, not UTF-8");
        diagnose_hint(d, "save it as UTF-8; some editors call UTF-16 \"Unicode\"");
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_starts(rest, slice_of(known[i].bytes))) {
            at.length = (uint32_t)strlen(known[i].bytes);
            diagnose(d, SEVERITY_ERROR, 104, at, "%s, which the language does not use", known[i].name);
            diagnose_hint(d, "%s", known[i].fix);
            return;
        }
    if (rest.len > 0 && (unsigned char)rest.ptr[0] >= 0x80 && character_length(rest) == 0) {
        foreign_byte(d, at, (unsigned char)rest.ptr[0]);
        return;
    }
    diagnose(d, SEVERITY_ERROR, 104, at, "a character that the language does not use");
    diagnose_hint(d, "texts stand in double quotes, comments after #");
}

void bell_foreign_text(struct diagnostics *d, struct span at, struct slice inside)
{
    struct slice rest = inside;

    for (size_t len; rest.len > 0 && (len = character_length(rest)) > 0;)
        rest = slice_sub(rest, len, rest.len);
    if (rest.len == 0) {
        diagnose(d, SEVERITY_ERROR, 104, at, "a zero byte stands in this text");
        diagnose_hint(d, "take it out: texts are UTF-8 without zero bytes");
        return;
    }
    diagnose(d, SEVERITY_ERROR, 104, at, "this text is not UTF-8");
    if (rest.len > 0)
        diagnose_hint(d, "its byte 0x%02X is Windows-1252 or the like: save the file as UTF-8",
                      (unsigned)(unsigned char)rest.ptr[0]);
}
