/* The comparison as one page without anything from outside: phone, keyboard, screen reader, light and dark.
 */
#include "nightbell/print_rules.h"
#include "nightbell/replay_report.h"

#include <stdio.h>
#include <string.h>

enum { WIDE = 720, HIGH = 220, LEFT = 46, BOTTOM = 26, TOP = 10, MOST_ROWS = 500 };

static const char STYLE[] =
    ":root{color-scheme:light dark;--ink:#1b2733;--soft:#51606e;--paper:#fff;--line:#ccd5dd;--was:#8593a0;"
    "--now:#0b62a8;--may:#7fb2dc;--red:#b3261e}@media(prefers-color-scheme:dark){:root{--ink:#e6ecf1;"
    "--soft:#a3b1bd;--paper:#12181e;--line:#37444f;--was:#7d8b97;--now:#66b3f0;--may:#2f5f88;--red:#ff8a80}}"
    "*{box-sizing:border-box}body{font:16px/1.5 system-ui,'DejaVu Sans',Arial,sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:800px;margin:0 auto;padding:20px 16px 60px}h1{font-size:24px;margin:0}"
    "h2{font-size:19px;margin:32px 0 6px}p{margin:6px 0}.soft{color:var(--soft);font-size:14px}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}caption{text-align:left;"
    "color:var(--soft);padding:4px 0}th,td{text-align:left;padding:5px 12px 5px "
    "0;border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;white-space:nowrap}"
    ".red{color:var(--red);font-weight:600}svg{width:100%;min-width:560px;height:auto;display:block}"
    "svg text{fill:var(--soft);font:11px system-ui,'DejaVu Sans',Arial,sans-serif}.was{fill:var(--was)}"
    ".now{fill:var(--now)}.may{fill:var(--may)}.axis{stroke:var(--line)}code{font-family:'DejaVu Sans "
    "Mono',monospace;font-size:13px}summary{cursor:pointer}:focus-visible{outline:3px solid var(--now);"
    "outline-offset:2px}.key{display:inline-block;width:12px;height:12px;margin:0 5px 0 12px}";

static void put_cell(struct buf *out, const char *text)
{
    buf_printf(out, "<td class=\"n\">%s</td>", text);
}

static void put_figure(struct buf *out, const char *name, const char *was, const char *now)
{
    buf_printf(out, "<tr><th scope=\"row\">%s</th>", name);
    put_cell(out, was);
    put_cell(out, now);
    buf_text(out, "</tr>\n");
}

static void put_sides(struct buf *out, const char *name, const uint64_t sides[SIDE_COUNT])
{
    char a[COUNT_TEXT], b[BOUNDS_TEXT];

    put_figure(out, name, count_text(sides[SIDE_RECORD], a), bounds_text(sides, b));
}

static void put_rates(struct buf *out, const struct compare_figures *f)
{
    char was[32], now[64];
    double hours = f->person_hours > 0 ? (double)f->person_hours : 1;

    snprintf(was, sizeof was, "%.2f", (double)f->people_sends[SIDE_RECORD] / hours);
    snprintf(now, sizeof now, "%.2f", (double)f->people_sends[SIDE_NOBODY] / hours);
    if (f->people_sends[SIDE_NOBODY] != f->people_sends[SIDE_EVERYBODY])
        snprintf(now + strlen(now), sizeof now - strlen(now), " to %.2f",
                 (double)f->people_sends[SIDE_EVERYBODY] / hours);
    put_figure(out, "sends per person-hour", was, now);
}

static void put_figures(struct buf *out, const struct compare_figures *f)
{
    char n[BOUNDS_TEXT], median[BOUNDS_TEXT];

    buf_text(out, "<h2>In figures</h2><div class=\"wide\" tabindex=\"0\"><table><caption>Two figures in one "
                  "place: nobody "
                  "beyond the record answers, everybody does.</caption><thead><tr><th scope=\"col\"></th><th "
                  "scope=\"col\" class=\"n\">recorded</th><th scope=\"col\" "
                  "class=\"n\">candidate</th></tr></thead><tbody>\n");
    put_figure(out, "alerts with another owner", "", bounds_text(f->owner_changed, n));
    put_figure(out, "told now, not before (person and alert)", "", bounds_text(f->gained_alerts, n));
    put_figure(out, "told before, not now", "", bounds_text(f->lost_alerts, n));
    put_figure(out, "first notice moved", "", bounds_text(f->moved, n));
    put_figure(out, "first notice, median", "", shift_text(f->median_us[SIDE_NOBODY], median));
    put_figure(out, "first notice, worst", "", shift_text(f->worst_us[SIDE_NOBODY], median));
    put_sides(out, "first notice reaches only a desk", f->desk_only);
    put_sides(out, "ended before anybody was told", f->held_back);
    put_sides(out, "held by a clause", f->waited);
    put_sides(out, "exhausted", f->exhausted);
    put_sides(out, "sends", f->sends);
    put_rates(out, f);
    buf_text(out, "</tbody></table></div>\n");
}

