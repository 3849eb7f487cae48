/** The judge is judged: histories whose outcome is known by hand. */

import { describe, expect, it } from "vitest";
import { Oracle } from "../src/oracle.ts";

const oracleOf = (...writes: [id: string, lineage: string, shown: string[]][]): Oracle => {
  const oracle = new Oracle();
  for (const [id, lineage, shown] of writes) oracle.record({ id, field: "f", lineage, shown });
  return oracle;
};

const shows = (oracle: Oracle, ...received: string[]): string[] => [...oracle.current("f", received)].sort();

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

  it("accounts for a value that somebody knowingly replaced", () => {
    const oracle = oracleOf(["a", "A", []], ["b", "B", ["a"]], ["c", "C", []]);
    expect(oracle.isAccountedFor("a", new Set(["b"]))).toBe(true);
    expect(oracle.isAccountedFor("a", new Set(["c"]))).toBe(false);
  });
});
