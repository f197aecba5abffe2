// What stands inside a JWE and in an answer (docs/inbox-protocol.md). Reading is strict: whatever is not as
// the contract says is null, and the caller reports the delivery as one that could not be opened.

export const CLASSES = ["lethal", "high", "medium", "low", "call", "technical", "info"] as const;
export type AlertClass = (typeof CLASSES)[number];
export const LEVELS = ["normal", "urgent", "silent"] as const;
export type Level = (typeof LEVELS)[number];
export const REPLIES = ["accept", "decline", "readback", "callback", "confirm", "dismiss", "done"] as const;
export type Reply = (typeof REPLIES)[number];
export type AnswerKind = Reply | "received" | "displayed" | "read" | "undecryptable";
export const REASONS = ["with-patient", "not-mine", "off-unit", "break"] as const;
export type Reason = (typeof REASONS)[number];
export type Result = "taken" | "repeated" | "late" | "unknown" | "refused";

/** One opened delivery. Times are the server's wall clock in ms; `full` and `title` are patient data. */
export interface Payload {
    type: "alert" | "notice";
    delivery: string;
    alert: string;
    seq: number;
    step: number;
    repeat: number;
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
    next_in_ms: number | null;
    state: string;
    notice: string;
    by: string;
    mismatch: boolean;
}

export interface Answer {
    delivery: string;
    alert: string;
    kind: AnswerKind;
    reason: string;
    /** The phone's own clock in ms: shown, never trusted. */
    at: number;
    nonce: string;
}

type Bag = Record<string, unknown>;

const text = (bag: Bag, name: string): string => {
    const value = bag[name] ?? "";
    if (typeof value !== "string") throw new TypeError(name);
    return value;
};
const number = (bag: Bag, name: string): number => {
    const value = bag[name];
    if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError(name);
    return value;
};
const flag = (bag: Bag, name: string): boolean => {
    const value = bag[name] ?? false;
    if (typeof value !== "boolean") throw new TypeError(name);
    return value;
};
const identifier = (bag: Bag, name: string): string => {
    const value = text(bag, name);
    if (!/^[0-9a-f]{16}$/.test(value)) throw new TypeError(name);
    return value;
};
// A word this app does not know yet must not hide an alert: unknown levels ring, unknown classes show as low.
const oneOf = <T extends string>(words: readonly T[], value: string, otherwise: T): T =>
    (words as readonly string[]).includes(value) ? (value as T) : otherwise;

/** The payload, or null when the plaintext is not one (its version, a member's type, an id). */
export function readPayload(plain: string): Payload | null {
    try {
        const bag: unknown = JSON.parse(plain);
        if (typeof bag !== "object" || bag === null) return null;
        const b = bag as Bag;
        const type = text(b, "type");
        if (b["v"] !== 1 || (type !== "alert" && type !== "notice")) return null;
        const replies = b["replies"] ?? [];
        if (!Array.isArray(replies)) return null;
        return {
            type,
            delivery: identifier(b, "delivery"),
            alert: identifier(b, "alert"),
            seq: number(b, "seq"),
            step: number(b, "step"),
            repeat: number(b, "repeat"),
            level: oneOf(LEVELS, text(b, "level"), "normal"),
            class: oneOf(CLASSES, text(b, "class"), "low"),
            fyi: flag(b, "fyi"),
            lock: text(b, "lock"),
            full: text(b, "full"),
            title: text(b, "title"),
            unit: text(b, "unit"),
            bed: text(b, "bed"),
            replies: REPLIES.filter((reply) => replies.includes(reply)),
            opened: number(b, "opened"),
            sent: number(b, "sent"),
            next_in_ms: b["next_in_ms"] == null ? null : number(b, "next_in_ms"),
            state: text(b, "state"),
            notice: text(b, "notice"),
            by: text(b, "by"),
            mismatch: flag(b, "mismatch"),
        };
    } catch {
        return null;
    }
}

const RESULTS: readonly string[] = ["taken", "repeated", "late", "unknown", "refused"];

export function readResult(body: string): Result | null {
    try {
        const result = (JSON.parse(body) as Bag)["result"];
        return typeof result === "string" && RESULTS.includes(result) ? (result as Result) : null;
    } catch {
        return null;
    }
}
