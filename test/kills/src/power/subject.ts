/** A store under power cuts: what is written to it, what it then says is safe, and how that is looked for afterwards. */

import type { Random } from "@context-mesh/common";

export interface Subject {
  readonly name: string;
  /** Works in the folder and tells after every durable step what is safe from now on. */
  write(folder: string, random: Random, steps: number, tell: (promise: string) => void): Promise<void>;
  /** Opens what the cut left. Returns what is wrong: promises that do not hold, or why it does not open. */
  judge(folder: string, promises: readonly string[]): Promise<Verdict>;
}

interface Verdict {
  readonly problems: readonly string[];
  /** The store took itself for damaged or behind although nothing promised was missing. */
  readonly isInDoubt: boolean;
}

/** The same answers wherever the folder lies: a copy made by the judge is no copied store. */
export const system = { fileSystemType: () => 0, placeOf: () => "here" };
