/** A history is a function of its seed. */

import { expect, it } from "vitest";
import { runHistory } from "../src/history.ts";

it("a history repeats exactly", async () => {
  expect(await runHistory(7)).toEqual(await runHistory(7));
});
