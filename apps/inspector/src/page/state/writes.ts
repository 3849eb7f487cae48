/** What this person wrote in this tab, and how far each write has come: queued, relayed, durable. */

import type { Receipt } from "@context-mesh/mesh";
import { effect, signal } from "@preact/signals";
import { connection, mesh, rights } from "./node.ts";

export type WriteState = "queued" | "relayed" | "durable" | "superseded" | "refused";

export interface Write {
  readonly id: number;
  readonly what: string;
  readonly state: WriteState;
  /** Why it was refused, or where others' values stand beside it. */
  readonly note: string;
  readonly undo: (() => void) | undefined;
}

const writesMax = 50;
let lastId = 0;

export const writes = signal<readonly Write[]>([]);
/** Asks for a name first; set by the page, so that a write can wait for it. */
export const wantsName = signal<(() => void) | undefined>(undefined);

const update = (id: number, change: Partial<Write>): void => {
  writes.value = writes.value.map((write) => (write.id === id ? { ...write, ...change } : write));
};

const noteOf = (receipt: Receipt): string => {
  if (!receipt.ok) return [receipt.detail, receipt.hint].filter(Boolean).join(" ");
  if (receipt.proposed.length > 0) return "Somebody else owns it: kept as a proposal, which its owner may accept.";
  if (receipt.conflicts.length > 0) return "A newer value of somebody else stands beside it: both are kept.";
  return "";
};

const follow = (id: number, receipt: Receipt): void => {
  const say = (reached: Receipt): void => update(id, { state: reached.state, note: noteOf(reached) });
  const lost = (): void => update(id, { note: "The tab's node was closed before a relay confirmed it." });
  if (!receipt.ok) return;
  receipt
    .reached("relayed")
    .then((reached) => {
      say(reached);
      return reached.reached("durable");
    })
    .then(say, lost);
};

type Node = NonNullable<typeof mesh.value>;
type Action = (node: Node) => Receipt;

/** Why somebody else's word is needed and did not come, such as an arbiter's. */
export interface Refusal {
  readonly ok: false;
  readonly detail: string;
  readonly hint: string;
}

export interface WriteOptions {
  /** How it is taken back; by default as the last own operation. */
  readonly undo?: (node: Node) => Receipt;
  readonly canUndo?: boolean;
}

const add = (write: Omit<Write, "id">, earlier = writes.value): number => {
  lastId += 1;
  writes.value = [{ ...write, id: lastId }, ...earlier].slice(0, writesMax);
  return lastId;
};

const run = (what: string, action: Action, { undo, canUndo = true }: WriteOptions): void => {
  const node = mesh.value;
  if (node === undefined) return;
  const receipt = action(node);
  const takeBack = (): void => {
    update(id, { undo: undefined });
    const back = undo ?? ((own) => own.undo(1)[0] as Receipt);
    run(`Undo: ${what}`, back, { canUndo: false });
  };
  const isUndoable = receipt.ok && canUndo;
  // Only the newest operation can be taken back by "undo the last one".
  const earlier = writes.value.map((write) => (undo === undefined ? { ...write, undo: undefined } : write));
  const note = noteOf(receipt);
  const id = add({ what, state: receipt.state, note, undo: isUndoable ? takeBack : undefined }, earlier);
  follow(id, receipt);
};

const refuse = (what: string, { detail, hint }: Refusal): void => {
  add({ what, state: "refused", note: [detail, hint].filter(Boolean).join(" "), undo: undefined });
};

/** Writes now, or after the person said a name; says so in words when the relay does not let them. */
export const perform = (what: string, action: Action, options: WriteOptions = {}): void => {
  const allowed = rights.value;
  if (allowed.kind === "write") run(what, action, options);
  else if (allowed.kind === "nameless") wantsName.value = () => perform(what, action, options);
};

/** A node that has just started under a new name has not reached the arbiter yet. */
const untilConnected = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = effect(() => {
      const { kind } = connection.value;
      if (kind === "starting" || kind === "syncing") return;
      queueMicrotask(() => {
        stop();
        resolve();
      });
    });
  });

/** The same for what waits for an answer first, such as a claim. It is given back, not undone. */
export const performLater = (what: string, action: (node: Node) => Promise<Receipt | Refusal>): void => {
  const ask = (): void => {
    const node = mesh.value;
    if (node === undefined) return;
    untilConnected()
      .then(() => action(node))
      .then((answer) => {
        if ("reached" in answer) run(what, () => answer, { canUndo: false });
        else refuse(what, answer);
      });
  };
  const allowed = rights.value;
  if (allowed.kind === "write") ask();
  else if (allowed.kind === "nameless") wantsName.value = () => performLater(what, action);
};
