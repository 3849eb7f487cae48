/** Points in time as status files write them: a table of forms that can be extended, with what each leaves open. */

import { isJsonObject, type JsonValue } from "@context-mesh/common";

export interface TimeContext {
  /** Wall clock of the reader. */
  readonly nowMs: number;
  /** When the file was last written, if known: gives a date to a time of day. */
  readonly writtenMs?: number | undefined;
  /** Minutes east of Greenwich for times without a zone. */
  readonly zoneMinutes?: number | undefined;
  readonly forms?: readonly TimeForm[] | undefined;
}

interface TimeParts {
  readonly ms: number;
  readonly zone: "given" | "assumed";
  readonly precision: "second" | "minute" | "day";
  readonly confidence: number;
}

export interface TimeForm {
  readonly name: string;
  /** undefined: the value is not of this form. */
  read(value: JsonValue, context: TimeContext): TimeParts | undefined;
}

export interface ReadTime extends TimeParts {
  readonly original: JsonValue;
  readonly form: string;
  /** More than an hour ahead of the reader's clock: not to be used for an age. */
  readonly isFuture: boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const textForm = (
  name: string,
  pattern: RegExp,
  read: (match: RegExpExecArray, context: TimeContext) => TimeParts | undefined,
): TimeForm => ({
  name,
  read(value, context) {
    const match = typeof value === "string" ? pattern.exec(value.trim()) : null;
    return match === null ? undefined : read(match, context);
  },
});

interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly fraction?: string | undefined;
}

/** undefined for the 31st of February and the like. */
const utcMs = ({ year, month, day, hour = 0, minute = 0, second = 0, fraction }: Calendar): number | undefined => {
  if (year < 1970 || year > 9999 || hour > 24 || minute > 59 || second > 60) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1_000);
  return midnight + hour * hourMs + minute * 60_000 + second * 1_000 + milliseconds;
};

/** `Z`, `UTC`, `+0200`, `-07:00`, `+02` in minutes; undefined when no zone is given. */
const offsetOf = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === "") return undefined;
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === "-" ? -minutes : minutes;
};

const zoned = (
  local: number | undefined,
  zone: string | undefined,
  context: TimeContext,
  precision: TimeParts["precision"],
): TimeParts | undefined => {
  if (local === undefined) return undefined;
  const given = offsetOf(zone);
  const ms = local - (given ?? context.zoneMinutes ?? 0) * 60_000;
  if (given !== undefined) return { ms, zone: "given", precision, confidence: 1 };
  return { ms, zone: "assumed", precision, confidence: precision === "day" ? 0.5 : 0.8 };
};

const zonePattern = "(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?";
const timePattern = "(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?";

const dateAndTime = textForm(
  "date and time",
  new RegExp(`^(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})[T _]+${timePattern}\\s*${zonePattern}(?:\\[[^\\]]*\\])?$`, "i"),
  ([, year, month, day, hour, minute, second, fraction, zone], context) => {
    const calendar = { year: Number(year), month: Number(month), day: Number(day), hour: Number(hour) };
    const local = utcMs({ ...calendar, minute: Number(minute), second: Number(second ?? 0), fraction });
    return zoned(local, zone, context, second === undefined ? "minute" : "second");
  },
);

const compact = textForm(
  "compact date and time",
  /^(\d{4})(\d\d)(\d\d)[T_-]?(\d\d)(\d\d)(\d\d)?(Z)?$/i,
  ([, year, month, day, hour, minute, second, zone], context) => {
    const calendar = { year: Number(year), month: Number(month), day: Number(day), hour: Number(hour) };
    return zoned(utcMs({ ...calendar, minute: Number(minute), second: Number(second ?? 0) }), zone, context, "second");
  },
);

const dateOnly = textForm("date", /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/, ([, year, month, day], context) =>
  zoned(utcMs({ year: Number(year), month: Number(month), day: Number(day) }), undefined, context, "day"),
);

