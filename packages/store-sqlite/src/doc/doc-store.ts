/** `DocStore` as the relay sees it: every call is a message to the engine, which answers in order. */

import type {
  AppendRequest,
  ArbiterStore,
  DocStore,
  Grant,
  GrantState,
  HistoryBounds,
  HistoryPoint,
  QuarantineRecord,
  QuarantineSum,
  RoomHistory,
  StoredGrant,
  StoredGrants,
  StoredRoom,
  StoredUpdate,
  StoreHealth,
} from "@context-mesh/ports";
import { storeClosed } from "../sqlite/errors.ts";
import { type Operation, type PackedRoom, type Request, type Response, receivedError } from "./answer.ts";
import { type Packed, pack, transferOf, unpack } from "./packed.ts";

/** The way to an engine, in another thread or not. */
export interface EngineLink {
  send(request: Request, transfer: readonly ArrayBuffer[]): void;
  onResponse(listener: (response: Response) => void): void;
  /** The engine is gone; what is unanswered will stay so. */
  onLoss(listener: (error: Error) => void): void;
  /**
   * A new engine in the place of the lost one, which holds whatever that one answered for, or is in doubt. Rejects when
   * it cannot be opened, or when it is too early for another try.
   */
  reopen(): Promise<EngineLink>;
  /** Whether anybody waits for an answer: then the process must not end. */
  setBusy(isBusy: boolean): void;
  /** Lets go of the engine, which has been told to close. */
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const updateOf = ({ seq, at, agent, session, bytes }: StoredUpdate): StoredUpdate => ({
  seq,
  at,
  agent,
  session,
  bytes,
});

const roomOf = ({ base, tail, lastSeq }: PackedRoom): StoredRoom => ({
  base,
  tail: unpack(tail).map(updateOf),
  lastSeq,
});

export class LinkedDocStore implements DocStore, ArbiterStore {
  #link: EngineLink;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #closed: Promise<void> | undefined;
  #isLost = false;
  #reopening: Promise<void> | undefined;
  #onFellBehind: () => void = () => {};

  constructor(link: EngineLink) {
    this.#link = link;
    this.#listen();
  }

  rooms(): Promise<readonly string[]> {
    return this.#ask({ op: "rooms" });
  }

  async load(room: string): Promise<StoredRoom> {
    return roomOf(await this.#ask<PackedRoom>({ op: "load", room }));
  }

  async loadAt(room: string, point: HistoryPoint): Promise<StoredRoom | undefined> {
    const found = await this.#ask<PackedRoom | undefined>({ op: "loadAt", room, point });
    return found && roomOf(found);
  }

  history(room: string, beforeSeq: number, limit: number): Promise<RoomHistory> {
    return this.#ask({ op: "history", room, beforeSeq, limit });
  }

  append(batch: readonly AppendRequest[]): Promise<readonly number[]> {
    const packed = pack(batch);
    return this.#ask({ op: "append", batch: packed }, transferOf(packed));
  }

  async since(room: string, afterSeq: number, limit: number): Promise<readonly StoredUpdate[]> {
    const packed = await this.#ask<Packed>({ op: "since", room, afterSeq, limit });
    return unpack(packed).map(updateOf);
  }

  compact(room: string, base: Uint8Array, upToSeq: number): Promise<void> {
    const copy = base.slice();
    return this.#ask({ op: "compact", room, base: copy, upToSeq }, [copy.buffer]);
  }

  trimLog(room: string, bounds: HistoryBounds): Promise<number> {
    return this.#ask({ op: "trimLog", room, bounds });
  }

  quarantine(room: string, records: readonly QuarantineRecord[]): Promise<void> {
    // Copied on the way: handing over costs 10 to 20 µs a buffer, and there may be two thousand. Of a view all that lies behind it would go.
    const copies = records.map((record) => ({ ...record, bytes: record.bytes.slice() }));
    return this.#ask({ op: "quarantine", room, records: copies });
  }

  quarantined(room: string): Promise<readonly QuarantineRecord[]> {
    return this.#ask({ op: "quarantined", room });
  }

  quarantineSums(room: string): Promise<readonly QuarantineSum[]> {
    return this.#ask({ op: "quarantineSums", room });
  }

  getValue(name: string): Promise<string | undefined> {
    return this.#ask({ op: "getValue", name });
  }

  setValue(name: string, value: string): Promise<void> {
    return this.#ask({ op: "setValue", name, value });
  }

  takeTerm(atLeast: number): Promise<number> {
    return this.#ask({ op: "takeTerm", atLeast });
  }

  grants(room: string): Promise<StoredGrants> {
    return this.#ask({ op: "grants", room });
  }

  swapGrant(room: string, former: GrantState, next: Grant): Promise<boolean> {
    return this.#ask({ op: "swapGrant", room, former, next });
  }

  dropGrants(room: string, grants: readonly StoredGrant[]): Promise<number> {
    return this.#ask({ op: "dropGrants", room, grants });
  }

  caughtUp(): Promise<void> {
    return this.#ask({ op: "caughtUp" });
  }

  onFellBehind(listener: () => void): void {
    this.#onFellBehind = listener;
  }

  mend(room: string): Promise<number> {
    return this.#ask({ op: "mend", room });
  }

  health(): Promise<StoreHealth> {
    return this.#ask({ op: "health" });
  }

  verify(): Promise<StoreHealth> {
    return this.#ask({ op: "verify" });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#reopening?.catch(() => {});
    try {
      if (!this.#isLost) await this.#post<void>({ op: "close" }, []);
    } finally {
      await this.#link.end();
    }
  }

  async #ask<T>(operation: Operation, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    while (this.#isLost && this.#closed === undefined) await this.#reopen();
    if (this.#closed !== undefined) throw storeClosed();
    return this.#post(operation, transfer);
  }

  #reopen(): Promise<void> {
    this.#reopening ??= this.#link
      .reopen()
      .then(async (link) => {
        this.#link = link;
        this.#listen();
        // Asked before anybody else: who waits must not act upon what is no longer so.
        const { behind } = await this.#post<StoreHealth>({ op: "health" }, []);
        this.#isLost = false;
        if (behind) this.#onFellBehind();
      })
      .finally(() => {
        this.#reopening = undefined;
      });
    return this.#reopening;
  }

  #listen(): void {
    this.#link.onResponse((response) => this.#settle(response));
    this.#link.onLoss((error) => this.#lose(error));
  }

  #post<T>(operation: Operation, transfer: readonly ArrayBuffer[]): Promise<T> {
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (this.#waiting.size === 1) this.#link.setBusy(true);
      this.#link.send({ ...operation, id }, transfer);
    });
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if (this.#waiting.size === 0) this.#link.setBusy(false);
    if (response.ok) waiting?.resolve(response.value);
    else waiting?.reject(receivedError(response.error));
  }

  #lose(error: Error): void {
    this.#isLost = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#link.setBusy(false);
  }
}
