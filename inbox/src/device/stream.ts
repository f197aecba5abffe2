// The stream of alerts, kept open: reconnects with back-off and jitter, makes a new session on 401, and gives
// a line up that has been silent for longer than two keep-alives.
import { backoffMs } from "../model/outbox";
import { type SseEvent, SseReader } from "../model/sse";
import type { SessionState } from "./server";

export type LineState = "connecting" | "open" | "offline" | "unknown-device";

const SILENCE_MS = 40_000;

export interface StreamHooks {
    session(): Promise<SessionState>;
    event(e: SseEvent): void;
    state(s: LineState): void;
}

export class Stream {
    private stopped = false;
    private failures = 0;
    private wake: () => void = () => undefined;
    private abort = new AbortController();

    constructor(private readonly hooks: StreamHooks) {}

    start(): void {
        void this.run();
    }

    stop(): void {
        this.stopped = true;
        this.abort.abort();
        this.wake();
    }

    /** Try now: the network or the screen came back. */
    nudge(): void {
        this.failures = 0;
        this.wake();
    }

    private async run(): Promise<void> {
        while (!this.stopped) {
            this.hooks.state("connecting");
            const outcome = await this.connect();
            if (this.stopped) return;
            if (outcome === "unauthorised") {
                const session = await this.hooks.session();
                if (session === "open" && this.failures === 0) {
                    this.failures = 1;
                    continue;
                }
                this.hooks.state(session === "unknown-device" ? "unknown-device" : "offline");
            } else {
                this.hooks.state("offline");
            }
            this.failures++;
            await this.pause(Math.max(200, backoffMs(this.failures, Math.random())));
        }
    }

    private pause(ms: number): Promise<void> {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            this.wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }

    private async connect(): Promise<"unauthorised" | "ended"> {
        this.abort = new AbortController();
        let silence = setTimeout(() => this.abort.abort(), SILENCE_MS);
        try {
            const response = await fetch("/inbox/stream", {
                cache: "no-store",
                headers: { accept: "text/event-stream" },
                signal: this.abort.signal,
            });
            if (response.status === 401) return "unauthorised";
            if (!response.ok || !response.body) return "ended";
            const reader = response.body.getReader();
            const text = new TextDecoder();
            const events = new SseReader((e) => {
                if (e.event === "hello") {
                    this.failures = 0;
                    this.hooks.state("open");
                }
                this.hooks.event(e);
            });
            for (;;) {
                const { done, value } = await reader.read();
                if (done) return "ended";
                clearTimeout(silence);
                silence = setTimeout(() => this.abort.abort(), SILENCE_MS);
                events.push(text.decode(value, { stream: true }));
            }
        } catch {
            return "ended";
        } finally {
            clearTimeout(silence);
            this.abort.abort();
        }
    }
}
