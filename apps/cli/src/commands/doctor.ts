/** `doctor`: looks at configuration, store, relays and clocks, and says what to do about what it finds. */

import { checkAll } from "../doctor/checks.ts";
import type { Finding } from "../doctor/finding.ts";
import type { Command } from "../frame/command.ts";
import { exitCodes } from "../frame/exit-codes.ts";
import { done, toJson } from "../frame/outcome.ts";
import { type Paint, symbols } from "../frame/paint.ts";

const mark = (finding: Finding, paint: Paint): string => {
  if (finding.state === "good") return paint.good(`${symbols.good} good`);
  return finding.state === "warn" ? paint.warn(`${symbols.warn} note`) : paint.bad(`${symbols.bad} bad `);
};

const lines = (finding: Finding, paint: Paint): string => {
  const next = finding.hint === undefined ? "" : `\n          ${finding.hint}`;
  return `${mark(finding, paint)}  ${finding.name}: ${finding.detail}${next}`;
};

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh doctor", "look at everything"],
      ["context-mesh doctor --relay ws://10.0.0.7:7420", "with another relay"],
      ["context-mesh doctor --json", "as data"],
    ],
    notes: "Changes nothing. Exit 1 when something is bad.",
  },
  run: async (args, io) => {
    const findings = await checkAll(args, io);
    const bad = findings.filter(({ state }) => state === "bad").length;
    const text = findings.map((finding) => lines(finding, io.paint)).join("\n");
    return done(toJson({ findings, bad }), text, { exitCode: bad > 0 ? exitCodes.failure : exitCodes.done });
  },
};
