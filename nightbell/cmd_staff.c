/* nightbell/cmd_staff.c - staff, places: the directory as the router knows it, from site and feeds. */
#include "nightbell/commands.h"
#include "nightbell/control.h"

#include <stdio.h>
#include <string.h>

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s != NULL ? s : "";
}

/* A column; what feeds send may hold control characters, which a terminal must not obey. */
static void put_cell(const char *s, size_t width)
{
    size_t used = 0;

    for (; *s != '\0' && (width == 0 || used < width); s++) {
        unsigned char c = (unsigned char)*s;
        putchar(c < ' ' || c == 0x7f ? '?' : c);
        used += (c & 0xC0) != 0x80; /* one for each character of UTF-8 */
    }
    while ((*s & 0xC0) == 0x80) /* the rest of the last character */
        putchar(*s++);
    for (; used < width; used++)
        putchar(' ');
    if (width > 0)
        putchar(' ');
}

static int run_list(int argc, char **argv, const char *what, void (*show)(void *ctx, json_t *line))
{
    const char *data = NULL;
    bool json = false;
    const struct option_spec specs[] = { { .name = "--data", .value = &data },
                                         { .name = "--json", .flag = &json },
                                         { .name = NULL } };

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 1 || data == NULL)
        return usage_error(argv[0], "--data DIR is needed");
    if (!json)
        show(NULL, NULL);
    return control_command(data, json_pack("{s:s}", "do", what), json ? control_print : show, NULL);
}

/* --- staff -------------------------------------------------------------------------------------------- */

static const char staff_help[] =
    "usage: nightbell staff --data DIR [--json]\n"
    "\n"
    "The people as the router knows them: those of the site, what staff feeds (MFN^M02, PMU) say of them, "
    "and\n"
    "those whom only a feed knows (LISTENER:KEY), with their state and whether anything rings them now.\n";

/* NULL: the heading. */
static void show_person(void *ctx, json_t *o)
{
    (void)ctx;
    put_cell(o == NULL ? "person" : text(o, "person"), 20);
    put_cell(o == NULL ? "name" : text(o, "title"), 24);
    put_cell(o == NULL ? "source" : text(o, "source"), 10);
    put_cell(o == NULL ? "department" : text(o, "department"), 18);
    put_cell(o == NULL ? "rings" : json_is_true(json_object_get(o, "reachable")) ? "yes" : "no", 5);
    put_cell(o == NULL ? "state" : text(o, "state"), 0);
    putchar('\n');
}

static int run_staff(int argc, char **argv)
{
    return run_list(argc, argv, "staff", show_person);
}

const struct command command_staff = { "staff", "the people, from the site and from staff feeds", staff_help,
                                       run_staff };

/* --- places ------------------------------------------------------------------------------------------- */

static const char places_help[] = "usage: nightbell places --data DIR [--json]\n"
                                  "\n"
                                  "Units and beds: those of the site, what feeds (MFN^M05, ADT^A20) say of "
                                  "them, and those that only a feed\n"
                                  "names, with their state.\n";

static void show_place(void *ctx, json_t *o)
{
    (void)ctx;
    put_cell(o == NULL ? "unit" : text(o, "unit"), 12);
    put_cell(o == NULL ? "room" : text(o, "room"), 8);
    put_cell(o == NULL ? "bed" : text(o, "bed"), 8);
    put_cell(o == NULL ? "title" : text(o, "title"), 24);
    put_cell(o == NULL ? "source" : text(o, "source"), 10);
    put_cell(o == NULL ? "status" : text(o, "status"), 14);
    put_cell(o == NULL ? "state" : text(o, "state"), 0);
    putchar('\n');
}

static int run_places(int argc, char **argv)
{
    return run_list(argc, argv, "places", show_place);
}

const struct command command_places = { "places", "units and beds, from the site and from feeds", places_help,
                                        run_places };
