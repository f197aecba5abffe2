/* The comparison on a terminal. */
#include "nightbell/replay_report.h"

#include <stdio.h>

enum { LETHAL_LINES = 20, NAMES = 6 };

static FILE *sink; /* of the report in hand */
static bool coloured;

static const char *paint(const char *code)
{
    return coloured ? code : "";
}

static void label(const char *text)
{
    fprintf(sink, "  %s%-24s%s ", paint("\033[1m"), text, paint("\033[0m"));
}

static void show_change(const char *text, const uint64_t sides[SIDE_COUNT])
{
    char a[COUNT_TEXT], b[BOUNDS_TEXT];

    label(text);
    fprintf(sink, "%s -> %s\n", count_text(sides[SIDE_RECORD], a), bounds_text(sides, b));
}

static void show_pairs(const struct compare_pair *list, size_t count, bool with_from)
{
    char n[BOUNDS_TEXT];

    for (size_t i = 0; i < count && i < NAMES; i++) {
        if (with_from)
            fprintf(sink, "%s%.*s -> %.*s %s", i > 0 ? ", " : "", SLICE_ARG(list[i].from),
                    SLICE_ARG(list[i].to), bounds_text(list[i].count, n));
        else
            fprintf(sink, "%s%.*s %s", i > 0 ? ", " : "", SLICE_ARG(list[i].to),
                    bounds_text(list[i].count, n));
    }
    fputs(count > NAMES ? ", ...\n" : "\n", sink);
}

static void show_lethal_row(const struct compare_row *r)
{
    const struct compare_side_row *a = &r->side[SIDE_RECORD], *b = &r->side[SIDE_NOBODY];
    struct slice none = SLICE("nobody's"), was = a->there ? a->rule : none, now = b->there ? b->rule : none;
    char at[TIME_TEXT], by[BOUNDS_TEXT];

    time_text(r->opened_wall_us, at);
    fprintf(sink, "    %016llx  %.19s  %-12.*s %-6.*s  %.*s -> %.*s", (unsigned long long)r->alert, at,
            SLICE_ARG(r->code), SLICE_ARG(r->unit), SLICE_ARG(was), SLICE_ARG(now));
    if (a->first_us != TIME_NONE && b->first_us != TIME_NONE)
        fprintf(sink, "  first notice %s", shift_text(b->first_us - a->first_us, by));
    else if (a->first_us != b->first_us)
        fprintf(sink, "  %s", b->first_us == TIME_NONE ? "NOBODY IS TOLD" : "told now");
    for (size_t i = 0; i < r->told_count; i++) {
        bool before = r->told[i].at_us[SIDE_RECORD] != TIME_NONE;
        bool after = r->told[i].at_us[SIDE_NOBODY] != TIME_NONE;
        if (before != after)
            fprintf(sink, "  %c%.*s", after ? '+' : '-', SLICE_ARG(r->told[i].holder));
    }
    fputc('\n', sink);
}

static void show_lethal(const struct replay_report *r)
{
    size_t count, changed = 0;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);

    for (size_t i = 0; i < count; i++)
        changed += rows[i]->class == CLASS_LETHAL && replay_changed(rows[i]);
    label("lethal class changed");
    fprintf(sink, "%s%zu%s\n", changed > 0 ? paint("\033[1;31m") : "", changed, paint("\033[0m"));
    for (size_t i = 0, shown = 0; i < count && shown < LETHAL_LINES; i++)
        if (rows[i]->class == CLASS_LETHAL && replay_changed(rows[i])) {
            show_lethal_row(rows[i]);
            shown++;
        }
    if (changed > LETHAL_LINES)
        fprintf(sink, "    ... and %zu more: --json and --html have all\n", changed - LETHAL_LINES);
}

