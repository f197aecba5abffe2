// What the end-to-end tests share: Chromium, child processes with their output, checks that are counted.
import { spawn, execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

export const browser = () =>
    chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        ],
    });

export const PHONE = {
    viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: "dark",
    ignoreHTTPSErrors: true,
};

let passed = 0;
let failed = 0;

/** One named step; those after a failed one still run. */
export async function step(name, act) {
    const begun = Date.now();
    try {
        await act();
        passed++;
        console.log(`ok      ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
        failed++;
        console.log(`FAILED  ${name}\n${String(error?.stack ?? error).replace(/^/gm, "        ")}`);
    }
}

/** Says the sum for tests/e2e/run and leaves with its exit code. */
export function finish() {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
}

export async function until(what, probe, ms = 10_000) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await probe();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** A program that stays; `lines` holds what it wrote. */
export function start(command, args, options = {}) {
    const child = spawn(command, args, { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"], ...options });
    const lines = [];
    const errors = [];
    const collect = (stream, into) => {
        let rest = "";
        stream.setEncoding("utf8").on("data", (piece) => {
            const parts = (rest + piece).split("\n");
            rest = parts.pop();
            into.push(...parts);
        });
    };
    collect(child.stdout, lines);
    collect(child.stderr, errors);
    const exited = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
    child.on("error", () => undefined);
    return { child, lines, errors, exited };
}

/** A program that ends: its exit code and output. */
export const run = (command, args, options = {}) =>
    new Promise((resolve) => {
        execFile(command, args, { cwd: PROJECT, timeout: 30_000, maxBuffer: 1 << 24, ...options }, (error, stdout, stderr) =>
            resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }));
    });

export function temporary() {
    const path = mkdtempSync(join(tmpdir(), "nightbell-e2e."));
    process.on("exit", () => rmSync(path, { recursive: true, force: true }));
    return path;
}
