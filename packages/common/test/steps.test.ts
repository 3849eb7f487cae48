import { describe, expect, it } from "vitest";
import { atOnce, type Clock, inTurns, nextTurn, type Steps } from "../src/index.ts";

/** Counts to three; `between` runs before each number. */
function* counting(between: () => void = () => {}): Steps<number> {
  for (let n = 0; n < 3; n += 1) {
    between();
    yield;
  }
  return 3;
}

/** A clock on which every look takes a millisecond. */
const slowClock = (): Clock => {
  let ms = 0;
  return { monotonicMs: () => ++ms } as unknown as Clock;
};

describe("work in steps", () => {
  it("is done at once, or with turns of the event loop between", async () => {
    expect(atOnce(counting())).toBe(3);
    let others = 0;
    const other = async (): Promise<void> => {
      for (let n = 0; n < 10; n += 1) {
        await nextTurn();
        others += 1;
      }
    };
    const seen: number[] = [];
    const others10 = other();
    expect(
      await inTurns(
        counting(() => seen.push(others)),
        slowClock(),
        1,
      ),
    ).toBe(3);
    expect(new Set(seen).size).toBe(3);
    await others10;
  });

  it("gives up no turn while there is time, and passes on what is thrown", async () => {
    const seen: string[] = [];
    void nextTurn().then(() => seen.push("turn"));
    await inTurns(
      counting(() => seen.push("step")),
      slowClock(),
      1_000,
    );
    expect(seen).toEqual(["step", "step", "step"]);
    const failing = counting(() => {
      throw new Error("broken");
    });
    await expect(inTurns(failing, slowClock(), 1)).rejects.toThrow("broken");
  });
});
