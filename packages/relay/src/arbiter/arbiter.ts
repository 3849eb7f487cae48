/** The rooms that this relay arbitrates: which they are, and one arbiter for each, made when it is first asked. */

import { type Clock, type Limits, type Logger, MeshError } from "@context-mesh/common";
import type { ArbiterStore, DocStore } from "@context-mesh/ports";
import { type ClaimAnswer, type ClaimRequest, roomFromPath, roomToPath } from "@context-mesh/protocol";
import { RoomArbiter } from "./room-arbiter.ts";

export interface ArbiterOptions {
  /** Readable names of rooms, or `*` for every room. */
  readonly rooms: readonly string[];
  readonly store: ArbiterStore;
  /** Where it is remembered that a wait is going on. */
  readonly values: Pick<DocStore, "getValue" | "setValue">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: Limits;
}

const everyRoom = "*";
const waitName = (room: string): string => `arbiter/waits/${room}`;
/** Written at a start whose store had lost something: every room waits, asked or not. */
const doubtName = "arbiter/doubt-term";

const rawName = (room: string): string => {
  if (room === everyRoom) return room;
  const path = roomToPath(room);
  const raw = path.ok ? roomFromPath(path.value) : path;
  if (raw.ok) return raw.value;
  throw new MeshError("invalid_room", `--arbiter ${JSON.stringify(room)} is no room`, {
    hint: "Write it like acme/checkout.",
  });
};

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #rooms: ReadonlySet<string>;
  readonly #arbiters = new Map<string, Promise<RoomArbiter>>();
  /** Those of them that are made. */
  readonly #made = new Map<string, RoomArbiter>();
  #term = 0;
  /** How often rooms may have lost sight of what was granted under the term, and up to which of these it is a newer one. */
  #losses = 0;
  #lossesBefore = 0;
  #taking: Promise<number> | undefined;
  #isInDoubt = false;
  /** Doubts so far: the end of one that another has followed does not count. */
  #doubts = 0;

  /** Throws `invalid_room` for a name that is none. */
  constructor(options: ArbiterOptions) {
    this.#options = options;
    this.#rooms = new Set(options.rooms.map(rawName));
  }

  /** Takes the term of this start. `isBehind`: the store has lost what it once said was on disk. */
  async start(isBehind: boolean): Promise<void> {
    const { store, clock, values } = this.#options;
    this.#term = await store.takeTerm(Math.floor(clock.wallMs() / 1_000));
    if (isBehind) await values.setValue(doubtName, String(clock.wallMs()));
    this.#isInDoubt = ((await values.getValue(doubtName)) ?? "") !== "";
    if (this.#isInDoubt) this.#forgetDoubtLater();
  }

  /** The store has lost something under way: every room waits, and fences rise above all that was granted. */
  async fellBehind(): Promise<void> {
    const { clock, values } = this.#options;
    this.#isInDoubt = true;
    this.#losses += 1;
    for (const opening of this.#arbiters.values()) {
      opening.then(
        (arbiter) => arbiter.doubt(),
        () => {},
      );
    }
    this.#forgetDoubtLater();
    await values.setValue(doubtName, String(clock.wallMs()));
    await this.#termForOpening();
  }

  /**
   * The term for a room that is opened now. It may have been open before, and what it granted be dropped or lost since: then
   * the term is a new one, so that no fence of before comes again, whatever the store still knows.
   */
  #termForOpening(): Promise<number> {
    if (this.#losses === this.#lossesBefore) return Promise.resolve(this.#term);
    this.#taking ??= this.#takeTerm().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  async #takeTerm(): Promise<number> {
    const { store, clock } = this.#options;
    const losses = this.#losses;
    this.#term = await store.takeTerm(Math.max(this.#term + 1, Math.floor(clock.wallMs() / 1_000)));
    this.#lossesBefore = losses;
    return this.#term;
  }

  /** The term, for rooms that are arbitrated here. */
  termOf(room: string): number | undefined {
    return this.#rooms.has(room) || this.#rooms.has(everyRoom) ? this.#term : undefined;
  }

  /** Rooms in memory. */
  get size(): number {
    return this.#arbiters.size;
  }

  tick(nowMs: number): void {
    for (const [room, arbiter] of this.#made) {
      arbiter.tick(nowMs);
      if (arbiter.mayBeForgotten(nowMs)) this.#forget(room);
    }
  }

  async ask(room: string, request: ClaimRequest, agent: string): Promise<ClaimAnswer> {
    if (this.termOf(room) === undefined) return { id: request.id, ok: false, reason: "not_arbiter" };
    try {
      return await (await this.#arbiter(room)).ask(request, agent);
    } catch {
      this.#forget(room);
      return { id: request.id, ok: false, reason: "store_failed" };
    }
  }

  #arbiter(room: string): Promise<RoomArbiter> {
    const known = this.#arbiters.get(room);
    if (known !== undefined) return known;
    const opening = this.#open(room);
    this.#arbiters.set(room, opening);
    return opening;
  }

  async #open(room: string): Promise<RoomArbiter> {
    const { store, values, clock, logger, limits } = this.#options;
    const isWaiting = ((await values.getValue(waitName(room))) ?? "") !== "";
    const arbiter = new RoomArbiter({
      room,
      store,
      clock,
      logger,
      limits,
      term: await this.#termForOpening(),
      isInDoubt: isWaiting || this.#isInDoubt,
      saveWait: (waits) => values.setValue(waitName(room), waits ? "1" : ""),
    });
    arbiter.start();
    this.#made.set(room, arbiter);
    return arbiter;
  }

  #forget(room: string): void {
    this.#losses += 1;
    this.#arbiters.delete(room);
    this.#made.delete(room);
  }

  /** When every lease of before has passed, rooms asked for the first time need not wait any more. */
  #forgetDoubtLater(): void {
    const { clock, limits, values, logger } = this.#options;
    this.#doubts += 1;
    const doubt = this.#doubts;
    clock.after(limits.leaseMsMax * 1.1, () => {
      if (doubt !== this.#doubts) return;
      this.#isInDoubt = false;
      values
        .setValue(doubtName, "")
        .catch((error) => logger.warn({ error: String(error) }, "the wait could not be ended"));
    });
  }
}
