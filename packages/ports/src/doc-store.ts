/** `DocStore`: the relay's durable log of rooms. Asynchronous: the embedded adapter commits in a worker thread. */

/** Who brought an update and when the relay took it in. Yjs updates carry neither. */
export interface UpdateStamp {
  /** Wall clock of the relay, ms since 1970. */
  readonly at: number;
  /** Agent name from the session's hello, or "" for stock clients. */
  readonly agent: string;
  /** Relay-local session id, or `peer:<relay id>`. */
  readonly session: string;
}

export interface StoredUpdate extends UpdateStamp {
  /** Position in the room's log: 1, 2, 3, … without gaps. */
  readonly seq: number;
  /** A Yjs update, V1. */
  readonly bytes: Uint8Array;
}

export interface AppendRequest extends UpdateStamp {
  readonly room: string;
  readonly bytes: Uint8Array;
}

/** Everything needed to serve a room: a merged base that holds updates 1…base.seq, and the updates after it. */
export interface StoredRoom {
  readonly base: { readonly bytes: Uint8Array; readonly seq: number } | undefined;
  readonly tail: readonly StoredUpdate[];
  /** Seq of the newest update; 0 for a room that was never written. */
  readonly lastSeq: number;
}

/** An entry of the log without its bytes. */
export interface LogStamp extends UpdateStamp {
  readonly seq: number;
  /** Length of the update in bytes. */
  readonly bytes: number;
}

export interface RoomHistory {
  /** The room can be read as it was at every seq from `first` to `last`; both 0 for a room that was never written. */
  readonly first: number;
  readonly last: number;
  /** Newest first. */
  readonly stamps: readonly LogStamp[];
}

/** A moment in a room's log: a seq, or the newest update stamped at or before a time (ms since 1970). */
export type HistoryPoint = { readonly seq: number } | { readonly atMs: number };

/** The history goes at the oldest end once it is older than one bound or larger than the other. */
export interface HistoryBounds {
  readonly beforeMs: number;
  readonly bytesMax: number;
}

export interface QuarantineRecord {
  readonly at: number;
  readonly reason: string;
  /** Yjs client id the bytes speak for, or 0 where none is known. */
  readonly client: number;
  readonly session: string;
  readonly bytes: Uint8Array;
}

export interface QuarantineSum {
  /** SHA-256 of the bytes, in hex. */
  readonly hash: string;
  /** How many they are. */
  readonly bytes: number;
}

export interface StoreHealth {
  /** What an acknowledgement of this store means. */
  readonly durability: "fsync" | "memory";
  /** True when the store is known to lack commits it once acknowledged (head check); peers must be asked before anything is acknowledged. */
  readonly behind: boolean;
  /** Rooms whose records fail their checksum. They are served as errors, never as empty. */
  readonly corruptRooms: readonly string[];
  /** What has failed a check since the open and how it was mended, in words. Empty when all is well. */
  readonly problems: readonly string[];
  /** Bytes on disk. */
  readonly bytes: number;
  readonly location: string;
}

/**
 * Errors reject with a MeshError: `store_full` (ENOSPC), `store_failed` (any other failed write; nothing of the batch is
 * kept), `room_corrupt` (a record fails its checksum), `store_closed`.
 */
export interface DocStore {
  /** Rooms that hold at least one update. */
  rooms(): Promise<readonly string[]>;
  load(room: string): Promise<StoredRoom>;
  /** Appends all or nothing; resolves with one seq per request, in order, once everything is fsynced. */
  append(batch: readonly AppendRequest[]): Promise<readonly number[]>;
  /** Log entries with seq > `afterSeq`, oldest first, at most `limit`. The log outlives compaction. */
  since(room: string, afterSeq: number, limit: number): Promise<readonly StoredUpdate[]>;
  /**
   * Replaces base and the tail up to `upToSeq` by `base` in one transaction. Later updates and the log stay. The former
   * base is kept as one older generation; of still older ones some are kept as checkpoints of the history.
   */
  compact(room: string, base: Uint8Array, upToSeq: number): Promise<void>;
  /** Stamps of the log before `beforeSeq`, at most `limit`, and how far back the room can be read. */
  history(room: string, beforeSeq: number, limit: number): Promise<RoomHistory>;
  /** The room as it was then: the nearest checkpoint, and the updates up to the moment. Undefined outside of `first`…`last`. */
  loadAt(room: string, point: HistoryPoint): Promise<StoredRoom | undefined>;
  /**
   * Drops the oldest log entries beyond the bounds, at most up to the next checkpoint, which is then where the history
   * begins: a call stays short. Returns how many. What only the newer base covers stays: a damaged base is rebuilt from
   * the older one and the log.
   */
  trimLog(room: string, bounds: HistoryBounds): Promise<number>;
  /** All of them in one commit; the oldest of the room go where they are too many bytes. */
  quarantine(room: string, records: readonly QuarantineRecord[]): Promise<void>;
  quarantined(room: string): Promise<readonly QuarantineRecord[]>;
  /** What is in quarantine without its bytes: megabytes need not pass through whoever only looks for one of them. */
  quarantineSums(room: string): Promise<readonly QuarantineSum[]>;
  /** Small named values of the relay itself (relay id, peers seen). Durable on resolve. */
  getValue(name: string): Promise<string | undefined>;
  setValue(name: string, value: string): Promise<void>;
  /** Peers were asked for what the store had lost: from now on, also after a restart, it is no longer `behind`. */
  caughtUp(): Promise<void>;
  /**
   * Called when the store was opened anew under way, after its thread had ended, and lacks commits that it had answered
   * for; before anything that was asked of it meanwhile is answered.
   */
  onFellBehind(listener: () => void): void;
  /**
   * Cuts a damaged room back to what is whole, so that it can be served and filled up by peers; `behind` from then on.
   * What can be read behind the damage goes to quarantine. Returns how many updates were cut off.
   */
  mend(room: string): Promise<number>;
  health(): Promise<StoreHealth>;
  /** Re-reads every record and checks its sum; fills `corruptRooms`. */
  verify(): Promise<StoreHealth>;
  close(): Promise<void>;
}
