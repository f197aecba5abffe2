// One enrolled phone at work: takes deliveries from the stream, opens and keeps them, gives receipts, sends
// answers. The screens (ui/) look at `alerts` and call `reply`, `displayed`, `read`; they decide nothing.
import { type Alerts, type Mine, answer, deliver, forget, rings, settle, sounds } from "../model/alerts";
import { ServerClock } from "../model/clock";
import { Outbox } from "../model/outbox";
import type { SseEvent } from "../model/sse";
import { type Answer, type AnswerKind, type Payload, type Reply, type Result, readPayload } from "../model/wire";
import { newNonce, open, sealToSelf } from "./keys";
import { openSession, sendAnswer, type SessionState } from "./server";
import type { Identity, KeptDelivery, Store } from "./store";
import { type LineState, Stream } from "./stream";

const KEEP_MS = 24 * 3600 * 1000;
const KEEP_DELIVERIES = 500;
const UNOPENED: Alerts = new Map();

export interface InboxHooks {
    /** Something to look at has changed. */
    changed(): void;
    /** An alert that asks for somebody has just come (not one restored from the phone). */
    rang(p: Payload): void;
    /** It no longer rings here. */
    quiet(alert: string): void;
}

export class Inbox {
    alerts: Alerts = UNOPENED;
    line: LineState = "connecting";
    /** Server ms of the last receipt that the server took. */
    lastReceipt: number | null = null;
    readonly clock = new ServerClock({ wall: () => Date.now(), steady: () => performance.now() });
    private readonly kept = new Map<string, KeptDelivery>();
    /** Deliveries that could not be opened: a resealed one under the same id is tried again. */
    private readonly failed = new Map<string, string>();
    private readonly outbox: Outbox;
    private readonly stream: Stream;
    private session: Promise<SessionState> | null = null;
    private wake: () => void = () => undefined;
    private order: Promise<void> = Promise.resolve();

    constructor(
        readonly me: Identity,
        private readonly store: Store,
        private readonly hooks: InboxHooks,
    ) {
        this.outbox = new Outbox({
            save: async (a) =>
                store.keepAnswer({ nonce: a.nonce, jwe: await sealToSelf(me.keys.ecdh.publicKey, JSON.stringify(a)) }),
            remove: (nonce) => store.forgetAnswer(nonce),
            send: (a) => sendAnswer(me, a),
            session: async () => (await this.renew()) === "open",
            settled: (a, result) => this.settled(a, result),
            sleep: (ms) => this.sleep(ms),
            random: Math.random,
        });
        this.stream = new Stream({
            session: () => this.renew(),
            event: (e) => {
                this.order = this.order.then(() => this.event(e)).catch(() => undefined);
            },
            state: (s) => this.lineIs(s),
        });
    }

    /** How many deliveries could not be opened on this phone since the app was started. */
    get unopened(): number {
        return this.failed.size;
    }

    /** The holder has read the warning about them. */
    forgetUnopened(): void {
        this.failed.clear();
        this.hooks.changed();
    }

    get waiting(): number {
        return this.outbox.size;
    }

    /** Shows what the phone had, then connects. */
    async start(): Promise<void> {
        await this.restore().catch(() => undefined);
        this.stream.start();
        addEventListener("online", this.nudge);
        addEventListener("offline", this.changed);
        document.addEventListener("visibilitychange", this.shown);
    }

    stop(): void {
        this.stream.stop();
        removeEventListener("online", this.nudge);
        removeEventListener("offline", this.changed);
        document.removeEventListener("visibilitychange", this.shown);
    }

    private readonly changed = (): void => this.hooks.changed();
    private readonly nudge = (): void => {
        this.stream.nudge();
        this.outbox.nudge();
        this.wake();
    };
    private readonly shown = (): void => {
        if (document.visibilityState === "visible") this.nudge();
    };

    // --- what the screens call ---------------------------------------------------------------------

    reply(alert: string, kind: Reply, reason = ""): void {
        const a = this.alerts.get(alert);
        if (!a) return;
        const nonce = newNonce();
        const mine: Mine = { kind, reason: kind === "readback" ? "" : reason, result: "pending", at: this.clock.now(), nonce };
        this.alerts = answer(this.alerts, alert, mine);
        this.keepMine(alert);
        this.hooks.quiet(alert);
        this.hooks.changed();
        void this.outbox.add({ delivery: a.delivery, alert, kind, reason, at: Date.now(), nonce });
    }

    /** The card of this alert is on a visible screen. */
    displayed(alert: string): void {
        this.receiptOnce(alert, "displayed");
    }

    /** The card was opened, or had the focus for a second. */
    read(alert: string): void {
        this.receiptOnce(alert, "read");
    }

    private receiptOnce(alert: string, kind: "displayed" | "read"): void {
        const a = this.alerts.get(alert);
        const kept = a && this.kept.get(a.delivery);
        if (!a || !kept || kept.seen.includes(kind)) return;
        kept.seen = [...kept.seen, kind];
        void this.store.keepDelivery(kept).catch(() => undefined);
        this.receipt(a.delivery, alert, kind);
    }

    // --- deliveries -----------------------------------------------------------------------------------

