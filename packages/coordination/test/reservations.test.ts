/** What overlaps: patterns compared with a matcher that tries every path, and the rules of shared and exclusive. */

import { pick, seededRandom } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  excludeEachOther,
  formatResource,
  globsOverlap,
  parseResource,
  type Resource,
  reservationKey,
  reservationsIn,
  reservationValue,
} from "../src/index.ts";
import { makePeer } from "./support/room-peer.ts";

/** A naive matcher for the exact part of the language, segment by segment. */
const matches = (glob: readonly string[], path: readonly string[]): boolean => {
  const [segment, ...rest] = glob;
  if (segment === undefined) return path.length === 0;
  if (segment === "**") return matches(rest, path) || (path.length > 0 && matches(glob, path.slice(1)));
  const pattern = new RegExp(`^${segment.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  return path[0] !== undefined && pattern.test(path[0]) && matches(rest, path.slice(1));
};

const names = ["a", "b", "ab", "ba", "aab"];
const paths = [
  ...names,
  ...names.flatMap((x) => names.map((y) => `${x}/${y}`)),
  ...["a", "b", "ab"].flatMap((x) => ["a", "b", "ab"].flatMap((y) => ["a", "b", "ab"].map((z) => `${x}/${y}/${z}`))),
];

const resource = (text: string): Resource => {
  const parsed = parseResource(text);
  if (parsed === undefined) throw new Error(`no resource: ${text}`);
  return parsed;
};

describe("patterns", () => {
  it.each([
    ["src/**", "src/a.ts", true],
    ["src/**", "test/a.ts", false],
    ["src/*.ts", "src/*.js", false],
    ["src/*.ts", "src/a*", true],
    ["src/{a,b}/**", "src/c/x", false],
    ["src/{a,b}/**", "src/b/x/y", true],
    ["**/index.ts", "packages/*/src/index.ts", true],
    ["./src/", "src/deep/x.ts", true],
    ["src", "src/a.ts", false],
    ["SRC/A.ts", "src/a.ts", true],
    ["src/[ab].ts", "src/c.ts", true],
    ["src/!(x).ts", "src/x.ts", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["**", "any/thing", true],
    ["a\\*b", "a*b", true],
    ["{src,test", "{src,test", true],
    [`{${"a,".repeat(80)}b}`, "zzz", true],
  ])("[COO-9] [OWN-8a] %s and %s: %s", (a, b, overlap) => {
    expect(globsOverlap(a, b)).toBe(overlap);
    expect(globsOverlap(b, a)).toBe(overlap);
  });

  it("[COO-9] agree with trying every path", () => {
    const random = seededRandom(9);
    const segments = ["a", "b", "ab", "*", "a*", "*b", "?", "?b", "**", "*a*"];
    const glob = (): string => Array.from({ length: 1 + random.int(3) }, () => pick(random, segments)).join("/");
    let overlapping = 0;
    for (let i = 0; i < 3_000; i++) {
      const [a, b] = [glob(), glob()];
      const isIn = (pattern: string, path: string): boolean => matches(pattern.split("/"), path.split("/"));
      const common = paths.some((path) => isIn(a, path) && isIn(b, path));
      const said = globsOverlap(a, b);
      if (common) expect(said, `${a} and ${b}`).toBe(true);
      // Three names of at most three letters cannot show every overlap, so the other way is counted only.
      if (said && !common) overlapping += 1;
    }
    expect(overlapping).toBeLessThan(150);
  });

  it("[COO-9] take time in proportion to their lengths, not to what they could match", () => {
    const many = `${"*a".repeat(400)}`;
    expect(globsOverlap(many, `${"a*".repeat(400)}b`)).toBe(false);
    expect(globsOverlap(Array.from({ length: 300 }, () => "**").join("/x/"), "x/".repeat(400))).toBe(true);
  });
});

describe("reservations", () => {
  it.each([
    ["src/**", "files:src/**"],
    ["port:3000", "port:3000"],
    ["port:3000@ci-1", "port:3000@ci-1"],
    ["environment:staging", "env:staging"],
  ])("[COO-10] %s is read", (text, formatted) => expect(formatResource(resource(text))).toBe(formatted));

  it.each(["", "port:", "port:0", "port:70000", "port:http", "env:", "x".repeat(2_000)])(
    "[COO-10] %s is none",
    (text) => expect(parseResource(text)).toBeUndefined(),
  );

  it.each([
    ["src/**", "exclusive", "src/a.ts", "shared", true],
    ["src/**", "shared", "src/a.ts", "shared", false],
    ["src/**", "exclusive", "test/**", "exclusive", false],
    ["port:3000", "exclusive", "port:3000@ci-1", "exclusive", true],
    ["port:3000@ci-2", "exclusive", "port:3000@ci-1", "exclusive", false],
    ["port:3000", "exclusive", "port:3001", "exclusive", false],
    ["env:Staging", "exclusive", "env:staging", "shared", true],
    ["env:staging", "exclusive", "files:staging", "exclusive", false],
  ] as const)("[COO-10] [OWN-8b] %s %s and %s %s exclude each other: %s", (a, modeA, b, modeB, expected) => {
    const [x, y] = [
      { resource: resource(a), mode: modeA },
      { resource: resource(b), mode: modeB },
    ];
    expect(excludeEachOther(x, y)).toBe(expected);
    expect(excludeEachOther(y, x)).toBe(expected);
  });

  it("[COO-10] are read off the document, and what is no reservation is passed over", () => {
    const peer = makePeer("builder");
    const value = reservationValue({ resource: resource("src/**"), mode: "shared", leaseMs: 5_000, nonce: "n" });
    const basis = undefined;
    peer.write([
      { key: reservationKey("r1"), value, basis },
      { key: reservationKey("r2"), value: "mine", basis },
      { key: reservationKey("r3"), value: { ...value, mode: "greedy" }, basis },
      { key: reservationKey("r4"), value: { ...value, leaseMs: 10 ** 12 }, basis },
    ]);
    expect(reservationsIn(peer.replica)).toMatchObject([
      { id: "r1", agent: "builder", mode: "shared", leaseMs: 5_000 },
    ]);
    peer.write([{ key: reservationKey("r1"), value: undefined, basis }]);
    expect(reservationsIn(peer.replica)).toEqual([]);
  });
});
