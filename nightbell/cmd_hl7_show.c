/* nightbell hl7 show: a message as a tree that a person can read. */
#include "base/utf8.h"
#include "hl7/ack.h"
#include "hl7/names.h"
#include "nightbell/hl7_tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DIM    "\033[2m"
#define BOLD   "\033[1m"
#define SEG    "\033[1;36m"
#define NAME   "\033[33m"
#define RED    "\033[31m"
#define NORMAL "\033[0m"

enum { TEXT_BYTES = 400, PLACE_COLUMN = 14, NAME_COLUMN = 34, VALUE_LEAST = 20 };

struct showing {
    const struct hl7_message *m;
    struct arena *arena;
    bool full; /* long values whole */
    bool all;  /* empty fields too */
    size_t
        width; /* characters of a line that values have on this terminal; 0: lines are as long as they are */
};

/* Values stand in a column of their own, also their second line; on a narrow terminal they run on. */
static size_t value_width(void)
{
    struct winsize size = { 0 };
    size_t before = PLACE_COLUMN + NAME_COLUMN;

    if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col >= before + VALUE_LEAST ? size.ws_col - before : 0;
}

/* One value on one line: line ends and control characters show as ⏎ and ·; a long one says what is left out.
 */
static void print_value(const struct showing *s, struct slice text)
{
    size_t shown = text.len;

    if (!s->full && text.len > TEXT_BYTES)
        for (shown = TEXT_BYTES; shown > 0 && ((unsigned char)text.ptr[shown] & 0xC0) == 0x80;)
            shown--;
    for (size_t i = 0, column = 0; i < shown; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        column += (c & 0xC0) != 0x80;
        if (s->width > 0 && column > s->width) {
            printf("\n%*s", PLACE_COLUMN + NAME_COLUMN, "");
            column = 1;
        }
        if (c == '\n' || c == '\r')
            printf("%s⏎%s", hl7_paint(DIM), hl7_paint(NORMAL));
        else if (c < 0x20 || c == 0x7F)
            printf("%s·%s", hl7_paint(DIM), hl7_paint(NORMAL));
        else
            putchar(c);
    }
    if (shown < text.len)
        printf("%s … %zu bytes more (--full)%s", hl7_paint(DIM), text.len - shown, hl7_paint(NORMAL));
}

static void print_raw(const struct showing *s, struct slice raw, enum hl7_presence state, bool delimiters)
{
    if (state == HL7_NULL)
        printf("%s\"\"%s", hl7_paint(RED), hl7_paint(NORMAL));
    else if (state == HL7_VALUE)
        print_value(s, delimiters ? raw : hl7_text(s->m, s->arena, raw));
    else
        printf("%s-%s", hl7_paint(DIM), hl7_paint(NORMAL));
    putchar('\n');
}

/* "  PID-3[2].4   assigning authority        ". `alone`: no value follows on this line. */
static void print_label(int indent, const char *place, const char *name, const char *type, bool alone)
{
    int left = PLACE_COLUMN - indent - (int)strlen(place),
        width = name != NULL ? (int)utf8_count(slice_of(name)) : 0;

    printf("%*s%s%s%s%*s", indent, "", hl7_paint(BOLD), place, hl7_paint(NORMAL), left > 0 ? left : 1, "");
    printf("%s%s%s", hl7_paint(NAME), name != NULL ? name : "", hl7_paint(NORMAL));
    if (type[0] != '\0' && type[0] != '*') {
        printf(" %s%s%s", hl7_paint(DIM), type, hl7_paint(NORMAL));
        width += 1 + (int)strlen(type);
    }
    if (alone)
        putchar('\n');
    else
        printf("%*s", width < NAME_COLUMN ? NAME_COLUMN - width : 2, "");
}

static uint32_t parts_count(struct slice raw, char delimiter)
{
    uint32_t n = 1;

    for (size_t i = 0; delimiter != 0 && i < raw.len; i++)
        n += raw.ptr[i] == delimiter;
    return n;
}

static void show_subs(const struct showing *s, size_t at, uint32_t field, uint32_t rep, uint32_t component,
                      struct slice raw)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(s->m);
    const char *type =
        hl7_component_type(slice_of(hl7_field_type(hl7_segment_name(s->m, at), field)), component);
    uint32_t count = parts_count(raw, d->subcomponent);
    char place[32];

    for (uint32_t n = 1; count > 1 && n <= count; n++) {
        struct slice part;
        enum hl7_presence state = hl7_get(s->m, at, field, rep, component, n, &part);
        if (state < HL7_NULL)
            continue;
        snprintf(place, sizeof place, ".%u", n);
        print_label(6, place, hl7_component_name(slice_of(type), n), hl7_component_type(slice_of(type), n),
                    false);
        print_raw(s, part, state, false);
    }
}

static void show_components(const struct showing *s, size_t at, uint32_t field, uint32_t rep,
                            struct slice raw)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(s->m);
    struct slice type = slice_of(hl7_field_type(hl7_segment_name(s->m, at), field));
    uint32_t count = parts_count(raw, d->component);
    char place[32];

    for (uint32_t n = 1; n <= count; n++) {
        struct slice part;
        enum hl7_presence state = hl7_get(s->m, at, field, rep, n, 0, &part);
        if (state < HL7_NULL)
            continue;
        snprintf(place, sizeof place, ".%u", n);
        bool composed = d->subcomponent != 0 && slice_find(part, d->subcomponent) < part.len;
        print_label(4, place, hl7_component_name(type, n), hl7_component_type(type, n), composed);
        if (!composed)
            print_raw(s, part, state, false);
        show_subs(s, at, field, rep, n, part);
    }
}

