// The start: is this a place where keys can be made and kept, is this the only window, who is this phone?
import { render } from "preact";
import { Store } from "./device/store";
import { App } from "./ui/app";

const root = document.getElementById("app") as HTMLElement;

function Plain({ text, action }: { text: string; action?: { word: string; act(): void } }) {
    return (
        <main class="enrol">
            <img src="/icon.svg" alt="" width="72" height="72" />
            <h1>Nightbell</h1>
            <p role="alert">{text}</p>
            {action && (
                <button type="button" class="reply accept" onClick={action.act}>
                    {action.word}
                </button>
            )}
        </main>
    );
}

/** One window a phone: two would ring twice. Resolves when this one has the lock; it keeps it until stolen. */
function onlyWindow(): Promise<void> {
    if (!navigator.locks) return Promise.resolve();
    return new Promise((resolve) => {
        const hold = (): Promise<never> => {
            resolve();
            return new Promise(() => undefined);
        };
        const stolen = (): void => {
            // The page that has the lock now is the one that works; this one starts afresh when asked.
            render(<Plain text="Nightbell is open in another window." action={{ word: "Use it here", act: () => location.reload() }} />, root);
        };
        const steal = (): void => void navigator.locks.request("nightbell-inbox", { steal: true }, hold).catch(stolen);
        void navigator.locks
            .request("nightbell-inbox", { ifAvailable: true }, (lock) => {
                if (lock) return hold();
                render(<Plain text="Nightbell is open in another window." action={{ word: "Use it here", act: steal }} />, root);
                return undefined;
            })
            .catch(stolen);
    });
}

async function start(): Promise<void> {
    if (!isSecureContext || !globalThis.crypto?.subtle || !globalThis.indexedDB) {
        render(<Plain text="This page needs https and a browser that can make and keep keys." />, root);
        return;
    }
    await onlyWindow();
    const store = await Store.open();
    const known = await store.identity();
    render(null, root);
    root.replaceChildren();
    render(<App store={store} known={known} />, root);
    void navigator.serviceWorker?.register("/sw.js").catch(() => undefined);
}

start().catch(() => render(<Plain text="This browser does not let Nightbell keep keys. Private windows cannot be used." />, root));
