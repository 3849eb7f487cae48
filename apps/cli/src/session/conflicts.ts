/** Conflicts on the command line: which fields are critical, how a person is asked, the record of the protocol. */

import type { ConflictView } from "context-mesh";
import type { Io } from "../frame/io.ts";

/**
 * Fields whose conflicts a person or an agent has to decide: guessing about them sends work the wrong way. Other fields
 * keep the value that is shown, on `--resolve-conflicts`.
 */
const criticalFields: readonly RegExp[] = [
  /^project_state\.current_phase$/,
  /^project_state\.(active|completed|blocked)_tasks\[[^\]]*\]\.(status|owner|result)$/,
  /^technical_context\.architecture\b/,
  /^technical_context\.dependencies\b/,
  /^decisions_log\.recent\[[^\]]*\]\.decision$/,
];

export const isCritical = ({ path }: ConflictView): boolean => criticalFields.some((pattern) => pattern.test(path));

const shown = (value: unknown): string => (value === undefined ? "(removed)" : JSON.stringify(value));

export const choiceLines = ({ candidates }: ConflictView): string =>
  candidates
    .map(({ value, agent, at }, index) => `  ${index + 1}) ${shown(value)}  ${agent}, ${new Date(at).toISOString()}`)
    .join("\n");

/** Asks until the answer is a number of the list; undefined when the person passes or the input ends. */
export const askChoice = async (conflict: ConflictView, io: Io): Promise<string | undefined> => {
  io.say(`${conflict.path} has ${conflict.candidates.length} values:\n${choiceLines(conflict)}`);
  for (;;) {
    const answer = await io.ask(`Which one? 1-${conflict.candidates.length}, Enter to leave it: `);
    if (answer === undefined || answer.trim() === "") return undefined;
    const chosen = /^\d+$/.test(answer.trim()) ? conflict.candidates[Number(answer) - 1] : undefined;
    if (chosen !== undefined) return chosen.id;
  }
};

/** {detected, type, field, resolution_strategy, result}, as the protocol writes it. */
export const conflictRecord = (conflict: ConflictView) => ({
  conflict_resolution: {
    detected: new Date(conflict.detectedAt).toISOString(),
    type: conflict.type,
    field: conflict.path,
    resolution_strategy: conflict.strategy,
    result: conflict.candidates.map(
      ({ value, agent }, rank) => `${agent}'s ${shown(value)} ${rank === 0 ? "is shown" : "is kept beside it"}`,
    ),
  },
});
