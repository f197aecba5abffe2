/* rules/syntax/grammar_driver.h - the end of grammar.y, included by it alone: it looks into the generated
 * parser's state. Here are the words of syntax errors, and the loop that hands tokens in. */
#ifndef NIGHTBELL_RULES_SYNTAX_GRAMMAR_DRIVER_H
#define NIGHTBELL_RULES_SYNTAX_GRAMMAR_DRIVER_H

/* --- errors ----------------------------------------------------------------------------------------- */

static void yyerror(const struct span *at, struct bell_parser *p, const char *message)
{
    diagnose(p->d, SEVERITY_ERROR, 101, *at, "%s", message);
}

enum { EXPECTED_MAX = 80 };

static bool is_word(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && strchr(name, ' ') == NULL && strchr(name, ':') == NULL;
}

static void put_expected(struct buf *out, const char *name)
{
    if (name[0] == '\'')
        buf_printf(out, "\"%c\"", name[1]);
    else
        buf_printf(out,
                   is_word(name) || name[0] == '<' || name[0] == '>' || strcmp(name, "or missing") == 0
                       ? "\"%s\""
                       : "%s",
                   name);
}

/* Long lists say more as groups. A group is named when all its words are expected. */
static const struct group {
    const char *text;
    yysymbol_kind_t kinds[24];
} groups[] = {
    { "a declaration (rule, copy, desk, codes ...)",
      { YYSYMBOL_CATALOGUE, YYSYMBOL_SITE,      YYSYMBOL_LAYERS, YYSYMBOL_PLACES,  YYSYMBOL_CODES,
        YYSYMBOL_SHIFT,     YYSYMBOL_SWITCH,    YYSYMBOL_DESK,   YYSYMBOL_GROUP,   YYSYMBOL_CHAIN,
        YYSYMBOL_MESSAGE,   YYSYMBOL_RULE,      YYSYMBOL_COPY,   YYSYMBOL_DEFAULT, YYSYMBOL_WORLD,
        YYSYMBOL_TEST,      YYSYMBOL_UNIT_WORD, YYSYMBOL_ASSIGN, YYSYMBOL_PERSON,  YYSYMBOL_ROTA,
        YYSYMBOL_LISTEN,    YYSYMBOL_ENDPOINT,  YYSYMBOL_MAP } },
    { "a title, why, owner, review or mode",
      { YYSYMBOL_TITLE, YYSYMBOL_WHY, YYSYMBOL_OWNER, YYSYMBOL_REVIEW, YYSYMBOL_MODE } },
    { "a clause (hold, stop, need ...)",
      { YYSYMBOL_HOLD, YYSYMBOL_DEDUPE, YYSYMBOL_BUNDLE, YYSYMBOL_LIMIT, YYSYMBOL_SUPPRESS, YYSYMBOL_DELIVER,
        YYSYMBOL_NEED, YYSYMBOL_LEASE, YYSYMBOL_EXPIRE, YYSYMBOL_STOP } },
    { "a step (notify, after, repeat, escalate)",
      { YYSYMBOL_NOTIFY, YYSYMBOL_AFTER, YYSYMBOL_REPEAT, YYSYMBOL_ESCALATE } },
};
enum { GROUPS = sizeof groups / sizeof *groups };

static bool listed(const yysymbol_kind_t *list, int count, yysymbol_kind_t kind)
{
    for (int i = 0; i < count; i++)
        if (list[i] == kind)
            return true;
    return false;
}

static const struct group *group_of(const yysymbol_kind_t *expected, int count, yysymbol_kind_t kind)
{
    for (size_t g = 0; g < GROUPS; g++) {
        bool all = listed(groups[g].kinds, 24, kind);
        for (int i = 0; all && i < 24 && groups[g].kinds[i] != 0; i++)
            all = listed(expected, count, groups[g].kinds[i]);
        if (all)
            return &groups[g];
    }
    return NULL;
}

static bool too_late(const struct bell_parser *p, yysymbol_kind_t kind)
{
    if (p->part == PART_HEAD)
        return false;
    return kind == YYSYMBOL_WHEN || listed(groups[1].kinds, 24, kind) ||
           (p->part == PART_STEPS && (kind == YYSYMBOL_IGNORE || listed(groups[2].kinds, 24, kind)));
}

static void put_all_expected(const struct bell_parser *p, struct buf *out, const yysymbol_kind_t *expected,
                             int count)
{
    const char *shown[EXPECTED_MAX];
    int n = 0;

    for (int i = 0; i < count; i++) {
        const struct group *g = group_of(expected, count, expected[i]);
        const char *text = g != NULL ? g->text : yysymbol_name(expected[i]);
        bool again = too_late(p, expected[i]);
        for (int k = 0; k < n; k++)
            again = again || shown[k] == text;
        if (!again)
            shown[n++] = text;
    }
    for (int i = 0; i < n; i++) {
        buf_text(out, i == 0 ? ", expected " : i == n - 1 ? " or " : ", ");
        put_expected(out, shown[i]);
    }
}

