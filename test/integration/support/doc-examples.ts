/** Examples of a page of `docs/`: its fenced blocks, run as a reader would run them. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../source-files.ts";

export interface BlockEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const blocksOf = (page: string, language: string): readonly string[] => {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );
};

const ended = async (child: ReturnType<typeof spawn>): Promise<BlockEnded> => {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr?.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
};

/** A shell in which `context-mesh` is ours. */
export const runShell = (block: string, cwd: string, env: Readonly<Record<string, string>>): Promise<BlockEnded> => {
  const bin = join(cwd, ".bin");
  mkdirSync(bin, { recursive: true });
  const command = join(bin, "context-mesh");
  writeFileSync(
    command,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, "apps/cli/bin/context-mesh.mjs")}" "$@"\n`,
  );
  chmodSync(command, 0o755);
  const path = `${bin}:${process.env.PATH}`;
  return ended(spawn("sh", ["-e", "-c", block], { cwd, env: { ...env, PATH: path } }));
};

/** A module beside our packages, so that it finds them by their names. */
export const runModule = async (
  block: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<BlockEnded> => {
  const folder = mkdtempSync(join(root, "node_modules", ".docs-example-"));
  try {
    const file = join(folder, "example.mjs");
    writeFileSync(file, block);
    return await ended(spawn(process.execPath, [file], { cwd, env: { ...env, PATH: process.env.PATH } }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
