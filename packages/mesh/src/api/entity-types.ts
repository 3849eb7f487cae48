/** Typed fronts over the parts of a context: tasks, decisions, questions, … */

import type { JsonValue } from "@context-mesh/common";
import type { Settlement, SettleOptions } from "@context-mesh/coordination";
import type { Basis, ConflictRecord } from "@context-mesh/document";
import type { SyncLevelName } from "./basic-types.ts";
import type { HolderView } from "./holder-types.ts";
import type { ConflictView, LiveQuery } from "./reading-types.ts";
import type { Receipt } from "./receipt-types.ts";

export interface TaskFields {
  readonly title?: string;
  readonly status?: "pending" | "in_progress" | "completed" | "cancelled";
  readonly owner?: string;
  readonly priority?: string;
  readonly summary?: string;
  readonly result?: string;
  /** Unknown fields survive. */
  readonly [field: string]: JsonValue | undefined;
}

export interface TaskItem {
  readonly id: string;
  readonly list: "active" | "completed" | "blocked";
  readonly status: string;
  readonly title: string | undefined;
  /** Whose it is by its claim; without one what the field says. */
  readonly owner: string | undefined;
  readonly holder: HolderView | undefined;
  /** Every field as exported. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  readonly conflicts: readonly string[];
}

export interface TaskFilter {
  readonly status?: string;
  readonly owner?: string;
}

export interface WriteOptions {
  readonly level?: SyncLevelName;
  /** What the caller was shown. Without it the typed operation reads first. */
  readonly basis?: Readonly<Record<string, Basis>>;
  readonly reason?: string;
}

export interface TasksApi {
  add(task: TaskFields & { readonly id?: string }, options?: WriteOptions): Receipt;
  list(filter?: TaskFilter): readonly TaskItem[];
  get(id: string): TaskItem | undefined;
  update(id: string, fields: TaskFields, options?: WriteOptions): Receipt;
  done(id: string, result?: { readonly summary?: string; readonly result?: string }, options?: WriteOptions): Receipt;
  block(id: string, blocker: { readonly reason: string; readonly owner?: string }, options?: WriteOptions): Receipt;
  /** Without a reason every blocker goes. */
  unblock(id: string, reason?: string, options?: WriteOptions): Receipt;
  reopen(id: string, options?: WriteOptions): Receipt;
  remove(id: string, options?: WriteOptions): Receipt;
  live(filter?: TaskFilter): LiveQuery<readonly TaskItem[]>;
}

export interface NewDecision {
  readonly decision: string;
  readonly id?: string;
  readonly type?: string;
  readonly rationale?: string;
  readonly impact?: readonly string[];
  readonly level?: SyncLevelName;
  readonly [field: string]: JsonValue | undefined;
}

export type Item = Readonly<Record<string, JsonValue>>;

export interface DecisionsApi {
  add(decision: NewDecision, options?: WriteOptions): Receipt;
  list(): readonly Item[];
  live(): LiveQuery<readonly Item[]>;
}

export interface NewQuestion {
  readonly question: string;
  readonly to?: string;
  readonly context?: string;
  readonly priority?: string;
  readonly id?: string;
  readonly [field: string]: JsonValue | undefined;
}

export interface QuestionsApi {
  ask(question: NewQuestion, options?: WriteOptions): Receipt;
  answer(id: string, answer: string, options?: WriteOptions): Receipt;
  list(filter?: { readonly pending?: boolean; readonly to?: string }): readonly Item[];
  live(): LiveQuery<readonly Item[]>;
}

export interface NewHandover {
  readonly to: string;
  readonly document?: string;
  readonly summary?: string;
  readonly id?: string;
  readonly [field: string]: JsonValue | undefined;
}

export interface HandoversApi {
  add(handover: NewHandover, options?: WriteOptions): Receipt;
  acknowledge(id: string, options?: WriteOptions): Receipt;
  list(): readonly Item[];
}

export interface NotesApi {
  add(text: string, options?: WriteOptions): Receipt;
  /** By its text or its id. */
  remove(note: string, options?: WriteOptions): Receipt;
  list(): readonly string[];
}

export interface DependencyChange {
  readonly name: string;
  readonly version?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

export interface DependenciesApi {
  add(dependency: DependencyChange, options?: WriteOptions): Receipt;
  remove(dependency: DependencyChange, options?: WriteOptions): Receipt;
  update(dependency: DependencyChange, options?: WriteOptions): Receipt;
}

export interface SignificantChange {
  readonly file: string;
  readonly type: string;
  readonly description?: string;
}

export interface CodeApi {
  setSummary(summary: Readonly<Record<string, number>>, options?: WriteOptions): Receipt;
  addSignificant(changes: readonly SignificantChange[], options?: WriteOptions): Receipt;
}

export interface ArchitectureApi {
  set(fields: Readonly<Record<string, JsonValue>>, options?: WriteOptions): Receipt;
}

export interface ConflictsApi {
  list(): readonly ConflictView[];
  /** Open and decided ones in the form of the protocol: {detected, type, field, resolution_strategy, result}. */
  records(): readonly ConflictRecord[];
  /** By key or path; the choice is a candidate id or a value. */
  resolve(
    target: string,
    choice: string | { readonly value: JsonValue | undefined },
    reason?: string,
    options?: WriteOptions,
  ): Receipt;
  /** Settles what a pattern fits by its strategy, checked; what goes wrong, and what is for people to decide, stays. */
  settle(options?: SettleOptions): Promise<readonly Settlement[]>;
  /** Takes back a resolution: its losers stand beside its value again. `id` is `<writer>:<seq>`. */
  undo(id: string): Receipt;
}

export type {
  ConflictPattern,
  OpenConflict,
  Settlement,
  SettleOptions,
  Strategy,
  StrategyAnswer,
} from "@context-mesh/coordination";