static void report_lexical(struct bell_parser *p, struct span at, int token)
{
    struct slice line = { p->bytes.ptr + p->line_start, p->bytes.len - p->line_start };
    struct slice word = slice_sub(line, at.column - 1, at.length);

    if (token == YYSYMBOL_BAD_STRING) {
        at.length = 1;
        diagnose(p->d, SEVERITY_ERROR, 104, at, "a text without its closing quote");
        diagnose_hint(p->d, "a text stands in double quotes on one line");
    } else if (token == YYSYMBOL_BAD_DURATION) {
        diagnose(p->d, SEVERITY_ERROR, 105, at, "\"%.*s\" is no duration and no name", SLICE_ARG(word));
        diagnose_hint(
            p->d, "a duration is a whole number with s, min, h or d, as 90s; a name begins with a letter");
    } else {
        bell_foreign_character(p->d, at, p->bytes, slice_sub(line, at.column - 1, line.len));
    }
}

static int yyreport_syntax_error(const yypcontext_t *context, struct bell_parser *p)
{
    yysymbol_kind_t expected[EXPECTED_MAX], token = yypcontext_token(context);
    int count = yypcontext_expected_tokens(context, expected, EXPECTED_MAX);
    struct slice words[EXPECTED_MAX];
    size_t word_count = 0;
    struct span at = *yypcontext_location(context);
    struct buf text = buf_make(4096);
    struct slice found = p->now.word.text;

    if (token == YYSYMBOL_BAD || token == YYSYMBOL_BAD_STRING || token == YYSYMBOL_BAD_DURATION) {
        report_lexical(p, at, (int)token);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        if (is_word(yysymbol_name(expected[i])) && !too_late(p, expected[i]))
            words[word_count++] = slice_of(yysymbol_name(expected[i]));
    }
    put_all_expected(p, &text, expected, count);
    if (token == YYSYMBOL_YYEOF)
        diagnose(p->d, SEVERITY_ERROR, 101, at, "unexpected end of file%.*s", SLICE_ARG(buf_slice(&text)));
    else
        diagnose(p->d, SEVERITY_ERROR, 101, at, "unexpected %s%.*s%s%.*s",
                 token == YYSYMBOL_STRING ? "text \"" : "\"", SLICE_ARG(found), "\"",
                 SLICE_ARG(buf_slice(&text)));
    struct slice near =
        token == YYSYMBOL_STRING ? (struct slice){ 0, 0 } : diagnose_nearest(found, words, word_count);
    bool name_fits = false, check_fits = false;
    for (int i = 0; i < count; i++) {
        name_fits = name_fits || expected[i] == YYSYMBOL_NAME;
        check_fits = check_fits || expected[i] == YYSYMBOL_IS;
    }
    const char *habit =
        slice_is(found, "=") && !check_fits ? NULL : bell_habit(found, token == YYSYMBOL_STRING && name_fits);
    if (token == YYSYMBOL_OR || token == YYSYMBOL_OR_MISSING || token == YYSYMBOL_AND)
        diagnose_hint(p->d, "\"and\" with \"or\" needs parentheses: a and (b or c)");
    else if (near.len > 0)
        diagnose_hint(p->d, "did you mean \"%.*s\"?", SLICE_ARG(near));
    else if (habit != NULL)
        diagnose_hint(p->d, "%s", habit);
    buf_free(&text);
    return 0;
}

/* --- the driver: tokens in, keywords decided by the parser's state ----------------------------------- */

enum { WORD_SLOTS = 512 };
struct words {
    yysymbol_kind_t slot[WORD_SLOTS];
};

static void words_make(struct words *w)
{
    memset(w, 0, sizeof *w);
    for (int kind = YYSYMBOL_LANGUAGE; kind <= YYSYMBOL_CODE_WORD; kind++) {
        size_t at = (size_t)slice_hash(slice_of(yysymbol_name((yysymbol_kind_t)kind)), 0) % WORD_SLOTS;
        while (w->slot[at] != 0)
            at = (at + 1) % WORD_SLOTS;
        w->slot[at] = (yysymbol_kind_t)kind;
    }
}

static yysymbol_kind_t words_find(const struct words *w, struct slice word)
{
    size_t at = (size_t)slice_hash(word, 0) % WORD_SLOTS;

    for (; w->slot[at] != 0; at = (at + 1) % WORD_SLOTS)
        if (slice_is(word, yysymbol_name(w->slot[at])))
            return w->slot[at];
    return YYSYMBOL_YYEMPTY;
}

