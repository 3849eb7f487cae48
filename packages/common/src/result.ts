/** Expected failures as values. Bugs throw; what a caller can do something about comes back as a `Result`. */

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Err<R extends string = string> {
  readonly ok: false;
  /** Machine-readable code, stable across versions. */
  readonly reason: R;
  /** One sentence for a person. */
  readonly detail?: string;
}

export type Result<T, R extends string = string> = Ok<T> | Err<R>;

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });

export const err = <R extends string>(reason: R, detail?: string): Err<R> =>
  detail === undefined ? { ok: false, reason } : { ok: false, reason, detail };
