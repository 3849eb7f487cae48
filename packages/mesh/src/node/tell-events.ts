/** What the engine tells, as the events of the public face. */

import type { Emitter } from "@context-mesh/common";
import type { MeshEvents } from "../api/types.ts";
import { toConflictView } from "../operate/conflicts-api.ts";
import type { Desk } from "../operate/desk.ts";
import { ChangeNotice } from "./change-notice.ts";
import type { ConflictWatch } from "./conflict-watch.ts";
import type { NodeCore } from "./core.ts";
import type { Health } from "./health.ts";
import { relayStatus } from "./relay-status.ts";

interface Telling {
  readonly core: NodeCore;
  readonly desk: Desk;
  readonly events: Emitter<MeshEvents>;
  readonly conflicts: ConflictWatch;
  readonly health: Health;
  /** The status that is kept in the store has changed. */
  readonly touch: () => void;
  readonly archiveSoon: () => void;
}

const tellChanges = ({ core, desk, events, conflicts, touch }: Telling): void => {
  core.on("change", ({ keys, local, all }) => {
    const { view } = core.replicas;
    if (all) conflicts.loaded(view);
    const fresh = conflicts.changed(view, keys);
    events.emit("change", new ChangeNotice(view, keys, local));
    for (const conflict of fresh) events.emit("conflict", toConflictView(desk, conflict));
    touch();
  });
};

export const tellEvents = (telling: Telling): void => {
  const { core, events, health, touch, archiveSoon } = telling;
  tellChanges(telling);
  core.on("relay", ({ url }) => {
    const link = core.links.find((candidate) => candidate.url === url);
    if (link !== undefined) events.emit("relay", relayStatus(core, link));
    touch();
  });
  core.on("progress", touch);
  core.on("integrity", ({ code, detail }) =>
    events.emit("integrity", { kind: code, detail, at: core.options.clock.wallMs() }),
  );
  health.on("raised", (alert) => {
    events.emit("alert", alert);
    if (alert.code === "context_large") archiveSoon();
  });
  core.presence.subscribe(() => events.emit("presence", core.presence));
};
