/** The gate of one room: what is let in, in which order, and what becomes of the rest. */

import type { KnownState, UpdateScan } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import type { Member } from "../room/member.ts";
import type { Receipt } from "../session/acks.ts";
import { type BadPart, partsByClient, salvage } from "./by-client.ts";
import { type HeldUpdate, HeldUpdates, type ReadyQuestions } from "./held.ts";
import { isTooDeep, judge, type Part, type Verdict } from "./judge.ts";
import { Quarantine } from "./quarantine.ts";

export interface AdmissionOptions {
  readonly context: RelayContext;
  readonly room: string;
  readonly known: KnownState;
  /** Gives a new part to the next commit; returns its ticket. */
  readonly submit: (from: Member, part: Part) => number;
  /** The ticket of the last part submitted: who brings nothing new waits for that commit. */
  readonly lastTicket: () => number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #context: RelayContext;
  /** With what waits for a commit. */
  readonly #known: KnownState;
  readonly #held: HeldUpdates;
  readonly #quarantine: Quarantine;
  /** Clients of whom something was taken in since those that wait for it were looked at. */
  readonly #moved = new Set<number>();
  #isReleasing = false;
  /** Had to give way to others, oldest first. */
  readonly #displaced: HeldUpdate[] = [];
  #isGivingUp = false;
  readonly #questions: ReadyQuestions;
  #isStopped = false;

  constructor(options: AdmissionOptions) {
    const { context, room, known } = options;
    const { heldBytesMax: bytesMax, heldUpdatesMax: countMax, heldMs: timeMs } = context.limits;
    this.#options = options;
    this.#context = context;
    this.#known = known;
    this.#held = new HeldUpdates({ bytesMax, countMax, timeMs });
    this.#quarantine = new Quarantine(context, room);
    this.#questions = { isReady: (held) => this.#isReady(held), mayGoOn: () => context.turn.mayGoOn() };
  }

  /** Takes in one update. `isSound` tells whether Yjs decodes it, where that was found out before. */
  receive(from: Member, update: Uint8Array, isSound?: boolean): Receipt {
    const verdict = judge(this.#known, update, isSound);
    // Another relay may have merged what came in several updates: the rooms have to be the same.
    if (from.isPeer || !isTooDeep(verdict)) return this.#follow(from, update, verdict);
    return this.#follow(from, update, { kind: "refused", reason: "nesting_too_deep" });
  }

  /** Parts of a large update that were found bad in the background. */
  refuse(from: Member, bad: readonly BadPart[]): Receipt {
    if (!from.canWrite) return this.#refuseReadOnly(from);
    this.#context.metrics.add("updates_refused");
    for (const { update, reason, client, hash } of bad) this.#setAside(from, update, reason, client, hash);
    return this.#settledWithTheRest();
  }

  /** Known from elsewhere, and on disk. */
  absorb(scan: UpdateScan): void {
    this.#known.absorb(scan);
  }

  /** The room is gone: nothing more may be submitted. */
  stop(): void {
    this.#isStopped = true;
  }

  tick(nowMs: number): void {
    for (const held of this.#held.expire(nowMs)) this.#giveUp(held);
  }

  #follow(from: Member, update: Uint8Array, verdict: Verdict): Receipt {
    const { metrics } = this.#context;
    if (verdict.kind === "known") {
      metrics.add("updates_known");
      return this.#settledWithTheRest();
    }
    if (!from.canWrite) return this.#refuseReadOnly(from);
    return verdict.kind === "refused" ? this.#refuse(from, update, verdict.reason) : this.#take(from, verdict);
  }

  /** What one client wrote is set aside, the rest goes on; where that cannot be told apart, all of it. */
  #refuse(from: Member, update: Uint8Array, reason: string): Receipt {
    this.#context.metrics.add("updates_refused");
    const salvaged = salvage(update);
    if (salvaged === undefined) {
      this.#setAside(from, update, reason, 0);
      return this.#settledWithTheRest();
    }
    for (const part of salvaged.bad) this.#setAside(from, part.update, part.reason, part.client);
    const { rest } = salvaged;
    if (rest === undefined) return this.#settledWithTheRest();
    const verdict = judge(this.#known, rest);
    if (verdict.kind !== "refused") return this.#follow(from, rest, verdict);
    this.#setAside(from, rest, verdict.reason, 0);
    return this.#settledWithTheRest();
  }

  #settledWithTheRest(): Receipt {
    return { ticket: this.#options.lastTicket() };
  }

  /** A message whose part is held back is settled with that part. */
  #take(from: Member, verdict: Extract<Verdict, { kind: "new" | "gap" }>): Receipt {
    const receipt: Receipt = { ticket: undefined };
    if (verdict.kind === "new") {
      const ticket = this.#submit(from, verdict.part);
      if (verdict.held === undefined) receipt.ticket = ticket;
    }
    if (verdict.held !== undefined) this.#hold(from, verdict.held, receipt);
    if (verdict.kind === "new" && !this.#isReleasing) this.#releaseHeld();
    return receipt;
  }

  #submit(from: Member, part: Part): number {
    this.#known.absorb(part.scan);
    if (this.#held.size > 0) for (const { client } of part.scan.clients) this.#moved.add(client);
    this.#context.metrics.add("updates_new");
    return this.#options.submit(from, part);
  }

  /** Each release may close the gap of another: one update may set a thousand free, which is more than a turn has time for. */
  #releaseHeld(): void {
    for (const client of this.#moved) {
      for (;;) {
        const ready = this.#held.takeReady(client, this.#questions);
        if (ready === "later") {
          this.#releaseLater();
          return;
        }
        if (ready === undefined) break;
        this.#release(ready);
      }
      this.#moved.delete(client);
    }
  }

