/** Where the answers to messages go that were given together. A message knows its place there, and nothing else of it. */

import type { SendAnswer } from "../api/types.ts";

export interface AnswerSink {
  put(at: number, answer: SendAnswer): void;
}

/** Of one message alone. */
export const soleAnswer = (resolve: (answer: SendAnswer) => void): AnswerSink => ({
  put: (_, answer) => resolve(answer),
});

/** Resolves with all of them in their order, when the last one is known. */
export class Answers implements AnswerSink {
  readonly all: Promise<readonly SendAnswer[]>;
  readonly #list: SendAnswer[];
  #missing: number;
  #resolve: (answers: readonly SendAnswer[]) => void = () => {};

  constructor(count: number) {
    this.#list = new Array<SendAnswer>(count);
    this.#missing = count;
    this.all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (count === 0) this.#resolve([]);
  }

  put(at: number, answer: SendAnswer): void {
    this.#list[at] = answer;
    this.#missing -= 1;
    if (this.#missing === 0) this.#resolve(this.#list);
  }
}
