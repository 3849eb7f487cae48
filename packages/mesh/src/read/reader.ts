/** Reads of a node: by path, by what changed, as a briefing, back in time. What it shows is remembered as a basis. */

import type { JsonValue, Unsubscribe } from "@context-mesh/common";
import { shownValue } from "@context-mesh/document";
import type { SharedContext } from "@context-mesh/schema";
import type {
  Briefing,
  ChangedItem,
  Cursor,
  DiffItem,
  HistoryItem,
  LiveQuery,
  PullAnswer,
  PullRequest,
  QueueItem,
  ReadAnswer,
} from "../api/types.ts";
import { makeReplica } from "../node/make-replica.ts";
import type { Desk } from "../operate/desk.ts";
import type { BasisMemory } from "./basis-memory.ts";
import { briefingOf } from "./briefing-input.ts";
import { toCandidateView } from "./candidate-view.ts";
import { parseSince } from "./cursor.ts";
import { contextAt, diffBetween, type HistorySource, historyOf, isInLog, logPositionAt } from "./history.ts";
import { liveQuery } from "./live-query.ts";
import { arrivalsAfter, changedItems, cursorNow, isInSection, saveCursor, windowOf } from "./pull.ts";
import { unreadable } from "./refusals.ts";

interface Looked {
  readonly changes: readonly ChangedItem[];
  readonly cursor: Cursor;
  readonly reset: boolean;
}

export class Reader {
  readonly #desk: Desk;
  readonly #memory: BasisMemory;

  constructor(desk: Desk, memory: BasisMemory) {
    this.#desk = desk;
    this.#memory = memory;
  }

  get(path: string): ReadAnswer {
    const reading = this.#desk.view.readPath(path);
    if (!reading.ok) throw unreadable(path, reading);
    const { value, basis, candidates, conflict } = reading.value;
    this.#memory.remember(basis);
    const shown = candidates.map((candidate) => toCandidateView(this.#desk.view, candidate));
    return { path: reading.value.path, value, basis, candidates: shown, conflict };
  }

  live(path: string): LiveQuery<JsonValue | undefined> {
    const watch = (onChange: () => void): Unsubscribe => this.#desk.core.on("change", onChange);
    return liveQuery({ read: () => this.#desk.view.section(path), watch });
  }

  pull(request: PullRequest): PullAnswer {
    const { view } = this.#desk;
    const { changes, cursor, reset } = this.#look(request);
    const sections = request.sections ?? [];
    const wanted = changes.filter((change) => {
      return sections.length === 0 || sections.some((section) => isInSection(change.path, section));
    });
    this.#shown(wanted);
    const changed = sections.filter((section) => changes.some((change) => isInSection(change.path, section)));
    return {
      cursor,
      reset,
      changes: wanted,
      sections: Object.fromEntries(changed.map((section) => [section, view.section(section) ?? null])),
    };
  }

  briefing(request: {
    readonly budgetTokens?: number;
    readonly since?: Cursor | number;
    readonly peek?: boolean;
  }): Briefing {
    const { view, core } = this.#desk;
    const { budgetTokens, ...where } = request;
    const { changes, cursor } = this.#look(where);
    const news = changes.filter((change) => !change.own);
    this.#shown(news);
    const text = briefingOf(view, { agent: core.options.agent.id, changes: news, budgetTokens });
    return { ...text, cursor };
  }

  history(options: { readonly last?: number; readonly path?: string } = {}): readonly HistoryItem[] {
    return historyOf(this.#source(), options);
  }

  diff(from: Cursor | number, to?: Cursor | number): readonly DiffItem[] {
    const end = to === undefined ? undefined : this.#logPosition(to);
    return diffBetween(this.#source(), this.#logPosition(from), end);
  }

  queue(): readonly QueueItem[] {
    const { view, core } = this.#desk;
    return core.replicas.queue.list().map(({ entry, level, at, bytes }) => ({
      seq: entry.seq,
      key: entry.key,
      path: view.keyToPath(entry.key),
      value: shownValue(entry.key, entry.value),
      level,
      at,
      bytes,
    }));
  }

  #look(request: PullRequest): Looked {
    const { view, core } = this.#desk;
    const { replicas } = core;
    replicas.commitReceived();
    const window = windowOf(replicas.store, request.since);
    const arrivals = arrivalsAfter(replicas.store, window.after);
    const cursor = cursorNow(replicas.store);
    if (request.peek !== true && request.since === undefined) saveCursor(core.replicas, cursor);
    return { changes: changedItems(arrivals, view, core.options.agent.id), cursor, reset: window.reset };
  }

  #shown(changes: readonly ChangedItem[]): void {
    const { replica } = this.#desk.core.replicas;
    this.#memory.remember(Object.fromEntries(changes.map(({ key }) => [key, replica.read(key).basis])));
  }

  /** undefined: not a place of this store's log, or before it begins. */
  contextAt(place: Cursor | number): SharedContext | undefined {
    const { store } = this.#desk.core.replicas;
    const since = parseSince(place);
    if (!since.ok) return undefined;
    const source = this.#source();
    if (since.value.kind === "time") {
      const { atMs } = since.value;
      return isInLog(store, atMs) ? contextAt(source, logPositionAt(store, atMs)) : undefined;
    }
    const { position } = since.value;
    return position.storeId === store.storeId ? contextAt(source, position.log) : undefined;
  }

  #logPosition(place: Cursor | number): number {
    const { store } = this.#desk.core.replicas;
    const since = parseSince(place);
    if (!since.ok) throw unreadable(String(place), since);
    if (since.value.kind === "time") return logPositionAt(store, since.value.atMs);
    if (since.value.position.storeId !== store.storeId) {
      throw unreadable(String(place), { reason: "foreign_cursor", detail: "this cursor was made by another store" });
    }
    return since.value.position.log;
  }

  #source(): HistorySource {
    const { view, core } = this.#desk;
    const { clock, logger, agent } = core.options;
    const { replicas } = core;
    replicas.commitReceived();
    const make = () => makeReplica({ now: () => clock.wallMs(), logger });
    return { store: replicas.store, makeReplica: make, view, agent: agent.id };
  }
}
