/** Claims under skew of an hour, drift of 2 %, pauses of 30 s, partitions, arbiter restarts. 10,000 more in test/long. */

import { it } from "vitest";
import { expectSoundHistories } from "./histories.ts";

it("[OWN-1] [OWN-2] [OWN-4] no token twice, no act under a lower token, one owner everywhere: histories 151, 300", () =>
  expectSoundHistories(151, 300));
