/** What is known about one write, and what push answers. */

import type { JsonValue } from "@context-mesh/common";
import type { SyncLevelName } from "./basic-types.ts";

export type ReceiptState = "queued" | "relayed" | "durable" | "superseded" | "refused";

/**
 * What is known about one write. `queued`: on this agent's own disk. `relayed`: a relay has it. `durable`: fsynced by the
 * relays in `relays`. `superseded`: a later own write to the same key replaced it before it went out. `refused`: nothing
 * was written, `reason` and `detail` say why.
 */
export interface Receipt {
  /** `<writer>:<first seq>-<last seq>`, or `refused`. */
  readonly id: string;
  readonly ok: boolean;
  /** Id of the task, decision, question … the write was about. */
  readonly subject: string | undefined;
  readonly state: ReceiptState;
  /** URLs of the relays that have it on disk. */
  readonly relays: readonly string[];
  readonly at: number;
  readonly level: SyncLevelName;
  readonly paths: readonly string[];
  /** Paths where a newer value of somebody else stands beside the written one: both are kept. */
  readonly conflicts: readonly string[];
  /** Paths of fields that somebody else owns: what was written there is kept as a proposal, and `reason` says why. */
  readonly proposed: readonly string[];
  /** What the write replaced, per path, as its author was shown it. */
  readonly replaced: Readonly<Record<string, JsonValue | undefined>>;
  /** Code and words of a refusal, or of why something was only proposed. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /**
   * Resolves when the state is reached, or as soon as it never will be (`superseded`, `refused`, node left): read `state`.
   * `n` counts relays for `durable`. Rejects only with the signal's reason.
   */
  reached(
    state: "queued" | "relayed" | "durable",
    options?: { readonly n?: number; readonly signal?: AbortSignal },
  ): Promise<Receipt>;
}

export interface PushChange {
  readonly path: string;
  readonly to: JsonValue | undefined;
  /** Compared with the current value; `undefined` present as own property means "expected to be absent". */
  readonly from?: JsonValue | undefined;
}

export interface PushRequest {
  readonly changes: readonly PushChange[];
  readonly level?: SyncLevelName;
  readonly reason?: string;
}

export interface PushAnswer {
  readonly path: string;
  readonly answer: "applied" | "proposed" | "conflict" | "refused";
  readonly code: string | undefined;
  readonly detail: string | undefined;
  /** With `conflict`: the value that stands, and whose it is. */
  readonly other: { readonly value: JsonValue | undefined; readonly agent: string; readonly at: number } | undefined;
  readonly receipt: Receipt | undefined;
}
