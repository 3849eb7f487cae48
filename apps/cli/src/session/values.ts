/** Values on the command line: JSON, levels, points in time. */

import { type JsonValue, MeshError, messageOf } from "@context-mesh/common";
import type { SyncLevelName } from "context-mesh";
import type { Args } from "../frame/command.ts";

export const jsonOption = (args: Args, name: string): JsonValue | undefined => {
  const text = args.string(name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const quoted = /^[\p{L}\p{N}_ .:/-]+$/u.test(text)
      ? ` A text is written with quotes: --${name} '${JSON.stringify(text)}'`
      : "";
    throw new MeshError("invalid_json", `--${name} is not JSON: ${messageOf(error)}`, {
      hint: `Give a JSON value.${quoted}`,
      cause: error,
    });
  }
};

/** The parser let only the four levels through. */
export const levelOption = (args: Args): { readonly level?: SyncLevelName } => {
  const level = args.string("level");
  return level === undefined ? {} : { level: level as SyncLevelName };
};

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `15m`, `1h`; undefined when the option is not given. */
export const durationOption = (args: Args, name: string): number | undefined => {
  const text = args.string(name);
  if (text === undefined) return undefined;
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (unitMs[unit] as number);
  throw new MeshError("invalid_argument", `--${name} wants a time span, not "${text}".`, {
    hint: `Write it like --${name} 30s, --${name} 15m or --${name} 1h.`,
  });
};

/** A cursor as it came from `pull`, a time (ISO 8601 or ms since 1970), or an age such as 30m. */
export const sinceValue = (text: string, nowMs: number): string | number => {
  if (/^[\w-]+\.[0-9a-z]+\.[0-9a-z]+$/.test(text)) return text;
  const age = /^(\d+)([smhd])$/.exec(text);
  if (age !== null) return nowMs - Number(age[1]) * (unitMs[age[2] as string] as number);
  if (/^\d{11,15}$/.test(text)) return Number(text);
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time;
  throw new MeshError("invalid_argument", `"${text}" is neither a cursor nor a time.`, {
    hint: "Give a cursor that pull printed, a time such as 2026-01-20T09:00:00Z, or an age such as 30m, 2h, 1d.",
  });
};

/** `a,b` and several options alike. */
export const listOption = (args: Args, name: string): readonly string[] =>
  args
    .list(name)
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "");

/** Only the members that are set. */
export const defined = <T extends Readonly<Record<string, unknown>>>(
  members: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** `--field name=value`; the value is JSON where it reads as JSON, else text. */
export const fieldOptions = (args: Args): Record<string, JsonValue> =>
  Object.fromEntries(
    args.list("field").map((text) => {
      const at = text.indexOf("=");
      if (at <= 0) {
        throw new MeshError("invalid_argument", `--field wants NAME=VALUE, not "${text}".`, {
          hint: "For example: --field priority=high",
        });
      }
      const value = text.slice(at + 1);
      try {
        return [text.slice(0, at), JSON.parse(value) as JsonValue];
      } catch {
        return [text.slice(0, at), value];
      }
    }),
  );
