/** `bench`: the benchmarks live in the repository, beside what they are compared with. */

import type { Command } from "../frame/command.ts";
import { done } from "../frame/outcome.ts";

const text = `The benchmarks run in a clone of the repository, each beside its baseline in the same run:

  npm run bench                     all of them
  npm run bench -- NAME --json      one of them, as JSON

Recorded results are in bench/results/.`;

export const command: Command = {
  spec: {
    examples: [
      ["context-mesh bench", "where they are and how to run them"],
      ["npm run bench", "run all of them, in a clone"],
      ["npm run bench -- relay --json", "run one of them, as JSON"],
    ],
  },
  run: async () => done({ run: "npm run bench", one: "npm run bench -- NAME --json", results: "bench/results" }, text),
};
