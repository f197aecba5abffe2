// The service worker: keeps the app's own files so that it starts without a network, and brings the page to
// the front when a notification is tapped. It never touches /inbox/: no alert, no answer, no session.
declare const SHELL: string;

// The part of the service worker's interface that is used; TypeScript's own library for it excludes the DOM's.
interface Waiting extends Event {
    waitUntil(work: Promise<unknown>): void;
}
interface Events {
    install: Waiting;
    activate: Waiting;
    fetch: Event & { request: Request; respondWith(answer: Promise<Response>): void };
    notificationclick: Waiting & { notification: Notification };
}
interface Worker {
    location: Location;
    skipWaiting(): Promise<void>;
    clients: {
        claim(): Promise<void>;
        matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<{ focus(): Promise<unknown> }[]>;
        openWindow(path: string): Promise<unknown>;
    };
    addEventListener<K extends keyof Events>(name: K, act: (event: Events[K]) => void): void;
}
const worker = self as unknown as Worker;

const CACHE = `nightbell-${SHELL}`;
const FILES = ["/", "/app.js", "/app.css", "/manifest.webmanifest", "/icon.svg"];
const NETWORK_MS = 3000;

worker.addEventListener("install", (event) => {
    event.waitUntil(
        caches
            .open(CACHE)
            .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" }))))
            .then(() => worker.skipWaiting()),
    );
});

worker.addEventListener("activate", (event) => {
    const old = (name: string): boolean => name.startsWith("nightbell-") && name !== CACHE;
    event.waitUntil(
        caches
            .keys()
            .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
            .then(() => worker.clients.claim()),
    );
});

/** The network first, so that a phone has the new app after an update; what was kept when that is slow. */
async function shell(path: string): Promise<Response> {
    try {
        const response = await fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(NETWORK_MS) });
        if (response.ok) return response;
    } catch {
        // No network: below.
    }
    return (await (await caches.open(CACHE)).match(path)) ?? Response.error();
}

worker.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
    const path = event.request.mode === "navigate" && !url.pathname.startsWith("/inbox/") ? "/" : url.pathname;
    if (FILES.includes(path)) event.respondWith(shell(path));
});

worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(
        worker.clients.matchAll({ type: "window", includeUncontrolled: true }).then(async (windows) => {
            const open = windows[0];
            await (open ? open.focus() : worker.clients.openWindow("/"));
        }),
    );
});

export {};
