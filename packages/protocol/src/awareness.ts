/** Awareness updates, as y-protocols writes them: what each client says of itself, with a clock. */

import {
  concatBytes,
  err,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  limits,
  ok,
  type Result,
} from "@context-mesh/common";
import * as encoding from "lib0/encoding";
import { isJsonText } from "./json-text.ts";
import { ByteReader, type ReadRefusal } from "./reader.ts";

export interface AwarenessState {
  readonly client: number;
  /** Rises with every change; a renewal is a change. */
  readonly clock: number;
  /** null: the client left. */
  readonly state: JsonObject | null;
}

export interface DecodedAwareness extends AwarenessState {
  /** Size of the state on the wire. */
  readonly bytes: number;
}

export type AwarenessRefusal =
  | ReadRefusal
  | "trailing_bytes"
  | "too_large"
  | "too_many_entries"
  | "invalid_json"
  | "invalid_state"
  | "nesting_too_deep"
  | "clock_too_high";

/** client, clock, length and the shortest state, `{}`. */
const entryBytesMin = 5;
const text = new TextDecoder();

/** Undefined for a state above the bound, which is not looked at. */
const readState = (reader: ByteReader<AwarenessRefusal>): { state: JsonObject | null; bytes: number } | undefined => {
  const json = reader.varBytes();
  const nothing = { state: null, bytes: 0 };
  if (reader.refusal !== undefined) return nothing;
  if (json.length > limits.presenceBytesMax) return undefined;
  const checked = isJsonText(json, 0, json.length);
  if (checked !== "ok") {
    reader.refuse(checked);
    return nothing;
  }
  const state = JSON.parse(text.decode(json)) as JsonValue;
  if (state !== null && !isJsonObject(state)) reader.refuse("invalid_state");
  return { state: state as JsonObject | null, bytes: json.length };
};

/** States above `presenceBytesMax` are left out. */
export const decodeAwareness = (update: Uint8Array): Result<readonly DecodedAwareness[], AwarenessRefusal> => {
  if (update.length > limits.presenceMessageBytesMax) return err("too_large", `${update.length} bytes`);
  const reader = new ByteReader<AwarenessRefusal>(update);
  const count = reader.varUint();
  if (count * entryBytesMin > reader.remaining || count > limits.presenceMessageStatesMax) {
    reader.refuse("too_many_entries");
  }
  const states: DecodedAwareness[] = [];
  for (let i = 0; i < count && reader.refusal === undefined; i++) {
    const client = reader.varUint();
    const clock = reader.varUint();
    if (clock >= limits.yjsClockMax) reader.refuse("clock_too_high");
    const state = readState(reader);
    if (state !== undefined) states.push({ client, clock, ...state });
  }
  if (reader.refusal === undefined && reader.remaining > 0) reader.refuse("trailing_bytes");
  return reader.refusal === undefined ? ok(states) : err(reader.refusal);
};

const encodeState = ({ client, clock, state }: AwarenessState): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
  encoding.writeVarString(encoder, JSON.stringify(state));
  return encoding.toUint8Array(encoder);
};

const withCount = (entries: readonly Uint8Array[]): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  return concatBytes([encoding.toUint8Array(encoder), ...entries]);
};

export const encodeAwarenessStates = (states: readonly AwarenessState[]): Uint8Array =>
  withCount(states.map(encodeState));

/** Room for the count before the states. */
const countBytesMax = 8;

/** The same as several updates, each within what one presence message may hold. */
export const encodeAwarenessParts = (states: readonly AwarenessState[]): readonly Uint8Array[] => {
  const { presenceMessageBytesMax: bytesMax, presenceMessageStatesMax: statesMax } = limits;
  const parts: Uint8Array[][] = [];
  let room = 0;
  for (const entry of states.map(encodeState)) {
    const last = parts.at(-1);
    if (last === undefined || entry.length > room || last.length >= statesMax) {
      parts.push([entry]);
      room = bytesMax - countBytesMax - entry.length;
      continue;
    }
    last.push(entry);
    room -= entry.length;
  }
  return parts.map(withCount);
};
