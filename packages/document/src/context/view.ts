/**
 * The shared context as a reader sees it: a projection of a replica, computed where somebody looks and kept up to date key
 * by key. Reading changes nothing; what it returns is never changed afterwards.
 */

import { type JsonObject, type JsonValue, MeshError, ok, type Result, type Unsubscribe } from "@context-mesh/common";
import { formatPath, type SharedContext } from "@context-mesh/schema";
import type { ChangeEvent, Key } from "../entry/types.ts";
import { itemEntity, proposalTarget } from "../layout/keys.ts";
import { codeOf, keyToPath, type ListOrder, type Place, type PlaceRefusal, resolvePath } from "../layout/paths.ts";
import {
  archivedCode,
  decisionList,
  handoverList,
  noteList,
  orderCode,
  questionList,
  rootRecord,
  taskList,
} from "../layout/shapes.ts";
import { parseStatus } from "../layout/status.ts";
import { roomPolicyVersion } from "../policy/room.ts";
import type { ReplicaReader } from "../replica/surface.ts";
import {
  conflictAt,
  countConflicts,
  isInConflict,
  openConflicts,
  proposalsAt,
  storedConflicts,
} from "./conflict-list.ts";
import { type Conflict, type ConflictRecord, openRecord } from "./conflicts.ts";
import type { ArchiveSource } from "./item-fields.ts";
import { ItemTable } from "./item-table.ts";
import { wholeList } from "./items.ts";
import { fieldOfItem, kindsAt, listOrder, pathsOfChange } from "./lists.ts";
import { insidePlace, keysOfPlace, valueOfPlace } from "./places.ts";
import { RecordProjection } from "./records.ts";
import { toShown } from "./shown.ts";
import type { ItemState } from "./sorted-items.ts";
import { affectedBy, Subscriptions, stepsOf } from "./subscriptions.ts";
import type {
  OwnerOf,
  PartChange,
  PathReading,
  ProposalView,
  StandingOf,
  TaskFilter,
  TaskView,
  ViewOptions,
} from "./view-types.ts";

interface Part {
  readonly path: string;
  readonly listener: (change: PartChange) => void;
}

export class ContextView {
  readonly replica: ReplicaReader;
  readonly ownerOf: OwnerOf;
  readonly standingOf: StandingOf;
  readonly table: ItemTable;
  readonly records: RecordProjection;
  /** The lists as they stand, for paths. */
  readonly order: ListOrder;
  readonly #subscriptions = new Subscriptions<Part>();
  readonly #stop: Unsubscribe;
  #stopArchive: Unsubscribe | undefined;

  constructor(replica: ReplicaReader, options: ViewOptions = {}) {
    this.replica = replica;
    this.ownerOf = options.ownerOf ?? (() => undefined);
    this.standingOf = options.standingOf ?? (() => undefined);
    this.table = new ItemTable(replica);
    this.records = new RecordProjection(this.table);
    this.order = listOrder(this.table);
    this.#stop = replica.on("change", (event) => this.#changed(event));
  }

  /** Stops listening to the replica. */
  destroy(): void {
    this.#stop();
    this.#stopArchive?.();
    this.#subscriptions.clear();
  }

  get policyVersion(): number {
    return roomPolicyVersion(this.replica);
  }

  /** With an archive at hand, archived items are read whole by id; the lists stay the live ones. */
  joinArchive(archive: ArchiveSource | undefined): void {
    this.#stopArchive?.();
    this.#stopArchive = archive?.onChange((entities) => this.table.noteArchived(entities));
    this.table.joinArchive(archive);
  }

  // ------------------------------------------------------------ the context and its parts

  /** The live context as exported. The same object as long as nothing changed. */
  context(): SharedContext {
    return this.records.record(rootRecord) as SharedContext;
  }

  /** The value at a path; undefined when there is none. */
  section(path: string): JsonValue | undefined {
    const place = this.resolve(path);
    return place.ok ? valueOfPlace(this, place.value) : undefined;
  }

  resolve(path: string): Result<Place, PlaceRefusal> {
    return resolvePath(path, this.order);
  }

  readPath(path: string): Result<PathReading, PlaceRefusal> {
    const place = this.resolve(path);
    if (!place.ok) return place;
    // Read now: what arrives before somebody looks at the basis was not shown.
    const readings = keysOfPlace(this, place.value).map((key) => this.replica.read(key));
    const only = readings.length === 1 ? readings[0] : undefined;
    return ok({
      path: this.pathOfPlace(place.value),
      value: valueOfPlace(this, place.value),
      candidates: only?.candidates.map((candidate) => insidePlace(place.value, toShown(candidate))) ?? [],
      conflict: readings.some(({ key }) => isInConflict(this, key)),
      get basis() {
        return Object.fromEntries(readings.map((reading) => [reading.key, reading.basis]));
      },
    });
  }

  /** The one key behind a path, or the keys of a part that has many. */
  pathToKeys(path: string): Result<readonly Key[], PlaceRefusal> {
    const place = this.resolve(path);
    return place.ok ? ok(keysOfPlace(this, place.value)) : place;
  }

  /** The path by ids, also of a place that was named by an index. */
  pathOfPlace({ container, name, rest }: Place): string {
    const at = this.keyToPath(`${container.entity}/${name === undefined ? orderCode : codeOf(container, name)}`);
    const inside = formatPath(rest);
    return rest[0] !== undefined && "name" in rest[0] ? `${at}.${inside}` : at + inside;
  }

