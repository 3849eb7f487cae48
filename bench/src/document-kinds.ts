/** The kinds of documents that are measured beside each other, behind one small interface. */

import { type JsonValue, systemClock } from "@context-mesh/common";
import { policyFor, Replica, writerOfClient } from "@context-mesh/document";
import * as Y from "yjs";
import { agentCount, type FieldWrite, fields } from "./document-workload.ts";

export interface DocumentKind {
  readonly name: string;
  write(write: FieldWrite): void;
  /** Called now and then, as a node does when its relays have everything. */
  tidy(): void;
  encode(): Uint8Array;
}

/** Several agents that always have everything: one document, written under each agent's client id in turn. */
const clientOf = (agent: number): number => 2 ** 52 + 104_729 * (agent + 1);

const firstTime = 1_780_000_000_000;

export const newReplica = (now: () => number = () => systemClock.wallMs()): Replica =>
  new Replica({ policyFor: (key) => policyFor(key, 1), now });

export class MeshDocument implements DocumentKind {
  readonly name = "context-mesh";
  #time = firstTime;
  readonly replica = newReplica(() => this.#time);
  /** What the last write would send. */
  lastUpdate: Uint8Array = new Uint8Array();
  readonly #seqs = new Array<number>(agentCount).fill(0);
  readonly #seen = Array.from({ length: agentCount }, () => new Map<string, Uint8Array>());

  /** Goes on from a state that another `MeshDocument` encoded. */
  static from(state: Uint8Array): MeshDocument {
    const document = new MeshDocument();
    document.replica.load([state]);
    document.#time = document.replica.hlc();
    document.#seqs.fill(10_000_000);
    return document;
  }

  #become(agent: number): void {
    const clientId = clientOf(agent);
    this.replica.setIdentity({ writer: writerOfClient(clientId), clientId, agent: `agent-${agent}`, incarnation: 1 });
  }

  write({ agent, task, field, value }: FieldWrite): void {
    const key = task === undefined ? `hb/agent-${agent}` : `t/task-${task}/${fields[field as keyof typeof fields]}`;
    const stored: JsonValue = field === "status" ? [0, value] : value;
    this.#time += 97;
    this.#become(agent);
    const nextSeq = (): number => {
      this.#seqs[agent] = (this.#seqs[agent] ?? 0) + 1;
      return this.#seqs[agent] ?? 0;
    };
    const { replica } = this;
    const seen = this.#seen[agent] as Map<string, Uint8Array>;
    const { basis } = replica.read(key);
    const request = { key, value: stored, basis, hlc: replica.nextHlc(), seq: nextSeq(), ownSeen: seen.get(key) };
    const draft = replica.draft(request);
    seen.set(key, draft.seen);
    this.lastUpdate = replica.publish([draft.entry], nextSeq).update;
  }

  tidy(): void {
    const vector = this.replica.vector();
    for (let agent = 0; agent < agentCount; agent++) {
      this.#become(agent);
      this.replica.collect([vector]);
    }
  }

  /** What a store would keep for the agents is not part of the document. */
  forgetSeen(): void {
    for (const seen of this.#seen) seen.clear();
  }

  encode(): Uint8Array {
    return this.replica.encode();
  }
}

export class NestedMaps implements DocumentKind {
  readonly name = "nested Y.Map";
  readonly doc = new Y.Doc();

  static from(state: Uint8Array): NestedMaps {
    const document = new NestedMaps();
    Y.applyUpdate(document.doc, state);
    return document;
  }

  write({ agent, task, field, value }: FieldWrite): void {
    this.doc.clientID = clientOf(agent);
    if (task === undefined) {
      this.doc.getMap("agents").set(`agent-${agent}`, value);
      return;
    }
    const tasks = this.doc.getMap<Y.Map<JsonValue>>("tasks");
    let map = tasks.get(`task-${task}`);
    if (map === undefined) {
      map = new Y.Map<JsonValue>();
      tasks.set(`task-${task}`, map);
    }
    map.set(field, value);
  }

  tidy(): void {}

  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }
}

export class FlatMap implements DocumentKind {
  readonly name = "flat Y.Map";
  readonly doc = new Y.Doc();

  write({ agent, task, field, value }: FieldWrite): void {
    this.doc.clientID = clientOf(agent);
    this.doc.getMap("context").set(task === undefined ? `agent-${agent}` : `task-${task}.${field}`, value);
  }

  tidy(): void {}

  encode(): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc);
  }
}
