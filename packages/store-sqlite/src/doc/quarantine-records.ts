/** Bytes that were set aside, per room, up to a limit. */

import { createHash } from "node:crypto";
import { limits } from "@context-mesh/common";
import type { QuarantineRecord, QuarantineSum } from "@context-mesh/ports";
import type { Mutable } from "../records/checked-store.ts";
import type { CheckedTable } from "../records/checked-table.ts";
import type { Row } from "../sqlite/driver.ts";
import type { DocHead } from "./schema.ts";

const recordOf = (row: Row): QuarantineRecord => ({
  at: row.at as number,
  reason: row.reason as string,
  client: row.client as number,
  session: row.session as string,
  bytes: row.bytes as Uint8Array,
});

export class QuarantineRecords {
  readonly #table: CheckedTable;

  constructor(table: CheckedTable) {
    this.#table = table;
  }

  of(room: string): readonly QuarantineRecord[] {
    return this.#table.select("room = ? ORDER BY id", room).map(recordOf);
  }

  sumsOf(room: string): readonly QuarantineSum[] {
    return this.of(room).map(({ bytes }) => ({
      hash: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
    }));
  }

  /** The oldest ones of the room go when it has too many bytes; the newest stays. */
  add(draft: Mutable<DocHead>, room: string, records: readonly QuarantineRecord[]): void {
    for (const { at, reason, client, session, bytes } of records) {
      draft.quarantineHead += 1;
      this.#table.insert({ id: draft.quarantineHead, room, at, reason, client, session, bytes });
    }
    let kept = 0;
    for (const [key, length] of this.#table.lengths("bytes", "room = ? ORDER BY id DESC", room)) {
      kept += length;
      if (kept > limits.quarantineBytesMax && kept > length) this.#table.delete(...key);
    }
  }
}
