/** The ledger and its page name the same states, and a state that is hardly reached is named. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addLedger, Ledger, rareStates, type StateName, states } from "../src/ledger.ts";

const page = readFileSync(new URL("../../../docs/simulator.md", import.meta.url), "utf8");

describe("ledger", () => {
  it("has at least forty states, and docs/simulator.md lists exactly them", () => {
    const rows = [...page.matchAll(/^\| (.+?) \| .+ \|$/gm)].map(([, name]) => name);
    expect(rows.slice(1)).toEqual([...states]);
    expect(states.length).toBeGreaterThanOrEqual(40);
  });

  it("adds up runs and names what was reached too rarely", () => {
    const total = new Map<StateName, number>();
    for (let n = 0; n < 2; n += 1) {
      const ledger = new Ledger();
      ledger.note("presence was lost");
      ledger.note("presence was lost");
      addLedger(total, ledger.counts());
    }
    expect(rareStates(total, 4)).toHaveLength(states.length - 1);
    expect(rareStates(total, 5)).toContain("presence was lost: 4");
  });
});
