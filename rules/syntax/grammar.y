/* rules/syntax/grammar.y - the whole language of docs/rules/grammar.md, into the tree of docs/rules/ast.md.
 *
 * A push parser with LAC: before a word is handed in, the driver below asks the parser's own state
 * whether the word is a keyword there, so every keyword is also free as a name. Blocks are lists of
 * items with an `error` item, so the parser recovers at the next item's keyword or the closing brace;
 * order inside a block is judged afterwards (review.c), with better words than a parser has. */
%require "3.8"
%define api.pure full
%define api.push-pull push
%define api.prefix {bell_}
%define api.location.type {struct span}
%define parse.lac full
%define parse.error custom
%locations
%parse-param {struct bell_parser *p}

%code requires {
#include "rules/syntax/build.h"
}

%union {
    struct bell_word word;
    struct ast_node *node;
    struct bell_list list;
}

%code {
#include <stdlib.h>
#include <string.h>

#define YYLLOC_DEFAULT(current, rhs, n)                                                       \
    do {                                                                                      \
        if (n)                                                                                \
            (current) = bell_span(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n));                        \
        else {                                                                                \
            (current) = YYRHSLOC(rhs, 0);                                                     \
            (current).column += (current).length;                                             \
            (current).length = 0;                                                             \
        }                                                                                     \
    } while (0)

#define NOTHING ((struct bell_word){ { 0, 0 }, 0 })
#define EMPTY ((struct bell_list){ 0, 0 })
#define NODE(kind, at, word) bell_node(p, AST_##kind, at, word)
#define PARENT(kind, at, word, list) bell_parent(p, AST_##kind, at, word, list)
#define ONE(node) bell_append(EMPTY, node)
#define TWO(a, b) bell_append(ONE(a), b)
#define NUMBERED(w) ((struct bell_word){ { 0, 0 }, (w).number })

static void yyerror(const struct span *at, struct bell_parser *p, const char *message);
}

/* Classes. BAD... never fit anywhere: the lexer's faults become syntax errors in their place. */
%token END 0 "end of file"
%token <word> NAME "a name" STRING "a text in quotes" CODE "system:code" INT "a whole number"
%token <word> DEC "a number" DUR "a duration (15s, 2min)" TIME "a time (hh:mm)" DATE "a date (yyyy-mm-dd)"
%token <word> UNIT "a unit"
%token BAD "this character" BAD_STRING "a text without its closing quote" BAD_DURATION "this word"
%token LESS_EQ "<=" MORE_EQ ">=" OR_MISSING "or missing"

/* Keywords, from here to the last one (the driver's table is made from these names). */
%token <word> LANGUAGE "language" USE "use" SITE "site" TIMEZONE "timezone" DEMO "demo" YES "yes" NO "no"
%token <word> CATALOGUE "catalogue" LAYERS "layers" PLACES "places" CODES "codes" SHIFT "shift" ON "on"
%token <word> SWITCH "switch" SET "set" BY "by" MAX "max" DESK "desk" STAFFED "staffed" ALWAYS "always"
%token <word> DURING "during" RELAY "relay" REACH "reach" GROUP "group" CHAIN "chain" MESSAGE "message"
%token <word> LOCK "lock" FULL "full" REPLY "reply" RULE "rule" IN "in" OVERRIDES "overrides" TITLE "title"
%token <word> WHY "why" OWNER "owner" REVIEW "review" MODE "mode" COPY "copy" DEFAULT "default" FOR "for"
%token <word> IGNORE "ignore" BECAUSE "because" WHEN "when" AND "and" OR "or" NOT "not" UNLESS "unless"
%token <word> RAW "raw" FHIR "fhir" AS "as" IS "is" HAS "has" LIKE "like" WITHIN "within" MISSING "missing"
%token <word> IF "if" KNOWN "known" HOLD "hold" DEDUPE "dedupe" BUNDLE "bundle" LIMIT "limit" PER "per"
%token <word> SUPPRESS "suppress" WHILE "while" OPEN "open" SAME "same" DELIVER "deliver" NEED "need"
%token <word> ACCEPTS "accepts" FROM "from" LEASE "lease" EXPIRE "expire" STOP "stop" NOTIFY "notify"
%token <word> FYI "fyi" USING "using" AFTER "after" ACCEPTED "accepted" DELIVERED "delivered"
%token <word> REPEAT "repeat" ALL "all" EVERY "every" ESCALATE "escalate" ELSE "else" ONCALL "oncall" OF "of"
%token <word> UNIT_DESK "unit-desk" EVERYONE "everyone" TURN "turn" LEAST "least" COVERING "covering"
%token <word> VIA "via" URGENT "urgent" NORMAL "normal" SILENT "silent" WORLD "world" PATIENT "patient"
%token <word> MOVE "move" TO "to" ASSIGN "assign" COVERS "covers" AWAY "away" BACK "back" OFF "off"
%token <word> TEST "test" WITH "with" AT "at" FIRST "first" SECOND "second" SEND "send" FILE_WORD "file"
%token <word> RESTART "restart" LOAD "load" EXPECT "expect" NOTHING_WORD "nothing" TEXT "text"
%token <word> ACCEPT "accept" DECLINE "decline" UNDELIVERED "undelivered" UNIT_WORD "unit" BEDS "beds"
%token <word> FALLBACK "fallback" PERSON "person" MAY_HOLD "may-hold" LINE "line" ROTA "rota" ZONE "zone"
%token <word> WEEKLY "weekly" OVERRIDE "override" INSTEAD "instead" LISTEN "listen" ENDPOINT "endpoint"
%token <word> INSECURE "insecure" MAP "map" BASED "based" CODE_WORD "code"

