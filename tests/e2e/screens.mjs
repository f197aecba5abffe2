// The inbox's screens in Chromium against the stand-in server of inbox/test: what a nurse sees, taps and hears
// of, with and without a network. SHOTS=FOLDER keeps pictures.
import assert from "node:assert/strict";
import { browser, finish, PHONE, PROJECT, start, step, until } from "./help.mjs";

const server = start(process.execPath, [`${PROJECT}inbox/.tests/dev-server.js`, "0"]);
process.on("exit", () => server.child.kill());
const base = (await until("the stand-in server", () => server.lines.find((l) => l.startsWith("listening ")))).split(" ")[1];
// A bare machine may not know localhost, or know it as ::1 first; the stand-in listens on 127.0.0.1.
const api = () => base.replace("localhost", "127.0.0.1");
const post = (path, body = {}) => fetch(api() + path, { method: "POST", body: JSON.stringify(body) }).then((r) => r.json());
const answers = () => fetch(`${api()}/dev/answers`).then((r) => r.json());
const said = (kind, alert) => until(`${kind} of ${alert}`, async () => (await answers()).find((a) => a.kind === kind && a.alert === alert));

const chromium = await browser();
const context = await chromium.newContext({ ...PHONE, permissions: ["notifications"] });
const page = await context.newPage();
const complaints = [];
const requests = [];
page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
page.on("pageerror", (e) => complaints.push(String(e)));
page.on("request", (r) => requests.push(r.url()));
const shot = (name) => process.env.SHOTS && page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: true });
const card = (id) => page.locator(`#card-${id}`);
const inBand = (name, id) => until(`${id} in ${name}`, () => page.locator(`section.band-${name} #card-${id}`).isVisible());
const alertOf = async (over = {}) => (await post("/dev/alert", over)).alerts[0];

await step("a wrong code is refused in words, a good one from the address enrols", async () => {
    await page.goto(`${base}/#code=bad-bad-bad`);
    assert.equal(await page.inputValue("#code"), "BAD-BAD-BAD");
    assert.equal(new URL(page.url()).hash, "");
    await shot("enrol");
    await page.click("button[type=submit]");
    await until("the refusal", async () => /wrong, used or too old/.test(await page.textContent("#problem")));
    await page.fill("#code", "dev123456");
    assert.equal(await page.inputValue("#code"), "DEV-123-456");
    await page.click("button[type=submit]");
    await page.getByText("Connected").waitFor();
    assert.match(await page.textContent("header"), /Ana Ruiz RN/);
    await shot("empty");
});

await step("keys cannot be taken out, and nothing readable about a patient rests", async () => {
    const id = await alertOf({ full: "V-fib 5W-12 CANARY", title: "CANARY" });
    await inBand("ringing", id);
    await said("received", id);
    const kept = await page.evaluate(async () => {
        const db = await new Promise((resolve) => (indexedDB.open("nightbell-inbox").onsuccess = (e) => resolve(e.target.result)));
        const all = {};
        for (const name of db.objectStoreNames) {
            all[name] = await new Promise((resolve) => (db.transaction(name).objectStore(name).getAll().onsuccess = (e) => resolve(e.target.result)));
        }
        const { ecdh, ecdsa } = all.identity[0].keys;
        db.close();
        return { deliveries: all.deliveries.length, extractable: ecdh.privateKey.extractable || ecdsa.privateKey.extractable, text: JSON.stringify(all) };
    });
    assert.equal(kept.extractable, false);
    assert.equal(kept.deliveries, 1);
    assert.ok(!kept.text.includes("CANARY"));
});

await step("receipts: received, displayed, and read after a second in focus", async () => {
    const id = await alertOf();
    await said("received", id);
    await said("displayed", id);
    await card(id).focus();
    await said("read", id);
    const kinds = (await answers()).filter((a) => a.alert === id).map((a) => a.kind);
    assert.deepEqual(kinds, ["received", "displayed", "read"]);
});

await step("the title counts and names nobody; the address stays bare", async () => {
    assert.match(await page.title(), /^\(\d+\) Nightbell$/);
    assert.equal(page.url(), `${base}/`);
    assert.ok(requests.every((url) => /^\/(inbox\/(enrol|challenge|session|stream|answers)|app\.(js|css)|sw\.js|icon\.svg|manifest\.webmanifest)?$/.test(new URL(url).pathname)));
});

