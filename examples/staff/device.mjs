// One simulated phone: enrols, keeps a session and the stream, opens what comes, signs what goes.
// It speaks docs/inbox-protocol.md over real HTTPS and keeps its keys in memory only. Node 18 or newer.
import { Agent, request } from "node:https";
import { createRequire } from "node:module";
import { randomBytes, webcrypto } from "node:crypto";
import { pathToFileURL } from "node:url";

globalThis.crypto ??= webcrypto; // Node 18 has it only under this name
// jose as the web app has it, so that nothing needs to be installed twice.
const found = createRequire(new URL("../../inbox/package.json", import.meta.url)).resolve("jose");
const { CompactSign, compactDecrypt } = await import(pathToFileURL(found));

const KEEP_ALIVE_LOST_MS = 40_000;

const publicJwk = async (key) => {
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
    return { kty, crv, x, y };
};

export class Device {
    /** server: { host, port, ca }; `onAlert(device, alert)` gets each opened alert or notice once. */
    constructor(server, onAlert) {
        this.server = server;
        this.onAlert = onAlert;
        this.agent = new Agent({ ca: server.ca, keepAlive: true, maxSockets: 2, servername: "localhost" });
        this.seen = new Set();
        this.cookie = "";
        this.stopped = false;
    }

    #ask(method, path, type, body) {
        const headers = { cookie: this.cookie };
        if (body !== undefined) Object.assign(headers, { "content-type": type, "content-length": Buffer.byteLength(body) });
        return new Promise((resolve, reject) => {
            const options = { host: this.server.host, port: this.server.port, method, path, headers, agent: this.agent };
            const asked = request({ ...options, timeout: 10_000 }, (answer) => {
                let text = "";
                answer.setEncoding("utf8").on("data", (part) => (text += part));
                answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
                answer.on("error", reject);
            });
            asked.on("timeout", () => asked.destroy(new Error(`${path}: no answer in 10 s`)));
            asked.on("error", reject).end(body);
        });
    }

    #sign(payload) {
        const header = this.id ? { alg: "ES256", kid: this.id } : { alg: "ES256" };
        const bytes = new TextEncoder().encode(JSON.stringify(payload));
        return new CompactSign(bytes).setProtectedHeader(header).sign(this.ecdsa.privateKey);
    }

    async enrol(code) {
        this.ecdh = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
        this.ecdsa = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
        const body = JSON.stringify({
            code,
            label: "simulated phone",
            ecdh: await publicJwk(this.ecdh.publicKey),
            ecdsa: await publicJwk(this.ecdsa.publicKey),
            proof: await this.#sign({ aud: "nightbell-enrol", code }),
        });
        const answer = await this.#ask("POST", "/inbox/enrol", "application/json", body);
        if (answer.status !== 201) throw new Error(`enrolment: ${answer.status} ${answer.text}`);
        const { device, holder, title } = JSON.parse(answer.text);
        Object.assign(this, { id: device, holder, title });
    }

    async #session() {
        const { challenge } = JSON.parse((await this.#ask("GET", "/inbox/challenge")).text);
        const jws = await this.#sign({ aud: "nightbell-inbox", challenge });
        const answer = await this.#ask("POST", "/inbox/session", "application/jose", jws);
        if (answer.status !== 204) throw new Error(`session: ${answer.status} ${answer.text}`);
        this.cookie = answer.headers["set-cookie"][0].split(";")[0];
    }

    /** Holds the stream open until stop(); `onOpen` is called once, when the first one says hello. */
    async listen(onOpen) {
        let wait = 250;
        while (!this.stopped) {
            try {
                if (this.cookie === "") await this.#session();
                await this.#stream(() => {
                    wait = 250;
                    onOpen?.();
                    onOpen = undefined;
                });
            } catch (error) {
                if (!this.stopped && process.env.STAFF_DEBUG) console.error(`${this.holder}: ${error.message}`);
            }
            if (this.stopped) return;
            await new Promise((go) => setTimeout(go, wait * (0.5 + Math.random())));
            wait = Math.min(wait * 2, 4000);
        }
    }

    #stream(onHello) {
        return new Promise((resolve, reject) => {
            const headers = { accept: "text/event-stream", cookie: this.cookie };
            const { host, port } = this.server;
            const asked = request({ host, port, path: "/inbox/stream", headers, agent: this.agent }, (answer) => {
                if (answer.statusCode !== 200) {
                    this.cookie = ""; // the session is over, or the server is new: ask for another
                    answer.resume();
                    return reject(new Error(`stream: ${answer.statusCode}`));
                }
                let rest = "";
                answer.setEncoding("utf8").on("data", (part) => {
                    const blocks = (rest + part).split("\n\n");
                    rest = blocks.pop();
                    for (const block of blocks) this.#event(block, onHello);
                });
                answer.on("end", resolve).on("error", reject);
            });
            asked.setTimeout(KEEP_ALIVE_LOST_MS, () => asked.destroy(new Error("stream: silent")));
            asked.on("error", reject).end();
            this.line = asked;
        });
    }

    #event(block, onHello) {
        const fields = {};
        for (const row of block.split("\n")) {
            const colon = row.indexOf(":");
            if (colon > 0) fields[row.slice(0, colon)] = row.slice(colon + 1).replace(/^ /, "");
        }
        if (fields.event === "hello") onHello();
        // A delivery that is sent again after a break was opened and answered already.
        if (fields.event !== "alert" || this.seen.has(fields.id)) return;
        this.seen.add(fields.id);
        this.#open(fields.id, fields.data).catch((error) => console.error(`${this.holder}: ${error.message}`));
    }

    async #open(id, jwe) {
        let plain;
        try {
            const allowed = { keyManagementAlgorithms: ["ECDH-ES"], contentEncryptionAlgorithms: ["A256GCM"] };
            ({ plaintext: plain } = await compactDecrypt(jwe, this.ecdh.privateKey, allowed));
        } catch {
            return this.answer({ delivery: id, alert: "" }, "undecryptable");
        }
        this.onAlert(this, JSON.parse(new TextDecoder().decode(plain)));
    }

    /** Signs and sends; gives the server's word for it ("taken", "late", ...), again while it cannot be reached. */
    async answer(alert, kind, reason = "") {
        const { delivery, alert: about } = alert;
        const nonce = randomBytes(16).toString("base64url");
        const jws = await this.#sign({ delivery, alert: about, kind, reason, at: Date.now(), nonce });
        for (let tries = 0; tries < 20 && !this.stopped; tries++) {
            const sent = await this.#ask("POST", "/inbox/answers", "application/jose", jws).catch(() => ({ status: 0 }));
            if (sent.status === 200) return JSON.parse(sent.text).result;
            if (sent.status === 401) await this.#session().catch(() => undefined);
            else if (sent.status >= 400 && sent.status < 500) return `refused ${sent.status}`;
            await new Promise((go) => setTimeout(go, 300));
        }
        return "unsent";
    }

    stop() {
        this.stopped = true;
        this.line?.destroy();
        this.agent.destroy();
    }
}
