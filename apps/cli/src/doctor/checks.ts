/** What the doctor looks at, one function each; none of them changes anything that matters. */

import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { isMeshError, messageOf } from "@context-mesh/common";
import type { MeshStatus } from "context-mesh";
import type { Args } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { counted } from "../frame/wording.ts";
import { git } from "../git/run.ts";
import { catchUp } from "../session/relay-watch.ts";
import { readSettings, type Settings } from "../session/settings.ts";
import { openMesh } from "../session/with-mesh.ts";
import { relayFolder } from "../up/options.ts";
import { findOwner } from "../up/storage-claim.ts";
import type { Finding } from "./finding.ts";
import { checkAddresses, checkRelays } from "./relay-checks.ts";
import { inspectRelayStore, relayStoreFile } from "./relay-store.ts";

const freeBytesLow = 200 * 2 ** 20;

const checkNode = (): Finding => {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const detail = `Node ${process.versions.node}`;
  if (major >= 22) return { name: "node", state: "good", detail };
  return { name: "node", state: "warn", detail, hint: "Node 20 is out of maintenance: install 22 or newer." };
};

const checkSettings = (settings: Settings): readonly Finding[] => {
  const files = settings.files.length === 0 ? "no configuration file" : settings.files.join(", ");
  const room: Finding =
    settings.room === undefined
      ? { name: "room", state: "bad", detail: "none is named", hint: "context-mesh init --room NAME" }
      : { name: "room", state: "good", detail: settings.room };
  return [
    { name: "configuration", state: "good", detail: files },
    room,
    { name: "agent", state: "good", detail: settings.agent.id },
  ];
};

const existingParent = (folder: string): string => (existsSync(folder) ? folder : existingParent(dirname(folder)));

const checkFolder = ({ storage }: Settings): Finding => {
  const folder = existingParent(storage);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const hint = "Choose another folder with --storage, or change its permissions.";
    return { name: "storage", state: "bad", detail: `${storage}: ${messageOf(error)}`, hint };
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const detail = `${storage}, ${Math.round(free / 2 ** 20)} MB free`;
  if (free > freeBytesLow) return { name: "storage", state: "good", detail };
  return { name: "storage", state: "warn", detail, hint: "Make room: a full disk stops every write." };
};

const checkGit = async (io: Io): Promise<Finding> => {
  try {
    const { out } = await git(io.cwd, ["--version"]);
    return { name: "git", state: "good", detail: out.trim() };
  } catch (error) {
    return { name: "git", state: "warn", detail: messageOf(error), hint: "Only sync --git needs it." };
  }
};

const p95MsHigh = 5_000;

const checkSyncs = ({ totalToday, failuresToday, p95Ms }: MeshStatus["metrics"]): Finding => {
  const p95 = p95Ms === undefined ? "" : `, p95 ${Math.round(p95Ms)} ms`;
  const detail = `${totalToday} today, ${failuresToday} failed${p95}`;
  if (failuresToday === 0 && (p95Ms ?? 0) < p95MsHigh) return { name: "syncs", state: "good", detail };
  return { name: "syncs", state: "warn", detail, hint: "context-mesh history shows each of them." };
};

/** What happens to a node and is mended by itself is told all the same: somebody else caused it. */
const checkIncidents = ({ incidents }: MeshStatus): readonly Finding[] =>
  incidents.map(
    ({ code, detail }): Finding => ({
      name: `incident ${code}`,
      state: "warn",
      detail,
      hint:
        code === "set_aside"
          ? "The relay keeps those bytes in quarantine; own writes are written again by themselves."
          : "Nothing is lost; see who writes to this room with context-mesh agents.",
    }),
  );

const checkStore = async (args: Args, io: Io): Promise<readonly Finding[]> => {
  const session = await openMesh(args, io, true);
  const { mesh } = session;
  try {
    await catchUp(session);
    const report = mesh.verify();
    const status = mesh.status();
    const store: Finding = report.ok
      ? {
          name: "store",
          state: "good",
          detail: `${status.store.condition}, ${status.store.bytes} bytes, digest ${report.digest.slice(0, 16)}`,
        }
      : {
          name: "store",
          state: "bad",
          detail: report.problems.join("; "),
          hint: "context-mesh sync --full fetches it again.",
        };
    const queued: Finding =
      status.queued.count === 0
        ? { name: "queue", state: "good", detail: "empty" }
        : {
            name: "queue",
            state: "warn",
            detail: `${counted(status.queued.count, "write")} waiting`,
            hint: "context-mesh queue shows them.",
          };
    const conflicts: Finding =
      status.conflicts === 0
        ? { name: "conflicts", state: "good", detail: "none" }
        : {
            name: "conflicts",
            state: "warn",
            detail: `${status.conflicts} undecided`,
            hint: "context-mesh conflict list",
          };
    const alerts = status.alerts.map(
      ({ code, severity, message, hint }): Finding => ({
        name: `alert ${code}`,
        state: severity === "error" ? "bad" : severity === "warning" ? "warn" : "good",
        detail: message,
        hint,
      }),
    );
    const relays = await checkRelays(status.relays, io);
    return [store, queued, conflicts, checkSyncs(status.metrics), ...relays, ...checkIncidents(status), ...alerts];
  } finally {
    await mesh.leave({ flushMs: 0 });
  }
};

/** The same check as `verify --deep`, of the folder that `up` uses by itself. */
const checkRelayStore = async (io: Io): Promise<readonly Finding[]> => {
  const folder = relayFolder(io);
  const name = "relay's store";
  if (!existsSync(relayStoreFile(folder))) return [];
  const owner = await findOwner(folder, io);
  if (owner !== undefined) return [{ name, state: "good", detail: `in use by the relay at ${owner.at}` }];
  try {
    const { problems = [] } = (await inspectRelayStore(folder, io)) ?? {};
    if (problems.length === 0) return [{ name, state: "good", detail: `${folder}, every record is whole` }];
    return [{ name, state: "bad", detail: problems.join("; "), hint: "context-mesh verify --repair mends it." }];
  } catch (error) {
    return [{ ...storeFailure(error), name }];
  }
};

const storeFailure = (error: unknown): Finding => {
  const hint = isMeshError(error) ? error.hint : "Look at the storage folder, or choose another with --storage.";
  return { name: "store", state: "bad", detail: messageOf(error), hint };
};

export const checkAll = async (args: Args, io: Io): Promise<readonly Finding[]> => {
  const settings = readSettings(args, io);
  const still = [
    checkNode(),
    ...checkSettings(settings),
    checkFolder(settings),
    await checkGit(io),
    ...(await checkRelayStore(io)),
  ];
  const { room } = settings;
  if (room === undefined) return still;
  try {
    const { storeFileFor } = await import("context-mesh/status");
    if (existsSync(storeFileFor(settings.storage, room, settings.agent.id)))
      return [...still, ...(await checkStore(args, io))];
    const none: Finding = { name: "store", state: "good", detail: "none yet: the first write or sync makes it" };
    return [...still, none, ...(await checkAddresses(settings.relays, io))];
  } catch (error) {
    return [...still, storeFailure(error)];
  }
};
