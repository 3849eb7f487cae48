/** How remote bytes get in: checked, held back while something is missing, then applied whole. Nothing is ever written here. */

import { limits, messageOf } from "@context-mesh/common";
import * as Y from "yjs";
import { applyUpdate } from "./entry-decoder.ts";
import type { EntryIndex } from "./entry-index.ts";
import { type HeldUpdate, HeldUpdates } from "./held.ts";
import { countTypes, withoutTooDeep } from "./type-depth.ts";
import { fittingPart, gapOf, scanUpdate, type UpdateOutline } from "./update-scan.ts";

/** No update can carry this client id, so Yjs never finds its own id in one and never replaces it. */
export const noClient = -1;

export class Intake {
  readonly held = new HeldUpdates(limits.heldBytesMax);
  readonly #doc: Y.Doc;
  readonly #index: EntryIndex;
  /** At least as many as there are; counted when the first update brings one. */
  #types: number | undefined;
  readonly #stateOf = (client: number): number => Y.getState(this.#doc.store, client);

  constructor(doc: Y.Doc, index: EntryIndex) {
    this.#doc = doc;
    this.#index = index;
  }

  /** The outline of well-formed bytes; undefined, and reported, otherwise. */
  scan(update: Uint8Array): UpdateOutline | undefined {
    const scanned = scanUpdate(update);
    if (scanned.ok) return scanned.outline;
    this.#index.report("malformed_update", `an update is no update: ${scanned.detail}`);
    return undefined;
  }

  /** True when the update carries structs of that client beyond what is here. */
  isAhead(outline: UpdateOutline, client: number): boolean {
    const state = this.#stateOf(client);
    return outline.structs.some((range) => range.client === client && range.to > state);
  }

  /** Applies the update and every held one that it makes whole, in one transaction. */
  take(bytes: Uint8Array, outline: UpdateOutline, origin: string): "taken" | "held" | "refused" {
    if (gapOf(outline, this.#stateOf) !== undefined) {
      const dropped = this.held.add({ bytes, outline });
      if (dropped > 0) this.#index.report("held_overflow", `${dropped} updates with gaps were dropped`);
      return "held";
    }
    return this.#transact(() => this.#applyAll({ bytes, outline }, origin), origin);
  }

  /** Takes from held updates the structs that fit by themselves, without their deletions. The updates stay held. */
  salvage(origin: string): "taken" | "refused" {
    return this.#transact(() => {
      for (const { bytes, outline } of this.held.all) {
        const part = fittingPart(bytes, outline, this.#stateOf);
        if (part !== undefined) this.#apply({ bytes: part, outline }, origin);
      }
      this.#applyReady(origin);
    }, origin);
  }

  #transact(work: () => void, origin: string): "taken" | "refused" {
    const clientId = this.#doc.clientID;
    this.#doc.clientID = noClient;
    try {
      Y.transact(this.#doc, work, origin, false);
    } catch (error) {
      this.#index.report("malformed_update", `Yjs could not apply an update: ${messageOf(error)}`);
      return "refused";
    } finally {
      this.#doc.clientID = clientId;
    }
    return this.dropPending() ? "refused" : "taken";
  }

  #applyAll(update: HeldUpdate, origin: string): void {
    this.#apply(update, origin);
    this.#applyReady(origin);
  }

  #apply({ bytes, outline }: HeldUpdate, origin: string): void {
    const fitting = outline.types === 0 ? undefined : this.#withoutTooDeep(bytes, outline.types);
    applyUpdate(this.#doc, fitting ?? bytes, origin);
  }

  /** So few types cannot lie too deep; of more than that their places are looked up. */
  #withoutTooDeep(bytes: Uint8Array, types: number): Uint8Array | undefined {
    this.#types = (this.#types ?? countTypes(this.#doc)) + types;
    if (this.#types <= limits.nestedTypesMax) return undefined;
    const fitting = withoutTooDeep(this.#doc, bytes);
    if (fitting !== undefined)
      this.#index.report("nested_too_deep", "shared types that lie too deep in one another were left out");
    return fitting;
  }

  #applyReady(origin: string): void {
    const isReady = ({ outline }: { readonly outline: UpdateOutline }): boolean =>
      gapOf(outline, this.#stateOf) === undefined;
    for (let next = this.held.takeReady(isReady); next !== undefined; next = this.held.takeReady(isReady)) {
      this.#apply(next, origin);
    }
  }

  /**
   * Yjs parks what it cannot place, and would merge it into every answer. After the checks above only circular references get
   * here, or a stored log with a hole; either is fetched again.
   */
  dropPending(): boolean {
    const store = this.#doc.store;
    if (store.pendingStructs === null && store.pendingDs === null) return false;
    store.pendingStructs = null;
    store.pendingDs = null;
    this.#index.report("malformed_update", "an update refers to structs that do not exist");
    return true;
  }
}
