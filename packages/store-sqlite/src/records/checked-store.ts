/**
 * A file of checked tables at work: transactions that keep head, tallies and marks, and the check of everything. Both
 * stores of this package are built on it.
 */

import { invariant, type Logger, messageOf } from "@context-mesh/common";
import { Anchor } from "../anchor/anchor.ts";
import type { Doubt } from "../anchor/doubt.ts";
import type { Mark } from "../anchor/mark-file.ts";
import type { Database } from "../sqlite/database.ts";
import { storeClosed, storeCorrupt, storeErrorOf } from "../sqlite/errors.ts";
import type { CheckedTable } from "./checked-table.ts";
import { type HeadBody, nextHead, readHead, writeHead } from "./head-row.ts";
import { findProblems, mendTables } from "./mend.ts";
import { openChecked } from "./opening.ts";
import type { OpeningOptions } from "./opening-options.ts";
import { markBroken } from "./salvage.ts";
import type { TableSet } from "./table-set.ts";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type CheckedStoreOptions<H extends HeadBody> = Omit<OpeningOptions<H>, "report">;

export class CheckedStore<H extends HeadBody> {
  /** Why the store was in doubt when it was opened. */
  readonly foundDoubt: Doubt | undefined;
  readonly storeId: string;
  readonly database: Database;
  readonly #logger: Logger;
  readonly #tables: TableSet;
  readonly #anchor: Anchor;
  readonly #problems = new Set<string>();
  #mark: Mark;
  /** Of the running transaction. */
  #current: H | undefined;

  /** Throws a MeshError when the file cannot be opened. */
  constructor(options: CheckedStoreOptions<H>) {
    this.#logger = options.logger;
    const opened = openChecked({ ...options, report: (problem) => this.report(problem) });
    this.database = opened.db;
    this.#tables = opened.tables;
    this.foundDoubt = opened.head.doubt;
    this.storeId = opened.head.storeId;
    this.#anchor = this.#openAnchor(options);
    this.#mark = markOf(opened.head);
    this.#anchor.write(this.#mark);
  }

  /** Of the newest commit made here, or found at the open. */
  get mark(): Mark {
    return this.#mark;
  }

  /** Everything that has failed a check since the open, in words. */
  get problems(): readonly string[] {
    return [...this.#problems];
  }

  table(name: string): CheckedTable {
    return this.#tables.get(name);
  }

  /** Durable when it returns; has changed nothing when it throws. */
  write<T>(body: (draft: Mutable<H>) => T): T {
    const [answer, head] = this.database.write(() => {
      const former = this.#readHead();
      const draft: Mutable<H> = { ...former, tallies: { ...former.tallies } };
      const result = this.#during(draft, () => body(draft));
      invariant(!(result instanceof Promise), "a transaction is synchronous");
      const next = nextHead<H>(former, draft);
      writeHead(this.database.driver, next);
      return [result, next] as const;
    });
    this.#mark = markOf(head);
    this.#anchor.write(this.#mark);
    return answer;
  }

  /** One consistent state. Inside a `write` it is the state so far. */
  read<T>(body: (head: H) => T): T {
    if (!this.database.isOpen) throw storeClosed();
    if (this.#current !== undefined) return body(this.#current);
    return this.database.read(() => {
      const head = this.#readHead();
      return this.#during(head, () => body(head));
    });
  }

  /** Checks everything and takes out what is damaged, now or at the next open, which then finds the store in doubt. */
  verify(): void {
    const found = this.#findAllProblems();
    for (const problem of found) this.report(problem);
    if (found.length > 0 && !this.#tryMend()) markBroken(this.database.file);
  }

  report(problem: string): void {
    if (this.#problems.has(problem)) return;
    this.#problems.add(problem);
    this.#logger.error({ problem }, "the store is damaged");
  }

  close(): void {
    if (!this.database.isOpen) return;
    this.database.close();
    this.#anchor.close();
  }

  #openAnchor({ file, stateDir, logger }: CheckedStoreOptions<H>): Anchor {
    try {
      return new Anchor(file, stateDir, this.storeId, logger);
    } catch (error) {
      this.database.abandon();
      throw storeErrorOf(file, error);
    }
  }

  #readHead(): H {
    const { head } = readHead<H>(this.database.driver);
    if (head === undefined) throw storeCorrupt(this.database.file, "the head is lost");
    return head;
  }

  #during<T>(head: H, body: () => T): T {
    this.#current = head;
    this.#tables.sheet = head.tallies;
    try {
      return body();
    } finally {
      this.#current = undefined;
    }
  }

  #findAllProblems(): readonly string[] {
    try {
      return this.read(() => {
        const structure = String(this.database.driver.pragma("integrity_check(1)"));
        const { damaged } = readHead<H>(this.database.driver);
        return [
          ...(structure === "ok" ? [] : [`the file's structure is damaged: ${structure}`]),
          ...(damaged === 0 ? [] : ["a copy of the head failed its check"]),
          ...findProblems(this.#tables.all),
        ];
      });
    } catch (error) {
      return [`the file cannot be read through: ${messageOf(error)}`];
    }
  }

  #tryMend(): boolean {
    try {
      return this.write((draft) => {
        draft.doubt = "damaged";
        return mendTables(this.#tables.all) && this.database.driver.pragma("integrity_check(1)") === "ok";
      });
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, "the store will be rebuilt at its next open");
      return false;
    }
  }
}

const markOf = ({ n, chain, seq }: HeadBody): Mark => ({ n, chain, seq });
