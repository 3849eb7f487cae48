/** What `on("change")` tells. Paths are worked out when somebody looks: a first sync changes very many keys at once. */

import type { ContextView, Key } from "@context-mesh/document";
import type { MeshEvents } from "../api/types.ts";

type Change = MeshEvents["change"];

export class ChangeNotice implements Change {
  readonly local: boolean;
  readonly #view: ContextView;
  readonly #keys: ReadonlySet<Key>;
  #paths: readonly string[] | undefined;

  constructor(view: ContextView, keys: ReadonlySet<Key>, local: boolean) {
    this.#view = view;
    this.#keys = keys;
    this.local = local;
  }

  get keys(): readonly string[] {
    return [...this.#keys];
  }

  get paths(): readonly string[] {
    this.#paths ??= [...new Set([...this.#keys].map((key) => this.#view.keyToPath(key)))];
    return this.#paths;
  }

  toJSON(): Change {
    return { paths: this.paths, keys: this.keys, local: this.local };
  }
}
