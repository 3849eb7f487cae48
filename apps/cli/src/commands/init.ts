/** `init`: makes a folder part of a room by writing its `.context-mesh` folder. Twice changes nothing. */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isJsonObject, type JsonObject, jsonEqual } from "@context-mesh/common";
import { defaultRelay, projectFolderName, readConfigFile } from "context-mesh/config";

import type { Args, Command, Outcome } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed } from "../frame/outcome.ts";
import { symbols } from "../frame/paint.ts";
import { roomProblem } from "../session/room-name.ts";

const ignoreText = "# What stays on this machine: stores, tokens, local settings.\n*\n!.gitignore\n!config.json\n";

const writeJson = (path: string, values: JsonObject): void =>
  writeFileSync(path, `${JSON.stringify(values, null, 2)}\n`);

/** Only what was asked for is changed; other keys of a file stay. */
const mergeInto = (path: string, values: JsonObject): boolean => {
  const before = readConfigFile(path)?.values ?? {};
  const after = { ...before, ...values };
  if (existsSync(path) && jsonEqual(before, after)) return false;
  writeJson(path, after);
  return true;
};

const agentValues = (args: Args): JsonObject => {
  const id = args.string("agent");
  if (id === undefined) return {};
  const roles = args.list("role");
  const groups = args.list("group");
  if (roles.length === 0 && groups.length === 0) return { agent: id };
  return { agent: { id, roles, groups } };
};

const agentName = (values: JsonObject): string | undefined => {
  const { agent } = values;
  if (typeof agent === "string") return agent;
  return isJsonObject(agent) && typeof agent.id === "string" ? agent.id : undefined;
};

/** As this person has to type it: through npx, unless the command itself is on the path. */
const calledBy = ({ env }: Io): string => (env.npm_command === "exec" ? "npx context-mesh" : "context-mesh");

const run = async (args: Args, io: Io): Promise<Outcome> => {
  const folder = join(io.cwd, projectFolderName);
  const before = readConfigFile(join(folder, "config.json"))?.values ?? {};
  const asked = args.string("room");
  const room = asked ?? (typeof before.room === "string" ? before.room : basename(io.cwd));
  const wrong = roomProblem(room);
  if (wrong !== undefined) return wrong;
  if (before.room !== undefined && before.room !== room && !args.flag("force")) {
    const hint = `Add --force to move it to "${room}", or leave out --room.`;
    return failed("already_initialised", `This folder belongs to the room "${String(before.room)}".`, hint);
  }
  mkdirSync(folder, { recursive: true });
  const relays = args.list("relay");
  // The relay that decides claims until the room itself names another: `up` in this folder takes the part.
  const arbiter = before.arbiter ?? relays[0] ?? defaultRelay;
  const shared = { room, ...(relays.length > 0 ? { relays } : {}), arbiter };
  const local = agentValues(args);
  const changed = [
    mergeInto(join(folder, "config.json"), shared) ? "config.json" : "",
    Object.keys(local).length > 0 && mergeInto(join(folder, "local.json"), local) ? "local.json" : "",
  ].filter((name) => name !== "");
  if (!existsSync(join(folder, ".gitignore"))) writeFileSync(join(folder, ".gitignore"), ignoreText);
  const agent = agentName(readConfigFile(join(folder, "local.json"))?.values ?? {});
  const configured = readConfigFile(join(folder, "config.json"))?.values.relays ?? [defaultRelay];
  const data = { room, folder, changed, relays: configured, agent: agent ?? null };
  const what = changed.length === 0 ? "nothing to change" : `wrote ${changed.join(" and ")}`;
  const name = calledBy(io);
  const next = `Next:\n  ${name} up                a relay on this machine\n  ${name} task add "TITLE"\n  ${name} status`;
  return done(data, `${io.paint.good(`${symbols.good} ready`)}  room ${room}, ${what} in ${folder}\n${next}`);
};

export const command: Command = {
  spec: {
    options: {
      role: { type: "string", multiple: true, placeholder: "ROLE", summary: "With --agent: a role of the agent." },
      group: { type: "string", multiple: true, placeholder: "GROUP", summary: "With --agent: a group it is in." },
      force: { type: "boolean", summary: "Move a folder that belongs to another room." },
    },
    examples: [
      ["context-mesh init --room acme/checkout", "make this folder part of the room"],
      ["context-mesh init --room acme/checkout --agent planner", "and act as planner here by default"],
      ["context-mesh init --room acme/checkout --relay wss://mesh.example.org", "and use that relay"],
    ],
    notes:
      "Writes .context-mesh/config.json (room and relays: commit it) and .context-mesh/local.json (the agent of this clone: ignored by git).",
  },
  run,
};
