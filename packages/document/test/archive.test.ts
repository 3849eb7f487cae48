import type { JsonObject } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  addDecision,
  addTask,
  blockTask,
  completeTask,
  exportContext,
  importContext,
  reopenArchivedTask,
  reopenTask,
  resolveConflict,
  restoreArchivedDecision,
  revivedTasks,
  setTaskStatus,
  updateTask,
} from "../src/index.ts";
import { type Archivist, archiveNow, confirm, copy, makeArchivist, plan } from "./support/archiving.ts";
import { makePeer, type Peer, syncAll } from "./support/peer.ts";

const dayMs = 24 * 60 * 60_000;
const start = 1_800_000_000_000;

const completed = (peer: Peer, id: string): void => {
  peer.do(addTask(peer.view, { id, title: `Title of ${id}`, owner: "builder", tags: ["db", "auth"] }, peer.author()));
  peer.do(completeTask(peer.view, id, { summary: `Summary of ${id}` }, peer.author()));
};

const decided = (peer: Peer, id: string): void => {
  peer.do(addDecision(peer.view, { id, decision: `Decision ${id}`, impact: ["auth"] }, peer.author()));
};

const everything = { days: -1 } as const;

const room = (): Archivist & { other: Peer } => {
  const archivist = makeArchivist("archivist");
  const other = makePeer("other");
  completed(archivist.live, "t1");
  decided(archivist.live, "d1");
  syncAll(archivist.live, other);
  return { ...archivist, other };
};

