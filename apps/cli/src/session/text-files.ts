/** Files that are named on the command line. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { MeshError, messageOf } from "@context-mesh/common";

export const readTextFile = (file: string, cwd: string): string => {
  try {
    return readFileSync(resolve(cwd, file), "utf8");
  } catch (error) {
    throw new MeshError("file_not_found", `${file} cannot be read: ${messageOf(error)}`, {
      hint: "Check the name of the file.",
      cause: error,
    });
  }
};
