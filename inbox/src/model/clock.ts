// Server time on a phone whose own clock may be wrong, and how times are written.

/** Both in ms: the phone's wall clock, and one that never jumps. */
export interface Sources {
    wall(): number;
    steady(): number;
}

export class ServerClock {
    private base: number | null = null;
    /** Server minus phone, ms, at the last hello; NaN before any. Beyond 10 s the phone's clock is wrong. */
    offset = Number.NaN;

    constructor(private readonly sources: Sources) {}

    hello(now: number): void {
        this.base = now - this.sources.steady();
        this.offset = now - this.sources.wall();
    }

    /** Server ms; the phone's own clock until the server has said its time. */
    now(): number {
        return this.base === null ? this.sources.wall() : this.base + this.sources.steady();
    }

    wrong(): boolean {
        return Math.abs(this.offset) > 10_000;
    }
}

const two = (n: number): string => String(n).padStart(2, "0");

/** "0:22", "12:05", "1:02:09"; whole seconds, rounded up for what is left, down for what has passed. */
export function clockText(seconds: number): string {
    const s = Math.max(0, seconds);
    const hours = Math.floor(s / 3600);
    const minutes = Math.floor(s / 60) % 60;
    return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** Time left, in whole seconds, never below 0. */
export const secondsLeft = (at: number, now: number): number => Math.max(0, Math.ceil((at - now) / 1000));

/** "12 s", "4 min", "2 h 5 min", "3 d". */
export function ageText(since: number, now: number): string {
    const s = Math.max(0, Math.floor((now - since) / 1000));
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
    return `${Math.floor(s / 86_400)} d`;
}

/** What is left of a countdown, 1 to 0, for the ring. */
export function fractionLeft(from: number, to: number, now: number): number {
    return to <= from ? 0 : Math.min(1, Math.max(0, (to - now) / (to - from)));
}
