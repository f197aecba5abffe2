// "My phone": would an alert reach me and wake me up? Looked at when a shift starts.
import { useEffect, useState } from "preact/hooks";
import type { Inbox } from "../device/inbox";
import { ageText } from "../model/clock";
import { type Alarm, notificationPermission, type Permission } from "./alarm";

export interface HealthProps {
    inbox: Inbox;
    alarm: Alarm;
    now: number;
    theme: string;
    setTheme(theme: string): void;
    awake: boolean;
    setAwake(on: boolean): void;
    remove(): void;
}

type Mark = "good" | "warn" | "bad";

function Row({ what, mark, children }: { what: string; mark: Mark; children: preact.ComponentChildren }) {
    const said = { good: "good", warn: "look at this", bad: "not working" }[mark];
    return (
        <li class={`row ${mark}`}>
            <span class="mark" role="img" aria-label={said}>{mark === "good" ? "✓" : mark === "warn" ? "!" : "✕"}</span>
            <span class="row-what">{what}</span>
            <span class="row-value">{children}</span>
        </li>
    );
}

const PERMISSION: Record<Permission, [Mark, string]> = {
    granted: ["good", "allowed"],
    denied: ["bad", "blocked in this browser's settings"],
    default: ["warn", "not asked yet"],
    missing: ["warn", "this browser has none"],
};

export function Health({ inbox, alarm, now, theme, setTheme, awake, setAwake, remove }: HealthProps) {
    const [permission, setPermission] = useState(notificationPermission());
    const [heard, setHeard] = useState("");
    const [sure, setSure] = useState(false);
    const [shell, setShell] = useState(false);
    useEffect(() => {
        void navigator.serviceWorker?.getRegistration().then((r) => setShell(Boolean(r?.active)), () => undefined);
    }, []);
    const open = inbox.line === "open";
    const [permissionMark, permissionText] = PERMISSION[permission];
    const seconds = Math.round(Math.abs(inbox.clock.offset) / 1000);
    return (
        <section class="health" aria-labelledby="health-title">
            <h2 id="health-title">My phone</h2>
            <ul>
                <Row what="Connection" mark={open ? "good" : "bad"}>{open ? "connected" : "not connected"}</Row>
                <Row what="Last receipt" mark={inbox.lastReceipt ? "good" : "warn"}>
                    {inbox.lastReceipt ? `${ageText(inbox.lastReceipt, now)} ago` : "none since the start"}
                </Row>
                <Row what="Answers waiting" mark={inbox.waiting === 0 ? "good" : "warn"}>{String(inbox.waiting)}</Row>
                <Row what="Sound" mark={alarm.audible ? "good" : "bad"}>{alarm.audible ? "on" : "off until you tap"}</Row>
                <Row what="Notifications" mark={permissionMark}>{permissionText}</Row>
                <Row what="Clock" mark={inbox.clock.wrong() ? "warn" : "good"}>
                    {Number.isNaN(inbox.clock.offset) ? "not compared yet" : inbox.clock.wrong() ? `off by ${seconds} s; server time is shown` : "right"}
                </Row>
                <Row what="Starts offline" mark={shell ? "good" : "warn"}>{shell ? "yes" : "no"}</Row>
            </ul>
            <div class="health-actions">
                <button
                    type="button"
                    class="reply"
                    onClick={() => void alarm.test().then((on) => setHeard(on ? "Did you hear three tones? If not, turn the volume up." : "The browser keeps the sound off."))}
                >
                    Test the sound
                </button>
                {permission === "default" && (
                    <button type="button" class="reply" onClick={() => void Notification.requestPermission().then(setPermission)}>
                        Allow notifications
                    </button>
                )}
            </div>
            <p class="small" role="status">{heard}</p>
            <label class="check">
                <input type="checkbox" checked={awake} onChange={(e) => setAwake(e.currentTarget.checked)} /> Keep the screen on
            </label>
            <fieldset class="themes">
                <legend>Colours</legend>
                {(["auto", "dark", "light"] as const).map((name) => (
                    <label key={name} class="check">
                        <input type="radio" name="theme" checked={theme === name} onChange={() => setTheme(name)} /> {name}
                    </label>
                ))}
            </fieldset>
            <p class="small">
                This phone is <strong>{inbox.me.title}</strong>{inbox.me.site && `, ${inbox.me.site}`}, device {inbox.me.device}. The web page cannot ring
                while the phone is locked or the browser is closed: keep it open.
            </p>
            <p class="small">
                Keys, with a card in focus: <kbd>A</kbd> accept, <kbd>D</kbd> decline, then <kbd>1</kbd>–<kbd>4</kbd> the reason, <kbd>↑</kbd> <kbd>↓</kbd> next
                card, <kbd>Enter</kbd> details, <kbd>Esc</kbd> close.
            </p>
            {sure ? (
                <div class="health-actions">
                    <button type="button" class="reply danger" onClick={remove}>Erase keys and alerts</button>
                    <button type="button" class="reply" onClick={() => setSure(false)}>Keep</button>
                </div>
            ) : (
                <button type="button" class="reply" onClick={() => setSure(true)}>Remove this phone…</button>
            )}
        </section>
    );
}
