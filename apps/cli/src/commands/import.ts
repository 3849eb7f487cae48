/** `import FILE`: brings a context in; only differences are written, so twice is zero writes. */

import type { SharedContext } from "@context-mesh/schema";
import type { Args, Command, Failed, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, toJson } from "../frame/outcome.ts";
import { level } from "../frame/shared-options.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { problemLine, problemsFailure } from "../session/problems.ts";
import { readTextFile } from "../session/text-files.ts";
import { defined, levelOption } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

interface Read {
  readonly context: SharedContext;
  readonly warnings: readonly string[];
}

const read = async (args: Args, io: Io): Promise<Read | Failed> => {
  const file = args.positionals[0] ?? "-";
  const text = file === "-" ? await io.readStdin() : readTextFile(file, io.cwd);
  const { parseContext } = await import("@context-mesh/schema");
  const parsed = parseContext(text, {
    file,
    ...defined({ format: args.string("format") as "yaml" | "json" | undefined }),
  });
  if (!parsed.ok) return problemsFailure(file, parsed.issues);
  return { context: parsed.value, warnings: parsed.issues.map((issue) => problemLine(file, issue)) };
};

const write = async (session: Session, { context, warnings }: Read): Promise<Outcome> => {
  const { args, mesh } = session;
  const report = mesh.import(context, { replace: args.flag("replace"), ...levelOption(args) });
  const counts = { written: report.written, removed: report.removed };
  if (report.written === 0 && report.removed === 0) {
    if (!report.receipt.ok) return deliver(session, [report.receipt], { text: "" });
    const data = toJson({ ...counts, state: "unchanged" });
    return done(data, "Nothing to write: the context is there already.", { warnings });
  }
  const removed = report.removed > 0 ? `, ${report.removed} removed` : "";
  const sent = await deliver(session, [report.receipt], { text: `${report.written} written${removed}`, data: counts });
  return sent.ok ? { ...sent, warnings: [...warnings, ...(sent.warnings ?? [])] } : sent;
};

export const command: Command = {
  spec: {
    positionals: [{ name: "FILE", summary: "YAML or JSON; - for standard input.", required: true }],
    options: {
      replace: { type: "boolean", summary: "Also remove what the file does not have." },
      format: {
        type: "string",
        placeholder: "FORMAT",
        choices: ["yaml", "json"],
        summary: "By default by looking at it.",
      },
      check: { type: "boolean", summary: "Only check the file; write nothing." },
      ...level,
      ...deliveryOptions,
    },
    examples: [
      ["context-mesh import context.yaml", "write what is new or different"],
      ["context-mesh import context.yaml --replace", "and remove what the file does not have"],
      ["context-mesh import context.yaml --check", "only look for mistakes in it"],
    ],
  },
  run: async (args, io) => {
    const input = await read(args, io);
    if ("ok" in input) return input;
    if (args.flag("check")) {
      return done({ file: args.positionals[0] ?? "-", valid: true }, "The file is in order.", {
        warnings: input.warnings,
      });
    }
    return withMesh(args, io, (session) => write(session, input));
  },
};
