/** A token bucket: how long a sender has to wait so that it keeps a sustained rate. Time is an argument. */

export class Rate {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes one; returns the ms until the debt is paid, 0 when there is none. */
  take(nowMs: number): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perSecond);
    this.#atMs = nowMs;
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1_000;
  }

  /** True when one may be taken without waiting. */
  hasToken(nowMs: number): boolean {
    return this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perSecond >= 1;
  }

  /** True when nothing was taken for so long that forgetting it makes no difference. */
  isFull(nowMs: number): boolean {
    return this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perSecond >= this.#burst;
  }
}