/* --- plots -----------------------------------------------------------------------------------------------
 */

static void put_bar(struct buf *out, double x, double width, double value, double most, const char *class)
{
    double high = (HIGH - TOP - BOTTOM) * value / (most > 0 ? most : 1);

    buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", class, x,
               HIGH - BOTTOM - high, width, high);
}

static void put_axis(struct buf *out, double most, const char *unit)
{
    buf_printf(out, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", LEFT, HIGH - BOTTOM,
               WIDE, HIGH - BOTTOM);
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f</text>", LEFT - 6, TOP + 8, most);
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0%s</text>", LEFT - 6, HIGH - BOTTOM, unit);
}

static uint64_t most_of(const struct compare_hour *h)
{
    uint64_t most = h->sends[0];

    for (int k = 1; k < SIDE_COUNT; k++)
        most = h->sends[k] > most ? h->sends[k] : most;
    return most;
}

static void put_hours(struct buf *out, const struct compare_figures *f)
{
    uint64_t most = 0;
    size_t every = f->hour_count > 12 ? f->hour_count / 12 + 1 : 1;

    for (size_t i = 0; i < f->hour_count; i++)
        most = most_of(&f->hours[i]) > most ? most_of(&f->hours[i]) : most;
    buf_text(out, "<h2>Sends an hour</h2><p class=\"soft\"><span class=\"key\" "
                  "style=\"background:var(--was)\"></span>recorded<span class=\"key\" "
                  "style=\"background:var(--now)\"></span>candidate, the least<span class=\"key\" "
                  "style=\"background:var(--may)\"></span>candidate, the most</p>\n");
    buf_printf(out,
               "<div class=\"wide\" tabindex=\"0\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
               "aria-labelledby=\"hours\"><title id=\"hours\">Sends "
               "an hour, recorded and under the candidate; the table of figures has the sums.</title>",
               WIDE, HIGH);
    put_axis(out, (double)most, "");
    double step = (double)(WIDE - LEFT) / (double)(f->hour_count > 0 ? f->hour_count : 1);
    for (size_t i = 0; i < f->hour_count; i++) {
        const struct compare_hour *h = &f->hours[i];
        double x = LEFT + step * (double)i, width = step * 0.4 < 40 ? step * 0.4 : 40;
        uint64_t low = h->sends[SIDE_NOBODY] < h->sends[SIDE_EVERYBODY] ? h->sends[SIDE_NOBODY]
                                                                        : h->sends[SIDE_EVERYBODY];
        uint64_t high = h->sends[SIDE_NOBODY] + h->sends[SIDE_EVERYBODY] - low;
        struct civil at = time_to_civil(h->wall_us);
        put_bar(out, x, width, (double)h->sends[SIDE_RECORD], (double)most, "was");
        put_bar(out, x + width, width, (double)high, (double)most, "may");
        put_bar(out, x + width, width, (double)low, (double)most, "now");
        if (i % every == 0)
            buf_printf(out, "<text x=\"%.1f\" y=\"%d\">%02u:00</text>", x, HIGH - 8, at.hour);
    }
    buf_text(out, "</svg></div>\n");
}

static bool both_told(const struct compare_row *r)
{
    return r->side[SIDE_RECORD].first_us != TIME_NONE && r->side[SIDE_NOBODY].first_us != TIME_NONE;
}

static double seconds(const struct compare_row *r)
{
    return (double)(r->side[SIDE_NOBODY].first_us - r->side[SIDE_RECORD].first_us) / 1e6;
}