/** The latest such time of day that is not after the file was written. */
const timeOnly = textForm("time of day", new RegExp(`^${timePattern}$`), ([, hour, minute, second], context) => {
  if (Number(hour) > 23 || Number(minute) > 59) return undefined;
  const latest = (context.writtenMs ?? context.nowMs) + 60_000;
  const inDay =
    Number(hour) * hourMs + Number(minute) * 60_000 + Number(second ?? 0) * 1_000 - (context.zoneMinutes ?? 0) * 60_000;
  const ms = Math.floor((latest - inDay) / dayMs) * dayMs + inDay;
  return { ms, zone: "assumed", precision: second === undefined ? "minute" : "second", confidence: 0.4 };
});

const mail = textForm(
  "mail header",
  /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UTC|Z|[+-]\d{4})$/,
  ([whole]) => {
    const ms = Date.parse(whole ?? "");
    return Number.isNaN(ms) ? undefined : { ms, zone: "given", precision: "second", confidence: 1 };
  },
);

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size. */
const epochMs = (value: number): number | undefined => {
  const size = Math.abs(value);
  if (size >= 1e17 && size < 1e20) return value / 1e6;
  if (size >= 1e14) return size < 1e17 ? value / 1e3 : undefined;
  if (size >= 1e11) return value;
  return size >= 1e8 ? value * 1_000 : undefined;
};

const epoch: TimeForm = {
  name: "number since 1970",
  read(value) {
    const number = typeof value === "string" && /^\s*\d{9,20}(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || number <= 0) return undefined;
    const ms = epochMs(number);
    if (ms === undefined) return undefined;
    return { ms: Math.floor(ms), zone: "given", precision: "second", confidence: 0.9 };
  },
};

/** `{"$date": …}`, `{seconds, nanoseconds}`: what databases make of a time. */
const wrapped: TimeForm = {
  name: "wrapped",
  read(value, context) {
    if (!isJsonObject(value)) return undefined;
    const inner = value.$date ?? value.iso ?? value.value ?? value.seconds ?? value._seconds;
    return inner === undefined || isJsonObject(inner) ? undefined : readForms(inner, context, plainForms)?.parts;
  },
};

/** A date or a time with a remark behind it: `2025-10-14 (Current Session)`. */
const remarked: TimeForm = {
  name: "with a remark",
  read(value, context) {
    if (typeof value !== "string") return undefined;
    const match = new RegExp(
      `^(\\d{4}[-/]\\d{1,2}[-/]\\d{1,2}(?:[T ]+${timePattern}\\s*${zonePattern})?)\\s*[-–(,;:|A-Za-z].*$`,
      "is",
    ).exec(value.trim());
    const found = match?.[1] === undefined ? undefined : readForms(match[1].trim(), context, plainForms);
    return found === undefined ? undefined : { ...found.parts, confidence: found.parts.confidence * 0.7 };
  },
};

const plainForms: readonly TimeForm[] = [dateAndTime, compact, dateOnly, timeOnly, mail, epoch];

export const defaultTimeForms: readonly TimeForm[] = [...plainForms, wrapped, remarked];

const readForms = (
  value: JsonValue,
  context: TimeContext,
  forms: readonly TimeForm[],
): { readonly form: string; readonly parts: TimeParts } | undefined => {
  for (const form of forms) {
    const parts = form.read(value, context);
    if (parts !== undefined && Number.isFinite(parts.ms)) return { form: form.name, parts };
  }
  return undefined;
};

const formsOf = ({ forms }: TimeContext): readonly TimeForm[] =>
  forms === undefined ? defaultTimeForms : [...forms, ...defaultTimeForms];

/** undefined: not a point in time. Forms given in the context are tried first. */
export const readTime = (value: JsonValue, context: TimeContext): ReadTime | undefined => {
  const found = readForms(value, context, formsOf(context));
  if (found === undefined) return undefined;
  return { ...found.parts, form: found.form, original: value, isFuture: found.parts.ms > context.nowMs + hourMs };
};