describe("archive", () => {
  it("[CTX-7c] [DOC-140] age, count and live size each make entries due, and each can be set", () => {
    let nowMs = start;
    const archivist = makeArchivist("a", () => nowMs);
    for (let n = 0; n < 6; n += 1) {
      completed(archivist.live, `t${n}`);
      decided(archivist.live, `d${n}`);
      nowMs += dayMs;
    }
    const due = (rules: Parameters<typeof plan>[1], at = nowMs) =>
      plan(archivist, rules, at).items.map(({ id, reason }) => `${id} ${reason}`);
    expect(due({})).toEqual([]);
    expect(due({}, start + 31 * dayMs + 1_000)).toEqual(["t0 age", "d0 age", "t1 age", "d1 age"]);
    expect(due({ days: 5 })).toEqual(["t0 age", "d0 age"]);
    expect(due({ count: 4 })).toEqual(["t0 count", "d0 count", "t1 count", "d1 count"]);
    const size = archivist.live.replica.encode().byteLength;
    expect(due({ liveBytes: size - 1 })).toEqual(["t0 size"]);
    expect(due({ liveBytes: 0 })).toHaveLength(12);
  });

  it("[CTX-7c] counts and place are kept and travel", () => {
    const { other, ...archivist } = room();
    archivist.live.do(
      importContext(archivist.live.view, { decisions_log: { archived_count: 45 } }, archivist.live.author()),
    );
    expect(archiveNow(archivist, everything, start + dayMs)).toBe(2);
    syncAll(archivist.live, other);
    for (const peer of [archivist.live, other]) {
      const log = peer.view.context().decisions_log;
      expect(log).toMatchObject({ recent: [], archived_count: 46, archive_location: "acme~archive" });
      expect(peer.view.archivedCounts()).toEqual({ tasks: 1, decisions: 1 });
    }
  });

  it("[CTX-7b] an archived task is read by id, found by search, and opened again", () => {
    const { other, ...archivist } = room();
    const before = archivist.live.view.task("t1")?.fields as JsonObject;
    archiveNow(archivist, everything, start + dayMs);
    const { view } = archivist.live;
    expect(view.task("t1")).toMatchObject({ list: "archived" });
    expect(view.context().project_state?.completed_tasks).toEqual([]);
    expect(archivist.reader.item("task", "t1")?.fields).toEqual(before);
    expect(archivist.reader.search("summary OF t1").map(({ id }) => id)).toEqual(["t1"]);
    expect(archivist.reader.search("decision").map(({ kind, id }) => `${kind} ${id}`)).toEqual(["decision d1"]);
    expect(archivist.reader.search("nothing like it")).toEqual([]);
    view.joinArchive(archivist.reader);
    expect(view.task("t1")).toMatchObject({ list: "archived", fields: before });
    expect(view.section("project_state.completed_tasks[t1].summary")).toBe("Summary of t1");

    archivist.live.do(reopenArchivedTask(view, archivist.reader, "t1", archivist.live.author()));
    archivist.live.do(restoreArchivedDecision(view, archivist.reader, "d1", archivist.live.author()));
    syncAll(archivist.live, other);
    const { result: _, completed: __, ...kept } = before;
    expect(other.view.task("t1")).toMatchObject({ list: "active", status: "pending", round: 1 });
    expect(other.view.task("t1")?.fields).toEqual({ ...kept, status: "pending" });
    expect(other.view.decisions()).toHaveLength(1);
    expect(other.view.archivedCounts()).toEqual({ tasks: 0, decisions: 0 });
  });

  it("[DOC-141] nothing is deleted before the archive has it, nor when it was written since", () => {
    const { other: _, ...archivist } = room();
    const planned = plan(archivist, everything, start + dayMs);
    expect(confirm(archivist, planned)).toBe(0);
    copy(archivist, planned);
    archivist.live.do(updateTask(archivist.live.view, "t1", { summary: "Newer" }, archivist.live.author()));
    expect(confirm(archivist, planned)).toBe(1);
    expect(archivist.live.view.task("t1")?.fields.summary).toBe("Newer");
    expect(archiveNow(archivist, everything, start + dayMs)).toBe(1);
    expect(archivist.reader.item("task", "t1")?.fields.summary).toBe("Newer");
  });

  it("[DOC-142] archiving twice copies and deletes nothing more", () => {
    const { other: _, ...archivist } = room();
    archiveNow(archivist, everything, start + dayMs);
    const size = archivist.archive.replica.encode().byteLength;
    expect(archiveNow(archivist, everything, start + 2 * dayMs)).toBe(0);
    expect(archivist.archive.replica.encode().byteLength).toBe(size);
  });

  it("[SCH-8] two archivers at once leave one whole task, in one archive", () => {
    const [a, b] = [makeArchivist("a"), makeArchivist("b")];
    completed(a.live, "t1");
    syncAll(a.live, b.live);
    const before = a.live.view.task("t1")?.fields;
    for (const archivist of [a, b]) archiveNow(archivist, everything, start + dayMs);
    syncAll(a.live, b.live);
    syncAll(a.archive, b.archive);
    for (const { live, reader } of [a, b]) {
      expect(live.view.tasks()).toEqual([]);
      expect(live.view.archivedCounts().tasks).toBe(1);
      expect(live.view.conflicts()).toEqual([]);
      expect(reader.item("task", "t1")?.fields).toEqual(before);
    }
    expect(a.live.replica.digest()).toBe(b.live.replica.digest());
  });

  it("[SCH-8] a deletion whose archive never came hides the task and does not show half of it", () => {
    const { other, ...archivist } = room();
    archiveNow(archivist, everything, start + dayMs);
    other.pull(archivist.live);
    expect(other.view.tasks()).toEqual([]);
    expect(other.view.task("t1")).toMatchObject({ list: "archived" });
    expect(other.view.context().decisions_log?.recent).toEqual([]);
  });

  it("[SCH-8] a late edit of an archived task is read joined, and follows it at the next run", () => {
    const { other, ...archivist } = room();
    other.do(updateTask(other.view, "t1", { summary: "Late words" }, other.author()));
    archiveNow(archivist, everything, start + dayMs);
    syncAll(archivist.live, other);
    for (const peer of [archivist.live, other]) expect(peer.view.tasks()).toEqual([]);
    const item = archivist.reader.item("task", "t1");
    expect(item?.fields).toMatchObject({ title: "Title of t1", summary: "Late words" });
    expect(plan(archivist, {}, start + dayMs).items.map(({ reason }) => reason)).toEqual(["late_edit"]);
    expect(archiveNow(archivist, {}, start + dayMs)).toBe(1);
    expect([...archivist.live.replica.keys("t/")]).toEqual(["t/t1/z"]);
    expect(archivist.reader.item("task", "t1")).toMatchObject({ fields: item?.fields });
  });

  it("[SCH-8] a task opened again while another archives it stays open, and becomes whole from the archive", () => {
    const { other, ...archivist } = room();
    other.do(reopenTask(other.view, "t1", other.author()));
    archiveNow(archivist, everything, start + dayMs);
    syncAll(archivist.live, other);
    for (const peer of [archivist.live, other]) {
      expect(peer.view.task("t1")).toMatchObject({ list: "active", status: "pending" });
    }
    expect(revivedTasks(archivist.live.view)).toEqual(["t1"]);
    archivist.live.view.joinArchive(archivist.reader);
    expect(archivist.live.view.task("t1")?.fields.title).toBe("Title of t1");
    archivist.live.do(reopenArchivedTask(archivist.live.view, archivist.reader, "t1", archivist.live.author()));
    syncAll(archivist.live, other);
    expect(other.view.task("t1")).toMatchObject({ list: "active", status: "pending", round: 1 });
    expect(other.view.task("t1")?.fields.title).toBe("Title of t1");
    expect(revivedTasks(other.view)).toEqual([]);
  });

  it("[DOC-143] a blocker that comes late leaves a finished task in the archive", () => {
    const { other, ...archivist } = room();
    other.do(blockTask(other.view, "t1", { reason: "late" }, other.author()));
    archiveNow(archivist, everything, start + dayMs);
    syncAll(archivist.live, other);
    expect(other.view.tasks()).toEqual([]);
  });

  it("[DOC-143] a status of the same round that comes late leaves a finished task in the archive", () => {
    for (const word of ["in_progress", "cancelled"]) {
      const archivist = makeArchivist("archivist");
      const other = makePeer("other");
      archivist.live.do(addTask(archivist.live.view, { id: "t1", title: "One" }, archivist.live.author()));
      syncAll(archivist.live, other);
      completed(archivist.live, "t2");
      archivist.live.do(completeTask(archivist.live.view, "t1", {}, archivist.live.author()));
      other.do(setTaskStatus(other.view, "t1", word, other.author()));
      archiveNow(archivist, everything, start + dayMs);
      syncAll(archivist.live, other);
      for (const peer of [archivist.live, other]) expect(peer.view.task("t1")).toMatchObject({ list: "archived" });
    }
  });

  it("[DOC-145] values that nobody decided between are still undecided after a way through the archive", () => {
    const { other, ...archivist } = room();
    other.do(updateTask(other.view, "t1", { summary: "By other" }, other.author()));
    archivist.live.do(updateTask(archivist.live.view, "t1", { summary: "By us" }, archivist.live.author()));
    archiveNow(archivist, everything, start + dayMs);
    syncAll(archivist.live, other);
    archiveNow(archivist, everything, start + dayMs);
    const { view } = archivist.live;
    const fresh = makePeer("fresh");
    fresh.pull(archivist.live);
    archivist.live.do(reopenArchivedTask(view, archivist.reader, "t1", archivist.live.author()));
    syncAll(archivist.live, other, fresh);
    for (const peer of [archivist.live, other, fresh]) {
      const [conflict] = peer.view.conflicts();
      expect(conflict?.candidates.map(({ value, agent }) => `${value} ${agent}`).sort()).toEqual([
        "By other other",
        "By us archivist",
      ]);
      expect(peer.view.task("t1")?.list).toBe("active");
    }
    archivist.live.do(resolveConflict(view, "t/t1/m", { value: "Both" }, archivist.live.author()));
    syncAll(archivist.live, other, fresh);
    for (const peer of [other, fresh]) {
      expect(peer.view.conflicts()).toEqual([]);
      expect(peer.view.task("t1")?.fields.summary).toBe("Both");
    }
  });

  it("[DOC-145] a copy that arrives later makes whole what is read joined", () => {
    const [a, b] = [makeArchivist("a"), makeArchivist("b")];
    completed(a.live, "t1");
    syncAll(a.live, b.live);
    b.live.view.joinArchive(b.reader);
    b.live.do(reopenTask(b.live.view, "t1", b.live.author()));
    archiveNow(a, everything, start + dayMs);
    b.live.pull(a.live);
    const title = () => b.live.view.context().project_state?.active_tasks?.[0]?.title;
    expect(title()).toBeUndefined();
    b.archive.pull(a.archive);
    expect(title()).toBe("Title of t1");
  });

  it("[DOC-144] an export with the archive holds everything once", () => {
    const { other: _, ...archivist } = room();
    const before = exportContext(archivist.live.view);
    archiveNow(archivist, everything, start + dayMs);
    const whole = exportContext(archivist.live.view, { archived: archivist.reader.items() });
    expect(whole.project_state).toEqual(before.project_state);
    expect(whole.decisions_log).toMatchObject({ recent: before.decisions_log?.recent, archived_count: 0 });
  });
});
