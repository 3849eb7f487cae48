/**
 * The arbiter of one room: one request after the other, each change compared and set in the store before it is answered.
 * What it knows of time is when it last heard of a holder, on its own monotonic clock.
 */

import { type Clock, limits as defaultLimits, type Limits, type Logger } from "@context-mesh/common";
import type { ArbiterStore, Grant, GrantState } from "@context-mesh/ports";
import { type ClaimAnswer, type ClaimRequest, fenceOf, termOfFence } from "@context-mesh/protocol";
import { decide, type Slot, waiting } from "./decide.ts";

export interface RoomArbiterOptions {
  readonly room: string;
  readonly store: ArbiterStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Limits;
  /** Of this start, on disk already. */
  readonly term: number;
  /** Grants of a former start may be missing here. */
  readonly isInDoubt: boolean;
  /** Keeps over a restart that a wait is going on. */
  readonly saveWait: (isWaiting: boolean) => Promise<void>;
}

/** A team that works asks more often, and nobody repeats a release for so long. */
const forgottenAfterMs = 10 * 60_000;

/** Of one commit, and how often is looked. */
const [droppedAtOnceMax, dropEveryMs] = [1_000, 60_000];

const neverGranted: GrantState = { version: 0, fence: 0 };

const wallSeconds = (clock: Clock): number => Math.floor(clock.wallMs() / 1_000);

