/** Construct, then start; stop is idempotent, waits, and releases in reverse. */

export interface Startable {
  start(): Promise<void>;
  /** Safe to call twice and before `start`; resolves when everything is released. */
  stop(): Promise<void>;
}

/** Collects what was acquired and releases it in reverse order, once, going on past failures. */
export class Releases {
  readonly #steps: (() => void | Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  release(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "could not release everything");
  }
}
