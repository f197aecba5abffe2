// An alert travels end to end, every part real: V-fib over MLLP or FHIR, the rule, the sealed inbox in Chromium,
// the accept or the escalation on time, and what explain says of it. Lane time runs at RATE (6): the rule's 30 s
// are 5 s here, and the 8 s within which a phone must give a receipt are 1.3 s.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { browser, finish, PHONE, PROJECT, run, start, step, temporary, until } from "./help.mjs";

const NIGHTBELL = process.env.NIGHTBELL ?? `${PROJECT}build/nightbell`;
const RATE = Number(process.env.RATE ?? 6);
const SITE = "examples/general-hospital";
const STEP_MS = 30_000 / RATE;
const chromium = await browser();
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** `nightbell serve` on a data folder; ports by listener name. */
async function serve(data, extra = ["--all-ports-free"]) {
    const program = start(NIGHTBELL, ["serve", SITE, "--data", data, "--rate", String(RATE), ...extra]);
    running.add(program.child);
    const ports = {};
    await until("nightbell listens", () => {
        if (program.child.exitCode !== null) throw new Error(`nightbell left: ${program.errors.join("\n")}`);
        program.lines.map((l) => l.split(" ")).forEach(([word, name, at]) => word === "listening" && (ports[name] = at));
        return ports.phones && ports.telemetry && ports.ehr;
    });
    const cli = async (...args) => {
        const result = await run(NIGHTBELL, [...args, "--data", data]);
        assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
        return result.stdout;
    };
    return {
        data, ports, cli, program,
        inbox: `https://localhost:${ports.phones.split(":")[1]}`,
        alerts: async () => (await cli("alerts", "--json")).split("\n").filter(Boolean).map((l) => JSON.parse(l)),
        explain: async (alert) => (await cli("explain", alert, "--json")).split("\n").filter(Boolean).map((l) => JSON.parse(l)),
        stop: async () => {
            program.child.kill("SIGTERM");
            const left = await Promise.race([program.exited, new Promise((resolve) => setTimeout(resolve, 6000, null))]);
            running.delete(program.child);
            if (left === null) program.child.kill("SIGKILL");
            return left;
        },
    };
}

/** A hospital whose 5W bed 12 is Ana's and whose unit is Carla's, whatever the hour of the test. */
async function hospital() {
    const h = await serve(temporary());
    await h.cli("assign", "ana", "primary-nurse", "5W", "12");
    await h.cli("assign", "carla", "charge-nurse", "5W");
    return h;
}

/** Somebody's phone: a browser of its own, enrolled with a code from `nightbell enroll`. */
async function phone(h, holder) {
    const { code } = JSON.parse(await h.cli("enroll", holder, "--json"));
    const context = await chromium.newContext({ ...PHONE, permissions: ["notifications"] });
    const page = await context.newPage();
    page.complaints = [];
    page.on("pageerror", (e) => page.complaints.push(String(e)));
    page.on("console", (m) => /Content Security Policy/.test(m.text()) && page.complaints.push(m.text()));
    await page.goto(`${h.inbox}/#code=${code}`);
    await page.getByRole("button", { name: "Enrol this phone" }).click();
    await page.getByText("Connected").waitFor();
    return page;
}

const sendVfib = async (h) => {
    const sent = await run(NIGHTBELL, ["send", h.ports.telemetry, "examples/messages/vfib.hl7"]);
    assert.match(sent.stdout, /MSA\|(AA|CA)\|/);
};
const ringing = (page) => page.locator("section.band-ringing article.card");
const owned = async (h) => (await h.alerts()).filter((a) => a.rule === "lethal-arrhythmia");
const hasVfib = async (page) => {
    await ringing(page).first().waitFor();
    assert.match(await ringing(page).first().textContent(), /5W-12.*V-fib/s);
};
const close = (...pages) => Promise.all(pages.map((page) => page.context().close()));

