/** `claude-sync` with the command lines of the synchronization protocol, exactly as they stand there. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claudeSyncFile, nowhere, type RelayUnderTest, Workplace } from "./cli-process.ts";

let place: Workplace;
let relay: RelayUnderTest;

beforeAll(async () => {
  place = new Workplace();
  relay = await place.relay();
  await place.run(["init", "--room", "acme/sync", "--agent", "planner", "--relay", relay.url]);
});

afterAll(() => place.end());

const claudeSync = (line: string, env: Readonly<Record<string, string>> = {}, cwd?: string) =>
  place.run(line.split(" "), { file: claudeSyncFile, env, ...(cwd === undefined ? {} : { cwd }) });

describe("claude-sync", () => {
  it("[NODE-8a] --level checkpoint --agent builder sends what waits and says so", async () => {
    await place.run(["task", "add", "Build", "--id", "t1", "--agent", "builder", "--relay", nowhere]);
    const words = await claudeSync("--level checkpoint --agent builder");
    expect(words.code).toBe(0);
    expect(words.stdout).toMatch(
      /✓ synced with ws:\/\/127\.0\.0\.1:\d+\ncheckpoint: sent \d+ \(\d+ B\), received \d+ \(\d+ B\), \d+ ms\ndigest [0-9a-f]+/,
    );
    const data = await claudeSync("--level checkpoint --agent builder --json");
    expect(data.envelope.data).toMatchObject({ ok: true, level: "checkpoint", queued: 0 });
    const seen = await place.run(["task", "list", "--json"]);
    expect(seen.envelope.data).toMatchObject([{ id: "t1" }]);
  });

  it("[NODE-8b] --full --resolve-conflicts exchanges everything and settles what is harmless", async () => {
    const at = "project_state.active_tasks[t1].priority";
    await place.run(["sync", "--agent", "builder"]);
    const push = (agent: string, value: string) =>
      place.run(["push", "--path", at, "--to", JSON.stringify(value), "--agent", agent, "--relay", nowhere]);
    await push("planner", "high");
    await push("builder", "low");
    await place.run(["sync", "--agent", "builder"]);
    const answer = await claudeSync("--full --resolve-conflicts --json");
    expect(answer.code).toBe(0);
    expect(answer.envelope.data).toMatchObject({
      ok: true,
      conflicts: 0,
      resolved: [{ path: at, asked: false }],
      open: [],
    });
    expect((await place.run(["conflict", "list", "--json"])).envelope.data).toEqual([]);
    const words = await claudeSync("--full --resolve-conflicts");
    expect(words.code).toBe(0);
    expect(words.stdout).toContain("0 conflicts resolved");
  });

  it("[NODE-8c] --status shows the state", async () => {
    const words = await claudeSync("--status");
    expect(words.code).toBe(0);
    expect(words.stdout).toMatch(/^room +acme\/sync$/m);
    expect(words.stdout).toMatch(/^tasks +1 active, 0 blocked, 0 completed$/m);
    const data = await claudeSync("--status --json");
    expect(data.envelope.data).toMatchObject({ room: "acme/sync", agent: { id: "planner" }, conflicts: 0 });
  });

  it("[NODE-8d] --history --last 10 shows the last synchronizations", async () => {
    const words = await claudeSync("--history --last 10");
    expect(words.code).toBe(0);
    expect(words.stdout).toMatch(/^WHEN +WHO +OPERATION +LEVEL +BYTES +TIME +RESULT$/m);
    const data = await claudeSync("--history --last 2 --json");
    expect(data.envelope.data.length).toBe(2);
    expect(data.envelope.data[0]).toMatchObject({
      agent: "planner",
      operation: expect.any(String),
      result: expect.any(String),
    });
  });

  it("[SYNC-9a] [SYNC-9b] the log of one process is there for the next, newest first", async () => {
    const before = (await claudeSync("--history --last 50 --json")).envelope.data;
    await claudeSync("--level session --agent planner");
    const after = (await claudeSync("--history --last 50 --json")).envelope.data;
    expect(after.length).toBeGreaterThan(before.length);
    expect(Date.parse(after[0].at)).toBeGreaterThanOrEqual(Date.parse(after.at(-1).at));
    expect(after[0]).toMatchObject({ level: "session", bytes: expect.any(Number), durationMs: expect.any(Number) });
  });

  it("[NODE-8e] a wrong level: exit 2 and the four levels", async () => {
    const answer = await claudeSync("--level chekpoint --agent builder");
    expect(answer.code).toBe(2);
    expect(answer.stdout).toBe("");
    expect(answer.stderr).toContain("Did you mean checkpoint? One of: critical, checkpoint, periodic, session.");
    expect((await claudeSync("--level chekpoint --json")).envelope.error.code).toBe("invalid_level");
  });

  it("[NODE-8e] no store: exit 6 and how to begin; no room: exit 2", async () => {
    const store = await claudeSync("--status --agent nobody --json");
    expect(store.code).toBe(6);
    expect(store.envelope.error).toMatchObject({
      code: "no_store",
      hint: expect.stringContaining("context-mesh sync"),
    });
    expect((await claudeSync("--history --last 10 --agent nobody")).code).toBe(6);
    const elsewhere = new Workplace();
    const room = await elsewhere.run(["--status", "--json"], { file: claudeSyncFile });
    expect(room.code).toBe(2);
    expect(room.envelope.error.hint).toContain("context-mesh init");
    await elsewhere.end();
  });

  it("[NODE-8e] no relay: exit 0 with everything kept, exit 3 with --require-relay", async () => {
    const answer = await claudeSync(`--level checkpoint --agent builder --relay ${nowhere} --json`);
    expect(answer.code).toBe(0);
    expect(answer.envelope.warnings.join()).toContain(nowhere);
    const words = await claudeSync(`--level checkpoint --agent builder --relay ${nowhere}`);
    expect(words.stdout).toContain("! offline: no relay was reached");
    const required = await claudeSync(`--level checkpoint --require-relay --relay ${nowhere} --json`);
    expect(required.code).toBe(3);
    expect(required.envelope.error).toMatchObject({ code: "queued_only", retryable: true });
  });
});

describe("metrics", () => {
  it("[SYNC-13a] status --json shows the metrics of the protocol", async () => {
    const { data } = (await place.run(["status", "--json"])).envelope;
    expect(data.sync_metrics).toMatchObject({
      total_syncs_today: expect.any(Number),
      average_sync_time: expect.stringMatching(/^\d+(\.\d)?m?s$/),
      sync_failures: expect.any(Number),
      context_size: expect.stringMatching(/^\d+(\.\d)?(B|KB|MB)$/),
      by_level: {
        critical: expect.any(Number),
        checkpoint: expect.any(Number),
        periodic: expect.any(Number),
        session: expect.any(Number),
      },
      performance: {
        fastest_sync: expect.stringMatching(/m?s$/),
        slowest_sync: expect.stringMatching(/m?s$/),
        p95_sync_time: expect.stringMatching(/m?s$/),
      },
    });
    expect(data.sync_metrics.total_syncs_today).toBeGreaterThan(0);
    expect(data.sync_metrics.by_level.checkpoint).toBeGreaterThan(0);
  });

  it("[SYNC-13b] the relay's /metrics shows those of the agents that were here, in Prometheus form", async () => {
    await claudeSync("--level checkpoint --agent builder");
    const text = await (await fetch(`${relay.inspector}metrics`)).text();
    const labels = '{room="acme/sync",agent="builder"}';
    for (const name of [
      "syncs_today",
      "sync_failures_today",
      "sync_seconds_average",
      "sync_seconds_fastest",
      "sync_seconds_slowest",
      "sync_seconds_p95",
      "context_bytes",
      "compression_ratio",
    ]) {
      expect(text).toMatch(new RegExp(`^context_mesh_agent_${name}${labels} \\S+$`, "m"));
    }
    expect(text).toMatch(/^context_mesh_agent_syncs_today_by_level\{.*agent="builder",level="checkpoint"\} [1-9]/m);
  });
});
