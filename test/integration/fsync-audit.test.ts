/** The relay under strace: what goes out to sockets is compared with what was synced to disk before. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeMessage, encodeHello, encodeStep1, encodeUpdate, subprotocol } from "@context-mesh/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { root } from "../source-files.ts";

const marks = Array.from({ length: 12 }, (_, n) => `audit-mark-${n}-`);
const folder = mkdtempSync(join(tmpdir(), "context-mesh-audit-"));
const traceFile = join(folder, "trace");
let relay: ChildProcess;
let url = "";
let relayPid = 0;

interface Client {
  readonly socket: WebSocket;
  /** Resolves with the next message of the type. */
  next(type: string): Promise<void>;
}

const connect = async (offers: readonly string[]): Promise<Client> => {
  const socket = new WebSocket(`${url}/audit`, [...offers]);
  const arrived: string[] = [];
  const waiting: { type: string; resolve: () => void }[] = [];
  socket.on("message", (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data));
    const type = message.ok ? message.value.type : "refused";
    const at = waiting.findIndex((wait) => wait.type === type);
    if (at >= 0) waiting.splice(at, 1)[0]?.resolve();
    else arrived.push(type);
  });
  await once(socket, "open");
  return {
    socket,
    next: (type) => {
      const at = arrived.indexOf(type);
      if (at >= 0) {
        arrived.splice(at, 1);
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
  };
};

beforeAll(async () => {
  const cli = join(root, "apps", "cli", "bin", "context-mesh.mjs");
  const calls = "trace=pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync";
  relay = spawn(
    "strace",
    [
      "-f",
      "-y",
      "-s",
      "4096",
      "-e",
      calls,
      "-o",
      traceFile,
      process.execPath,
      cli,
      "up",
      "--json",
      "--port",
      "0",
      "--storage",
      folder,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(createInterface({ input: relay.stdout as NodeJS.ReadableStream }), "line");
  const { data } = JSON.parse(String(line)) as { data: { url: string; pid: number } };
  url = data.url.replace(/\/$/, "");
  relayPid = data.pid;
}, 60_000);

afterAll(() => {
  relay.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const isToSocket = (line: string): boolean => /\b(write|writev|sendto|sendmsg)\(\d+<(TCP|socket)/.test(line);

describe("order of system calls", () => {
  it("[NODE-4b] every acknowledgement and every fan-out comes after a sync that covers it", async () => {
    const writer = await connect([subprotocol]);
    await writer.next("hello");
    writer.socket.send(encodeHello({ v: 1, id: "auditor", role: "node", features: [] }));
    await writer.next("sync-step-1");
    const reader = await connect([]);
    reader.socket.send(encodeStep1(Y.encodeStateVector(new Y.Doc())));
    await reader.next("sync-step-2");
    const doc = new Y.Doc();
    for (const mark of marks) {
      const before = Y.encodeStateVector(doc);
      doc.getArray("audit").push([mark]);
      writer.socket.send(encodeUpdate(Y.encodeStateAsUpdate(doc, before)));
      await Promise.all([writer.next("ack"), reader.next("update")]);
    }
    writer.socket.close();
    reader.socket.close();
    const gone = once(relay, "exit");
    process.kill(relayPid, "SIGTERM");
    await gone;

    const lines = readFileSync(traceFile, "utf8").split("\n");
    for (const mark of marks) {
      const written = lines.findIndex((line) => /pwrite64\(\d+<[^>]*-wal>/.test(line) && line.includes(mark));
      const synced = lines.findIndex((line, at) => at > written && /f(data)?sync\(\d+<[^>]*-wal>/.test(line));
      const sent = lines.findIndex((line) => isToSocket(line) && line.includes(mark));
      // The ack frame: final binary frame, four to eight bytes, message type 64 ("@").
      const acked = lines.findIndex((line, at) => at > written && isToSocket(line) && /\\202.{1,4}@/.test(line));
      expect(written, `${mark} in the log`).toBeGreaterThan(0);
      expect(synced, `${mark} synced`).toBeGreaterThan(written);
      expect(sent, `${mark} passed on after the sync`).toBeGreaterThan(synced);
      expect(acked, `${mark} acknowledged after the sync`).toBeGreaterThan(synced);
    }
  }, 60_000);
});
