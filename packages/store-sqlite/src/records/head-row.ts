/**
 * The head: one JSON record with everything that changes at every commit (counters, tallies, the commit's number and
 * chain hash). It is kept twice, so that a flipped byte in one copy is mended from the other.
 */

import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Doubt } from "../anchor/doubt.ts";
import type { Driver } from "../sqlite/driver.ts";
import type { TallySheet } from "./tally.ts";

/** What every head holds. */
export interface HeadBody {
  /** Number of the commit that wrote this head. */
  readonly n: number;
  /** Hash over the former chain and this head: two stores agree in it only if their whole histories agree. */
  readonly chain: string;
  readonly storeId: string;
  /** Where the file lay when the head was written; see `placeOf`. */
  readonly place: string;
  readonly seq: number;
  readonly tallies: TallySheet;
  /** Why the store was not found as it was left; stays until somebody has acted on it. */
  readonly doubt?: Doubt | undefined;
}

export const headDdl = "CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, body TEXT, sum INTEGER)";

export interface HeadReading<H extends HeadBody> {
  readonly head: H | undefined;
  /** Copies that fail their check; missing ones are not counted. */
  readonly damaged: number;
}

export const readHead = <H extends HeadBody>(driver: Driver): HeadReading<H> => {
  const rows = driver.all("SELECT body, sum FROM head ORDER BY id");
  const intact = rows.filter((row) => typeof row.body === "string" && crc32(row.body) === row.sum);
  const heads = intact.map((row) => JSON.parse(row.body as string) as H).sort((a, b) => b.n - a.n);
  return { head: heads[0], damaged: rows.length - intact.length };
};

export const writeHead = (driver: Driver, head: HeadBody): void => {
  const body = JSON.stringify(head);
  const sum = crc32(body);
  driver.run("INSERT OR REPLACE INTO head (id, body, sum) VALUES (1, ?, ?), (2, ?, ?)", body, sum, body, sum);
};

const chainHexLength = 32;

/** The head of the next commit: one higher, chained to the former. */
export const nextHead = <H extends HeadBody>(former: H, changed: Omit<H, "n" | "chain">): H => {
  const body = { ...changed, n: former.n + 1, chain: "" } as unknown as H;
  const chain = hash("sha256", former.chain + JSON.stringify(body)).slice(0, chainHexLength);
  return { ...body, chain };
};

export const firstChain = "0".repeat(chainHexLength);
