// A phone becomes somebody's: a one-time code, keys made here, and the server knows their public halves.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { makeKeys } from "../device/keys";
import { enrol, EnrolError } from "../device/server";
import type { Identity, Store } from "../device/store";
import { codeOfFragment, codeTyped, codeWhole, deviceLabel } from "../model/code";

export function Enrol({ store, done, gesture }: { store: Store; done(me: Identity): void; gesture(): void }) {
    const [code, setCode] = useState(() => codeOfFragment(location.hash));
    const [label, setLabel] = useState(() => deviceLabel(navigator.userAgent));
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState("");
    const field = useRef<HTMLInputElement>(null);
    const go = useRef<HTMLButtonElement>(null);
    useLayoutEffect(() => {
        // A code is a secret while it is good: it does not stay in the address.
        if (location.hash) history.replaceState(null, "", location.pathname);
        (codeWhole(code) ? go.current : field.current)?.focus();
    }, []);

    const submit = async (event: Event): Promise<void> => {
        event.preventDefault();
        gesture();
        if (!codeWhole(code) || busy) return;
        setBusy(true);
        setProblem("");
        try {
            const me = await enrol(code, label.trim().slice(0, 64), await makeKeys());
            await store.keepIdentity(me);
            await navigator.storage?.persist?.().catch(() => false);
            done(me);
        } catch (error) {
            setProblem(error instanceof EnrolError ? error.message : "This browser could not make or keep keys. Private windows cannot be enrolled.");
            setBusy(false);
            field.current?.focus();
        }
    };

    return (
        <main class="enrol">
            <img src="/icon.svg" alt="" width="72" height="72" />
            <h1>Nightbell</h1>
            <p>Enrol this phone to receive your alerts. Ask your charge nurse or the operator for a code; it is good once, for 10 minutes.</p>
            <form onSubmit={(event) => void submit(event)} noValidate>
                <label for="code">Code</label>
                <input
                    ref={field}
                    id="code"
                    name="code"
                    class="code"
                    value={code}
                    onInput={(event) => {
                        setCode(codeTyped(event.currentTarget.value));
                        event.currentTarget.value = codeTyped(event.currentTarget.value);
                    }}
                    placeholder="XXX-XXX-XXX"
                    autocomplete="one-time-code"
                    autocapitalize="characters"
                    spellcheck={false}
                    aria-invalid={problem !== ""}
                    aria-describedby="problem"
                />
                <label for="label">Name of this phone</label>
                <input id="label" name="label" value={label} maxLength={64} autocomplete="off" onInput={(e) => setLabel(e.currentTarget.value)} />
                <p id="problem" class="problem" role="alert">{problem}</p>
                <button ref={go} type="submit" class="reply accept" disabled={busy || !codeWhole(code)}>
                    {busy ? "Making keys…" : "Enrol this phone"}
                </button>
            </form>
            <p class="small">The phone makes its own keys, and they never leave it. Alerts arrive sealed for this phone alone.</p>
        </main>
    );
}
