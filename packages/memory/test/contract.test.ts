/** The memory adapters keep the contracts of their ports. */

import { seededRandom } from "@context-mesh/common";
import { AgentDisk, createMemoryNetwork, DocDisk } from "@context-mesh/memory";
import type { Connection } from "@context-mesh/ports";
import {
  agentStoreSuite,
  arbiterStoreSuite,
  connectionSuite,
  docStoreSuite,
  VirtualClock,
} from "@context-mesh/testkit";

agentStoreSuite("memory", () => {
  const clock = new VirtualClock();
  const disk = new AgentDisk({ clock, random: seededRandom(1) });
  return {
    open: () => disk.open(),
    until: async (isDone) => {
      if (!(await clock.advanceUntil(isDone, 50))) throw new Error("not within 50 ms");
      await clock.advance(50);
    },
    dispose: () => {},
  };
});

docStoreSuite("memory", () => {
  const disk = new DocDisk({ clock: new VirtualClock() });
  return { open: async () => disk.open(), dispose: () => {} };
});

arbiterStoreSuite("memory", () => {
  const disk = new DocDisk({ clock: new VirtualClock() });
  return { open: async () => disk.open(), dispose: () => {} };
});

connectionSuite("memory", () => {
  const clock = new VirtualClock();
  const network = createMemoryNetwork({ clock, random: seededRandom(2) });
  const accepted: Connection[] = [];
  network.listen("ws://relay", (connection) => accepted.push(connection));
  return {
    connect: async () => {
      const options = { subprotocols: ["context-mesh.1"], timeoutMs: 1_000 };
      const client = await clock.waitFor(network.dialer("a").dial("ws://relay/x", options));
      return { client, server: accepted[0] as Connection };
    },
    until: async (isDone) => {
      if (!(await clock.advanceUntil(isDone))) throw new Error("did not come true");
    },
    silence: () => void network.partition(() => true),
    dispose: () => {},
  };
});
