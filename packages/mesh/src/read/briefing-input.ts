/** Gathers from a view what a briefing is composed of. */

import type { JsonValue } from "@context-mesh/common";
import type { ContextView } from "@context-mesh/document";
import type { ChangedItem } from "../api/types.ts";
import { type BriefingText, budgetTokensDefault, composeBriefing } from "./briefing.ts";

export interface BriefingRequest {
  /** Whom it is for; questions and hand-overs to this agent are named. "" for nobody in particular. */
  readonly agent: string;
  readonly changes: readonly ChangedItem[];
  readonly budgetTokens?: number | undefined;
}

const said = (field: JsonValue | undefined): string => (typeof field === "string" ? field : "");

export const briefingOf = (view: ContextView, request: BriefingRequest): BriefingText =>
  composeBriefing(
    {
      agent: request.agent,
      changes: request.changes,
      conflicts: view.conflicts().map(({ path, detectedAt, candidates }) => {
        return { path, detectedAt, agents: [...new Set(candidates.map((candidate) => candidate.agent))] };
      }),
      questions: view.questions("pending"),
      handovers: view.handovers().map(({ fields }) => fields),
      taskOf: (id) => {
        const task = view.task(id);
        if (task === undefined) return undefined;
        const { title, owner } = task.fields;
        return { title: said(title), owner: said(owner), status: task.list === "active" ? task.status : task.list };
      },
    },
    request.budgetTokens ?? budgetTokensDefault,
  );