%precedence NO_VALUE
%precedence NAME

%type <list> decls uses names codes strings ranges days_opt reaches reach_opt whos steps items message_parts
%type <list> replies values fields needed_list targets conds notify_tail facts actions entries patient_facts
%type <list> unit_items bed_list person_items rota_items settings setting_values map_items day_list expect_tail
%type <list> test_head cond_unless at_facts
%type <node> decl name code string range day reach who step item reply value field needed target cond prim atom
%type <node> operand check known notify state level unless fact action entry unit_item person_item
%type <node> rota_item setting literal map_item meta when clause ands ors language quantity seen beds number
%type <node> datetime bed person_fact said
%type <word> rotaname

%%

file: language uses decls
        {
            p->result = PARENT(FILE, @$, NOTHING, bell_join(ONE($1), bell_join($2, $3)));
        }
    ;
language: %empty { $$ = NULL; }
    | LANGUAGE INT { $$ = NODE(LANGUAGE, @2, $2); p->so_far = ONE($$); }
    | LANGUAGE error { $$ = NULL; }
    ;
uses: %empty { $$ = EMPTY; }
    | uses USE STRING { $$ = bell_append($1, NODE(USE, @3, $3)); }
    ;
decls: %empty { $$ = EMPTY; }
    | decls decl { $$ = bell_append($1, $2); p->declared = $$; }
    | decls error { $$ = $1; }
    ;

/* --- small parts ---------------------------------------------------------------------------------- */
name: NAME { $$ = NODE(NAME, @1, $1); };
names: name { $$ = ONE($1); } | names ',' name { $$ = bell_append($1, $3); };
string: STRING { $$ = NODE(STRING, @1, $1); };
strings: string { $$ = ONE($1); } | strings ',' string { $$ = bell_append($1, $3); };
code: name | CODE { $$ = NODE(CODE, @1, $1); };
codes: code { $$ = ONE($1); } | codes ',' code { $$ = bell_append($1, $3); };
datetime: DATE TIME
        {
            $$ = bell_datetime(p, @$, (struct bell_token){ 0, $1, @1 }, (struct bell_token){ 0, $2, @2 });
        }
    ;
reach: NAME { $$ = NODE(REACH, @1, $1); }
    | NAME string { $$ = PARENT(REACH, @1, $1, ONE($2)); }
    ;
reaches: reach { $$ = ONE($1); } | reaches ',' reach { $$ = bell_append($1, $3); };
reach_opt: %empty { $$ = EMPTY; } | REACH reaches { $$ = $2; };

