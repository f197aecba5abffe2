// A reader of text/event-stream (WHATWG HTML section 9.2.6) that also tells of comments: the keep-alive
// comments show that the line is alive, which EventSource hides.

export interface SseEvent {
    event: string;
    id: string;
    data: string;
}

/** One event may be this long, in characters; past it the stream is given up. */
export const SSE_EVENT_MAX = 1 << 20;

export class SseReader {
    private rest = "";
    private event = "";
    private id = "";
    private data: string[] = [];
    private size = 0;
    private skipLf = false;

    constructor(private readonly each: (e: SseEvent) => void) {}

    /** Takes the next piece of text, cut anywhere. Throws RangeError past SSE_EVENT_MAX. */
    push(piece: string): void {
        let text = this.rest + piece;
        if (this.skipLf && text.startsWith("\n")) text = text.slice(1);
        if (text !== "") this.skipLf = false;
        let from = 0;
        for (let at = lineEnd(text, from); at >= 0; at = lineEnd(text, from)) {
            this.line(text.slice(from, at));
            from = at + 1;
            if (text[at] === "\r") {
                if (text[from] === "\n") from++;
                else if (from === text.length) this.skipLf = true;
            }
        }
        this.rest = text.slice(from);
        if (this.rest.length + this.size > SSE_EVENT_MAX) throw new RangeError("an event is too long");
    }

    private line(line: string): void {
        if (line === "") {
            if (this.data.length > 0) this.each({ event: this.event || "message", id: this.id, data: this.data.join("\n") });
            this.event = "";
            this.id = "";
            this.data = [];
            this.size = 0;
            return;
        }
        const colon = line.indexOf(":");
        if (colon === 0) return;
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
        if (name === "event") this.event = value;
        else if (name === "id") this.id = value;
        else if (name === "data") {
            this.data.push(value);
            this.size += value.length;
        }
    }
}

function lineEnd(text: string, from: number): number {
    const lf = text.indexOf("\n", from);
    const cr = text.indexOf("\r", from);
    return lf < 0 ? cr : cr < 0 ? lf : Math.min(lf, cr);
}
