// The alerts of this phone as data: what is shown where. Pure functions, no clock, no browser.
import type { AlertClass, Level, Payload, Reply, Result } from "./wire";

/** What the holder of this phone has said about an alert, and how far that has come. */
export interface Mine {
    kind: Reply;
    reason: string;
    /** pending: kept on this phone, the server has not answered yet. */
    result: Result | "pending";
    /** Server time in ms of the tap, then of the server's answer. */
    at: number;
    nonce: string;
}

export interface Alert {
    alert: string;
    seq: number;
    /** The delivery that an answer goes to: the last that asked something (or told, for fyi). */
    delivery: string;
    level: Level;
    class: AlertClass;
    fyi: boolean;
    lock: string;
    full: string;
    title: string;
    unit: string;
    bed: string;
    replies: Reply[];
    opened: number;
    sent: number;
    /** Server time in ms at which somebody else is told; null: nobody, or not known. */
    nextAt: number | null;
    repeat: number;
    mismatch: boolean;
    /** The last word about it: "", taken, ended, withdrawn, expired, updated, cleared, exhausted, resumed. */
    notice: string;
    /** Who took it: a title. */
    by: string;
    /** The source has ended it, and nobody had accepted. Stays until somebody does. */
    cleared: boolean;
    exhausted: boolean;
    /** taken by somebody else, ended, withdrawn, expired: nothing is asked any more. */
    over: boolean;
    /** Rung again although it was accepted here: the accept is running out. */
    again: boolean;
    mine: Mine | null;
}

export type Alerts = ReadonlyMap<string, Alert>;
export type Band = "ringing" | "mine" | "earlier";

/** Does this delivery call for sound: it asks somebody to come, now. */
export const rings = (p: Payload): boolean => p.type === "alert" && !p.fyi && p.level !== "silent";

/** A notice may come without its texts: what was shown stays then. */
const kept = (now: string, before: string | undefined): string => now || (before ?? "");

/** Takes one opened delivery. `me`: the holder's name and title. An older seq than shown changes nothing. */
export function deliver(alerts: Alerts, p: Payload, me: readonly string[]): Alerts {
    const before = alerts.get(p.alert);
    if (before && p.seq <= before.seq) return alerts;
    const asks = p.type === "alert";
    const next: Alert = {
        alert: p.alert,
        seq: p.seq,
        delivery: asks || !before ? p.delivery : before.delivery,
        level: asks || !before ? p.level : before.level,
        class: p.class,
        fyi: asks || !before ? p.fyi : before.fyi,
        lock: kept(p.lock, before?.lock),
        full: kept(p.full, before?.full),
        title: kept(p.title, before?.title),
        unit: kept(p.unit, before?.unit),
        bed: kept(p.bed, before?.bed),
        replies: asks || p.replies.length > 0 ? p.replies : (before?.replies ?? []),
        opened: p.opened,
        sent: p.sent,
        nextAt: p.next_in_ms === null ? null : p.sent + p.next_in_ms,
        repeat: p.repeat,
        mismatch: p.mismatch || (before?.mismatch ?? false),
        notice: p.notice,
        by: (p.notice === "taken" ? p.by : before?.by) ?? "",
        cleared: before?.cleared ?? false,
        exhausted: before?.exhausted ?? false,
        over: before?.over ?? false,
        again: before?.again ?? false,
        mine: before?.mine ?? null,
    };
    if (asks) asked(next);
    else told(next, p, me);
    return new Map(alerts).set(p.alert, next);
}

/** A delivery that asks opens the alert again, unless it left before the answer given here. */
function asked(a: Alert): void {
    a.exhausted = false;
    const mine = a.mine;
    const answered = mine !== null && (mine.result === "pending" || a.sent <= mine.at);
    if (answered) return;
    a.over = false;
    a.by = "";
    a.again = held(a);
    if (!a.again) a.mine = null;
}