await step("accept moves the card to Mine once the server has said so", async () => {
    const id = await alertOf({ next_in_ms: 22_000 });
    await until("the countdown", async () => /Next: somebody else in 0:\d\d/.test(await card(id).textContent()));
    await shot("ringing");
    await card(id).getByRole("button", { name: "Accept" }).tap();
    await inBand("mine", id);
    await said("accept", id);
    await shot("mine");
});

await step("decline with a reason, then accept after all", async () => {
    const id = await alertOf({ class: "high", full: "SpO2 low 82 % 5W-03 B.K.", bed: "03" });
    await card(id).getByRole("button", { name: "Can't" }).tap();
    await shot("reasons");
    await card(id).getByRole("button", { name: "With a patient" }).tap();
    await inBand("earlier", id);
    assert.equal((await said("decline", id)).reason, "with-patient");
    await card(id).getByRole("button", { name: "Accept after all" }).tap();
    await inBand("mine", id);
});

await step("read back sends the value and does not keep it", async () => {
    const id = await alertOf({ class: "info", replies: ["readback", "decline"], full: "Potassium 6.8 mmol/L", bed: "07" });
    await card(id).getByRole("button", { name: "Read back" }).tap();
    await card(id).getByLabel("Type the value").fill("6.8");
    await shot("readback");
    await card(id).getByRole("button", { name: "Send" }).tap();
    await inBand("mine", id);
    assert.equal((await said("readback", id)).reason, "6.8");
});

await step("by keyboard alone: A accepts, D and a digit decline, the focus stays with the card", async () => {
    const first = await alertOf({ class: "medium", bed: "08" });
    const second = await alertOf({ class: "medium", bed: "09" });
    await inBand("ringing", second);
    await card(first).focus();
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.evaluate(() => document.activeElement.id), `card-${second}`);
    await page.keyboard.press("d");
    await page.keyboard.press("3");
    assert.equal((await said("decline", second)).reason, "off-unit");
    await card(first).focus();
    await page.keyboard.press("a");
    await inBand("mine", first);
    assert.equal(await page.evaluate(() => document.activeElement.id), `card-${first}`);
});

