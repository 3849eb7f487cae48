/** What browser tests share: one relay for all files, each with rooms of its own, and a room with something in every view. */

import { test as base, type Page } from "@playwright/test";
import { type Agent, complaintsOf, joinAgent, openLive, pageAddress } from "./agents.ts";
import { type RelayUnderTest, startRelay } from "./relay-process.ts";
import { fillRoom } from "./room-content.ts";

export const test = base.extend<object, { readonly relay: RelayUnderTest }>({
  relay: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern that this fixture needs no other
    async ({}, use) => {
      const relay = await startRelay(["--arbiter", "*"]);
      await use(relay);
      await relay.stop();
    },
    { scope: "worker" },
  ],
});

export interface FurnishedRoom {
  readonly relay: RelayUnderTest;
  readonly planner: Agent;
  readonly builder: Agent;
}

/** Two agents and what they wrote, made before the first test of a file. Read its parts inside tests only. */
export const furnishedRoom = (room: string): FurnishedRoom => {
  const made: { -readonly [K in keyof FurnishedRoom]?: FurnishedRoom[K] } = {};
  test.beforeAll(async ({ relay }) => {
    const [planner, builder] = await Promise.all([
      joinAgent(relay, room, "planner"),
      joinAgent(relay, room, "builder"),
    ]);
    await fillRoom(planner.mesh, builder.mesh);
    Object.assign(made, { relay, planner, builder });
  });
  test.afterAll(async () => {
    await Promise.all([made.planner?.leave(), made.builder?.leave()]);
  });
  return made as FurnishedRoom;
};

export interface Tab {
  readonly page: Page;
}

/** One tab for all tests of a file. It must not have complained after any of them. */
export const sharedTab = (room: string, hash = ""): Tab => {
  const made: { page?: Page } = {};
  let complaints: string[] = [];
  test.beforeAll(async ({ browser, relay }) => {
    made.page = await browser.newPage();
    complaints = complaintsOf(made.page);
    await openLive(made.page, pageAddress(relay, room, hash));
  });
  test.afterAll(() => made.page?.close());
  test.afterEach(() => {
    base.expect(complaints).toEqual([]);
  });
  return made as Tab;
};
