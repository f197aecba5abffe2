import assert from "node:assert/strict";
import test from "node:test";
import { SSE_EVENT_MAX, type SseEvent, SseReader } from "../src/model/sse";

const read = (...pieces: string[]): SseEvent[] => {
    const events: SseEvent[] = [];
    const reader = new SseReader((e) => events.push(e));
    pieces.forEach((piece) => reader.push(piece));
    return events;
};
const stream = "event: hello\ndata: {}\n\n: keep-alive\n\nevent: alert\nid: 01\ndata: a.b\ndata:c\n\ndata: rest\n";
const expected = [
    { event: "hello", id: "", data: "{}" },
    { event: "alert", id: "01", data: "a.b\nc" },
];

test("events, whatever ends the lines and wherever they are cut", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
        const text = stream.replace(/\n/g, end);
        assert.deepEqual(read(text), expected);
        assert.deepEqual(read(...text), expected);
        for (let at = 1; at < text.length; at++) assert.deepEqual(read(text.slice(0, at), text.slice(at)), expected);
    }
});

test("an event without end is given up", () => {
    assert.throws(() => read("data: ", "x".repeat(SSE_EVENT_MAX + 1)), RangeError);
    assert.throws(() => read(...Array.from({ length: 1100 }, () => `data: ${"x".repeat(1000)}\n`)), RangeError);
});
