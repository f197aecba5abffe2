#include "events/flags.h"

const struct flag_code FLAGS_AMBULATORY[] = {
    { "A0", NULL }, /* no functional limitations */
    { "A1", "assistive-device" },
    { "A2", "wheelchair" },
    { "A3", "comatose" },
    { "A4", "disoriented" },
    { "A5", "vision-impaired" },
    { "A6", "hearing-impaired" },
    { "A7", "speech-impaired" },
    { "A8", "non-english" },
    { "A9", NULL }, /* functional level unknown */
    { "B1", "oxygen-therapy" },
    { "B2", "special-equipment" },
    { "B3", "amputee" },
    { "B4", "mastectomy" },
    { "B5", "paraplegic" },
    { "B6", "pregnant" },
    { NULL, NULL },
};

const struct flag_code FLAGS_PRECAUTION[] = {
    { "A", "aggressive" }, { "B", "blind" }, { "C", "confused" },   { "D", "deaf" }, { "I", "on-iv" },
    { "N", "no-code" },    { "O", NULL },    { "P", "paraplegia" }, { "U", NULL },   { NULL, NULL },
};

const struct flag_code FLAGS_DIRECTIVE[] = {
    { "DNR", "dnr" },
    { "N", NULL }, /* no directive */
    { NULL, NULL },
};

/* What no standard table holds: yes-or-no fields, and the words that maps give to a site's own codes. */
static const char *const OTHERS[] = {
    "vip",
    "protected",
    "newborn",
    "deceased",
    "fall-risk",
    "allergy-risk",
    "isolation",
    "suicide-risk",
    "elopement-risk",
    "seizure-risk",
    "aspiration-risk",
    "pressure-injury-risk",
    "latex-allergy",
    "difficult-airway",
    "neutropenic",
    "anticoagulated",
    "restraints",
    "sitter",
};

static bool in_table(const struct flag_code *table, struct slice word)
{
    for (; table->code != NULL; table++)
        if (table->flag != NULL && slice_is(word, table->flag))
            return true;
    return false;
}

bool flag_known(struct slice word)
{
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        if (slice_is(word, OTHERS[i]))
            return true;
    return in_table(FLAGS_AMBULATORY, word) || in_table(FLAGS_PRECAUTION, word) ||
           in_table(FLAGS_DIRECTIVE, word);
}

struct slice flag_of(const struct flag_code *table, struct slice code)
{
    for (; table->code != NULL; table++)
        if (slice_eq_nocase(code, slice_of(table->code)))
            return slice_of(table->flag);
    return (struct slice){ NULL, 0 };
}