static void put_dots(struct buf *out, const struct replay_report *r, double least, double most)
{
    size_t count;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);
    double range = (double)(r->to_us - r->from_us), span = most - least;

    for (size_t i = 0; i < count; i++) {
        if (!both_told(rows[i]) || (seconds(rows[i]) < 0.1 && seconds(rows[i]) > -0.1))
            continue;
        double x = LEFT + 6 + (WIDE - LEFT - 12) * (double)(rows[i]->opened_wall_us - r->from_us) / range;
        double y = TOP + (HIGH - TOP - BOTTOM) * (most - seconds(rows[i])) / span;
        buf_printf(out, "<circle class=\"now\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\" fill-opacity=\".7\"><title>",
                   x, y);
        markup_put(out, rows[i]->code);
        buf_printf(out, " %016llx %+.1f s</title></circle>", (unsigned long long)rows[i]->alert,
                   seconds(rows[i]));
    }
}

static void put_shifts(struct buf *out, const struct replay_report *r)
{
    size_t count, moved = 0;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);
    double least = 0, most = 0;

    for (size_t i = 0; i < count; i++)
        if (both_told(rows[i])) {
            double s = seconds(rows[i]);
            least = s < least ? s : least;
            most = s > most ? s : most;
            moved += s >= 0.1 || s <= -0.1;
        }
    buf_text(out, "<h2>First notice, alert by alert</h2>");
    if (moved == 0 || r->to_us <= r->from_us) {
        buf_text(out, "<p>No first notice moved.</p>\n");
        return;
    }
    buf_printf(out, "<p class=\"soft\">%zu moved; above the line later, below it earlier, in seconds.</p>\n",
               moved);
    double zero = TOP + (HIGH - TOP - BOTTOM) * most / (most - least);
    buf_printf(out,
               "<div class=\"wide\" tabindex=\"0\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
               "aria-labelledby=\"moved\"><title id=\"moved\">By how "
               "many seconds the first notice of each alert moved, from %.1f to %.1f.</title>",
               WIDE, HIGH, least, most);
    buf_printf(out, "<line class=\"axis\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>", LEFT, zero, WIDE,
               zero);
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%+.0f</text>", LEFT - 6, TOP + 8, most);
    buf_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%+.0f s</text>", LEFT - 6, HIGH - BOTTOM,
               least);
    put_dots(out, r, least, most);
    buf_text(out, "</svg></div>\n");
}

/* --- lists -----------------------------------------------------------------------------------------------
 */

static void put_told(struct buf *out, const struct compare_row *r)
{
    for (size_t i = 0; i < r->told_count; i++) {
        bool before = r->told[i].at_us[SIDE_RECORD] != TIME_NONE,
             now = r->told[i].at_us[SIDE_NOBODY] != TIME_NONE;
        if (before == now)
            continue;
        buf_text(out, now ? " now " : " no more ");
        markup_put(out, r->told[i].holder);
    }
}

static void put_row(struct buf *out, const struct compare_row *r)
{
    const struct compare_side_row *was = &r->side[SIDE_RECORD], *now = &r->side[SIDE_NOBODY];
    char at[TIME_TEXT], by[BOUNDS_TEXT] = "";

    time_text(r->opened_wall_us, at);
    buf_printf(out, "<tr><td><code>%016llx</code></td><td>%.19s</td><td>", (unsigned long long)r->alert, at);
    markup_put(out, r->code);
    buf_text(out, " ");
    markup_put(out, r->unit);
    buf_text(out, "</td><td>");
    markup_put(out, was->there ? was->rule : SLICE("nobody's"));
    buf_text(out, " &rarr; ");
    markup_put(out, now->there ? now->rule : SLICE("nobody's"));
    buf_printf(out, "</td><td class=\"n\">%s</td><td>",
               both_told(r)                     ? shift_text(now->first_us - was->first_us, by)
               : was->first_us == now->first_us ? ""
               : now->first_us == TIME_NONE     ? "nobody is told"
                                                : "told now");
    put_told(out, r);
    buf_text(out, "</td></tr>\n");
}

static void put_rows(struct buf *out, const struct replay_report *r, bool lethal)
{
    size_t count, shown = 0, all = 0;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);

    buf_text(out, "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">alert</th><th "
                  "scope=\"col\">when "
                  "(UTC)</th><th scope=\"col\">what, where</th><th scope=\"col\">rule</th><th scope=\"col\" "
                  "class=\"n\">first notice</th><th scope=\"col\">told</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < count; i++) {
        if (!replay_changed(rows[i]) || (rows[i]->class == CLASS_LETHAL) != lethal)
            continue;
        all++;
        if (lethal || shown < MOST_ROWS) {
            put_row(out, rows[i]);
            shown++;
        }
    }
    buf_text(out, "</tbody></table></div>\n");
    if (all > shown)
        buf_printf(out, "<p class=\"soft\">The first %zu of %zu; --json has all.</p>\n", shown, all);
}

