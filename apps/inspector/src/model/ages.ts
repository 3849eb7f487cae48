/** Durations and moments in words. */

const steps: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** `3 min`, `2 h`, `5 d`: one unit, rounded down; under a second is `now`. */
export const durationText = (ms: number): string => {
  const size = Math.abs(ms);
  for (const [unitMs, name] of steps) if (size >= unitMs) return `${Math.floor(size / unitMs)} ${name}`;
  return "now";
};

/** A clock that is off shows times in the future; that is said rather than hidden. */
const futureMs = 90_000;

export const agoText = (at: number, nowMs: number): string => {
  const ms = nowMs - at;
  if (ms < -futureMs) return `${durationText(ms)} ahead of this clock`;
  const text = durationText(Math.max(0, ms));
  return text === "now" ? "just now" : `${text} ago`;
};

/** What is left of a lease: `4 min 05 s`, or that it ran out. */
export const leftText = (ms: number): string => {
  if (ms <= 0) return `ran out ${agoText(0, -ms)}`;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min left`;
  return minutes > 0 ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s left` : `${seconds} s left`;
};

/** What is left, as a clock that runs down: `14:05`. */
export const clockText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
};

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-11-28 14:05:09`, local time. */
export const momentText = (at: number): string => {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

const sizes = ["B", "KB", "MB", "GB"];

export const bytesText = (bytes: number): string => {
  let size = bytes;
  let unit = 0;
  while (size >= 1_000 && unit < sizes.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? size : Number(size.toPrecision(3))} ${sizes[unit]}`;
};

/** `12,345`. By hand: the browser's own way takes thirty milliseconds when it is first asked, which is during the first paint. */
export const numberText = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`;
