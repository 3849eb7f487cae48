/** Reading status files: every fixture against what is expected of it, the tables, and a seeded fuzzer. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pick, type Random, seededRandom, utf8 } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  type AgentStatus,
  agentStatuses,
  defaultPriorityWords,
  defaultStatusWords,
  defaultTaskWords,
  extendVocabulary,
  isRemark,
  normalisePriority,
  normaliseWord,
  type RememberedFile,
  readStatusFile,
  readTime,
  rememberReading,
  type StatusReading,
  spoil,
} from "../src/status/index.ts";

const folder = fileURLToPath(new URL("../../../test/fixtures/status", import.meta.url));
const nowMs = Date.parse("2026-01-20T12:00:00Z");
const hour = 3_600_000;

const filesIn = (at: string): string[] =>
  readdirSync(at, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(at, entry.name)) : [join(at, entry.name)],
  );

interface Expected {
  readonly agent: string | null;
  readonly status: string | null;
  readonly problems: readonly string[];
  readonly updated?: string | null;
  readonly tasks?: number;
}

const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Expected>;
const names = filesIn(folder)
  .map((file) => relative(folder, file))
  .filter((name) => name !== "expected.json")
  .sort();

const read = (name: string): StatusReading => {
  const file = join(folder, name);
  return readStatusFile(readFileSync(file), { file: name, nowMs, writtenMs: nowMs - hour });
};

const readBytes = (bytes: Uint8Array, file = "Agent-3/status.json"): StatusReading =>
  readStatusFile(bytes, { file, nowMs, writtenMs: nowMs - hour });

const codesOf = (reading: StatusReading): string[] => reading.problems.map(({ code }) => code);
const word = (text: string) => normaliseWord(defaultStatusWords, text);

describe("status files as they are", () => {
  it("has a fixture for every expectation and an expectation for every fixture, 60 and more", () => {
    expect(names).toEqual(Object.keys(expected).sort());
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  it.each(names)("[STAT-7a] reads %s", (name) => {
    const reading = read(name);
    const { agent, status, problems, updated, tasks } = expected[name] as Expected;
    const found = {
      agent: reading.agent ?? null,
      status: reading.status?.meaning ?? null,
      problems: codesOf(reading).sort(),
    };
    expect(found).toEqual({ agent, status, problems: [...problems].sort() });
    const shown = reading.updated === undefined ? null : new Date(reading.updated.ms).toISOString();
    if (updated !== undefined) expect(shown).toBe(updated);
    if (tasks !== undefined) expect(reading.tasks.length).toBe(tasks);
    for (const { detail } of reading.problems) expect(detail).toMatch(/^\S.{10,}[.]$/s);
  });

  it("[STAT-7b] gives a status or a named problem for each of them", () => {
    for (const name of names) {
      const reading = read(name);
      const isNamed = reading.problems.some(({ code }) => !isRemark(code));
      expect(reading.status?.meaning !== undefined || isNamed, name).toBe(true);
    }
  });

  it("[STAT-7a] reads a file of 600 KB in a moment, and says of a larger one that it is too large", () => {
    const entries = Array.from({ length: 6_000 }, (_, n) => ({
      id: `task-${n}`,
      title: "x".repeat(60),
      status: "done",
    }));
    const big = JSON.stringify({ agent_id: "Agent-3", status: "ACTIVE", last_updated: "2026-01-20", tasks: entries });
    expect(big.length).toBeGreaterThan(600_000);
    const reading = readBytes(utf8(big));
    expect(reading.status?.meaning).toBe("active");
    expect(reading.tasks.length).toBe(500);
    expect(codesOf(readBytes(new Uint8Array(5 * 2 ** 20).fill(0x20)))).toEqual(["too_large"]);
  });
});

describe("words of many vocabularies", () => {
  it("[STAT-7a] knows more than 180 words for a status, in any case and spelling", () => {
    expect(defaultStatusWords.meanings.size).toBeGreaterThan(180);
    for (const [text, meaning] of defaultStatusWords.meanings) {
      for (const spelling of [text, text.toUpperCase(), text.replaceAll("_", "-"), `Status.${text.toUpperCase()}`]) {
        expect(word(spelling).meaning, spelling).toBe(meaning);
      }
    }
    expect(new Set(defaultStatusWords.meanings.values())).toEqual(new Set<AgentStatus>(agentStatuses));
  });

  it("keeps the original and says how sure it is: a word, a phrase, a sentence, a symbol, nothing", () => {
    const confidences = [
      "ACTIVE",
      "ACTIVE now",
      "we are all still quite happily active in this very place",
      "🟢",
      "zzz",
    ]
      .map(word)
      .map(({ original, confidence }) => ({ original, confidence }));
    expect(confidences.map(({ confidence }) => confidence)).toEqual([1, 0.8, 0.4, 0.6, 0]);
    expect(confidences[1]?.original).toBe("ACTIVE now");
  });

  it("of several spellings of one member takes the plain one wherever it stands, else the last", () => {
    const statusOf = (members: object): unknown =>
      readStatusFile(utf8(JSON.stringify({ agent_id: "a", ...members })), { file: "a.json", nowMs }).status?.original;
    expect(statusOf({ status: "active", Status: "blocked" })).toBe("active");
    expect(statusOf({ Status: "blocked", status: "active" })).toBe("active");
    expect(statusOf({ Status: "blocked", STATUS: "active" })).toBe("active");
    expect(statusOf({ "Agent Status": "active" })).toBe("active");
    expect(statusOf({ constructor: "active" })).toBeUndefined();
  });

  it("takes a user's own words before its own", () => {
    const own = extendVocabulary<AgentStatus>(defaultStatusWords, { "Shipping it!": "active", ready: "waiting" });
    expect(normaliseWord(own, "SHIPPING_IT").meaning).toBe("active");
    expect(normaliseWord(own, "READY").meaning).toBe("waiting");
    expect(word("READY").meaning).toBe("idle");
    const reading = readStatusFile(utf8('{"status":"FROBNICATED"}'), {
      file: "x.json",
      nowMs,
      statusWords: extendVocabulary<AgentStatus>(defaultStatusWords, { frobnicated: "complete" }),
    });
    expect(reading.status).toMatchObject({ meaning: "complete", original: "FROBNICATED", confidence: 1 });
  });

  it.each([
    ["AVAILABLE_FOR_CLAIMING", "pending"],
    ["in-progress", "in_progress"],
    ["CLAIMED", "in_progress"],
    ["TaskStatus.DONE", "completed"],
    ["error", "failed"],
    ["todo", "pending"],
    ["queued", "pending"],
    ["BLOCKED", "blocked"],
    ["Canceled", "cancelled"],
  ])("reads the task word %s as %s", (text, meaning) => {
    expect(normaliseWord(defaultTaskWords, text).meaning).toBe(meaning);
  });

  it("reads priorities: words in any case, and numbers whose direction is told or assumed with little confidence", () => {
    const of = (value: string | number, scale?: "low_number_first" | "high_number_first") =>
      normalisePriority(defaultPriorityWords, value, scale);
    expect(["HIGH", "Urgent", "IMMEDIATE", "regular", "low"].map((text) => of(text).meaning)).toEqual([
      "high",
      "critical",
      "critical",
      "normal",
      "low",
    ]);
    expect(of(0)).toMatchObject({ meaning: "critical", confidence: 0.4, original: 0 });
    expect(of(5, "high_number_first")).toMatchObject({ meaning: "high", confidence: 0.9 });
    expect(of(5, "low_number_first").meaning).toBe("low");
    expect(of(10).meaning).toBe("critical");
    expect(of("2").meaning).toBe("normal");
  });

  it("takes a user's own form of time before its own, and wants it to be possible", () => {
    const stardate = {
      name: "stardate",
      read: (value: unknown) =>
        typeof value === "string" && value.startsWith("SD")
          ? { ms: Number(value.slice(2)) * 1_000, zone: "given" as const, precision: "second" as const, confidence: 1 }
          : undefined,
    };
    expect(readTime("SD1768901400", { nowMs, forms: [stardate] })).toMatchObject({ form: "stardate", confidence: 1 });
    expect(readTime("SD?", { nowMs, forms: [stardate] })).toBeUndefined();
    const local = readTime("2026-01-20 09:30:00", { nowMs, zoneMinutes: 60 });
    expect(new Date(local?.ms ?? 0).toISOString()).toBe("2026-01-20T08:30:00.000Z");
  });
});

describe("the last good value", () => {
  it("[STAT-7b] stays while the file is damaged, cut, replaced by a guess or gone, and goes with the next good one", () => {
    const good = utf8('{"agent_id":"Agent-3","status":"BLOCKED","last_updated":"2026-01-20T09:00:00Z"}');
    const after = (before: RememberedFile | undefined, bytes: Uint8Array, readMs: number): RememberedFile =>
      rememberReading(before, readBytes(bytes), readMs);
    let file = after(undefined, good, 1);
    for (const bad of [
      "",
      "Hello! All is well.",
      '{"status":"',
      '{"status":"zzz"}',
      '{"status":"may be in some way or other done, who knows it"}',
    ]) {
      file = after(file, utf8(bad), 2);
      expect(file.latest.problems.length).toBeGreaterThan(0);
      expect(file.good).toMatchObject({ readMs: 1, reading: { agent: "Agent-3", status: { meaning: "blocked" } } });
    }
    file = after(file, utf8('{"agent_id":"Agent-3","status":"DONE"}'), 3);
    expect(file.good).toMatchObject({ readMs: 3, reading: { status: { meaning: "complete" } } });
  });
});

/** What happens to files: each takes good bytes and gives damaged ones. */
const damages: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => bytes.subarray(0, random.int(bytes.length + 1)),
  (bytes, random) =>
    Buffer.concat([bytes.subarray(0, random.int(bytes.length + 1)), bytes.subarray(random.int(bytes.length + 1))]),
  (bytes, random) => Buffer.concat([bytes, bytes.subarray(random.int(bytes.length + 1))]),
  (bytes, random) => {
    const lines = bytes.toString("utf8").split("\n");
    const at = () => random.int(lines.length + 1);
    for (const mark of ["<<<<<<< HEAD", "=======", ">>>>>>> b", "||||||| c"])
      if (random.int(4) > 0) lines.splice(at(), 0, mark);
    return Buffer.from(lines.join("\n"));
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let n = 0; n < 1 + random.int(8) && copy.length > 0; n++) copy[random.int(copy.length)] = random.int(256);
    return copy;
  },
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy.fill(0, random.int(copy.length));
    return copy;
  },
  (bytes) => Buffer.from(`\ufeff${bytes.toString("utf8").replaceAll("\n", "\r\n")}`),
  (bytes) => Buffer.from(bytes.toString("utf8"), "utf16le"),
  (bytes) => Buffer.from(bytes.toString("utf8"), "latin1"),
  (bytes, random) => Buffer.from(spoil(bytes.toString("utf8"), pick(random, ["windows-1252", "macintosh"] as const))),
  (bytes, random) => Buffer.from(bytes.toString("utf8").replaceAll(pick(random, ['"', "{", "}", ":", ","]), "")),
  (bytes, random) =>
    Buffer.from(`${pick(random, ["{{", "Sure! ", "```json\n", "[", "null", "//"])}${bytes.toString("utf8")}`),
];

describe("damaged status files", () => {
  const good = names.filter((name) => expected[name]?.status !== null).map((name) => readFileSync(join(folder, name)));

  it.each([1, 2, 3, 4])(
    "[STAT-7a] [STAT-7b] never crashes, and always gives a status or a named problem: seed %i",
    (seed) => {
      const random = seededRandom(seed);
      for (let n = 0; n < 500; n++) {
        let bytes: Buffer = pick(random, good);
        for (let times = 1 + random.int(3); times > 0; times--) bytes = pick(random, damages)(bytes, random);
        const reading = readBytes(bytes);
        const isAnswered =
          reading.status?.meaning !== undefined || reading.problems.some(({ code }) => !isRemark(code));
        if (!isAnswered) expect.fail(`seed ${seed}, round ${n}: ${bytes.toString("base64")}`);
        for (const { ms } of [reading.updated, reading.heartbeat, reading.work].flatMap((time) => time ?? [])) {
          expect(Number.isFinite(ms)).toBe(true);
        }
      }
    },
  );

  it("[STAT-7a] never takes a status that was cut off in the middle for another", () => {
    const text = Buffer.from('{"agent_id":"Agent-3","status":"NOT_STARTED","last_updated":"2026-01-20T09:00:00Z"}');
    for (let end = 0; end < text.length; end++) {
      const meaning = readBytes(text.subarray(0, end)).status?.meaning;
      expect([undefined, "uninitialized"]).toContain(meaning);
    }
  });
});
