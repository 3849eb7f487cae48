/** Verdicts about the statuses of agents, as the page shows them. */

import type { StatusFact, StatusSourceName } from "./facts.ts";

/** That nobody wrote an agent's status down is no disagreement: most agents say it by being here. */
export const differences = ({ discrepancies }: StatusFact): StatusFact["discrepancies"] =>
  discrepancies.filter(({ code }) => code !== "display_missing");

export const saidBy = (
  status: StatusFact | undefined,
  source: StatusSourceName,
): StatusFact["said"][number] | undefined => status?.said.find((one) => one.source === source && one.word !== "");
