/** The report is made of what was measured: both sides, what was missed, what failed, machine and commit. */

import { describe, expect, it } from "vitest";
import { barChart } from "../../bench/src/report/plot.ts";
import { reportText } from "../../bench/src/report/report.ts";

const source = {
  commit: "abc123",
  machine: "2 × Some CPU, 8 GiB, Node 20",
  seed: 1,
  date: "2026-01-02",
  command: "npm run report",
  sections: [
    {
      name: "startup",
      about: "Starting.",
      plot: "startup.svg",
      figures: [
        {
          what: "less time",
          figure: 74.26,
          unit: "%",
          target: 70,
          pass: true,
          baseline: { what: "serial, ms", figure: 812 },
          package: "x",
        },
        { what: "batches | all", figure: 2.5, unit: "s", target: 2, pass: false, package: "x" },
        { what: "failed", figure: 0, unit: "", package: "x" },
      ],
    },
    { name: "messages", about: "Messages.", figures: undefined, problem: "there is no such benchmark" },
  ],
};

describe("validation report", () => {
  it("[COORD-9a] writes both sides, targets reached and missed, what was not measured, machine, commit and command", () => {
    const text = reportText(source);
    expect(text).toContain("- Machine: 2 × Some CPU");
    expect(text).toContain("- Commit: abc123, 2026-01-02");
    expect(text).toContain("- Again: `npm run report`");
    expect(text).toContain("**1 of 2 figures reached their target.**");
    expect(text).toContain("| less time | 74.3 % | 70 % | 812 (serial, ms) | reached |");
    expect(text).toContain("| batches \\| all | 2.5 s | 2 s |  | **missed** |");
    expect(text).toContain("Missed:\n\n- batches | all: 2.5 s");
    expect(text).toContain("- messages: there is no such benchmark");
    expect(text).toContain("![startup](startup.svg)");
  });

  it("[COORD-9a] draws bars to one scale, with names that are safe in SVG", () => {
    const svg = barChart("a < b", [
      { label: "ours", value: 50, unit: "ms" },
      { label: "before", value: 100, unit: "ms", isBaseline: true },
      { label: "none", value: Number.NaN, unit: "ms" },
    ]);
    expect(svg).toContain('aria-label="a &lt; b"');
    const widths = [...svg.matchAll(/<rect x="220"[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths).toEqual([155, 310, 0]);
  });
});