/* --- declarations of rules ------------------------------------------------------------------------ */
decl: SITE NAME TIMEZONE STRING { $$ = PARENT(SITE, @2, $2, ONE(NODE(ZONE, @4, $4))); }
    | SITE NAME TIMEZONE STRING DEMO YES
        {
            $$ = PARENT(SITE, @2, $2, TWO(NODE(ZONE, @4, $4), NODE(DEMO, @5, NOTHING)));
        }
    | CATALOGUE strings { $$ = PARENT(CATALOGUE, @1, NOTHING, $2); }
    | LAYERS names { $$ = PARENT(LAYERS, @1, NOTHING, $2); }
    | PLACES NAME '=' strings { $$ = PARENT(PLACES, @2, $2, $4); }
    | CODES NAME '=' codes { $$ = PARENT(CODES, @2, $2, $4); }
    | SHIFT NAME '=' ranges days_opt { $$ = PARENT(SHIFT, @2, $2, bell_join($4, $5)); }
    | SWITCH NAME string SET BY name MAX DUR
        {
            $$ = PARENT(SWITCH, @2, $2, bell_append(TWO($3, $6), NODE(DURATION, @8, $8)));
        }
    | DESK NAME string STAFFED ALWAYS reach_opt
        {
            $$ = PARENT(DESK, @2, $2, bell_join(TWO($3, NODE(STAFFED, @5, NOTHING)), $6));
        }
    | DESK NAME string STAFFED ALWAYS RELAY reach_opt
        {
            $$ = PARENT(DESK, @2, $2, bell_join(bell_append(TWO($3, NODE(STAFFED, @5, NOTHING)),
                                                            NODE(RELAY, @6, NOTHING)), $7));
        }
    | DESK NAME string STAFFED DURING NAME reach_opt
        {
            $$ = PARENT(DESK, @2, $2, bell_join(TWO($3, PARENT(STAFFED, @6, NOTHING,
                                                               ONE(NODE(DURING, @6, $6)))), $7));
        }
    | DESK NAME string STAFFED DURING NAME RELAY reach_opt
        {
            $$ = PARENT(DESK, @2, $2, bell_join(bell_append(TWO($3, PARENT(STAFFED, @6, NOTHING,
                                                                           ONE(NODE(DURING, @6, $6)))),
                                                            NODE(RELAY, @7, NOTHING)), $8));
        }
    | GROUP NAME '=' whos { $$ = PARENT(GROUP, @2, $2, $4); }
    | CHAIN NAME '{' steps '}' { $$ = PARENT(CHAIN, @2, $2, $4); }
    | CHAIN error '{' steps '}' { $$ = NULL; }
    | MESSAGE NAME '{' message_parts '}' { $$ = PARENT(MESSAGE, @2, $2, $4); }
    | MESSAGE error '{' message_parts '}' { $$ = NULL; }
    | RULE NAME '{' items '}' { $$ = PARENT(RULE, @2, $2, $4); }
    | RULE NAME IN NAME '{' items '}'
        {
            $$ = PARENT(RULE, @2, $2, bell_join(ONE(NODE(IN_LAYER, @4, $4)), $6));
        }
    | RULE NAME OVERRIDES names '{' items '}'
        {
            $$ = PARENT(RULE, @2, $2, bell_join(ONE(PARENT(OVERRIDES, @3, NOTHING, $4)), $6));
        }
    | RULE NAME IN NAME OVERRIDES names '{' items '}'
        {
            $$ = PARENT(RULE, @2, $2, bell_join(TWO(NODE(IN_LAYER, @4, $4),
                                                    PARENT(OVERRIDES, @5, NOTHING, $6)), $8));
        }
    | RULE error '{' items '}' { $$ = NULL; }
    | COPY NAME '{' items '}' { $$ = PARENT(COPY, @2, $2, $4); }
    | COPY error '{' items '}' { $$ = NULL; }
    | DEFAULT '{' items '}' { $$ = PARENT(DEFAULT, @1, NOTHING, $3); }
    | DEFAULT FOR NAME '{' items '}' { $$ = PARENT(DEFAULT, @3, $3, $5); }
    | DEFAULT error '{' items '}' { $$ = NULL; }
    | WORLD NAME '{' facts '}' { $$ = PARENT(WORLD, @2, $2, $4); }
    | WORLD error '{' facts '}' { $$ = NULL; }
    | TEST STRING test_head '{' actions '}' { $$ = PARENT(TEST, @2, $2, bell_join($3, $5)); }
    | TEST error '{' actions '}' { $$ = NULL; }
    | UNIT_WORD STRING '{' unit_items '}' { $$ = PARENT(UNIT, @2, $2, $4); }
    | UNIT_WORD STRING string '{' unit_items '}' { $$ = PARENT(UNIT, @2, $2, bell_join(ONE($3), $5)); }
    | UNIT_WORD error '{' unit_items '}' { $$ = NULL; }
    | ASSIGN NAME name OF string beds { $$ = PARENT(ASSIGN, @2, $2, bell_append(TWO($3, PARENT(OF, @5, NOTHING, ONE($5))), $6)); }
    | ASSIGN NAME name OF string beds DURING NAME
        {
            $$ = PARENT(ASSIGN, @2, $2, bell_join(TWO($3, PARENT(OF, @5, NOTHING, ONE($5))),
                                                  TWO($6, NODE(DURING, @8, $8))));
        }
    | PERSON NAME '{' person_items '}' { $$ = PARENT(PERSON, @2, $2, $4); }
    | PERSON NAME string '{' person_items '}' { $$ = PARENT(PERSON, @2, $2, bell_join(ONE($3), $5)); }
    | PERSON error '{' person_items '}' { $$ = NULL; }
    | ROTA rotaname '{' rota_items '}' { $$ = PARENT(ROTA, @2, $2, $4); }
    | ROTA rotaname string '{' rota_items '}' { $$ = PARENT(ROTA, @2, $2, bell_join(ONE($3), $5)); }
    | ROTA rotaname FROM NAME string { $$ = PARENT(ROTA, @2, $2, ONE(PARENT(FROM, @4, $4, ONE($5)))); }
    | ROTA rotaname string FROM NAME string
        {
            $$ = PARENT(ROTA, @2, $2, TWO($3, PARENT(FROM, @5, $5, ONE($6))));
        }
    | ROTA error '{' rota_items '}' { $$ = NULL; }
    | LISTEN name NAME '{' settings '}' { $$ = PARENT(LISTEN, @3, $3, bell_join(ONE($2), $5)); }
    | LISTEN error '{' settings '}' { $$ = NULL; }
    | ENDPOINT name NAME '{' settings '}' { $$ = PARENT(ENDPOINT, @3, $3, bell_join(ONE($2), $5)); }
    | ENDPOINT error '{' settings '}' { $$ = NULL; }
    | MAP NAME '{' map_items '}' { $$ = PARENT(MAP, @2, $2, $4); }
    | MAP error '{' map_items '}' { $$ = NULL; }
    ;