  keyToPath(key: Key): string {
    return keyToPath(proposalTarget(key), (entity) => fieldOfItem(this.table, entity));
  }

  // ------------------------------------------------------------ items

  task(id: string): TaskView | undefined {
    const state = this.table.state(itemEntity(taskList.prefix, id));
    return state?.group === undefined ? undefined : this.#taskView(state, this.table.item(state) as JsonObject);
  }

  #taskView(state: ItemState, fields: JsonObject): TaskView {
    const stored = this.table.stored(state.entity, "s") ?? this.replica.valueOf(`${state.entity}/${archivedCode}`);
    const { word, round } = parseStatus(stored);
    return { id: state.id, list: state.group as TaskView["list"], status: word, round, fields };
  }

  /** In the order of the lists: active, blocked, completed. Archived ones are not listed. */
  tasks(filter: TaskFilter = {}): readonly TaskView[] {
    const found: TaskView[] = [];
    for (const group of ["active", "blocked", "completed"]) {
      const items = this.table.list(taskList.prefix, group) as readonly JsonObject[];
      for (const [at, state] of this.table.states(taskList.prefix, group).entries()) {
        const fields = items[at] as JsonObject;
        if (filter.owner !== undefined && fields.owner !== filter.owner) continue;
        const task = this.#taskView(state, fields);
        if (filter.status === undefined || task.status === filter.status || task.list === filter.status)
          found.push(task);
      }
    }
    return found;
  }

  decisions(): readonly JsonObject[] {
    return this.table.list(decisionList.prefix, wholeList) as readonly JsonObject[];
  }

  questions(group: "pending" | "answered" = "pending"): readonly JsonObject[] {
    return this.table.list(questionList.prefix, group) as readonly JsonObject[];
  }

  notes(): readonly { readonly id: string; readonly note: JsonValue }[] {
    const notes = this.table.list(noteList.prefix, wholeList);
    return this.table
      .states(noteList.prefix, wholeList)
      .map((state, at) => ({ id: state.id, note: notes[at] ?? null }));
  }

  /** Oldest first; the last one is `last_handover`. */
  handovers(): readonly { readonly id: string; readonly fields: JsonObject }[] {
    const items = this.table.list(handoverList.prefix, wholeList) as readonly JsonObject[];
    return this.table
      .states(handoverList.prefix, wholeList)
      .map((state, at) => ({ id: state.id, fields: items[at] ?? {} }));
  }

  isArchived(kind: "task" | "decision", id: string): boolean {
    const list = kind === "task" ? taskList : decisionList;
    return this.table.state(itemEntity(list.prefix, id))?.group === "archived";
  }

  /** What this room archived, beside what an imported file counted. */
  archivedCounts(): { readonly tasks: number; readonly decisions: number } {
    return {
      tasks: this.table.count(taskList.prefix, "archived"),
      decisions: this.table.count(decisionList.prefix, "archived"),
    };
  }

  // ------------------------------------------------------------ conflicts and proposals

  conflictAt(key: Key): Conflict | undefined {
    return conflictAt(this, key);
  }

  /** Open conflicts, newest first. */
  conflicts(): readonly Conflict[] {
    return openConflicts(this);
  }

  /** How many conflicts are open, without telling of them. */
  conflictCount(): number {
    return countConflicts(this);
  }

  /** Open and decided conflicts in the form of the protocol. */
  conflictRecords(): readonly ConflictRecord[] {
    const open = this.conflicts();
    const isOpen = new Set(open.map(({ key }) => key));
    const stored = storedConflicts(this)
      .filter(({ key, state }) => state === "resolved" || !isOpen.has(key))
      .sort((a, b) => (a.detected < b.detected ? 1 : -1));
    return [...open.map(openRecord), ...stored.map(({ recordKey: _, ...record }) => record)];
  }

  /** What others would like an owner to accept. */
  proposals(): readonly ProposalView[] {
    return [...this.table.index.proposals].sort().flatMap((key) => proposalsAt(this, key));
  }

  // ------------------------------------------------------------ change by change

  /** Calls the listener after each change inside the part. An index in the path is resolved once, now. */
  subscribe(path: string, listener: (change: PartChange) => void): Unsubscribe {
    const place = this.resolve(path);
    const named = place.ok && place.value.viaIndex ? this.pathOfPlace(place.value) : path;
    const steps = stepsOf(named);
    if (steps === undefined) {
      throw new MeshError("path_syntax", `not a path: ${path}`, {
        hint: "write it like project_state.active_tasks[id]",
      });
    }
    for (const prefix of kindsAt(steps)) this.table.watch(prefix);
    return this.#subscriptions.add(steps, { path: named, listener });
  }

  #changed(event: ChangeEvent): void {
    this.table.note(event.keys);
    if (this.#subscriptions.size === 0) return;
    const moves = this.table.settle();
    const affected = [...event.keys].flatMap((key) => pathsOfChange(this.table, key, moves)).map(affectedBy);
    const failures: unknown[] = [];
    for (const { listener: part, paths } of this.#subscriptions.concerned(affected)) {
      try {
        this.#tell(part, paths, event);
      } catch (error) {
        failures.push(error);
      }
    }
    // The replica logs what a listener throws; here the others are told first.
    if (failures.length > 0) throw new AggregateError(failures, "a subscriber threw");
  }

  #tell(part: Part, paths: readonly string[], event: ChangeEvent): void {
    const view = this;
    const { path } = part;
    part.listener({
      path,
      paths,
      keys: [...event.keys],
      local: event.local,
      get value() {
        return view.section(path);
      },
    });
  }
}
