// Sound, vibration and notifications. A browser lets a page sound only after somebody has touched it, so the
// screen shows that sound is off until then. Notifications carry the text made for locked screens, no other.
import type { AlertClass, Payload } from "../model/wire";

interface Tone {
    /** Pulses in one burst, Hz, seconds between the starts of pulses and of bursts. */
    pulses: number;
    pitch: number;
    step: number;
    every: number;
}

/** Ten pulses for red, three for yellow, one for the rest; a higher class sounds higher and more often. */
const TONES: Record<AlertClass, Tone> = {
    lethal: { pulses: 10, pitch: 988, step: 0.16, every: 4 },
    high: { pulses: 10, pitch: 880, step: 0.19, every: 6 },
    medium: { pulses: 3, pitch: 740, step: 0.28, every: 9 },
    low: { pulses: 1, pitch: 587, step: 0.3, every: 18 },
    call: { pulses: 2, pitch: 659, step: 0.42, every: 10 },
    technical: { pulses: 1, pitch: 494, step: 0.3, every: 24 },
    info: { pulses: 1, pitch: 440, step: 0.3, every: 30 },
};

const SHAKE: Partial<Record<AlertClass, number[]>> = {
    lethal: [300, 120, 300, 120, 300],
    high: [300, 120, 300],
    medium: [250, 150, 250],
    call: [200, 150, 200],
};

/** Before the first touch the browser would refuse it, with a complaint. */
function shake(like: AlertClass): void {
    if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(SHAKE[like] ?? []);
}

export class Alarm {
    private context: AudioContext | null = null;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private ringing: AlertClass | null = null;
    onchange: () => void = () => undefined;

    get audible(): boolean {
        return this.context?.state === "running";
    }

    /** Call from a tap or a key press. */
    async unlock(): Promise<void> {
        this.context ??= new AudioContext();
        this.context.onstatechange = () => this.onchange();
        if (this.context.state !== "running") await this.context.resume().catch(() => undefined);
        this.onchange();
        if (this.ringing && this.audible) this.burst();
    }

    /** The most urgent class that rings now, or null for silence. Nothing happens while it stays the same. */
    ring(now: AlertClass | null): void {
        if (now === this.ringing) return;
        this.ringing = now;
        clearTimeout(this.timer);
        this.timer = undefined;
        if (now) this.burst();
    }

    /** A new alert of the class that rings already: sound at once. */
    again(): void {
        if (this.ringing) this.burst();
    }

    async test(): Promise<boolean> {
        await this.unlock();
        if (this.audible) this.pulses(TONES.medium);
        shake("medium");
        return this.audible;
    }

    private burst(): void {
        clearTimeout(this.timer);
        const now = this.ringing;
        if (!now) return;
        if (this.audible) this.pulses(TONES[now]);
        shake(now);
        this.timer = setTimeout(() => this.burst(), TONES[now].every * 1000);
    }

    private pulses(tone: Tone): void {
        const context = this.context;
        if (!context) return;
        for (let i = 0; i < tone.pulses; i++) {
            const start = context.currentTime + 0.02 + i * tone.step;
            const end = start + tone.step * 0.62;
            const volume = context.createGain();
            volume.gain.setValueAtTime(0, start);
            volume.gain.linearRampToValueAtTime(0.5, start + 0.012);
            volume.gain.setValueAtTime(0.5, end - 0.03);
            volume.gain.linearRampToValueAtTime(0, end);
            volume.connect(context.destination);
            // A fundamental and overtones: a pure tone is hard to find in a room.
            for (const [multiple, share] of [[1, 0.6], [2, 0.25], [3, 0.15]] as const) {
                const wave = context.createOscillator();
                const level = context.createGain();
                wave.frequency.value = tone.pitch * (i % 2 === 1 ? 1.122 : 1) * multiple;
                level.gain.value = share;
                wave.connect(level).connect(volume);
                wave.start(start);
                wave.stop(end);
            }
        }
    }
}

export type Permission = "granted" | "denied" | "default" | "missing";

export const notificationPermission = (): Permission =>
    "Notification" in window ? Notification.permission : "missing";

/** Only while the page is not in sight. The tag is the alert's random id. */
export async function notify(p: Payload): Promise<void> {
    if (document.visibilityState === "visible" || notificationPermission() !== "granted") return;
    const options: NotificationOptions & { renotify: boolean } = {
        body: p.lock,
        tag: p.alert,
        renotify: true,
        requireInteraction: p.level === "urgent",
        icon: "/icon.svg",
    };
    const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
    if (worker?.active) await worker.showNotification("Nightbell", options);
    else new Notification("Nightbell", options);
}

export async function unnotify(alert: string): Promise<void> {
    const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
    (await worker?.getNotifications({ tag: alert }))?.forEach((n) => n.close());
}
