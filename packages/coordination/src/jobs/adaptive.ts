/** How many workers are worth having: climbs while throughput rises, steps back when it falls or jobs fail. Pure. */

export interface Pace {
  readonly workers: number;
  readonly direction: 1 | -1;
  /** Jobs a second in the window before. */
  readonly perSecond: number;
}

export interface PaceSample {
  readonly done: number;
  readonly failed: number;
  readonly tookMs: number;
}

export const adaptPace = (pace: Pace, sample: PaceSample, workersMax: number): Pace => {
  const perSecond = (sample.done / Math.max(sample.tookMs, 0.001)) * 1_000;
  if (sample.failed * 5 > sample.done + sample.failed) {
    return { workers: Math.max(1, Math.floor(pace.workers / 2)), direction: 1, perSecond };
  }
  const direction = perSecond >= pace.perSecond * 0.98 ? pace.direction : pace.direction === 1 ? -1 : 1;
  const step = Math.max(1, Math.floor(pace.workers / 2));
  const workers = direction === 1 ? pace.workers + step : pace.workers - Math.max(1, Math.floor(pace.workers / 8));
  return { workers: Math.min(workersMax, Math.max(1, workers)), direction, perSecond };
};
