/** Mutated updates by the hundred thousand: what the relay takes in on the word of its own scan alone. */

import { describe, expect, it } from "vitest";
import { tryMutated } from "../../packages/protocol/test/support/mutated-updates.ts";

describe("mutated updates", () => {
  it("that the scan lets through as plain are to Yjs what they are to the scan", () => {
    const { mutated, plain, integrated } = tryMutated(2_026, 250_000);
    expect(mutated).toBeGreaterThanOrEqual(250_000);
    expect(plain).toBeGreaterThan(20_000);
    expect(integrated).toBeGreaterThan(6_000);
  });
});
