/** The one error class of the project: every error carries a code, the next step, and whether trying again can help. */

export interface MeshErrorOptions {
  /** The next step for a person, in one sentence. */
  readonly hint: string;
  /** True when the same call may succeed later without a change by the caller. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class MeshError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: MeshErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MeshError";
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }
}

export const isMeshError = (error: unknown): error is MeshError =>
  error instanceof MeshError || (error instanceof Error && error.name === "MeshError" && "code" in error);

/** A programming error: an assumption of ours that does not hold. Never used for input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
