// The grammar for editors against the real parser: for every word of every example, the tokenizer of VS Code and
// `nightbell lsp` (semantic tokens) agree on what it is, as far as patterns can know.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import path from "node:path";
const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");
const { loadWASM, OnigScanner, OnigString } = require("vscode-oniguruma");

const here = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(here, "../..");
const program = process.env.NIGHTBELL ?? path.join(project, "build/nightbell");
let passed = 0, failed = 0;
function ok(name, condition, detail = "") {
  if (condition) passed++;
  else if (++failed < 40) console.log(`FAILED ${name}: ${detail}`);
}

// --- an editor
const server = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
let bytes = Buffer.alloc(0), number = 0;
const waiting = new Map();
server.stdout.on("data", (piece) => {
  bytes = Buffer.concat([bytes, piece]);
  for (;;) {
    const end = bytes.indexOf("\r\n\r\n");
    const length = end < 0 ? 0 : Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, end))[1]);
    if (end < 0 || bytes.length < end + 4 + length) return;
    const message = JSON.parse(bytes.subarray(end + 4, end + 4 + length).toString());
    bytes = bytes.subarray(end + 4 + length);
    waiting.get(message.id)?.(message.result);
  }
});
function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}
const ask = (method, params) => new Promise((done) => {
  waiting.set(++number, done);
  send({ id: number, method, params });
});

// --- what VS Code sees
await loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
const registry = new Registry({
  onigLib: Promise.resolve({ createOnigScanner: (p) => new OnigScanner(p), createOnigString: (s) => new OnigString(s) }),
  loadGrammar: async () => {
    const file = path.join(project, "editors/vscode/nightbell.tmLanguage.json");
    return parseRawGrammar(readFileSync(file, "utf8"), file);
  },
});
const grammar = await registry.loadGrammar("source.nightbell");
function scopes(text) {
  let state = INITIAL;
  return text.split("\n").map((line) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    return result.tokens;
  });
}
const at = (lines, line, character) =>
  lines[line].find((t) => t.startIndex <= character && character < t.endIndex)?.scopes.join(" ") ?? "";

// --- both
const source = readFileSync(path.join(project, "rules/syntax/grammar.y"), "utf8");
const keywords = new Set([...source.slice(source.indexOf('LANGUAGE "language"'), source.indexOf("%precedence NO_VALUE"))
  .matchAll(/\b[A-Z_]+ "([a-z-]+)"/g)].map((m) => m[1]));
function bells(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() && e.name !== "node_modules" ? bells(path.join(folder, e.name))
      : e.name.endsWith(".bell") ? [path.join(folder, e.name)] : []);
}
const expected = { comment: /comment\.line/, string: /string\.quoted/, number: /constant\.numeric/, keyword: /keyword\./ };

const hello = await ask("initialize", { capabilities: {} });
const legend = hello.capabilities.semanticTokensProvider.legend.tokenTypes;
const seen = new Set();
for (const file of [...bells(path.join(project, "examples")), ...bells(path.join(project, "tests/rules/bell"))]) {
  const text = readFileSync(file, "utf8"), uri = pathToFileURL(file).href;
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "nightbell", version: 1, text } } });
  const { data } = await ask("textDocument/semanticTokens/full", { textDocument: { uri } });
  const lines = scopes(text), rows = text.split("\n");
  let line = 0, character = 0;
  for (let i = 0; i < data.length; i += 5) {
    character = data[i] > 0 ? data[i + 1] : character + data[i + 1];
    line += data[i];
    const type = legend[data[i + 3]], word = rows[line].slice(character, character + data[i + 2]);
    const found = at(lines, line, character), name = `${path.basename(file)}:${line + 1}:${character + 1} ${type} ${word}`;
    seen.add(type);
    if (expected[type]) ok(name, expected[type].test(found) && expected[type].test(at(lines, line, character + data[i + 2] - 1)), found);
    else if (word.includes(":")) ok(name, /constant\.other\.code/.test(found), found);
    else if (!keywords.has(word)) ok(name, !/keyword|string|comment|numeric/.test(found), found);
  }
}
ok("every type of word was seen", legend.every((t) => seen.has(t)), [...seen].join(" "));
for (const [name, text, want] of [
  ["a keyword inside a name", "primary-nurse-after", /variable\.other/],
  ["an escape in a text", '"a \\" b"', /string/],
  ["a field in a text", '"{unit|?}"', /string/],
  ["a text without its end stops at the line's", '"open\nrule x {', /keyword/],
  ["the name of a rule", "rule after-all {", /keyword\.other\.declaration/],
]) {
  const lines = scopes(text);
  ok(name, want.test(at(lines, lines.length - 1, 0)), at(lines, lines.length - 1, 0));
}
ok("a placeholder has a scope of its own", /variable\.other\.placeholder/.test(at(scopes('lock "{unit|?}"'), 0, 7)));
ok("a declared name has a scope of its own", /entity\.name/.test(at(scopes("rule bed-exit {"), 0, 6)));
await ask("shutdown", null);
send({ method: "exit" });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
