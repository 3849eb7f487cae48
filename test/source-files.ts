/** The project's own files as the tests of its shape see them: what git tracks or would track. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Paths relative to the root, files git does not ignore. */
export const projectFiles = (): readonly string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(root, file)));

export const readText = (file: string): string => readFileSync(join(root, file), "utf8");

export interface Import {
  readonly file: string;
  readonly specifier: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s*["']([^"']+)["']/g;

/** Static, dynamic and type imports of one module, found in its text with comments taken out. */
export const importsOf = (file: string): readonly Import[] => {
  const text = readText(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:"'])\/\/[^\n]*/g, "$1");
  return [...text.matchAll(importPattern)].map((match) => ({
    file,
    specifier: (match[1] ?? match[2] ?? match[3]) as string,
  }));
};
