/** Fifty agents, one list of work. */

import { it } from "vitest";
import { drain } from "../../../packages/mesh/test/drain.ts";

it("[OWN-6a] 50 agents drain 500 dependent tasks, each once", () => drain(50, 500));
