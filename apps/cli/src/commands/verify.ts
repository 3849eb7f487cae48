/** `verify`: reads every record of the stores again, checks it, mends it where asked to, and compares digests with peers. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { storeFileFor } from "context-mesh/status";
import { inspectRelayStore, type RelayStoreReport, repairRelayStore } from "../doctor/relay-store.ts";
import type { Args, Command, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { counted } from "../frame/wording.ts";
import { readSettings, roomOf } from "../session/settings.ts";
import { noStore } from "../session/status-row.ts";
import { withMesh } from "../session/with-mesh.ts";
import { relayFolder } from "../up/options.ts";

/** What came out of one look: data, what is wrong now, and lines for people. */
interface Look {
  readonly data: Record<string, unknown>;
  readonly problems: readonly string[];
  readonly lines: readonly string[];
}

const nothing: Look = { data: {}, problems: [], lines: [] };

const lookAtRelayStore = ({ file, damagedRooms, problems, mended, kept }: RelayStoreReport): Look => ({
  data: { relay: { file, damagedRooms, problems, mended, kept: kept ?? null } },
  problems: mended.length > 0 && damagedRooms.length === 0 ? [] : problems,
  lines: [
    ...(kept === undefined ? [`${file}: ${problems.length === 0 ? "intact" : problems.join("; ")}`] : []),
    ...(kept === undefined ? [] : [`${file}: mended; as it was it is kept in ${kept}`]),
    ...mended.map(
      ({ room, cut, inQuarantine }) =>
        `room ${room}: ${counted(cut, "update")} cut off, ${inQuarantine} of them in quarantine; its peers are asked for them`,
    ),
  ],
});

const checkRelayStore = async (args: Args, io: Io): Promise<Look> => {
  const named = args.string("relay-storage");
  const isAsked = named !== undefined || args.flag("deep") || args.flag("repair");
  if (!isAsked) return nothing;
  const folder = named === undefined ? relayFolder(io) : resolve(io.cwd, named);
  const report = await (args.flag("repair") ? repairRelayStore : inspectRelayStore)(folder, io);
  return report === undefined ? nothing : lookAtRelayStore(report);
};

const checkOwn = async (args: Args, io: Io, relay: Look): Promise<Outcome> =>
  withMesh(
    args,
    io,
    async ({ mesh }) => {
      const progress = io.progress("reading every record");
      const report = mesh.verify();
      const sync = args.flag("peers") ? await mesh.sync({ full: true, signal: io.signal }) : undefined;
      progress.end();
      const equal = sync?.digestsEqual;
      const peers = sync === undefined ? {} : { digestsEqual: equal ?? null };
      const problems = [
        ...report.problems,
        ...(equal === false ? ["the digest differs from a peer's"] : []),
        ...relay.problems,
      ];
      const data = toJson({ ...report, ok: problems.length === 0, problems, ...peers, ...relay.data });
      if (problems.length > 0) {
        const hint =
          relay.problems.length > 0
            ? "Stop the relay and run: context-mesh verify --repair"
            : "Everything is fetched again with: context-mesh sync --full";
        return failed("integrity", problems.join("\n"), hint, { details: data });
      }
      const compared =
        sync === undefined ? [] : [equal === true ? "Equal to the peers." : "No peer was there to compare with."];
      const first = `${io.paint.good(`${symbols.good} intact`)}  digest ${report.digest}`;
      return done(data, [first, ...compared, ...relay.lines].join("\n"));
    },
    { connect: args.flag("peers") },
  );

/** On a machine that only runs a relay no room is named, and there is no store of an agent. */
const relayOnly = ({ data, problems, lines }: Look): Outcome => {
  const whole = toJson({ ok: problems.length === 0, problems, ...data });
  if (problems.length === 0) return done(whole, lines.join("\n"));
  return failed("integrity", problems.join("\n"), "Mend it with: context-mesh verify --repair", { details: whole });
};

export const command: Command = {
  spec: {
    options: {
      peers: { type: "boolean", summary: "Also exchange everything with the relays and compare digests." },
      deep: {
        type: "boolean",
        summary: "Also every room in the store of this machine's relay, which must be stopped.",
      },
      repair: {
        type: "boolean",
        summary: "Cut damaged rooms of that store back to what is whole; the damaged bytes are kept.",
      },
      "relay-storage": {
        type: "string",
        placeholder: "DIR",
        summary: "The relay's folder, as given to up --storage; implies --deep.",
      },
    },
    examples: [
      ["context-mesh verify --peers", "check the store and the replica, and compare with the others"],
      ["context-mesh verify --deep --relay-storage ./relay", "also every record of a stopped relay"],
      ["context-mesh verify --repair --relay-storage ./relay", "and mend what is damaged there"],
    ],
    notes:
      "Exit 7 when something fails its check, 1 while a relay works in the store. An agent's own store is mended by the check itself.",
  },
  run: async (args, io) => {
    const relay = await checkRelayStore(args, io);
    const settings = readSettings(args, io);
    if (settings.room === undefined && relay !== nothing) return relayOnly(relay);
    const room = roomOf(settings, io.program);
    // Looking must not make the store that is looked for; with --peers it is filled from them.
    const isThere = args.flag("peers") || existsSync(storeFileFor(settings.storage, room, settings.agent.id));
    if (isThere) return checkOwn(args, io, relay);
    return relay === nothing ? noStore(room, settings.agent.id) : relayOnly(relay);
  },
};
