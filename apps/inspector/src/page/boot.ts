/** The order of things: paint what is known, then the relay's overview, then the tab's own node. */

import { systemClock } from "@context-mesh/common";
import type { MeshStatus } from "@context-mesh/mesh";
import { effect, untracked } from "@preact/signals";
import { parseDigest } from "../model/digest.ts";
import type { Facts } from "../model/facts.ts";
import { grantOf } from "../model/rights.ts";
import { keepDigest, readDigest } from "./data/digest-cache.ts";
import { askRelay } from "./data/relay-api.ts";
import { keepPage } from "./keep-page.ts";
import type { TabNode } from "./live/tab-node.ts";
import { clockOffMs, connection, grant, isStorageFull, mesh, nodeProblem, status, tabNode } from "./state/node.ts";
import { digest, facts, nowMs, shownDigest } from "./state/picture.ts";
import { startSampling } from "./state/samples.ts";
import { person, remember, room, token } from "./state/session.ts";

const relayAddress = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
const grantName = (): string => `context-mesh grant ${room.value}`;
const digestKeepMs = 2_000;

const paintKnown = (): void => {
  const kept = readDigest(room.value);
  if (kept !== undefined) digest.value = kept;
  const said = localStorageText(grantName());
  grant.value = said === "read" || said === "write" ? said : undefined;
};

const localStorageText = (name: string): string => {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
};

/** The relay's own view of the room: fresher than the cache, and there before the node. */
const paintOverview = async (): Promise<void> => {
  const asked = room.value;
  const answer = await askRelay("overview", { room: asked });
  if (!answer.ok) return;
  if (answer.relayTime !== undefined) clockOffMs.value = systemClock.wallMs() - answer.relayTime;
  const fresh = parseDigest(answer.data, asked);
  if (fresh !== undefined && room.value === asked) digest.value = fresh;
};

/** What the node holds while it catches up is a part of the room: the digest stays until it is whole. */
const isPartial = (): boolean =>
  facts.value === undefined &&
  digest.value !== undefined &&
  (connection.value.kind === "starting" || connection.value.kind === "syncing");

const takeFacts = (next: Facts): void => {
  if (isPartial()) return;
  facts.value = next;
  nowMs.value = next.nowMs;
};

const takeStatus = (now: MeshStatus): void => {
  status.value = now;
  const said = grantOf(now.relays);
  if (said === undefined || said === grant.value) return;
  grant.value = said;
  remember(() => localStorage, grantName(), said);
};

/** Keeping the page can wait until everything else is done. */
let isKept = false;
const keepDelayMs = 500;
const afterLive = (then: () => Promise<void>): void => {
  if (isKept) return;
  isKept = true;
  systemClock.after(keepDelayMs, () => void then());
};

let current: TabNode | undefined;
/** One node at a time: the next start waits for the former to end. */
let turn: Promise<void> = Promise.resolve();

const stopNode = async (): Promise<void> => {
  const former = current;
  current = undefined;
  mesh.value = undefined;
  tabNode.value = undefined;
  await former?.stop();
};

const startNode = async (): Promise<void> => {
  await stopNode();
  if (room.value === "") return;
  nodeProblem.value = "";
  try {
    const { openTabNode } = await import("./live/tab-node.ts");
    current = await openTabNode({
      room: room.value,
      person: person.value,
      token: token.value,
      relay: relayAddress(),
      onFacts: takeFacts,
      onStatus: takeStatus,
    });
    mesh.value = current.mesh;
    tabNode.value = current;
    afterLive(keepPage);
  } catch (error) {
    nodeProblem.value = error instanceof Error ? error.message : String(error);
  }
};

/** The frame that follows the next one: by then what was just rendered is on the screen. */
const afterPaint = (then: () => void): void => {
  requestAnimationFrame(() => requestAnimationFrame(() => systemClock.after(0, then)));
};

/** y-indexeddb saves in the background; what the browser refuses there surfaces only here. */
const watchStorage = (): void => {
  addEventListener("unhandledrejection", (event) => {
    const name = event.reason instanceof DOMException ? event.reason.name : "";
    if (name === "QuotaExceededError" || name === "AbortError") isStorageFull.value = true;
  });
};

const keepPicture = (): void => {
  systemClock.every(digestKeepMs, () => {
    if (facts.value !== undefined && shownDigest.value !== undefined) keepDigest(shownDigest.value);
  });
  addEventListener("pagehide", () => {
    if (facts.value !== undefined && shownDigest.value !== undefined) keepDigest(shownDigest.value);
  });
};

/** Painting once with what the relay says costs less than painting twice; longer than this nobody looks at an empty page. */
const firstWaitMs = 120;

const pause = (ms: number): Promise<void> => new Promise((resolve) => systemClock.after(ms, resolve));

/** Resolves as soon as there is something to paint. */
export const boot = (): Promise<void> => {
  nowMs.value = systemClock.wallMs();
  systemClock.every(1_000, () => {
    nowMs.value = systemClock.wallMs();
  });
  watchStorage();
  startSampling();
  keepPicture();
  if (room.value === "") return Promise.resolve();
  paintKnown();
  const overview = paintOverview();
  let isFirst = true;
  effect(() => {
    // A new name or token is a new node.
    void [room.value, person.value, token.value];
    untracked(() => {
      const begin = (): void => {
        turn = turn.then(startNode);
      };
      if (isFirst) overview.finally(() => afterPaint(begin));
      else begin();
      isFirst = false;
    });
  });
  return digest.value === undefined ? Promise.race([overview, pause(firstWaitMs)]) : Promise.resolve();
};
