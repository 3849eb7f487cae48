/** A process that writes notes into its own store and tells each one once the call has returned. Killed by its test. */

import { join } from "context-mesh";

const [storage, home, relay, from] = process.argv.slice(2);
const mesh = await join(
  { room: "bench", agent: "victim", relays: relay === "" ? [] : [relay], storage, cwd: storage },
  { env: { CONTEXT_MESH_HOME: home, XDG_CONFIG_HOME: home } },
);
for (let n = Number(from); ; n += 1) {
  const receipt = mesh.notes.add(`note ${n}`);
  if (!receipt.ok) throw new Error(receipt.reason);
  process.stdout.write(`${n}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
