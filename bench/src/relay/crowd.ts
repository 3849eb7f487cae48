/** Clients in rooms, each with a Yjs client id of its own and what it has sent so far. */

import { appendUpdate, LoadClient, type LoadClientOptions, updateMessage } from "./client.ts";
import type { BenchServer } from "./servers.ts";

const value = "a status of some forty characters, as usual";

export interface Writer {
  readonly client: LoadClient;
  readonly id: number;
  clock: number;
}

let nextId = 1_000;

/** The next update of a writer as a frame. */
export const nextFrame = (writer: Writer): Buffer => {
  const update = appendUpdate(writer.id, writer.clock, value);
  writer.clock += 1;
  return writer.client.frame(updateMessage(update));
};

export interface CrowdOptions extends Partial<Pick<LoadClientOptions, "onMessage" | "subprotocol">> {
  readonly rooms: number;
  readonly perRoom: number;
  readonly name: string;
}

const openAtOnce = 50;

/** Connects everybody and waits until each is in sync, where the server knows such a thing. */
export const gather = async (server: BenchServer, options: CrowdOptions): Promise<readonly Writer[]> => {
  const { rooms, perRoom, name, onMessage, subprotocol } = options;
  const writers = Array.from({ length: rooms * perRoom }, (_, at): Writer => {
    nextId += 1;
    const room = `${name}-${at % rooms}`;
    const hooks = {
      ...(onMessage === undefined ? {} : { onMessage }),
      ...(subprotocol === undefined ? {} : { subprotocol }),
    };
    return { client: new LoadClient({ server, room, ...hooks }), id: nextId, clock: 0 };
  });
  for (let at = 0; at < writers.length; at += openAtOnce) {
    await Promise.all(
      writers.slice(at, at + openAtOnce).map(async ({ client }) => {
        await client.open();
        if (server.kind !== "bare") await client.sync();
      }),
    );
  }
  return writers;
};

export const dismiss = (writers: readonly Writer[]): void => {
  for (const { client } of writers) client.close();
};

export const delivered = (writers: readonly Writer[]): number =>
  writers.reduce((sum, { client }) => sum + client.updates, 0);
