/** The archive: what is left of 10,000 finished tasks and 5,000 decisions in the live document, and what reading the rest costs. */

import { systemClock } from "@context-mesh/common";
import {
  ArchiveReader,
  type Author,
  addDecision,
  addTask,
  archiveCopies,
  type Change,
  ContextView,
  completeTask,
  confirmArchive,
  defaultArchiveRules,
  type Outcome,
  planArchive,
  Replica,
  reopenArchivedTask,
  roomPolicies,
  setTaskStatus,
  writerOfClient,
} from "@context-mesh/document";
import type { Figure } from "./result.ts";

const tasks = 10_000;
const decisions = 5_000;
const agents = 8;
/** As often as a node looks after its archive in a busy room. */
const archiveEvery = 500;
const liveBytesMax = 2 * 2 ** 20;

const firstMs = 1_780_000_000_000;

/** A document with several writers that always have everything. */
class Room {
  readonly replica: Replica;
  readonly view: ContextView;
  readonly #seqs = new Array<number>(agents).fill(0);
  readonly #seen = Array.from({ length: agents }, () => new Map<string, Uint8Array>());
  #nowMs = firstMs;
  #agent = 0;

  constructor() {
    this.replica = new Replica({ policyFor: roomPolicies(() => this.replica), now: () => this.#nowMs });
    this.view = new ContextView(this.replica);
  }

  as(agent: number): Author {
    this.#agent = agent;
    this.#nowMs += 1_000;
    const clientId = 2 ** 52 + 104_729 * (agent + 1);
    this.replica.setIdentity({ writer: writerOfClient(clientId), clientId, agent: `agent-${agent}`, incarnation: 1 });
    return { agent: `agent-${agent}`, nowMs: this.#nowMs };
  }

  write(changes: readonly Change[]): void {
    const nextSeq = (): number => {
      this.#seqs[this.#agent] = (this.#seqs[this.#agent] ?? 0) + 1;
      return this.#seqs[this.#agent] ?? 0;
    };
    const seen = this.#seen[this.#agent] as Map<string, Uint8Array>;
    const entries = changes.map(({ key, value, basis }) => {
      const stamp = { hlc: this.replica.nextHlc(), seq: nextSeq(), ownSeen: seen.get(key) };
      const draft = this.replica.draft({ key, value, basis, ...stamp });
      seen.set(key, draft.seen);
      return draft.entry;
    });
    this.replica.publish(entries, nextSeq);
  }

  do(outcome: Outcome): void {
    if (!outcome.ok) throw new Error(`${outcome.reason}: ${outcome.detail}`);
    this.write(outcome.value);
  }

  get bytes(): number {
    return this.replica.encode().byteLength;
  }
}

const summary = (n: number): string =>
  `Finished part ${n}: handlers, tests and the migration are in, the old path is gone, numbers are in the report.`;

const finishTask = (room: Room, n: number): void => {
  const id = `task-${String(n).padStart(5, "0")}`;
  const owner = `agent-${(n + 3) % agents}`;
  room.do(
    addTask(room.view, { id, title: `Work item ${n} of the plan`, owner, priority: "high" }, room.as(n % agents)),
  );
  room.do(setTaskStatus(room.view, id, "in_progress", room.as((n + 3) % agents)));
  room.do(completeTask(room.view, id, { summary: summary(n) }, room.as((n + 3) % agents)));
};

const decide = (room: Room, n: number): void => {
  const id = `dec-${String(n).padStart(5, "0")}`;
  const fields = { type: "architecture", rationale: `Because of measurement ${n}`, impact: ["auth", `part-${n % 20}`] };
  room.do(
    addDecision(room.view, { id, decision: `Use variant ${n % 7} for part ${n % 20}`, ...fields }, room.as(n % agents)),
  );
};

const archiveNow = (live: Room, archive: Room, nowMs: number): void => {
  const plan = planArchive(live.view, defaultArchiveRules, { nowMs, liveBytes: live.bytes });
  archive.as(0);
  archive.write(archiveCopies(live.view, archive.replica, plan));
  const author = live.as(0);
  const move = confirmArchive({ view: live.view, live: live.replica, archive: archive.replica, plan, author });
  live.write(move.changes);
  live.replica.prune(move.entries);
};

const timed = (work: () => void): number => {
  const from = systemClock.monotonicMs();
  work();
  return systemClock.monotonicMs() - from;
};

const fill = (room: Room, after: (done: number) => void): void => {
  for (let n = 0; n < tasks; n += 1) {
    finishTask(room, n);
    if (n % 2 === 0 && n / 2 < decisions) decide(room, n / 2);
    after(n + 1);
  }
};

export const run = async (say: (text: string) => void): Promise<readonly Figure[]> => {
  const [live, archive, plain] = [new Room(), new Room(), new Room()];
  let largest = 0;
  fill(plain, () => {});
  fill(live, (done) => {
    if (done % archiveEvery !== 0) return;
    largest = Math.max(largest, live.bytes);
    archiveNow(live, archive, firstMs);
  });
  say(`  live ${live.bytes} bytes, largest ${largest}, archive ${archive.bytes}, without an archive ${plain.bytes}`);
  const reader = new ArchiveReader(archive.replica, live.replica);
  let found = 0;
  const searched = timed(() => {
    found = reader.search("finished part 4711").length;
  });
  const read = timed(() => {
    found += reader.item("task", "task-00001") === undefined ? 0 : 1;
  });
  live.do(reopenArchivedTask(live.view, reader, "task-00001", live.as(1)));
  const isOpen = live.view.task("task-00001")?.list === "active";
  const baseline = { baseline: { what: "without an archive", figure: plain.bytes } };
  const isWhole = found === 2 && isOpen && archive.replica.has("t/task-00001");
  const held = { target: liveBytesMax, pass: live.bytes <= liveBytesMax && isWhole };
  const common = { package: "document" };
  return [
    {
      clause: "CTX-7a",
      what: "live document after 10,000 tasks and 5,000 decisions",
      figure: live.bytes,
      unit: "bytes",
      ...held,
      ...baseline,
      ...common,
    },
    { what: "live document at its largest between two archive runs", figure: largest, unit: "bytes", ...common },
    { what: "archive", figure: archive.bytes, unit: "bytes", ...common },
    { what: "first search through the archive", figure: searched, unit: "ms", ...common },
    { what: "one archived task by id", figure: read, unit: "ms", ...common },
  ];
};
