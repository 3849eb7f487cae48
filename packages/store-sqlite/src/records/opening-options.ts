/** What it takes to open a file of checked tables, and what is known so far while it is tried. */

import type { Logger, Random } from "@context-mesh/common";
import type { Mark } from "../anchor/mark-file.ts";
import type { DatabaseOptions } from "../sqlite/database.ts";
import { systemFacts } from "../sqlite/file-system.ts";
import type { HeadBody } from "./head-row.ts";
import type { TableSet } from "./table-set.ts";
import type { TableSpec } from "./table-spec.ts";

export interface OpeningOptions<H extends HeadBody> extends DatabaseOptions {
  readonly stateDir: string;
  readonly logger: Logger;
  readonly random: Random;
  /** Version of the layout; a file of a later one is refused. */
  readonly version: number;
  readonly specs: readonly TableSpec[];
  /** Names of the tables that are read through at every open; of the others only small ones. */
  readonly checkedAtOpen: readonly string[];
  /** What a head holds beyond the basics, as far as the records tell: for a new store and after the loss of a head. */
  readonly countersOf: (tables: TableSet) => Omit<H, keyof HeadBody>;
  /** A seq that is not below any the records know of. */
  readonly seqFloor: (tables: TableSet) => number;
  readonly report: (problem: string) => void;
  /** A commit that was answered for before this open: it counts like the mark beside the file, which a full disk keeps back. */
  readonly lastMark?: Mark | undefined;
}

export interface Attempt<H extends HeadBody> {
  readonly options: OpeningOptions<H>;
  /** The newest known. Read before the database, so that a commit in between cannot make it look ahead. */
  readonly beside: Mark | undefined;
  /** Where the file lay before a copy of ours took its place. */
  readonly formerPlace: string | undefined;
  /** The file was made anew from what could be read. */
  readonly isRebuilt: boolean;
}

export const placeOf = ({ file, system = systemFacts }: DatabaseOptions): string => system.placeOf(file);
