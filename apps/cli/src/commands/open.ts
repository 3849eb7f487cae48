/** `open`: the inspector's address for this room, opened in a browser where there is one. */

import { spawn } from "node:child_process";
import type { Command } from "../frame/command.ts";
import type { Io } from "../frame/io.ts";
import { done, failed } from "../frame/outcome.ts";
import { readSettings } from "../session/settings.ts";

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
  linux: ["xdg-open"],
};

const launch = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [command, ...before] = openers[process.platform] ?? [];
    if (command === undefined) return resolve(false);
    const child = spawn(command, [...before, url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });

const hasScreen = (io: Io): boolean =>
  io.stdoutIsTty && (process.platform !== "linux" || Boolean(io.env.DISPLAY ?? io.env.WAYLAND_DISPLAY));

export const inspectorAddress = (relay: string, room: string | undefined): string => {
  const url = new URL(relay.replace(/^ws/, "http"));
  url.pathname = "/";
  url.search = "";
  if (room !== undefined) url.searchParams.set("room", room);
  return url.href;
};

export const command: Command = {
  spec: {
    options: { print: { type: "boolean", summary: "Only print the address." } },
    examples: [
      ["context-mesh open", "open the inspector for this room"],
      ["context-mesh open --print", "only print its address"],
      ["context-mesh open --relay http://127.0.0.1:7421", "of another relay"],
    ],
    notes: "A relay that asks for a token gets it from the browser's address, after #token=; it is never printed here.",
  },
  run: async (args, io) => {
    const settings = readSettings(args, io);
    const [relay] = settings.relays;
    if (relay === undefined || !URL.canParse(relay)) {
      return failed(
        "invalid_argument",
        `"${relay ?? ""}" is not the address of a relay.`,
        "Write --relay ws://HOST:PORT.",
      );
    }
    const inspector = inspectorAddress(relay, settings.room);
    const isOpened =
      !args.flag("print") &&
      !io.json &&
      hasScreen(io) &&
      (await launch(
        settings.token === undefined ? inspector : `${inspector}#token=${encodeURIComponent(settings.token)}`,
      ));
    return done({ inspector, opened: isOpened }, inspector);
  },
};
