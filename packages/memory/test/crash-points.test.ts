/** A process can die at every point of its store's operations; what is on disk then is what the point says. */

import { seededRandom } from "@context-mesh/common";
import { AgentDisk, DocDisk, type StorePoint } from "@context-mesh/memory";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";

const points: readonly (readonly [StorePoint, isKept: boolean])[] = [
  ["asked", false],
  ["prepared", false],
  ["kept", true],
  ["told", true],
];

describe("crash points", () => {
  it.each(points)("of a relay's store: died when %s, on disk: %s", async (point, isKept) => {
    const clock = new VirtualClock();
    const disk = new DocDisk({ clock, faults: { commitDelayMs: () => 5 } });
    disk.faults.at = (at, operation) => {
      if (at === point && operation === "append") disk.crash();
    };
    let isTold = false;
    const request = { room: "r", bytes: Uint8Array.of(0, 0), at: 1, agent: "a", session: "s" };
    void disk
      .open()
      .append([request])
      .then(() => {
        isTold = true;
      });
    await clock.advance(100);
    expect(isTold).toBe(point === "told");
    disk.faults.at = undefined;
    const { lastSeq } = await clock.waitFor(disk.open().load("r"));
    expect(lastSeq).toBe(isKept ? 1 : 0);
  });

  it.each(points.filter(([point]) => point !== "told"))(
    "of an agent's store: died when %s, on disk: %s",
    (point, isKept) => {
      const disk = new AgentDisk({ clock: new VirtualClock(), random: seededRandom(1) });
      disk.faults.at = (at) => {
        if (at === point) disk.crash();
      };
      const store = disk.open();
      expect(() => store.transact((tx) => tx.nextSeqs(3))).toThrow("closed");
      disk.faults.at = undefined;
      expect(disk.open().view((view) => view.seq())).toBe(isKept ? 3 : 0);
    },
  );
});
