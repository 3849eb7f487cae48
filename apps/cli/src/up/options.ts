/** The flags of `up`, checked: where it listens, who may come, where it stores. */

import { join, resolve } from "node:path";
import { readTokenFile, userStateFolder } from "context-mesh/config";
import type { Args, Failed } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { failed } from "../frame/outcome.ts";
import { defaultPort } from "../session/settings.ts";
import { isLoopback } from "./loopback.ts";
import { seededArbiter } from "./seeded-arbiter.ts";

export interface UpOptions {
  readonly host: string;
  readonly port: number;
  readonly storage: string;
  readonly peers: readonly string[];
  readonly token: string | undefined;
  /** What pages in a browser may do. */
  readonly pages: "read" | "write";
  /** Rooms whose confirmed claims are decided here; `*` for every room. */
  readonly arbiter: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const portMax = 65_535;

const peerProblem = (peers: readonly string[]): Failed | undefined => {
  const wrong = peers.find((peer) => !URL.canParse(peer) || !/^wss?:$/.test(new URL(peer).protocol));
  if (wrong === undefined) return undefined;
  return failed("invalid_argument", `"${wrong}" is not the address of a relay.`, "Write --peer ws://HOST:PORT.");
};

/** Relays that peer share the secret, unless the peer's address brings another. */
const withToken = (peer: string, token: string | undefined): string => {
  const url = new URL(peer);
  if (token !== undefined && !url.searchParams.has("token")) url.searchParams.set("token", token);
  return token === undefined ? peer : url.href;
};

/** Where the relay of this machine keeps its rooms unless it is told otherwise. */
export const relayFolder = (io: Io): string => join(userStateFolder(io.env), "relay");

export const readUpOptions = (args: Args, io: Io): UpOptions | Failed => {
  const host = args.string("host") ?? "127.0.0.1";
  const port = args.integer("port") ?? defaultPort;
  if (port > portMax) {
    return failed("invalid_argument", `${port} is not a port.`, `Give --port 0 to ${portMax}; 0 picks a free one.`);
  }
  const tokenFile = args.string("token-file");
  if (!isLoopback(host) && tokenFile === undefined) {
    return failed(
      "token_file_needed",
      `Listening on ${host} lets other machines in, and no token guards it.`,
      "Make one (openssl rand -hex 32 > token), add --token-file token, and give the same file to the agents.",
    );
  }
  const peers = args.list("peer");
  const wrong = peerProblem(peers);
  if (wrong !== undefined) return wrong;
  const pages = args.string("inspector") ?? "write";
  if (pages !== "read" && pages !== "write") {
    return failed("invalid_argument", `The inspector cannot be "${pages}".`, "Write --inspector read, or write.");
  }
  const storage = args.string("storage");
  const arbiter = args.list("arbiter");
  const token = tokenFile === undefined ? undefined : readTokenFile(resolve(io.cwd, tokenFile));
  return {
    host,
    port,
    storage: storage === undefined ? relayFolder(io) : resolve(io.cwd, storage),
    peers: peers.map((peer) => withToken(peer, token)),
    token,
    pages,
    arbiter: arbiter.length > 0 ? arbiter : seededArbiter(io.cwd, host, port),
    allowedHosts: args.list("allow-host"),
    allowedOrigins: args.list("allow-origin"),
  };
};
