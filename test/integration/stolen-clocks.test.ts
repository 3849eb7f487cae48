/** Somebody takes the clocks of an agent before it does: it becomes a new writer, appends its work again, and says so. */

import { temporaryFolder, until } from "@context-mesh/testkit";
import { join, type Mesh } from "context-mesh";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HandClient } from "../fuzz/src/hand-client.ts";
import { deletion, gcRun, inRoot } from "../fuzz/src/hostile-bytes.ts";
import { UnderFire } from "./support/fire.ts";

const fire = new UnderFire();
const folder = temporaryFolder();
beforeAll(() => fire.start());
afterAll(async () => {
  await fire.stop();
  fire.remove();
  folder.remove();
});

const room = "stolen";
const agent = (name: string): Promise<Mesh> =>
  join({ room, agent: name, relays: [fire.relay.url], storage: `${folder.path}/${name}` });

/** The only writer of the room, as its relay shows it to everybody. */
const writerOf = (mesh: Mesh): { readonly client: number; readonly clock: number } => {
  const [newest] = Object.entries(mesh.status().vector).slice(-1);
  return { client: Number.parseInt(newest?.[0] ?? "", 36), clock: newest?.[1] ?? 0 };
};

const titles = (mesh: Mesh): readonly string[] =>
  mesh.tasks
    .list()
    .map(({ id }) => id)
    .sort();

describe("stolen clocks", () => {
  it("[SCH-17] cost the victim a new incarnation and no work, offline and live, and its user is told", async () => {
    const before = await agent("victim");
    before.tasks.add({ id: "t1", title: "before" });
    await before.sync({ durable: 1, timeoutMs: 20_000 });
    const { client, clock } = writerOf(before);
    await before.leave({ flushMs: 2_000 });

    const crook = await HandClient.open(fire.port, room, "crook");
    for (let n = 0; n < 5; n++) crook.send(inRoot(client, clock + n, "a/forged"));
    await crook.settled();
    const victim = await agent("victim");
    victim.tasks.add({ id: "t2", title: "written offline" });
    await victim.sync({ durable: 1, timeoutMs: 20_000 });
    expect(victim.status().incarnation).toBe(2);
    expect(victim.status().incidents.map(({ code }) => code)).toContain("incarnation_renewed");

    const reader = await agent("reader");
    await reader.sync({ timeoutMs: 20_000 });
    await until(() => titles(reader).join() === "t1,t2", "both tasks are there");

    const own = victim.status().vector;
    const [live] = Object.keys(own).filter((id) => Number.parseInt(id, 36) !== client);
    crook.send(gcRun(Number.parseInt(live as string, 36), own[live as string] ?? 0, 1_000));
    // Deletes over what nobody has written yet wait for it, and go when it does not come.
    crook.send(deletion(Number.parseInt(live as string, 36), (own[live as string] ?? 0) + 1_000, 2 ** 30));
    victim.tasks.add({ id: "t3", title: "written live" });
    await until(() => victim.status().incarnation === 3, "the victim notices");
    victim.tasks.add({ id: "t4", title: "written after" });
    await victim.sync({ durable: 1, timeoutMs: 20_000 });
    await until(() => titles(reader).join() === "t1,t2,t3,t4", "all its work is there");
    expect(reader.status().digest).toBe(victim.status().digest);
    await Promise.all([victim, reader].map((mesh) => mesh.leave({ flushMs: 0 })));
    crook.socket.destroy();
    await fire.stillServes();
  });
});
