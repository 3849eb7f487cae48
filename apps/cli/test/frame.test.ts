/** The frame of the command line: parsing, hints, help, envelope, exit codes, colour. */

import { describe, expect, it } from "vitest";
import type { CommandSpec, Entry } from "../src/frame/command.ts";
import { dispatch } from "../src/frame/dispatch.ts";
import { exitCodeOf, exitCodes } from "../src/frame/exit-codes.ts";
import { editDistance, nearest } from "../src/frame/nearest.ts";
import { done, failed } from "../src/frame/outcome.ts";
import { choosePaint } from "../src/frame/paint.ts";
import { parseArguments } from "../src/frame/parse.ts";
import { progressLine } from "../src/frame/progress.ts";
import { commandFirst } from "../src/frame/resolve.ts";
import { level } from "../src/frame/shared-options.ts";
import { ageText, counted } from "../src/frame/wording.ts";
import { fitted, twoColumns, wrapText } from "../src/frame/wrap.ts";
import { fakeIo } from "./fake-io.ts";

const spec: CommandSpec = {
  positionals: [{ name: "TITLE", summary: "What.", required: true }],
  options: {
    count: { type: "integer", placeholder: "N", summary: "How many." },
    to: { type: "string", placeholder: "JSON", summary: "A value." },
    quick: { type: "boolean", summary: "Quickly." },
    ...level,
  },
  examples: [
    ["context-mesh try a", "one"],
    ["context-mesh try b", "two"],
    ["context-mesh try c", "three"],
  ],
};

const entries: readonly Entry[] = [
  {
    name: "try",
    group: "All",
    summary: "try something",
    load: async () => ({
      command: {
        spec,
        run: async (args) =>
          args.positionals[0] === "bad"
            ? failed("not_found", "There is none.", "Make one.", { details: { id: "x" } })
            : done({ title: args.positionals[0] ?? "" }, `did ${args.positionals[0]}`, { warnings: ["mind this"] }),
      },
    }),
  },
  {
    name: "task add",
    group: "All",
    summary: "add",
    load: async () => ({ command: { spec, run: async () => done({}, "added") } }),
  },
  {
    name: "task list",
    group: "All",
    summary: "list",
    load: async () => ({
      command: {
        spec: { examples: spec.examples },
        run: async () => {
          throw new Error("a defect");
        },
      },
    }),
  },
  {
    name: "note",
    aliases: ["note add"],
    group: "All",
    summary: "note",
    load: async () => ({ command: { spec, run: async (args) => done({}, `noted ${args.positionals[0]}`) } }),
  },
  {
    name: "note list",
    group: "All",
    summary: "notes",
    load: async () => ({ command: { spec, run: async () => done({}, "") } }),
  },
];

const call = async (argv: readonly string[]) => {
  const io = fakeIo({ json: argv.includes("--json") });
  const code = await dispatch(argv, entries, io);
  return { code, out: io.out(), told: io.told() };
};

const problem = (argv: readonly string[]) => {
  const parsed = parseArguments(spec, argv);
  return parsed.ok ? undefined : { code: parsed.reason, detail: parsed.detail ?? "" };
};

describe("arguments", () => {
  it("takes values beside, after an equals sign, and negative numbers", () => {
    const parsed = parseArguments(spec, ["x", "--to", "-5", "--count=3", "--quick", "--level", "session"]);
    if (!parsed.ok) throw new Error(parsed.detail);
    expect(parsed.value.string("to")).toBe("-5");
    expect(parsed.value.integer("count")).toBe(3);
    expect(parsed.value.flag("quick")).toBe(true);
    expect(parsed.value.string("level")).toBe("session");
    expect(parsed.value.positionals).toEqual(["x"]);
  });

  it("names what is wrong and the next step", () => {
    expect(problem(["x", "--cuont", "3"])).toEqual({
      code: "unknown_option",
      detail: "Unknown option --cuont.\nDid you mean --count?",
    });
    expect(problem(["x", "--count", "many"])?.code).toBe("invalid_argument");
    expect(problem(["x", "--to"])?.code).toBe("missing_value");
    expect(problem(["x", "--to", "--quick"])?.code).toBe("missing_value");
    expect(problem(["x", "--quick=yes"])?.code).toBe("unexpected_argument");
    expect(problem([])).toEqual({ code: "missing_argument", detail: "TITLE is missing.\nWhat." });
    expect(problem(["x", "y"])?.code).toBe("unexpected_argument");
    expect(problem(["x", "--level", "chekpoint"])).toEqual({
      code: "invalid_level",
      detail:
        '--level cannot be "chekpoint".\nDid you mean checkpoint? One of: critical, checkpoint, periodic, session.',
    });
    expect(problem(["x", "--toString", "1"])?.code).toBe("unknown_option");
  });

  it("moves options that stand before the command behind it", () => {
    expect(commandFirst(["--json", "--room", "a/b", "task", "list", "--quick"])).toEqual([
      "task",
      "list",
      "--quick",
      "--json",
      "--room",
      "a/b",
    ]);
  });
});

