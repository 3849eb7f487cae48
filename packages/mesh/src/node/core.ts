/**
 * The engine of one document on one node: replica in its store, outbox, relay links, presence, receipts. It knows nothing
 * of tasks or decisions; the archive of a room runs on a second one.
 */

import {
  Emitter,
  limits,
  messageOf,
  orThrow,
  randomId,
  type Startable,
  Starter,
  type Step,
  type StopStep,
} from "@context-mesh/common";
import { writerOfClient } from "@context-mesh/document";
import type { AgentTransaction, Identity } from "@context-mesh/ports";
import { encodeStateVector, encodeStep1, type StateVector } from "@context-mesh/protocol";
import { ArbiterClient } from "../claims/arbiter-client.ts";
import type { PeerProof } from "../presence/presence.ts";
import { Presence } from "../presence/presence.ts";
import type { QueuedEntry } from "../replica/queue.ts";
import { ReplicaStore } from "../replica/replica-store.ts";
import type { Reach } from "../sync/ack-window.ts";
import { EarlyDialer } from "../sync/early-dialer.ts";
import { dialOptions, RelayLink } from "../sync/link.ts";
import type { LinkEnd } from "../sync/link-host.ts";
import { RelayPositions } from "../sync/positions.ts";
import { Publisher } from "../write/publisher.ts";
import { ReceiptBook } from "../write/receipts.ts";
import { OutboxScheduler } from "../write/scheduler.ts";
import { SyncLog } from "../write/sync-log.ts";
import { Writer } from "../write/writer.ts";
import type { CoreSurface } from "./core-surface.ts";
import type { CoreEvents, CoreOptions } from "./core-types.ts";
import { DigestWatch } from "./digest-watch.ts";
import { Incidents } from "./incidents.ts";
import { linkHostFor } from "./link-host.ts";
import { makeReplica } from "./make-replica.ts";
import { mend } from "./mend.ts";
import { Posts } from "./posts.ts";
import { startLinks } from "./start-links.ts";
import { Upkeep } from "./upkeep.ts";

export class NodeCore extends Emitter<CoreEvents> implements CoreSurface, Startable {
  readonly options: CoreOptions;
  readonly replicas: ReplicaStore;
  readonly receipts = new ReceiptBook();
  readonly publisher: Publisher;
  readonly writer: Writer;
  readonly scheduler: OutboxScheduler;
  readonly syncLog: SyncLog;
  readonly positions = new RelayPositions();
  readonly presence: Presence;
  readonly arbiter: ArbiterClient;
  readonly digests: DigestWatch;
  readonly incidents: Incidents;
  readonly links: readonly RelayLink[];
  readonly dialer: EarlyDialer;
  readonly upkeep: Upkeep;
  readonly posts: Posts;
  /** One voice a process: several processes of one agent are several ids on the wire. */
  readonly wireId: number;
  readonly sessionId: string;
  /** What this process published. */
  readonly sent = { entries: 0, bytes: 0 };
  readonly #starter: Starter;
  #mending: Promise<void> | undefined;
  #isStarted = false;