range: TIME '-' TIME { $$ = PARENT(RANGE, @$, NOTHING, TWO(NODE(TIME, @1, $1), NODE(TIME, @3, $3))); };
ranges: range { $$ = ONE($1); } | ranges ',' range { $$ = bell_append($1, $3); };
day: NAME { $$ = NODE(DAY, @1, $1); };
day_list: day { $$ = ONE($1); } | day_list ',' day { $$ = bell_append($1, $3); };
days_opt: %empty { $$ = EMPTY; } | ON day_list { $$ = $2; };

message_parts: %empty { $$ = EMPTY; }
    | message_parts LOCK STRING { $$ = bell_append($1, NODE(LOCK, @3, $3)); }
    | message_parts FULL STRING { $$ = bell_append($1, NODE(FULL, @3, $3)); }
    | message_parts REPLY replies { $$ = bell_join($1, $3); }
    | message_parts error { $$ = $1; }
    ;
reply: NAME { $$ = NODE(REPLY, @1, $1); };
replies: reply { $$ = ONE($1); } | replies ',' reply { $$ = bell_append($1, $3); };

/* --- the inside of a rule, copy, default ---------------------------------------------------------- */
items: %empty { $$ = EMPTY; }
    | items item { $$ = bell_append($1, $2); }
    | items error { $$ = $1; }
    ;
item: meta | when | clause | step
    | IGNORE BECAUSE STRING { $$ = NODE(IGNORE, @3, $3); }
    ;
meta: TITLE STRING { $$ = NODE(TITLE, @2, $2); }
    | WHY STRING { $$ = NODE(WHY, @2, $2); }
    | OWNER STRING { $$ = NODE(OWNER, @2, $2); }
    | REVIEW DATE { $$ = NODE(REVIEW, @2, $2); }
    | MODE NAME { $$ = NODE(MODE, @2, $2); }
    ;

when: WHEN name name conds cond_unless { $$ = PARENT(WHEN, @1, NOTHING, bell_join(TWO($2, $3), bell_join($4, $5))); };
conds: %empty { $$ = EMPTY; } | conds AND prim { $$ = bell_append($1, $3); };
cond_unless: %empty { $$ = EMPTY; } | unless { $$ = ONE($1); };
unless: UNLESS cond { $$ = PARENT(UNLESS, @1, NOTHING, ONE($2)); };
cond: prim | ands | ors;
ands: prim AND prim { $$ = PARENT(AND, @$, NOTHING, TWO($1, $3)); }
    | ands AND prim { bell_add($1, $3); $$ = $1; }
    ;
ors: prim OR prim { $$ = PARENT(OR, @$, NOTHING, TWO($1, $3)); }
    | ors OR prim { bell_add($1, $3); $$ = $1; }
    ;
prim: '(' cond ')' { $$ = $2; }
    | NOT '(' cond ')' { $$ = PARENT(NOT, @1, NOTHING, ONE($3)); }
    | atom
    | NOT atom { $$ = PARENT(NOT, @1, NOTHING, ONE($2)); }
    ;
atom: DURING NAME { $$ = PARENT(ATOM, @$, NOTHING, ONE(NODE(DURING, @2, $2))); }
    | operand check known { $$ = PARENT(ATOM, bell_span(@1, @2), NOTHING, bell_append(TWO($1, $2), $3)); }
    ;
known: %empty { $$ = NULL; }
    | OR_MISSING { $$ = NODE(OR_MISSING, @1, NOTHING); }
    | IF KNOWN { $$ = NODE(IF_KNOWN, @$, NOTHING); }
    ;
operand: field
    | RAW STRING { $$ = NODE(RAW, @2, $2); }
    | FHIR STRING { $$ = NODE(FHIR, @2, $2); }
    | RAW STRING AS NAME { $$ = PARENT(RAW, @2, $2, ONE(NODE(AS, @4, $4))); }
    | FHIR STRING AS NAME { $$ = PARENT(FHIR, @2, $2, ONE(NODE(AS, @4, $4))); }
    ;