describe("hints", () => {
  it("measures words in edits", () => {
    expect(editDistance("status", "status")).toBe(0);
    expect(editDistance("staus", "status")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
  });

  it("finds the nearest word and nothing when all are far", () => {
    expect(nearest("staus", ["status", "sync"])).toBe("status");
    expect(nearest("comp", ["completion", "conflict"])).toBe("completion");
    expect(nearest("xyzzyplugh", ["status", "sync"])).toBeUndefined();
  });
});

describe("one call", () => {
  it("prints data on stdout and narration on stderr", async () => {
    expect(await call(["try", "it"])).toEqual({ code: 0, out: "did it\n", told: "! note: mind this\n" });
  });

  it("prints the envelope with --json, and nothing else", async () => {
    const answer = await call(["try", "it", "--json"]);
    expect(answer.told).toBe("");
    expect(JSON.parse(answer.out)).toEqual({ v: 1, ok: true, data: { title: "it" }, warnings: ["mind this"] });
  });

  it("prints failures with code, hint and whether trying again helps", async () => {
    const answer = await call(["try", "bad", "--json"]);
    expect(answer.code).toBe(exitCodes.notFound);
    expect(JSON.parse(answer.out)).toEqual({
      v: 1,
      ok: false,
      error: {
        code: "not_found",
        message: "There is none.",
        hint: "Make one.",
        retryable: false,
        details: { id: "x" },
      },
    });
    const words = await call(["try", "bad"]);
    expect(words.out).toBe("");
    expect(words.told).toBe("✗ not_found: There is none.\n  Make one.\n");
  });

  it("suggests the nearest command, in groups too", async () => {
    expect(await call(["tyr"])).toMatchObject({ code: exitCodes.usage, out: "" });
    expect((await call(["tyr"])).told).toContain("Did you mean context-mesh try?");
    expect((await call(["task", "ad"])).told).toContain("Did you mean context-mesh task add?");
    expect((await call(["--nonsense"])).code).toBe(exitCodes.usage);
    expect((await call(["--nonsense"])).told).toContain("unknown_option: Unknown option --nonsense.");
    expect((await call(["add"])).told).toContain("Did you mean context-mesh task add?");
    expect((await call([""])).told).not.toContain("Did you mean");
    for (const word of ["mcp", "hook", "setup"]) {
      const answer = await call([word, "--help"]);
      expect(answer.code).toBe(exitCodes.usage);
      expect(answer.told).toContain("in this version");
    }
  });

  it("answers every call with one envelope where --json asks for it", async () => {
    const codes = [["--json"], ["task", "--json"], ["--json", "--nonsense"], ["tyr", "--json"], ["try", "", "--json"]];
    for (const argv of codes) {
      const { code, out, told } = await call(argv);
      expect([code, told], argv.join(" ")).toEqual([exitCodes.usage, ""]);
      expect(out.trim().split("\n")).toHaveLength(1);
      expect(JSON.parse(out), argv.join(" ")).toMatchObject({ v: 1, ok: false, error: { retryable: false } });
    }
    for (const argv of [["--help"], ["help"], ["try", "--help"], ["help", "try"], ["task", "--help"]]) {
      const { code, out } = await call([...argv, "--json"]);
      expect(code).toBe(exitCodes.done);
      expect(JSON.parse(out)).toEqual({ v: 1, ok: true, data: { help: (await call(argv)).out }, warnings: [] });
    }
    const { out } = await call(["--json", "--version"]);
    expect(JSON.parse(out).data.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("takes a lone word near a subcommand for a slip, and a text for a text", async () => {
    expect((await call(["note", "lst"])).code).toBe(exitCodes.usage);
    expect((await call(["note", "Buy milk"])).out).toBe("noted Buy milk\n");
    expect((await call(["note", "add", "list"])).out).toBe("noted list\n");
  });

  it("lists a group that is called without a subcommand", async () => {
    const bare = await call(["task"]);
    expect(bare).toMatchObject({ code: exitCodes.usage, out: "" });
    expect(bare.told).toContain("task add");
    expect(await call(["task", "--help"])).toMatchObject({ code: 0, told: "" });
  });

  it("answers a defect with code internal and exit 1", async () => {
    const answer = await call(["task", "list", "--json"]);
    expect(answer.code).toBe(exitCodes.failure);
    expect(JSON.parse(answer.out).error).toMatchObject({ code: "internal", message: "a defect" });
  });
});

describe("help", () => {
  it("shows three examples before the flags, in 80 columns", async () => {
    const { out } = await call(["try", "--help"]);
    expect(out.indexOf("context-mesh try c")).toBeLessThan(out.indexOf("--count"));
    expect(out.indexOf("Examples:")).toBeGreaterThan(out.indexOf("Usage:"));
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect((await call(["help", "try"])).out).toBe(out);
  });

  it("goes on below what is too long for the terminal, and leaves the rest as it is", () => {
    const text = "short\n  a line that is too long\nno-space-at-all-in-this-line";
    expect(fitted(text, 16)).toBe("short\n  a line\n      that is\n      too long\nno-space-at-all-in-this-line");
    expect(fitted("\u001b[31mred red\u001b[39m", 7)).toBe("\u001b[31mred red\u001b[39m");
  });

  it("says one thing as one, and times in the unit of a person", () => {
    expect([counted(1, "write"), counted(2, "write"), counted(0, "status", "statuses")]).toEqual([
      "1 write",
      "2 writes",
      "0 statuses",
    ]);
    expect([ageText(119_400), ageText(1_978_000), ageText(8_000_000)]).toEqual(["119 s", "33 min", "2 h"]);
  });

  it("wraps at spaces", () => {
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
    expect(twoColumns([["a", "x ".repeat(60).trim()]]).split("\n").length).toBe(2);
  });
});

describe("codes and colour", () => {
  it("maps codes of errors to exit codes", () => {
    expect(exitCodeOf("unknown_option")).toBe(2);
    expect(exitCodeOf("queued_only")).toBe(3);
    expect(exitCodeOf("token_refused")).toBe(4);
    expect(exitCodeOf("conflict_remains")).toBe(5);
    expect(exitCodeOf("not_found")).toBe(6);
    expect(exitCodeOf("store_corrupt")).toBe(7);
    expect(exitCodeOf("timed_out")).toBe(8);
    expect(exitCodeOf("interrupted")).toBe(130);
    expect(exitCodeOf("anything_else")).toBe(1);
  });

  it("colours terminals, unless NO_COLOR, and everything with FORCE_COLOR", () => {
    expect(choosePaint({}, true).bad("x")).not.toBe("x");
    expect(choosePaint({}, false).bad("x")).toBe("x");
    expect(choosePaint({ NO_COLOR: "1" }, true).bad("x")).toBe("x");
    expect(choosePaint({ FORCE_COLOR: "1", NO_COLOR: "1" }, false).bad("x")).not.toBe("x");
  });

  it("draws progress as a bar once the total is known", () => {
    expect(progressLine("sending", 0, undefined, 2_400)).toBe("sending … 2 s");
    expect(progressLine("sending", 1, 2, 2_400)).toBe(`sending [${"#".repeat(12)}${"-".repeat(12)}] 50 %`);
  });
});
