/** Sources of status against their contract: one of a user, and files that are kept in memory. */

import { utf8 } from "@context-mesh/common";
import type { FoundFile, StatusFiles, StatusObservation } from "@context-mesh/ports";
import { type StatusSourceHarness, statusSourceSuite, VirtualClock } from "@context-mesh/testkit";
import { expect, it } from "vitest";
import { defaultStatusWords, fileSource, normaliseWord } from "../src/status/index.ts";

/** What a user writes for a fourth source: a chat bot, a spreadsheet, a CI server. */
const ownSource = (): StatusSourceHarness => {
  const words = new Map<string, string>();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const observe = ([agent, word]: readonly [string, string]): StatusObservation => {
    const { meaning, confidence } = normaliseWord(defaultStatusWords, word);
    const times = { saidMs: undefined, heartbeatMs: undefined, workMs: undefined };
    const about = { isOwn: true, isLive: false, place: `board/${agent}`, problems: [] };
    return { agent, status: meaning, word, confidence, ...times, ...about, evidence: `board:${agent}:${word}` };
  };
  return {
    source: {
      name: "board",
      title: "the board",
      read: () => Promise.resolve([...words].map(observe)),
      watch(onChange) {
        listeners.add(onChange);
        return () => listeners.delete(onChange);
      },
    },
    say(agent, word) {
      words.set(agent, word);
      changed();
    },
    silence(agent) {
      words.delete(agent);
      changed();
    },
    until: async (isDone) => expect(isDone()).toBe(true),
    dispose: () => undefined,
  };
};

statusSourceSuite("a user's own", ownSource, "[STAT-1a] ");

const filesInMemory = () => {
  const found = new Map<string, FoundFile>();
  const listeners = new Set<() => void>();
  const files: StatusFiles = {
    read: () => Promise.resolve([...found.values()]),
    watch(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
  return {
    files,
    put(file: string, text: string, writtenMs = 1_000) {
      found.set(file, { file, bytes: utf8(text), writtenMs, problem: undefined });
      for (const listener of listeners) listener();
    },
  };
};

it("[STAT-7b] a file that was overwritten with a chat message goes on saying its last good word, and the damage is told", async () => {
  const { files, put } = filesInMemory();
  const source = fileSource({ files, clock: new VirtualClock() });
  put("Agent-1/status.json", '{"status":"BLOCKED","last_updated":"2020-01-20T09:00:00Z"}');
  const [before] = await source.read();
  put("Agent-1/status.json", "All good here, see you tomorrow!", 2_000);
  const [after] = await source.read();
  expect(after).toMatchObject({
    agent: "Agent-1",
    status: "blocked",
    evidence: before?.evidence,
    saidMs: before?.saidMs,
  });
  expect(after?.problems.map(({ code }) => code)).toEqual(["not_json"]);
});

it("reads the same statement as the same evidence, wherever the file lies", async () => {
  const text = '{"agent_id":"Agent-1","status":"BLOCKED","last_updated":"2020-01-20T09:00:00Z"}';
  const evidence = await Promise.all(
    ["a/status.json", "b/other.json"].map(async (file, n) => {
      const { files, put } = filesInMemory();
      put(file, text, n * 1_000);
      return (await fileSource({ files, clock: new VirtualClock() }).read())[0]?.evidence;
    }),
  );
  expect(evidence[0]).toBe(evidence[1]);
});
