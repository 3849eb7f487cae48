/** The contract of `StatusSource`: a source's test is the call of this suite. */

import type { StatusObservation, StatusSource } from "@context-mesh/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface StatusSourceHarness {
  readonly source: StatusSource;
  /** Makes the source say this word of the agent. */
  say(agent: string, word: string): Promise<void> | void;
  /** The agent is gone from the source, or can no longer be read. */
  silence(agent: string): Promise<void> | void;
  /** Lets time pass until the condition holds; rejects after a second of the source's time. */
  until(isDone: () => boolean): Promise<void>;
  dispose(): Promise<void> | void;
}

export type MakeStatusSource = () => StatusSourceHarness | Promise<StatusSourceHarness>;

export const statusSourceSuite = (name: string, make: MakeStatusSource, id = ""): void => {
  describe(`StatusSource: ${name}`, () => {
    let harness: StatusSourceHarness;
    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.dispose());

    const of = async (agent: string): Promise<StatusObservation | undefined> => {
      const found = (await harness.source.read()).filter((observation) => observation.agent === agent);
      expect(found.length).toBeLessThan(2);
      return found[0];
    };

    it(`${id}says what was said of each agent, with the word it stands for and a place`, async () => {
      await harness.say("alpha", "BLOCKED");
      await harness.say("beta", "idle");
      const [alpha, beta] = [await of("alpha"), await of("beta")];
      expect(alpha).toMatchObject({ agent: "alpha", status: "blocked", word: "BLOCKED" });
      expect(beta).toMatchObject({ agent: "beta", status: "idle" });
      expect(alpha?.confidence).toBeGreaterThan(0.5);
      expect(alpha?.place).not.toBe("");
      expect(harness.source.name).toMatch(/^[a-z][a-z-]*$/);
    });

    it(`${id}gives equal evidence for one statement and other evidence for another`, async () => {
      await harness.say("alpha", "BLOCKED");
      const [first, again] = [await of("alpha"), await of("alpha")];
      expect(again).toEqual(first);
      await harness.say("alpha", "ACTIVE");
      expect((await of("alpha"))?.evidence).not.toBe(first?.evidence);
    });

    it(`${id}keeps a word that nobody understands, without a status`, async () => {
      await harness.say("alpha", "FROBNICATED");
      expect(await of("alpha")).toMatchObject({ status: undefined, word: "FROBNICATED", confidence: 0 });
    });

    it(`${id}tells soon after a change, and not after the watch has ended`, async () => {
      await harness.say("alpha", "ACTIVE");
      await of("alpha");
      let calls = 0;
      const end = harness.source.watch(() => {
        calls += 1;
      });
      expect(calls).toBe(0);
      await harness.say("alpha", "DONE");
      await harness.until(() => calls > 0);
      expect((await of("alpha"))?.status).toBe("complete");
      end();
      const told = calls;
      await harness.say("alpha", "PAUSED");
      await of("alpha");
      expect(calls).toBe(told);
    });

    it(`${id}never rejects when an agent is gone or cannot be read`, async () => {
      await harness.say("alpha", "ACTIVE");
      await harness.silence("alpha");
      await harness.silence("nobody");
      const alpha = await of("alpha");
      if (alpha?.status !== undefined) expect(alpha.problems.length).toBeGreaterThan(0);
    });
  });
};
