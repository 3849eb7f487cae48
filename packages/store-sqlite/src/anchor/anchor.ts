/** The two marks of a store: one beside its file, one in the user's state folder. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Logger, messageOf } from "@context-mesh/common";
import { type Mark, MarkFile, readMark } from "./mark-file.ts";
import { sweepMarks } from "./sweep-marks.ts";

const besidePath = (file: string): string => `${file}-head`;

const elsewherePath = (stateDir: string, storeId: string): string => join(stateDir, "marks", storeId);

export const readBeside = (file: string): Mark | undefined => readMark(besidePath(file));

export const readElsewhere = (stateDir: string, storeId: string): Mark | undefined =>
  readMark(elsewherePath(stateDir, storeId));

export class Anchor {
  readonly #logger: Logger;
  readonly #beside: MarkFile;
  readonly #elsewhere: MarkFile | undefined;
  #hasFailed = false;

  /** Throws what the file system throws for the mark beside the file; the other one is only missed. */
  constructor(file: string, stateDir: string, storeId: string, logger: Logger) {
    this.#logger = logger;
    this.#beside = new MarkFile(besidePath(file));
    try {
      const path = elsewherePath(stateDir, storeId);
      const isNew = !existsSync(path);
      this.#elsewhere = new MarkFile(path);
      if (isNew) sweepMarks(path);
    } catch (error) {
      logger.warn(
        { stateDir, error: messageOf(error) },
        "no mark in the state folder: a restored store may go unnoticed",
      );
    }
  }

  /** Called after a commit. The commit stands whatever happens here, so a failure is only reported, once. */
  write(mark: Mark): void {
    this.#writeTo(this.#beside, mark);
    this.#writeTo(this.#elsewhere, mark);
  }

  close(): void {
    this.#beside.close();
    this.#elsewhere?.close();
  }

  #writeTo(file: MarkFile | undefined, mark: Mark): void {
    try {
      file?.write(mark);
    } catch (error) {
      if (!this.#hasFailed) this.#logger.warn({ error: messageOf(error) }, "a mark could not be written");
      this.#hasFailed = true;
    }
  }
}
