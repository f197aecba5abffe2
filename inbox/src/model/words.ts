// The words of the screens: for classes, replies, reasons and what became of an alert.
import { type Alert, band } from "./alerts";
import type { AlertClass, Reason, Reply } from "./wire";

export interface ClassLook {
    word: string;
    stars: string;
    /** How it is said in full, for screen readers. */
    said: string;
}

/** Shape and colour follow in the style sheet and shapes.tsx: nothing is told by colour alone. */
export const LOOKS: Record<AlertClass, ClassLook> = {
    lethal: { word: "Lethal", stars: "★★★", said: "Lethal alarm" },
    high: { word: "High", stars: "★★★", said: "High alarm" },
    medium: { word: "Medium", stars: "★★", said: "Medium alarm" },
    low: { word: "Low", stars: "★", said: "Low alarm" },
    call: { word: "Call", stars: "", said: "Call" },
    technical: { word: "Technical", stars: "", said: "Technical" },
    info: { word: "Info", stars: "", said: "Information" },
};

export const REPLY_WORDS: Record<Reply, string> = {
    accept: "Accept",
    decline: "Can't",
    readback: "Read back",
    callback: "Call back",
    confirm: "Confirm: it is real",
    dismiss: "Dismiss",
    done: "Done",
};

export const REASON_WORDS: Record<Reason, string> = {
    "with-patient": "With a patient",
    "not-mine": "Not mine",
    "off-unit": "Off the unit",
    break: "On break",
};

const SAID: Record<Reply, string> = {
    accept: "You accepted",
    decline: "You declined",
    readback: "You read it back",
    callback: "Call-back asked for",
    confirm: "You confirmed it",
    dismiss: "You dismissed it",
    done: "You finished it",
};

export const place = (a: { unit: string; bed: string }): string => [a.unit, a.bed].filter(Boolean).join("-") || "No bed named";

export interface Status {
    text: string;
    tone: "plain" | "good" | "warn";
}

/** One line under the card: what became of it, most important first. Empty when there is nothing to add. */
export function statusOf(a: Alert, online: boolean): Status | null {
    const mine = a.mine;
    const said = mine ? SAID[mine.kind] : "";
    if (mine?.result === "pending") {
        return online
            ? { text: "Sending your answer…", tone: "plain" }
            : { text: "Kept on this phone, NOT sent. It will count as late. Act by other means.", tone: "warn" };
    }
    if (mine?.result === "refused" || mine?.result === "unknown") {
        return { text: "The server did not take your answer. Act by other means.", tone: "warn" };
    }
    if (a.notice === "withdrawn") return { text: "Withdrawn by the source", tone: "plain" };
    if (a.notice === "expired") return { text: "Expired: its source never says that it is over", tone: "warn" };
    if (mine?.result === "late") return { text: `Too late: ${a.by ? `${a.by} has it` : "it was already taken or closed"}`, tone: "warn" };
    if (a.over && a.notice === "taken") return { text: `${a.by || "Somebody else"} has it`, tone: "good" };
    if (a.over && a.notice === "ended") {
        const who = a.by ? `${a.by} had it` : said;
        return { text: who ? `${who}, over` : "Over", tone: "plain" };
    }
    if (a.again) return { text: "Still alarming. Accept again, or it goes on to others.", tone: "warn" };
    if (a.by && band(a) === "mine") return { text: `You accepted, and ${a.by} has it too`, tone: "good" };
    if (a.exhausted) return { text: "Nobody has accepted, and nothing more will ring by itself", tone: "warn" };
    if (a.cleared && band(a) === "ringing") return { text: "Cleared at the source. Nobody has seen the patient yet.", tone: "warn" };
    if (a.notice === "resumed" && band(a) === "ringing") return { text: "Nobody has it any more", tone: "warn" };
    if (mine) {
        const reason = mine.kind === "decline" ? REASON_WORDS[mine.reason as Reason] : undefined;
        return { text: reason ? `${said}: ${reason.toLowerCase()}` : said, tone: mine.kind === "decline" ? "plain" : "good" };
    }
    if (a.fyi) return { text: "For your information; others are asked", tone: "plain" };
    return null;
}
