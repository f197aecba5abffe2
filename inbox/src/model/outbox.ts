// Answers on their way. Each is kept until the server has answered it, so what was tapped offline goes out
// later under the same nonce (and is shown as late by the server, never as on time).
import type { Answer, Result } from "./wire";

/** What one attempt came to. "again": no answer, or 503. "never": the server will not take these bytes. */
export type Attempt = { kind: "answered"; result: Result } | { kind: "again" } | { kind: "unknown-session" } | { kind: "never" };

export interface OutboxHooks {
    /** Kept before it counts as said: rejects when the phone cannot store it. */
    save(answer: Answer): Promise<void>;
    remove(nonce: string): Promise<void>;
    send(answer: Answer): Promise<Attempt>;
    /** A new session; false when that did not work now. */
    session(): Promise<boolean>;
    settled(answer: Answer, result: Result): void;
    /** Resolves after `ms`, or sooner when wake() was called. */
    sleep(ms: number): Promise<void>;
    random(): number;
}

// A person's answer overtakes receipts: behind it waits a step of the plan.
const rank = (a: Answer): number =>
    a.kind === "received" || a.kind === "undecryptable" ? 1 : a.kind === "displayed" || a.kind === "read" ? 2 : 0;

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;

/** Full jitter: anything from 0 to the doubled bound. */
export const backoffMs = (failures: number, random: number, first = BACKOFF_FIRST_MS, max = BACKOFF_MAX_MS): number =>
    Math.floor(random * Math.min(max, first * 2 ** Math.min(failures, 20)));

export class Outbox {
    private waiting: Answer[] = [];
    private running = false;
    private failures = 0;

    constructor(private readonly hooks: OutboxHooks) {}

    get size(): number {
        return this.waiting.length;
    }

    /** Answers kept from an earlier run. */
    restore(answers: Answer[]): void {
        const known = new Set(this.waiting.map((a) => a.nonce));
        this.waiting.push(...answers.filter((a) => !known.has(a.nonce)));
        void this.run();
    }

    /** Sent even when it could not be stored: better one try than none. */
    async add(answer: Answer): Promise<void> {
        this.waiting.push(answer);
        await this.hooks.save(answer).catch(() => undefined);
        void this.run();
    }

    /** The network seems to be back. */
    nudge(): void {
        this.failures = 0;
        void this.run();
    }

    private next(): Answer | undefined {
        return this.waiting.reduce<Answer | undefined>((best, a) => (!best || rank(a) < rank(best) ? a : best), undefined);
    }

    private async run(): Promise<void> {
        if (this.running) return;
        this.running = true;
        try {
            for (let a = this.next(); a; a = this.next()) await this.once(a);
        } finally {
            this.running = false;
        }
    }

    private async once(a: Answer): Promise<void> {
        const attempt = await this.hooks.send(a).catch((): Attempt => ({ kind: "again" }));
        if (attempt.kind === "answered" || attempt.kind === "never") {
            this.failures = 0;
            this.waiting = this.waiting.filter((w) => w !== a);
            await this.hooks.remove(a.nonce).catch(() => undefined);
            this.hooks.settled(a, attempt.kind === "answered" ? attempt.result : "refused");
            return;
        }
        if (attempt.kind === "unknown-session" && (await this.hooks.session()) && this.failures === 0) {
            this.failures = 1;
            return;
        }
        this.failures++;
        await this.hooks.sleep(Math.max(50, backoffMs(this.failures, this.hooks.random())));
    }
}