static void show_shift(const struct replay_report *r)
{
    const struct compare_figures *f = &r->figures;
    char a[BOUNDS_TEXT], b[BOUNDS_TEXT], n[BOUNDS_TEXT];

    label("first notice");
    fprintf(sink, "%s moved; median %s", bounds_text(f->moved, n), shift_text(f->median_us[SIDE_NOBODY], a));
    if (f->median_us[SIDE_EVERYBODY] != f->median_us[SIDE_NOBODY])
        fprintf(sink, " to %s", shift_text(f->median_us[SIDE_EVERYBODY], b));
    if (f->worst_us[SIDE_NOBODY] >= COMPARE_SAME_US)
        fprintf(sink, ", worst %s (alert %016llx)", shift_text(f->worst_us[SIDE_NOBODY], a),
                (unsigned long long)f->worst_alert[SIDE_NOBODY]);
    fputc('\n', sink);
}

static double rate(const struct compare_figures *f, enum compare_side side)
{
    return f->person_hours > 0 ? (double)f->people_sends[side] / (double)f->person_hours : 0;
}

static void show_rates(const struct compare_figures *f)
{
    label("sends per person-hour");
    fprintf(sink, "%.2f -> %.2f", rate(f, SIDE_RECORD), rate(f, SIDE_NOBODY));
    if (f->people_sends[SIDE_NOBODY] != f->people_sends[SIDE_EVERYBODY])
        fprintf(sink, " to %.2f", rate(f, SIDE_EVERYBODY));
    fprintf(sink, "   (%llu person-hours: somebody, and a clock hour in which any side rang them)\n",
            (unsigned long long)f->person_hours);
}

static void show_head(const struct replay_report *r)
{
    const struct compare_figures *f = &r->figures;
    char from[TIME_TEXT] = "-", to[TIME_TEXT] = "-", a[COUNT_TEXT], b[COUNT_TEXT];
    double share = f->messages > 0 ? 100.0 * (double)f->full_context / (double)f->messages : 100;

    if (r->from_us != TIME_NONE) {
        time_text(r->from_us, from);
        time_text(r->to_us, to);
    }
    fprintf(sink, "%s%s%s  %s to %s\n", paint("\033[1m"), r->title, paint("\033[0m"), from, to);
    fprintf(sink, "%s messages, %.*f %% with full context; %s alerts; engine = live engine\n",
            count_text(f->messages, a), share == 100 ? 0 : 1, share, count_text(f->events, b));
}

static void show_model(const struct compare_figures *f)
{
    char a[BOUNDS_TEXT] = "unknown: the record has none";

    if (f->accept_median_us != TIME_NONE)
        shift_text(f->accept_median_us, a);
    fprintf(
        sink,
        "\nWhere two figures stand, people are a model: as few or as many answer as can be. %llu recorded "
        "answers and\nreceipts were used; %llu sends rang phones that the record did not ring; %llu "
        "accepts were "
        "assumed for the second bound,\neach after the median of the record (%s).\n",
        (unsigned long long)f->answers_recorded, (unsigned long long)f->sends_uncovered,
        (unsigned long long)f->answers_invented, a[0] == '+' ? a + 1 : a);
    if (f->refused > 0)
        fprintf(
            sink,
            "%llu recorded assignments, absences or devices do not fit the candidate and were left out.\n",
            (unsigned long long)f->refused);
}

void replay_show(const struct replay_report *r, FILE *out, bool colour)
{
    const struct compare_figures *f = &r->figures;
    char n[BOUNDS_TEXT];

    sink = out;
    coloured = colour;

    show_head(r);
    show_lethal(r);
    label("owner changed");
    fprintf(sink, "%s  ", bounds_text(f->owner_changed, n));
    show_pairs(f->owners, f->owner_count, true);
    label("told now, not before");
    fprintf(sink, "%s  ", bounds_text(f->gained_alerts, n));
    show_pairs(f->gained, f->gained_count, false);
    label("told before, not now");
    fprintf(sink, "%s  ", bounds_text(f->lost_alerts, n));
    show_pairs(f->lost, f->lost_count, false);
    show_shift(r);
    show_change("reach only a desk", f->desk_only);
    show_change("ended, nobody told", f->held_back);
    show_change("held by a clause", f->waited);
    show_change("exhausted", f->exhausted);
    show_change("sends", f->sends);
    show_rates(f);
    show_model(f);
}
