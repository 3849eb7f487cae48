/** The roadmap answers every item: built, planned, or not built and why. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const text = readFileSync(new URL("../../docs/roadmap.md", import.meta.url), "utf8");
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| item"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

/** What the older plans list, in their words or ours. */
const wished = [
  /machine learning/i,
  /analytics/i,
  /kubernetes/i,
  /edge/i,
  /security/i,
  /gpu/i,
  /memory/i,
  /protocol buffers and compression/i,
  /database/i,
  /kafka and rabbitmq/i,
  /conflict resolution/i,
  /quality gates/i,
  /monitoring/i,
  /error recovery/i,
  /rollback/i,
  /load balancing/i,
  /mesh/i,
  /streaming/i,
  /differential/i,
  /predictive/i,
  /storage that follows/i,
];

describe("roadmap", () => {
  it("[COORD-11a] says of each item of the older plans whether it is built, planned, or why not", () => {
    const items = rows.map(([, item = ""]) => item);
    expect(wished.filter((pattern) => !items.some((item) => pattern.test(item)))).toEqual([]);
    for (const [, item = "", answer = "", why = ""] of rows) {
      expect(["built", "planned", "not built, because"], item).toContain(answer);
      expect(why.length, `${item}: how, when or why`).toBeGreaterThan(8);
    }
  });
});
