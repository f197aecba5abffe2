// A payload with everything in place; tests say what differs.
import type { Payload } from "../src/model/wire";

export const T0 = 1_795_000_000_000;

export function payload(over: Partial<Payload> = {}): Payload {
    return {
        type: "alert", delivery: "89abcdef01234567", alert: "7f3a000000000001", seq: 1, step: 0, repeat: 0, level: "urgent",
        class: "lethal", fyi: false, lock: "lethal 5W 12", full: "V-fib 5W-12 A.R.", title: "V-fib", unit: "5W", bed: "12",
        replies: ["accept", "decline", "callback"], opened: T0, sent: T0 + 100, next_in_ms: 30_000, state: "notifying", notice: "",
        by: "", mismatch: false, ...over,
    };
}

export const notice = (kind: string, seq: number, over: Partial<Payload> = {}): Payload =>
    payload({ type: "notice", notice: kind, seq, delivery: `00000000000000${10 + seq}`, replies: [], sent: T0 + seq * 1000, next_in_ms: null, ...over });
