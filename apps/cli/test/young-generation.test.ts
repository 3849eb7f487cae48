/** V8's young generation stays small while nothing is passed on, and may grow once it is. */

import { execFileSync } from "node:child_process";
import { type Clock, systemClock } from "@context-mesh/common";
import { expect, it } from "vitest";
import { growthAt, holdYoungGeneration, isProvenOn } from "../src/up/young-generation.ts";

const [held, free] = ["--semi-space-growth-factor=1", "--semi-space-growth-factor=2"];

it("is busy from a thousand updates a second on, however long one looked", () => {
  expect(growthAt(249, 250)).toBe("held");
  expect(growthAt(250, 250)).toBe("free");
  expect(growthAt(999, 1_000)).toBe("held");
});

/** Time that passes by a quarter of a second when told to. */
const steppedClock = () => {
  let [nowMs, look] = [0, (): void => {}];
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    every: (periodMs, fn) => {
      expect(periodMs).toBe(250);
      look = fn;
      return {
        cancel: () => {
          look = () => {};
        },
      };
    },
  };
  const step = (): void => {
    nowMs += 250;
    look();
  };
  return { clock, step };
};

it("holds the growth at rest, frees it under traffic, holds it again, and leaves V8 as it was", () => {
  const { clock, step } = steppedClock();
  const flags: string[] = [];
  let traffic = 5_000;
  const setFlag = (flag: string): number => flags.push(flag);
  const release = holdYoungGeneration({ clock, traffic: () => traffic, setFlag, nodeVersion: "22.12.0" });
  expect(flags).toEqual([held]);
  step();
  expect(flags).toEqual([held]);
  traffic += 300;
  step();
  expect(flags).toEqual([held, free]);
  traffic += 300;
  step();
  expect(flags).toEqual([held, free]);
  step();
  expect(flags).toEqual([held, free, held]);
  release();
  expect(flags).toEqual([held, free, held, free]);
  traffic += 9_000;
  step();
  expect(flags).toHaveLength(4);
});

it("leaves alone a Node on which nobody has tried it", () => {
  expect(["20.19.0", "22.12.0", "24.1.0", "18.0.0", "26.0.0", "2.0.0"].map(isProvenOn)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  const flags: string[] = [];
  const setFlag = (flag: string): number => flags.push(flag);
  holdYoungGeneration({ clock: systemClock, traffic: () => 0, setFlag, nodeVersion: "26.0.0" })();
  expect(flags).toEqual([]);
});

/** Keeps objects alive, with the growth held and then with it free; prints the size of the young generation after each, in MB. */
const program = `
  const v8 = require("node:v8");
  const kept = [];
  const grow = (flag) => {
    v8.setFlagsFromString(flag);
    for (let at = 0; at < 300_000; at += 1) kept.push({ at, list: [at] });
    return v8.getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size / 2 ** 20;
  };
  console.log(JSON.stringify([grow("${held}"), grow("${free}")]));
`;

it.runIf(isProvenOn(process.versions.node))("does with this V8 what it says, while the process runs", () => {
  const [small = 0, large = 0] = JSON.parse(
    execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }),
  ) as number[];
  expect(small).toBeLessThanOrEqual(4);
  expect(large).toBeGreaterThan(8);
});
