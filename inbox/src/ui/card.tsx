// One alert: what, where, how old, who else, how long until the next is told, and what can be answered.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Alert, band } from "../model/alerts";
import { ageText, clockText, fractionLeft, secondsLeft } from "../model/clock";
import { REASONS, type Reply } from "../model/wire";
import { LOOKS, place, REASON_WORDS, REPLY_WORDS, statusOf } from "../model/words";
import { Countdown, Shape } from "./shapes";

const READ_MS = 1000;

export interface CardProps {
    a: Alert;
    /** Server ms. */
    now: number;
    online: boolean;
    reply(kind: Reply, reason?: string): void;
    displayed(): void;
    read(): void;
}

type Panel = "none" | "decline" | "readback";

export function Card({ a, now, online, reply, displayed, read }: CardProps) {
    const [panel, setPanel] = useState<Panel>("none");
    const [open, setOpen] = useState(false);
    const node = useSeen(a.delivery, displayed);
    const reading = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    useEffect(() => () => clearTimeout(reading.current), []);

    const where = band(a);
    const can = offered(a);
    const look = LOOKS[a.class];
    const counting = where !== "earlier" && a.nextAt !== null;
    const status = statusOf(a, online);
    const name = `card-${a.alert}`;

    const say = (kind: Reply, reason = ""): void => {
        setPanel("none");
        reply(kind, reason);
    };
    const keys = (event: KeyboardEvent): void => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const target = event.target as HTMLElement;
        if (target.tagName === "INPUT") {
            if (event.key === "Escape") setPanel("none");
            return;
        }
        const reason = panel === "decline" ? REASONS[Number(event.key) - 1] : undefined;
        if (reason) say("decline", reason);
        else if (event.key === "Enter" && target === event.currentTarget) setOpen(!open);
        else if ((event.key === "a" || event.key === "A") && can.includes("accept")) say("accept");
        else if ((event.key === "d" || event.key === "D") && can.includes("decline")) setPanel(panel === "decline" ? "none" : "decline");
        else if (event.key === "Escape") setPanel("none");
        else if (event.key === "ArrowDown" || event.key === "ArrowUp") neighbour(event.currentTarget as HTMLElement, event.key === "ArrowDown");
        else return;
        event.preventDefault();
    };
    const focused = (): void => {
        clearTimeout(reading.current);
        reading.current = setTimeout(read, READ_MS);
    };

    return (
        <article
            ref={node}
            id={name}
            class={`card ${a.class} in-${where}${a.over ? " over" : ""}`}
            tabIndex={0}
            aria-labelledby={`${name}-class ${name}-place ${name}-text`}
            aria-describedby={`${name}-foot`}
            onKeyDown={keys}
            onFocusIn={focused}
            onFocusOut={() => clearTimeout(reading.current)}
        >
            <div
                class="body"
                onClick={() => {
                    setOpen(!open);
                    focused();
                }}
            >
                <p class="class" id={`${name}-class`}>
                    <Shape of={a.class} />
                    <span class="word">{look.word}</span>
                    {look.stars && <span class="stars" aria-hidden="true">{look.stars}</span>}
                    {a.level === "silent" && <span class="tag">quiet</span>}
                    {a.fyi && <span class="tag">info only</span>}
                    <time class="age" dateTime={new Date(a.opened).toISOString()}>
                        {ageText(a.opened, now)}
                    </time>
                </p>
                <div class="what">
                    <div>
                        <p class="place" id={`${name}-place`}>{place(a)}</p>
                        <p class="text" id={`${name}-text`}>{a.full || a.lock}</p>
                    </div>
                    {counting && a.nextAt !== null && (
                        <Countdown fraction={fractionLeft(a.sent, a.nextAt, now)} text={clockText(secondsLeft(a.nextAt, now))} />
                    )}
                </div>
                {a.mismatch && <p class="status warn">The message's patient and bed do not match: check who lies there.</p>}
                <div id={`${name}-foot`}>
                    {counting && a.nextAt !== null && <Next at={a.nextAt} now={now} mine={where === "mine"} />}
                    {status && <p class={`status ${status.tone}`}>{status.text}</p>}
                </div>
                {open && <Details a={a} />}
            </div>
            {can.length > 0 && (
                <div class="replies">
                    {can.map((kind) => (
                        <button
                            key={kind}
                            type="button"
                            class={`reply ${kind}`}
                            aria-expanded={kind === "decline" ? panel === "decline" : kind === "readback" ? panel === "readback" : undefined}
                            onClick={() => {
                                if (kind === "decline" || kind === "readback") setPanel(panel === kind ? "none" : kind);
                                else say(kind);
                            }}
                        >
                            {wordFor(kind, a)}
                        </button>
                    ))}
                </div>
            )}
            {panel === "decline" && can.includes("decline") && (
                <div class="reasons" role="group" aria-label="Why not?">
                    {REASONS.map((reason, i) => (
                        <button key={reason} type="button" class="reason" onClick={() => say("decline", reason)}>
                            <kbd aria-hidden="true">{i + 1}</kbd> {REASON_WORDS[reason]}
                        </button>
                    ))}
                </div>
            )}
            {panel === "readback" && can.includes("readback") && <ReadBack name={name} say={(value) => say("readback", value)} />}
        </article>
    );
}

