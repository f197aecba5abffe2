// A stand-in for the server half of docs/inbox-protocol.md, for work on the screens: npm run dev [PORT].
// Plain http, which browsers treat as secure on localhost. Codes: any that begins with DEV. Nothing is kept.
//   POST /dev/alert    members that differ from a V-fib; sealed for every device
//   POST /dev/garbage  a JWE that nobody can open      POST /dev/drop   ends streams and sessions
//   POST /dev/refuse   {"down":true}: 503 to answers   GET  /dev/answers  what the devices said
import "./setup";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { CompactEncrypt, compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import type { Answer } from "../src/model/wire";
import { payload } from "./help";

const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Record<string, string> = {
    html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8",
    webmanifest: "application/manifest+json", svg: "image/svg+xml",
};
const FILES = ["index.html", "app.js", "app.css", "sw.js", "manifest.webmanifest", "icon.svg"];

interface Device {
    id: string;
    ecdh: JWK;
    ecdsa: JWK;
    streams: Set<ServerResponse>;
    unsettled: { id: string; jwe: string }[];
}
const devices = new Map<string, Device>();
const sessions = new Map<string, Device>();
const challenges = new Set<string>();
const answers: (Answer & { device: string })[] = [];
let down = false;
let seq = 0;
const hex = (): string => randomBytes(8).toString("hex");

const read = async (request: IncomingMessage): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts).toString("utf8");
};
const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
};
const verified = async (jws: string): Promise<{ device: Device; said: Record<string, unknown> } | null> => {
    const device = devices.get(decodeProtectedHeader(jws).kid ?? "");
    if (!device) return null;
    const { payload: bytes } = await compactVerify(jws, await importJWK(device.ecdsa, "ES256"), { algorithms: ["ES256"] });
    return { device, said: JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> };
};
const write = (device: Device, id: string, jwe: string): void =>
    device.streams.forEach((stream) => stream.write(`event: alert\nid: ${id}\ndata: ${jwe}\n\n`));

async function enrol(body: string, response: ServerResponse): Promise<void> {
    const { code, ecdh, ecdsa, proof } = JSON.parse(body) as { code: string; ecdh: JWK; ecdsa: JWK; proof: string };
    if (!code.startsWith("DEV")) return json(response, 403, { error: "the code is not known" });
    await compactVerify(proof, await importJWK(ecdsa, "ES256"));
    const device = { id: hex(), ecdh, ecdsa, streams: new Set<ServerResponse>(), unsettled: [] };
    devices.set(device.id, device);
    json(response, 201, { device: device.id, holder: "ana", title: "Ana Ruiz RN", site: "general-hospital" });
}

async function session(body: string, response: ServerResponse): Promise<void> {
    const who = await verified(body).catch(() => null);
    if (!who || !challenges.delete(String(who.said["challenge"]))) return json(response, 401, { error: "not a session" });
    const cookie = randomBytes(16).toString("hex");
    sessions.set(cookie, who.device);
    response.writeHead(204, { "set-cookie": `__Host-nightbell=${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict` }).end();
}

async function answered(body: string, response: ServerResponse): Promise<void> {
    const who = await verified(body).catch(() => null);
    if (!who) return json(response, 401, { error: "not signed by a known device" });
    if (down) return json(response, 503, { error: "down" });
    const said = who.said as unknown as Answer;
    const again = answers.some((a) => a.nonce === said.nonce);
    if (!again) answers.push({ ...said, device: who.device.id });
    if (said.kind === "received") who.device.unsettled = who.device.unsettled.filter((d) => d.id !== said.delivery);
    json(response, 200, { result: again ? "repeated" : "taken" });
}

function stream(device: Device, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`event: hello\ndata: ${JSON.stringify({ v: 1, now: Date.now(), device: device.id })}\n\n`);
    device.streams.add(response);
    device.unsettled.forEach((d) => write(device, d.id, d.jwe));
    const beat = setInterval(() => response.write(": keep-alive\n\n"), 15_000);
    response.on("close", () => {
        clearInterval(beat);
        device.streams.delete(response);
    });
}

async function alert(body: string, response: ServerResponse): Promise<void> {
    const now = Date.now();
    const ids: string[] = [];
    for (const device of devices.values()) {
        const over = { delivery: hex(), alert: hex(), seq: ++seq, opened: now, sent: now, ...(JSON.parse(body || "{}") as object) };
        const plain = new TextEncoder().encode(JSON.stringify({ v: 1, ...payload(over) }));
        const header = { alg: "ECDH-ES", enc: "A256GCM", kid: device.id, cty: "application/nightbell+json" };
        const jwe = await new CompactEncrypt(plain).setProtectedHeader(header).encrypt(await importJWK(device.ecdh, "ECDH-ES"));
        device.unsettled.push({ id: over.delivery, jwe });
        write(device, over.delivery, jwe);
        ids.push(over.alert);
    }
    json(response, 200, { alerts: ids });
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const cookie = /__Host-nightbell=([0-9a-f]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    const device = sessions.get(cookie);
    const body = request.method === "POST" ? await read(request) : "";
    switch (`${request.method} ${path}`) {
        case "POST /inbox/enrol": return enrol(body, response);
        case "POST /inbox/session": return session(body, response);
        case "POST /inbox/answers": return device ? answered(body, response) : json(response, 401, { error: "no session" });
        case "GET /inbox/stream": return device ? stream(device, response) : json(response, 401, { error: "no session" });
        case "GET /inbox/challenge": {
            const challenge = randomBytes(16).toString("base64url");
            challenges.add(challenge);
            return json(response, 200, { challenge });
        }
        case "POST /dev/alert": return alert(body, response);
        case "POST /dev/garbage":
            devices.forEach((d) => write(d, hex(), "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..AAAA.AAAA.AAAA"));
            return json(response, 200, {});
        case "POST /dev/drop":
            sessions.clear();
            devices.forEach((d) => d.streams.forEach((s) => s.end()));
            return json(response, 200, {});
        case "POST /dev/refuse":
            down = (JSON.parse(body) as { down: boolean }).down;
            return json(response, 200, {});
        case "GET /dev/answers": return json(response, 200, answers);
    }
    const name = path === "/" ? "index.html" : path.slice(1);
    if (request.method !== "GET" || !FILES.includes(name)) return json(response, 404, { error: "not here" });
    response
        .writeHead(200, { "content-type": TYPES[name.split(".").pop() ?? ""], "content-security-policy": CSP, "cache-control": "no-cache" })
        .end(readFileSync(new URL(`../dist/${name}`, import.meta.url)));
}

const server = createServer((request, response) => {
    handle(request, response).catch(() => {
        if (!response.headersSent) json(response, 400, { error: "that cannot be read" });
        else response.end();
    });
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
    const at = server.address();
    console.log(`listening http://localhost:${typeof at === "object" && at ? at.port : ""}`);
});
