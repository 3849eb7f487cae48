/**
 * Scenes of working together, and what the judge holds them to: a claim race under a partition, a status that is shown
 * otherwise than its file says, a message to a group.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep, systemClock } from "@context-mesh/common";
import type { CutLink } from "./cut-link.ts";
import { type AgentReport, contested, makers } from "./messages.ts";
import { type AgentProcess, cliFile, repository, runNode } from "./processes.ts";

export interface Together {
  readonly planner: AgentProcess;
  readonly builder: AgentProcess;
  readonly reviewer: AgentProcess;
  /** All that the builder has. */
  readonly links: readonly CutLink[];
}

export interface Stage {
  readonly room: string;
  readonly folder: string;
  readonly relay: string;
  scene(title: string): void;
  say(text: string): void;
  converge(agents: readonly AgentProcess[]): Promise<readonly AgentReport[]>;
}

const news = "The API freezes at noon";
/** What the reviewer's file says; the shared context shows something else at first. */
const filedStatus = "blocked";

const untilTrue = async (isTrue: () => Promise<boolean>): Promise<void> => {
  const deadlineMs = systemClock.monotonicMs() + 10_000;
  while (!(await isTrue()) && systemClock.monotonicMs() < deadlineMs) await sleep(systemClock, 100);
};

export const raceScene = async (stage: Stage, { planner, builder, reviewer, links }: Together): Promise<void> => {
  stage.scene("A partition: planner and builder claim the same task");
  await planner.ask({ do: "task", id: contested });
  await stage.converge([planner, builder, reviewer]);
  for (const link of links) link.cut();
  await planner.ask({ do: "claim", task: contested });
  await builder.ask({ do: "claim", task: contested });
  const [here, there] = [await planner.ask({ do: "report" }), await builder.ask({ do: "report" })];
  stage.say(
    `cut off from each other: the planner sees ${here.owners[contested]}, the builder ${there.owners[contested]}`,
  );
  for (const link of links) link.restore();
  await builder.ask({ do: "settle", timeoutMs: 20_000 });
  const reports = await stage.converge([planner, builder, reviewer]);
  const owners = [...new Set(reports.map(({ owners }) => owners[contested]))];
  const loser = reports.find(({ lost }) => lost[contested] !== undefined);
  stage.say(`together again: it is ${owners.join(" and ")}'s everywhere; ${loser?.agent ?? "nobody"} was told`);
};

export const statusScene = async (stage: Stage, { planner }: Together): Promise<void> => {
  stage.scene("The reviewer's file says one thing, the shared context another");
  await planner.ask({ do: "show-status", agent: "reviewer", status: "uninitialized" });
  await planner.ask({ do: "settle", timeoutMs: 10_000 });
  const file = join(stage.folder, "reviewer.json");
  const now = new Date(systemClock.wallMs()).toISOString();
  writeFileSync(file, JSON.stringify({ agent_id: "reviewer", status: "BLOCKED ⛔", last_updated: now }));
  const where = ["--room", stage.room, "--agent", "warden", "--relay", stage.relay];
  const storage = ["--storage", join(stage.folder, "agents", "warden")];
  const run = await runNode(cliFile, ["reconcile", file, "--apply", ...where, ...storage, "--json"], repository);
  const envelope = JSON.parse(run.stdout) as { ok: boolean; data?: readonly { status: string; why: string }[] };
  if (run.code !== 0 || !envelope.ok) throw new Error(`reconcile failed (${run.code}): ${run.stdout}${run.stderr}`);
  const [found] = envelope.data ?? [];
  stage.say(`shown as uninitialized, now as ${found?.status}: ${found?.why}`);
};

const timesHeard = ({ heard }: AgentReport): number => heard.filter((text) => text === news).length;

export const groupScene = async (stage: Stage, { planner, builder, reviewer }: Together): Promise<void> => {
  stage.scene("One message to a group");
  await planner.ask({ do: "send", to: `group:${makers}`, text: news });
  await untilTrue(async () => {
    const reports = [await builder.ask({ do: "report" }), await reviewer.ask({ do: "report" })];
    return reports.every((report) => timesHeard(report) > 0);
  });
  stage.say(`the planner told "${news}" to the group ${makers}`);
};

export interface FreshLook {
  readonly owner: string | null;
  readonly statuses: Readonly<Record<string, unknown>>;
}

/** Each in one line that begins with ✓ or ✗. */
export const judgeTogether = (reports: readonly AgentReport[], fresh: FreshLook): readonly string[] => {
  const owners = new Set([...reports.map(({ owners }) => owners[contested]), fresh.owner]);
  const [owner] = owners;
  const told = reports.filter(({ lost }) => lost[contested] === owner).map(({ agent }) => agent);
  const isOne = owners.size === 1 && typeof owner === "string" && told.length === 1 && told[0] !== owner;
  const isMended = fresh.statuses.reviewer === filedStatus;
  const counts = reports.map((report) => `${report.agent} ${timesHeard(report)}`);
  const isHeard = reports.every((report) => timesHeard(report) === (report.agent === "planner" ? 0 : 1));
  return [
    `${isOne ? "✓" : "✗"} the contested task is ${[...owners].join(", ")}'s on every replica; told of the loss: ${told.join(", ") || "nobody"}`,
    `${isMended ? "✓" : "✗"} the reviewer is shown as ${String(fresh.statuses.reviewer)}, its file says ${filedStatus}`,
    `${isHeard ? "✓" : "✗"} the message to the group was heard by those in it, once: ${counts.join(", ")}`,
  ];
};
