/** The table for people: which bug, brought back, is caught by what. */

import type { Mutation } from "./mutation.ts";
import type { Verdict } from "./run.ts";

export interface Ran {
  readonly mutation: Mutation;
  readonly verdict: Verdict;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const caughtBy = ({ mutation, verdict }: Ran): string => {
  if (verdict.kind !== "caught") return `**nothing** (${verdict.kind})`;
  const [first = "", ...others] = verdict.by;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${first}${more} (\`${mutation.caughtBy.file}\`)`;
};

const row = (ran: Ran): string => {
  const { id, of, brings } = ran.mutation;
  return `| ${of} | \`${id}\` | ${cell(brings)} | ${cell(caughtBy(ran))} |`;
};

const order = ({ mutation: { of, id } }: Ran): string => {
  const [group = "", number = ""] = of.split("-");
  const rank = ["SCH", "F"].indexOf(group);
  return `${rank < 0 ? 2 : rank} ${rank < 0 ? group : ""} ${number.padStart(3, "0")} ${id}`;
};

export const tableOf = (ran: readonly Ran[]): string => {
  const caught = ran.filter(({ verdict }) => verdict.kind === "caught").length;
  const sorted = [...ran].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return `# Known bugs, brought back

Each row is a bug that this or a neighbouring project had. A patch of the source brings it back while the test named for it
runs; that test must fail. \`SCH-n\` are the schedules of docs/requirements.md, \`F-n\` failures that neighbours met, the other
ids rows of the same document. Written by \`npm run simulate:mutations\`: ${caught} of ${ran.length} caught. A control run
(\`-- --control\`) runs the same tests with no bug in place, and all of them must pass.

Without a switch are failures that this design has no place for: a store that nobody chose (F-8), seeding by whoever comes
first (F-12), nested types made by two (F-14), two copies of Yjs (F-22, a lint), pub/sub, locks and stream consumers between
servers (F-36, F-37), two servers that own one room (F-38: any number may), refreshing tokens in place (F-40), refusing parts
of a document (F-42), sessions of tools (F-46); and those of others kept under a schedule: F-34 under SCH-12, F-35 under
SCH-15, F-43 under SCH-23. F-44 is held by tests in a browser, which loads built code that no patch reaches.

| of | id | the bug | caught by |
|---|---|---|---|
${sorted.map(row).join("\n")}
`;
};
