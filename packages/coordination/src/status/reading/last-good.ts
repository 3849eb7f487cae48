/** What a file said when it last said something: a damaged file takes nothing away. Pure. */

import { certainFrom, hasStatus, type StatusReading } from "./read-status-file.ts";

export interface RememberedFile {
  /** The newest reading, good or bad. */
  readonly latest: StatusReading;
  /** The newest one that told a status, with when it was read; the latest itself while it does. */
  readonly good: { readonly reading: StatusReading; readonly readMs: number } | undefined;
}

const isGood = (reading: StatusReading): boolean => hasStatus(reading) && reading.status.confidence >= certainFrom;

/** A guess counts only while there is nothing better to keep. */
export const rememberReading = (
  before: RememberedFile | undefined,
  latest: StatusReading,
  readMs: number,
): RememberedFile => {
  const isKept = isGood(latest) || (before?.good === undefined && hasStatus(latest));
  return { latest, good: isKept ? { reading: latest, readMs } : before?.good };
};