  constructor(options: CoreOptions) {
    super(options.logger);
    this.options = options;
    const { clock, logger, random, store } = options;
    this.wireId = 1 + random.int(2 ** 31 - 1);
    this.sessionId = randomId(random);
    this.replicas = new ReplicaStore({
      store,
      clock,
      logger,
      makeReplica: () => makeReplica({ now: () => clock.wallMs(), logger }),
      newIdentity: (former) => this.#newIdentity(former),
    });
    this.publisher = new Publisher({ replicas: this.replicas, clock, logger });
    this.syncLog = new SyncLog({ clock, agent: options.agent.id, save: (write) => this.#save(write) });
    this.digests = new DigestWatch(this.replicas);
    this.incidents = new Incidents(clock);
    this.on("integrity", ({ code, detail }) => this.incidents.note(code, detail));
    this.scheduler = this.#makeScheduler();
    this.writer = this.#makeWriter();
    this.posts = new Posts(this);
    this.presence = this.#makePresence();
    this.arbiter = new ArbiterClient(clock);
    this.dialer = new EarlyDialer(options.dialer, clock);
    const host = linkHostFor(this);
    this.links = [...new Set(options.relays)].map((url) => new RelayLink(url, options.path, host));
    this.upkeep = new Upkeep(this);
    this.#starter = new Starter({ clock, steps: this.#steps() });
  }

  /** Some relay takes what is written. */
  get isConnected(): boolean {
    return !this.options.readOnly && this.links.some((link) => link.isChecked);
  }

  /**
   * Entries may go into the document: some relay's vector was checked, or the identity is as old as this process and
   * nobody can have used it before.
   */
  get canAppend(): boolean {
    const { readOnly, store } = this.options;
    return !readOnly && (store.isOneOff === true || this.isConnected);
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Local state is loaded when this resolves; relays are dialled in the background. */
  async start(): Promise<void> {
    this.#isStarted = true;
    orThrow(await this.#starter.start());
  }

  async stop(): Promise<void> {
    await this.#starter.stop();
  }

  #steps(): readonly Step[] {
    const { receipts, syncLog, upkeep, scheduler, presence } = this;
    return [
      { name: "handshakes", start: () => this.#dialEarly() },
      {
        name: "replica",
        needs: { handshakes: "required" },
        start: () => this.#openReplica(),
      },
      {
        name: "writing",
        needs: { replica: "required" },
        start: () => {
          this.#wire();
          upkeep.start();
          scheduler.start();
          return () => {
            scheduler.stop();
            upkeep.stop();
            syncLog.stop();
            receipts.close();
          };
        },
      },
      { name: "relays", needs: { writing: "required" }, start: () => this.#startLinks() },
      // It says goodbye over the links, so it stops before them.
      {
        name: "presence",
        needs: { replica: "required", relays: "required" },
        start: () => {
          presence.start();
          return () => presence.stop();
        },
      },
    ];
  }

  /** While a large document is loaded the handshakes with its relays go on. */
  get #loadsInTurns(): boolean {
    const { store, startMode } = this.options;
    return startMode === "parallel" && this.links.length > 0 && store.health().bytes > limits.loadAtOnceBytesMax;
  }

  #openReplica(): StopStep | Promise<StopStep> {
    const { replicas } = this;
    const opened = (): StopStep => {
      replicas.store.view((view) => this.positions.load(view, replicas.identity.writer));
      return () => replicas.close();
    };
    if (this.#loadsInTurns) return replicas.openInTurns((vector) => this.#askEarly(vector)).then(opened);
    replicas.open();
    return opened();
  }

  #dialEarly(): StopStep {
    if (this.#loadsInTurns)
      for (const link of this.links) this.dialer.begin(link.address, dialOptions(true, this.options.token));
    return () => this.dialer.stop();
  }

  /**
   * What the relays hold beyond the stored document comes while its index is built. Who hears only its groups says so first,
   * in the hello.
   */
  #askEarly(vector: StateVector): void {
    const { agent, store } = this.options;
    if (agent.groups.length === 0 && store.condition === "intact")
      this.dialer.ask(encodeStep1(encodeStateVector(vector)));
  }

  #startLinks(): StopStep {
    const { startMode } = this.options;
    return startLinks({ links: this.links, startMode, onRelay: (listener) => this.on("relay", listener) });
  }

  /** Committed own bytes, to every relay that was checked. */
  send(update: Uint8Array): void {
    for (const link of this.links) link.push(update);
  }

  told(link: LinkEnd, ownClock: number): void {
    if (!this.positions.told(link.url, link.relayId, ownClock)) return;
    this.#prove(link);
    this.emit("integrity", {
      code: "relay_behind",
      detail: `${link.url} lacks entries that it had acknowledged; they are sent again`,
    });
  }

  proven(link: LinkEnd, reach: Reach, state: "relayed" | "durable"): void {
    this.positions.proven(link.url, link.relayId, reach, state);
    this.#prove(link);
    this.syncLog.proven(reach.mark, link.url, state);
    this.upkeep.positionsChanged();
    this.emit("progress", undefined);
  }

  synced(link: LinkEnd): void {
    const session = this.links.find((candidate) => candidate.url === link.url)?.session;
    this.syncLog.add({
      operation: "join",
      level: "session",
      bytes: (session?.bytes.received ?? 0) + (session?.bytes.sent ?? 0),
      durationMs: Math.round(session?.ageMs ?? 0),
      result: "ok",
      detail: link.url,
    });
    this.emit("relay", { url: link.url });
  }

  linkChanged(link: LinkEnd): void {
    const { state, lastError } = this.links.find((candidate) => candidate.url === link.url) ?? {};
    const isFirstFailure = state?.name === "waiting" && state.memory.attempt === 1;
    if (isFirstFailure || (state?.name === "stopped" && state.reason !== "left")) {
      const result = lastError?.code ?? state.reason;
      this.syncLog.add({ operation: "connect", level: "session", bytes: 0, durationMs: 0, result, detail: link.url });
    }
    this.emit("relay", { url: link.url });
  }

  /** Peers at the same knowledge must show the same. */
  compareDigests(): void {
    for (const peer of this.digests.compare(this.presence.proofs()).different) {
      const detail = `${peer.agent} knows the same and shows something else`;
      this.emit("integrity", { code: "digest_mismatch", detail });
      this.#mending ??= this.#mend(peer).finally(() => {
        this.#mending = undefined;
      });
    }
  }

