/** `verify --deep` and `--repair` on the store of a real relay: looked at, damaged, mended, and filled up again. */

import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { flipByte } from "@context-mesh/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
});
afterAll(() => place.end());

const verify = (...args: string[]) => place.run(["verify", "--relay-storage", relay.storage, ...args, "--json"]);
const dbFile = () => join(relay.storage, "relay.db");
const bytesOf = () => ["relay.db", "relay.db-head"].map((name) => readFileSync(join(relay.storage, name)));

/** One byte in the update of the log that holds this text: `relay.db` is empty of a WAL once a relay has stopped. */
const damage = (text: string): void => {
  const content = readFileSync(dbFile());
  const at = content.indexOf(text);
  expect(at).toBeGreaterThan(0);
  flipByte(dbFile(), at);
};

const write = async (id: string, text: string) => {
  const agent = place.agent("writer", [relay.url], "repair/room");
  expect((await agent("decision", text, "--id", id, "--wait")).code).toBe(0);
};

describe("the relay's store, from the command line", () => {
  it("refuses while a relay works in it, and while its process is there without answering", async () => {
    await write("d1", "decision-number-one");
    await write("d2", "decision-number-two");
    await write("d3", "decision-number-three");
    for (const flag of ["--deep", "--repair"]) {
      const refused = await verify(flag);
      expect(refused.code).toBe(1);
      expect(refused.envelope.error).toMatchObject({ code: "storage_in_use" });
    }
    relay.child.kill("SIGSTOP");
    expect((await verify("--repair")).envelope.error.code).toBe("storage_in_use");
    relay.child.kill("SIGCONT");
    const doctor = await place.run(["doctor", "--json"], { env: { XDG_STATE_HOME: place.path("elsewhere") } });
    expect(doctor.envelope.data.findings.map(({ name }: { name: string }) => name)).not.toContain("relay's store");
    expect(await relay.stop()).toBe(0);
  });

  it("looks without changing a byte, says which room is damaged, and the doctor says the same", async () => {
    const whole = await verify("--deep");
    expect(whole.code).toBe(0);
    expect(whole.envelope.data.relay).toMatchObject({ damagedRooms: [], problems: [], mended: [] });
    damage("decision-number-two");
    const before = bytesOf();
    const found = await verify("--deep");
    expect(found.code).toBe(7);
    expect(found.envelope.error).toMatchObject({ code: "integrity", hint: expect.stringContaining("--repair") });
    expect(found.envelope.error.details.relay.damagedRooms).toEqual(["repair/room"]);
    expect(bytesOf()).toEqual(before);
    expect(readdirSync(relay.storage).filter((name) => name.startsWith(".look-"))).toEqual([]);

    const state = place.path("doctor-state");
    const started = place.start(["up", "--json", "--port", "0"], { XDG_STATE_HOME: state });
    const own = (await started.next()).data.storage as string;
    await started.stop();
    for (const name of ["relay.db", "relay.db-head"]) copyFileSync(join(relay.storage, name), join(own, name));
    const doctor = await place.run(["doctor", "--json"], { env: { XDG_STATE_HOME: state } });
    const finding = doctor.envelope.data.findings.find(({ name }: { name: string }) => name === "relay's store");
    expect(finding).toMatchObject({ state: "bad", hint: expect.stringContaining("verify --repair") });
    expect(finding.detail).toContain("repair/room");
  });

  it("mends what is damaged, keeps the bytes, and an agent's next stay brings everything back", async () => {
    const before = readFileSync(dbFile());
    const repaired = await verify("--repair");
    expect(repaired.code).toBe(0);
    const { mended, kept, damagedRooms } = repaired.envelope.data.relay;
    expect(damagedRooms).toEqual([]);
    expect(mended).toHaveLength(1);
    expect(mended[0]).toMatchObject({ room: "repair/room" });
    expect(mended[0].cut).toBeGreaterThan(0);
    expect(mended[0].inQuarantine).toBeGreaterThan(0);
    expect(readFileSync(kept).equals(before)).toBe(true);
    expect((await verify("--deep")).code).toBe(0);
    expect((await verify("--repair")).envelope.data.relay).toMatchObject({ mended: [], kept: null });

    relay = await place.relay(["--storage", relay.storage]);
    expect((await place.agent("writer", [relay.url], "repair/room")("sync")).code).toBe(0);
    const reader = place.agent("reader", [relay.url], "repair/room");
    expect((await reader("pull")).code).toBe(0);
    const decisions = (await reader("decision", "list")).envelope.data as readonly { id: string }[];
    expect(decisions.map(({ id }) => id).sort()).toEqual(["d1", "d2", "d3"]);
    await relay.stop();
  });
});
