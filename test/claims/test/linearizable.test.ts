/** The judge itself: histories that must pass and histories that must fail. */

import { describe, expect, it } from "vitest";
import { isLinearizable, type Operation } from "../src/linearizable.ts";

const rules = { leaseMs: 100 };
const never = Number.POSITIVE_INFINITY;

const op = (
  kind: Operation["kind"],
  agent: string,
  [startMs, endMs]: readonly [number, number],
  fence = 0,
  result: Operation["result"] = "ok",
): Operation => ({ kind, agent, startMs, endMs, fence, result });

const good: readonly (readonly [string, readonly Operation[]])[] = [
  ["nothing", []],
  [
    "claim, act, release, claim",
    [
      op("claim", "a", [0, 5], 1),
      op("act", "a", [9, 9], 1),
      op("release", "a", [10, 12], 1),
      op("claim", "b", [13, 15], 2),
    ],
  ],
  ["a lease that passed", [op("claim", "a", [0, 5], 1), op("claim", "b", [90, 100], 2)]],
  [
    "refused while another's claim is under way",
    [op("claim", "a", [0, 20], 1), op("claim", "b", [5, 9], 0, "refused")],
  ],
  [
    "renewed",
    [
      op("claim", "a", [0, 5], 1),
      op("renew", "a", [50, 52], 1),
      op("act", "a", [140, 140], 1),
      op("claim", "b", [149, 151], 2),
    ],
  ],
  [
    "a lost answer explains a refusal",
    [op("claim", "a", [0, never], 0, "unknown"), op("claim", "b", [30, 31], 0, "refused")],
  ],
  ["a lost answer that never took effect", [op("claim", "a", [0, never], 0, "unknown"), op("claim", "b", [30, 31], 1)]],
  [
    "an unheard release",
    [op("claim", "a", [0, 1], 1), op("release", "a", [2, never], 1, "unknown"), op("claim", "b", [5, 6], 2)],
  ],
];

const bad: readonly (readonly [string, readonly Operation[]])[] = [
  ["two holders at once", [op("claim", "a", [0, 5], 1), op("claim", "b", [10, 15], 2)]],
  ["one token twice", [op("claim", "a", [0, 5], 1), op("claim", "b", [200, 205], 1)]],
  ["a token that goes back", [op("claim", "a", [0, 5], 7), op("claim", "b", [200, 205], 6)]],
  [
    "an act under a lower token after a higher",
    [op("claim", "a", [0, 5], 1), op("claim", "b", [150, 155], 2), op("act", "a", [160, 160], 1)],
  ],
  [
    "a lease granted over a renewed one",
    [op("claim", "a", [0, 5], 1), op("renew", "a", [80, 82], 1), op("claim", "b", [120, 125], 2)],
  ],
  ["an act after the release", [op("claim", "a", [0, 5], 1), op("release", "a", [6, 7], 1), op("act", "a", [9, 9], 1)]],
  ["refused although nobody has it", [op("claim", "b", [0, 5], 0, "refused")]],
  [
    "refused after the release was answered",
    [op("claim", "a", [0, 5], 1), op("release", "a", [6, 7], 1), op("claim", "b", [8, 9], 0, "refused")],
  ],
  ["a renewal refused for no reason", [op("claim", "a", [0, 5], 1), op("renew", "a", [6, 7], 1, "refused")]],
  ["an act without a claim", [op("act", "a", [1, 1], 1)]],
];

describe("the checker of claims", () => {
  it.each(good)("accepts: %s", (_, operations) => expect(isLinearizable(operations, rules)).toBe(true));
  it.each(bad)("refuses: %s", (_, operations) => expect(isLinearizable(operations, rules)).toBe(false));
});
