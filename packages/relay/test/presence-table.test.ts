/** Who owns a presence id, and what becomes of what others say about it. */

import { describe, expect, it } from "vitest";
import { type PresenceBounds, PresenceTable, type Speaker } from "../src/presence/table.ts";

const bounds: PresenceBounds = {
  idsPerSessionMax: 3,
  idsPerRoomMax: 5,
  stateBytesMax: 100,
  timeoutMs: 30_000,
  removedKeptMs: 90_000,
  announceMs: 20_000,
};

let order = 0;
const direct = (table: PresenceTable): Speaker => joined(table, false);
const peer = (table: PresenceTable): Speaker => joined(table, true);
const joined = (table: PresenceTable, isPeer: boolean): Speaker => {
  order += 1;
  const speaker = { isPeer, order };
  table.join(speaker);
  return speaker;
};
const here = { here: true };
const told = (client: number, clock: number, state: typeof here | null = here) => ({
  client,
  clock,
  state,
  groups: [],
});
const entry = (client: number, clock: number, state: typeof here | null = here, bytes = 13) => ({
  client,
  clock,
  state,
  bytes,
});
const statesOf = (table: PresenceTable, nowMs = 0) =>
  Object.fromEntries(table.announce(nowMs).map(({ client, clock }) => [client, clock]));

describe("presence of one room", () => {
  it("tells news and keeps silent about echoes", () => {
    const table = new PresenceTable(bounds);
    const a = direct(table);
    expect(table.hear(a, [entry(1, 5)], 0)).toEqual({ changed: [1], ignored: 0 });
    expect(table.hear(a, [entry(1, 5)], 0)).toEqual({ changed: [], ignored: 1 });
    expect(table.hear(a, [entry(1, 6)], 0)).toEqual({ changed: [1], ignored: 0 });
  });

  it("[SCH-19] ignores what a session says of an id that another one owns, and removes nothing for it", () => {
    const table = new PresenceTable(bounds);
    const [a, b] = [direct(table), direct(table)];
    table.hear(a, [entry(1, 5)], 0);
    table.hear(b, [entry(2, 1)], 0);
    expect(table.hear(b, [entry(1, 2 ** 31 - 1), entry(1, 6, null)], 0)).toEqual({ changed: [], ignored: 2 });
    expect(table.hear(a, [entry(1, 6)], 0).changed).toEqual([1]);
    expect(table.leave(b, 0)).toEqual([2]);
    expect(statesOf(table)).toEqual({ 1: 6 });
  });

  it("[SCH-19] gives an id to the newest session that starts with it: a reconnect is no impersonation", () => {
    const table = new PresenceTable(bounds);
    const old = direct(table);
    table.hear(old, [entry(1, 5)], 0);
    const back = direct(table);
    expect(table.hear(back, [entry(1, 5)], 0).changed).toEqual([1]);
    expect(table.hear(old, [entry(1, 9)], 0).ignored).toBe(1);
    expect(table.leave(old, 0)).toEqual([]);
    expect(statesOf(table)).toEqual({ 1: 5 });
    expect(table.leave(back, 0)).toEqual([1]);
  });

  it("lets only the first frame of a session claim, and only a single id", () => {
    const table = new PresenceTable(bounds);
    const [a, b, c] = [direct(table), direct(table), direct(table)];
    table.hear(a, [entry(1, 1)], 0);
    table.hear(a, [entry(7, 1)], 0);
    expect(table.hear(b, [entry(7, 2)], 0).changed).toEqual([7]);
    expect(table.hear(a, [entry(7, 3)], 0).ignored).toBe(1);
    table.hear(c, [entry(8, 1), entry(9, 1)], 0);
    expect(table.hear(a, [entry(8, 2)], 0).changed).toEqual([8]);
  });

  it("takes the ids of a hello as own", () => {
    const table = new PresenceTable(bounds);
    const [a, b] = [direct(table), direct(table)];
    table.name(a, [1, 2]);
    expect(table.hear(b, [entry(9, 1), entry(2, 1)], 0)).toEqual({ changed: [9], ignored: 1 });
    expect(table.hear(a, [entry(1, 1), entry(2, 1)], 0).changed).toEqual([1, 2]);
  });

  it("ranks peer links below direct sessions, and lets their ids time out instead of blinking", () => {
    const table = new PresenceTable(bounds);
    const [link, a] = [peer(table), direct(table)];
    expect(table.hear(link, [entry(1, 4), entry(2, 4)], 0).changed).toEqual([1, 2]);
    expect(table.hear(a, [entry(1, 4)], 0).changed).toEqual([1]);
    expect(table.hear(link, [entry(1, 5, null)], 0).ignored).toBe(1);
    expect(table.leave(link, 1_000)).toEqual([]);
    expect(statesOf(table, 1_000)).toEqual({ 1: 4, 2: 4 });
    table.hear(a, [entry(1, 5)], 29_000);
    expect(table.expire(30_000)).toEqual([2]);
  });

  it("[REL-8b] removes at a clean close at once, after 30 s without renewal otherwise, and tells null", () => {
    const table = new PresenceTable(bounds);
    const [a, b] = [direct(table), direct(table)];
    table.hear(a, [entry(1, 5)], 0);
    table.hear(b, [entry(2, 5)], 0);
    expect(table.leave(a, 100)).toEqual([1]);
    expect(table.latest([1, 2])).toEqual([told(1, 5, null), told(2, 5)]);
    expect(table.expire(29_999)).toEqual([]);
    expect(table.expire(30_000)).toEqual([2]);
    expect(table.size).toBe(0);
  });

  it("remembers the clocks of removed ids for 90 s", () => {
    const table = new PresenceTable(bounds);
    const [a, link] = [direct(table), peer(table)];
    table.hear(a, [entry(1, 5)], 0);
    table.leave(a, 0);
    expect(table.hear(link, [entry(1, 5)], 1_000).ignored).toBe(1);
    expect(table.hear(link, [entry(1, 6)], 1_000).changed).toEqual([1]);
    table.expire(31_000);
    table.expire(31_000 + 90_000);
    expect(table.isIdle).toBe(true);
    expect(table.hear(link, [entry(1, 1)], 200_000).changed).toEqual([1]);
  });

  it("announces nothing older than 20 s to a joiner", () => {
    const table = new PresenceTable(bounds);
    const a = direct(table);
    table.hear(a, [entry(1, 5)], 0);
    expect(statesOf(table, 20_000)).toEqual({ 1: 5 });
    expect(statesOf(table, 20_001)).toEqual({});
  });

  it("[REL-4b] bounds ids per session and room, and their size", () => {
    const table = new PresenceTable(bounds);
    const [a, link] = [direct(table), peer(table)];
    expect(
      table.hear(
        a,
        [1, 2, 3, 4].map((id) => entry(id, 1)),
        0,
      ),
    ).toEqual({ changed: [1, 2, 3], ignored: 1 });
    expect(
      table.hear(
        link,
        [5, 6, 7].map((id) => entry(id, 1)),
        0,
      ),
    ).toEqual({ changed: [5, 6], ignored: 1 });
    expect(table.hear(a, [entry(1, 2, here, 101)], 0).ignored).toBe(1);
  });
});
