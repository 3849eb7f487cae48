/** What a session is given. */

import type { Connection } from "@context-mesh/ports";
import type { Hello } from "@context-mesh/protocol";
import type { RelayContext } from "../context.ts";
import type { Room } from "../room/room.ts";

/** A session whose room is not loaded. */
export interface Parked {
  readonly room: string;
  wake(): void;
}

/** Where sessions get their room from. */
export interface RoomSource {
  /** Rejects with a MeshError when the room cannot be served. */
  open(name: string): Promise<Room>;
  /** The session waits for its room to be loaded again. */
  park(session: Parked): void;
}

/** A session, as far as whoever keeps it is concerned. */
export interface Kept extends Parked {
  freeze(): void;
  refuse(reason: string): void;
  close(code: number, reason: string): void;
}

export interface SessionHost {
  left(session: Kept): void;
}

export interface SessionOptions {
  readonly context: RelayContext;
  readonly host: SessionHost;
  readonly rooms: RoomSource;
  readonly connection: Connection;
  readonly room: string;
  readonly order: number;
  readonly canWrite: boolean;
  /** We greet first on connections whose client offered the subprotocol; on links that we dialled the other end does. */
  readonly saysHello: "first" | "second" | "never";
  /** A link that we dialled. */
  readonly isPeer: boolean;
  readonly onHello?: (hello: Hello) => void;
  /** The other end of a peer link has sent its whole state. */
  readonly onPeerAnswer?: () => void;
  readonly onClosed?: (code: number) => void;
}
