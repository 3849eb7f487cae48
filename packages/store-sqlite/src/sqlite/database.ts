/**
 * One open SQLite file with the settings this project relies on: WAL, every commit fsynced, writers in turn. Reopening a
 * WAL file silently drops `synchronous` to NORMAL, so the settings are made, and read back, at every open.
 */

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { invariant, MeshError } from "@context-mesh/common";
import { Driver } from "./driver.ts";
import { storeClosed, storeErrorOf } from "./errors.ts";
import { assertLocalFileSystem, type SystemFacts, systemFacts } from "./file-system.ts";
import { makeFolder } from "./folder.ts";

export interface DatabaseOptions {
  readonly file: string;
  readonly busyTimeoutMs: number;
  /** Pages in the WAL at which a commit also checkpoints. */
  readonly checkpointPages: number;
  /** Looks at the file before anything is changed; throws to leave it alone. */
  readonly admit?: ((driver: Driver) => void) | undefined;
  /** What the operating system says of a path; its real answers by default. */
  readonly system?: SystemFacts | undefined;
}

const full = 2;

export class Database {
  readonly file: string;
  readonly inode: number;
  readonly driver: Driver;
  #isOpen = true;

  private constructor(file: string, driver: Driver) {
    this.file = file;
    this.driver = driver;
    this.inode = statSync(file).ino;
  }

  /** Throws a MeshError, or an SQLite error whose `isCorruption` holds. */
  static open(options: DatabaseOptions): Database {
    const { file } = options;
    let driver: Driver | undefined;
    try {
      makeFolder(dirname(file));
      accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
      assertLocalFileSystem(dirname(file), options.system ?? systemFacts);
      driver = new Driver(file, { busyTimeoutMs: options.busyTimeoutMs });
      options.admit?.(driver);
      makeDurable(driver, options);
      return new Database(file, driver);
    } catch (error) {
      driver?.close();
      throw storeErrorOf(file, error);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A writing transaction. It takes the write lock at once: a deferred one that reads first fails when others write. */
  write<T>(body: () => T): T {
    return this.#transaction("BEGIN IMMEDIATE", () => {
      this.#assertInPlace();
      return body();
    });
  }

  /** One consistent state of the store, which nobody's writing disturbs. */
  read<T>(body: () => T): T {
    return this.#transaction("BEGIN", body);
  }

  /** On disk, the WAL included. */
  get bytes(): number {
    return statSync(this.file).size + walBytes(this.file);
  }

  /** Moves what the WAL holds into the database, unless others are at work; they will do it then. */
  checkpoint(): void {
    if (walBytes(this.file) > 0) this.driver.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      this.driver.exec("PRAGMA busy_timeout = 0");
      this.checkpoint();
    } catch {
      // What could not be moved stays in the WAL, durable as it was.
    }
    this.driver.close();
  }

  /** Closes and leaves the files as they are, the WAL included. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.driver.close();
  }

  #transaction<T>(begin: string, body: () => T): T {
    if (!this.#isOpen) throw storeClosed();
    invariant(!this.driver.isInTransaction, "transactions do not nest");
    try {
      this.driver.run(begin);
      const result = body();
      this.driver.run("COMMIT");
      return result;
    } catch (error) {
      this.#rollback();
      throw storeErrorOf(this.file, error);
    }
  }

  #rollback(): void {
    // A full disk makes SQLite roll back by itself.
    if (!this.#isOpen || !this.driver.isInTransaction) return;
    try {
      this.driver.run("ROLLBACK");
    } catch {
      // What made the transaction fail is what is told of.
    }
  }

  /** Writes into a file that was moved away or replaced would be lost. */
  #assertInPlace(): void {
    const found = statSync(this.file, { throwIfNoEntry: false });
    if (found?.ino === this.inode) return;
    throw new MeshError("store_failed", `${this.file}: the file was replaced or removed while it was open`, {
      hint: "Start again, so that the store is opened anew.",
    });
  }
}

const walBytes = (file: string): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

const makeDurable = (driver: Driver, options: DatabaseOptions): void => {
  const mode = driver.pragma("journal_mode = WAL");
  driver.exec("PRAGMA synchronous = FULL");
  driver.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages}`);
  if (process.platform === "darwin") driver.exec("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
  if (mode === "wal" && driver.pragma("synchronous") === full) return;
  throw new MeshError("store_failed", `${options.file}: the file system does not allow durable commits`, {
    hint: "Put the store on a local disk.",
  });
};
