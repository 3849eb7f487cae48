/** Time since this machine started, as every process on it reads it. */

import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Clock } from "@context-mesh/common";
import type { BootClock } from "@context-mesh/mesh";

const linuxBootId = "/proc/sys/kernel/random/boot_id";
const minuteMs = 60_000;

/** Elsewhere the minute of the start stands for it: a clock that was set counts as another boot, which is the safe side. */
const bootId = (clock: Clock): string => {
  try {
    return readFileSync(linuxBootId, "utf8").trim();
  } catch {
    return `minute-${Math.round((clock.wallMs() - uptime() * 1_000) / minuteMs)}`;
  }
};

export const machineBoot = (clock: Clock): BootClock => ({
  id: bootId(clock),
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
});
