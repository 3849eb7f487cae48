/** A reconciler on a mesh: status files, the shared context, presence, and whatever sources the caller adds. */

import { type Clock, systemClock } from "@context-mesh/common";
import {
  documentSource,
  type FileReadingOptions,
  fileSource,
  presenceSource,
  type ReconcilerOptions,
  StatusReconciler,
} from "@context-mesh/coordination/status";
import type { Mesh } from "@context-mesh/mesh";
import type { StatusSource } from "@context-mesh/ports";
import { statusFiles } from "@context-mesh/status-files";

export interface MeshReconcilerOptions {
  readonly files: readonly string[];
  /** What relative names are relative to; default: the process's working directory. */
  readonly cwd?: string;
  /** A user's own, beside the three. */
  readonly sources?: readonly StatusSource[];
  readonly reading?: FileReadingOptions;
  readonly options?: ReconcilerOptions;
  readonly clock?: Clock;
  /** Whether this process is an agent itself, and not only an observer. Default false. */
  readonly isAgent?: boolean;
}

/** By this in its presence a reconciler is known to the others. */
const mark = "reconciles";

/** Construct, then `start()`; `stop()` ends it and leaves the mesh alone. */
export const createStatusReconciler = (mesh: Mesh, parts: MeshReconcilerOptions): StatusReconciler => {
  const { files, cwd = process.cwd(), sources = [], clock = systemClock, isAgent = false } = parts;
  const onDisk = statusFiles({ files, cwd, clock });
  const present = {
    list: () => mesh.presence.list().filter(({ own }) => isAgent || !own),
    subscribe: (listener: () => void) => mesh.presence.subscribe(listener),
  };
  if (parts.options?.mends !== false) mesh.presence.set({ [mark]: true });
  return new StatusReconciler({
    self: mesh.agent.id,
    sources: [
      fileSource({ files: onDisk, clock, ...(parts.reading === undefined ? {} : { options: parts.reading }) }),
      documentSource(mesh.statuses),
      presenceSource(present, clock),
      ...sources,
    ],
    display: mesh.statuses,
    reconcilers: () => mesh.presence.list().flatMap(({ agent, state }) => (state[mark] === true ? [agent] : [])),
    clock,
    ...(parts.options === undefined ? {} : { options: parts.options }),
  });
};
