/**
 * Which of several current values is shown first: a table by key pattern, with a version. Everybody resolves on reading,
 * by the same table, so nobody has to write. A rule is never changed in place: a new table gets a new version, and a room
 * says by its `policy_version` which one it uses.
 */

/**
 * present: a value before its removal · round, word: of a status · standing: fence and epoch of the claim it was written
 * under · true: an element that is there before one that is not · greatest: the larger number · then hlc, writer, seq.
 */
export type Criterion = "present" | "round" | "standing" | "word" | "true" | "greatest";

export interface PolicyRule {
  /** Segments of the key; `*` is any one segment. The first rule that fits counts. */
  readonly keys: string;
  /** What conflict records call it. */
  readonly strategy: string;
  readonly order: readonly Criterion[];
}

const version1: readonly PolicyRule[] = [
  { keys: "t/*/s", strategy: "furthest_status", order: ["round", "standing", "word"] },
  { keys: "t/*/b/*", strategy: "keep_element", order: ["true", "standing"] },
  { keys: "t/*/z", strategy: "furthest_status", order: ["true", "round", "word"] },
  { keys: "*/*/z", strategy: "keep_element", order: ["true"] },
  { keys: "t/*/y/*", strategy: "keep_element", order: ["true", "standing"] },
  { keys: "t/*/g/*", strategy: "keep_element", order: ["true", "standing"] },
  { keys: "d/*/i/*", strategy: "keep_element", order: ["true"] },
  { keys: "d/*/g/*", strategy: "keep_element", order: ["true"] },
  { keys: "n/*", strategy: "keep_element", order: ["true"] },
  { keys: "r/P", strategy: "greatest", order: ["greatest"] },
  { keys: "t/*/*", strategy: "latest", order: ["standing"] },
  { keys: "*", strategy: "latest", order: [] },
];

export const policyTables: Readonly<Record<number, readonly PolicyRule[]>> = { 1: version1 };

/** The version of a room that says nothing. */
export const defaultPolicyVersion = 1;
