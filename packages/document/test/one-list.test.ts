import { canonicalJson, type JsonValue } from "@context-mesh/common";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addTask,
  blockTask,
  completeTask,
  exportContext,
  type Outcome,
  pushChange,
  removeTask,
  reopenArchivedTask,
  reopenTask,
  revivedTasks,
  setTaskStatus,
  unblockTask,
  updateTask,
} from "../src/index.ts";
import { type Archivist, archiveNow, confirm, copy, makeArchivist, plan } from "./support/archiving.ts";
import { syncAll } from "./support/peer.ts";

const ids = ["t1", "t2"];

type Act = (agent: Archivist, id: string) => void;

const run =
  (
    operation: (
      view: Archivist["live"]["view"],
      id: string,
      author: ReturnType<Archivist["live"]["author"]>,
    ) => Outcome,
  ): Act =>
  ({ live }, id) => {
    const outcome = operation(live.view, id, live.author());
    if (outcome.ok) live.write(outcome.value);
  };

const startMs = 1_800_000_000_000;
const dayMs = 24 * 60 * 60_000;
const everything = { days: -1 };

const acts: Readonly<Record<string, Act>> = {
  create: run((view, id, author) => addTask(view, { id, title: `Title of ${id}` }, author)),
  edit: run((view, id, author) => updateTask(view, id, { summary: `by ${author.agent}` }, author)),
  start: run((view, id, author) => setTaskStatus(view, id, "in_progress", author)),
  complete: run((view, id, author) => completeTask(view, id, { summary: `done by ${author.agent}` }, author)),
  cancel: run((view, id, author) => setTaskStatus(view, id, "cancelled", author)),
  block: run((view, id, author) => blockTask(view, id, { reason: `waits for ${author.agent}` }, author)),
  unblock: run((view, id, author) => unblockTask(view, id, undefined, author)),
  reopen: run((view, id, author) => reopenTask(view, id, author)),
  remove: run((view, id, author) => removeTask(view, id, author)),
  push: ({ live }, id) => {
    const path = `project_state.active_tasks[${id}].status`;
    const outcome = pushChange(live.view, { path, to: "blocked" }, live.author());
    if (outcome.answer === "applied") live.write(outcome.changes);
  },
  archive: (agent) => {
    archiveNow(agent, everything, startMs + dayMs);
  },
  copyOnly: (agent) => copy(agent, plan(agent, everything, startMs + dayMs)),
  confirmOnly: (agent) => {
    confirm(agent, plan(agent, everything, startMs + dayMs));
  },
  openArchived: ({ live, reader }, id) => {
    const outcome = reopenArchivedTask(live.view, reader, id, live.author());
    if (outcome.ok) live.write(outcome.value);
  },
};

interface Lists {
  readonly active_tasks: readonly { readonly id: string }[];
  readonly completed_tasks: readonly { readonly id: string }[];
  readonly blocked_tasks: readonly { readonly id: string }[];
}

const countIn = (context: { project_state?: unknown }, id: string): number => {
  const lists = context.project_state as Lists;
  const all = [...lists.active_tasks, ...lists.completed_tasks, ...lists.blocked_tasks];
  return all.filter((task) => task.id === id).length;
};

/** What must hold at every moment on every peer, whatever it has heard of. */
const checkLists = ({ live, reader }: Archivist): void => {
  for (const id of ids) {
    const task = live.view.task(id);
    const isLive = task !== undefined && task.list !== "archived";
    expect([id, countIn(live.view.context(), id)]).toEqual([id, isLive ? 1 : 0]);
    const whole = exportContext(live.view, { archived: reader.items() });
    const isInArchive = task?.list === "archived" && reader.has(`t/${id}`);
    expect([id, countIn(whole, id)]).toEqual([id, isLive || isInArchive ? 1 : 0]);
  }
};

const command = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat(2), fc.constantFrom(...Object.keys(acts)), fc.constantFrom(...ids)) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(2), fc.constant("hear"), fc.nat(2)) },
);

describe("a task is in one list", () => {
  it("[CTX-3a] whatever is done at once: complete, block, edit, archive, remove, create again", () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), (commands) => {
        const agents = ["a", "b", "c"].map((name) => makeArchivist(name));
        for (const [at, name, target] of commands) {
          const agent = agents[at] as Archivist;
          if (typeof target === "string") acts[name]?.(agent, target);
          else {
            agent.live.pull((agents[target] as Archivist).live);
            agent.archive.pull((agents[(target + 1) % 3] as Archivist).archive);
          }
          checkLists(agent);
        }
        syncAll(...agents.map(({ live }) => live));
        syncAll(...agents.map(({ archive }) => archive));
        for (const agent of agents) checkLists(agent);
        const shown = agents.map(({ live }) => canonicalJson(live.view.context() as JsonValue));
        expect(new Set(shown).size).toBe(1);
        expect(new Set(agents.map(({ live }) => live.replica.digest())).size).toBe(1);
        expect(new Set(agents.map(({ live }) => JSON.stringify(live.view.conflicts()))).size).toBe(1);
        for (const { live, reader } of agents.slice(0, 1)) {
          live.view.joinArchive(reader);
          for (const id of revivedTasks(live.view)) expect(live.view.task(id)?.fields).toHaveProperty("title");
        }
      }),
      { seed: 31, numRuns: 200 },
    );
  });
});
