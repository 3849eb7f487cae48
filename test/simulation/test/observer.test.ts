/** The observer sees what an update adds, and who added it. */

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type LocalAppend, Observer } from "../src/observer.ts";

describe("observer", () => {
  it("finds unique values in entries and tells local appends from remote ones", () => {
    const author = new Y.Doc();
    const reader = new Y.Doc();
    const seen = { author: new Set<string>(), reader: new Set<string>() };
    const local: LocalAppend[] = [];
    new Observer(seen.author, (append) => local.push(append)).attach(author);
    new Observer(seen.reader, (append) => local.push(append)).attach(reader);
    author.getArray("a/x/0").push([
      ["t/1/title", "w:a.1:7", new Uint8Array([1])],
      ["t/1/s", [0, "pending"]],
    ]);
    Y.applyUpdate(reader, Y.encodeStateAsUpdate(author), "relay");
    expect([...seen.author]).toEqual(["w:a.1:7"]);
    expect([...seen.reader]).toEqual(["w:a.1:7"]);
    expect(local.map((append) => append.values)).toEqual([["w:a.1:7"]]);
  });
});
