/**
 * One room's document on one node: a Y.Doc, the index over it, and the own entries that still wait in the outbox.
 *
 * The replica knows no disk and no network, and it never writes while it takes in remote bytes.
 */

import {
  atOnce,
  Emitter,
  type JsonValue,
  type Logger,
  limits,
  type Steps,
  type Unsubscribe,
} from "@context-mesh/common";
import * as Y from "yjs";
import { dominates } from "../causal/dominance.ts";
import { Digest } from "../digest/digest.ts";
import { fingerprintOf } from "../digest/fingerprint.ts";
import { levelOf } from "../entry/meta.ts";
import type {
  Applied,
  ArrivedEntry,
  Candidate,
  Draft,
  DraftRequest,
  Entry,
  IntegrityEvent,
  Key,
  PolicyFor,
  Published,
  Reading,
  WriterIdentity,
} from "../entry/types.ts";
import { WriterArrays } from "./arrays.ts";
import { DocTap, type Gathered } from "./doc-tap.ts";
import { draftEntry } from "./draft.ts";
import { EntryIndex, type Settled } from "./entry-index.ts";
import { Intake, noClient } from "./intake.ts";
import { OwnWriter } from "./own-writer.ts";
import type { Present } from "./present.ts";
import { PublicationPlan } from "./publication.ts";
import { ReadingMemo } from "./reading-memo.ts";
import { Showing } from "./showing.ts";
import type { OnApplied, ReplicaEvents, ReplicaSurface } from "./surface.ts";

export interface ReplicaOptions {
  readonly policyFor: PolicyFor;
  /** Wall clock in ms since 1970. */
  readonly now: () => number;
  readonly logger?: Logger;
}

/** The origin of updates that another process of the same store wrote under the same identity. */
const ownOrigin = "own";
const emptyUpdate = (): Uint8Array => Uint8Array.of(0, 0);
const noKeys: ReadonlySet<Key> = new Set();

