/** From what a node is made with to its engine, with every default filled in. */

import { MeshError } from "@context-mesh/common";
import { defaultThresholds } from "@context-mesh/coordination";
import { defaultArchiveRules } from "@context-mesh/document";
import { roomToPath } from "@context-mesh/protocol";
import type { ArchiveOptions } from "../archive/archive-runner.ts";
import { bootOfProcess } from "./boot-clock.ts";
import { NodeCore } from "./core.ts";
import type { CoreOptions } from "./core-types.ts";
import type { NodeOptions } from "./options.ts";

export const coreOf = (options: NodeOptions, path: string): NodeCore => {
  const {
    agent,
    store,
    dialer,
    clock,
    random,
    logger,
    mode = "live",
    token,
    readOnly = false,
    startMode = "parallel",
    boot = bootOfProcess(clock, random),
  } = options;
  return new NodeCore({
    path,
    agent: { id: agent.id, roles: agent.roles ?? [], groups: agent.groups ?? [] },
    relays: options.connect === false ? [] : options.relays,
    store,
    dialer,
    clock,
    random,
    logger,
    mode,
    token,
    readOnly,
    boot,
    startMode,
    thresholds: { ...defaultThresholds, ...options.levels },
  });
};

export const archiveOptionsOf = (options: NodeOptions, core: CoreOptions): ArchiveOptions => ({
  rules: { ...defaultArchiveRules, ...options.archive },
  openStore: options.archiveStore,
  core: { ...core, path: `${core.path}~archive`, mode: "live" },
});

/** Throws a MeshError for what names no room. */
export const pathOf = (room: string): string => {
  const path = roomToPath(room);
  if (path.ok) return path.value;
  throw new MeshError(path.reason, path.detail ?? `not a room name: ${room}`, {
    hint: "Use 1 to 256 bytes, such as acme/checkout.",
  });
};
