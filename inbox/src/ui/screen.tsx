// The inbox: Ringing, Mine, Earlier, with what is wrong on top.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Inbox } from "../device/inbox";
import { type Alert, ordered, ringingCount, sounds } from "../model/alerts";
import { LOOKS, place } from "../model/words";
import type { Alarm } from "./alarm";
import { Card } from "./card";
import { Health } from "./health";

export interface ScreenProps {
    inbox: Inbox;
    alarm: Alarm;
    version: number;
    theme: string;
    setTheme(theme: string): void;
    awake: boolean;
    setAwake(on: boolean): void;
    remove(): void;
}

const EARLIER_SHOWN = 30;

export function Screen(props: ScreenProps) {
    const { inbox, alarm } = props;
    const now = useNow(inbox);
    const [health, setHealth] = useState(false);
    const bands = ordered(inbox.alerts);
    const online = inbox.line === "open";
    const loudest = bands.ringing.find(sounds);
    useEffect(() => {
        alarm.ring(loudest?.class ?? null);
    }, [loudest?.class]);
    useTitle(ringingCount(inbox.alerts));
    useFocusKept();

    const card = (a: Alert) => (
        <li key={a.alert}>
            <Card
                a={a}
                now={now}
                online={online}
                reply={(kind, reason) => inbox.reply(a.alert, kind, reason)}
                displayed={() => inbox.displayed(a.alert)}
                read={() => inbox.read(a.alert)}
            />
        </li>
    );
    return (
        <>
            <header>
                <div class="who">
                    <strong>{inbox.me.title}</strong>
                    <span>{inbox.me.site}</span>
                </div>
                <span class={`line ${online ? "good" : "bad"}`} role="status">
                    <i aria-hidden="true" /> {online ? "Connected" : inbox.line === "connecting" ? "Connecting…" : "Offline"}
                </span>
                <button type="button" class="phone" aria-expanded={health} onClick={() => setHealth(!health)}>
                    My phone
                </button>
            </header>
            <Banners inbox={inbox} alarm={alarm} />
            <Live bands={bands.ringing} />
            <main>
                {health && <Health {...props} now={now} />}
                <Band name="Ringing" count={bands.ringing.length} empty="Nothing rings.">{bands.ringing.map(card)}</Band>
                <Band name="Mine" count={bands.mine.length} empty="You have accepted nothing.">{bands.mine.map(card)}</Band>
                <Band name="Earlier" count={bands.earlier.length} empty="Nothing yet.">
                    {bands.earlier.slice(0, EARLIER_SHOWN).map(card)}
                </Band>
            </main>
            <footer>Secondary notification. The bedside alarm stays primary. Not cleared for clinical use.</footer>
        </>
    );
}

function Band({ name, count, empty, children }: { name: string; count: number; empty: string; children: preact.ComponentChildren }) {
    const id = `band-${name.toLowerCase()}`;
    return (
        <section class={id} aria-labelledby={id}>
            <h2 id={id}>
                {name} <span class="count">{count}</span>
            </h2>
            {count === 0 ? <p class="empty">{empty}</p> : <ul>{children}</ul>}
        </section>
    );
}

function Banners({ inbox, alarm }: { inbox: Inbox; alarm: Alarm }) {
    return (
        <>
            {inbox.line === "offline" && (
                <p class="banner bad" role="alert">
                    <strong>Offline.</strong> No alert can reach this phone. What you see is from before; answers are kept and count as late.
                </p>
            )}
            {inbox.line === "unknown-device" && (
                <p class="banner bad" role="alert">
                    <strong>The server does not know this phone.</strong> No alert reaches it. If this stays, remove it under “My phone” and enrol again.
                </p>
            )}
            {inbox.unopened > 0 && (
                <div class="banner bad" role="alert">
                    <span>
                        <strong>An alert came that this phone cannot open.</strong> Look at the monitors and call the desk.
                    </span>
                    <button type="button" onClick={() => inbox.forgetUnopened()}>Seen</button>
                </div>
            )}
            {!alarm.audible && (
                <button type="button" class="banner warn" onClick={() => void alarm.unlock()}>
                    <span>
                        <strong>Sound is off.</strong> Tap here to turn it on.
                    </span>
                </button>
            )}
        </>
    );
}

/** Screen readers are interrupted for red alone. */
function Live({ bands }: { bands: Alert[] }) {
    const said = (a: Alert): string => `${LOOKS[a.class].said}, ${place(a)}, ${a.full || a.lock}`;
    const isRed = (a: Alert): boolean => a.class === "lethal" || a.class === "high";
    const red = bands.filter((a) => isRed(a) && sounds(a)).map(said);
    const other = bands.filter((a) => !isRed(a) && sounds(a)).map(said);
    return (
        <>
            <div class="unseen" aria-live="assertive" role="alert">{red.join(". ")}</div>
            <div class="unseen" aria-live="polite">{other.join(". ")}</div>
        </>
    );
}

/** Server time, once a second while somebody can look. */
function useNow(inbox: Inbox): number {
    const [, turn] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => {
            if (document.visibilityState === "visible") turn((n) => n + 1);
        }, 1000);
        return () => clearInterval(timer);
    }, []);
    return inbox.clock.now();
}

/** How many, never what: the title stands in task switchers and on shared screens. */
function useTitle(ringing: number): void {
    useEffect(() => {
        document.title = ringing > 0 ? `(${ringing}) Nightbell` : "Nightbell";
        return () => {
            document.title = "Nightbell";
        };
    }, [ringing]);
}

/** A card that moves to another band is another element: the keyboard's focus goes with it. */
function useFocusKept(): void {
    const last = useRef<string>("");
    useEffect(() => {
        const note = (event: FocusEvent): void => {
            last.current = (event.target as HTMLElement).closest?.("article.card")?.id ?? "";
        };
        document.addEventListener("focusin", note);
        return () => document.removeEventListener("focusin", note);
    }, []);
    useLayoutEffect(() => {
        if (last.current && document.activeElement === document.body) document.getElementById(last.current)?.focus({ preventScroll: true });
    });
}
