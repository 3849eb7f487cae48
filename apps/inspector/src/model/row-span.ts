/** Which rows of a long list are put on the page for what is in sight. */

export interface RowSpan {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

export interface Sight {
  readonly topPx: number;
  readonly sightPx: number;
  readonly heightPx: number;
  readonly count: number;
}

export const noRows: RowSpan = { first: 0, end: 0 };

/** Rows kept beyond what is in sight, so that a fast turn of the wheel meets no empty place. */
const spareRows = 6;
/** Rows are added and taken away in steps, so that most scroll events change nothing. */
const stepRows = 2;

/** The same object while it holds: then nothing is painted. */
export const rowsInSight = ({ topPx, sightPx, heightPx, count }: Sight, now: RowSpan): RowSpan => {
  const top = Math.floor(topPx / heightPx / stepRows) * stepRows;
  const rows = Math.ceil(sightPx / heightPx) + stepRows;
  const first = Math.max(0, Math.min(top - spareRows, count - rows));
  const end = Math.min(count, top + rows + spareRows);
  return first === now.first && end === now.end ? now : { first, end };
};