field: NAME { $$ = NODE(FIELD, @1, $1); }
    | field '.' NAME
        {
            $$ = $1;
            $$->text = bell_dotted(p, (struct bell_word){ $1->text, 0 }, $3).text;
            $$->at = @$;
        }
    ;
fields: field { $$ = ONE($1); } | fields ',' field { $$ = bell_append($1, $3); };
check: IS value { $$ = PARENT(IS, @1, NOTHING, ONE($2)); }
    | IS NOT value { $$ = PARENT(IS_NOT, @1, NOTHING, ONE($3)); }
    | IN values { $$ = PARENT(IN, @1, NOTHING, $2); }
    | NOT IN values { $$ = PARENT(NOT_IN, @1, NOTHING, $3); }
    | '<' quantity { $$ = PARENT(LESS, @1, NOTHING, ONE($2)); }
    | LESS_EQ quantity { $$ = PARENT(LESS_EQ, @1, NOTHING, ONE($2)); }
    | '>' quantity { $$ = PARENT(MORE, @1, NOTHING, ONE($2)); }
    | MORE_EQ quantity { $$ = PARENT(MORE_EQ, @1, NOTHING, ONE($2)); }
    | HAS NAME { $$ = NODE(HAS, @2, $2); }
    | LIKE STRING { $$ = NODE(LIKE, @2, $2); }
    | WITHIN DUR { $$ = NODE(WITHIN, @2, $2); }
    | NOT WITHIN DUR { $$ = NODE(NOT_WITHIN, @3, $3); }
    ;
value: name
    | CODE { $$ = NODE(CODE, @1, $1); }
    | string
    | YES { $$ = NODE(YES, @1, $1); }
    | NO { $$ = NODE(NO, @1, $1); }
    | quantity
    ;
values: value { $$ = ONE($1); } | values ',' value { $$ = bell_append($1, $3); };
number: INT { $$ = NODE(QUANTITY, @1, $1); }
    | DEC { $$ = NODE(QUANTITY, @1, $1); }
    | '-' INT { $$ = NODE(QUANTITY, @$, bell_dotted(p, NOTHING, $2)); $$->number = -$2.number; }
    | '-' DEC { $$ = NODE(QUANTITY, @$, bell_dotted(p, NOTHING, $2)); }
    ;
quantity: number
    | number UNIT { $$ = $1; bell_add($$, NODE(NAME, @2, $2)); $$->at = @$; }
    ;

clause: HOLD DUR { $$ = NODE(HOLD, @1, NUMBERED($2)); }
    | HOLD DUR unless { $$ = PARENT(HOLD, @1, NUMBERED($2), ONE($3)); }
    | DEDUPE DUR BY fields { $$ = PARENT(DEDUPE, @1, NUMBERED($2), $4); }
    | BUNDLE DUR BY fields { $$ = PARENT(BUNDLE, @1, NUMBERED($2), $4); }
    | LIMIT INT PER DUR { $$ = PARENT(LIMIT, @1, NUMBERED($2), ONE(NODE(DURATION, @4, $4))); }
    | SUPPRESS WHILE names OPEN SAME fields MAX DUR
        {
            $$ = PARENT(SUPPRESS, @1, NOTHING, bell_append(bell_join($3, $6), NODE(DURATION, @8, $8)));
        }
    | DELIVER DURING NAME { $$ = PARENT(DELIVER, @1, NOTHING, ONE(NODE(DURING, @3, $3))); }
    | NEED needed_list { $$ = PARENT(NEED, @1, NOTHING, $2); }
    | LEASE DUR { $$ = NODE(LEASE, @1, NUMBERED($2)); }
    | EXPIRE DUR { $$ = NODE(EXPIRE, @1, NUMBERED($2)); }
    | STOP ON names { $$ = PARENT(STOP, @1, NOTHING, $3); }
    ;
needed: INT ACCEPTS { $$ = NODE(NEEDED, @1, NUMBERED($1)); }
    | INT FROM who { $$ = PARENT(NEEDED, @1, NUMBERED($1), ONE($3)); }
    ;
needed_list: needed { $$ = ONE($1); } | needed_list ',' needed { $$ = bell_append($1, $3); };

/* --- steps and who ---------------------------------------------------------------------------------- */
steps: %empty { $$ = EMPTY; }
    | steps step { $$ = bell_append($1, $2); }
    | steps error { $$ = $1; }
    ;
