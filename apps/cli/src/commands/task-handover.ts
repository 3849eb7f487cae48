/** `task handover ID --to AGENT`: gives the own lease on to another agent. */

import type { Command } from "../frame/command.ts";
import { withLease } from "../session/claiming.ts";
import { deliveryOptions } from "../session/deliver.ts";
import { defined } from "../session/values.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    positionals: [
      { name: "ID", summary: "The task.", required: true },
      { name: "TEXT", summary: "What is done, what comes next, what to mind." },
    ],
    options: {
      to: { type: "string", placeholder: "AGENT", summary: "Who goes on." },
      document: { type: "string", placeholder: "FILE", summary: "Where the details are." },
      ...deliveryOptions,
    },
    required: ["to"],
    examples: [
      ["context-mesh task handover task-1 --to builder", "builder claims it and goes on"],
      ['context-mesh task handover task-1 "API done, tests next" --to builder', "with a word"],
      ["context-mesh task handover task-1 --to builder --document handover-1.md", "or a document"],
    ],
    notes: "The task is kept for that agent for one lease; it takes it with `task claim ID`.",
  },
  run: (args, io) =>
    withMesh(args, io, (session) => {
      const to = args.string("to") ?? "";
      const told = defined({ summary: args.positionals[1], document: args.string("document") });
      return withLease(
        session,
        (lease) => lease.handOver(to, told),
        ({ task }) => `task ${task} waits for ${to}`,
      );
    }),
};
