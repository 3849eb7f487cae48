/** What readers and checks find while they work, before places become lines. Bounded: a broken file has no end of it. */

import { limits } from "@context-mesh/common";
import type { ProblemCode } from "./problem.ts";

export type Key = string | number;

export interface Finding {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
  readonly path: readonly Key[];
  /** Offset in the text, where the finder knows it better than the path tells. */
  readonly offset?: number | undefined;
}

export class Findings {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  errorCount = 0;

  error(finding: Finding): void {
    this.errorCount += 1;
    if (this.errors.length < limits.problemsMax) this.errors.push(finding);
  }

  warn(finding: Finding): void {
    if (this.warnings.length < limits.problemsMax) this.warnings.push(finding);
  }
}

/** A value read from somewhere, and how to find places in it again. */
export interface Source {
  readonly value: unknown;
  /** Offsets of the values at these paths; of the nearest enclosing value where a path has none of its own. */
  locate(paths: readonly (readonly Key[])[]): number[];
}

/** Thrown by a reader where nothing that follows can be trusted, and caught by the reader's own entry function. */
export class Stop {
  readonly finding: Finding;

  constructor(finding: Finding) {
    this.finding = finding;
  }
}

/** Beyond what a value may nest, room for the levels of the context around it. */
export const sourceDepthMax = limits.nestingMax + 12;

export const reservedKey = (path: readonly Key[], offset?: number): Finding => ({
  code: "reserved_key",
  message: "`__proto__` cannot be the name of a field",
  hint: "Rename the field.",
  path,
  offset,
});

export const duplicateKey = (path: readonly Key[], offset?: number): Finding => ({
  code: "duplicate_key",
  message: `the key ${JSON.stringify(String(path.at(-1)))} is there twice in one object`,
  hint: "Keep one of the two, or rename one.",
  path,
  offset,
});

export const tooDeep = (path: readonly Key[], offset?: number): Finding => ({
  code: "too_deep",
  message: `values nest deeper than ${limits.nestingMax} levels`,
  hint: "Flatten the value, or store it in a file and name the file.",
  path,
  offset,
});