// --- accepted in time ------------------------------------------------------------------------------------
{
    const h = await hospital();
    let ana, carla, alert;
    await step("two nurses enrol their phones", async () => {
        [ana, carla] = [await phone(h, "ana"), await phone(h, "carla")];
        assert.match(await ana.textContent("header"), /Ana Ruiz RN/);
    });
    await step("V-fib over MLLP rings the nurse who has the bed, opened on her phone", async () => {
        await sendVfib(h);
        await hasVfib(ana);
        [{ alert }] = await owned(h);
        assert.match(await ana.title(), /^\(1\) Nightbell$/);
        assert.match(await ringing(ana).first().textContent(), /Next: somebody else in 0:0\d/);
    });
    await step("she accepts: the card is hers, and the alert is accepted", async () => {
        await ringing(ana).getByRole("button", { name: "Accept" }).tap();
        await ana.locator("section.band-mine article.card").waitFor();
        const row = (await owned(h))[0];
        assert.equal(row.state, "accepted");
        assert.equal(row.taken_by, "Ana Ruiz RN");
    });
    await step("the escalation stops: the charge nurse stays quiet past the rule's time", async () => {
        await new Promise((resolve) => setTimeout(resolve, STEP_MS + 1000));
        assert.equal(await ringing(carla).count(), 0);
        assert.ok(!(await h.explain(alert)).some((r) => r.type === "step" && /Carla Weiss/.test(r.text)));
    });
    await step("explain tells the trip: owner, told, receipt, accept", async () => {
        const told = await h.cli("explain", alert);
        for (const word of ["lethal-arrhythmia", "Ana Ruiz RN", "received", "accept"]) assert.ok(told.includes(word), `${word} in\n${told}`);
        const status = JSON.parse(await h.cli("status", "--json"));
        assert.equal(status.counters.accepts, 1);
    });
    await step("no patient's name rests readable in the data folder", async () => {
        const found = await run("grep", ["-rlE", "Quill|Marta", h.data]);
        assert.equal(found.stdout, "");
    });
    await step("a restart keeps the phone enrolled and the alert accepted", async () => {
        await h.stop();
        await ana.getByText("No alert can reach this phone").waitFor();
        const again = await serve(h.data, ["--all-ports-free", "--listen", `phones=${h.ports.phones}`]);
        await ana.getByText("Connected").waitFor({ timeout: 30_000 });
        assert.equal(await ana.locator("article.card").count(), 1);
        assert.equal((await again.alerts()).find((a) => a.alert === alert).taken_by, "Ana Ruiz RN");
        const left = await again.stop();
        assert.equal(left?.code, 0, "SIGTERM leaves cleanly within 5 s");
    });
    await step("neither page complained", () => assert.deepEqual([...ana.complaints, ...carla.complaints], []));
    await close(ana, carla);
}

// --- not accepted ------------------------------------------------------------------------------------------
{
    const h = await hospital();
    const [ana, carla] = [await phone(h, "ana"), await phone(h, "carla")];
    await step(`nobody accepts: the charge nurse's page rings at the rule's time, ${STEP_MS} ms`, async () => {
        const sent = Date.now();
        await sendVfib(h);
        await hasVfib(ana);
        assert.equal(await ringing(carla).count(), 0);
        const [{ alert }] = await owned(h);
        await hasVfib(carla);
        const waited = Date.now() - sent;
        assert.ok(waited > STEP_MS - 200 && waited < STEP_MS + 3000, `her page rang ${waited} ms after the alarm was sent`);
        const steps = (await h.explain(alert)).filter((r) => r.type === "step" && /Carla Weiss/.test(r.text));
        const opened = Date.parse((await h.alerts()).find((a) => a.alert === alert).opened);
        // The journal's times run at RATE: the step is exact there.
        const after = Date.parse(steps[0].at) - opened;
        assert.ok(Math.abs(after - 30_000) < 2500, `the step fired ${after} ms of lane time after the alert`);
    });
    await step("the nurse accepts without a network, the charge nurse with one: only hers counts", async () => {
        assert.equal(await ringing(ana).count(), 1);
        await ana.context().setOffline(true);
        await ringing(ana).getByRole("button", { name: "Accept" }).tap();
        await ringing(carla).first().getByRole("button", { name: "Accept" }).tap();
        await carla.locator("section.band-mine article.card").waitFor();
        assert.equal((await owned(h))[0].taken_by, "Carla Weiss RN");
        await ana.context().setOffline(false);
        await ana.locator("section.band-earlier").getByText("Too late: Carla Weiss RN has it").waitFor();
        assert.equal((await owned(h))[0].taken_by, "Carla Weiss RN");
        assert.equal(JSON.parse(await h.cli("status", "--json")).counters["answers-late"], 1);
    });
    await close(ana, carla);
    await h.stop();
}

