/** The relays of a large store are dialled before it is opened, and what nobody takes is closed. */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join as joinPath } from "node:path";
import { limits } from "@context-mesh/common";
import type { Connection, Dialer } from "@context-mesh/ports";
import { afterEach, beforeEach, expect, it } from "vitest";
import { join, type Mesh } from "../src/index.ts";
import { storeFileFor } from "../src/status.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), "context-mesh-ahead-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const room = "acme/checkout";
const relay = "ws://relay";

/** Counts what it opens, whether the store was open by then, and what is closed again. */
const countingDialer = () => {
  const counted = { dials: [] as string[], closed: 0, storeWasOpen: false };
  const connection = {
    subprotocol: "",
    bufferedBytes: 0,
    silenceMsMax: 60_000,
    send: () => {},
    handle: () => {},
    close: () => {
      counted.closed += 1;
    },
  } as unknown as Connection;
  const dialer: Dialer = {
    dial: (url) => {
      counted.dials.push(url);
      // Opened, a database has its log beside it again.
      counted.storeWasOpen ||= existsSync(`${file()}-wal`);
      return Promise.resolve(connection);
    },
  };
  return { counted, dialer };
};

const joining = (dialer: Dialer, parts: { readonly startMode?: "serial"; readonly connect?: boolean } = {}) =>
  join(
    { room, agent: "builder", relays: [relay], storage: folder, cwd: folder, connect: parts.connect ?? true },
    {
      dialer,
      env: { CONTEXT_MESH_HOME: joinPath(folder, "home"), XDG_CONFIG_HOME: folder },
      node: parts.startMode === undefined ? {} : { startMode: parts.startMode },
    },
  );

const file = (): string => storeFileFor(folder, room, "builder");

const leave = (mesh: Mesh) => mesh.leave({ flushMs: 0 });

const makeLarge = async (): Promise<void> => {
  const mesh = await joining(countingDialer().dialer, { connect: false });
  mesh.tasks.add({ id: "t1", title: "large", description: "x".repeat(limits.loadAtOnceBytesMax / 8) });
  for (let n = 2; n < 12; n += 1)
    mesh.tasks.add({ id: `t${n}`, description: "y".repeat(limits.loadAtOnceBytesMax / 8) });
  await leave(mesh);
  for (const suffix of ["-wal", "-shm"]) rmSync(`${file()}${suffix}`);
};

it("[COO-93] a large store's relays are dialled before it is opened, each once", async () => {
  await makeLarge();
  const { counted, dialer } = countingDialer();
  await leave(await joining(dialer));
  // Whoever leaves at once may be handed its connection after that, and closes it then.
  await expect.poll(() => counted.closed).toBe(1);
  expect(counted).toMatchObject({ dials: [`${relay}/acme/checkout`], storeWasOpen: false });
});

it("[COO-93] one after another they are dialled when it is loaded, and not at all by who stays offline", async () => {
  await makeLarge();
  const serial = countingDialer();
  await leave(await joining(serial.dialer, { startMode: "serial" }));
  expect(serial.counted).toMatchObject({ dials: [`${relay}/acme/checkout`], storeWasOpen: true });
  const offline = countingDialer();
  await leave(await joining(offline.dialer, { connect: false }));
  expect(offline.counted.dials).toEqual([]);
});

it("[COO-93] a store that cannot be opened leaves no connection behind", async () => {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), Buffer.alloc(limits.loadAtOnceBytesMax + 1, 7));
  chmodSync(dirname(file()), 0o500);
  rmSync(joinPath(folder, "home"), { recursive: true, force: true });
  writeFileSync(joinPath(folder, "home"), "a file where the folder of marks should be");
  const { counted, dialer } = countingDialer();
  await expect(joining(dialer)).rejects.toThrow();
  await expect.poll(() => counted.closed).toBe(1);
  expect(counted.dials).toEqual([`${relay}/acme/checkout`]);
});
