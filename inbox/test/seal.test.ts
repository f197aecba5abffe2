import "./setup";
import assert from "node:assert/strict";
import test from "node:test";
import { CompactEncrypt, compactVerify, importJWK } from "jose";
import { makeKeys, newNonce, open, publicJwk, sealToSelf, sign } from "../src/device/keys";
import { readPayload, readResult } from "../src/model/wire";
import { payload } from "./help";

const seal = (key: CryptoKey, plain: string, header: { alg: string; enc: string }): Promise<string> =>
    new CompactEncrypt(new TextEncoder().encode(plain)).setProtectedHeader(header).encrypt(key);

test("an alert is opened with a key that cannot be taken out", async () => {
    const { ecdh } = await makeKeys();
    assert.equal(ecdh.privateKey.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("jwk", ecdh.privateKey));
    const to = (await importJWK(await publicJwk(ecdh.publicKey), "ECDH-ES")) as CryptoKey;
    const jwe = await seal(to, JSON.stringify({ v: 1, ...payload() }), { alg: "ECDH-ES", enc: "A256GCM" });
    assert.deepEqual(readPayload(await open(ecdh.privateKey, jwe)), payload());
    assert.equal(await open(ecdh.privateKey, await sealToSelf(ecdh.publicKey, "kept é")), "kept é");
});

test("what is not for this key, or not as agreed, is not opened", async (t) => {
    const { ecdh } = await makeKeys();
    const other = await makeKeys();
    const good = await seal(ecdh.publicKey, "x", { alg: "ECDH-ES", enc: "A256GCM" });
    const cases: [string, string][] = [
        ["another phone's", await seal(other.ecdh.publicKey, "x", { alg: "ECDH-ES", enc: "A256GCM" })],
        ["another enc", await seal(ecdh.publicKey, "x", { alg: "ECDH-ES", enc: "A128GCM" })],
        ["another alg", await seal(ecdh.publicKey, "x", { alg: "ECDH-ES+A256KW", enc: "A256GCM" })],
        ["a changed tag", good.slice(0, -2) + (good.endsWith("AA") ? "BB" : "AA")],
        ["empty", ""],
        ["four parts", good.split(".").slice(0, 4).join(".")],
    ];
    for (const [name, jwe] of cases) await t.test(name, () => assert.rejects(open(ecdh.privateKey, jwe)));
});

test("answers are signed as ES256 says: r and s, 64 bytes", async () => {
    const { ecdsa } = await makeKeys();
    assert.equal(ecdsa.privateKey.extractable, false);
    const jws = await sign(ecdsa.privateKey, { kind: "accept" }, "0123456789abcdef");
    assert.equal(Buffer.from(jws.split(".")[2] ?? "", "base64url").length, 64);
    const read = await compactVerify(jws, await importJWK(await publicJwk(ecdsa.publicKey), "ES256"));
    assert.deepEqual(read.protectedHeader, { alg: "ES256", kid: "0123456789abcdef" });
    assert.deepEqual(JSON.parse(new TextDecoder().decode(read.payload)), { kind: "accept" });
    assert.deepEqual(Object.keys(await publicJwk(ecdsa.publicKey)), ["kty", "crv", "x", "y"]);
});

test("nonces are 22 base64url characters, each another", () => {
    const nonces = Array.from({ length: 100 }, newNonce);
    assert.ok(nonces.every((nonce) => /^[A-Za-z0-9_-]{22}$/.test(nonce)));
    assert.equal(new Set(nonces).size, 100);
});

test("payloads that are none", async (t) => {
    const whole = { v: 1, ...payload() };
    const cases: [string, unknown][] = [
        ["no object", 1], ["null", null], ["an array", []], ["another version", { ...whole, v: 2 }], ["no type", { ...whole, type: "" }],
        ["seq a text", { ...whole, seq: "1" }], ["id too short", { ...whole, alert: "7f" }], ["replies no list", { ...whole, replies: "accept" }],
        ["fyi a number", { ...whole, fyi: 1 }], ["next a text", { ...whole, next_in_ms: "soon" }],
    ];
    for (const [name, value] of cases) await t.test(name, () => assert.equal(readPayload(JSON.stringify(value)), null));
    assert.equal(readPayload("{"), null);
});

test("words of a later version do not hide an alert", () => {
    const read = readPayload(JSON.stringify({ v: 1, ...payload(), class: "purple", level: "loud", replies: ["accept", "sing"], more: 1 }));
    assert.equal(read?.class, "low");
    assert.equal(read?.level, "normal");
    assert.deepEqual(read?.replies, ["accept"]);
});

test("results", () => {
    assert.equal(readResult('{"result":"late"}'), "late");
    for (const body of ["", "{}", '{"result":"maybe"}', "null"]) assert.equal(readResult(body), null);
});
