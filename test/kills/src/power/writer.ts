/** The process under the trace: writes to a store and says on standard output what is safe. `writer.js SUBJECT FOLDER SEED STEPS` */

import { writeSync } from "node:fs";
import { seededRandom } from "@context-mesh/common";
import { subjects } from "./subjects.ts";

const [name = "", folder = "", seed = "", steps = ""] = process.argv.slice(2);
const subject = subjects[name];
if (subject === undefined) throw new Error(`no subject "${name}"`);
await subject.write(folder, seededRandom(Number(seed)), Number(steps), (promise) => writeSync(1, `${promise}\n`));
