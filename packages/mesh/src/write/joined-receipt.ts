/** Several writes that belong together as one receipt: it is as far as the least of them. */

import type { Receipt, ReceiptState } from "../api/types.ts";

const order: readonly ReceiptState[] = ["refused", "queued", "relayed", "durable", "superseded"];

const least = (receipts: readonly Receipt[]): ReceiptState =>
  receipts.map((receipt) => receipt.state).sort((a, b) => order.indexOf(a) - order.indexOf(b))[0] ?? "queued";

export const joinedReceipt = (receipts: readonly Receipt[]): Receipt => {
  const [first, ...rest] = receipts;
  if (first === undefined || rest.length === 0) {
    if (first === undefined) throw new Error("invariant violated: a joined receipt has parts");
    return first;
  }
  const refused = receipts.find((receipt) => !receipt.ok);
  const told = refused ?? receipts.find((receipt) => receipt.reason !== undefined);
  const joined: Receipt = {
    id: `${first.id}+${rest.length}`,
    ok: refused === undefined,
    subject: first.subject,
    at: first.at,
    level: first.level,
    get state() {
      return least(receipts);
    },
    get relays() {
      return first.relays.filter((url) => rest.every((receipt) => receipt.relays.includes(url)));
    },
    paths: receipts.flatMap((receipt) => receipt.paths),
    conflicts: receipts.flatMap((receipt) => receipt.conflicts),
    proposed: receipts.flatMap((receipt) => receipt.proposed),
    replaced: Object.assign({}, ...receipts.map((receipt) => receipt.replaced)),
    reason: told?.reason,
    detail: told?.detail,
    hint: told?.hint,
    async reached(state, options) {
      await Promise.all(receipts.map((receipt) => receipt.reached(state, options)));
      return joined;
    },
  };
  return joined;
};