    private async event(e: SseEvent): Promise<void> {
        if (e.event === "hello") this.hello(e.data);
        else if (e.event === "alert") await this.sealed(e.id, e.data);
    }

    private hello(data: string): void {
        const { now, device } = JSON.parse(data) as { now: number; device: string };
        if (typeof now === "number") this.clock.hello(now);
        if (device !== this.me.device) this.lineIs("unknown-device");
        this.alerts = forget(this.alerts, this.clock.now() - KEEP_MS);
        void this.prune().catch(() => undefined);
        this.outbox.nudge();
        this.wake();
        this.hooks.changed();
    }

    private async sealed(id: string, jwe: string): Promise<void> {
        if (this.kept.has(id) || this.failed.get(id) === jwe) return;
        const p = await open(this.me.keys.ecdh.privateKey, jwe.trim()).then(readPayload, () => null);
        if (p === null || p.delivery !== id) {
            this.failed.set(id, jwe);
            this.receipt(id, p?.alert ?? "", "undecryptable");
            this.hooks.changed();
            return;
        }
        const delivery = { id, jwe: jwe.trim(), at: this.clock.now(), seen: [] };
        this.kept.set(id, delivery);
        this.receipt(id, p.alert, "received");
        this.show(p);
        this.failed.delete(id);
        await this.store.keepDelivery(delivery).catch(() => undefined);
    }

    private show(p: Payload): void {
        this.alerts = deliver(this.alerts, p, [this.me.holder, this.me.title]);
        const a = this.alerts.get(p.alert);
        if (a && a.mine === null) void this.store.forgetMine([p.alert]).catch(() => undefined);
        if (a && sounds(a) && rings(p) && a.delivery === p.delivery) this.hooks.rang(p);
        else if (a && !sounds(a)) this.hooks.quiet(p.alert);
        this.hooks.changed();
    }

    private async restore(): Promise<void> {
        const kept = await this.store.deliveries();
        const key = this.me.keys.ecdh.privateKey;
        const opened = await Promise.all(
            kept.map((d) => open(key, d.jwe).then((plain) => ({ d, p: readPayload(plain) }), () => ({ d, p: null }))),
        );
        const said = new Map((await this.store.mine()).map(({ alert, ...mine }) => [alert, mine]));
        const usable = opened.flatMap(({ d, p }) => (p ? [{ d, p }] : [])).sort((a, b) => a.p.seq - b.p.seq);
        for (const { d, p } of usable) {
            this.kept.set(d.id, d);
            this.alerts = deliver(this.alerts, p, [this.me.holder, this.me.title]);
            const a = this.alerts.get(p.alert);
            const mine = said.get(p.alert);
            // The answer stood between the deliveries: put it where it was given, then go on.
            if (a && mine && !a.mine && p.sent <= mine.at) {
                this.alerts = answer(this.alerts, p.alert, { ...mine, result: "pending" });
                if (mine.result !== "pending") this.alerts = settle(this.alerts, p.alert, mine.nonce, mine.result, mine.at);
            }
        }
        const answers = await Promise.all(
            (await this.store.answers()).map((k) => open(key, k.jwe).then((s) => JSON.parse(s) as Answer, () => null)),
        );
        this.outbox.restore(answers.filter((a) => a !== null));
        this.hooks.changed();
    }

    /** A day's deliveries at most, and never more than KEEP_DELIVERIES. */
    private async prune(): Promise<void> {
        const oldest = this.clock.now() - KEEP_MS;
        const byAge = [...this.kept.values()].sort((a, b) => b.at - a.at);
        const gone = byAge.filter((d, i) => d.at < oldest || i >= KEEP_DELIVERIES).map((d) => d.id);
        gone.forEach((id) => this.kept.delete(id));
        if (gone.length > 0) await this.store.forgetDeliveries(gone);
        const lost = (await this.store.mine()).filter((m) => m.at < oldest).map((m) => m.alert);
        if (lost.length > 0) await this.store.forgetMine(lost);
    }

    // --- answers -------------------------------------------------------------------------------------

    private receipt(delivery: string, alert: string, kind: AnswerKind): void {
        void this.outbox.add({ delivery, alert, kind, reason: "", at: Date.now(), nonce: newNonce() });
    }

    private settled(a: Answer, result: Result): void {
        const now = this.clock.now();
        if (a.kind === "received" && result !== "refused") this.lastReceipt = now;
        this.alerts = settle(this.alerts, a.alert, a.nonce, result, now);
        if (this.alerts.get(a.alert)?.mine?.nonce === a.nonce) this.keepMine(a.alert);
        this.hooks.changed();
    }

    private keepMine(alert: string): void {
        const mine = this.alerts.get(alert)?.mine;
        if (mine) void this.store.keepMine({ alert, ...mine }).catch(() => undefined);
    }

    /** One at a time, whoever asks: the stream or an answer. */
    private renew(): Promise<SessionState> {
        this.session ??= openSession(this.me).finally(() => {
            this.session = null;
        });
        return this.session;
    }

    private lineIs(s: LineState): void {
        if (this.line === s) return;
        // "connecting" after a loss is still offline to whoever looks.
        if (s === "connecting" && this.line !== "open") return;
        this.line = s;
        this.hooks.changed();
    }

    private sleep(ms: number): Promise<void> {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, ms);
            this.wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }
}