await step("taken, cleared and exhausted are shown; an older word changes nothing", async () => {
    const id = await alertOf({ class: "high", seq: 100 });
    await inBand("ringing", id);
    await alertOf({ type: "notice", notice: "cleared", alert: id, seq: 101, replies: [], class: "high" });
    await card(id).getByText("Nobody has seen").waitFor();
    await alertOf({ type: "notice", notice: "taken", by: "Ben Okafor RN", alert: id, seq: 103, replies: [], class: "high" });
    await inBand("earlier", id);
    await card(id).getByText("Ben Okafor RN has it").waitFor();
    await alertOf({ alert: id, seq: 102 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await inBand("earlier", id);
});

await step("what is for information asks nothing", async () => {
    const id = await alertOf({ fyi: true, replies: [], class: "lethal" });
    await inBand("earlier", id);
    assert.equal(await card(id).getByRole("button").count(), 0);
});

await step("an alert that cannot be opened is said here and reported", async () => {
    await post("/dev/garbage");
    await page.getByText("cannot open").first().waitFor();
    await until("the report", async () => (await answers()).some((a) => a.kind === "undecryptable" && /^[0-9a-f]{16}$/.test(a.delivery)));
    await shot("undecryptable");
    await page.getByRole("button", { name: "Seen" }).tap();
});

await step("a lost session and stream come back without being asked", async () => {
    await post("/dev/drop");
    await page.getByText("Connected").waitFor();
    const id = await alertOf();
    await inBand("ringing", id);
    await card(id).getByRole("button", { name: "Accept" }).tap();
    await inBand("mine", id);
});

await step("offline: what it had, a banner, and answers that are kept and sent later under one nonce", async () => {
    const id = await alertOf({ bed: "11" });
    await inBand("ringing", id);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await context.setOffline(true);
    await post("/dev/drop");
    await page.getByText("No alert can reach this phone").waitFor();
    await page.reload();
    await inBand("ringing", id);
    await card(id).getByRole("button", { name: "Accept" }).tap();
    await card(id).getByText("NOT sent").waitFor();
    await shot("offline");
    await page.reload();
    await card(id).getByText("NOT sent").waitFor();
    assert.ok(!(await answers()).some((a) => a.alert === id && a.kind === "accept"));
    await context.setOffline(false);
    await inBand("mine", id);
    assert.equal((await answers()).filter((a) => a.alert === id && a.kind === "accept").length, 1);
});

await step("nothing overflows at 360 px, and what is tapped is 44 px high", async () => {
    await page.getByRole("button", { name: "My phone" }).tap();
    await page.getByText("Test the sound").waitFor();
    await shot("my-phone");
    const wrong = await page.evaluate(() => {
        const found = [];
        if (document.documentElement.scrollWidth > innerWidth) found.push(`page ${document.documentElement.scrollWidth} px wide`);
        for (const node of document.querySelectorAll("button, label.check")) {
            const box = node.getBoundingClientRect();
            if (box.height < 44 || box.width < 44) found.push(`${node.textContent} ${box.width}x${box.height}`);
        }
        return found;
    });
    assert.deepEqual(wrong, []);
    assert.match(await page.textContent("footer"), /Secondary notification. The bedside alarm stays primary. Not cleared for clinical use./);
});

for (const scheme of ["dark", "light"]) {
    await step(`every text has a contrast of 4.5:1, ${scheme}`, async () => {
        await page.emulateMedia({ colorScheme: scheme });
        await shot(`all-${scheme}`);
        assert.deepEqual(await page.evaluate(poorContrasts), []);
    });
}

await step("one window works at a time", async () => {
    const other = await context.newPage();
    await other.goto(base);
    await other.getByText("open in another window").waitFor();
    await other.getByRole("button", { name: "Use it here" }).tap();
    await other.getByText("Connected").waitFor();
    await page.getByText("open in another window").waitFor();
    await other.close();
});

await step("removing the phone erases keys and alerts", async () => {
    await page.reload();
    await page.getByRole("button", { name: "My phone" }).tap();
    await page.getByRole("button", { name: "Remove this phone" }).tap();
    await page.getByRole("button", { name: "Erase keys" }).tap();
    await page.locator("#code").waitFor();
    assert.equal(await page.title(), "Nightbell");
});

await step("the content security policy and the console have nothing to say", () => {
    const expected = /ERR_INTERNET_DISCONNECTED|status of (401|403)|ERR_INCOMPLETE_CHUNKED_ENCODING|net::ERR_FAILED/;
    assert.deepEqual(complaints.filter((text) => !expected.test(text)), []);
});

if (process.env.SHOTS) {
    const desk = await chromium.newPage({ viewport: { width: 1200, height: 900 }, colorScheme: "dark" });
    await desk.goto(`${base}/#code=DEV-000-000`);
    await desk.click("button[type=submit]");
    await desk.getByText("Connected").waitFor();
    for (const over of [
        { next_in_ms: 24_000 }, { class: "high", full: "SpO2 low 82 % 5W-03 B.K.", bed: "03", next_in_ms: 55_000, opened: Date.now() - 65_000 },
        { class: "medium", full: "Heart rate high 134 5W-07", bed: "07", next_in_ms: null }, { class: "call", full: "Bathroom cord 5W-09", bed: "09", replies: ["accept", "decline", "done"] },
        { class: "technical", full: "Battery empty, telemetry box 5W-02", bed: "02" }, { class: "low", full: "Lead off 5W-04", bed: "04", level: "silent" },
    ]) await post("/dev/alert", over);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await desk.screenshot({ path: `${process.env.SHOTS}/desktop.png`, fullPage: true });
}
await chromium.close();
finish();

/** In the page: texts whose colour against the nearest painted ground is under 4.5:1 (3:1 when large). */
function poorContrasts() {
    const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => {
        const part = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const found = new Set();
    for (const node of document.querySelectorAll("#app *")) {
        const own = [...node.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== "");
        if (!own || node.closest(".unseen, svg") || node.disabled) continue;
        let ground = node;
        while (ground.parentElement && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
        const style = getComputedStyle(node);
        const [a, b] = [light(rgb(style.color)), light(rgb(getComputedStyle(ground).backgroundColor))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) found.add(`${node.className || node.tagName} ${ratio.toFixed(2)}`);
    }
    return [...found];
}
