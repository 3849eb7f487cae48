/** Every command of the table: help that fits, options that are explained, completion that shells accept. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { calledAs, commandHelp, overview } from "../src/frame/help.ts";
import { parseArguments } from "../src/frame/parse.ts";
import { entries } from "../src/registry.ts";
import { fakeIo } from "./fake-io.ts";

const specs = await Promise.all(entries.map(async (entry) => ({ entry, spec: (await entry.load()).command.spec })));
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("commands", () => {
  it("have names of their own and a place in the overview", () => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    const text = overview("context-mesh", entries);
    for (const { name } of entries) expect(text).toContain(`  ${name} `);
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  it.each(specs)("$entry.name: help shows three examples, then the flags, in 80 columns", ({ entry, spec }) => {
    const text = commandHelp("context-mesh", entry, spec);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(spec.examples.length).toBe(3);
    expect(text.indexOf("Examples:")).toBeLessThan(text.indexOf("--room NAME"));
    expect(text).toContain(calledAs("context-mesh", entry));
    for (const name of Object.keys(spec.options ?? {})) expect(text).toContain(`--${name}`);
  });

  it("have no option that hides one that all commands take", () => {
    for (const { spec } of specs) {
      const shared = ["room", "agent", "relay", "storage", "token-file", "json", "help"];
      expect(Object.keys(spec.options ?? {}).filter((name) => shared.includes(name))).toEqual([]);
    }
  });
});

const script = async (shell: string): Promise<string> => {
  const entry = entries.find(({ name }) => name === "completion");
  const { command } = (await entry?.load()) ?? {};
  if (command === undefined) throw new Error("there is no completion");
  const parsed = parseArguments(command.spec, [shell]);
  if (!parsed.ok) throw new Error(parsed.detail);
  const outcome = await command.run(parsed.value, fakeIo(), entries);
  return outcome.ok ? outcome.text : outcome.error.code;
};

describe("completion", () => {
  it("gives bash a script that completes commands, subcommands and options", async () => {
    const ask = (words: string, index: number): string[] =>
      execFileSync(
        "bash",
        ["-c", `${bash}\nCOMP_WORDS=(${words}); COMP_CWORD=${index}; _context_mesh; echo "\${COMPREPLY[@]}"`],
        {
          encoding: "utf8",
        },
      )
        .trim()
        .split(" ");
    const bash = await script("bash");
    expect(ask("context-mesh sta", 1)).toEqual(["status"]);
    expect(ask("context-mesh task do", 2)).toEqual(["done"]);
    expect(ask("context-mesh sync --res", 2)).toEqual(["--resolve-conflicts"]);
  });

  it("knows zsh and fish, and says which shells it knows", async () => {
    expect(await script("zsh")).toContain("bashcompinit");
    expect(await script("fish")).toContain("complete -c $name -n '__fish_seen_subcommand_from task' -f -a done");
    expect(await script("powershell")).toBe("invalid_argument");
  });
});
