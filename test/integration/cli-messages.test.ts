/** send, inbox, wait and listen as processes, by the contract: envelope, lines, exit codes. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;
let alice: ReturnType<Workplace["agent"]>;
let bob: ReturnType<Workplace["agent"]>;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
  alice = place.agent("alice", [relay.url]);
  bob = place.agent("bob", [relay.url]);
});

afterAll(() => place.end());

const flags = (name: string): readonly string[] => [
  ...["--room", "test/room", "--agent", name, "--storage", place.path("stores", name)],
  ...["--relay", relay.url, "--json"],
];

describe("messages on the command line", () => {
  it("[CAST-4a] refuse who is unknown with exit 6, what is no address with exit 2, and send anyway", async () => {
    const unknown = await alice("send", "agent:bob", "hello");
    expect([unknown.code, unknown.envelope.error.code]).toEqual([6, "unknown_agent"]);
    const nonsense = await alice("send", "bob", "hello");
    expect([nonsense.code, nonsense.envelope.error.code]).toEqual([2, "bad_address"]);
    expect((await alice("send", "agent:bob")).envelope.error.code).toBe("empty_message");
    const sent = await alice("send", "agent:bob", "hello", "--anyway", "--wait");
    expect(sent.code).toBe(0);
    expect(sent.envelope.data).toMatchObject({ recipients: ["bob"], state: "durable", again: false });
  });

  it("look, take, act once and answer; the answer is waited for", async () => {
    const listed = await bob("inbox");
    expect(listed.envelope.data).toMatchObject([{ from: "alice", text: "hello" }]);
    const [taken] = (await bob("inbox", "--take")).envelope.data as { id: string; state: string }[];
    expect(taken?.state).toBe("injected");
    expect((await bob("inbox", "act", String(taken?.id), "--answer", "hi")).code).toBe(0);
    const again = await bob("inbox", "act", String(taken?.id));
    expect([5, 6]).toContain(again.code);
    const answer = await alice("wait", "--answers", String(taken?.id), "--timeout", "20", "--act");
    expect(answer.envelope.data).toMatchObject({ message: { text: "hi", from: "bob" } });
    expect((await bob("inbox")).envelope.data).toEqual([]);
  });

  it("[CAST-6b] time out with exit 8, and wait for a task that somebody else completes", async () => {
    const late = await bob("wait", "--timeout", "1");
    expect([late.code, late.envelope.error.code]).toEqual([8, "timed_out"]);
    await alice("task", "add", "Build", "--id", "t1");
    const waiting = place.start(["wait", "--task", "t1", ...flags("bob")]);
    const found = waiting.next();
    await alice("task", "done", "t1");
    expect(await found).toMatchObject({ ok: true, data: { task: { id: "t1", list: "completed" } } });
    expect(await waiting.stop()).toBe(0);
  });

  it("listen gives one object a line, topics included, and ends cleanly", async () => {
    const listening = place.start(["listen", "--topic", "releases", "--act", ...flags("bob")]);
    expect(await listening.next()).toMatchObject({ data: { event: "listening", agent: "bob" } });
    const first = listening.next();
    expect((await alice("send", "agent:bob", "first")).code).toBe(0);
    expect(await first).toMatchObject({ data: { event: "message", data: { text: "first", state: "acted" } } });
    const second = listening.next();
    expect((await alice("send", "topic:releases", "1.0", "--data", '{"tag":"v1"}')).code).toBe(0);
    expect(await second).toMatchObject({ data: { event: "message", data: { text: "1.0", data: { tag: "v1" } } } });
    const third = listening.next();
    const now = await alice("send", "agent:bob", "now", "--ephemeral");
    expect(now.envelope.data).toMatchObject({ state: "delivered" });
    expect(await third).toMatchObject({ data: { event: "message", data: { text: "now", isDurable: false } } });
    expect(await listening.stop()).toBe(0);
  });

  it("to an agent that is away, what is for now is refused soon; who is registered is listed as away", async () => {
    const now = await alice("send", "agent:bob", "now?", "--ephemeral");
    expect([now.code, now.envelope.error.code, now.envelope.error.retryable]).toEqual([1, "not_here", true]);
    expect(now.envelope.error.hint).toContain("durably");
    expect((await alice("agents")).envelope.data).toMatchObject([
      { agent: "alice", here: true },
      { agent: "bob", here: false },
    ]);
  });

  it("without a relay a message is queued, and what is for now is refused", async () => {
    const alone = place.agent("alice", [nowhere]);
    expect((await alone("send", "agent:bob", "later")).envelope.data).toMatchObject({ state: "queued" });
    const now = await alone("send", "*", "now", "--ephemeral");
    expect([now.code, now.envelope.error.code, now.envelope.error.retryable]).toEqual([1, "no_relay", true]);
  });
});
