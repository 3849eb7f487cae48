/** Relays are dialled while a large document is loaded: what that may never do. */

import { limits } from "@context-mesh/common";
import type { Connection, Dialer, DialOptions } from "@context-mesh/ports";
import { decodeMessage, encodeStateVector, encodeStep1, type UpdateScan } from "@context-mesh/protocol";
import { VirtualClock } from "@context-mesh/testkit";
import { describe, expect, it } from "vitest";
import { EarlyDialer } from "../src/sync/early-dialer.ts";
import { RelaySession } from "../src/sync/session.ts";
import { World } from "./world.ts";

const options: DialOptions = { subprotocols: [], timeoutMs: 1_000 };

interface Dialled {
  readonly url: string;
  readonly connection: Connection;
  readonly closed: string[];
  readonly sent: Uint8Array[];
}

const fakeDialer = (): Dialer & { readonly dials: Dialled[]; fails: boolean } => {
  const dials: Dialled[] = [];
  return {
    dials,
    fails: false,
    dial(url) {
      if (this.fails) return Promise.reject(new Error("nobody there"));
      const closed: string[] = [];
      const sent: Uint8Array[] = [];
      const connection = {
        close: (_: number, reason: string) => closed.push(reason),
        send: (message: Uint8Array) => sent.push(message),
      } as unknown as Connection;
      dials.push({ url, connection, closed, sent });
      return Promise.resolve(connection);
    },
  };
};

describe("a connection that is opened early", () => {
  it("[COO-93] goes to the first dial of its address, and to no other", async () => {
    const dialer = fakeDialer();
    const early = new EarlyDialer(dialer, new VirtualClock());
    early.begin("ws://a", options);
    expect(await early.dial("ws://b", options)).toBe(dialer.dials[1]?.connection);
    expect(await early.dial("ws://a", options)).toBe(dialer.dials[0]?.connection);
    expect(await early.dial("ws://a", options)).toBe(dialer.dials[2]?.connection);
    early.stop();
    expect(dialer.dials.flatMap(({ closed }) => closed)).toEqual([]);
  });

  it("[COO-93] is handed over no earlier than the next turn, when whoever dials has ended its own start", async () => {
    const early = new EarlyDialer(fakeDialer(), new VirtualClock());
    early.begin("ws://a", options);
    let isThere = false;
    const dialling = early.dial("ws://a", options).then(() => {
      isThere = true;
    });
    for (let n = 0; n < 50; n += 1) await Promise.resolve();
    expect(isThere).toBe(false);
    await dialling;
  });

  it("[COO-93] is closed when nobody takes it, and opened anew when it waited too long", async () => {
    const [dialer, clock] = [fakeDialer(), new VirtualClock()];
    const early = new EarlyDialer(dialer, clock);
    early.begin("ws://a", options);
    early.begin("ws://b", options);
    await clock.advance(limits.earlyDialMsMax + 1);
    expect(await early.dial("ws://a", options)).toBe(dialer.dials[2]?.connection);
    early.stop();
    await Promise.resolve();
    expect(dialer.dials.map(({ closed }) => closed.length)).toEqual([1, 1, 0]);
  });

  it("[COO-93] is one for each address, however often that is listed", async () => {
    const dialer = fakeDialer();
    const early = new EarlyDialer(dialer, new VirtualClock());
    early.begin("ws://a", options);
    early.begin("ws://a", options);
    early.stop();
    await Promise.resolve();
    expect(dialer.dials.map(({ closed }) => closed.length)).toEqual([1]);
  });

  it("[COO-93] that fails counts when it is asked for, and the next dial is a new one", async () => {
    const dialer = fakeDialer();
    const early = new EarlyDialer(dialer, new VirtualClock());
    dialer.fails = true;
    early.begin("ws://a", options);
    dialer.fails = false;
    await expect(early.dial("ws://a", options)).rejects.toThrow("nobody there");
    expect(await early.dial("ws://a", options)).toBe(dialer.dials[0]?.connection);
  });
});

describe("a question that is sent early", () => {
  const question = encodeStep1(encodeStateVector(new Map([[7, 3]])));

  it("[COO-93] goes over the connections that nobody has taken, and is told of with them", async () => {
    const dialer = fakeDialer();
    const early = new EarlyDialer(dialer, new VirtualClock());
    early.begin("ws://a", options);
    early.begin("ws://b", options);
    const taken = await early.dial("ws://a", options);
    early.ask(question);
    const waiting = await early.dial("ws://b", options);
    expect(dialer.dials.map(({ sent }) => sent)).toEqual([[], [question]]);
    expect([early.askedOf(taken), early.askedOf(waiting)]).toEqual([undefined, question]);
  });

  const session = () => {
    const sent: Uint8Array[] = [];
    const connection = { bufferedBytes: 0, send: (bytes: Uint8Array) => sent.push(bytes) } as unknown as Connection;
    return { sent, session: new RelaySession(connection, new VirtualClock(), question) };
  };
  const empty = { clients: [] } as unknown as UpdateScan;

  it("[COO-93] is not sent again when it is what the link asks, and only the first time", () => {
    const { sent, session: link } = session();
    link.ask(new Map([[7, 3]]));
    expect(sent).toEqual([]);
    link.ask(new Map([[7, 3]]));
    expect(sent).toEqual([question]);
  });

  it("[COO-93] is followed by another one when more is known by then, or when its answer has come already", () => {
    const changed = session();
    changed.session.ask(new Map([[7, 4]]));
    expect(changed.sent).toHaveLength(1);
    const answered = session();
    answered.session.answered(empty, 1);
    answered.session.ask(new Map([[7, 3]]));
    expect(answered.sent).toEqual([question]);
  });
});