/** Calls `displayed` once for each delivery, when half of the card is on a visible screen. */
function useSeen(delivery: string, displayed: () => void) {
    const node = useRef<HTMLElement>(null);
    useEffect(() => {
        const card = node.current;
        if (!card) return;
        let inSight = false;
        const look = (): void => {
            if (inSight && document.visibilityState === "visible") displayed();
        };
        const watch = new IntersectionObserver(
            (entries) => {
                inSight = entries.some((e) => e.isIntersecting);
                look();
            },
            { threshold: 0.5 },
        );
        watch.observe(card);
        document.addEventListener("visibilitychange", look);
        return () => {
            watch.disconnect();
            document.removeEventListener("visibilitychange", look);
        };
    }, [delivery]);
    return node;
}

/** The replies that make sense now, of those that the message offers. */
function offered(a: Alert): Reply[] {
    const mine = a.mine;
    if (a.fyi || mine?.result === "pending") return [];
    const where = band(a);
    if (where === "ringing") return a.replies.filter((r) => !(r === "callback" && mine?.kind === "callback" && mine.result === "taken"));
    if (where === "mine") return a.replies.filter((r) => r === "done" || r === "callback" || r === "decline");
    // A decline can be taken back while the alert is open.
    if (!a.over && mine?.kind === "decline") return a.replies.filter((r) => r === "accept" || r === "readback");
    return [];
}

function wordFor(kind: Reply, a: Alert): string {
    if (kind === "accept" && a.again) return "Accept again";
    if (kind === "accept" && a.mine?.kind === "decline" && band(a) === "earlier") return "Accept after all";
    if (kind === "decline" && band(a) === "mine") return "Give it back";
    return REPLY_WORDS[kind];
}

function Next({ at, now, mine }: { at: number; now: number; mine: boolean }) {
    const left = secondsLeft(at, now);
    if (mine) return <p class="next">{left > 0 ? `Asks you again in ${clockText(left)}` : "Asks you again now"}</p>;
    return <p class="next">{left > 0 ? `Next: somebody else in ${clockText(left)}` : "Somebody else is being told now"}</p>;
}

function Details({ a }: { a: Alert }) {
    const rows: [string, string][] = [
        ["About", a.title],
        ["Since", new Date(a.opened).toLocaleTimeString()],
        ["Last told", `${new Date(a.sent).toLocaleTimeString()}${a.repeat > 0 ? `, repeat ${a.repeat}` : ""}`],
        ["Number", a.alert],
    ];
    return (
        <dl class="details">
            {rows.filter(([, value]) => value).map(([what, value]) => (
                <div key={what}>
                    <dt>{what}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

function ReadBack({ name, say }: { name: string; say(value: string): void }) {
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => field.current?.focus(), []);
    return (
        <form
            class="readback"
            onSubmit={(event) => {
                event.preventDefault();
                const value = field.current?.value.trim() ?? "";
                if (value) say(value);
            }}
        >
            <label for={`${name}-value`}>Type the value that you read</label>
            <div>
                <input ref={field} id={`${name}-value`} maxLength={64} autocomplete="off" spellcheck={false} enterkeyhint="send" />
                <button type="submit" class="reply accept">Send</button>
            </div>
        </form>
    );
}

function neighbour(card: HTMLElement, down: boolean): void {
    const cards = [...document.querySelectorAll<HTMLElement>("article.card")];
    cards[cards.indexOf(card) + (down ? 1 : -1)]?.focus();
}
