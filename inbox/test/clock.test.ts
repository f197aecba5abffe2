import assert from "node:assert/strict";
import test from "node:test";
import { ageText, clockText, fractionLeft, secondsLeft, ServerClock } from "../src/model/clock";
import { codeOfFragment, codeTyped, codeWhole, deviceLabel } from "../src/model/code";

test("server time does not jump with the phone's clock", () => {
    let wall = 5_000;
    let steady = 100;
    const clock = new ServerClock({ wall: () => wall, steady: () => steady });
    assert.equal(clock.now(), 5_000);
    assert.equal(clock.wrong(), false);
    clock.hello(65_000);
    assert.equal(clock.wrong(), true);
    wall += 3_600_000;
    steady += 1_500;
    assert.equal(clock.now(), 66_500);
});

test("texts of times", () => {
    for (const [seconds, text] of [[-3, "0:00"], [0, "0:00"], [22, "0:22"], [725, "12:05"], [3729, "1:02:09"]] as const) {
        assert.equal(clockText(seconds), text);
    }
    for (const [ms, text] of [[-5, "0 s"], [12_900, "12 s"], [60_000, "1 min"], [7_500_000, "2 h 5 min"], [3 * 86_400_000, "3 d"]] as const) {
        assert.equal(ageText(1_000, 1_000 + ms), text);
    }
    assert.equal(secondsLeft(10_001, 10_000), 1);
    assert.equal(secondsLeft(9_000, 10_000), 0);
    assert.equal(fractionLeft(0, 100, 25), 0.75);
    assert.equal(fractionLeft(0, 100, 200), 0);
    assert.equal(fractionLeft(100, 100, 0), 0);
});

test("codes as people type them", () => {
    for (const [typed, code] of [
        ["", ""], ["abc", "ABC"], ["abcd", "ABC-D"], ["abc-def-gh2", "ABC-DEF-GH2"], ["oil 0 1 l", "011-011"], ["u!", ""],
        ["ABCDEFGHJKM", "ABC-DEF-GHJ"],
    ] as const) {
        assert.equal(codeTyped(typed), code);
        assert.equal(codeTyped(codeTyped(typed)), code);
    }
    assert.equal(codeWhole("ABC-DEF-GHJ"), true);
    assert.equal(codeWhole("ABC-DEF-GH"), false);
    assert.equal(codeOfFragment("#code=abc-def-ghj"), "ABC-DEF-GHJ");
    assert.equal(codeOfFragment("#x=1"), "");
});

test("the phone's name from the user agent", () => {
    const cases = [
        ["Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36", "Android phone, Chrome"],
        ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1", "iPhone, Safari"],
        ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Windows PC, Edge"],
        ["Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Linux PC, Firefox"],
        ["something", "Phone"],
    ] as const;
    for (const [agent, label] of cases) assert.equal(deviceLabel(agent), label);
});
