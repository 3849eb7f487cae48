/** One named value of an agent's store, read without opening the store: what `context-mesh status` shows. */

import { existsSync } from "node:fs";
import type { JsonValue } from "@context-mesh/common";
import { isIntact } from "../records/table-spec.ts";
import { Driver } from "../sqlite/driver.ts";
import { storeErrorOf } from "../sqlite/errors.ts";
import { valuesSpec } from "./schema.ts";
import { fromStoredJson } from "./stored-json.ts";

const busyTimeoutMs = 500;

/**
 * The value of that name, `status` by default; undefined without the file, without the value, or when the record fails
 * its check. Writes nothing. Throws a MeshError when the file cannot be read.
 */
export const readStatusRow = (file: string, name = "status"): JsonValue | undefined => {
  if (!existsSync(file)) return undefined;
  let driver: Driver | undefined;
  try {
    driver = new Driver(file, { readOnly: true, busyTimeoutMs });
    if (driver.pragma("user_version") === 0) return undefined;
    const row = driver.get("SELECT name, value, sum FROM vals WHERE name = ?", name);
    if (row === undefined || !isIntact(valuesSpec, row)) return undefined;
    return fromStoredJson(row.value);
  } catch (error) {
    throw storeErrorOf(file, error);
  } finally {
    driver?.close();
  }
};
