/**
 * One agent of the demo, a process of its own: joins the room, edits when told to, and writes down (fsynced) every write
 * that a relay acknowledged as on disk. Arguments: name, room, storage folder, receipts file, relays (comma), online|offline.
 */

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { messageOf, sleep, systemClock } from "@context-mesh/common";
import { parseContext } from "@context-mesh/schema";
import { join, type Receipt } from "context-mesh";
import {
  type AgentAnswer,
  type AgentCommand,
  type AgentReport,
  contested,
  makers,
  type ReceiptLine,
} from "./messages.ts";

const [name = "", room = "", storage = "", receiptsFile = "", relays = "", presence = "online"] = process.argv.slice(2);

const say = (answer: AgentAnswer): void => {
  process.send?.(answer);
};

const receipts = openSync(receiptsFile, "a");
let written = 0;
let acknowledged = 0;

const noteDurable = (line: ReceiptLine): void => {
  writeSync(receipts, `${JSON.stringify(line)}\n`);
  fsyncSync(receipts);
  acknowledged += 1;
};

const mesh = await join({
  room,
  agent: { id: name, roles: [name], groups: name === "planner" ? [] : [makers] },
  relays: relays.split(",").filter((url) => url !== ""),
  storage,
  connect: presence === "online",
});

const lost: Record<string, string> = {};
const heard: string[] = [];

mesh.inbox.open();
const hear = (): void => {
  for (const { text } of mesh.inbox.take({ act: true })) if (text !== undefined) heard.push(text);
};
mesh.on("message", hear);

const claim = async (task: string): Promise<void> => {
  const claimed = await mesh.tasks.claim(task, { leaseMs: 60_000 });
  if (!claimed.ok) throw new Error(`not claimed: ${claimed.reason} ${claimed.detail}`);
  const { signal } = claimed.lease;
  signal.addEventListener("abort", () => {
    const { reason, winner } = signal.reason as { readonly reason: string; readonly winner?: string };
    if (reason === "overtaken") lost[task] = winner ?? "";
  });
};

const send = async (to: string, text: string): Promise<void> => {
  const sent = await mesh.send({ to, text });
  if (!sent.ok) throw new Error(`not sent: ${sent.reason} ${sent.detail}`);
};

const follow = (receipt: Receipt, path: string, value: string): void => {
  if (!receipt.ok) throw new Error(`refused: ${receipt.reason} ${receipt.detail ?? ""}`);
  written += 1;
  void receipt.reached("durable").then((now) => {
    if (now.state === "durable") noteDurable({ agent: name, path, value, id: now.id, relays: now.relays });
  });
};

const write = (path: string, value: string): void => {
  const [answer] = mesh.push({ changes: [{ path, to: value }] });
  if (answer?.receipt === undefined)
    throw new Error(`not written: ${answer?.answer} ${answer?.code ?? ""} ${answer?.detail ?? ""}`);
  follow(answer.receipt, path, value);
};

/** Fields that only this agent writes, on tasks that all three work on: nothing here may ever get lost. */
const edit = async (command: Extract<AgentCommand, { do: "edit" }>): Promise<void> => {
  // What somebody owns is written by its owner alone: others' values would be proposals.
  const tasks = mesh.tasks.list().filter(({ id }) => id !== contested);
  for (let n = command.from; n < command.from + command.count; n += 1) {
    const task = tasks[n % tasks.length];
    if (task === undefined) throw new Error("there are no tasks to work on");
    write(`project_state.${task.list}_tasks[${task.id}].progress_${name}_${n}`, `${name} #${n}`);
    await sleep(systemClock, command.paceMs);
  }
};

/** Waits until nothing of ours is queued or unconfirmed. */
const settle = async (timeoutMs: number): Promise<void> => {
  await mesh.sync({ full: true, durable: 1, timeoutMs });
};

const report = (): AgentReport => {
  const status = mesh.status();
  return {
    agent: name,
    digest: status.digest,
    fingerprint: status.fingerprint,
    queued: status.queued.count,
    unconfirmed: status.unconfirmed,
    conflicts: status.conflicts,
    liveRelays: status.relays.filter((relay) => relay.state === "live").length,
    written,
    acknowledged,
    owners: Object.fromEntries(
      mesh.tasks.list().flatMap(({ id }) => {
        const owner = mesh.tasks.holder(id)?.agent;
        return owner === undefined ? [] : [[id, owner]];
      }),
    ),
    lost,
    heard,
  };
};

const importFile = (file: string): void => {
  const parsed = parseContext(readFileSync(file, "utf8"), { file });
  if (!parsed.ok) throw new Error("the demo's context does not validate");
  mesh.import(parsed.value);
};

const obey = async (command: AgentCommand): Promise<void> => {
  if (command.do === "edit") await edit(command);
  if (command.do === "write") write(command.path, command.value);
  if (command.do === "import") importFile(command.file);
  if (command.do === "task") mesh.tasks.add({ id: command.id, title: "Who takes it?" });
  if (command.do === "show-status") mesh.statuses.show({ agent: command.agent, status: command.status });
  if (command.do === "claim") await claim(command.task);
  if (command.do === "send") await send(command.to, command.text);
  if (command.do === "settle") await settle(command.timeoutMs);
  say({ is: "done", of: command.do, report: report() });
  if (command.do !== "leave") return;
  await mesh.leave({ flushMs: 2_000 });
  closeSync(receipts);
  process.disconnect();
};

process.on("message", (command: AgentCommand) => {
  obey(command).catch((error: unknown) => say({ is: "failed", of: command.do, message: messageOf(error) }));
});
process.on("disconnect", () => {
  void mesh.leave({ flushMs: 0 }).then(() => process.exit(0));
});
say({ is: "ready" });