step: notify
    | AFTER DUR IF state notify { $$ = PARENT(AFTER, @2, NUMBERED($2), TWO($4, $5)); }
    | REPEAT EVERY DUR MAX INT { $$ = PARENT(REPEAT, @1, NUMBERED($5), ONE(NODE(DURATION, @3, $3))); }
    | REPEAT ALL EVERY DUR MAX INT
        {
            $$ = PARENT(REPEAT, @1, NUMBERED($6), TWO(NODE(ALL, @2, NOTHING), NODE(DURATION, @4, $4)));
        }
    | ESCALATE NAME { $$ = NODE(ESCALATE, @2, $2); }
    ;
state: NOT ACCEPTED { $$ = NODE(STATE_NOT_ACCEPTED, @$, NOTHING); }
    | NOT DELIVERED { $$ = NODE(STATE_NOT_DELIVERED, @$, NOTHING); }
    | OPEN { $$ = NODE(STATE_OPEN, @1, NOTHING); }
    ;
notify: NOTIFY targets notify_tail { $$ = PARENT(NOTIFY, @1, NOTHING, bell_join($2, $3)); };
notify_tail: %empty { $$ = EMPTY; }
    | level { $$ = ONE($1); }
    | FYI { $$ = ONE(NODE(FYI, @1, NOTHING)); }
    | USING NAME { $$ = ONE(NODE(USING, @2, $2)); }
    | level FYI { $$ = TWO($1, NODE(FYI, @2, NOTHING)); }
    | level USING NAME { $$ = TWO($1, NODE(USING, @3, $3)); }
    | FYI USING NAME { $$ = TWO(NODE(FYI, @1, NOTHING), NODE(USING, @3, $3)); }
    | level FYI USING NAME { $$ = bell_append(TWO($1, NODE(FYI, @2, NOTHING)), NODE(USING, @4, $4)); }
    ;
level: URGENT { $$ = NODE(LEVEL, @1, $1); }
    | NORMAL { $$ = NODE(LEVEL, @1, $1); }
    | SILENT { $$ = NODE(LEVEL, @1, $1); }
    ;
targets: target { $$ = ONE($1); } | targets ',' target { $$ = bell_append($1, $3); };
target: who { $$ = PARENT(TARGET, @$, NOTHING, ONE($1)); }
    | target ELSE who { bell_add($1, $3); $$ = $1; $$->at = @$; }
    ;
who: ONCALL NAME { $$ = NODE(WHO_ONCALL, @2, $2); }
    | ONCALL NAME OF field { $$ = PARENT(WHO_ONCALL, @2, $2, ONE(PARENT(OF, @4, NOTHING, ONE($4)))); }
    | GROUP NAME { $$ = NODE(WHO_GROUP, @2, $2); }
    | DESK NAME { $$ = NODE(WHO_DESK, @2, $2); }
    | UNIT_DESK { $$ = NODE(WHO_UNIT_DESK, @1, NOTHING); }
    | EVERYONE OF string { $$ = PARENT(WHO_EVERYONE, @1, NOTHING, ONE(PARENT(OF, @3, NOTHING, ONE($3)))); }
    | TURN OF GROUP NAME { $$ = NODE(WHO_TURN, @4, $4); }
    | LEAST OF GROUP NAME { $$ = NODE(WHO_LEAST, @4, $4); }
    | COVERING field VIA ONCALL NAME
        {
            $$ = PARENT(WHO_COVERING, @2, ((struct bell_word){ $2->text, 0 }), ONE(NODE(VIA, @5, $5)));
        }
    | NAME { $$ = NODE(WHO_ROLE, @1, $1); }
    | NAME OF string { $$ = PARENT(WHO_ROLE, @1, $1, ONE(PARENT(OF, @3, NOTHING, ONE($3)))); }
    | NAME OF field { $$ = PARENT(WHO_ROLE, @1, $1, ONE(PARENT(OF, @3, NOTHING, ONE($3)))); }
    ;
whos: who { $$ = ONE($1); } | whos ',' who { $$ = bell_append($1, $3); };

/* --- worlds and tests ------------------------------------------------------------------------------- */
facts: %empty { $$ = EMPTY; }
    | facts fact { $$ = bell_append($1, $2); }
    | facts error { $$ = $1; }
    ;
fact: PATIENT name patient_facts { $$ = PARENT(FACT, @1, $1, bell_join(ONE($2), $3)); }
    | MOVE name TO string { $$ = PARENT(FACT, @1, $1, TWO($2, $4)); }
    | MOVE name TO string string { $$ = PARENT(FACT, @1, $1, bell_append(TWO($2, $4), $5)); }
    | ASSIGN name name OF name { $$ = PARENT(FACT, @1, $1, bell_append(TWO($2, $3), PARENT(OF, @5, NOTHING, ONE($5)))); }
    | ASSIGN name name OF string { $$ = PARENT(FACT, @1, $1, bell_append(TWO($2, $3), PARENT(OF, @5, NOTHING, ONE($5)))); }
    | ONCALL name name { $$ = PARENT(FACT, @1, $1, TWO($2, $3)); }
    | COVERS name name { $$ = PARENT(FACT, @1, $1, TWO($2, $3)); }
    | person_fact
    | SWITCH name ON { $$ = PARENT(FACT, @1, $1, TWO($2, NODE(NAME, @3, $3))); }
    | SWITCH name OFF { $$ = PARENT(FACT, @1, $1, TWO($2, NODE(NAME, @3, $3))); }
    ;