function told(a: Alert, p: Payload, me: readonly string[]): void {
    switch (p.notice) {
        case "taken":
            a.nextAt = null;
            if (me.includes(p.by)) {
                // Taken by this person on another device, or the echo of the answer given here.
                a.by = "";
                if (a.mine?.result !== "pending" && !held(a)) a.mine = { kind: "accept", reason: "", result: "taken", at: p.sent, nonce: "" };
            } else if (!held(a) || a.again) {
                a.over = true;
            }
            // Else both have it: a code that needs several, a desk that passed it on.
            a.again = false;
            break;
        case "ended":
        case "withdrawn":
        case "expired":
            a.nextAt = null;
            a.over = true;
            a.again = false;
            break;
        case "cleared":
            a.cleared = true;
            break;
        case "exhausted":
            a.exhausted = true;
            a.nextAt = null;
            break;
        case "resumed":
            a.over = false;
            a.again = false;
            a.by = "";
            if (held(a)) a.mine = null;
            break;
    }
}

/** Accepted here and, as far as this phone knows, still so. */
function held(a: Alert): boolean {
    const mine = a.mine;
    return mine !== null && (mine.kind === "accept" || mine.kind === "readback") && counted(mine.result);
}

const counted = (result: Mine["result"]): boolean => result === "taken" || result === "repeated";

/** The holder tapped a reply. */
export function answer(alerts: Alerts, alert: string, mine: Mine): Alerts {
    const before = alerts.get(alert);
    if (!before) return alerts;
    return new Map(alerts).set(alert, { ...before, mine, again: false });
}

/** The server's word about an answer of this phone; `at` is server time. Others' nonces change nothing. */
export function settle(alerts: Alerts, alert: string, nonce: string, result: Result, at: number): Alerts {
    const before = alerts.get(alert);
    if (!before?.mine || before.mine.nonce !== nonce) return alerts;
    const mine: Mine = { ...before.mine, result, at };
    const done = counted(result) && (mine.kind === "done" || mine.kind === "dismiss");
    const nextAt = counted(result) && mine.kind !== "callback" ? null : before.nextAt;
    return new Map(alerts).set(alert, { ...before, mine, nextAt, over: before.over || done });
}

/** The list that an alert stands in. An accept counts, and moves the card, once the server has said so. */
export function band(a: Alert): Band {
    if (a.over) return "earlier";
    if (a.again) return "ringing";
    if (held(a)) return "mine";
    if (a.mine && counted(a.mine.result) && a.mine.kind === "decline") return "earlier";
    if (a.fyi) return "earlier";
    return "ringing";
}

/** Does it make a sound now: it asks, and nothing was answered here, not even an answer still on its way. */
export function sounds(a: Alert): boolean {
    const silent = a.fyi || a.level === "silent" || a.exhausted || a.over;
    if (silent || band(a) !== "ringing") return false;
    if (a.again) return true;
    return a.mine === null || a.mine.result === "late" || a.mine.result === "refused" || a.mine.result === "unknown";
}

const URGENCY: Record<AlertClass, number> = { lethal: 0, high: 1, call: 2, medium: 3, low: 4, technical: 5, info: 6 };

/** Ringing: most urgent class first, then oldest. Mine: oldest first. Earlier: newest first. */
export function ordered(alerts: Alerts): Record<Band, Alert[]> {
    const bands: Record<Band, Alert[]> = { ringing: [], mine: [], earlier: [] };
    for (const a of alerts.values()) bands[band(a)].push(a);
    const byId = (a: Alert, b: Alert): number => (a.alert < b.alert ? -1 : a.alert > b.alert ? 1 : 0);
    bands.ringing.sort((a, b) => URGENCY[a.class] - URGENCY[b.class] || a.opened - b.opened || byId(a, b));
    bands.mine.sort((a, b) => a.opened - b.opened || byId(a, b));
    bands.earlier.sort((a, b) => b.sent - a.sent || byId(a, b));
    return bands;
}

/** What still asks for somebody: the number in the page's title. */
export const ringingCount = (alerts: Alerts): number => [...alerts.values()].filter((a) => band(a) === "ringing").length;

/** Forgets what is over and was last heard of before `before` (server ms). */
export function forget(alerts: Alerts, before: number): Alerts {
    const stay = [...alerts].filter(([, a]) => band(a) !== "earlier" || a.sent >= before);
    return stay.length === alerts.size ? alerts : new Map(stay);
}
