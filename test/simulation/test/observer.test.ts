/** The observer sees what an update adds, and who added it. */

import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Observer } from "../src/observer.ts";
import { familyOf, valuesIn } from "../src/values.ts";

describe("observer", () => {
  it("finds unique values that entries write, not those they speak of, and tells local appends from remote ones", () => {
    const author = new Y.Doc();
    const reader = new Y.Doc();
    const seen = { author: new Set<string>(), reader: new Set<string>() };
    const local: (readonly string[])[] = [];
    new Observer(seen.author, (values) => local.push(values)).attach(author);
    new Observer(seen.reader, (values) => local.push(values)).attach(reader);
    author.getArray("a/x/0").push([
      ["t/1/title", "w:a.1:7;", new Uint8Array([1])],
      ["f/2", { result: "decided for w:a.1:6;" }],
      ["t/1/s", [0, "pending"]],
    ]);
    Y.applyUpdate(reader, Y.encodeStateAsUpdate(author), "relay");
    expect([...seen.author]).toEqual(["w:a.1:7;"]);
    expect([...seen.reader]).toEqual(["w:a.1:7;"]);
    expect(local).toEqual([["w:a.1:7;"]]);
  });

  it("finds values in bytes without decoding them", () => {
    const doc = new Y.Doc();
    doc.getArray("a").push(["w:agent1.c2:10;", "1", "w:agent1.c2:1;"]);
    expect(valuesIn(Y.encodeStateAsUpdate(doc))).toEqual(["w:agent1.c2:10;", "w:agent1.c2:1;"]);
    expect(familyOf("w:agent1.c2:10;")).toBe("agent1");
  });
});
