/** 10,000 histories of claims, each through the checker. */

import { it } from "vitest";
import { expectSoundHistories } from "../claims/test/histories.ts";

it("[OWN-2] 10,000 histories: no token has two holders, and no act passes under a lower token", () =>
  expectSoundHistories(1, 10_000));