  #releaseLater(): void {
    this.#isReleasing = true;
    this.#inLaterTurn(() => {
      this.#isReleasing = false;
      this.#releaseHeld();
    });
  }

  #inLaterTurn(work: () => void): void {
    const { turn } = this.#context;
    turn.wait(() => {
      if (this.#isStopped) return;
      turn.hasTime();
      work();
      turn.worked();
    });
  }

  #release({ part, from, receipt }: HeldUpdate): void {
    const verdict = judge(this.#known, part.update, true);
    if (verdict.kind === "new") this.#submit(from, verdict.part);
    receipt.ticket = this.#options.lastTicket();
    // What is known by now has no commit of its own that would tell.
    if (verdict.kind !== "new") from.settle();
  }

  #isReady(held: HeldUpdate): boolean {
    for (const [client, clock] of held.missing) {
      if (this.#known.clock(client) <= clock) return false;
      held.missing.delete(client);
    }
    const { kind, missing } = this.#known.classify(held.part.scan);
    if (kind !== "gap") return true;
    held.missing = new Map(missing);
    return false;
  }

  #hold(from: Member, part: Part, receipt: Receipt): void {
    this.#context.metrics.add("updates_held");
    const heldMs = this.#context.clock.monotonicMs();
    const missing = new Map(this.#known.classify(part.scan).missing);
    this.#displaced.push(...this.#held.add({ part, from, receipt, missing, heldMs }));
    this.#giveUpDisplaced();
    from.ask();
  }

  /** One large update may displace a thousand. At least one goes for each that comes, so that they never grow in number. */
  #giveUpDisplaced(): void {
    for (;;) {
      const displaced = this.#displaced.shift();
      if (displaced === undefined) return;
      this.#giveUp(displaced);
      if (!this.#context.turn.mayGoOn()) break;
    }
    if (this.#isGivingUp || this.#displaced.length === 0) return;
    this.#isGivingUp = true;
    this.#inLaterTurn(() => {
      this.#isGivingUp = false;
      this.#giveUpDisplaced();
    });
  }

  #giveUp({ part, from, receipt }: HeldUpdate): void {
    this.#context.metrics.add("updates_held_expired");
    for (const { client, update } of partsByClient(part.update, part.scan)) this.#setAside(from, update, "gap", client);
    receipt.ticket = this.#options.lastTicket();
    from.settle();
  }

  #refuseReadOnly(from: Member): Receipt {
    this.#context.metrics.add("updates_read_only");
    this.#context.metrics.refuse("update", "read_only");
    from.setAside([{ client: 0, reason: "read_only" }]);
    return this.#settledWithTheRest();
  }

  #setAside(from: Member, update: Uint8Array, reason: string, client: number, hash?: string): void {
    this.#context.metrics.add("parts_set_aside");
    this.#context.metrics.refuse("update", reason);
    const at = this.#context.clock.wallMs();
    this.#quarantine.put({ at, reason, client, session: from.label, bytes: update }, hash);
    from.setAside([{ client, reason }]);
  }
}
