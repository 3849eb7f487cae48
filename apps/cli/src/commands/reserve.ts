/** `reserve RESOURCE`: says that one uses files, a port or an environment. */

import type { ReserveResult } from "context-mesh";
import type { Command, Outcome } from "../frame/command.ts";
import { failed, toJson } from "../frame/outcome.ts";
import { leaseOption } from "../session/claiming.ts";
import { deliver, deliveryOptions } from "../session/deliver.ts";
import { defined, durationOption } from "../session/values.ts";
import { type Session, withMesh } from "../session/with-mesh.ts";

/** With the ones that stand in the way, so that one can talk to their holders. */
const toldReservation = async (session: Session, result: ReserveResult): Promise<Outcome> => {
  if (!result.ok) {
    const { reason, detail, hint, retryable, overlaps, holder } = result;
    return failed(reason, `${detail}.`, hint, { retryable, details: toJson({ holder, overlaps }) });
  }
  const { resource, mode, id } = result.reservation;
  const text = `${resource} is reserved (${mode}), as ${id}`;
  return deliver(session, [result.receipt], { text, data: { reservation: result.reservation } });
};

export const command: Command = {
  spec: {
    positionals: [
      { name: "RESOURCE", summary: "src/** (files), port:3000, port:3000@host, env:staging.", required: true },
    ],
    options: {
      shared: { type: "boolean", summary: "Others may share it; by default it is exclusive." },
      ...leaseOption,
      ...deliveryOptions,
    },
    examples: [
      ['context-mesh reserve "src/auth/**"', "these files are mine for 15 minutes"],
      ["context-mesh reserve port:3000@ci-1 --lease 1h", "a port of one machine"],
      ["context-mesh reserve env:staging --shared", "with others who share it"],
    ],
    notes: "Reserving again renews. Overlapping reservations of others are named; exit 5.",
  },
  run: (args, io) =>
    withMesh(args, io, async (session) =>
      toldReservation(
        session,
        session.mesh.reservations.reserve(args.positionals[0] ?? "", {
          mode: args.flag("shared") ? "shared" : "exclusive",
          ...defined({ leaseMs: durationOption(args, "lease") }),
        }),
      ),
    ),
};
