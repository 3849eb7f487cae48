/** Wanted paths as a tree, so that one pass over a text finds the places of all of them. */

import type { Key } from "./findings.ts";

export interface Trie {
  offset: number | undefined;
  readonly children: Map<Key, Trie>;
}

const emptyTrie = (): Trie => ({ offset: undefined, children: new Map() });

export const trieOf = (paths: readonly (readonly Key[])[]): Trie => {
  const root = emptyTrie();
  for (const path of paths) {
    let node = root;
    for (const key of path) {
      const child = node.children.get(key) ?? emptyTrie();
      node.children.set(key, child);
      node = child;
    }
  }
  return root;
};

/** The offset of each path, or of its nearest enclosing place that has one. */
export const offsetsOf = (root: Trie, paths: readonly (readonly Key[])[]): number[] =>
  paths.map((path) => {
    let node: Trie | undefined = root;
    let offset = root.offset ?? 0;
    for (const key of path) {
      node = node?.children.get(key);
      offset = node?.offset ?? offset;
    }
    return offset;
  });
