/** `mesh.dependencies`, `code`, `architecture` and `phase`. */

import {
  addDependency,
  addSignificantChanges,
  removeDependency,
  setArchitecture,
  setCodeSummary,
  setPhase,
  updateDependency,
} from "@context-mesh/document";
import type { ArchitectureApi, CodeApi, DependenciesApi, Receipt, WriteOptions } from "../api/types.ts";
import { type Desk, given } from "./desk.ts";

export const dependenciesApi = (desk: Desk): DependenciesApi => ({
  add: (dependency, options) =>
    desk.run({ name: "dependency.add", subject: dependency.name }, options, (view, author) =>
      addDependency(view, dependency, author),
    ),
  remove: (dependency, options) =>
    desk.run({ name: "dependency.remove", subject: dependency.name }, options, (view, author) =>
      removeDependency(view, dependency, author),
    ),
  update: (dependency, options) =>
    desk.run({ name: "dependency.update", subject: dependency.name }, options, (view, author) =>
      updateDependency(view, dependency, author),
    ),
});

export const codeApi = (desk: Desk): CodeApi => ({
  setSummary: (summary, options) =>
    desk.run({ name: "code.summary" }, options, (view, author) => setCodeSummary(view, summary, author)),
  addSignificant: (changes, options) =>
    desk.run({ name: "code.significant" }, options, (view, author) =>
      addSignificantChanges(
        view,
        changes.map((change) => given({ ...change })),
        author,
      ),
    ),
});

export const architectureApi = (desk: Desk): ArchitectureApi => ({
  set: (fields, options) =>
    desk.run({ name: "architecture.set", trigger: "architecture_decision" }, options, (view, author) =>
      setArchitecture(view, fields, author),
    ),
});

export const phaseApi =
  (desk: Desk) =>
  (phase: string, options?: WriteOptions): Receipt =>
    desk.run({ name: "phase", trigger: "phase_transition" }, options, (view, author) => setPhase(view, phase, author));
