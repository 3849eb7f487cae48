/** Registration of many agents: a registrar that commits each batch as one transaction of the node. */

import { limits, whenAborted } from "@context-mesh/common";
import {
  agentRecord,
  type BatchStrategy,
  batchStrategies,
  type CommitAnswer,
  type NewAgent,
  Registrar,
  type RegistrationReport,
} from "@context-mesh/coordination";
import { agentPrefix, writeRows } from "@context-mesh/document";
import type { BatchOptions, Receipt, RegisterAllOptions, WriteOptions } from "../api/types.ts";
import type { Desk } from "../operate/desk.ts";

/** Trying again does not change these. */
const final: ReadonlySet<string | undefined> = new Set(["read_only", "value_invalid", "value_too_large", "bad_id"]);

/** A batch is one transaction, and a publication has a bound: larger sizes are cut to it. */
const bounded = (strategy: BatchStrategy): BatchStrategy => {
  const max = limits.publicationEntriesMax;
  return "size" in strategy
    ? { ...strategy, size: Math.max(1, Math.min(strategy.size, max)) }
    : { ...strategy, sizeMax: Math.max(1, Math.min(strategy.sizeMax, max)) };
};

const commitOn = (
  desk: Desk,
  agents: readonly NewAgent[],
  options: WriteOptions,
): CommitAnswer & { receipt?: Receipt } => {
  const rows = agents.map((agent) => ({ id: agent.id, value: agentRecord(agent) }));
  const receipt = desk.run({ name: "agent.register", subject: agents[0]?.id }, options, (view, author) =>
    writeRows(view, agentPrefix, rows, author),
  );
  if (receipt.ok) return { ok: true, receipt };
  const { reason = "refused", detail = "" } = receipt;
  return { ok: false, reason, detail, retryable: !final.has(reason) };
};

export const registrarOn = (
  desk: Desk,
  options: BatchOptions & WriteOptions,
  onReceipt: (receipt: Receipt) => void,
): Registrar => {
  const { strategy = "adaptive", retries, timeoutMs, ...write } = options;
  const { clock, random } = desk.core.options;
  return new Registrar({
    clock,
    random,
    strategy: bounded(typeof strategy === "string" ? batchStrategies[strategy] : strategy),
    ...(retries === undefined ? {} : { retries }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    commit: (agents) => {
      const { receipt, ...answer } = commitOn(desk, agents, write);
      if (receipt !== undefined) onReceipt(receipt);
      return answer as CommitAnswer;
    },
  });
};

export const registerAll = async (
  desk: Desk,
  agents: readonly NewAgent[],
  options: RegisterAllOptions = {},
): Promise<RegistrationReport> => {
  const { priorityOf, durable, signal, ...rest } = options;
  const receipts: Receipt[] = [];
  const registrar = registrarOn(desk, rest, (receipt) => receipts.push(receipt));
  const onAbort = (): void => {
    for (const { id } of agents) registrar.cancel(id);
  };
  const stopWaiting = whenAborted(signal, onAbort);
  for (const agent of agents) void registrar.submit(agent, priorityOf?.(agent));
  if (signal?.aborted) onAbort();
  const report = await registrar.close();
  stopWaiting();
  if (durable !== undefined) {
    const wait = { n: durable, ...(signal === undefined ? {} : { signal }) };
    await Promise.all(receipts.map((receipt) => receipt.reached("durable", wait)));
  }
  return report;
};
