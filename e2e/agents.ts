/** Real agents of the browser tests: nodes in this process, over the library, with a store of their own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { expect, type Page } from "@playwright/test";
import { join, type Mesh } from "context-mesh";
import type { RelayUnderTest } from "./relay-process.ts";

export interface Agent {
  readonly mesh: Mesh;
  leave(): Promise<void>;
}

export interface AgentOptions {
  readonly roles?: readonly string[];
  readonly token?: string;
}

export const joinAgent = async (
  relay: Pick<RelayUnderTest, "url">,
  room: string,
  id: string,
  options: AgentOptions = {},
): Promise<Agent> => {
  const storage = mkdtempSync(joinPath(tmpdir(), "context-mesh-e2e-agent-"));
  const { roles = [id], token } = options;
  const mesh = await join({
    room,
    agent: { id, roles },
    relays: [relay.url],
    storage,
    cwd: storage,
    ...(token === undefined ? {} : { token }),
  });
  return {
    mesh,
    leave: async () => {
      await mesh.leave();
      rmSync(storage, { recursive: true, force: true });
    },
  };
};

export const pageAddress = (relay: Pick<RelayUnderTest, "inspector">, room: string, hash = ""): string =>
  `${relay.inspector}?room=${encodeURIComponent(room)}${hash}`;

/** Opens the room and waits until the tab's own node is in sync. */
export const openLive = async (page: Page, address: string): Promise<void> => {
  await page.goto(address);
  await expect(page.locator('.strip [data-state="live"]')).toBeVisible({ timeout: 20_000 });
};

/** Goes to a view as a link would, and waits until it is there. */
export const go = async (page: Page, view: string): Promise<void> => {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${view}`);
  await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
  await expect(page.getByRole("main").getByText("Loading …")).toHaveCount(0);
};

/** Says the person's name in the dialog that the first write opens. */
export const sayName = async (page: Page, name: string): Promise<void> => {
  await page.getByRole("dialog").getByLabel("Your name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
};

/** Everything the page complained about; a strict policy that is broken shows here too. */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(message.text()))
      complaints.push(message.text());
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return complaints;
};
