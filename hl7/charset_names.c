/* The names of character sets: table 0211, and the spellings that are seen. */
#include "hl7/charset.h"

#include <string.h>

enum { KEY_MAX = 24 };

/* How a set is written here: capitals and digits alone, so that "ISO-8859-1", "ISO 8859/1" and "iso8859_1"
 * are one row. `mixed`: its values switch sets by ISO 2022 sequences even when no second set is declared. */
static const struct row {
    const char *key;
    enum hl7_charset charset;
    const char *iconv_name;
    enum hl7_hiding hiding;
    bool mixed;
} ROWS[] = {
    { "UNICODEUTF8", HL7_CHARSET_UTF8, NULL, HL7_HIDES_NOTHING, false },
    { "UTF8", HL7_CHARSET_UTF8, NULL, HL7_HIDES_NOTHING, false },
    { "ISOIR192", HL7_CHARSET_UTF8, NULL, HL7_HIDES_NOTHING, false },
    /* 7 bits say nothing of the bytes above; "UNICODE" without more, UTF-16 and UTF-32 cannot be what is
     * meant, because MSH was read byte by byte. */
    { "ASCII", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "USASCII", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "ISOIR6", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "UNICODE", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "UNICODEUTF16", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "UNICODEUTF32", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, false },
    { "88591", HL7_CHARSET_8859_1, NULL, HL7_HIDES_NOTHING, false },
    { "ISOIR100", HL7_CHARSET_8859_1, NULL, HL7_HIDES_NOTHING, false },
    { "LATIN1", HL7_CHARSET_8859_1, NULL, HL7_HIDES_NOTHING, false },
    { "CP1252", HL7_CHARSET_8859_1, NULL, HL7_HIDES_NOTHING, false },
    { "ANSI", HL7_CHARSET_8859_1, NULL, HL7_HIDES_NOTHING, false },
    { "88592", HL7_CHARSET_NAMED, "ISO-8859-2", HL7_HIDES_NOTHING, false },
    { "ISOIR101", HL7_CHARSET_NAMED, "ISO-8859-2", HL7_HIDES_NOTHING, false },
    { "LATIN2", HL7_CHARSET_NAMED, "ISO-8859-2", HL7_HIDES_NOTHING, false },
    { "88593", HL7_CHARSET_NAMED, "ISO-8859-3", HL7_HIDES_NOTHING, false },
    { "ISOIR109", HL7_CHARSET_NAMED, "ISO-8859-3", HL7_HIDES_NOTHING, false },
    { "88594", HL7_CHARSET_NAMED, "ISO-8859-4", HL7_HIDES_NOTHING, false },
    { "ISOIR110", HL7_CHARSET_NAMED, "ISO-8859-4", HL7_HIDES_NOTHING, false },
    { "88595", HL7_CHARSET_NAMED, "ISO-8859-5", HL7_HIDES_NOTHING, false },
    { "ISOIR144", HL7_CHARSET_NAMED, "ISO-8859-5", HL7_HIDES_NOTHING, false },
    { "88596", HL7_CHARSET_NAMED, "ISO-8859-6", HL7_HIDES_NOTHING, false },
    { "ISOIR127", HL7_CHARSET_NAMED, "ISO-8859-6", HL7_HIDES_NOTHING, false },
    { "88597", HL7_CHARSET_NAMED, "ISO-8859-7", HL7_HIDES_NOTHING, false },
    { "ISOIR126", HL7_CHARSET_NAMED, "ISO-8859-7", HL7_HIDES_NOTHING, false },
    { "88598", HL7_CHARSET_NAMED, "ISO-8859-8", HL7_HIDES_NOTHING, false },
    { "ISOIR138", HL7_CHARSET_NAMED, "ISO-8859-8", HL7_HIDES_NOTHING, false },
    { "88599", HL7_CHARSET_NAMED, "ISO-8859-9", HL7_HIDES_NOTHING, false },
    { "ISOIR148", HL7_CHARSET_NAMED, "ISO-8859-9", HL7_HIDES_NOTHING, false },
    { "885910", HL7_CHARSET_NAMED, "ISO-8859-10", HL7_HIDES_NOTHING, false },
    { "885911", HL7_CHARSET_NAMED, "ISO-8859-11", HL7_HIDES_NOTHING, false },
    { "ISOIR166", HL7_CHARSET_NAMED, "TIS-620", HL7_HIDES_NOTHING, false },
    { "885913", HL7_CHARSET_NAMED, "ISO-8859-13", HL7_HIDES_NOTHING, false },
    { "885914", HL7_CHARSET_NAMED, "ISO-8859-14", HL7_HIDES_NOTHING, false },
    { "885915", HL7_CHARSET_NAMED, "ISO-8859-15", HL7_HIDES_NOTHING, false },
    { "LATIN9", HL7_CHARSET_NAMED, "ISO-8859-15", HL7_HIDES_NOTHING, false },
    { "885916", HL7_CHARSET_NAMED, "ISO-8859-16", HL7_HIDES_NOTHING, false },
    { "CP1250", HL7_CHARSET_NAMED, "CP1250", HL7_HIDES_NOTHING, false },
    { "CP1251", HL7_CHARSET_NAMED, "CP1251", HL7_HIDES_NOTHING, false },
    { "CP1253", HL7_CHARSET_NAMED, "CP1253", HL7_HIDES_NOTHING, false },
    { "CP1254", HL7_CHARSET_NAMED, "CP1254", HL7_HIDES_NOTHING, false },
    { "CP1255", HL7_CHARSET_NAMED, "CP1255", HL7_HIDES_NOTHING, false },
    { "CP1256", HL7_CHARSET_NAMED, "CP1256", HL7_HIDES_NOTHING, false },
    { "CP1257", HL7_CHARSET_NAMED, "CP1257", HL7_HIDES_NOTHING, false },
    { "CP1258", HL7_CHARSET_NAMED, "CP1258", HL7_HIDES_NOTHING, false },
    { "CP437", HL7_CHARSET_NAMED, "CP437", HL7_HIDES_NOTHING, false },
    { "CP850", HL7_CHARSET_NAMED, "CP850", HL7_HIDES_NOTHING, false },
    { "GB180302000", HL7_CHARSET_NAMED, "GB18030", HL7_HIDES_GB18030, false },
    { "GB18030", HL7_CHARSET_NAMED, "GB18030", HL7_HIDES_GB18030, false },
    { "GBK", HL7_CHARSET_NAMED, "GB18030", HL7_HIDES_GB18030, false },
    { "GB2312", HL7_CHARSET_NAMED, "GB18030", HL7_HIDES_GB18030, false },
    { "CP936", HL7_CHARSET_NAMED, "GB18030", HL7_HIDES_GB18030, false },
    { "BIG5", HL7_CHARSET_NAMED, "BIG5", HL7_HIDES_BIG5, false },
    { "CP950", HL7_CHARSET_NAMED, "BIG5", HL7_HIDES_BIG5, false },
    { "CNS116431992", HL7_CHARSET_NAMED, "EUC-TW", HL7_HIDES_NOTHING, false },
    { "CNS11643", HL7_CHARSET_NAMED, "EUC-TW", HL7_HIDES_NOTHING, false },
    /* UHC holds EUC-KR and what Windows adds to it. Its second bytes may be letters, never a usual delimiter.
     */
    { "KSX1001", HL7_CHARSET_NAMED, "UHC", HL7_HIDES_NOTHING, false },
    { "KSC5601", HL7_CHARSET_NAMED, "UHC", HL7_HIDES_NOTHING, false },
    { "EUCKR", HL7_CHARSET_NAMED, "UHC", HL7_HIDES_NOTHING, false },
    { "ISOIR149", HL7_CHARSET_NAMED, "UHC", HL7_HIDES_NOTHING, false },
    { "CP949", HL7_CHARSET_NAMED, "UHC", HL7_HIDES_NOTHING, false },
    { "EUCJP", HL7_CHARSET_NAMED, "EUC-JP", HL7_HIDES_NOTHING, false },
    { "SHIFTJIS", HL7_CHARSET_NAMED, "CP932", HL7_HIDES_SHIFT_JIS, false },
    { "SJIS", HL7_CHARSET_NAMED, "CP932", HL7_HIDES_SHIFT_JIS, false },
    { "CP932", HL7_CHARSET_NAMED, "CP932", HL7_HIDES_SHIFT_JIS, false },
    { "ISOIR13", HL7_CHARSET_NAMED, "CP932", HL7_HIDES_NOTHING, true },
    { "ISOIR14", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, true },
    { "ISOIR87", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, true },
    { "ISOIR159", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, true },
    { "ISO2022JP", HL7_CHARSET_GUESS, NULL, HL7_HIDES_NOTHING, true },
};

