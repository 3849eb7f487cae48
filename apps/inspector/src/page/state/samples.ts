/** One sample a second of what flows, from the moment the node is there. */

import { systemClock } from "@context-mesh/common";
import { effect, signal } from "@preact/signals";
import { type Sample, withSample } from "../../model/sync-figures.ts";
import { connection, mesh, tabNode } from "./node.ts";

export const samples = signal<readonly Sample[]>([]);

let updates = 0;

effect(() => {
  const stop = mesh.value?.on("change", () => {
    updates += 1;
  });
  return () => stop?.();
});

export const startSampling = (): void => {
  systemClock.every(1_000, () => {
    const node = tabNode.value;
    if (node === undefined) return;
    const { bytes } = node.traffic();
    const lagMs = connection.value.kind === "live" ? connection.value.lagMs : 0;
    samples.value = withSample(samples.value, { at: systemClock.wallMs(), updates, bytes, lagMs });
  });
};
