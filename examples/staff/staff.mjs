#!/usr/bin/env node
// examples/staff/staff.mjs   The people of a site, simulated: see README.md beside it, or --help.
import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Device } from "./device.mjs";

const HELP = `usage: staff.mjs --data DIR [--site SITE] [--except A,B] [--seed N] [--quiet] [NAME...]

Enrols a simulated phone for each NAME (people and desks; all of SITE's when none is given), through the real codes,
keys, streams and signed answers of docs/inbox-protocol.md, and answers what rings: most accept after some seconds,
some decline, some stay silent. The same seed makes the same choices. Ends with Ctrl-C.

  --data DIR       what \`nightbell serve\` was given
  --site SITE      whose people and desks (examples/general-hospital)
  --except A,B     leaves these out
  --nightbell FILE the program (build/nightbell)
  --endpoint NAME  the inbox endpoint (phones)
  --accept P       of a hundred alerts that ring, these are accepted (60); --decline P: declined (15)
  --fast N         people are N times as fast (1)
  --quiet          no line for each answer`;

const root = fileURLToPath(new URL("../..", import.meta.url));
const DECLINES = ["with-patient", "not-mine", "off-unit", "break"];

function options(args) {
    const o = { site: join(root, "examples/general-hospital"), nightbell: join(root, "build/nightbell") };
    Object.assign(o, { endpoint: "phones", seed: "1", accept: "60", decline: "15", fast: "1", except: "", names: [] });
    for (let i = 0; i < args.length; i++) {
        const word = args[i].replace(/^--/, "");
        if (args[i] === "--help") console.log(HELP), process.exit(0);
        if (args[i] === "--quiet") o.quiet = true;
        else if (!args[i].startsWith("--")) o.names.push(args[i]);
        else if ((word in o || word === "data") && i + 1 < args.length) o[word] = args[++i];
        else console.error(`staff: no option "${args[i]}"\n\n${HELP}`), process.exit(2);
    }
    if (!o.data) console.error(`staff: --data DIR is needed\n\n${HELP}`), process.exit(2);
    return o;
}

/** Names of people and desks, as they stand at the start of a line in the site's files. */
function holders(site) {
    const names = [];
    for (const file of readdirSync(site).filter((name) => name.endsWith(".bell")).sort())
        for (const [, name] of readFileSync(join(site, file), "utf8").matchAll(/^(?:person|desk)\s+([\w-]+)\s+"/gm)) names.push(name);
    return names;
}

/** A small generator of its own for each person, so that one's choices do not move another's. */
function choices(seed, name) {
    let state = 2166136261;
    for (const letter of `${seed}/${name}`) state = Math.imul(state ^ letter.codePointAt(0), 16777619) >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let x = Math.imul(state ^ (state >>> 15), state | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
    };
}

class Staff {
    constructor(o) {
        this.o = o;
        this.counts = { rung: 0, notices: 0, accept: 0, decline: 0, silent: 0, late: 0 };
        this.settled = new Set(); // "device alert": answered, or over
        this.devices = [];
    }

    pause = (ms) => new Promise((go) => setTimeout(go, ms / Number(this.o.fast)));

    say(device, text) {
        if (!this.o.quiet) console.log(`${new Date().toISOString().slice(11, 19)}  ${device.holder.padEnd(10)} ${text}`);
    }

    async onAlert(device, alert) {
        const key = `${device.id} ${alert.alert}`;
        this.settled.size > 100_000 && this.settled.clear();
        await device.answer(alert, "received");
        if (alert.type !== "alert") {
            this.counts.notices++;
            if (["taken", "ended", "withdrawn", "cleared"].includes(alert.notice)) this.settled.add(key);
            return;
        }
        this.counts.rung++;
        const random = device.random;
        const mood = random() * 100;
        await this.pause(300 + random() * 1500);
        await device.answer(alert, "displayed");
        if (alert.fyi || this.settled.has(key)) return;
        const accept = mood < Number(this.o.accept);
        if (!accept && mood >= Number(this.o.accept) + Number(this.o.decline)) {
            this.counts.silent++;
            return this.say(device, `is busy        ${alert.full}`);
        }
        await this.pause(700 + random() * 5000);
        if (!this.settled.has(key)) await this.decide(device, alert, accept, key);
    }

    async decide(device, alert, accept, key) {
        const readback = accept && !alert.replies.includes("accept") && alert.replies.includes("readback");
        const kind = !accept ? "decline" : readback ? "readback" : "accept";
        const value = /\d+(\.\d+)?/.exec(alert.full)?.[0] ?? "";
        const reason = kind === "decline" ? DECLINES[Math.floor(device.random() * DECLINES.length)] : readback ? value : "";
        const result = await device.answer(alert, kind, reason);
        if (result === "taken") this.counts[accept ? "accept" : "decline"]++;
        else this.counts.late++;
        if (accept) this.settled.add(key);
        this.say(device, `${accept ? "accepts" : "declines"}${result === "taken" ? "" : ` (${result})`}  ${alert.full}`);
    }

    /** One code from the program, one phone made known, its stream open. */
    async enrol(name, server) {
        const command = ["enroll", name, "--data", this.o.data, "--json"];
        const { stdout } = await promisify(execFile)(this.o.nightbell, command);
        const device = new Device(server, (...it) => void this.onAlert(...it).catch((error) => this.say(it[0], error.message)));
        device.random = choices(this.o.seed, name);
        this.devices.push(device);
        await device.enrol(JSON.parse(stdout).code);
        await new Promise((open) => void device.listen(open));
    }

    /** Where the inbox really listens: the supervisor writes it down. */
    server() {
        const rows = readFileSync(join(this.o.data, "run/listening"), "utf8").split("\n");
        const row = rows.find((line) => line.startsWith(`${this.o.endpoint} `));
        if (row === undefined) throw new Error(`there is no endpoint "${this.o.endpoint}"`);
        const [, host, port] = /^\S+ \[?(.*?)\]?:(\d+)$/.exec(row);
        const ca = join(this.o.data, "demo-tls/ca.pem");
        return { host, port: Number(port), ca: existsSync(ca) ? readFileSync(ca) : undefined };
    }

    async start() {
        const server = this.server();
        const left = this.o.except.split(",");
        const names = (this.o.names.length > 0 ? this.o.names : holders(this.o.site)).filter((name) => !left.includes(name));
        await Promise.all([0, 1, 2, 3].map(async (lane) => {
            for (let i = lane; i < names.length; i += 4) await this.enrol(names[i], server);
        }));
        console.log(`ready: ${names.length} phones`);
    }

    stop() {
        for (const device of this.devices) device.stop();
        const c = this.counts;
        console.log(`rung ${c.rung}, accepted ${c.accept}, declined ${c.decline}, silent ${c.silent}, too late ${c.late}, notices ${c.notices}`);
        process.exit(0);
    }
}

const staff = new Staff(options(process.argv.slice(2)));
process.on("SIGINT", () => staff.stop()).on("SIGTERM", () => staff.stop());
await staff.start().catch((error) => {
    console.error(`staff: ${error.message}`);
    process.exit(1);
});
