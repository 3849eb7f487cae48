/** Style that can be checked is a test: sizes, names, time and randomness, ids of rules and tests, what must not be in a commit. */

import { describe, expect, it } from "vitest";
import { projectFiles, readText } from "./source-files.ts";

const files = projectFiles();
const code = files.filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && !file.includes("/fixtures/"));
const sources = code.filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file));
const tests = code.filter((file) => /\.(test|spec)\.ts$/.test(file));

const linesWith = (paths: readonly string[], pattern: RegExp): string[] =>
  paths.flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, at) =>
        pattern.test(line) && !line.includes("tidy-allow") ? [`${file}:${at + 1} ${line.trim()}`] : [],
      ),
  );

/** Ids in brackets in the titles of tests: `[SYNC-3a]`, `[DOC-12]`. */
const idsInTests = new Set(
  tests.flatMap((file) =>
    [...readText(file).matchAll(/\[([A-Z][A-Z0-9]*-\d+[a-z]?)\]/g)].map((match) => match[1] as string),
  ),
);

describe("tidy", () => {
  it("keeps files under 400 lines", () => {
    const long = code.filter((file) => !file.startsWith("test/") && readText(file).split("\n").length > 400);
    expect(long.filter((file) => !tests.includes(file))).toEqual([]);
  });

  it("opens every source file with what it is", () => {
    expect(sources.filter((file) => file.endsWith(".ts") && !/^(#!.*\n)?(\/\*\*|\/\/)/.test(readText(file)))).toEqual(
      [],
    );
  });

  it("takes time and randomness only from what was passed in", () => {
    const inPackages = sources.filter((file) => file.startsWith("packages/") && !file.startsWith("packages/common/"));
    expect(
      linesWith(
        inPackages,
        /(?<![.\w])(Date\.now|Math\.random|setTimeout|setInterval|setImmediate|performance\.now)\(|new Date\(\)/,
      ),
    ).toEqual([]);
  });

  it("has no any without a reason, and nothing left for later", () => {
    expect(linesWith(code, /\b(TODO|FIXME|XXX)\b/)).toEqual([]); // tidy-allow
    expect(linesWith(sources, /^(?!\s*(\/?\*|\/\/)).*(:\s*any\b|\bas any\b|<any>)/)).toEqual([]);
  });

  it("uses the field's nouns", () => {
    expect(
      linesWith(
        sources,
        /\b(class|interface|type|function|const)\s+\w*(Manager|Orchestrator|Enhanced|Unified|Framework|Helper|Utils?)\b/,
      ),
    ).toEqual([]);
  });

  it("runs every test: no only, and a reason beside every skip", () => {
    expect(linesWith(tests, /\b(it|test|describe)\.(only|todo)\(/)).toEqual([]);
    expect(linesWith(tests, /\b(it|test|describe)\.skip\(/).filter((line) => !line.includes("because"))).toEqual([]);
  });

  it("names no machine, registry host or workplace", () => {
    const text = files.filter((file) => !/\.(png|ico|db|bin)$/.test(file));
    const hosts = new RegExp(["registry\\.npm", "js\\.org"].join(""));
    const machinePaths = new RegExp(["/work", "/(main|shared|plan)|/ro", "ot/"].join(""));
    expect(linesWith(text, hosts)).toEqual([]);
    expect(linesWith(text, machinePaths)).toEqual([]);
  });

  it("has a rule for every id that a test quotes, and a test for every rule of a SPEC", () => {
    const specs = files.filter((file) => file.endsWith("SPEC.md"));
    const ruleIds = new Set(
      specs.flatMap((file) =>
        [...readText(file).matchAll(/\b((?:DOC|WIRE|COO|MESH|RELAY)-\d+)\b/g)].map((match) => match[1] as string),
      ),
    );
    const requirementIds = new Set(
      [...readText("docs/requirements.md").matchAll(/\b([A-Z]+-\d+[a-z]?)\b/g)].map((match) => match[1] as string),
    );
    expect(specs.length).toBeGreaterThan(0);
    expect([...idsInTests].filter((id) => !ruleIds.has(id) && !requirementIds.has(id))).toEqual([]);
    expect([...ruleIds].filter((id) => !idsInTests.has(id))).toEqual([]);
  });
});
