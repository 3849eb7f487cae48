/** One thing that the doctor looked at. */

export interface Finding {
  readonly name: string;
  readonly state: "good" | "warn" | "bad";
  readonly detail: string;
  /** What to do, where something is to be done. */
  readonly hint?: string;
}
