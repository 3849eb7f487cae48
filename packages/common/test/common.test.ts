/** The ground floor: randomness that repeats, delays that spread, releases in reverse, equality by value. */

import {
  BoundedQueue,
  backoffMs,
  canonicalJson,
  Emitter,
  jsonEqual,
  MeshError,
  Releases,
  seededRandom,
  sha256,
  sleep,
  systemClock,
  systemRandom,
  toHex,
  utf8,
} from "@context-mesh/common";
import { describe, expect, it } from "vitest";

describe("random", () => {
  it("repeats for a seed and differs between seeds", () => {
    const draw = (seed: number): number[] => Array.from({ length: 8 }, seededRandom(seed).float);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("draws client ids of up to 53 bits, never zero", () => {
    for (const random of [seededRandom(1), systemRandom]) {
      const ids = Array.from({ length: 2_000 }, () => random.uint53());
      expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
      expect(Math.max(...ids)).toBeGreaterThan(2 ** 50);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

describe("backoff", () => {
  it("spreads a crowd over the whole window and respects the cap", () => {
    const random = seededRandom(3);
    const delays = Array.from({ length: 1_000 }, () => backoffMs(10, { baseMs: 100, capMs: 30_000 }, random));
    expect(Math.max(...delays)).toBeLessThan(30_000);
    for (let slot = 0; slot < 10; slot += 1) {
      const inSlot = delays.filter((delay) => Math.floor(delay / 3_000) === slot).length;
      expect(inSlot).toBeGreaterThan(50);
    }
  });
});

describe("json", () => {
  it("writes equal values equally", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(jsonEqual({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(jsonEqual([1, 2], [2, 1])).toBe(false);
    expect(jsonEqual(undefined, null)).toBe(false);
  });
});

describe("bytes", () => {
  it("hashes as the standard says", () => {
    expect(toHex(sha256(utf8("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});

describe("emitter", () => {
  it("keeps telling the others when one listener throws, and forgets the unsubscribed", () => {
    const logged: string[] = [];
    const log = (_: unknown, message: string): void => {
      logged.push(message);
    };
    const emitter = new Emitter<{ tick: number }>({ debug: log, info: log, warn: log, error: log });
    const heard: number[] = [];
    emitter.on("tick", () => {
      throw new Error("no");
    });
    const off = emitter.on("tick", (n) => heard.push(n));
    emitter.emit("tick", 1);
    off();
    emitter.emit("tick", 2);
    expect(heard).toEqual([1]);
    expect(logged).toHaveLength(2);
  });
});

describe("lifecycle", () => {
  it("releases in reverse, once, and past a failure", async () => {
    const released: string[] = [];
    const releases = new Releases();
    releases.add(() => void released.push("first"));
    releases.add(async () => Promise.reject(new Error("stuck")));
    releases.add(() => void released.push("third"));
    await expect(releases.release()).rejects.toThrow("could not release everything");
    await expect(releases.release()).rejects.toThrow();
    expect(released).toEqual(["third", "first"]);
  });
});

describe("bounded queue", () => {
  it("refuses what does not fit and keeps order", () => {
    const queue = new BoundedQueue<string>(10);
    expect(queue.push("a", 6)).toBe(true);
    expect(queue.push("b", 6)).toBe(false);
    expect(queue.push("c", 4)).toBe(true);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(["a", "c", undefined]);
    expect(queue.weight).toBe(0);
  });
});

describe("clock", () => {
  it("ends a sleep when its signal aborts", async () => {
    const controller = new AbortController();
    const asleep = sleep(systemClock, 60_000, controller.signal);
    controller.abort(new MeshError("stopped", "stopped", { hint: "none" }));
    await expect(asleep).rejects.toMatchObject({ code: "stopped" });
  });
});
