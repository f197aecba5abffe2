// What this phone keeps, in IndexedDB: who it is and its keys; the sealed deliveries as they came; answers on
// their way, sealed to the phone itself; what was answered (no text). Nothing readable about a patient.
import type { Mine } from "../model/alerts";
import type { DeviceKeys } from "./keys";

export interface Identity {
    device: string;
    holder: string;
    title: string;
    site: string;
    keys: DeviceKeys;
}

export interface KeptDelivery {
    id: string;
    jwe: string;
    /** When it came, server ms: old ones are forgotten. */
    at: number;
    /** Receipts given: which of displayed and read were already sent. */
    seen: string[];
}

export interface KeptAnswer {
    nonce: string;
    jwe: string;
}

export interface KeptMine extends Mine {
    alert: string;
}

const NAMES = ["identity", "deliveries", "outbox", "mine", "settings"] as const;
type Name = (typeof NAMES)[number];

const asPromise = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("the phone's storage failed"));
    });

export class Store {
    private constructor(private readonly db: IDBDatabase) {}

    static async open(): Promise<Store> {
        const request = indexedDB.open("nightbell-inbox", 1);
        request.onupgradeneeded = () => {
            const db = request.result;
            db.createObjectStore("identity");
            db.createObjectStore("deliveries", { keyPath: "id" });
            db.createObjectStore("outbox", { keyPath: "nonce" });
            db.createObjectStore("mine", { keyPath: "alert" });
            db.createObjectStore("settings");
        };
        return new Store(await asPromise(request));
    }

    /** Resolves when the write is on its way to the disk, not before. */
    private write(name: Name, act: (store: IDBObjectStore) => void): Promise<void> {
        return new Promise((resolve, reject) => {
            const change = this.db.transaction(name, "readwrite");
            change.oncomplete = () => resolve();
            change.onabort = change.onerror = () => reject(change.error ?? new Error("the phone's storage failed"));
            act(change.objectStore(name));
        });
    }

    private read<T>(name: Name, key: IDBValidKey): Promise<T | undefined> {
        return asPromise(this.db.transaction(name).objectStore(name).get(key) as IDBRequest<T | undefined>);
    }

    private all<T>(name: Name): Promise<T[]> {
        return asPromise(this.db.transaction(name).objectStore(name).getAll() as IDBRequest<T[]>);
    }

    identity = (): Promise<Identity | undefined> => this.read("identity", "me");
    keepIdentity = (me: Identity): Promise<void> => this.write("identity", (s) => s.put(me, "me"));

    deliveries = (): Promise<KeptDelivery[]> => this.all("deliveries");
    keepDelivery = (d: KeptDelivery): Promise<void> => this.write("deliveries", (s) => s.put(d));
    forgetDeliveries = (ids: string[]): Promise<void> =>
        this.write("deliveries", (s) => ids.forEach((id) => s.delete(id)));

    answers = (): Promise<KeptAnswer[]> => this.all("outbox");
    keepAnswer = (a: KeptAnswer): Promise<void> => this.write("outbox", (s) => s.put(a));
    forgetAnswer = (nonce: string): Promise<void> => this.write("outbox", (s) => s.delete(nonce));

    mine = (): Promise<KeptMine[]> => this.all("mine");
    keepMine = (m: KeptMine): Promise<void> => this.write("mine", (s) => s.put(m));
    forgetMine = (alerts: string[]): Promise<void> => this.write("mine", (s) => alerts.forEach((a) => s.delete(a)));

    setting = <T>(name: string): Promise<T | undefined> => this.read("settings", name);
    keepSetting = (name: string, value: unknown): Promise<void> => this.write("settings", (s) => s.put(value, name));

    /** Keys, alerts, answers, settings: this phone is nobody's afterwards. */
    async clear(): Promise<void> {
        for (const name of NAMES) await this.write(name, (s) => s.clear());
    }
}
