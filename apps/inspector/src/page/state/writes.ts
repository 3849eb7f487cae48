/** What this person wrote in this tab, and how far each write has come: queued, relayed, durable. */

import type { Receipt } from "@context-mesh/mesh";
import { signal } from "@preact/signals";
import { mesh, rights } from "./node.ts";

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

type Action = (node: NonNullable<typeof mesh.value>) => Receipt;

export interface WriteOptions {
  /** How it is taken back; by default as the last own operation. */
  readonly undo?: (node: NonNullable<typeof mesh.value>) => Receipt;
  readonly canUndo?: boolean;
}

const run = (what: string, action: Action, { undo, canUndo = true }: WriteOptions): void => {
  const node = mesh.value;
  if (node === undefined) return;
  const receipt = action(node);
  lastId += 1;
  const id = lastId;
  const takeBack = (): void => {
    update(id, { undo: undefined });
    const back = undo ?? ((own) => own.undo(1)[0] as Receipt);
    run(`Undo: ${what}`, back, { canUndo: false });
  };
  const isUndoable = receipt.ok && canUndo;
  // Only the newest operation can be taken back by "undo the last one".
  const earlier = writes.value.map((write) => (undo === undefined ? { ...write, undo: undefined } : write));
  const write: Write = {
    id,
    what,
    state: receipt.state,
    note: noteOf(receipt),
    undo: isUndoable ? takeBack : undefined,
  };
  writes.value = [write, ...earlier].slice(0, writesMax);
  follow(id, receipt);
};

/** Writes now, or after the person said a name; says so in words when the relay does not let them. */
export const perform = (what: string, action: Action, options: WriteOptions = {}): void => {
  const allowed = rights.value;
  if (allowed.kind === "write") run(what, action, options);
  else if (allowed.kind === "nameless") wantsName.value = () => perform(what, action, options);
};
