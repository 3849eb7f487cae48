/**
 * The store's worker on a disk that goes wrong: each fault lasts while a file of its name lies beside the database.
 * Parameters and answers are those of `worker.js`.
 */

import fs, { existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { workerData } from "node:worker_threads";
import { Driver } from "../../dist/sqlite/driver.js";

const isOn = (fault) => existsSync(join(dirname(workerData.file), fault));
const noSpace = (facts) => Object.assign(new Error("database or disk is full"), facts);

const { writeSync } = fs;
fs.writeSync = (...parameters) => {
  // In this thread only marks are written without SQLite.
  if (isOn("mark-full")) throw noSpace({ code: "ENOSPC" });
  return writeSync(...parameters);
};
syncBuiltinESMExports();

const { run, exec } = Driver.prototype;
Driver.prototype.run = function (sql, ...values) {
  if (sql === "COMMIT" && isOn("commit-full")) throw noSpace({ code: "ERR_SQLITE_ERROR", errcode: 13 });
  if (sql === "COMMIT" && isOn("commit-ends-thread")) process.exit(1);
  return run.call(this, sql, ...values);
};
Driver.prototype.exec = function (sql) {
  if (sql.includes("wal_checkpoint") && isOn("checkpoint-full"))
    throw noSpace({ code: "ERR_SQLITE_ERROR", errcode: 13 });
  return exec.call(this, sql);
};

await import("../../dist/worker.js");
