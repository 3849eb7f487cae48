/** A progress line on stderr that appears after a second and is wiped at the end. */

import type { Clock } from "@context-mesh/common";
import type { Progress } from "./io.ts";

const shownAfterMs = 1_000;
const redrawMs = 200;
const barCells = 24;

export const silentProgress: Progress = { at: () => {}, end: () => {} };

/** `label [#####-----] 45 %`, or `label … 3 s` while the total is not known. */
export const progressLine = (label: string, done: number, total: number | undefined, elapsedMs: number): string => {
  if (total === undefined || total <= 0) return `${label} … ${Math.floor(elapsedMs / 1_000)} s`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barCells);
  return `${label} [${"#".repeat(filled)}${"-".repeat(barCells - filled)}] ${Math.floor(share * 100)} %`;
};

export const terminalProgress = (label: string, clock: Clock, write: (text: string) => void): Progress => {
  const startedMs = clock.monotonicMs();
  let state: { readonly done: number; readonly total: number | undefined } = { done: 0, total: undefined };
  let isShown = false;
  const draw = (): void => {
    const elapsedMs = clock.monotonicMs() - startedMs;
    if (elapsedMs < shownAfterMs) return;
    isShown = true;
    write(`\r\u001b[2K${progressLine(label, state.done, state.total, elapsedMs)}`);
  };
  const timer = clock.every(redrawMs, draw);
  return {
    at: (done, total) => {
      state = { done, total };
    },
    end: () => {
      timer.cancel();
      if (isShown) write("\r\u001b[2K");
    },
  };
};
