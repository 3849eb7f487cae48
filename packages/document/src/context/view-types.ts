/** What a view of the context gives to its readers. */

import type { JsonObject, JsonValue } from "@context-mesh/common";
import type { Basis, Key, Standing } from "../entry/types.ts";
import type { ShownCandidate } from "./shown.ts";

/** Who owns a task's fields, or undefined when nobody does. Claims decide it; without claims nobody owns anything. */
export type OwnerOf = (taskId: string) => string | undefined;
/** The standing of the claim that decides who owns a task. */
export type StandingOf = (taskId: string) => Standing | undefined;

export interface ViewOptions {
  readonly ownerOf?: OwnerOf;
  readonly standingOf?: StandingOf;
}

export interface PathReading {
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** What was shown, key by key: the basis for a write that follows from this read. Computed when first asked for. */
  readonly basis: Readonly<Record<Key, Basis>>;
  /** Of a single field; the winner first. Empty for parts that have many. */
  readonly candidates: readonly ShownCandidate[];
  readonly conflict: boolean;
}

export interface TaskView {
  readonly id: string;
  /** `archived` for what only the archive still has. */
  readonly list: "active" | "completed" | "blocked" | "archived";
  readonly status: string;
  readonly round: number;
  /** Every field as exported. */
  readonly fields: JsonObject;
}

export interface TaskFilter {
  /** A status word, or the name of a list. */
  readonly status?: string;
  readonly owner?: string;
}

export interface ProposalView {
  /** `<writer>:<seq>`: several agents may propose for one field. */
  readonly id: string;
  /** Key of the proposal itself; it ends with `?`. */
  readonly key: Key;
  /** The field it is meant for. */
  readonly path: string;
  readonly value: JsonValue | undefined;
  readonly agent: string;
  readonly at: number;
}

export interface PartChange {
  /** The path that was subscribed to. */
  readonly path: string;
  /** Changed paths inside it. */
  readonly paths: readonly string[];
  readonly keys: readonly Key[];
  /** Written by this agent. */
  readonly local: boolean;
  /** The part as it is now; read only when asked for. */
  readonly value: JsonValue | undefined;
}
