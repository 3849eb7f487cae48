/** Options that every command takes, and groups of options that several take. */

import type { OptionTable } from "./command.ts";

export const everywhere: OptionTable = {
  room: {
    type: "string",
    placeholder: "NAME",
    summary: "The room; by default what the project's configuration names.",
  },
  agent: { type: "string", placeholder: "ID", summary: "Who acts." },
  relay: {
    type: "string",
    placeholder: "URL",
    multiple: true,
    summary: "A relay, such as ws://127.0.0.1:7420. May be given several times.",
  },
  storage: { type: "string", placeholder: "DIR", summary: "Folder of the store." },
  "token-file": { type: "string", placeholder: "FILE", summary: "File that holds the relay's token." },
  json: { type: "boolean", summary: "One JSON object on stdout, for programs." },
  help: { type: "boolean", short: "h", summary: "This text." },
};

/** For commands that write. */
export const delivery: OptionTable = {
  wait: { type: "boolean", summary: "Wait until a relay has it on disk." },
  "require-relay": { type: "boolean", summary: "Exit 3 when no relay took it in time." },
  timeout: { type: "integer", placeholder: "SECONDS", summary: "With --wait: give up after this time, exit 8." },
};

export const syncLevels = ["critical", "checkpoint", "periodic", "session"] as const;

export const level: OptionTable = {
  level: {
    type: "string",
    placeholder: "LEVEL",
    choices: syncLevels,
    summary: "How soon it travels and how much attention it asks for.",
  },
};