person_fact: AWAY name { $$ = PARENT(FACT, @1, $1, ONE($2)); }
    | BACK name { $$ = PARENT(FACT, @1, $1, ONE($2)); }
    ;
patient_facts: %empty { $$ = EMPTY; }
    | patient_facts NAME value { $$ = bell_append($1, PARENT(ENTRY, @2, $2, ONE($3))); }
    | patient_facts HAS NAME { $$ = bell_append($1, NODE(HAS, @3, $3)); }
    ;
test_head: %empty { $$ = EMPTY; }
    | WITH NAME { $$ = ONE(NODE(WITH, @2, $2)); }
    | ALL { $$ = ONE(NODE(ALL, @1, NOTHING)); }
    | WITH NAME ALL { $$ = TWO(NODE(WITH, @2, $2), NODE(ALL, @3, NOTHING)); }
    ;
actions: %empty { $$ = EMPTY; }
    | actions AT datetime at_facts { $$ = bell_join($1, bell_join(ONE(PARENT(AT, @2, NOTHING, ONE($3))), $4)); }
    | actions AT datetime FIRST at_facts
        {
            $$ = bell_join($1, bell_join(ONE(PARENT(AT, @2, NOTHING, TWO($3, NODE(NAME, @4, $4)))), $5));
        }
    | actions AT datetime SECOND at_facts
        {
            $$ = bell_join($1, bell_join(ONE(PARENT(AT, @2, NOTHING, TWO($3, NODE(NAME, @4, $4)))), $5));
        }
    | actions DUR action { $$ = bell_append($1, $3); $3->number = $2.number; }
    | actions DUR error { $$ = $1; }
    | actions error { $$ = $1; }
    ;
/* Facts stand at the start only: after an action "patient" is a field of what is sent. */
at_facts: %empty { $$ = EMPTY; } | at_facts fact { $$ = bell_append($1, $2); };
action: fact { $$ = PARENT(ACTION, @1, ((struct bell_word){ slice_of("fact"), 0 }), ONE($1)); }
    | SEND FILE_WORD string entries { $$ = PARENT(ACTION, @1, $1, bell_join(ONE($3), $4)); }
    | SEND name name entries { $$ = PARENT(ACTION, @1, $1, bell_join(TWO($2, $3), $4)); }
    | RESTART { $$ = NODE(ACTION, @1, $1); }
    | LOAD string { $$ = PARENT(ACTION, @1, $1, ONE($2)); }
    | EXPECT NOTHING_WORD { $$ = NODE(ACTION, @1, $1); }
    | EXPECT seen expect_tail { $$ = PARENT(ACTION, @1, $1, bell_join(ONE($2), $3)); }
    | ACCEPT seen { $$ = PARENT(ACTION, @1, $1, ONE($2)); }
    | DECLINE seen said { $$ = PARENT(ACTION, @1, $1, bell_append(ONE($2), $3)); }
    | UNDELIVERED seen { $$ = PARENT(ACTION, @1, $1, ONE($2)); }
    /* the other replies are no keywords: check knows their words */
    | NAME seen said { $$ = PARENT(ACTION, @1, $1, bell_append(ONE($2), $3)); }
    ;
said: %empty { $$ = NULL; } | string;
seen: name | DESK NAME { $$ = NODE(WHO_DESK, @2, $2); };
expect_tail: %empty { $$ = EMPTY; }
    | expect_tail level { $$ = bell_append($1, $2); }
    | expect_tail FYI { $$ = bell_append($1, NODE(FYI, @2, NOTHING)); }
    | expect_tail RULE NAME { $$ = bell_append($1, NODE(RULE, @3, $3)); }
    | expect_tail TEXT string { $$ = bell_append($1, $3); }
    ;
entry: field value { $$ = PARENT(ENTRY, @1, ((struct bell_word){ $1->text, 0 }), ONE($2)); };
entries: %empty { $$ = EMPTY; } | entries entry { $$ = bell_append($1, $2); };

/* --- the rest of a site ----------------------------------------------------------------------------- */
unit_items: %empty { $$ = EMPTY; }
    | unit_items unit_item { $$ = bell_append($1, $2); }
    | unit_items error { $$ = $1; }
    ;
