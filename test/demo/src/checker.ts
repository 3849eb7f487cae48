/**
 * The demo's separate judge: a fresh replica fetched from the relay that is left, held against the receipts that the
 * agents fsynced themselves. Arguments: room, relay, receipts folder, storage folder, file for the export, claimed task.
 * Prints one JSON object; exit code 0 only if nothing acknowledged is missing and the export validates.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { formatContext, parseContext } from "@context-mesh/schema";
import { join } from "context-mesh";
import type { ReceiptLine } from "./messages.ts";

const [room = "", relay = "", receiptsFolder = "", storage = "", exportFile = "", claimed = ""] = process.argv.slice(2);

/** A line cut off by kill -9 was never fsynced whole, so it is no receipt. */
const receiptsIn = (text: string): ReceiptLine[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ReceiptLine);

const receipts = readdirSync(receiptsFolder).flatMap((file) =>
  receiptsIn(readFileSync(joinPath(receiptsFolder, file), "utf8")),
);

const mesh = await join({ room, agent: "checker", relays: [relay], storage });
const sync = await mesh.sync({ full: true, timeoutMs: 20_000 });

const isThere = (receipt: ReceiptLine): boolean =>
  mesh.get(receipt.path).candidates.some((candidate) => candidate.value === receipt.value);

const missing = receipts.filter((receipt) => !isThere(receipt));
const yaml = formatContext(mesh.export(), "yaml");
writeFileSync(exportFile, yaml);
const parsed = parseContext(yaml, { file: exportFile });
const status = mesh.status();
process.stdout.write(
  `${JSON.stringify({
    synced: sync.ok,
    receipts: receipts.length,
    missing: missing.slice(0, 5),
    missingCount: missing.length,
    exportValid: parsed.ok,
    exportBytes: Buffer.byteLength(yaml),
    digest: status.digest,
    owner: mesh.tasks.holder(claimed)?.agent ?? null,
    statuses: Object.fromEntries(mesh.statuses.list().map(({ agent, status }) => [agent, status])),
    conflicts: mesh.conflicts.list().map((conflict) => ({
      path: conflict.path,
      values: conflict.candidates.map((candidate) => ({ agent: candidate.agent, value: candidate.value })),
    })),
  })}\n`,
);
await mesh.leave({ flushMs: 0 });
process.exit(sync.ok && missing.length === 0 && receipts.length > 0 && parsed.ok ? 0 : 1);
