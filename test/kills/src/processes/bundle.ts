/**
 * A program as one file. An agent's own start is a tenth of what finding and linking the hundreds of modules of the library costs,
 * and a run starts hundreds of agents; the relay runs from such a bundle anyway.
 */

import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface BundledProgram {
  readonly file: string;
  remove(): void;
}

/** The bundle lies beside the program, where its native parts are found, in a folder of this process's own. */
export const bundleProgram = async (program: URL): Promise<BundledProgram> => {
  const file = fileURLToPath(program);
  const folder = join(dirname(file), `bundled-${process.pid}`);
  const bundle = await rolldown({
    input: file,
    platform: "node",
    resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } },
    external: [/^node:/, "@photostructure/sqlite", "pino", "bufferutil", "utf-8-validate"],
    logLevel: "warn",
  });
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].js", keepNames: true });
  await bundle.close();
  return { file: join(folder, basename(file)), remove: () => rmSync(folder, { recursive: true, force: true }) };
};
