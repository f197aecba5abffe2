/* nightbell/cmd_why.c - the page of a finding's number, from inside the program. */
#include "nightbell/commands.h"
#include "nightbell/error_pages.h"
#include "nightbell/show.h"
#include "rules/syntax/diagnostics.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGES_MAX = 512 };

static const char help[] =
    "usage: nightbell why [NUMBER]\n"
    "\n"
    "What a finding of `nightbell check` means, why it is refused, an example, and how to "
    "mend it:\n"
    "nightbell why E401. Without a number: all of them.\n"
    "Exit codes: 0 shown, 1 there is no such number.\n";

static unsigned number_of(const char *name)
{
    return (unsigned)strtoul(name + (isalpha((unsigned char)name[0]) ? 1 : 0), NULL, 10);
}

const struct embedded_file *error_page(unsigned number)
{
    for (const struct embedded_file *p = error_pages; p->name != NULL; p++)
        if (number_of(p->name) == number)
            return p;
    return NULL;
}

struct slice error_page_title(const struct embedded_file *page)
{
    struct slice rest = { (const char *)page->bytes, page->length }, line = slice_cut(&rest, '\n');

    slice_cut(&line, ':');
    return slice_trim(line);
}

static int list_all(void)
{
    for (const struct embedded_file *p = error_pages; p->name != NULL; p++)
        printf("%.4s  %.*s\n", p->name, SLICE_ARG(error_page_title(p)));
    return COMMAND_DONE;
}

static int unknown(const char *word)
{
    struct slice names[PAGES_MAX];
    size_t count = 0;

    for (const struct embedded_file *p = error_pages; p->name != NULL && count < PAGES_MAX; p++)
        names[count++] = (struct slice){ p->name, 4 };
    struct slice near = diagnose_nearest(slice_of(word), names, count);
    fprintf(stderr, "nightbell: no finding has the number \"%s\"", word);
    if (near.len > 0)
        fprintf(stderr, "; did you mean %.*s?", SLICE_ARG(near));
    fprintf(stderr, "\n`nightbell why` lists all of them\n");
    return COMMAND_NO;
}

/* On a terminal headings are bold and the fences of examples are left out. */
static void print_page(const struct embedded_file *page, bool terminal)
{
    struct slice rest = { (const char *)page->bytes, page->length };

    while (rest.len > 0) {
        struct slice line = slice_cut(&rest, '\n');
        bool fence = slice_starts(line, SLICE("```")), heading = slice_starts(line, SLICE("#"));
        if (terminal && heading)
            printf("\x1b[1m%.*s\x1b[0m\n", SLICE_ARG(line));
        else if (!(terminal && fence))
            printf("%.*s\n", SLICE_ARG(line));
    }
}

static int run(int argc, char **argv)
{
    const struct option_spec none[] = { { .name = NULL } };

    if (!options_take(&argc, argv, none))
        return COMMAND_USAGE;
    if (argc > 2)
        return usage_error(argv[0], "one number at a time");
    if (argc == 1)
        return list_all();
    const char *word = argv[1];
    size_t len = strlen(word), letters = isalpha((unsigned char)word[0]) ? 1 : 0;
    const struct embedded_file *page =
        len == letters + 3 && strspn(word + letters, "0123456789") == 3 ? error_page(number_of(word)) : NULL;
    if (page == NULL)
        return unknown(word);
    print_page(page, show_colour_on(STDOUT_FILENO));
    return COMMAND_DONE;
}

const struct command command_why = { "why", "what a finding's number means and how to mend it", help, run };
