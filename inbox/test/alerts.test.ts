import assert from "node:assert/strict";
import test from "node:test";
import { type Alerts, answer, band, deliver, forget, type Mine, ordered, ringingCount, rings, settle, sounds } from "../src/model/alerts";
import type { Payload, Reply, Result } from "../src/model/wire";
import { statusOf } from "../src/model/words";
import { notice, payload, T0 } from "./help";

const ME = ["ana", "Ana Ruiz RN"];
const ID = "7f3a000000000001";
const none: Alerts = new Map();
const all = (...payloads: Payload[]): Alerts => payloads.reduce((alerts, p) => deliver(alerts, p, ME), none);
const mine = (kind: Reply, at: number, reason = ""): Mine => ({ kind, reason, result: "pending", at, nonce: "n" });
const said = (alerts: Alerts, kind: Reply, result: Result, at = T0 + 500): Alerts =>
    settle(answer(alerts, ID, mine(kind, at)), ID, "n", result, at + 50);
const one = (alerts: Alerts) => {
    const a = alerts.get(ID);
    assert.ok(a);
    return a;
};

test("where an alert stands and whether it sounds", async (t) => {
    const cases: [string, Alerts, string, boolean][] = [
        ["new", all(payload()), "ringing", true],
        ["silent asks without sound", all(payload({ level: "silent" })), "ringing", false],
        ["for information", all(payload({ fyi: true, replies: [] })), "earlier", false],
        ["accept on its way", answer(all(payload()), ID, mine("accept", T0 + 500)), "ringing", false],
        ["accepted", said(all(payload()), "accept", "taken"), "mine", false],
        ["accepted, sent twice", said(all(payload()), "accept", "repeated"), "mine", false],
        ["read back", said(all(payload()), "readback", "taken"), "mine", false],
        ["accept too late, nobody known to have it", said(all(payload()), "accept", "late"), "ringing", true],
        ["accept refused", said(all(payload()), "accept", "refused"), "ringing", true],
        ["declined", said(all(payload()), "decline", "taken"), "earlier", false],
        ["call-back does not accept", said(all(payload()), "callback", "taken"), "ringing", false],
        ["done", said(all(payload()), "done", "taken"), "earlier", false],
        ["taken by another", all(payload(), notice("taken", 2, { by: "Ben Okafor RN" })), "earlier", false],
        ["taken by me on another phone", all(payload(), notice("taken", 2, { by: "Ana Ruiz RN" })), "mine", false],
        ["ended", all(payload(), notice("ended", 2)), "earlier", false],
        ["withdrawn", all(payload(), notice("withdrawn", 2)), "earlier", false],
        ["expired", all(payload(), notice("expired", 2)), "earlier", false],
        ["ended, then open again", all(payload(), notice("ended", 2), payload({ seq: 3, sent: T0 + 9000 })), "ringing", true],
        ["cleared, unseen, goes on", all(payload(), notice("cleared", 2)), "ringing", true],
        ["exhausted stays, without sound", all(payload(), notice("exhausted", 2)), "ringing", false],
        ["updated", all(payload(), notice("updated", 2)), "ringing", true],
        ["taken, then resumed", all(payload(), notice("taken", 2, { by: "Ben" }), notice("resumed", 3)), "ringing", true],
        ["mine, then resumed", deliver(said(all(payload()), "accept", "taken"), notice("resumed", 2), ME), "ringing", true],
        ["mine, then ended", deliver(said(all(payload()), "accept", "taken"), notice("ended", 2), ME), "earlier", false],
        ["rung again after another took it", all(payload(), notice("taken", 2, { by: "Ben" }), payload({ seq: 3, sent: T0 + 9000 })), "ringing", true],
        ["lease over", deliver(said(all(payload()), "accept", "taken"), payload({ seq: 2, sent: T0 + 120_000 }), ME), "ringing", true],
        ["lease over, then taken by another", deliver(deliver(said(all(payload()), "accept", "taken"), payload({ seq: 2, sent: T0 + 120_000 }), ME), notice("taken", 3, { by: "Ben" }), ME), "earlier", false],
        ["lease over, accepted again on another phone", deliver(deliver(said(all(payload()), "accept", "taken"), payload({ seq: 2, sent: T0 + 120_000 }), ME), notice("taken", 3, { by: "Ana Ruiz RN" }), ME), "mine", false],
        ["mine, and another has it too", deliver(said(all(payload()), "accept", "taken"), notice("taken", 2, { by: "Ben" }), ME), "mine", false],
        ["a repeat that left before the accept", deliver(said(all(payload()), "accept", "taken"), payload({ seq: 2, sent: T0 + 540 }), ME), "mine", false],
        ["a repeat while the accept is on its way", deliver(answer(all(payload()), ID, mine("accept", T0 + 500)), payload({ seq: 2, sent: T0 + 900 }), ME), "ringing", false],
        ["rung again after a decline", deliver(said(all(payload()), "decline", "taken"), payload({ seq: 2, sent: T0 + 30_000 }), ME), "ringing", true],
    ];
    for (const [name, alerts, where, sound] of cases) {
        await t.test(name, () => {
            assert.equal(band(one(alerts)), where);
            assert.equal(sounds(one(alerts)), sound);
        });
    }
});