/** Few and long: more than is loaded at once. */
const tasks = Array.from({ length: 60 }, (_, n) => ({
  id: `t${n}`,
  status: "pending",
  title: `Task number ${n}`,
  description: "what is to be done ".repeat(1_000),
}));

/** A world with a relay that has an agent's large document, and the disk of that agent, which has left. */
const prepared = async () => {
  const world = new World();
  await world.relay();
  const disk = world.disk();
  const node = await world.node("a", { disk });
  node.import({ version: "2.0", project_state: { active_tasks: tasks } } as Parameters<typeof node.import>[0]);
  await world.settle();
  await world.leave(node);
  return { world, disk };
};

describe("a large document", () => {
  it("[COO-93] [REL-3] is dialled for while it is loaded; nothing of it is sent, and nothing counts as synced, before it is", async () => {
    const { world, disk } = await prepared();
    const seen: string[] = [];
    const inner = world.network.dialer("a");
    const isLoaded = (): boolean => world.nodes[0]?.core.replicas.isLoaded ?? false;
    const dialer: Dialer = {
      async dial(url, dialOptions) {
        seen.push(isLoaded() ? "dial" : "dial before loaded");
        const connection = await inner.dial(url, dialOptions);
        const send = connection.send.bind(connection);
        connection.send = (message) => {
          seen.push(isLoaded() ? "send" : "send before loaded");
          send(message);
        };
        return connection;
      },
    };
    const node = await world.node("a", { disk, dialer });
    expect(node.core.links[0]?.isLive).toBe(false);
    await world.clock.advanceUntil(() => node.core.links[0]?.isLive === true, 60_000);
    expect(node.core.links[0]?.isLive).toBe(true);
    expect(seen.filter((word) => word.includes("dial"))).toEqual(["dial before loaded"]);
    expect(seen).toContain("send");
    expect(seen).not.toContain("send before loaded");
    expect(node.tasks.list()).toHaveLength(tasks.length);
    await world.leave(node);
  });

  it("[COO-93] [REL-3] asks early for what its relay holds beyond it, once, and has it when it is live", async () => {
    const { world, disk } = await prepared();
    const other = await world.node("b");
    await world.settle();
    other.tasks.add({ id: "later", title: "Written while the other was away" });
    await world.settle();
    const inner = world.network.dialer("a");
    const sent: string[] = [];
    const dialer: Dialer = {
      async dial(url, dialOptions) {
        const connection = await inner.dial(url, dialOptions);
        const send = connection.send.bind(connection);
        connection.send = (message) => {
          const decoded = decodeMessage(message);
          sent.push(decoded.ok ? decoded.value.type : decoded.reason);
          send(message);
        };
        return connection;
      },
    };
    const node = await world.node("a", { disk, dialer });
    await world.clock.advanceUntil(() => node.core.links[0]?.isLive === true, 60_000);
    expect(sent.filter((type) => type === "sync-step-1")).toHaveLength(1);
    expect(sent.slice(0, 2)).toEqual(["sync-step-1", "hello"]);
    expect(node.tasks.list().map(({ id }) => id)).toContain("later");
    await world.leave(node);
    await world.leave(other);
  });

  it("[COO-93] is caught up with what another process of the agent wrote while it was loaded", async () => {
    const { world, disk } = await prepared();
    const other = await world.node("a", { disk, relays: [] });
    const store = disk.open();
    const view = store.view.bind(store);
    let hasWritten = false;
    store.view = (read) => {
      const answer = view(read);
      if (!hasWritten && world.nodes[1]?.core.replicas.isLoaded === false) {
        hasWritten = true;
        other.tasks.add({ id: "meanwhile", title: "Written by the other process" });
      }
      return answer;
    };
    const node = await world.node("a", { disk, store });
    expect(hasWritten).toBe(true);
    // Looked at below the reading methods, which catch up by themselves.
    expect(node.core.replicas.replica.digest()).toBe(other.core.replicas.replica.digest());
    await world.leave(node);
    await world.leave(other);
  });

  it("[COO-93] that is left while it is loaded leaves no connection behind", async () => {
    const { world, disk } = await prepared();
    const inner = world.network.dialer("a");
    let open = 0;
    const dialer: Dialer = {
      async dial(url, dialOptions) {
        const connection = await inner.dial(url, dialOptions);
        open += 1;
        const close = connection.close.bind(connection);
        connection.close = (code, reason) => {
          open -= 1;
          close(code, reason);
        };
        return connection;
      },
    };
    const starting = world.node("a", { disk, dialer });
    const [node] = world.nodes;
    expect(node?.core.replicas.isLoaded).toBe(false);
    const stopping = node?.stop();
    await world.clock.waitFor(Promise.all([starting, stopping]));
    expect(node?.core.links.map(({ state }) => state.name)).toEqual(["stopped"]);
    await world.clock.advance(1_000);
    expect(open).toBe(0);
  });
});
