/** The judge is judged: histories whose outcome is known by hand. */

import { describe, expect, it } from "vitest";
import { Oracle } from "../src/oracle.ts";

const oracleOf = (...writes: [id: string, lineage: string, shown: string[]][]): Oracle => {
  const oracle = new Oracle();
  for (const [id, lineage, shown] of writes) oracle.record({ id, field: "f", lineage, shown });
  return oracle;
};

const shows = (oracle: Oracle, ...received: string[]): string[] => [...oracle.current("f", new Set(received))].sort();

describe("oracle", () => {
  it("keeps what was written without knowing of each other", () => {
    expect(shows(oracleOf(["a", "A", []], ["b", "B", []]), "a", "b")).toEqual(["a", "b"]);
  });

  it("drops what the author had been shown, also through others", () => {
    const oracle = oracleOf(["a", "A", []], ["b", "B", ["a"]], ["c", "C", ["b"]]);
    expect(shows(oracle, "a", "c")).toEqual(["c"]);
    expect(shows(oracle, "a", "b")).toEqual(["b"]);
  });

  it("lets a writer replace its own earlier value, but not after its store was lost", () => {
    expect(shows(oracleOf(["a1", "A", []], ["a2", "A", []]), "a1", "a2")).toEqual(["a2"]);
    expect(shows(oracleOf(["a1", "A", []], ["a2", "A'", []]), "a1", "a2")).toEqual(["a1", "a2"]);
  });

  it("forgets a write that never came to a disk, and begins a life with what a backup knew", () => {
    const oracle = oracleOf(["a1", "A", []], ["b", "B", []], ["a2", "A", ["b"]]);
    const backup = oracle.ownWrites("A");
    oracle.record({ id: "a3", field: "f", lineage: "A", shown: [] });
    oracle.begin("A'", backup);
    oracle.record({ id: "a4", field: "f", lineage: "A'", shown: [] });
    expect(shows(oracle, "a2", "a3", "a4", "b")).toEqual(["a3", "a4"]);
    oracle.forget("a3");
    oracle.record({ id: "a5", field: "f", lineage: "A", shown: [] });
    expect(shows(oracle, "a2", "b", "a5")).toEqual(["a5"]);
    expect(oracle.hasLater("b", new Set(["a5"]), (id) => id.startsWith("a"))).toBe(true);
    expect(oracle.hasLater("a5", new Set(["b"]), () => true)).toBe(false);
  });

  it("accounts for a value that somebody knowingly replaced", () => {
    const oracle = oracleOf(["a", "A", []], ["b", "B", ["a"]], ["c", "C", []]);
    expect(oracle.isAccountedFor("a", new Set(["b"]))).toBe(true);
    expect(oracle.isAccountedFor("a", new Set(["c"]))).toBe(false);
  });
});
