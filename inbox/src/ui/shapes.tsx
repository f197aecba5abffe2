// One shape for each class, so that nothing is told by colour alone.
import type { AlertClass } from "../model/wire";

const PATHS: Record<AlertClass, string> = {
    lethal: "M12 1.5 23.5 22h-23z",
    high: "M2.5 2.5h19v19h-19z",
    medium: "M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21z",
    low: "M12 .8 23.2 12 12 23.2.8 12z",
    call: "M12 2c-4.2 0-7 3.2-7 7.3V14l-2.3 3.6c-.4.7.1 1.4.8 1.4h17c.7 0 1.2-.7.8-1.4L19 14V9.3C19 5.2 16.2 2 12 2zM9.5 20.3a2.6 2.6 0 0 0 5 0z",
    technical: "M6.5 2.5h11l5.5 9.5-5.5 9.5h-11L1 12z",
    info: "M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19zm0 2.6a6.9 6.9 0 1 0 0 13.8 6.9 6.9 0 0 0 0-13.8z",
};

export function Shape({ of }: { of: AlertClass }) {
    return (
        <svg class="shape" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path d={PATHS[of]} fill="currentColor" />
            {of === "lethal" && <path d="M10.9 8.5h2.2l-.3 7h-1.6zM11 17h2v2.2h-2z" class="mark" />}
        </svg>
    );
}

/** What is left until somebody else is told. */
export function Countdown({ fraction, text }: { fraction: number; text: string }) {
    return (
        <svg class="ring" viewBox="0 0 56 56" width="56" height="56" aria-hidden="true">
            <circle cx="28" cy="28" r="25" class="track" />
            <circle cx="28" cy="28" r="25" class="left" pathLength="1" stroke-dasharray={`${fraction.toFixed(3)} 2`} transform="rotate(-90 28 28)" />
            <text x="28" y="28" text-anchor="middle" dominant-baseline="central">
                {text}
            </text>
        </svg>
    );
}
