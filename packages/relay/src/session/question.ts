/** When one end asks the other for what it lacks: not too often, and not while both are known to be equal. Time is an argument. */

/** The same end is asked at most this often. */
const pauseMs = 1_000;

export class Question {
  #askedMs = Number.NEGATIVE_INFINITY;
  #isOwed = false;
  #agreedAt: number | undefined;

  /** True when the question may go out now; otherwise it is owed. */
  ask(nowMs: number): boolean {
    this.#isOwed = nowMs - this.#askedMs < pauseMs;
    if (!this.#isOwed) this.#askedMs = nowMs;
    return !this.#isOwed;
  }

  get isOwed(): boolean {
    return this.#isOwed;
  }

  /** The other end answered with nothing new while the room stood at this version. */
  agree(version: number): void {
    this.#agreedAt = version;
  }

  isAgreed(version: number): boolean {
    return this.#agreedAt === version;
  }
}
