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
  return `${group === "SCH" ? 0 : 1} ${number.padStart(3, "0")} ${id}`;
};

export const tableOf = (ran: readonly Ran[]): string => {
  const caught = ran.filter(({ verdict }) => verdict.kind === "caught").length;
  const sorted = [...ran].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return `# Known bugs, brought back

Each row is a bug that this or a neighbouring project had. A patch of the source brings it back while the test named for it
runs; that test must fail. \`SCH-n\` are the schedules of docs/requirements.md, \`F-n\` failures that neighbours met. Written by
\`npm run simulate:mutations\`: ${caught} of ${ran.length} caught.

| of | id | the bug | caught by |
|---|---|---|---|
${sorted.map(row).join("\n")}
`;
};
