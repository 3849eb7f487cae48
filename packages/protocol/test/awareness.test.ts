import { seededRandom } from "@context-mesh/common";
import { afterEach, describe, expect, it } from "vitest";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { type AwarenessState, decodeAwareness, encodeAwarenessStates } from "../src/index.ts";

const opened: Awareness[] = [];
const awareness = (clientId: number): Awareness => {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const made = new Awareness(doc);
  opened.push(made);
  return made;
};
afterEach(() => {
  for (const made of opened.splice(0)) made.destroy();
});

const states: readonly AwarenessState[] = [
  { client: 2 ** 53 - 1, clock: 3, state: { agent: "bäuer 😀", at: [1, { x: null }] } },
  { client: 7, clock: 2 ** 31 - 1, state: null },
  { client: 8, clock: 0, state: {} },
];

const reasonOf = (bytes: readonly number[]): string => {
  const decoded = decodeAwareness(Uint8Array.from(bytes));
  return decoded.ok ? "accepted" : decoded.reason;
};

const withState = (json: string): number[] => {
  const bytes = [...new TextEncoder().encode(json)];
  return [1, 5, 1, bytes.length, ...bytes];
};

describe("awareness", () => {
  it("[WIRE-5] comes out as it went in, with the size of each state", () => {
    const decoded = decodeAwareness(encodeAwarenessStates(states));
    expect(decoded).toEqual({
      ok: true,
      value: states.map((state) => ({ ...state, bytes: new TextEncoder().encode(JSON.stringify(state.state)).length })),
    });
  });

  it("[WIRE-5] is what y-protocols writes and reads", () => {
    const theirs = awareness(99);
    theirs.setLocalState({ agent: "a" });
    const decoded = decodeAwareness(encodeAwarenessUpdate(theirs, [99]));
    expect(decoded).toEqual({ ok: true, value: [{ client: 99, clock: 1, state: { agent: "a" }, bytes: 13 }] });
    const reader = awareness(1);
    applyAwarenessUpdate(reader, encodeAwarenessStates([{ client: 99, clock: 4, state: { b: 1 } }]), "test");
    expect(reader.getStates().get(99)).toEqual({ b: 1 });
    applyAwarenessUpdate(reader, encodeAwarenessStates([{ client: 99, clock: 5, state: null }]), "test");
    expect(reader.getStates().has(99)).toBe(false);
  });

  it("[WIRE-5] with counts, clocks or states that cannot be meant is refused by name", () => {
    expect(reasonOf([0xff, 0xff, 0x7f, 1, 1])).toBe("too_many_entries");
    expect(reasonOf([1, 5, 0x80, 0x80, 0x80, 0x80, 0x08, 2, 0x7b, 0x7d])).toBe("clock_too_high");
    expect(reasonOf([...withState("{}"), 0])).toBe("trailing_bytes");
    expect(reasonOf(withState("5555"))).toBe("invalid_state");
    expect(reasonOf(withState("[[]]"))).toBe("invalid_state");
    expect(reasonOf(withState("{,}"))).toBe("invalid_json");
    expect(reasonOf(withState("[".repeat(100)))).toBe("nesting_too_deep");
    expect(reasonOf([1, 5, 1, 2, 0x22, 0xff])).toBe("invalid_utf8");
    expect(reasonOf([])).toBe("truncated");
  });

  it("[WIRE-5] never throws, whatever the bytes", () => {
    const random = seededRandom(5);
    const base = encodeAwarenessStates(states);
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const bytes = base.slice(0, 1 + random.int(base.length));
      for (let flips = random.int(3); flips >= 0; flips--) bytes[random.int(bytes.length)] = random.int(256);
      if (decodeAwareness(bytes).ok) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(0);
  });
});
