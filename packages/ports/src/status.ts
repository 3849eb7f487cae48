/** `StatusSource`: something that says how agents are. And `StatusFiles`: a set of files that do, as bytes. */

import type { Unsubscribe } from "@context-mesh/common";

export interface StatusNote {
  readonly code: string;
  readonly detail: string;
}

/** What one source says about one agent. Times are wall clock milliseconds since 1970. */
export interface StatusObservation {
  readonly agent: string;
  /** One of the words of `agentStatuses`; undefined when the source says nothing that can be understood. */
  readonly status: string | undefined;
  /** What stands there, untouched. */
  readonly word: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** When it was said; undefined when nobody knows. */
  readonly saidMs: number | undefined;
  /** The agent's own words, or what somebody says of it. */
  readonly isOwn: boolean;
  /** The agent is there at this moment, as far as the source can tell. */
  readonly isLive: boolean;
  readonly heartbeatMs: number | undefined;
  /** Last real work, where the source knows it. */
  readonly workMs: number | undefined;
  /** Equal for the same statement, wherever and whenever it is read. */
  readonly evidence: string;
  /** Where it stands: a file, a path of the context. */
  readonly place: string;
  readonly problems: readonly StatusNote[];
}

export interface StatusSource {
  /** Stands in reasons and evidence: `file`, `document`, `presence`. */
  readonly name: string;
  /** For sentences: "the status file". */
  readonly title: string;
  /** Everything it knows, one observation an agent. Never rejects: what cannot be read is a problem of an observation. */
  read(): Promise<readonly StatusObservation[]>;
  /** Calls back soon after something may have changed. */
  watch(onChange: () => void): Unsubscribe;
}

export interface FoundFile {
  /** As it was named. */
  readonly file: string;
  /** undefined: it could not be read, and `problem` says why. */
  readonly bytes: Uint8Array | undefined;
  readonly writtenMs: number | undefined;
  readonly problem: StatusNote | undefined;
}

export interface StatusFiles {
  /** Never rejects and never hangs, whatever lies at the names. */
  read(): Promise<readonly FoundFile[]>;
  watch(onChange: () => void): Unsubscribe;
}
