import assert from "node:assert/strict";
import test from "node:test";
import { type Attempt, backoffMs, Outbox } from "../src/model/outbox";
import type { Answer, AnswerKind, Result } from "../src/model/wire";

const answer = (nonce: string, kind: AnswerKind = "accept"): Answer => ({ delivery: "d", alert: "a", kind, reason: "", at: 1, nonce });

/** An outbox whose server answers with `attempts`, one after the other, the last for ever. */
function box(...attempts: Attempt[]) {
    const log: string[] = [];
    const stored = new Map<string, Answer>();
    let idle: () => void = () => undefined;
    const outbox = new Outbox({
        save: async (a) => void stored.set(a.nonce, a),
        remove: async (nonce) => void stored.delete(nonce),
        send: async (a) => {
            log.push(`send ${a.nonce}`);
            return (attempts.length > 1 ? attempts.shift() : attempts[0]) as Attempt;
        },
        session: async () => {
            log.push("session");
            return true;
        },
        settled: (a: Answer, result: Result) => {
            log.push(`${a.nonce} ${result}`);
            if (outbox.size === 0) idle();
        },
        sleep: async () => void log.push("sleep"),
        random: () => 0.5,
    });
    const done = new Promise<void>((resolve) => (idle = resolve));
    return { outbox, log, stored, done };
}
const taken: Attempt = { kind: "answered", result: "taken" };

test("kept until answered, then gone", async () => {
    const { outbox, log, stored, done } = box({ kind: "again" }, taken);
    await outbox.add(answer("n1"));
    assert.equal(stored.size, 1);
    await done;
    assert.deepEqual(log, ["send n1", "sleep", "send n1", "n1 taken"]);
    assert.equal(stored.size, 0);
});

test("a lost session is made again at once, the second time after a pause", async () => {
    const { outbox, log, done } = box({ kind: "unknown-session" }, { kind: "unknown-session" }, taken);
    await outbox.add(answer("n1"));
    await done;
    assert.deepEqual(log, ["send n1", "session", "send n1", "session", "sleep", "send n1", "n1 taken"]);
});

test("what the server will never take counts as refused and does not block the rest", async () => {
    const { outbox, log, done } = box({ kind: "never" }, taken);
    await Promise.all([outbox.add(answer("n1")), outbox.add(answer("n2"))]);
    await done;
    assert.deepEqual(log, ["send n1", "n1 refused", "send n2", "n2 taken"]);
});

test("a person's answer overtakes receipts", async () => {
    const { outbox, log, done } = box(taken);
    outbox.restore([answer("r1", "read"), answer("r2", "received"), answer("n1", "accept"), answer("n2", "decline")]);
    outbox.restore([answer("n1", "accept")]);
    await done;
    assert.deepEqual(log.filter((l) => l.startsWith("send")), ["send n1", "send n2", "send r2", "send r1"]);
});

test("an answer that cannot be stored is sent all the same", async () => {
    const sent: string[] = [];
    const outbox = new Outbox({
        save: () => Promise.reject(new Error("full")),
        remove: async () => undefined,
        send: async (a) => {
            sent.push(a.nonce);
            return taken;
        },
        session: async () => true,
        settled: () => undefined,
        sleep: async () => undefined,
        random: Math.random,
    });
    await outbox.add(answer("n1"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(sent, ["n1"]);
    assert.equal(outbox.size, 0);
});

test("back-off doubles to a bound, with full jitter", () => {
    assert.equal(backoffMs(0, 1), 500);
    assert.equal(backoffMs(3, 1), 4000);
    assert.equal(backoffMs(50, 1), 15_000);
    assert.equal(backoffMs(50, 0), 0);
});
