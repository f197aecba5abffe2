/* nightbell/show_explain.c - a story on a terminal: the rules as a table, then what happened when. */
#include "nightbell/show.h"

#include "base/utf8.h"
#include "nightbell/json_text.h"

#include <stdio.h>
#include <string.h>

#define RESET "\033[0m"
#define DIM   "\033[2m"

/* Texts come from messages too: what would steer the terminal is shown as a dot. */
static void put(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char ch = (unsigned char)s.ptr[i];
        putchar(ch < ' ' || ch == 0x7f ? '.' : ch);
    }
}

/* At least `width` characters. */
static void put_wide(struct slice s, size_t width)
{
    put(s);
    for (size_t n = utf8_count(s); n < width; n++)
        putchar(' ');
}

static size_t widest(const json_t *list, const char *key)
{
    size_t width = 1, i;
    json_t *row;

    json_array_foreach(list, i, row)
    {
        size_t n = utf8_count(json_member(row, key));
        width = n > width ? n : width;
    }
    return width;
}

static const char *fate_colour(struct slice fate)
{
    if (slice_is(fate, "owned"))
        return show_paint("\033[1;32m");
    if (slice_is(fate, "copy"))
        return show_paint("\033[36m");
    return show_paint(slice_is(fate, "draft") || slice_is(fate, "shadow") ? "\033[33m" : DIM);
}

static bool has_copy(const json_t *rules)
{
    size_t i;
    json_t *row;

    json_array_foreach(rules, i, row) if (slice_is(json_member(row, "fate"), "copy")) return true;
    return false;
}

static void show_rule(const json_t *row, size_t name_width)
{
    struct slice fate = json_member(row, "fate"), file = json_member(row, "file");
    char place[300];
    int n = snprintf(place, sizeof place, "%.*s:%d", SLICE_ARG(file),
                     (int)json_integer_value(json_object_get(row, "line")));

    printf("  %s", fate_colour(fate));
    put_wide(slice_is(fate, "owned") ? SLICE("OWNED") : fate, 10);
    put_wide(json_member(row, "rule"), name_width + 2);
    printf("%s", show_paint(RESET));
    put(json_member(row, "reason"));
    if (file.len > 0 && n > 0 && (size_t)n < sizeof place)
        printf("  %s%s%s", show_paint(DIM), place, show_paint(RESET));
    putchar('\n');
}

static void show_decision(const json_t *line)
{
    const json_t *rules = json_object_get(line, "rules"), *facts = json_object_get(line, "facts");
    long long more = json_integer_value(json_object_get(line, "more"));
    size_t name = widest(rules, "rule"), i;
    json_t *row;

    json_array_foreach(rules, i, row) show_rule(row, name);
    if (!has_copy(rules))
        printf("  %s%-10s%-*s%s\n", show_paint(DIM), "copy", (int)name + 2, "-", "none");
    else
        printf("%s", show_paint(DIM));
    if (more > 0)
        printf("  %-10s%lld more rules of this kind, for other codes or past the list\n", "and", more);
    json_array_foreach(facts, i, row)
    {
        printf("  %-10s", "known");
        put_wide(json_member(row, "name"), name + 2);
        put(json_member(row, "value"));
        printf("  (");
        put(json_member(row, "from"));
        printf(")\n");
    }
    printf("  %-10sruleset %.*s, roster as of record %lld%s\n", "under",
           SLICE_ARG(json_member(line, "ruleset")),
           (long long)json_integer_value(json_object_get(line, "roster")), show_paint(RESET));
}

static void show_people(const json_t *line)
{
    const json_t *people = json_object_get(line, "people");
    size_t name = widest(people, "title"), i, told = 0;
    json_t *row;

    json_array_foreach(people, i, row)
    {
        bool yes = json_is_true(json_object_get(row, "told"));
        long long sends = json_integer_value(json_object_get(row, "sends"));
        printf("            %s%-9s", show_paint(yes ? "\033[1m" : DIM), yes ? "told" : "skipped");
        put_wide(json_member(row, "title"), name + 2);
        printf("%s", show_paint(RESET));
        put(json_member(row, "reason"));
        if (yes)
            printf("  %s%lld send%s%s", show_paint(DIM), sends, sends == 1 ? "" : "s", show_paint(RESET));
        putchar('\n');
        told += yes;
    }
    if (told == 0)
        printf("            %snobody%s\n", show_paint("\033[1;31m"), show_paint(RESET));
}

/* Rung again: who, on one line; the first time said why. */
static void show_again(const json_t *line)
{
    const json_t *people = json_object_get(line, "people");
    bool first = true;
    size_t i;
    json_t *row;

    printf(": ");
    json_array_foreach(people, i, row)
    {
        if (!json_is_true(json_object_get(row, "told")))
            continue;
        printf("%s", first ? "" : ", ");
        put(json_member(row, "title"));
        first = false;
    }
    puts(first ? "nobody" : "");
}

