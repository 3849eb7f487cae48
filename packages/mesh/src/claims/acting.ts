/** Writes under a lease. Whether it still stands is asked at that moment; what a stale holder writes is kept as a proposal. */

import type { LeaseWrite, Receipt, TaskFields, WriteOptions } from "../api/types.ts";
import type { Under } from "../operate/desk.ts";
import { hintOf } from "./refusals.ts";

type Result = { readonly summary?: string; readonly result?: string };

/** The task operations of the node. */
export interface ActTools {
  update(task: string, fields: TaskFields, options: WriteOptions | undefined, under: Under | undefined): Receipt;
  done(task: string, result: Result | undefined, options: WriteOptions | undefined, under: Under | undefined): Receipt;
}

export type Write = { readonly fields: TaskFields } | { readonly result: Result };

export const actUnder = (
  tools: ActTools,
  task: string,
  under: Under,
  write: Write,
  options: WriteOptions | undefined,
): { readonly receipt: Receipt; readonly answer: (holder: string | undefined) => LeaseWrite } => {
  const receipt =
    "fields" in write
      ? tools.update(task, write.fields, options, under)
      : tools.done(task, write.result, options, under);
  const answer = (holder: string | undefined): LeaseWrite => {
    if (receipt.ok && receipt.reason === undefined) return { ok: true, receipt };
    const isStale = receipt.reason === "stale_fence";
    return {
      ok: false,
      reason: isStale ? "stale_fence" : "refused",
      detail: receipt.detail ?? "the write was refused",
      hint: isStale ? hintOf("overtaken") : (receipt.hint ?? ""),
      holder,
      receipt,
    };
  };
  return { receipt, answer };
};
