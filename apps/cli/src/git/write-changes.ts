/** Brings the code changes of a repository into the context; what is there already is not written again. */

import { type JsonValue, jsonEqual } from "@context-mesh/common";
import type { Mesh, Receipt } from "context-mesh";
import { type Base, chooseBase } from "./base.ts";
import { type CodeChanges, readChanges } from "./changes.ts";

const root = "technical_context.code_changes";

export interface GitReport {
  readonly base: Base;
  readonly changes: CodeChanges;
  readonly receipts: readonly Receipt[];
}

const read = (mesh: Mesh, path: string): JsonValue | undefined => mesh.get(path).value;

const newSignificant = (mesh: Mesh, changes: CodeChanges): CodeChanges["significant"] => {
  const present = read(mesh, `${root}.significant_changes`);
  const known = Array.isArray(present) ? (present as readonly JsonValue[]) : [];
  const isKnown = ({ file, type, description }: CodeChanges["significant"][number]): boolean =>
    known.some((item) => {
      const {
        file: f,
        type: t,
        description: d,
      } = item as { file?: JsonValue; type?: JsonValue; description?: JsonValue };
      return f === file && t === type && d === description;
    });
  return changes.significant.filter((change) => !isKnown(change));
};

/** `commit` beside the summary says which commit the figures are for, and where the next run goes on. */
const writeCommit = (mesh: Mesh, head: string): readonly Receipt[] => {
  const path = `${root}.commit`;
  const present = read(mesh, path);
  if (present === head) return [];
  const [answer] = mesh.push({ changes: [{ path, to: head, from: present }] });
  return answer?.receipt === undefined ? [] : [answer.receipt];
};

export const writeGitChanges = async (mesh: Mesh, cwd: string, asked: string | undefined): Promise<GitReport> => {
  const last = read(mesh, `${root}.commit`);
  const base = await chooseBase(cwd, asked, typeof last === "string" ? last : undefined);
  const changes = await readChanges(cwd, base.commit, base.head);
  const receipts: Receipt[] = [];
  if (!jsonEqual(read(mesh, `${root}.summary`), { ...changes.summary })) {
    receipts.push(mesh.code.setSummary({ ...changes.summary }));
  }
  const significant = newSignificant(mesh, changes);
  if (significant.length > 0) receipts.push(mesh.code.addSignificant(significant));
  receipts.push(...writeCommit(mesh, base.head));
  return { base, changes, receipts };
};