// --- accepted, and then nothing is done ------------------------------------------------------------------------
{
    const h = await hospital();
    const [ana, second, desk, carla] = [await phone(h, "ana"), await phone(h, "ana"), await phone(h, "tele-room"), await phone(h, "carla")];
    await step("an accept on one phone shows on her other one, and at the desk that only watches", async () => {
        await sendVfib(h);
        await Promise.all([hasVfib(ana), hasVfib(second), desk.getByText("others are asked").waitFor()]);
        await ringing(ana).getByRole("button", { name: "Accept" }).tap();
        await second.locator("section.band-mine article.card").waitFor();
        await desk.getByText("Ana Ruiz RN has it").waitFor();
        assert.equal(await desk.locator("article.card button").count(), 0);
    });
    await step("it still alarms when the accept runs out: she is asked again, then the charge nurse", async () => {
        await ringing(ana).getByText("Accept again, or it goes on").waitFor({ timeout: 140_000 / RATE });
        assert.equal(await ringing(carla).count(), 0);
        await ringing(carla).first().waitFor({ timeout: 40_000 / RATE });
    });
    await step("the source clears it: it goes on, because nobody has it", async () => {
        const sent = await run(NIGHTBELL, ["send", h.ports.telemetry, "examples/messages/vfib-end.hl7"]);
        assert.match(sent.stdout, /MSA\|(AA|CA)\|/);
        assert.equal(await ringing(carla).count(), 1);
        await ringing(carla).getByRole("button", { name: "Accept" }).tap();
        for (const page of [ana, second]) await page.locator("section.band-earlier").getByText("Carla Weiss RN had it, over").waitFor();
        await carla.getByText("You accepted, over").waitFor();
    });
    await close(ana, second, desk, carla);
    await h.stop();
}

if (process.env.SHOTS) {
    const h = await hospital();
    const ana = await phone(h, "ana");
    await sendVfib(h);
    await hasVfib(ana);
    await ana.screenshot({ path: `${process.env.SHOTS}/real.png` });
    await close(ana);
    await h.stop();
}

// --- FHIR ------------------------------------------------------------------------------------------------------
const JSON_TYPE = "application/fhir+json";
const XML_TYPE = "application/fhir+xml";

async function post(h, token, type, file) {
    const heads = ["-H", `content-type: ${type}`, ...(token ? ["-H", `authorization: Bearer ${token}`] : [])];
    const args = ["-sk", "-X", "POST", ...heads, "--data-binary", `@${file}`, "-w", "\n%{http_code}", `https://${h.ports.ehr}/fhir`];
    const { stdout } = await run("curl", args);
    const cut = stdout.lastIndexOf("\n");
    return { status: Number(stdout.slice(cut + 1)), body: stdout.slice(0, cut) };
}

for (const [name, type, file] of [["JSON", JSON_TYPE, "vfib-bundle.json"], ["XML", XML_TYPE, "vfib-bundle.xml"]]) {
    const h = await hospital();
    const ana = await phone(h, "ana");
    const token = (await h.cli("token", "add", "ehr", "e2e")).trim();
    const folder = temporary();
    const write = (as, text) => {
        writeFileSync(`${folder}/${as}`, text);
        return `${folder}/${as}`;
    };
    const whole = readFileSync(`${PROJECT}examples/messages/${file}`, "utf8");
    const bad = [
        ["a wrong token", "nb_wrong", whole, 401],
        ["no token", "", whole, 401],
        ["a broken body", token, whole.slice(0, whole.length / 2), 400],
        ["an empty body", token, "", 400],
        ...(name === "XML" ? [["a DOCTYPE", token, whole.replace(/(<\?xml[^>]*\?>)?/, '$1<!DOCTYPE Bundle [<!ENTITY a "b">]>'), 400]] : []),
    ];
    for (const [what, with_, text, expected] of bad) {
        await step(`FHIR ${name} with ${what}: ${expected}, an OperationOutcome, and nobody is rung`, async () => {
            const { status, body } = await post(h, with_, type, write("bad", text));
            assert.equal(status, expected, body);
            assert.match(body, /OperationOutcome/);
            assert.ok(!/Quill|Marta/.test(body));
            assert.equal((await h.alerts()).length, 0);
        });
    }
    await step(`the same alarm as a FHIR ${name} Bundle reaches the same nurse`, async () => {
        const { status, body } = await post(h, token, type, `${PROJECT}examples/messages/${file}`);
        assert.ok(status === 200 || status === 201, `${status} ${body}`);
        await hasVfib(ana);
        assert.equal(await ana.locator("article.card").count(), 1);
        await ringing(ana).first().getByRole("button", { name: "Accept" }).tap();
        await ana.locator("section.band-mine article.card").waitFor();
        assert.equal((await owned(h))[0].taken_by, "Ana Ruiz RN");
    });
    await close(ana);
    await h.stop();
}

await chromium.close();
finish();
