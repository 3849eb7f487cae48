/** Whether all is in sync, in one line. */

import { agoText, durationText } from "../../model/ages.ts";
import { connectionText } from "../../model/connection.ts";
import { connection, rights, status, waitingWrites } from "../state/node.ts";
import { facts, nowMs, shownDigest } from "../state/picture.ts";

const symbols = { starting: "…", syncing: "…", live: "✓", offline: "○", refused: "✗" } as const;

const Item = ({ label, value, tone = "" }: { label: string; value: string; tone?: string }) => (
  <div class={`strip-item ${tone}`}>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const relaysText = (): string => {
  const relays = status.value?.relays ?? [];
  if (relays.length === 0) return "–";
  return `${relays.filter((relay) => relay.state === "live").length} of ${relays.length}`;
};

const lagText = (): string => {
  const now = connection.value;
  if (now.kind !== "live") return "–";
  return now.lagMs < 1_000 ? `${now.lagMs} ms` : durationText(now.lagMs);
};

const agentsText = (): string => {
  const presence = facts.value?.presence;
  return presence === undefined ? "–" : String(presence.filter((one) => !one.roles.includes("visitor")).length);
};

const freshness = (): string => {
  if (facts.value !== undefined) return connectionText(connection.value);
  const at = shownDigest.value?.at;
  return at === undefined ? "Loading" : `As of ${agoText(at, nowMs.value)}`;
};

export const StatusStrip = () => {
  const { kind } = connection.value;
  const waiting = waitingWrites.value;
  return (
    <section class={`strip ${kind}`} aria-label="Sync status">
      <p class="state" role="status" data-state={kind}>
        <span aria-hidden="true">{symbols[kind]}</span> {freshness()}
      </p>
      <dl>
        <Item label="Relays" value={relaysText()} />
        <Item label="Lag" value={lagText()} />
        <Item label="Queued" value={String(waiting)} tone={waiting > 0 ? "warn" : ""} />
        <Item label="Agents" value={agentsText()} />
        <Item label="Phase" value={shownDigest.value?.phase || "–"} />
        <Item label="Access" value={rights.value.kind === "read" ? "read only" : "read and write"} />
      </dl>
    </section>
  );
};