unit_item: BEDS bed_list { $$ = PARENT(BEDS, @1, NOTHING, $2); }
    | FALLBACK DESK NAME { $$ = NODE(FALLBACK, @3, $3); }
    ;
bed: string | string TO string { $$ = PARENT(RANGE, @$, NOTHING, TWO($1, $3)); };
bed_list: bed { $$ = ONE($1); } | bed_list ',' bed { $$ = bell_append($1, $3); };
beds: %empty { $$ = NULL; } | BEDS bed_list { $$ = PARENT(BEDS, @1, NOTHING, $2); };

person_items: %empty { $$ = EMPTY; }
    | person_items person_item { $$ = bell_append($1, $2); }
    | person_items REACH reaches { $$ = bell_join($1, $3); }
    | person_items error { $$ = $1; }
    ;
person_item: MAY_HOLD names { $$ = PARENT(MAY_HOLD, @1, NOTHING, $2); }
    | LINE STRING { $$ = NODE(LINE, @2, $2); }
    ;

rotaname: NAME | rotaname '.' NAME { $$ = bell_dotted(p, $1, $3); };
rota_items: %empty { $$ = EMPTY; }
    | rota_items rota_item { $$ = bell_append($1, $2); }
    | rota_items error { $$ = $1; }
    ;
rota_item: ZONE STRING { $$ = NODE(ZONE, @2, $2); }
    | WEEKLY FROM datetime names
        {
            $$ = PARENT(WEEKLY, @1, ((struct bell_word){ { 0, 0 }, 7 }), bell_join(ONE($3), $4));
        }
    | EVERY DUR FROM datetime names
        {
            $$ = PARENT(WEEKLY, @2, ((struct bell_word){ $2.text, $2.number / INT64_C(86400000000) }),
                        bell_join(ONE($4), $5));
        }
    | OVERRIDE datetime TO datetime name
        {
            $$ = PARENT(OVERRIDE, @1, NOTHING, bell_append(TWO(PARENT(FROM, @2, NOTHING, ONE($2)),
                                                               PARENT(TO, @4, NOTHING, ONE($4))), $5));
        }
    | OVERRIDE datetime TO datetime name INSTEAD OF NAME
        {
            $$ = PARENT(OVERRIDE, @1, NOTHING, bell_join(TWO(PARENT(FROM, @2, NOTHING, ONE($2)),
                                                             PARENT(TO, @4, NOTHING, ONE($4))),
                                                         TWO($5, NODE(INSTEAD, @8, $8))));
        }
    ;

settings: %empty { $$ = EMPTY; }
    | settings setting { $$ = bell_append($1, $2); }
    | settings error { $$ = $1; }
    ;
setting: INSECURE { $$ = NODE(SETTING, @1, $1); }
    | NAME %prec NO_VALUE { $$ = NODE(SETTING, @1, $1); }
    | NAME setting_values %prec NO_VALUE { $$ = PARENT(SETTING, @1, $1, $2); }
    | NAME REACH name { $$ = PARENT(SETTING, @1, $1, TWO(NODE(NAME, @2, $2), $3)); }
    ;
setting_values: name { $$ = ONE($1); }
    | literal { $$ = ONE($1); }
    | setting_values literal { $$ = bell_append($1, $2); }
    | setting_values ',' name { $$ = bell_append($1, $3); }
    | setting_values ',' literal { $$ = bell_append($1, $3); }
    ;
literal: string
    | CODE { $$ = NODE(CODE, @1, $1); }
    | INT { $$ = NODE(NUMBER, @1, $1); }
    | DEC { $$ = NODE(NUMBER, @1, $1); }
    | DUR { $$ = NODE(DURATION, @1, $1); }
    ;

map_items: %empty { $$ = EMPTY; }
    | map_items BASED ON NAME { $$ = bell_append($1, NODE(BASED_ON, @4, $4)); }
    | map_items map_item { $$ = bell_append($1, $2); }
    | map_items error { $$ = $1; }
    ;
map_item: TEXT string IS NAME { $$ = PARENT(ENTRY, @4, $4, ONE($2)); }
    | CODE_WORD STRING IS NAME { $$ = PARENT(ENTRY, @4, $4, ONE(NODE(CODE, @2, $2))); }
    | CODE_WORD CODE IS NAME { $$ = PARENT(ENTRY, @4, $4, ONE(NODE(CODE, @2, $2))); }
    | CODE_WORD STRING TEXT string IS NAME { $$ = PARENT(ENTRY, @6, $6, TWO(NODE(CODE, @2, $2), $4)); }
    | CODE_WORD CODE TEXT string IS NAME { $$ = PARENT(ENTRY, @6, $6, TWO(NODE(CODE, @2, $2), $4)); }
    ;

%%

#include "rules/syntax/grammar_driver.h"