static bool is_composed(const struct showing *s, struct slice raw)
{
    const struct hl7_delimiters *d = hl7_message_delimiters(s->m);

    return (d->component != 0 && slice_find(raw, d->component) < raw.len) ||
           (d->subcomponent != 0 && slice_find(raw, d->subcomponent) < raw.len);
}

static void show_field(const struct showing *s, size_t at, uint32_t field)
{
    struct slice name = hl7_segment_name(s->m, at), raw;
    uint32_t count = hl7_repetitions(s->m, at, field);
    bool delimiters = at == 0 && field <= 2;
    char place[32];

    for (uint32_t r = 1; r <= (count > 0 ? count : 1); r++) {
        enum hl7_presence state = hl7_get(s->m, at, field, delimiters ? 0 : r, 0, 0, &raw);
        if (state < HL7_NULL && !s->all)
            continue;
        if (count > 1)
            snprintf(place, sizeof place, "%.3s-%u[%u]", name.ptr, field, r);
        else
            snprintf(place, sizeof place, "%.3s-%u", name.ptr, field);
        bool composed = !delimiters && state == HL7_VALUE && is_composed(s, raw);
        print_label(2, place, hl7_field_name(name, field), hl7_field_type(name, field), composed);
        if (composed)
            show_components(s, at, field, r, raw);
        else
            print_raw(s, raw, state, delimiters);
    }
}

static void show_segment(const struct showing *s, size_t at)
{
    struct slice name = hl7_segment_name(s->m, at);
    const char *title = hl7_segment_title(name);
    char place[HL7_PLACE];

    if (name.len != 3) { /* a line that is no segment */
        printf("%s%s%s\n  ", hl7_paint(RED), hl7_place(s->m, at, 0, 0, place), hl7_paint(NORMAL));
        print_value(s, hl7_text(s->m, s->arena, hl7_segment_raw(s->m, at)));
        putchar('\n');
        return;
    }
    printf("%s%s%s  %s\n", hl7_paint(SEG), hl7_place(s->m, at, 0, 0, place), hl7_paint(NORMAL),
           title != NULL        ? title
           : name.ptr[0] == 'Z' ? "of this site (Z-segment)"
                                : "unknown segment");
    for (uint32_t field = 1; field <= hl7_segment_fields(s->m, at); field++)
        show_field(s, at, field);
}

static void show_message(const struct showing *s, const struct hl7_item *item, size_t n, size_t of)
{
    struct hl7_header h;

    hl7_header_read(s->m, &h);
    if (of > 1)
        printf("%s--- message %zu of %zu%s  ", hl7_paint(BOLD), n, of, hl7_paint(NORMAL));
    printf("%s%.*s%s%.*s%s  version %.*s  control id %.*s  %sat byte %zu, %zu bytes, %zu segments%s\n",
           hl7_paint(BOLD), SLICE_ARG(h.type),
           h.event.len > 0  ? "^"
           : h.type.len > 0 ? ""
                            : "no type",
           SLICE_ARG(h.event), hl7_paint(NORMAL), SLICE_ARG(h.version), SLICE_ARG(h.control_id),
           hl7_paint(DIM), item->offset, item->bytes.len, hl7_message_segments(s->m), hl7_paint(NORMAL));
    for (size_t i = 0; i < hl7_message_segments(s->m); i++)
        show_segment(s, i);
}

static int run_show(int argc, char **argv)
{
    bool full = false, all = false;
    const char *message = NULL;
    const struct option_spec specs[] = { { .name = "--full", .flag = &full },
                                         { .name = "--all", .flag = &all },
                                         { .name = "--message", .value = &message },
                                         { .name = NULL } };
    struct hl7_file f;
    size_t first = 1, last = 0;

    if (!options_take(&argc, argv, specs))
        return COMMAND_USAGE;
    if (argc != 2)
        return usage_error("hl7 show", "a FILE is needed");
    if (!hl7_file_read(&f, argv[1]))
        return COMMAND_AWAY;
    int code = hl7_file_range(&f, "show", message, true, &first, &last) ? COMMAND_DONE : COMMAND_NO;
    for (size_t n = first; code == COMMAND_DONE && n <= last; n++) {
        const struct hl7_item *item = hl7_file_message(&f, n);
        struct hl7_message *m = hl7_file_parse(&f, item, n);
        struct showing s = { m, f.arena, full, all, value_width() };
        if (m != NULL)
            show_message(&s, item, n, f.messages);
        else
            code = COMMAND_NO;
    }
    hl7_file_free(&f);
    return code;
}

const struct hl7_tool tool_show = {
    "show",
    "show FILE [--message N|all] [--full] [--all]\n\n"
    "A readable tree: segments, fields, components and sub-components with their names and types, decoded.\n"
    "Colour on a terminal (not with NO_COLOR). \"\" in red is the HL7 null.\n"
    "  --full  long values whole (they are cut, and say so)\n"
    "  --all   empty fields too\n"
    "Exit codes: 0 done, 1 a message cannot be read, 4 no such file.",
    "a readable tree with field names", run_show
};
