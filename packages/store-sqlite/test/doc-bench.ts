/** A small relay store with something of everything, what it serves as plain data, and damaged copies of it. */

import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Logger, seededRandom, silentLogger } from "@context-mesh/common";
import type { AppendRequest, ArbiterStore, DocStore } from "@context-mesh/ports";
import { openDocStoreOnThisThread } from "@context-mesh/store-sqlite";

export const docFile = (folder: string): string => join(folder, "relay.db");

export const openDocIn = (folder: string, logger: Logger = silentLogger): DocStore & ArbiterStore =>
  openDocStoreOnThisThread({
    file: docFile(folder),
    stateDir: join(folder, "state"),
    logger,
    random: seededRandom(6),
    busyTimeoutMs: 1_000,
    system: { fileSystemType: () => 0, placeOf: () => "here" },
  });

export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const updateRequest = (room: string, n: number): AppendRequest => ({
  room,
  bytes: textBytes(`${room}-update-${n}`),
  at: 1_000 + n,
  agent: "builder",
  session: "s1",
});

/** Room "a" with two generations and a tail, room "b" with a log alone. */
export const makeDocSample = async (folder: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const store = openDocIn(folder);
  await store.append([1, 2, 3, 4].map((n) => updateRequest("a", n)));
  await store.append([1, 2].map((n) => updateRequest("b", n)));
  await store.compact("a", textBytes("a-base-1"), 1);
  await store.compact("a", textBytes("a-base-3"), 3);
  await store.quarantine("a", [{ at: 1, reason: "gap", client: 7, session: "s1", bytes: textBytes("bad") }]);
  await store.setValue("relay-id", "r1");
  await store.close();
};

export const copyDoc = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const suffix of ["", "-wal", "-head"]) {
    const source = `${docFile(from)}${suffix}`;
    if (existsSync(source)) copyFileSync(source, `${docFile(to)}${suffix}`);
  }
};

/** What a room serves: its base and tail as text, or the code of the error. */
export const servedBy = async (store: DocStore, room: string): Promise<string> => {
  try {
    const { base, tail } = await store.load(room);
    const updates = tail.map(
      ({ seq, at, agent, session, bytes }) => `${seq}:${at}:${agent}:${session}:${asText(bytes)}`,
    );
    return [base === undefined ? "" : `${base.seq}:${asText(base.bytes)}`, ...updates].join("\n");
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
};

export const asText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