static void put_lethal(struct buf *out, const struct replay_report *r)
{
    size_t count, changed = 0;
    const struct compare_row *const *rows = compare_rows(r->compare, &count);

    for (size_t i = 0; i < count; i++)
        changed += rows[i]->class == CLASS_LETHAL && replay_changed(rows[i]);
    buf_text(out, "<h2>Lethal class</h2>");
    if (changed == 0) {
        buf_text(out, "<p>No alert of a lethal class changed.</p>\n");
        return;
    }
    buf_printf(out, "<p class=\"red\">%zu alerts of a lethal class changed: look at each.</p>\n", changed);
    put_rows(out, r, true);
}

static void put_pairs(struct buf *out, const char *head, const struct compare_pair *list, size_t count,
                      bool with_from)
{
    char n[BOUNDS_TEXT];

    buf_printf(out, "<h2>%s</h2>", head);
    if (count == 0) {
        buf_text(out, "<p>None.</p>\n");
        return;
    }
    buf_text(out, "<div class=\"wide\" tabindex=\"0\"><table><tbody>\n");
    for (size_t i = 0; i < count && i < MOST_ROWS; i++) {
        buf_text(out, "<tr><th scope=\"row\">");
        if (with_from) {
            markup_put(out, list[i].from);
            buf_text(out, " &rarr; ");
        }
        markup_put(out, list[i].to);
        buf_printf(out, "</th><td class=\"n\">%s</td></tr>\n", bounds_text(list[i].count, n));
    }
    buf_text(out, "</tbody></table></div>\n");
}

static void put_model(struct buf *out, const struct compare_figures *f)
{
    char after[BOUNDS_TEXT] = "+unknown, the record has none";

    if (f->accept_median_us != TIME_NONE)
        shift_text(f->accept_median_us, after);
    buf_printf(
        out,
        "<p class=\"soft\">People are a model where two figures stand: a recorded answer counts for the "
        "same person and alert when she is told within a minute of then; for others either nobody answers "
        "or all accept after the record's median (%s). %llu recorded answers and receipts were used, %llu "
        "sends rang "
        "phones that the record did not ring, %llu accepts were assumed for the second bound. A person-hour "
        "is a person and a clock hour in which any side rang them (%llu).</p>\n",
        after + 1, (unsigned long long)f->answers_recorded, (unsigned long long)f->sends_uncovered,
        (unsigned long long)f->answers_invented, (unsigned long long)f->person_hours);
}

void replay_html(const struct replay_report *r, struct buf *out)
{
    const struct compare_figures *f = &r->figures;
    char from[TIME_TEXT] = "-", to[TIME_TEXT] = "-", a[COUNT_TEXT], b[COUNT_TEXT];
    double share = f->messages > 0 ? 100.0 * (double)f->full_context / (double)f->messages : 100;

    if (r->from_us != TIME_NONE) {
        time_text(r->from_us, from);
        time_text(r->to_us, to);
    }
    buf_printf(out,
               "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width,initial-scale=1\"><title>Replay</title><style>%s</style></head>"
               "<body><main><h1>Replay: ",
               STYLE);
    markup_put(out, slice_of(r->title));
    buf_printf(
        out,
        "</h1><p>%s to %s</p><p>%s messages, %.1f %% with full context; %s alerts; engine = live engine"
        "</p>\n",
        from, to, count_text(f->messages, a), share, count_text(f->events, b));
    put_model(out, f);
    put_lethal(out, r);
    put_figures(out, f);
    put_hours(out, f);
    put_shifts(out, r);
    put_pairs(out, "Owner changed", f->owners, f->owner_count, true);
    put_pairs(out, "Told now, not before", f->gained, f->gained_count, false);
    put_pairs(out, "Told before, not now", f->lost, f->lost_count, false);
    buf_text(out, "<h2>Every change</h2><details><summary>Show the list</summary>\n");
    put_rows(out, r, false);
    buf_text(out, "</details></main></body></html>\n");
}

bool replay_html_file(const struct replay_report *r, const char *path, struct error *err)
{
    struct buf page = buf_make((size_t)1 << 30);

    replay_html(r, &page);
    FILE *f = page.failed ? NULL : fopen(path, "we");
    bool fine = f != NULL && fwrite(page.ptr, 1, page.len, f) == page.len;
    fine = (f == NULL || fclose(f) == 0) && fine;
    buf_free(&page);
    return fine || error_set(err, ERROR_IO, "%s cannot be written", path);
}
