/** The common form of a typed write: join, one operation, send, tell. */

import type { Receipt } from "context-mesh";
import type { Args, Command, CommandSpec, Outcome } from "../frame/command.ts";
import { level } from "../frame/shared-options.ts";
import { deliver, deliveryOptions, type Told } from "./deliver.ts";
import { type Session, withMesh } from "./with-mesh.ts";

export interface WriteDefinition {
  readonly spec: CommandSpec;
  /** True for changes of what is there: first fetch what others did to it. */
  readonly readsFirst: boolean;
  readonly write: (args: Args, session: Session) => Receipt | Outcome;
  readonly tell: (args: Args, receipt: Receipt) => Told;
}

const isReceipt = (value: Receipt | Outcome): value is Receipt => "state" in value && "paths" in value;

/** What was only proposed is not done yet. */
const said = (receipt: Receipt, told: Told): Told => {
  const isProposed = receipt.proposed.length > 0 && receipt.proposed.length === receipt.paths.length;
  return isProposed ? { ...told, text: `only proposed to its owner: ${told.text}` } : told;
};

export const writeCommand = ({ spec, readsFirst, write, tell }: WriteDefinition): Command => ({
  spec: { ...spec, options: { ...spec.options, ...level, ...deliveryOptions } },
  run: (args, io) =>
    withMesh(
      args,
      io,
      async (session) => {
        const result = write(args, session);
        return isReceipt(result) ? deliver(session, [result], said(result, tell(args, result))) : result;
      },
      { catchUp: readsFirst },
    ),
});
