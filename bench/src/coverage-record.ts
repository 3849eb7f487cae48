/** `npm run coverage` ends with this: how many of the packages' lines the tests ran, recorded like any other result. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeFigure, type Figure, record } from "./result.ts";

interface Lines {
  readonly total: number;
  readonly covered: number;
}

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..", "..");
const target = 95;

const summary = JSON.parse(readFileSync(join(root, "coverage", "coverage-summary.json"), "utf8")) as Readonly<
  Record<string, { readonly lines: Lines }>
>;

/** By the package's folder; `total` and the apps are not among the packages. */
const linesByPackage = new Map<string, Lines>();
for (const [file, { lines }] of Object.entries(summary)) {
  const name = /[\\/]packages[\\/]([^\\/]+)[\\/]src[\\/]/.exec(file)?.[1];
  if (name === undefined) continue;
  const { total, covered } = linesByPackage.get(name) ?? { total: 0, covered: 0 };
  linesByPackage.set(name, { total: total + lines.total, covered: covered + lines.covered });
}

const percent = ({ total, covered }: Lines): number => (total === 0 ? 0 : (covered / total) * 100);
const all = [...linesByPackage.values()].reduce(
  (sum, { total, covered }) => ({ total: sum.total + total, covered: sum.covered + covered }),
  { total: 0, covered: 0 },
);
const figures: readonly Figure[] = [
  {
    clause: "COORD-10c",
    what: "lines of the packages that unit and integration tests run",
    figure: percent(all),
    unit: "%",
    target,
    pass: percent(all) >= target,
    package: "packages",
  },
  ...[...linesByPackage].sort().map(
    ([name, lines]): Figure => ({
      what: `lines of ${name}`,
      figure: percent(lines),
      unit: "%",
      package: `packages/${name}`,
    }),
  ),
];
record("coverage", 1, figures);
for (const figure of figures) process.stdout.write(`${describeFigure(figure)}\n`);
