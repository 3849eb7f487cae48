/** Status files as a source. A file that is damaged goes on saying what it said last, and its damage is told. */

import { type Clock, canonicalJson, type JsonValue, sha256, toHex, utf8 } from "@context-mesh/common";
import type { FoundFile, StatusFiles, StatusObservation, StatusSource } from "@context-mesh/ports";
import { type RememberedFile, rememberReading } from "../reading/last-good.ts";
import { problem, type StatusProblem } from "../reading/problems.ts";
import {
  readStatusFile,
  type StatusFileContext,
  type StatusReading,
  unreadableFile,
} from "../reading/read-status-file.ts";
import type { ReadTime } from "../reading/times.ts";

export type FileReadingOptions = Omit<StatusFileContext, "file" | "nowMs" | "writtenMs">;

const trusted = (time: ReadTime | undefined): number | undefined =>
  time === undefined || time.isFuture ? undefined : time.ms;

const wordOf = (original: JsonValue | undefined): string =>
  original === undefined ? "" : typeof original === "string" ? original : JSON.stringify(original);

/** 64 bits are plenty: two statements of one agent are told apart. */
export const evidenceOf = (parts: JsonValue): string => toHex(sha256(utf8(canonicalJson(parts))).subarray(0, 8));

export const readFound = (found: FoundFile, nowMs: number, options: FileReadingOptions = {}): StatusReading => {
  if (found.bytes === undefined) {
    return unreadableFile(found.file, (found.problem as StatusProblem) ?? problem("unreadable", "It cannot be read."));
  }
  return readStatusFile(found.bytes, { ...options, file: found.file, nowMs, writtenMs: found.writtenMs });
};

/** What a reading says, as an observation; undefined when the file does not even tell whose it is. */
export const observationOf = (reading: StatusReading, writtenMs: number | undefined): StatusObservation | undefined => {
  const { agent, status, file, updated, problems } = reading;
  if (agent === undefined) return undefined;
  const word = wordOf(status?.original);
  const saidMs = trusted(updated) ?? writtenMs;
  return {
    agent,
    status: status?.meaning,
    word,
    confidence: status?.confidence ?? 0,
    saidMs,
    isOwn: true,
    isLive: false,
    heartbeatMs: trusted(reading.heartbeat),
    workMs: trusted(reading.work) ?? trusted(updated),
    evidence: evidenceOf(["file", agent.toLowerCase(), word, trusted(updated) ?? null]),
    place: file,
    problems,
  };
};

/** The last good statement, with the problems of now. */
const remembered = (file: RememberedFile, writtenMs: number | undefined): StatusObservation | undefined => {
  const { latest, good } = file;
  if (good === undefined || good.reading === latest) return observationOf(latest, writtenMs);
  const kept = observationOf(good.reading, undefined);
  return kept === undefined ? undefined : { ...kept, problems: latest.problems };
};

export interface FileSourceParts {
  readonly files: StatusFiles;
  readonly clock: Clock;
  readonly options?: FileReadingOptions;
}

export const fileSource = ({ files, clock, options }: FileSourceParts): StatusSource => {
  const memory = new Map<string, RememberedFile>();
  return {
    name: "file",
    title: "the status file",
    async read() {
      const nowMs = clock.wallMs();
      const found = await files.read();
      const names = new Set(found.map(({ file }) => file));
      for (const file of memory.keys()) if (!names.has(file)) memory.delete(file);
      return found.flatMap((item) => {
        const file = rememberReading(memory.get(item.file), readFound(item, nowMs, options), nowMs);
        memory.set(item.file, file);
        return remembered(file, item.writtenMs) ?? [];
      });
    },
    watch: (onChange) => files.watch(onChange),
  };
};
