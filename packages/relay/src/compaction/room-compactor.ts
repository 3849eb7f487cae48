/** When one room is compacted, and that it never is twice at once. */

import { messageOf } from "@context-mesh/common";
import type { RelayContext } from "../context.ts";
import { type Compaction, compactRoom } from "./compact.ts";

/** `busy`: written to just now; `quiet`: open and not written to; `idle`: about to go from memory. */
export type RoomWork = "busy" | "quiet" | "idle";

/** How much more than usual may lie in the tail of a room that is being written to. */
const busyTimes = { updates: 8, bytes: 4 };
const dayMs = 24 * 60 * 60_000;

export class RoomCompactor {
  readonly #context: RelayContext;
  readonly #room: string;
  #isRunning = false;
  /** Where the log stood when it last failed: the same again would fail again. */
  #failedSeq = Number.NEGATIVE_INFINITY;

  constructor(context: RelayContext, room: string) {
    this.#context = context;
    this.#room = room;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** `work`: what the room is doing. In the midst of writes the tail may grow to a multiple: merging again and again costs more. */
  isDue(tail: { readonly updates: number; readonly bytes: number }, lastSeq: number, work: RoomWork): boolean {
    const { compactUpdates, compactIdleUpdates, compactBytes } = this.#context.limits;
    if (this.#isRunning || lastSeq - this.#failedSeq < compactUpdates) return false;
    if (work === "idle") return tail.updates >= compactIdleUpdates;
    const times = work === "busy" ? busyTimes : { updates: 1, bytes: 1 };
    if (tail.updates >= compactUpdates * times.updates) return true;
    return tail.bytes >= compactBytes * times.bytes && tail.updates >= compactIdleUpdates;
  }

  async run(lastSeq: number): Promise<Compaction | undefined> {
    const { metrics, logger } = this.#context;
    this.#isRunning = true;
    try {
      const result = await compactRoom(this.#context, this.#room);
      if (result.kind === "done") {
        metrics.add("compactions");
        await this.#trimHistory();
      }
      if (result.kind === "refused") {
        metrics.add("compactions_refused");
        logger.error({ room: this.#room, why: result.why }, "a compaction was refused; base and tail stay as they are");
        this.#failedSeq = result.upToSeq;
      }
      return result;
    } catch (error) {
      metrics.add("compactions_failed");
      logger.warn({ room: this.#room, error: messageOf(error) }, "a room could not be compacted");
      this.#failedSeq = lastSeq;
      return undefined;
    } finally {
      this.#isRunning = false;
    }
  }

  async #trimHistory(): Promise<void> {
    const { store, clock, limits, metrics } = this.#context;
    const bounds = { beforeMs: clock.wallMs() - limits.historyDays * dayMs, bytesMax: limits.historyBytesMax };
    metrics.add("history_updates_trimmed", await store.trimLog(this.#room, bounds));
  }
}
