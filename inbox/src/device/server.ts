// The requests of docs/inbox-protocol.md. Cookies are the browser's business (same origin, HttpOnly).
import { type Answer, readResult } from "../model/wire";
import type { Attempt } from "../model/outbox";
import { type DeviceKeys, publicJwk, sign } from "./keys";
import type { Identity } from "./store";

const ANSWER_MS = 10_000;

const post = (path: string, type: string, body: string): Promise<Response> =>
    fetch(path, {
        method: "POST",
        headers: { "content-type": type },
        body,
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_MS),
    });

export class EnrolError extends Error {}

/** Makes this phone known. Rejects with an EnrolError whose text may be shown. */
export async function enrol(code: string, label: string, keys: DeviceKeys): Promise<Identity> {
    const body = JSON.stringify({
        code,
        label,
        ecdh: await publicJwk(keys.ecdh.publicKey),
        ecdsa: await publicJwk(keys.ecdsa.publicKey),
        proof: await sign(keys.ecdsa.privateKey, { aud: "nightbell-enrol", code }),
    });
    const response = await post("/inbox/enrol", "application/json", body).catch(() => {
        throw new EnrolError("The server cannot be reached. Check the hospital's network and try again.");
    });
    if (response.status === 403) {
        throw new EnrolError("This code is wrong, used or too old. A code is good once, for 10 minutes: ask for a new one.");
    }
    if (response.status === 429) throw new EnrolError("Too many wrong codes from here. Wait ten minutes, then try again.");
    if (response.status !== 201) throw new EnrolError("The server could not enrol this phone. Ask for a new code.");
    const { device, holder, title, site } = (await response.json()) as Record<string, string>;
    if (!device || !holder) throw new EnrolError("The server's answer cannot be read. Ask for a new code.");
    return { device, holder, title: title ?? holder, site: site ?? "", keys };
}

export type SessionState = "open" | "unknown-device" | "unreachable";

/** Challenge, signature, cookie. */
export async function openSession(me: Identity): Promise<SessionState> {
    try {
        const asked = await fetch("/inbox/challenge", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
        if (!asked.ok) return "unreachable";
        const { challenge } = (await asked.json()) as { challenge: string };
        const jws = await sign(me.keys.ecdsa.privateKey, { aud: "nightbell-inbox", challenge }, me.device);
        const response = await post("/inbox/session", "application/jose", jws);
        if (response.ok) return "open";
        return response.status === 401 ? "unknown-device" : "unreachable";
    } catch {
        return "unreachable";
    }
}

export async function sendAnswer(me: Identity, answer: Answer): Promise<Attempt> {
    const jws = await sign(me.keys.ecdsa.privateKey, answer, me.device);
    const response = await post("/inbox/answers", "application/jose", jws);
    if (response.status === 401) return { kind: "unknown-session" };
    if (response.status === 200) {
        const result = readResult(await response.text());
        return result === null ? { kind: "again" } : { kind: "answered", result };
    }
    return response.status >= 400 && response.status < 500 && response.status !== 429 ? { kind: "never" } : { kind: "again" };
}
