/** Frames built once: the same bytes however a list is shared, and without what a connection is not to be sent. */

import { describe, expect, it } from "vitest";
import { FrameCache } from "../src/frames.ts";

const bytesOf = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces);
const list = [2, 300, 70_000, 5, 0, 126, 125].map((length, at) => new Uint8Array(length).fill(at + 1));
const small = list.filter(({ length }) => length < 1_000);

describe("frames", () => {
  it("are the same for a list as for its messages one by one", () => {
    const cache = new FrameCache();
    expect(bytesOf(cache.ofList(list))).toEqual(bytesOf(list.flatMap((message) => [...new FrameCache().of(message)])));
  });

  it("leave out any places of a list", () => {
    for (const messages of [list, small]) {
      for (let mask = 0; mask < 2 ** messages.length; mask += 1) {
        const except = messages.flatMap((_, at) => ((mask >> at) & 1 ? [at] : []));
        const kept = messages.filter((_, at) => !except.includes(at));
        const cache = new FrameCache();
        const [some, all] = [cache.ofList(messages, except), cache.ofList(messages)].map(bytesOf);
        expect(some?.equals(bytesOf(new FrameCache().ofList(kept)))).toBe(true);
        expect(all?.equals(bytesOf(new FrameCache().ofList(messages)))).toBe(true);
      }
    }
  });

  it("are built once while the list is the same array", () => {
    const cache = new FrameCache();
    expect(cache.ofList(small)).toBe(cache.ofList(small));
    expect(cache.ofList([...small])).not.toBe(cache.ofList(small));
    const frames = cache.ofList(small);
    cache.clear();
    expect(cache.ofList(small)).toBe(frames);
  });
});
