/** Figures over time, from samples taken once a second, and the relay's own from its metrics. */

export interface Sample {
  readonly at: number;
  /** Changes taken in since the start, and bytes that the relay sent or took for this room's sockets. */
  readonly updates: number;
  readonly bytes: number;
  readonly lagMs: number;
}

export interface Series {
  readonly at: readonly number[];
  readonly updatesPerSecond: readonly number[];
  readonly bytesPerSecond: readonly number[];
  readonly lagMs: readonly number[];
}

const samplesMax = 600;

export const withSample = (samples: readonly Sample[], sample: Sample): readonly Sample[] =>
  [...samples, sample].slice(-samplesMax);

const rate = (from: number, to: number, ms: number): number => (ms <= 0 ? 0 : Math.max(0, ((to - from) * 1_000) / ms));

export const seriesOf = (samples: readonly Sample[]): Series => {
  const pairs = samples.slice(1).map((sample, at) => ({ sample, before: samples[at] as Sample }));
  return {
    at: pairs.map(({ sample }) => sample.at / 1_000),
    updatesPerSecond: pairs.map(({ sample, before }) => rate(before.updates, sample.updates, sample.at - before.at)),
    bytesPerSecond: pairs.map(({ sample, before }) => rate(before.bytes, sample.bytes, sample.at - before.at)),
    lagMs: pairs.map(({ sample }) => sample.lagMs),
  };
};

/** The value below which this part of the list lies; undefined of an empty one. */
export const percentile = (values: readonly number[], part: number): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};

/** Prometheus text as sums by name; labels are added up. */
export const metricSums = (text: string): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+(-?[\d.eE+]+|NaN|\+Inf)/.exec(line);
    const value = Number(match?.[2]);
    if (match?.[1] !== undefined && Number.isFinite(value)) sums.set(match[1], (sums.get(match[1]) ?? 0) + value);
  }
  return sums;
};

/** The first metric of which the name contains all of these words. */
export const metricLike = (sums: ReadonlyMap<string, number>, ...words: readonly string[]): number | undefined => {
  for (const [name, value] of sums) if (words.every((word) => name.includes(word))) return value;
  return undefined;
};