/* Tokens are numbered in the order of their kinds. */
static int code_of(yysymbol_kind_t kind)
{
    return LANGUAGE + ((int)kind - (int)YYSYMBOL_LANGUAGE);
}

/* Would the parser take this token now? Simulated by its own exploratory stack (LAC). */
static bool fits(yypstate *ps, yysymbol_kind_t kind)
{
    if (ps->yynew)
        *ps->yyssp = 0;
    return yy_lac(ps->yyesa, &ps->yyes, &ps->yyes_capacity, ps->yyssp, kind) == 0;
}

static bool opens_declaration(yysymbol_kind_t kind)
{
    switch (kind) {
    case YYSYMBOL_SITE:
    case YYSYMBOL_CATALOGUE:
    case YYSYMBOL_LAYERS:
    case YYSYMBOL_PLACES:
    case YYSYMBOL_CODES:
    case YYSYMBOL_SHIFT:
    case YYSYMBOL_SWITCH:
    case YYSYMBOL_DESK:
    case YYSYMBOL_GROUP:
    case YYSYMBOL_CHAIN:
    case YYSYMBOL_MESSAGE:
    case YYSYMBOL_RULE:
    case YYSYMBOL_COPY:
    case YYSYMBOL_DEFAULT:
    case YYSYMBOL_WORLD:
    case YYSYMBOL_TEST:
    case YYSYMBOL_UNIT_WORD:
    case YYSYMBOL_ASSIGN:
    case YYSYMBOL_PERSON:
    case YYSYMBOL_ROTA:
    case YYSYMBOL_LISTEN:
    case YYSYMBOL_ENDPOINT:
    case YYSYMBOL_MAP:
        return true;
    default:
        return false;
    }
}

/* First on its line? Only those declarations count while the parser looks for a place to go on. */
static bool first_on_line(const struct bell_parser *p, struct span at)
{
    const char *start = at.length > 0 ? p->now.word.text.ptr : NULL;

    for (uint32_t i = 1; start != NULL && i < at.column; i++)
        if (start[-(ptrdiff_t)i] != ' ' && start[-(ptrdiff_t)i] != '\t')
            return false;
    return true;
}

static void brace_missing(yypstate *ps, struct bell_parser *p, struct span at, const char *word)
{
    YYSTYPE value = { .word = NOTHING };

    diagnose(p->d, SEVERITY_ERROR, 103, at, "a \"}\" is missing before this \"%s\"", word);
    at.length = 0;
    yypush_parse(ps, '}', &value, &at, p);
}

static int classify_word(yypstate *ps, const struct words *w, struct bell_parser *p, struct bell_token *t)
{
    yysymbol_kind_t keyword = words_find(w, t->word.text);

    if (p->after_number && bell_is_unit(t->word.text) && fits(ps, YYSYMBOL_UNIT))
        return UNIT;
    if (keyword == YYSYMBOL_YYEMPTY)
        return NAME;
    if (fits(ps, keyword))
        return ps->yyerrstatus > 0 && opens_declaration(keyword) && !first_on_line(p, t->at)
                   ? NAME
                   : code_of(keyword);
    if (t->at.column == 1 && opens_declaration(keyword) && fits(ps, YYTRANSLATE('}'))) {
        brace_missing(ps, p, t->at, yysymbol_name(keyword));
        return fits(ps, keyword) ? code_of(keyword) : NAME;
    }
    return fits(ps, YYSYMBOL_NAME) ? NAME : code_of(keyword);
}

static void next_token(void *scanner, struct bell_parser *p, struct bell_token *out)
{
    if (p->has_peeked)
        *out = p->peeked;
    else
        bell_scan(scanner, p, out);
    p->has_peeked = false;
}

/* `or missing` is one token: the only place that needs a second token to decide. */
static void join_or_missing(yypstate *ps, void *scanner, struct bell_parser *p, struct bell_token *t)
{
    if (t->code != NAME || !slice_is(t->word.text, "or"))
        return;
    bell_scan(scanner, p, &p->peeked);
    p->has_peeked = true;
    if (p->peeked.code == NAME && slice_is(p->peeked.word.text, "missing") && fits(ps, YYSYMBOL_OR_MISSING)) {
        bell_keep(p, TOKEN_KEYWORD, t->raw, t->at); /* the list has them as written: two words */
        bell_keep(p, TOKEN_KEYWORD, p->peeked.raw, p->peeked.at);
        t->code = OR_MISSING;
        t->at = bell_span(t->at, p->peeked.at);
        p->has_peeked = false;
    }
}

static void follow_parts(struct bell_parser *p, int code)
{
    if (code == '{' || code == '}')
        p->part = PART_HEAD;
    else if (code == WHEN)
        p->part = PART_AFTER_WHEN;
    else if (code == NOTIFY || code == AFTER || code == REPEAT || code == ESCALATE)
        p->part = PART_STEPS;
}

