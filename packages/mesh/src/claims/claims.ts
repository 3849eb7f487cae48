/**
 * The claims of one node: takes them, renews them, gives them back, and watches that they still win. Own leases live in
 * the store, so that several processes of one agent act under them.
 */

import {
  type Emitter,
  MeshError,
  messageOf,
  pick,
  Releases,
  type Timer,
  untilAborted,
  whenAborted,
} from "@context-mesh/common";
import { isOver, type Lease, readAgent, readyTasks, remainingMs, type Wish, wantsOf } from "@context-mesh/coordination";
import { agentPrefix, type Change, claimPrefix, itemEntity } from "@context-mesh/document";
import type {
  ClaimOptions,
  ClaimRefused,
  ClaimResult,
  ClaimsApi,
  ClaimTarget,
  HolderView,
  LeaseApi,
  LeaseLoss,
  MeshEvents,
} from "../api/types.ts";
import type { NodeCore } from "../node/core.ts";
import type { LeaseWatch, Under } from "../operate/desk.ts";
import type { ClaimEnds } from "../operate/task-acts.ts";
import { type ActTools, actUnder } from "./acting.ts";
import { ClaimRoom, claimedTasks } from "./claim-room.ts";
import { claimTask, leaseProblem } from "./claiming.ts";
import { giveAway, renewLease } from "./keeping.ts";
import { LeaseHandle, type LeaseHost } from "./lease-handle.ts";
import { refusal } from "./refusals.ts";

/** What claims need of the node around them. */
export interface ClaimTools extends ActTools {
  tellHandover(task: string, to: string, options: { readonly summary?: string; readonly document?: string }): void;
}

/** A claim that is being asked for, once for all who wait for it. */
interface Asking {
  /** Settled when a claim that nobody waits for any more is given back, too. */
  readonly result: Promise<ClaimResult>;
  /** Who has not called it off. */
  waiters: number;
  isGivenBack: boolean;
}

/** Whether the lease was made by this claim: only such a one is given back when it was called off. */
interface Answered {
  readonly result: ClaimResult;
  readonly made?: LeaseHandle;
}

export class Claims implements ClaimsApi, ClaimEnds, LeaseWatch {
  readonly room: ClaimRoom;
  readonly #events: Emitter<MeshEvents>;
  readonly #handles = new Map<string, LeaseHandle>();
  readonly #busy = new Map<string, Asking>();
  readonly #releases = new Releases();
  #tools: ClaimTools | undefined;

  constructor(core: NodeCore, events: Emitter<MeshEvents>) {
    this.room = new ClaimRoom(core);
    this.#events = events;
  }

  /** Before `start`. */
  equip(tools: ClaimTools): void {
    this.#tools = tools;
  }

  start(): void {
    this.room.observeAll();
    this.#releases.add(this.room.core.on("change", ({ keys, all }) => this.#changed(keys, all)));
  }

