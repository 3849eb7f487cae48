/** `verify`: reads every record of the store again, checks it, and compares digests with the relay's other peers. */

import type { Command } from "../frame/command.ts";
import { done, failed, toJson } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { withMesh } from "../session/with-mesh.ts";

export const command: Command = {
  spec: {
    options: { peers: { type: "boolean", summary: "Also exchange everything with the relays and compare digests." } },
    examples: [
      ["context-mesh verify", "check the store and the replica"],
      ["context-mesh verify --peers", "and compare with the others"],
      ["context-mesh verify --json", "as data, with the digest"],
    ],
    notes: "Exit 7 when something fails its check.",
  },
  run: (args, io) =>
    withMesh(
      args,
      io,
      async ({ mesh }) => {
        const progress = io.progress("reading every record");
        const report = mesh.verify();
        const sync = args.flag("peers") ? await mesh.sync({ full: true, signal: io.signal }) : undefined;
        progress.end();
        const equal = sync?.digestsEqual;
        const data = toJson({ ...report, ...(sync === undefined ? {} : { digestsEqual: equal ?? null }) });
        if (!report.ok || equal === false) {
          const problems = [...report.problems, ...(equal === false ? ["the digest differs from a peer's"] : [])];
          const hint = "Everything is fetched again with: context-mesh sync --full";
          return failed("integrity", problems.join("\n"), hint, { details: data });
        }
        const peers =
          sync === undefined ? "" : equal === true ? "\nEqual to the peers." : "\nNo peer was there to compare with.";
        return done(data, `${io.paint.good(`${symbols.good} intact`)}  digest ${report.digest}${peers}`);
      },
      { connect: args.flag("peers") },
    ),
};
