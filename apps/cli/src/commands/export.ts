/** `export [FILE]`: the context as YAML or JSON. */

import { existsSync, renameSync, writeFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { MeshError, messageOf } from "@context-mesh/common";
import type { Args, Command } from "../frame/command.ts";
import { done, toJson } from "../frame/outcome.ts";
import { withMesh } from "../session/with-mesh.ts";

const formatOf = (args: Args, file: string | undefined): "yaml" | "json" => {
  const given = args.string("format");
  if (given === "yaml" || given === "json") return given;
  return file !== undefined && extname(file).toLowerCase() === ".json" ? "json" : "yaml";
};

/** Written beside it and moved into place, so that a reader never sees half a file. */
const writeWhole = (path: string, text: string): void => {
  const beside = `${path}.${process.pid}.part`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, path);
  } catch (error) {
    throw new MeshError("write_failed", `${path} cannot be written: ${messageOf(error)}`, {
      hint: "Choose another file, or check the folder and its permissions.",
      cause: error,
    });
  }
};

export const command: Command = {
  spec: {
    positionals: [{ name: "FILE", summary: "By default standard output." }],
    options: {
      format: {
        type: "string",
        placeholder: "FORMAT",
        choices: ["yaml", "json"],
        summary: "By default by the file's name, else yaml.",
      },
    },
    examples: [
      ["context-mesh export", "as YAML on standard output"],
      ["context-mesh export context.json", "into a file, as JSON"],
      ["context-mesh export --format json --json", "inside the JSON envelope"],
    ],
  },
  run: (args, io) =>
    withMesh(args, io, async ({ mesh }) => {
      const { formatContext } = await import("@context-mesh/schema");
      const context = mesh.export();
      const file = args.positionals[0];
      const format = formatOf(args, file);
      const text = formatContext(context, format);
      if (file === undefined) return done(toJson({ format, context }), text);
      const path = resolve(io.cwd, file);
      const existed = existsSync(path);
      writeWhole(path, text);
      return done({ file: path, format, bytes: Buffer.byteLength(text) }, `${existed ? "Replaced" : "Wrote"} ${path}`);
    }),
};
