// The enrolment code as people type it: Crockford's base 32, nine characters, shown as XXX-XXX-XXX.

/** Upper case, O as 0, I and L as 1, dashes in place; at most nine characters. For the field while typing. */
export function codeTyped(text: string): string {
    const plain = text
        .toUpperCase()
        .replace(/O/g, "0")
        .replace(/[IL]/g, "1")
        .replace(/[^0-9A-HJKMNP-TV-Z]/g, "")
        .slice(0, 9);
    return plain.replace(/(...)(?=.)/g, "$1-");
}

export const codeWhole = (code: string): boolean => /^[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}$/.test(code);

/** From a fragment "#code=XXX-XXX-XXX"; "" when there is none. */
export function codeOfFragment(fragment: string): string {
    const code = new URLSearchParams(fragment.replace(/^#/, "")).get("code");
    return code === null ? "" : codeTyped(code);
}

/** "Android phone, Chrome": what a charge nurse can tell from another phone. From the user agent. */
export function deviceLabel(agent: string): string {
    const kinds: [RegExp, string][] = [
        [/iPad/, "iPad"],
        [/iPhone/, "iPhone"],
        [/Android(?=.*Mobile)/, "Android phone"],
        [/Android/, "Android tablet"],
        [/CrOS/, "Chromebook"],
        [/Windows/, "Windows PC"],
        [/Mac OS X/, "Mac"],
        [/Linux/, "Linux PC"],
    ];
    const browsers: [RegExp, string][] = [
        [/Edg[A-Z]?\w*\//, "Edge"],
        [/OPR\//, "Opera"],
        [/SamsungBrowser\//, "Samsung"],
        [/Firefox\/|FxiOS\//, "Firefox"],
        [/Chrome\/|CriOS\//, "Chrome"],
        [/Safari\//, "Safari"],
    ];
    const kind = kinds.find(([pattern]) => pattern.test(agent))?.[1] ?? "Phone";
    const browser = browsers.find(([pattern]) => pattern.test(agent))?.[1];
    return browser ? `${kind}, ${browser}` : kind;
}
