// The phone's two key pairs: ECDH to open alerts, ECDSA to sign answers. P-256, made by WebCrypto; the
// private halves cannot leave the browser (not extractable) and live as CryptoKey objects in IndexedDB.
import { CompactEncrypt, CompactSign, compactDecrypt } from "jose";
import type { JWK } from "jose";

export interface DeviceKeys {
    ecdh: CryptoKeyPair;
    ecdsa: CryptoKeyPair;
}

export async function makeKeys(): Promise<DeviceKeys> {
    const [ecdh, ecdsa] = await Promise.all([
        crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]),
        crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]),
    ]);
    return { ecdh, ecdsa };
}

/** The public half, with the four members that the server reads and no others. */
export async function publicJwk(key: CryptoKey): Promise<JWK> {
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
    return { kty, crv, x, y } as JWK;
}

/** Compact JWS, ES256 (r and s of 32 bytes each, RFC 7518 3.4). */
export function sign(key: CryptoKey, payload: object, kid?: string): Promise<string> {
    const bytes = new TextEncoder().encode(JSON.stringify(payload));
    return new CompactSign(bytes).setProtectedHeader(kid ? { alg: "ES256", kid } : { alg: "ES256" }).sign(key);
}

/** The plaintext; rejects when it is not ECDH-ES with A256GCM for this key. */
export async function open(key: CryptoKey, jwe: string): Promise<string> {
    const { plaintext } = await compactDecrypt(jwe, key, {
        keyManagementAlgorithms: ["ECDH-ES"],
        contentEncryptionAlgorithms: ["A256GCM"],
    });
    return new TextDecoder("utf-8", { fatal: true }).decode(plaintext);
}

/** Sealed to this phone itself: what is kept on it does not rest readable. */
export function sealToSelf(publicKey: CryptoKey, plain: string): Promise<string> {
    return new CompactEncrypt(new TextEncoder().encode(plain))
        .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
        .encrypt(publicKey);
}

/** 16 random bytes in base64url: names one answer for good. */
export function newNonce(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