  async stop(): Promise<void> {
    await this.#releases.release();
    for (const handle of this.#handles.values()) handle.stop();
    this.#handles.clear();
    this.room.core.arbiter.close();
    this.room.records.save();
  }

  claim(target: ClaimTarget, options: ClaimOptions = {}): Promise<ClaimResult> {
    return untilAborted(options.signal, () => this.#claim(target, options));
  }

  /** A claim that was called off is still being asked for or given back. */
  get isGivingBack(): boolean {
    return [...this.#busy.values()].some(({ waiters }) => waiters === 0);
  }

  async #claim(target: ClaimTarget, options: ClaimOptions): Promise<ClaimResult> {
    const problem = options.leaseMs === undefined ? undefined : leaseProblem(options.leaseMs);
    if (problem !== undefined) return problem;
    if (typeof target === "string" && target !== "next")
      return this.#claimOnce(target, options, this.#capabilities({}));
    return this.#claimNext(typeof target === "string" ? {} : target, options);
  }

  steal(task: string, options: Omit<ClaimOptions, "steal"> = {}): Promise<ClaimResult> {
    return this.claim(task, { ...options, steal: true });
  }

  lease(task: string): LeaseHandle | undefined {
    const known = this.#handles.get(task);
    if (known !== undefined) known.check();
    const record = this.room.records.get(task);
    if (record === undefined) return undefined;
    const current = this.#handles.get(task);
    if (current?.lease.nonce === record.nonce) return current;
    return this.#handle(record, false);
  }

  leases(): readonly LeaseApi[] {
    return this.room.records.all().flatMap(({ task }) => this.lease(task) ?? []);
  }

  holder(task: string): HolderView | undefined {
    const ownership = this.room.ownership(task);
    if (ownership === undefined) return undefined;
    const { agent, kind, standing, entry } = ownership;
    const own = entry.writer === this.room.core.replicas.identity.writer && entry.claim.state === "held";
    const record = own ? this.room.records.get(task) : undefined;
    const ownLeftMs = record === undefined ? 0 : remainingMs(record, this.room.now());
    const leftMs = Math.round(own ? ownLeftMs : this.room.leftMs(ownership));
    const offered = entry.claim.state === "offered";
    return { agent, kind, fence: standing[0], epoch: standing[1], own, expired: leftMs <= 0, leftMs, offered };
  }

  holders(): ReadonlyMap<string, HolderView> {
    const found = new Map<string, HolderView>();
    for (const task of claimedTasks(this.room.core.replicas.replica.keys(`${claimPrefix}/`))) {
      const holder = this.holder(task);
      if (holder !== undefined) found.set(task, holder);
    }
    return found;
  }

  /** Under which lease of this store a task is written; undefined when there is none. */
  under(task: string): Under | undefined {
    const record = this.room.records.get(task);
    if (record === undefined) return undefined;
    return { standing: record.standing, isStale: !this.#stands(record) };
  }

  /** A write under a lease that was no lease any more: its holder has now been told. */
  toldStale(task: string): void {
    const record = this.room.records.get(task);
    if (record === undefined) return;
    const reason = this.#wins(record) ? "expired" : "overtaken";
    (this.#handles.get(task) ?? this.#handle(record, false)).end(reason, this.#winner(task));
  }

  /** What completing a task under a lease also writes: the claim goes back, in the same transaction. */
  ending(task: string): readonly Change[] {
    const record = this.room.records.get(task);
    const entry = this.room.ownership(task)?.entry;
    if (record === undefined || entry === undefined || entry.claim.nonce !== record.nonce) return [];
    return [this.room.claimChange(task, entry.kind, { ...entry.claim, state: "released" }, false)];
  }

  /** The task is completed and the claim given back: tell the arbiter, without waiting for it. */
  ended(task: string): void {
    const record = this.room.records.get(task);
    if (record === undefined) return;
    const { arbiter } = this.room;
    if (record.kind === "confirmed" && arbiter !== undefined) void this.room.ask(arbiter, "release", record);
    (this.#handles.get(task) ?? this.#handle(record, false)).end("released", undefined);
  }

  async #claimOnce(task: string, options: ClaimOptions, capabilities: readonly string[]): Promise<ClaimResult> {
    const { signal } = options;
    let asking = this.#busy.get(task);
    // What is being given back is nothing to share: it is claimed anew afterwards.
    for (; asking?.isGivenBack === true; asking = this.#busy.get(task)) await asking.result;
    signal?.throwIfAborted();
    asking ??= this.#ask(task, options, capabilities);
    const joined = asking;
    joined.waiters += 1;
    const stopWaiting = whenAborted(signal, () => {
      joined.waiters -= 1;
    });
    return joined.result.finally(stopWaiting);
  }

  #ask(task: string, options: ClaimOptions, capabilities: readonly string[]): Asking {
    const run = async (): Promise<ClaimResult> => {
      try {
        const { result, made } = await this.#claimOne(task, options, capabilities, () => asking.waiters > 0);
        asking.isGivenBack = made !== undefined && asking.waiters === 0;
        if (made !== undefined && asking.isGivenBack) await this.#giveBack(made);
        return result;
      } finally {
        this.#busy.delete(task);
        // Who leaves waits for what is being given back.
        if (asking.waiters === 0) this.room.core.emit("progress", undefined);
      }
    };
    const asking: Asking = { result: run(), waiters: 0, isGivenBack: false };
    this.#busy.set(task, asking);
    return asking;
  }

  /** Nobody waits for an answer here, so a failure is logged. The lease is renewed no more, whatever comes of it. */
  async #giveBack(lease: LeaseHandle): Promise<void> {
    const { task } = lease;
    const failed = (error: string): void => {
      const told = "a claim that was called off could not be given back; it ends when its lease has passed";
      this.room.core.options.logger.warn({ task, error }, told);
      lease.end("released", undefined);
    };
    try {
      const answer = await lease.release();
      if (!answer.ok && answer.reason !== "overtaken") failed(answer.detail);
    } catch (error) {
      failed(messageOf(error));
    }
  }

  async #claimOne(
    task: string,
    options: ClaimOptions,
    capabilities: readonly string[],
    isWanted: () => boolean,
  ): Promise<Answered> {
    const own = this.lease(task);
    if (own?.isHeld && options.steal !== true && (own.kind === "confirmed" || options.confirmed !== true)) {
      const renewed = await own.renew();
      if (renewed.ok) return { result: { ok: true, kind: own.kind, task, lease: own, receipt: renewed.receipt } };
    }
    const claimed = await claimTask(this.room, task, options, capabilities, isWanted);
    if (!claimed.ok) return { result: claimed };
    // A claim of this store that the new one took the place of.
    this.#handles.get(task)?.end("overtaken", this.room.core.options.agent.id);
    const lease = this.#handle(claimed.lease, options.autoRenew ?? true);
    return { result: { ok: true, kind: lease.kind, task, lease, receipt: claimed.receipt }, made: lease };
  }

  async #claimNext(wish: Wish, options: ClaimOptions): Promise<ClaimResult> {
    const { core } = this.room;
    const problem = this.#wishProblem(wish);
    if (problem !== undefined) return problem;
    core.replicas.catchUp();
    const capabilities = this.#capabilities(wish);
    const tried = new Set<string>();
    for (;;) {
      const ready = readyTasks(core.replicas.view, { roles: core.options.agent.roles, capabilities }, wish);
      const free = ready.filter(({ id }) => !tried.has(id) && this.#isFree(id));
      if (free.length === 0) return refusal("nothing_ready", this.#whyNothing(ready.length));
      // The first one; after a race was lost any, so that many agents do not run after one another.
      const { id } = tried.size === 0 ? (free[0] as { id: string }) : pick(core.options.random, free);
      tried.add(id);
      const result = await this.#claimOnce(id, options, capabilities);
      if (result.ok || (result.reason !== "held" && result.reason !== "finished")) return result;
    }
  }

  /** What it was registered with, and what it says it can now. */
  #capabilities({ capability }: Wish): readonly string[] {
    const { core } = this.room;
    const record = core.replicas.replica.valueOf(itemEntity(agentPrefix, core.options.agent.id));
    const registered = readAgent(core.options.agent.id, record)?.capabilities ?? [];
    return capability === undefined ? registered : [...registered, capability];
  }

  #isFree(task: string): boolean {
    const { state } = this.room.holding(task);
    return state === "free" || state === "offered" || state === "expired" || (state === "own" && !this.under(task));
  }

  #whyNothing(ready: number): string {
    return ready === 0 ? "no task is ready for this agent" : "every ready task is held by somebody";
  }