static bool too_deep(struct bell_parser *p, const struct bell_token *t)
{
    if (t->code == '(' && ++p->depth > LIMIT_NESTING) {
        diagnose(p->d, SEVERITY_ERROR, 107, t->at, "nesting: more than %d open parentheses", LIMIT_NESTING);
        diagnose_hint(p->d, "write a named set of codes, or two rules");
        return true;
    }
    if (t->code == ')' && p->depth > 0)
        p->depth--;
    if (t->code == '}')
        p->depth = 0;
    return false;
}

static enum token_class class_of(int code)
{
    switch (code) {
    case NAME:
        return TOKEN_NAME;
    case STRING:
        return TOKEN_STRING;
    case CODE:
        return TOKEN_CODE;
    case INT:
    case DEC:
        return TOKEN_NUMBER;
    case DUR:
        return TOKEN_DURATION;
    case TIME:
        return TOKEN_TIME;
    case DATE:
        return TOKEN_DATE;
    case UNIT:
        return TOKEN_UNIT;
    case BAD:
    case BAD_STRING:
    case BAD_DURATION:
        return TOKEN_BAD;
    default:
        return code >= LANGUAGE ? TOKEN_KEYWORD : TOKEN_SIGN;
    }
}

static void keep(struct bell_parser *p, const struct bell_token *t)
{
    if (t->code != END && t->code != OR_MISSING)
        bell_keep(p, class_of(t->code), t->raw, t->at);
}

/* Is this token the first that the question does not cover: the place stands before it or inside it? */
static bool at_stop(const struct bell_parser *p, const struct bell_token *t)
{
    size_t from = (size_t)(t->raw.ptr - p->bytes.ptr);

    return p->expected != NULL && (t->code == END || from >= p->stop || from + t->raw.len > p->stop);
}

static void expect_words(yypstate *ps, const struct bell_parser *p, struct expected *out)
{
    for (int kind = YYSYMBOL_LANGUAGE; kind <= YYSYMBOL_CODE_WORD; kind++)
        if (out->word_count < EXPECTED_WORDS && fits(ps, (yysymbol_kind_t)kind) &&
            !too_late(p, (yysymbol_kind_t)kind))
            out->words[out->word_count++] = yysymbol_name((yysymbol_kind_t)kind);
    if (out->word_count < EXPECTED_WORDS && fits(ps, YYSYMBOL_OR_MISSING))
        out->words[out->word_count++] = yysymbol_name(YYSYMBOL_OR_MISSING);
}

static void answer_expected(yypstate *ps, const struct bell_parser *p)
{
    struct expected *out = p->expected;

    expect_words(ps, p, out);
    out->name = fits(ps, YYSYMBOL_NAME);
    out->string = fits(ps, YYSYMBOL_STRING);
    out->code = fits(ps, YYSYMBOL_CODE);
    out->number = fits(ps, YYSYMBOL_INT);
    out->duration = fits(ps, YYSYMBOL_DUR);
    out->time = fits(ps, YYSYMBOL_TIME);
    out->date = fits(ps, YYSYMBOL_DATE);
    out->unit = fits(ps, YYSYMBOL_UNIT);
}

const char *syntax_keyword(size_t index)
{
    return index <= (size_t)(YYSYMBOL_CODE_WORD - YYSYMBOL_LANGUAGE)
               ? yysymbol_name((yysymbol_kind_t)((size_t)YYSYMBOL_LANGUAGE + index))
               : NULL;
}

void bell_parse(struct bell_parser *p)
{
    void *scanner = bell_scanner_open(p);
    yypstate *ps = yypstate_new();
    struct words words;
    int status = scanner != NULL && ps != NULL ? YYPUSH_MORE : 1;

    words_make(&words);
    while (status == YYPUSH_MORE) {
        struct bell_token *t = &p->now;
        next_token(scanner, p, t);
        if (at_stop(p, t)) {
            answer_expected(ps, p);
            break;
        }
        join_or_missing(ps, scanner, p, t);
        if (too_deep(p, t))
            break;
        bool number = t->code == INT || t->code == DEC;
        if (t->code == NAME)
            t->code = classify_word(ps, &words, p, t);
        keep(p, t);
        p->after_number = number;
        YYSTYPE value = { .word = t->word };
        /* A token that fits after an error ends the recovery, so that the next error is told as well. */
        bool recovered = ps->yyerrstatus > 0 && fits(ps, YYTRANSLATE(t->code));
        status = yypush_parse(ps, t->code, &value, &t->at, p);
        if (recovered)
            ps->yyerrstatus = 0;
        follow_parts(p, t->code);
    }
    if (ps != NULL)
        yypstate_delete(ps);
    if (scanner != NULL)
        bell_scanner_close(scanner);
}

#endif