  /** Re-reads the store, builds the replica from it again, and compares the two. What is wrong, in words. */
  verify(): readonly string[] {
    const { replicas } = this;
    const health = replicas.store.verify();
    const isSaved = replicas.commitReceived();
    return [...health.problems, ...(isSaved ? replicas.compareWithStore() : ["received updates cannot be saved"])];
  }

  async #mend(peer: PeerProof): Promise<void> {
    try {
      const outcome = await mend(this, peer);
      this.emit("integrity", {
        code: `digest_${outcome}`,
        detail: `asked the relays who is right, ${peer.agent} or we`,
      });
    } catch (error) {
      this.options.logger.warn({ error: messageOf(error) }, "no relay could be asked for its whole state");
    }
  }

  #prove(link: LinkEnd): void {
    const { durable, relayed } = this.positions.of(link.url);
    const { url, relayId } = link;
    this.receipts.prove({ url, relayId, durable: durable.mark, relayed: relayed.mark });
  }

  #wire(): void {
    const { replicas, publisher, receipts } = this;
    replicas.on("change", (event) => this.emit("change", event));
    replicas.on("integrity", (event) => this.emit("integrity", event));
    replicas.on("foreignPublication", ({ update }) => {
      publisher.noteForeign();
      this.send(update);
    });
    replicas.on("foreignQueue", ({ added, removed }) => {
      this.#settleForeign(removed);
      if (added.length > 0 && this.canAppend) this.scheduler.appendable();
      this.emit("progress", undefined);
    });
    replicas.on("renewed", ({ identity, reason, seqs }) => {
      receipts.restamped(seqs);
      this.positions.renewed();
      const detail = `${reason}: incarnation ${identity.incarnation} is writer ${identity.writer}`;
      if (identity.incarnation > 1) this.emit("integrity", { code: "incarnation_renewed", detail });
      if (this.canAppend) this.scheduler.appendable();
    });
    publisher.on("published", ({ update, seqs, mark, level }) => {
      receipts.published(seqs, mark);
      this.sent.entries += seqs.length;
      this.sent.bytes += update.length;
      this.syncLog.pushStarted({ mark, level, bytes: update.length });
      this.send(update);
      this.emit("progress", undefined);
    });
  }

  /** Another process of this agent took entries out of the queue: into the document, or for a newer value. */
  #settleForeign(removed: readonly QueuedEntry[]): void {
    const { replica, identity } = this.replicas;
    for (const { entry } of removed) {
      const isPublished = replica
        .read(entry.key)
        .candidates.some((candidate) => candidate.writer === identity.writer && candidate.seq === entry.seq);
      if (isPublished) this.receipts.published([entry.seq], this.publisher.mark);
      else this.receipts.superseded([entry.seq]);
    }
  }

  #newIdentity(former: Identity | undefined): Identity {
    const { random, clock, agent } = this.options;
    const clientId = random.uint53();
    const incarnation = (former?.incarnation ?? 0) + 1;
    return { clientId, writer: writerOfClient(clientId), agent: agent.id, incarnation, createdAt: clock.wallMs() };
  }

  #save(write: (tx: AgentTransaction) => void): boolean {
    try {
      this.replicas.transact(({ tx }) => write(tx));
      return true;
    } catch (error) {
      this.options.logger.warn({ error: messageOf(error) }, "the sync log could not be saved; trying again later");
      return false;
    }
  }

  #makeScheduler(): OutboxScheduler {
    const { clock, mode, thresholds } = this.options;
    return new OutboxScheduler({
      clock,
      mode,
      thresholds,
      queue: this.replicas.queue,
      canAppend: () => this.canAppend,
      flush: (upTo) => this.publisher.flush(upTo),
      onFired: (trigger, report) => this.emit("fired", { trigger, report }),
    });
  }

  #makeWriter(): Writer {
    const { clock, mode, readOnly } = this.options;
    const { replicas, publisher, receipts } = this;
    return new Writer({
      replicas,
      publisher,
      receipts,
      clock,
      mode,
      readOnly,
      canAppend: () => this.canAppend,
      onWritten: (written) => {
        this.scheduler.written(written);
        this.emit("progress", undefined);
      },
    });
  }

  #makePresence(): Presence {
    const { clock, agent } = this.options;
    return new Presence({
      clock,
      agent,
      wireId: this.wireId,
      send: (states, url) => {
        for (const link of this.links) if (url === undefined || link.url === url) link.sendAwareness(states);
      },
      proof: () => this.digests.proof(),
      heard: (post) => this.posts.heard(post),
    });
  }
}
