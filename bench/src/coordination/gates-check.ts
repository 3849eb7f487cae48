/** Runs the gates and exits non-zero when one fails; `--short` for the tests, `--json` for programs. */

import { parseArgs } from "node:util";
import { describeFigure } from "../result.ts";
import { gates, shortMs, toFigure } from "./gates.ts";

const { values } = parseArgs({ options: { short: { type: "boolean" }, json: { type: "boolean" } } });
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const results = await gates(say, values.short === true ? shortMs : undefined);
if (values.json === true) process.stdout.write(`${JSON.stringify({ v: 1, ok: true, data: results })}\n`);
else for (const result of results) process.stdout.write(`${describeFigure(toFigure(result))}\n`);
process.exitCode = results.every(({ pass }) => pass) ? 0 : 1;
