/**
 * `mesh.reservations`: who uses which shared thing. Written like tentative claims: at once here, seen by everybody, and when
 * two that exclude each other were made at the same time, one yields everywhere.
 */

import { type Emitter, limits, randomId } from "@context-mesh/common";
import {
  excludeEachOther,
  formatResource,
  parseResource,
  type Reservation,
  type ReservationMode,
  type Resource,
  reservationKey,
  reservationsIn,
  reservationValue,
  yieldsTo,
} from "@context-mesh/coordination";
import { contentId, reservationPrefix } from "@context-mesh/document";
import type { MeshEvents, Receipt, ReservationsApi, ReservationView, ReserveResult } from "../api/types.ts";
import { quietWrite } from "../messages/quiet-write.ts";
import type { ClaimRoom } from "./claim-room.ts";
import { leaseProblem } from "./claiming.ts";
import { refusal } from "./refusals.ts";

interface Wanted {
  readonly resource: Resource;
  readonly mode: ReservationMode;
  readonly leaseMs: number;
}

export class Reservations implements ReservationsApi {
  readonly #room: ClaimRoom;
  readonly #events: Emitter<MeshEvents>;

  constructor(room: ClaimRoom, events: Emitter<MeshEvents>) {
    this.#room = room;
    this.#events = events;
  }

  /** Returns the end of listening. */
  start(): () => void {
    this.#observe();
    return this.#room.core.on("change", ({ keys, all }) => {
      if (!all && ![...keys].some((key) => key.startsWith(`${reservationPrefix}/`))) return;
      this.#observe();
      this.#yieldWhereDue();
    });
  }

  reserve(text: string, options: { readonly mode?: ReservationMode; readonly leaseMs?: number } = {}): ReserveResult {
    const { mode = "exclusive", leaseMs = limits.leaseMsDefault } = options;
    const resource = parseResource(text);
    if (resource === undefined) return { ...refusal("bad_resource", `\`${text}\` names no resource`), overlaps: [] };
    const problem = leaseProblem(leaseMs);
    if (problem !== undefined) return { ...problem, overlaps: [] };
    return this.#take({ resource, mode, leaseMs });
  }

  renew(id: string): ReserveResult {
    const own = this.#all().find((reservation) => reservation.id === id && this.#isOwn(reservation));
    if (own !== undefined) return this.#take(own);
    return { ...refusal("bad_resource", `this agent has no reservation \`${id}\``), overlaps: [] };
  }

  release(named: string): Receipt {
    const { core } = this.#room;
    const resource = parseResource(named);
    const ids = resource === undefined ? [named] : [named, this.#idFor(resource)];
    const own = this.#all().find((reservation) => ids.includes(reservation.id) && this.#isOwn(reservation));
    if (own === undefined) {
      return core.writer.refuse({
        reason: "unknown_id",
        detail: `this agent has no reservation \`${named}\``,
        subject: named,
      });
    }
    const outcome = quietWrite(core, "reservation.release", () => [{ key: reservationKey(own.id), value: false }]);
    if (outcome.ok && outcome.receipt !== undefined) return outcome.receipt;
    return core.writer.refuse(outcome.ok ? { reason: "store_failed", detail: "nothing was written" } : outcome.refusal);
  }

  list(): readonly ReservationView[] {
    return this.#all().map((reservation) => this.#view(reservation));
  }

  /** One key an agent and resource, so that reserving again and again does not fill the room. */
  #idFor(resource: Resource): string {
    return contentId([this.#room.core.options.agent.id, formatResource(resource)]);
  }

  #take(wanted: Wanted): ReserveResult {
    const { core } = this.#room;
    const against = this.#all().filter((other) => this.#standsAgainst(other, wanted));
    if (against.length > 0) {
      const [first] = against as [Reservation];
      const detail = `${formatResource(wanted.resource)} overlaps ${formatResource(first.resource)} of ${first.agent}`;
      const overlaps = against.map((other) => this.#view(other));
      return { ...refusal("reserved", detail, { holder: first.agent }), overlaps };
    }
    const id = this.#idFor(wanted.resource);
    const { resource, mode, leaseMs } = wanted;
    const value = reservationValue({ resource, mode, leaseMs, nonce: randomId(core.options.random) });
    const outcome = quietWrite(core, "reservation.take", () => [{ key: reservationKey(id), value }]);
    if (!outcome.ok) {
      const reason = outcome.refusal.reason === "read_only" ? "read_only" : "store_failed";
      return { ...refusal(reason, outcome.refusal.detail), overlaps: [] };
    }
    const reservation = this.#all().find((candidate) => candidate.id === id);
    if (reservation === undefined || outcome.receipt === undefined) {
      return { ...refusal("store_failed", "the reservation is not in the room"), overlaps: [] };
    }
    return { ok: true, reservation: this.#view(reservation), receipt: outcome.receipt };
  }

  #standsAgainst(other: Reservation, wanted: Wanted): boolean {
    return !this.#isOwn(other) && !this.#isExpired(other) && excludeEachOther(other, wanted);
  }

  #all(): readonly Reservation[] {
    this.#room.core.replicas.catchUp();
    return reservationsIn(this.#room.core.replicas.replica);
  }

  #isOwn({ agent }: Reservation): boolean {
    return agent === this.#room.core.options.agent.id;
  }

  /** By this node's own receipt; an own one stops a tenth earlier than others take it for over. */
  #isExpired(reservation: Reservation): boolean {
    const leftMs = this.#room.leftOf(`v/${reservation.id}`, reservation, reservation.leaseMs);
    return this.#isOwn(reservation)
      ? leftMs <= (reservation.leaseMs * (limits.leaseObservedPercent - 100)) / 100
      : leftMs <= 0;
  }

  #view(reservation: Reservation): ReservationView {
    const { id, resource, mode, agent } = reservation;
    const [own, expired] = [this.#isOwn(reservation), this.#isExpired(reservation)];
    return { id, resource: formatResource(resource), mode, agent, own, expired };
  }

  #observe(): void {
    for (const reservation of reservationsIn(this.#room.core.replicas.replica)) this.#isExpired(reservation);
  }

  /** Two that exclude each other met: the own one goes if it is its turn, and its holder is told. */
  #yieldWhereDue(): void {
    const all = reservationsIn(this.#room.core.replicas.replica);
    const standing = all.filter((reservation) => !this.#isExpired(reservation));
    for (const own of standing.filter((reservation) => this.#isOwn(reservation))) {
      const winner = standing.find((other) => this.#standsAgainst(other, own) && yieldsTo(own, other));
      if (winner === undefined) continue;
      this.release(own.id);
      this.#events.emit("reservation_lost", {
        resource: formatResource(own.resource),
        winner: winner.agent,
        by: formatResource(winner.resource),
      });
    }
  }
}