/* "step 2    its time came" and who it was for; in the story of a message also which alert's. */
static void show_step(const json_t *line, struct slice type)
{
    bool again = slice_is(json_member(line, "why"), "repeated") || slice_is(type, "ring");
    struct slice alert = slice_sub(json_member(line, "alert"), 0, 4);
    char what[32];

    snprintf(what, sizeof what, "%s %lld", slice_is(type, "ring") ? "ring" : "step",
             (long long)json_integer_value(json_object_get(line, "step")));
    printf("%s%-13s%s ", show_paint("\033[1m"), what, show_paint(RESET));
    put(json_member(line, "why"));
    if (alert.len > 0)
        printf("  %s#%.*s%s", show_paint(DIM), SLICE_ARG(alert), show_paint(RESET));
    if (again) {
        show_again(line);
        return;
    }
    putchar('\n');
    show_people(line);
}

static const char *type_colour(struct slice type)
{
    if (slice_is(type, "accepted") || slice_is(type, "close"))
        return show_paint("\033[32m");
    if (slice_is(type, "exhausted"))
        return show_paint("\033[1;31m");
    return show_paint(slice_is(type, "delivery") || slice_is(type, "notice") ? DIM : "");
}

static void show_state(const json_t *line)
{
    const json_t *told = json_object_get(line, "told");
    struct slice by = json_member(line, "taken_by");
    size_t i;
    json_t *one;

    printf("%sthen      %s", show_paint("\033[1m"), show_paint(RESET));
    put(json_member(line, "state"));
    printf("  rule ");
    put(json_member(line, "rule"));
    if (by.len > 0) {
        printf("  taken by ");
        put(by);
    }
    printf("  told: ");
    json_array_foreach(told, i, one)
    {
        printf("%s", i > 0 ? ", " : "");
        put(slice_of(json_string_value(one)));
    }
    printf("%s\n", json_array_size(told) == 0 ? "nobody" : "");
}

/* The first line: the alert as it is now, or the message and the time that is asked about. */
static void show_head(const json_t *line)
{
    if (json_object_get(line, "file") != NULL) {
        printf("%s", show_paint("\033[1m"));
        put(json_member(line, "file"));
        printf("%s  message %lld  listener ", show_paint(RESET),
               (long long)json_integer_value(json_object_get(line, "message")));
        put(json_member(line, "listener"));
        printf("  as of ");
        put(json_member(line, "at"));
        printf("  ");
        put(json_member(line, "from"));
        putchar('\n');
        return;
    }
    printf("%s", show_class_colour(json_string_value(json_object_get(line, "class"))));
    put(json_member(line, "alert"));
    printf("  ");
    put(json_member(line, "title"));
    printf(" ");
    put(json_member(line, "unit"));
    printf("-");
    put(json_member(line, "bed"));
    printf("%s  ", show_paint(RESET));
    put(json_member(line, "state"));
    printf("  rule ");
    put(json_member(line, "rule"));
    printf("  ruleset ");
    put(json_member(line, "ruleset"));
    putchar('\n');
}

/* Older records have the others as lines of text. */
static void show_others(struct slice others)
{
    while (others.len > 0) {
        printf("%s%24s", show_paint(DIM), "");
        put(slice_cut(&others, '\n'));
        printf("%s\n", show_paint(RESET));
    }
}

void show_explain_line(void *ctx, json_t *line)
{
    struct slice type = json_member(line, "type");

    (void)ctx;
    if (type.len == 0) {
        show_head(line);
    } else if (slice_is(type, "decision")) {
        if (json_object_get(line, "alert") == NULL || slice_is(json_member(line, "fate"), "ignored")) {
            put(json_member(line, "clock"));
            printf("  ");
            put(json_member(line, "text"));
            putchar('\n');
        }
        show_decision(line);
    } else if (slice_is(type, "state")) {
        show_state(line);
    } else {
        /* The wall clock of the hospital, as the people who were there saw it. */
        put(json_member(line, "clock"));
        printf("  ");
        if (slice_is(type, "step") || slice_is(type, "ring")) {
            show_step(line, type);
            return;
        }
        printf("%s", type_colour(type));
        put_wide(slice_is(type, "alert-open") ? SLICE("event") : type, 13);
        printf("%s ", show_paint(RESET));
        put(json_member(line, "text"));
        if (slice_is(type, "alert-open") && json_object_get(line, "alert") != NULL)
            printf("  %s#%.*s%s", show_paint(DIM), SLICE_ARG(slice_sub(json_member(line, "alert"), 0, 4)),
                   show_paint(RESET));
        putchar('\n');
        show_others(json_member(line, "others"));
    }
}
