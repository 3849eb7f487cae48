/** Message 65: what a node and the arbiter of its room say to each other. */

import { limits, seededRandom, utf8 } from "@context-mesh/common";
import { describe, expect, it } from "vitest";
import {
  type ClaimAnswer,
  type ClaimRequest,
  claimPayload,
  decodeMessage,
  encodeClaim,
  fenceOf,
  parseClaim,
  termOfFence,
} from "../src/index.ts";

const request: ClaimRequest = {
  id: 7,
  op: "claim",
  task: "task-ü",
  nonce: "n0",
  leaseMs: 60_000,
  fence: 0,
  seen: 2 ** 52,
};
const answers: readonly ClaimAnswer[] = [
  { id: 7, ok: true, fence: fenceOf(1_790_000_000, 3) },
  { id: 0, ok: true, fence: 0, holder: "builder" },
  { id: 7, ok: false, reason: "held", fence: 5, holder: "planner", retryMs: 1_000 },
  { id: 7, ok: false, reason: "not_arbiter" },
];

const read = (value: unknown): string => {
  const result = parseClaim(utf8(typeof value === "string" ? value : JSON.stringify(value)));
  return result.ok ? result.value.kind : (result.detail ?? "");
};

describe("claim messages", () => {
  it("[WIRE-30] come out as they went in, inside a message 65", () => {
    for (const op of ["claim", "renew", "release", "inspect"] as const) {
      const sent = { ...request, op, to: "builder" };
      const message = decodeMessage(encodeClaim(claimPayload(sent)));
      expect(message.ok && message.value.type === "claim" && parseClaim(message.value.payload)).toEqual({
        ok: true,
        value: { kind: "request", request: sent },
      });
    }
    for (const answer of answers) {
      expect(parseClaim(claimPayload(answer))).toEqual({ ok: true, value: { kind: "answer", answer } });
    }
  });

  it("[WIRE-30] name the field that cannot be meant, and ignore what they do not know", () => {
    expect(read({ ...request, later: [1] })).toBe("request");
    const wrong: readonly (readonly [unknown, string])[] = [
      ["{", "json"],
      ["[]", "id"],
      ['{"id":1.5}', "id"],
      [{ ...request, id: -1 }, "id"],
      [{ ...request, op: "steal" }, "op"],
      [{ ...request, task: "" }, "task"],
      [{ ...request, task: "x".repeat(limits.idLengthMax + 1) }, "task"],
      [{ ...request, nonce: 5 }, "nonce"],
      [{ ...request, leaseMs: 0 }, "leaseMs"],
      [{ ...request, leaseMs: 365 * 24 * 3_600_000 }, "leaseMs"],
      [{ ...request, fence: 2 ** 53 }, "fence"],
      [{ ...request, seen: "1" }, "seen"],
      [{ ...request, to: "" }, "to"],
      [{ id: 1, ok: true }, "fence"],
      [{ id: 1, ok: true, fence: 1, holder: 2 }, "holder"],
      [{ id: 1, ok: false, reason: "because" }, "reason"],
      [{ id: 1, ok: false, reason: "held", retryMs: -1 }, "retryMs"],
      [" ".repeat(limits.claimBytesMax + 1), "size"],
    ];
    for (const [value, field] of wrong) expect(read(value), JSON.stringify(value)).toBe(field);
  });

  it("[WIRE-30] never throw, whatever the bytes", () => {
    const random = seededRandom(65);
    const payloads = [request, ...answers].map(claimPayload);
    let accepted = 0;
    for (let i = 0; i < 50_000; i++) {
      const payload = (payloads[random.int(payloads.length)] as Uint8Array).slice();
      for (let flips = random.int(3); flips >= 0; flips--) payload[random.int(payload.length)] = random.int(256);
      if (parseClaim(payload).ok) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(40_000);
  });

  it("[WIRE-31] fences are ordered by term, then by grant, and are whole numbers", () => {
    expect(fenceOf(5, 2)).toBeGreaterThan(fenceOf(5, 1));
    expect(fenceOf(6, 0)).toBeGreaterThan(fenceOf(5, limits.grantsPerTermMax - 1));
    const last = fenceOf(2 ** 32, limits.grantsPerTermMax - 1);
    expect(Number.isSafeInteger(last)).toBe(true);
    expect(termOfFence(last)).toBe(2 ** 32);
  });
});
