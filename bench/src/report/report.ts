/** The validation report as Markdown: what was claimed, what was measured on both sides, what was missed. Pure. */

import type { Figure } from "../result.ts";

export interface ReportSection {
  readonly name: string;
  readonly about: string;
  /** Undefined: it could not be measured, and `problem` says why. */
  readonly figures: readonly Figure[] | undefined;
  readonly problem?: string;
  readonly plot?: string;
}

export interface ReportSource {
  readonly commit: string;
  readonly machine: string;
  readonly seed: number;
  readonly date: string;
  readonly command: string;
  readonly sections: readonly ReportSection[];
}

const shown = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
};

const verdict = ({ pass }: Figure): string => (pass === undefined ? "" : pass ? "reached" : "**missed**");

const row = (figure: Figure): string => {
  const { what, unit, target, baseline } = figure;
  const cells = [
    what,
    `${shown(figure.figure)} ${unit}`.trim(),
    target === undefined ? "" : `${shown(target)} ${unit}`.trim(),
    baseline === undefined ? "" : `${shown(baseline.figure)} (${baseline.what})`,
    verdict(figure),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
};

const sectionText = ({ name, about, figures, problem, plot }: ReportSection): string => {
  const head = [`## ${name}`, "", about, ""];
  if (figures === undefined) return [...head, `**Not measured:** ${problem ?? "it failed"}`, ""].join("\n");
  return [
    ...head,
    "| what | measured | target | baseline of the same run | |",
    "|---|---|---|---|---|",
    ...figures.map(row),
    "",
    ...(plot === undefined ? [] : [`![${name}](${plot})`, ""]),
  ].join("\n");
};

export const reportText = (source: ReportSource): string => {
  const figures = source.sections.flatMap((section) => section.figures ?? []);
  const judged = figures.filter(({ pass }) => pass !== undefined);
  const missed = judged.filter(({ pass }) => pass === false);
  const unmeasured = source.sections.filter((section) => section.figures === undefined);
  const lines = [
    "# Validation of the coordination protocols",
    "",
    "Generated from measurements; do not edit. Both sides of every comparison ran in this run, on this machine.",
    "",
    `- Machine: ${source.machine}`,
    `- Commit: ${source.commit}, ${source.date}`,
    `- Seed: ${source.seed}`,
    `- Again: \`${source.command}\``,
    "",
    `**${judged.length - missed.length} of ${judged.length} figures reached their target.**`,
    ...(missed.length > 0
      ? ["", "Missed:", "", ...missed.map(({ what, figure, unit }) => `- ${what}: ${shown(figure)} ${unit}`)]
      : []),
    ...(unmeasured.length > 0
      ? ["", "Not measured:", "", ...unmeasured.map(({ name, problem }) => `- ${name}: ${problem}`)]
      : []),
    "",
    ...source.sections.map(sectionText),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
};
