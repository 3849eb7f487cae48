/** The writer that this replica writes as, and the signs that somebody else writes as it too. */

import { limits, MeshError } from "@context-mesh/common";
import type { Entry, WriterIdentity } from "../entry/types.ts";
import { writerOfClient } from "../entry/writers.ts";
import type { EntryIndex } from "./entry-index.ts";
import type { Present } from "./present.ts";

export class OwnWriter {
  readonly #index: EntryIndex;
  readonly #nowMs: () => number;
  #identity: WriterIdentity | undefined;
  #isLost = false;
  #seqMax = 0;
  #hlcMax = 0;

  constructor(index: EntryIndex, nowMs: () => number) {
    this.#index = index;
    this.#nowMs = nowMs;
  }

  get identity(): WriterIdentity | undefined {
    return this.#identity;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  become(identity: WriterIdentity): void {
    if (writerOfClient(identity.clientId) !== identity.writer) {
      throw new Error(`invariant violated: ${identity.writer} is not client ${identity.clientId} in base 36`);
    }
    this.#identity = identity;
    this.#isLost = false;
    this.#seqMax = identity.seq ?? 0;
  }

  /** Throws `identity_lost` when there is nobody to write as. */
  require(): WriterIdentity {
    if (this.#identity !== undefined && !this.#isLost) return this.#identity;
    throw new MeshError("identity_lost", "this replica has no writer of its own to write as", {
      hint: "begin a new incarnation: a new client id, set with setIdentity",
      retryable: true,
    });
  }

  /** Highest plausible hlc, own entries included. */
  hlc(): number {
    return Math.max(this.#index.hlcMax, this.#hlcMax);
  }

  nextHlc(): number {
    this.#hlcMax = Math.max(this.#nowMs(), this.hlc() + 1);
    return this.#hlcMax;
  }

  note(entry: Entry): void {
    this.#seqMax = Math.max(this.#seqMax, entry.seq);
    if (entry.hlc <= this.#nowMs() + limits.hlcAheadMsMax) this.#hlcMax = Math.max(this.#hlcMax, entry.hlc);
  }

  /** `isAhead`: an update brings structs of that client which are not here. */
  checkClock(isAhead: (clientId: number) => boolean): void {
    const identity = this.#identity;
    if (identity === undefined || !isAhead(identity.clientId)) return;
    this.#isLost = true;
    this.#index.report("own_clock_ahead", "others hold own structs that this replica lacks", {
      writer: identity.writer,
    });
  }

  /** A new entry: of another process of the same store, or of somebody who may claim to have seen too much. */
  checkSeq(entry: Present): void {
    const identity = this.#identity;
    if (identity === undefined) return;
    if (entry.writer === identity.writer) {
      this.#seqMax = Math.max(this.#seqMax, entry.seq);
      return;
    }
    const claimed = entry.seenSeq(identity.writer);
    if (identity.seq === undefined || claimed <= this.#seqMax) return;
    this.#isLost = true;
    const detail = `${entry.writer} has seen ${claimed} of this writer, which never wrote it`;
    this.#index.report("own_seq_ahead", detail, { writer: entry.writer, key: entry.key });
  }
}