/* Words that say the same in front of a name. */
static const struct {
    const char *from, *to;
} PREFIXES[] = { { "ISO8859", "8859" }, { "ISO2022IR", "ISOIR" }, { "WINDOWS", "CP" },
                 { "WIN12", "CP12" },   { "IBM", "CP" },          { "UNICODEFSSUTF8", "UTF8" } };

static void key_make(struct slice declared, char key[KEY_MAX])
{
    size_t n = 0;

    memset(key, 0, KEY_MAX);
    for (size_t i = 0; i < declared.len && n < KEY_MAX - 1; i++) {
        char c = declared.ptr[i];
        if (c >= 'a' && c <= 'z')
            key[n++] = (char)(c - 'a' + 'A');
        else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            key[n++] = c;
        else if (c != ' ' && c != '-' && c != '_' && c != '/')
            key[n++] = '?';
    }
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
        size_t from = strlen(PREFIXES[i].from), to = strlen(PREFIXES[i].to);
        if (strncmp(key, PREFIXES[i].from, from) != 0)
            continue;
        memmove(key + to, key + from, KEY_MAX - from);
        memcpy(key, PREFIXES[i].to, to);
        return;
    }
}

static const struct row *row_find(struct slice declared)
{
    char key[KEY_MAX];

    key_make(declared, key);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (strcmp(ROWS[i].key, key) == 0)
            return &ROWS[i];
    return NULL;
}

