/** Addresses of peers: a whole relay, or one room of one. */

import { MeshError } from "@context-mesh/common";

export interface PeerAddress {
  /** Without path and query; what logs may show. */
  readonly origin: string;
  readonly token: string | undefined;
  /** The only room, or undefined for all. */
  readonly room: string | undefined;
}

export const parsePeerUrl = (text: string): PeerAddress => {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badPeer(text);
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw badPeer(text);
  const room = url.pathname.slice(1);
  return {
    origin: `${url.protocol}//${url.host}`,
    token: url.searchParams.get("token") ?? undefined,
    room: room === "" ? undefined : room,
  };
};

const badPeer = (text: string): MeshError =>
  new MeshError("bad_peer", `${JSON.stringify(text.split("?")[0])} is not the address of a relay`, {
    hint: "Write ws://host:port or ws://host:port/room.",
  });
