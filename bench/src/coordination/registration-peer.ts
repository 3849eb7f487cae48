/**
 * The second peer of the registration benchmark, a process of its own as agents are: `node registration-peer.js RELAY STORAGE`.
 * Told a number, it answers when it lists so many agents. What it was told is counted; the list, costly to make, is asked for
 * once at the end.
 */

import { join } from "context-mesh";

const [relay = "", storage = ""] = process.argv.slice(2);
const mesh = await join({ room: "registration", agent: "b", relays: [relay], storage, cwd: storage });
await mesh.sync();

process.on("message", (count: number) => {
  const seen = new Set<string>();
  const off = mesh.on("change", ({ keys }) => {
    for (const key of keys) if (key.startsWith("e/")) seen.add(key);
    if (seen.size < count || mesh.agents.list().length < count) return;
    off();
    process.send?.("seen");
  });
  process.send?.("watching");
});
process.on("disconnect", () => void mesh.leave({ flushMs: 0 }).then(() => process.exit(0)));
process.send?.("ready");