export class RoomArbiter {
  readonly #options: RoomArbiterOptions;
  readonly #slots = new Map<string, Slot>();
  #term: number;
  #granted = 0;
  /** Highest fence this room ever had, as far as is known here. */
  #fenceMax = 0;
  /** Of grants that are no longer stored. */
  #droppedFence = 0;
  #lookedMs: number;
  /** Doubt is waited out once a start. */
  #wait: { readonly untilMs: number } | "none yet" | "over" = "none yet";
  #waitingRequests = 0;
  #askedMs: number;
  #isLoaded = false;
  #isInDoubt: boolean;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RoomArbiterOptions) {
    this.#options = options;
    this.#term = options.term;
    this.#isInDoubt = options.isInDoubt;
    this.#askedMs = options.clock.monotonicMs();
    this.#lookedMs = this.#askedMs;
  }

  /** Nothing is stored, nothing was ever in doubt, and nobody has asked for a while. Opened again it gets a new term. */
  mayBeForgotten(nowMs: number): boolean {
    if (!this.#isLoaded || this.#isInDoubt || this.#wait !== "none yet" || this.#waitingRequests > 0) return false;
    return this.#slots.size === 0 && nowMs - this.#askedMs >= forgottenAfterMs;
  }

  /** What was released long ago is dropped, in its turn among the requests. After a failure it is read again first. */
  tick(nowMs: number): void {
    if (typeof this.#wait !== "string" || nowMs - this.#lookedMs < dropEveryMs) return;
    this.#lookedMs = nowMs;
    if (!this.#isLoaded) {
      this.#last = this.#last.then(() => (this.#isLoaded ? undefined : this.#load())).catch(() => {});
      return;
    }
    const old: Slot[] = [];
    for (const slot of this.#slots.values()) {
      if (old.length >= droppedAtOnceMax) break;
      if (slot.grant.state === "released" && nowMs - slot.heardMs >= forgottenAfterMs) old.push(slot);
    }
    if (old.length === droppedAtOnceMax) this.#lookedMs = nowMs - dropEveryMs;
    if (old.length > 0) this.#last = this.#last.then(() => this.#drop(old));
  }

  /** Requests wait until what was granted before is known. */
  start(): void {
    this.#last = this.#load();
    this.#last.catch(() => {});
  }

  /** The store has lost something under way: what is on disk is read again, and everything waits. */
  doubt(): void {
    this.#isInDoubt = true;
    this.#isLoaded = false;
    this.#wait = "none yet";
  }

  async ask(request: ClaimRequest, agent: string): Promise<ClaimAnswer> {
    if (this.#waitingRequests >= defaultLimits.arbiterQueueMax) return { id: request.id, ok: false, reason: "busy" };
    this.#waitingRequests += 1;
    this.#askedMs = this.#options.clock.monotonicMs();
    const turn = this.#last.then(() => this.#handle(request, agent));
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } catch (error) {
      this.#options.logger.error({ room: this.#options.room, error: String(error) }, "the arbiter cannot save");
      this.#isLoaded = false;
      return { id: request.id, ok: false, reason: "store_failed" };
    } finally {
      this.#waitingRequests -= 1;
    }
  }

  /** Never rejects. What the store holds otherwise than it is known here, and what failed, is read again with the next request. */
  async #drop(old: readonly Slot[]): Promise<void> {
    const { store, room, logger } = this.#options;
    const grants = old.filter((slot) => this.#slots.get(slot.grant.task) === slot).map(({ grant }) => grant);
    try {
      const dropped = await store.dropGrants(room, grants);
      if (dropped < grants.length) this.#isLoaded = false;
      if (!this.#isLoaded) return;
      for (const { task, fence } of grants) {
        this.#slots.delete(task);
        this.#droppedFence = Math.max(this.#droppedFence, fence);
      }
    } catch (error) {
      logger.warn({ room, error: String(error) }, "released grants could not be dropped");
      this.#isLoaded = false;
    }
  }

  /** After a start, and after a failed commit, whose outcome is unknown: everybody is heard of now. */
  async #load(): Promise<void> {
    const { store, room, clock } = this.#options;
    this.#isLoaded = false;
    const { grants, isWhole, droppedFence } = await store.grants(room);
    const heardMs = clock.monotonicMs();
    this.#slots.clear();
    this.#droppedFence = droppedFence;
    this.#fenceMax = Math.max(this.#fenceMax, droppedFence);
    for (const grant of grants) {
      this.#slots.set(grant.task, { grant, heardMs });
      this.#fenceMax = Math.max(this.#fenceMax, grant.fence);
    }
    if ((this.#isInDoubt || !isWhole) && this.#wait === "none yet") await this.#beginWait();
    this.#isLoaded = true;
  }

  async #handle(request: ClaimRequest, agent: string): Promise<ClaimAnswer> {
    const { clock } = this.#options;
    if (!this.#isLoaded) await this.#load();
    const presented = Math.max(request.seen, request.fence);
    // Who only looks changes nothing, and may be somebody who may not write.
    if (presented > this.#fenceMax && request.op !== "inspect") {
      if (termOfFence(presented) > wallSeconds(clock) + defaultLimits.termAheadSecondsMax) {
        return { id: request.id, ok: false, reason: "bad_fence" };
      }
      await this.#overtaken(presented);
    }
    const nowMs = clock.monotonicMs();
    const leftMs = request.op === "inspect" ? 0 : await this.#waitLeftMs(nowMs);
    const slot = this.#slots.get(request.task);
    const context = { agent, nowMs, droppedFence: this.#droppedFence };
    return this.#carryOut(leftMs > 0 ? waiting(request, leftMs) : decide(slot, request, context), request, agent);
  }

  async #waitLeftMs(nowMs: number): Promise<number> {
    if (typeof this.#wait === "string") return 0;
    const leftMs = this.#wait.untilMs - nowMs;
    if (leftMs > 0) return leftMs;
    await this.#options.saveWait(false);
    this.#wait = "over";
    return 0;
  }

  async #carryOut(decision: ReturnType<typeof decide>, request: ClaimRequest, agent: string): Promise<ClaimAnswer> {
    const { store, room, clock } = this.#options;
    const slot = this.#slots.get(request.task);
    if (decision.do === "answer") {
      if (decision.heard && slot !== undefined)
        this.#slots.set(request.task, { ...slot, heardMs: clock.monotonicMs() });
      return decision.answer;
    }
    const former = slot?.grant ?? neverGranted;
    const grant: Grant = { ...decision.grant, fence: decision.grant.fence ?? (await this.#nextFence()) };
    // Heard of when the request is handled, not when the disk is done: a holder counts from even earlier.
    const heardMs = clock.monotonicMs();
    if (!(await store.swapGrant(room, { version: former.version, fence: former.fence }, grant))) {
      await this.#load();
      return this.#handle(request, agent);
    }
    this.#fenceMax = Math.max(this.#fenceMax, grant.fence);
    this.#slots.set(request.task, { grant: { ...grant, version: former.version + 1 }, heardMs });
    return { id: request.id, ok: true, fence: grant.fence };
  }

  async #nextFence(): Promise<number> {
    this.#granted += 1;
    if (this.#granted >= defaultLimits.grantsPerTermMax) await this.#raiseTerm(0);
    // A term that was lost, or a clock set back: fences rise all the same.
    if (fenceOf(this.#term, this.#granted) <= this.#fenceMax) await this.#raiseTerm(termOfFence(this.#fenceMax) + 1);
    return fenceOf(this.#term, this.#granted);
  }

  async #raiseTerm(atLeast: number): Promise<void> {
    const { store, clock } = this.#options;
    this.#term = await store.takeTerm(Math.max(atLeast, wallSeconds(clock)));
    this.#granted = 0;
  }

  /** Somebody holds a fence that was not granted here: something was lost, or another relay arbitrated. */
  async #overtaken(presented: number): Promise<void> {
    const { logger, room } = this.#options;
    logger.warn(
      { room, presented, known: this.#fenceMax },
      "a fence that is not known here; waiting for all leases to pass",
    );
    await this.#raiseTerm(termOfFence(presented) + 1);
    this.#fenceMax = presented;
    await this.#beginWait();
  }

  async #beginWait(): Promise<void> {
    const { clock, limits, saveWait } = this.#options;
    const waitMs = (limits.leaseMsMax * defaultLimits.leaseObservedPercent) / 100;
    this.#wait = { untilMs: clock.monotonicMs() + waitMs };
    await saveWait(true);
  }
}