test("an older seq, or the same, changes nothing", () => {
    const alerts = all(payload({ seq: 5, full: "new" }));
    assert.equal(deliver(alerts, payload({ seq: 4, full: "old" }), ME), alerts);
    assert.equal(deliver(alerts, payload({ seq: 5, full: "same" }), ME), alerts);
});

test("answers go to the delivery that asked, and a notice without texts keeps them", () => {
    const a = one(all(payload(), notice("updated", 2, { full: "", unit: "", bed: "" })));
    assert.equal(a.delivery, "89abcdef01234567");
    assert.equal(a.full, "V-fib 5W-12 A.R.");
    assert.equal(a.unit, "5W");
    assert.deepEqual(a.replies, ["accept", "decline", "callback"]);
});

test("a result for another nonce changes nothing", () => {
    const alerts = answer(all(payload()), ID, mine("accept", T0));
    assert.equal(settle(alerts, ID, "other", "taken", T0), alerts);
    assert.equal(settle(alerts, "7f3a00000000000f", "n", "taken", T0), alerts);
});

test("the countdown ends with an accept, and runs from what the server said", () => {
    assert.equal(one(all(payload())).nextAt, T0 + 30_100);
    assert.equal(one(all(payload({ next_in_ms: null }))).nextAt, null);
    assert.equal(one(said(all(payload()), "accept", "taken")).nextAt, null);
    assert.equal(one(said(all(payload()), "callback", "taken")).nextAt, T0 + 30_100);
});

test("order: most urgent first, then oldest; mine oldest first; earlier newest first", () => {
    const id = (n: number): string => `00000000000000${10 + n}`;
    const make = (n: number, over: Partial<Payload>): Payload => payload({ alert: id(n), delivery: id(n), ...over });
    const alerts = all(
        make(1, { class: "low", opened: T0 }),
        make(2, { class: "lethal", opened: T0 + 2 }),
        make(3, { class: "lethal", opened: T0 + 1 }),
        make(4, { class: "call", opened: T0 }),
        make(5, { class: "medium", opened: T0 - 1 }),
        make(6, { fyi: true, sent: T0 + 5 }),
        make(7, { fyi: true, sent: T0 + 9 }),
    );
    const bands = ordered(alerts);
    assert.deepEqual(bands.ringing.map((a) => a.alert), [3, 2, 4, 5, 1].map(id));
    assert.deepEqual(bands.earlier.map((a) => a.alert), [7, 6].map(id));
    assert.equal(ringingCount(alerts), 5);
});

test("what asks for sound on arrival", () => {
    assert.equal(rings(payload()), true);
    assert.equal(rings(payload({ fyi: true })), false);
    assert.equal(rings(payload({ level: "silent" })), false);
    assert.equal(rings(notice("taken", 2)), false);
});

test("only what is over is forgotten", () => {
    const alerts = all(payload(), payload({ alert: "7f3a000000000002", fyi: true }));
    assert.equal(forget(alerts, T0).size, 2);
    assert.deepEqual([...forget(alerts, T0 + 1000).keys()], [ID]);
});

test("the line under the card", async (t) => {
    const cases: [string, Alerts, boolean, RegExp | null][] = [
        ["nothing to add", all(payload()), true, null],
        ["sending", answer(all(payload()), ID, mine("accept", T0)), true, /Sending/],
        ["offline", answer(all(payload()), ID, mine("accept", T0)), false, /NOT sent/],
        ["taken", all(payload(), notice("taken", 2, { by: "Ben Okafor RN" })), true, /^Ben Okafor RN has it$/],
        ["late", deliver(said(all(payload()), "accept", "late"), notice("taken", 2, { by: "Ben" }), ME), true, /Too late: Ben has it/],
        ["cleared", all(payload(), notice("cleared", 2)), true, /Nobody has seen/],
        ["exhausted", all(payload(), notice("exhausted", 2)), true, /nothing more will ring/],
        ["withdrawn", all(payload(), notice("withdrawn", 2)), true, /Withdrawn/],
        ["expired", all(payload(), notice("expired", 2)), true, /^Expired/],
        ["lease", deliver(said(all(payload()), "accept", "taken"), payload({ seq: 2, sent: T0 + 120_000 }), ME), true, /Accept again/],
        ["both", deliver(said(all(payload()), "accept", "taken"), notice("taken", 2, { by: "Ben" }), ME), true, /and Ben has it too/],
        ["taken, then over", all(payload(), notice("taken", 2, { by: "Ben" }), notice("ended", 3)), true, /^Ben had it, over$/],
        ["mine, then over", deliver(said(all(payload()), "accept", "taken"), notice("ended", 2), ME), true, /^You accepted, over$/],
        ["nobody, then over", all(payload(), notice("ended", 2)), true, /^Over$/],
        ["reason", settle(answer(all(payload()), ID, mine("decline", T0, "with-patient")), ID, "n", "taken", T0), true, /declined: with a patient/],
    ];
    for (const [name, alerts, online, expected] of cases) {
        await t.test(name, () => {
            const status = statusOf(one(alerts), online);
            if (expected) assert.match(status?.text ?? "", expected);
            else assert.equal(status, null);
        });
    }
});
