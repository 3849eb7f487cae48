/** The optional fourth element of an entry, with names of one letter since it is stored with every such write. */

import { isJsonObject, type JsonObject, type JsonValue } from "@context-mesh/common";
import type { EntryId, EntryMeta, Loser, Standing } from "./types.ts";
import { packValue, unpackValue } from "./value.ts";

/** Stored by position; a level that is not listed is stored by name. */
const levels: readonly string[] = ["critical", "checkpoint", "periodic", "session"];
export const defaultLevel = "periodic";

const packLoser = (loser: Loser): JsonValue => [loser.writer, loser.seq, loser.hlc, packValue(loser.value)];

/** Undefined when there is nothing to store. */
export const packMeta = (meta: EntryMeta | undefined): JsonObject | undefined => {
  if (meta === undefined) return undefined;
  const packed: Record<string, JsonValue> = {};
  if (meta.level !== undefined && meta.level !== defaultLevel) {
    packed.l = levels.includes(meta.level) ? levels.indexOf(meta.level) : meta.level;
  }
  if (meta.reason !== undefined) packed.r = meta.reason;
  if (meta.resolves !== undefined) packed.x = meta.resolves.map(packLoser);
  if (meta.undoes !== undefined) packed.u = [meta.undoes.writer, meta.undoes.seq];
  if (meta.standing !== undefined) packed.s = meta.standing.filter((part) => part !== undefined);
  return Object.keys(packed).length === 0 ? undefined : packed;
};

const unpackLevel = (stored: JsonValue | undefined): string | undefined =>
  typeof stored === "number" ? levels[stored] : typeof stored === "string" ? stored : undefined;

/** Level of a stored meta without decoding the rest. */
export const levelOf = (packed: JsonValue | undefined): string =>
  (isJsonObject(packed) ? unpackLevel(packed.l) : undefined) ?? defaultLevel;

const unpackId = (stored: JsonValue | undefined): EntryId | undefined => {
  if (!Array.isArray(stored)) return undefined;
  const [writer, seq] = stored as readonly JsonValue[];
  return typeof writer === "string" && typeof seq === "number" ? { writer, seq } : undefined;
};

const unpackLosers = (stored: JsonValue | undefined): Loser[] | undefined => {
  if (!Array.isArray(stored)) return undefined;
  return (stored as readonly JsonValue[]).flatMap((item) => {
    const id = unpackId(item);
    const [, , hlc, value] = item as readonly JsonValue[];
    return id !== undefined && typeof hlc === "number" && value !== undefined
      ? [{ ...id, hlc, value: unpackValue(value) }]
      : [];
  });
};

const unpackStanding = (stored: JsonValue | undefined): Standing | undefined => {
  if (!Array.isArray(stored)) return undefined;
  const [fence, epoch, tie] = stored as readonly JsonValue[];
  if (typeof fence !== "number" || typeof epoch !== "number") return undefined;
  return typeof tie === "number" ? [fence, epoch, tie] : [fence, epoch];
};

/** Parts that others wrote wrongly are left out. */
export const unpackMeta = (packed: JsonValue | undefined): EntryMeta | undefined => {
  if (!isJsonObject(packed)) return undefined;
  const level = unpackLevel(packed.l);
  const reason = packed.r;
  const resolves = unpackLosers(packed.x);
  const undoes = unpackId(packed.u);
  const standing = unpackStanding(packed.s);
  return {
    ...(level === undefined ? {} : { level }),
    ...(typeof reason === "string" ? { reason } : {}),
    ...(resolves === undefined ? {} : { resolves }),
    ...(undoes === undefined ? {} : { undoes }),
    ...(standing === undefined ? {} : { standing }),
  };
};
