// Builds the app into dist/, or with --tests the tests and the development server into .tests/.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";

const common = { bundle: true, format: "esm", charset: "utf8", logLevel: "warning", legalComments: "none" };

async function tests() {
    rmSync(".tests", { recursive: true, force: true });
    const files = readdirSync("test").filter((name) => /\.test\.ts$|^dev-server\.ts$/.test(name));
    await build({
        ...common,
        entryPoints: files.map((name) => `test/${name}`),
        outdir: ".tests",
        platform: "node",
        target: "node18",
        sourcemap: "inline",
    });
}

async function app() {
    rmSync("dist", { recursive: true, force: true });
    mkdirSync("dist");
    const browser = { ...common, minify: true, target: ["chrome109", "firefox115", "safari16.4"] };
    await build({
        ...browser,
        entryPoints: { app: "src/main.tsx" },
        outdir: "dist",
        jsx: "automatic",
        jsxImportSource: "preact",
        define: { "process.env.NODE_ENV": '"production"' },
    });
    await build({ ...browser, entryPoints: { app: "src/app.css" }, outdir: "dist" });
    for (const name of ["index.html", "manifest.webmanifest", "icon.svg"]) {
        copyFileSync(`src/${name}`, `dist/${name}`);
    }
    // The service worker's cache is named after what it holds, so a new app is a new cache.
    const hash = createHash("sha256");
    for (const name of ["index.html", "app.js", "app.css", "manifest.webmanifest", "icon.svg"]) {
        hash.update(readFileSync(`dist/${name}`));
    }
    await build({
        ...browser,
        entryPoints: { sw: "src/sw.ts" },
        outdir: "dist",
        define: { SHELL: JSON.stringify(hash.digest("hex").slice(0, 16)) },
    });
}

await (process.argv.includes("--tests") ? tests() : app());
