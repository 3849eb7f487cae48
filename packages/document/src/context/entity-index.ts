/** Which keys an item or record has: entity -> keys, by prefix. Built once from all keys, then kept key by key. */

import { entityOf, isProposalKey } from "../layout/keys.ts";

const none: readonly string[] = [];

export class EntityIndex {
  readonly #byPrefix = new Map<string, Map<string, string[]>>();
  readonly #proposals = new Set<string>();

  /** Keys of proposals, wherever they are made. */
  get proposals(): Iterable<string> {
    return this.#proposals;
  }

  #entities(entity: string): Map<string, string[]> {
    const slash = entity.indexOf("/");
    const prefix = slash < 0 ? entity : entity.slice(0, slash);
    let entities = this.#byPrefix.get(prefix);
    if (entities === undefined) {
      entities = new Map();
      this.#byPrefix.set(prefix, entities);
    }
    return entities;
  }

  /** For a key that is known not to be there yet. */
  append(key: string): void {
    if (isProposalKey(key)) this.#proposals.add(key);
    const entity = entityOf(key);
    const entities = this.#entities(entity);
    const keys = entities.get(entity);
    if (keys === undefined) entities.set(entity, [key]);
    else keys.push(key);
  }

  add(key: string): void {
    if (!this.keysOf(entityOf(key)).includes(key)) this.append(key);
  }

  remove(key: string): void {
    this.#proposals.delete(key);
    const entity = entityOf(key);
    const entities = this.#entities(entity);
    const keys = entities.get(entity);
    const at = keys?.indexOf(key) ?? -1;
    if (keys === undefined || at < 0) return;
    keys.splice(at, 1);
    if (keys.length === 0) entities.delete(entity);
  }

  /** Full keys, in no particular order. */
  keysOf(entity: string): readonly string[] {
    return this.#entities(entity).get(entity) ?? none;
  }

  /** Entities with at least one key: `t/task-1`, … */
  entities(prefix: string): Iterable<string> {
    return this.#byPrefix.get(prefix)?.keys() ?? none;
  }

  count(prefix: string): number {
    return this.#byPrefix.get(prefix)?.size ?? 0;
  }
}
