/* The structured part of explain: the rules that were looked at, the facts, the people. */
#include "router/telling.h"

#include "base/utf8.h"
#include "router/ignored.h"

void put_key(struct telling *t, const char *key)
{
    bool first = t->more.len > 0 && (t->more.ptr[t->more.len - 1] == '{');

    buf_printf(&t->more, "%s\"%s\":", first ? "" : ",", key);
}

void put_member(struct telling *t, const char *key, struct slice value)
{
    put_key(t, key);
    buf_text(&t->more, "\"");
    utf8_put_json(&t->more, value);
    buf_text(&t->more, "\"");
}

void put_number(struct telling *t, const char *key, uint64_t value)
{
    put_key(t, key);
    buf_printf(&t->more, "%llu", (unsigned long long)value);
}

void put_title(struct telling *t, struct slice holder)
{
    buf_put(&t->text, core_title(t->core, holder));
}

size_t sends_to(const struct send_item *sends, size_t count, struct slice holder)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += slice_eq(sends[i].holder, holder);
    return n;
}

/* Who was looked up, told or skipped, and why. */
void put_people(struct telling *t, const struct told_item *items, size_t count, const struct send_item *sends,
                size_t send_count)
{
    put_key(t, "people");
    buf_text(&t->more, "[");
    for (size_t i = 0; i < count; i++) {
        buf_text(&t->more, i > 0 ? ",{" : "{");
        put_member(t, "holder", items[i].holder);
        put_member(t, "title", core_title(t->core, items[i].holder));
        put_key(t, "told");
        buf_text(&t->more, items[i].told ? "true" : "false");
        put_member(t, "reason", items[i].reason);
        put_number(t, "sends", items[i].told ? sends_to(sends, send_count, items[i].holder) : 0);
        buf_text(&t->more, "}");
    }
    buf_text(&t->more, "]");
}

static void put_facts(struct telling *t, struct slice blob)
{
    size_t count;
    const struct fact *facts = items_read(t->arena, &fact_layout, blob, &count);

    put_key(t, "facts");
    buf_text(&t->more, "[");
    for (size_t i = 0; i < count; i++) {
        buf_text(&t->more, i > 0 ? ",{" : "{");
        put_member(t, "name", facts[i].name);
        put_member(t, "value", facts[i].value);
        put_member(t, "from", facts[i].from);
        buf_text(&t->more, "}");
    }
    buf_text(&t->more, "]");
}

static void put_rules(struct telling *t, struct slice blob)
{
    size_t count;
    const struct judged *rules = items_read(t->arena, &judged_layout, blob, &count);

    put_key(t, "rules");
    buf_text(&t->more, "[");
    for (size_t i = 0; i < count; i++) {
        buf_text(&t->more, i > 0 ? ",{" : "{");
        put_member(t, "rule", rules[i].rule);
        put_member(t, "fate", slice_of(candidate_fate_name((enum candidate_fate)rules[i].fate)));
        put_member(t, "file", rules[i].file);
        put_number(t, "line", rules[i].line);
        put_member(t, "reason", rules[i].reason);
        buf_text(&t->more, "}");
    }
    buf_text(&t->more, "]");
    buf_printf(&t->text, "; %zu rules looked at", count);
}

void put_ignored(struct telling *t, struct slice blob)
{
    const struct ignored_list l = ignored_read(t->arena, blob);

    put_key(t, "ignored");
    buf_text(&t->more, "[");
    for (const struct ignored *i = l.first; i != NULL; i = i->next) {
        buf_text(&t->more, i != l.first ? ",{" : "{");
        put_member(t, "rule", i->rule);
        put_member(t, "kind", slice_of(event_kind_name(i->kind)));
        put_member(t, "code", i->key);
        put_member(t, "where", i->where);
        buf_text(&t->more, "}");
        buf_printf(&t->text, "%s%.*s by %.*s", i != l.first ? ", " : "; nobody is told of ",
                   SLICE_ARG(i->key), SLICE_ARG(i->rule));
    }
    buf_text(&t->more, "]");
}

void tell_decision(struct telling *t, const struct record *r)
{
    const struct record_decision *d = &r->as.decision;

    if (d->event.len > 0) {
        put_event(t, d->event);
        buf_text(&t->text, "; ");
    }
    buf_printf(&t->text, "%s by %.*s: %.*s", fate_name((enum fate)d->fate), SLICE_ARG(d->rule),
               SLICE_ARG(d->why));
    put_member(t, "fate", slice_of(fate_name((enum fate)d->fate)));
    put_member(t, "rule", d->rule);
    put_key(t, "ruleset");
    buf_text(&t->more, "\"");
    for (size_t i = 0; i < 6; i++)
        buf_printf(&t->more, "%02x", d->site[i]);
    buf_text(&t->more, "\"");
    put_number(t, "roster", d->roster);
    put_rules(t, d->rules);
    put_number(t, "more", d->more);
    put_facts(t, d->facts);
    if (d->more > 0)
        buf_printf(&t->text, ", %u more ask for another code or place", d->more);
}