enum hl7_charset hl7_charset_find(struct slice declared, const char **iconv_name)
{
    const struct row *row = row_find(declared);

    *iconv_name = row != NULL ? row->iconv_name : NULL;
    return row != NULL ? row->charset : HL7_CHARSET_GUESS;
}

static void fallback_set(struct hl7_reading *how, const struct hl7_charset_choice *choice)
{
    const struct row *row = choice != NULL ? row_find(choice->fallback) : NULL;

    how->fallback_iconv_name = row != NULL ? row->iconv_name : NULL;
}

struct hl7_reading hl7_reading_find(struct slice declared, char repetition,
                                    const struct hl7_charset_choice *choice)
{
    struct hl7_reading how = { .charset = HL7_CHARSET_GUESS };

    fallback_set(&how, choice);
    if (choice != NULL && choice->force.len > 0)
        declared = choice->force;
    /* What nearly all messages say, without a walk through the table. */
    if (declared.len == 0 || slice_eq(declared, SLICE("UNICODE UTF-8"))) {
        how.charset = declared.len > 0 ? HL7_CHARSET_UTF8 : HL7_CHARSET_GUESS;
        return how;
    }
    struct slice first = repetition != 0 ? slice_cut(&declared, repetition) : declared;
    const struct row *row = row_find(first);
    how.unknown = row == NULL && slice_trim(first).len > 0;
    if (row != NULL) {
        how.charset = row->charset;
        how.iconv_name = row->iconv_name;
        how.hiding = row->hiding;
        how.switches = row->mixed;
    }
    while (repetition != 0 && declared.len > 0 && declared.ptr != first.ptr) {
        struct slice next = slice_cut(&declared, repetition);
        how.switches = how.switches || slice_trim(next).len > 0;
    }
    if (how.switches && how.hiding == HL7_HIDES_NOTHING)
        how.hiding = HL7_HIDES_ISO_2022;
    return how;
}