  #wishProblem({ role }: Wish): ClaimRefused | undefined {
    if (role === undefined) return undefined;
    const { core } = this.room;
    if (core.options.agent.roles.includes(role)) return undefined;
    const isAsked = core.replicas.view.tasks().some(({ fields }) => wantsOf(fields).roles.includes(role));
    if (!isAsked)
      return refusal("unknown_role", `no task asks for the role \`${role}\`, and this agent does not have it`);
    return refusal("wrong_role", `this agent does not have the role \`${role}\``);
  }

  #wins(lease: Lease): boolean {
    const { writer } = this.room.core.replicas.identity;
    return this.room.ownership(lease.task)?.entry.claim.nonce === lease.nonce && lease.writer === writer;
  }

  #stands(lease: Lease): boolean {
    return this.#wins(lease) && !isOver(lease, this.room.now());
  }

  #winner(task: string): string | undefined {
    return this.room.ownership(task)?.agent;
  }

  #handle(lease: Lease, renewsItself: boolean): LeaseHandle {
    const handle = new LeaseHandle(this.#host, lease, renewsItself);
    this.#handles.set(lease.task, handle);
    return handle;
  }

  #changed(keys: Iterable<string>, all: boolean): void {
    if (all) this.room.observeAll();
    const tasks = all ? this.#handles.keys() : this.room.note(keys);
    for (const task of [...tasks]) {
      const handle = this.#handles.get(task);
      if (handle === undefined || handle.signal.aborted) continue;
      handle.check();
      if (!handle.signal.aborted && !this.#wins(handle.lease)) this.#lose(handle);
    }
  }

  #lose(handle: LeaseHandle): void {
    const isRenewed = handle.lease.writer !== this.room.core.replicas.identity.writer;
    const winner = this.#winner(handle.task);
    if (isRenewed) handle.end("identity", winner);
    else handle.end(winner === undefined ? "released" : "overtaken", winner);
  }

  readonly #host: LeaseHost = {
    nowFor: (lease) => remainingMs(lease, this.room.now()),
    current: (lease) => {
      const record = this.room.records.get(lease.task);
      return record?.nonce === lease.nonce ? record : undefined;
    },
    act: (handle, write, options) => {
      if (this.#tools === undefined)
        throw new MeshError("not_started", "the node is not started", { hint: "Start it." });
      const isStale = handle.signal.aborted || !this.#stands(handle.lease);
      const under = { standing: handle.lease.standing, isStale };
      return actUnder(this.#tools, handle.task, under, write, options).answer(this.#winner(handle.task));
    },
    renew: (handle) => renewLease(this.room, handle, () => this.#wins(handle.lease)),
    release: (handle) => giveAway(this.room, handle, undefined),
    handOver: async (handle, to, options) => {
      const answer = await giveAway(this.room, handle, to);
      if (answer.ok) this.#tools?.tellHandover(handle.task, to, options);
      return answer;
    },
    after: (delayMs, then): Timer => this.room.core.options.clock.after(delayMs, then),
    failed: (handle, error) => {
      const { task } = handle;
      this.room.core.options.logger.warn(
        { task, error: messageOf(error) },
        "a lease could not be renewed; trying again",
      );
    },
    winner: (task) => this.#winner(task),
    ended: (handle, loss) => this.#ended(handle, loss),
  };

  #ended(handle: LeaseHandle, loss: LeaseLoss): void {
    if (this.#handles.get(handle.task) === handle) this.#handles.delete(handle.task);
    this.room.records.drop(handle.lease);
    const isLost = loss.reason === "overtaken" || loss.reason === "expired" || loss.reason === "identity";
    if (isLost) this.#events.emit("claim_lost", loss);
  }
}