export class Replica implements ReplicaSurface {
  readonly #options: ReplicaOptions;
  readonly #doc = new Y.Doc();
  readonly #arrays: WriterArrays;
  readonly #index: EntryIndex;
  readonly #showing: Showing;
  readonly #readings = new ReadingMemo();
  readonly #digest: Digest;
  readonly #tap: DocTap;
  readonly #intake: Intake;
  readonly #events: Emitter<ReplicaEvents>;
  readonly #own: OwnWriter;
  #fingerprint: string | undefined;
  /** Above 0 while a method of ours is at work, which reports by itself. */
  #depth = 0;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#doc.clientID = noClient;
    this.#arrays = new WriterArrays(this.#doc);
    this.#index = new EntryIndex(options.now);
    this.#own = new OwnWriter(this.#index, options.now);
    this.#showing = new Showing(this.#index);
    this.#digest = new Digest(this.#index);
    this.#tap = new DocTap(this.#doc, this.#index, this.#arrays, (settled) => this.#onSettled(settled));
    this.#intake = new Intake(this.#doc, this.#index);
    this.#events = new Emitter<ReplicaEvents>(options.logger);
    this.#doc.on("afterAllTransactions", () => {
      if (this.#depth === 0) this.#report(this.#tap.take());
    });
  }

  // ---- life

  load(updates: readonly Uint8Array[]): void {
    atOnce(this.loading(updates));
  }

  *loading(updates: readonly Uint8Array[], onApplied?: OnApplied): Steps<void> {
    if (this.identity !== undefined || this.#doc.store.clients.size > 0) {
      throw new Error("invariant violated: a replica is loaded once, before it has an identity");
    }
    this.#depth += 1;
    try {
      yield* this.#tap.load(updates, () => onApplied?.(this.vector()));
      this.#intake.dropPending();
      this.#report(this.#tap.take());
    } finally {
      this.#depth -= 1;
    }
  }

  setIdentity(identity: WriterIdentity): void {
    this.#own.become(identity);
    this.#doc.clientID = identity.clientId;
  }

  get identity(): WriterIdentity | undefined {
    return this.#own.identity;
  }

  get identityLost(): boolean {
    return this.#own.isLost;
  }

  get ydoc(): Y.Doc {
    return this.#doc;
  }

  destroy(): void {
    this.#events.clear();
    this.#doc.destroy();
  }

  on<N extends keyof ReplicaEvents>(name: N, listener: (event: ReplicaEvents[N]) => void): Unsubscribe {
    return this.#events.on(name, listener);
  }

  // ---- what is known

  vector(): Map<number, number> {
    const vector = new Map<number, number>();
    for (const client of this.#doc.store.clients.keys()) vector.set(client, Y.getState(this.#doc.store, client));
    return vector;
  }

  encodeVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc);
  }

  diff(vector: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, vector);
  }

  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  ownClock(): number {
    return this.identity === undefined ? 0 : Y.getState(this.#doc.store, this.identity.clientId);
  }

  get held(): { readonly count: number; readonly bytes: number } {
    return { count: this.#intake.held.count, bytes: this.#intake.held.bytes };
  }

  digest(): string {
    return this.#digest.value();
  }

  fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#doc);
    return this.#fingerprint;
  }

  hlc(): number {
    return this.#own.hlc();
  }

  nextHlc(): number {
    return this.#own.nextHlc();
  }

  // ---- reading

  read(key: Key): Reading {
    return this.#readings.read(key, this.#showing.shown(key), this.#options.policyFor(key), this.identity?.writer);
  }

  valueOf(key: Key): JsonValue | undefined {
    const sole = this.#showing.isQueued(key) ? undefined : this.#index.sole(key);
    return sole === undefined ? this.read(key).winner?.value : sole.value;
  }

  present(key: Key): readonly Candidate[] {
    return this.#index.all(key);
  }

  has(key: Key): boolean {
    return this.#index.has(key) || this.#showing.isQueued(key);
  }

  keys(prefix = ""): Iterable<Key> {
    return this.#showing.keys(prefix);
  }

  conflictKeys(): Iterable<Key> {
    return this.#showing.conflicts;
  }

  agentOf(writer: string): string {
    return this.#index.home(writer)?.agent ?? writer;
  }

  *agents(): Iterable<string> {
    for (const home of this.#index.homes()) if (home.agent !== home.writer) yield home.agent;
  }

  // ---- taking in

  apply(update: Uint8Array, origin: string): Applied {
    return this.#atWork(() => {
      const outline = this.#intake.scan(update);
      if (outline === undefined) return this.#applied("refused");
      if (origin !== ownOrigin) this.#own.checkClock((client) => this.#intake.isAhead(outline, client));
      const outcome = this.#intake.take(update, outline, origin);
      return this.#applied(outcome === "taken" ? "applied" : outcome);
    });
  }

  salvage(origin: string): Applied {
    return this.#atWork(() => {
      const outcome = this.#intake.salvage(origin);
      return this.#applied(outcome === "taken" ? "applied" : outcome);
    });
  }

  #applied(outcome: "applied" | "held" | "refused"): Applied {
    const gathered = this.#tap.take();
    for (const entry of gathered.added) this.#own.checkSeq(entry);
    const kind: Applied["kind"] = outcome === "applied" && gathered.update === undefined ? "known" : outcome;
    const arrived = gathered.added.filter((entry) => this.#index.current(entry.key).includes(entry)).map(toArrived);
    const integrity = this.#report(gathered);
    const applied = { kind, keys: gathered.keys, arrived, integrity };
    return gathered.update === undefined ? applied : { ...applied, update: gathered.update };
  }

  // ---- writing

  enqueue(entry: Entry): void {
    this.#own.note(entry);
    this.#showing.enqueue(entry, this.identity?.agent ?? entry.writer);
    this.#events.emit("change", { keys: new Set([entry.key]), local: true });
  }

  dequeue(seqs: readonly number[]): void {
    const keys = this.#showing.dequeue(seqs);
    if (keys.length > 0) this.#events.emit("change", { keys: new Set(keys), local: true });
  }

  draft(request: DraftRequest): Draft {
    const { writer, agent } = this.#own.require();
    const own = this.#index.all(request.key).filter((present) => present.home.writer === writer);
    const publishedSeq = own.reduce((highest, present) => Math.max(highest, present.seq), 0);
    return draftEntry(request, { writer, agent, publishedSeq, shown: this.#showing.shown(request.key) });
  }

  restamp(entry: Entry, at: { readonly seq: number; readonly ownSeen: Uint8Array | undefined }): Draft {
    const { key, value, hlc, meta } = entry;
    const basis = Object.fromEntries(entry.seen);
    return this.draft({ key, value, hlc, basis, ...at, ...(meta === undefined ? {} : { meta }) });
  }

  publish(entries: readonly Entry[], nextSeq: () => number): Published {
    const identity = this.#own.require();
    if (entries.length === 0) return { update: emptyUpdate(), keys: noKeys, clock: this.ownClock() };
    return this.#atWork(() => {
      const home = this.#index.homeFor(identity.writer);
      const clock = this.ownClock();
      const hlc = entries[0]?.hlc ?? this.hlc();
      const plan = new PublicationPlan(entries, {
        identity,
        home,
        clock,
        hlc,
        nextSeq,
        all: (key) => this.#index.all(key),
      });
      for (const entry of entries) this.#own.note(entry);
      const published = new Set(entries.map((entry) => entry.seq));
      const dequeued = this.#showing.dequeue(published);
      this.#doc.transact((transaction) => {
        this.#arrays.append(identity.writer, clock, plan.raws);
        for (const doomed of plan.doomed) this.#arrays.delete(transaction, identity.clientId, doomed);
      }, "publish");
      const gathered = this.#tap.take();
      const keys = new Set([...gathered.keys, ...dequeued]);
      this.#report({ ...gathered, keys });
      return { update: gathered.update ?? emptyUpdate(), keys, clock: this.ownClock() };
    });
  }

  collect(peerVectors: readonly ReadonlyMap<number, number>[]): Uint8Array | undefined {
    const identity = this.#own.require();
    if (peerVectors.length === 0) return undefined;
    const isCovered = (entry: Present): boolean =>
      peerVectors.every((vector) => (vector.get(entry.home.clientId) ?? 0) > entry.clock);
    const isDoomed = (entry: Present): boolean =>
      this.#mayDelete(entry, identity) &&
      isCovered(entry) &&
      this.#index.all(entry.key).some((other) => dominates(other, entry) && isCovered(other));
    return this.#delete([...this.#index.dominated].filter(isDoomed), "collect");
  }

  prune(
    entries: readonly { readonly key: Key; readonly writer: string; readonly seq: number }[],
  ): Uint8Array | undefined {
    const doomed = entries.flatMap(({ key, writer, seq }) =>
      this.#index.all(key).filter((present) => present.writer === writer && present.seq === seq),
    );
    return this.#delete(doomed, "prune");
  }

  #delete(doomed: readonly Present[], origin: string): Uint8Array | undefined {
    if (doomed.length === 0) return undefined;
    return this.#atWork(() => {
      this.#doc.transact((transaction) => {
        for (const { home, clock } of doomed) this.#arrays.delete(transaction, home.clientId, clock);
      }, origin);
      const gathered = this.#tap.take();
      this.#report(gathered);
      return gathered.update;
    });
  }

  #mayDelete(entry: Present, identity: WriterIdentity): boolean {
    if (entry.home.writer === identity.writer) return true;
    const home = this.#index.home(entry.home.writer);
    return home !== undefined && home.hlcMax < this.#options.now() - limits.silentWriterMs;
  }

  // ---- telling

  #onSettled(settled: Settled): void {
    this.#fingerprint = undefined;
    this.#digest.note(settled);
    for (const key of settled.keys()) this.#showing.refresh(key);
  }

  #report(gathered: Gathered): readonly IntegrityEvent[] {
    const integrity = this.#index.takeFaults();
    for (const event of integrity) this.#events.emit("integrity", event);
    if (gathered.keys.size > 0) this.#events.emit("change", { keys: gathered.keys, local: gathered.isLocal });
    return integrity;
  }

  #atWork<T>(work: () => T): T {
    this.#depth += 1;
    try {
      return work();
    } finally {
      this.#depth -= 1;
    }
  }
}

const toArrived = (entry: Present): ArrivedEntry => ({
  key: entry.key,
  writer: entry.writer,
  seq: entry.seq,
  level: levelOf(entry.raw[3]),
  agent: entry.agent,
  hlc: entry.hlc,
});
