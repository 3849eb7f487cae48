/** What a node starts, in dependence on each other; stopped in reverse. */

import type { Startable, Step, StopStep } from "@context-mesh/common";

interface Beginning {
  start(): void;
  stop(): void | Promise<void>;
}

interface NodeParts {
  readonly core: Startable;
  readonly statusRow: { touch(): void; stop(): void };
  readonly health: Beginning;
  readonly archive: Beginning;
  /** Once local state is loaded. */
  beginReading(): StopStep;
  beginJobs(): StopStep;
  beginMonitor(): StopStep;
  beginMessages(): StopStep;
  beginClaims(): StopStep;
}

const beginning =
  (part: Beginning): Step["start"] =>
  () => {
    part.start();
    return () => part.stop();
  };

export const nodeSteps = ({
  core,
  statusRow,
  health,
  archive,
  beginReading,
  beginJobs,
  beginMonitor,
  beginMessages,
  beginClaims,
}: NodeParts): readonly Step[] => [
  {
    name: "engine",
    start: async () => {
      await core.start();
      return () => core.stop();
    },
  },
  { name: "reading", needs: { engine: "blocking" }, start: beginReading },
  { name: "jobs", needs: { reading: "required" }, start: beginJobs },
  { name: "monitor", needs: { reading: "required" }, start: beginMonitor },
  { name: "messages", needs: { reading: "required" }, start: beginMessages },
  { name: "claims", needs: { reading: "required" }, start: beginClaims },
  {
    name: "status",
    needs: { reading: "required", messages: "non_blocking", monitor: "non_blocking", jobs: "non_blocking" },
    start: () => {
      statusRow.touch();
      return () => statusRow.stop();
    },
  },
  { name: "health", needs: { reading: "required", status: "non_blocking" }, start: beginning(health) },
  { name: "archive", needs: { reading: "required", health: "non_blocking" }, start: beginning(archive) },
];
