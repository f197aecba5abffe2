// Which screen: enrolment, the inbox, or why neither is possible here.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Inbox } from "../device/inbox";
import type { Identity, Store } from "../device/store";
import { Alarm, notify, unnotify } from "./alarm";
import { Enrol } from "./enrol";
import { Screen } from "./screen";

export function App({ store, known }: { store: Store; known: Identity | undefined }) {
    const [me, setMe] = useState(known);
    const [inbox, setInbox] = useState<Inbox | null>(null);
    const [version, setVersion] = useState(0);
    const [theme, setTheme] = useKept(store, "theme", "auto");
    const [awake, setAwake] = useKept(store, "awake", false);
    const alarm = useMemo(() => new Alarm(), []);
    useWakeLock(awake && me !== undefined);
    useEffect(() => {
        document.documentElement.dataset["theme"] = theme;
    }, [theme]);
    useEffect(() => {
        alarm.onchange = () => setVersion((n) => n + 1);
        // Any touch will do for the browser to let the page sound.
        const touched = (): void => void alarm.unlock();
        addEventListener("pointerdown", touched, { once: true });
        addEventListener("keydown", touched, { once: true });
        return () => {
            removeEventListener("pointerdown", touched);
            removeEventListener("keydown", touched);
        };
    }, []);
    useEffect(() => {
        if (!me) return;
        const working = new Inbox(me, store, {
            changed: () => setVersion((n) => n + 1),
            rang: (p) => {
                alarm.again();
                void notify(p).catch(() => undefined);
            },
            quiet: (alert) => void unnotify(alert).catch(() => undefined),
        });
        setInbox(working);
        void working.start();
        return () => working.stop();
    }, [me]);

    const remove = (): void => {
        inbox?.stop();
        alarm.ring(null);
        void store.clear().then(() => {
            setInbox(null);
            setMe(undefined);
        });
    };
    if (!me) return <Enrol store={store} done={setMe} gesture={() => void alarm.unlock()} />;
    if (!inbox) return null;
    return <Screen {...{ inbox, alarm, version, theme, setTheme, awake, setAwake, remove }} />;
}

/** A setting of this phone, kept in its storage. */
function useKept<T>(store: Store, name: string, first: T): [T, (value: T) => void] {
    const [value, setValue] = useState(first);
    useEffect(() => {
        void store.setting<T>(name).then((kept) => kept !== undefined && setValue(kept), () => undefined);
    }, []);
    return [
        value,
        (next) => {
            setValue(next);
            void store.keepSetting(name, next).catch(() => undefined);
        },
    ];
}

/** A browser lets go of the lock when the page is hidden, so it is asked for again. */
function useWakeLock(on: boolean): void {
    const lock = useRef<WakeLockSentinel | null>(null);
    useEffect(() => {
        const ask = (): void => {
            if (on && document.visibilityState === "visible") {
                void navigator.wakeLock?.request("screen").then((l) => (lock.current = l), () => undefined);
            }
        };
        ask();
        document.addEventListener("visibilitychange", ask);
        return () => {
            document.removeEventListener("visibilitychange", ask);
            void lock.current?.release().catch(() => undefined);
            lock.current = null;
        };
    }, [on]);
}
