/** Unique values: `w:<life>:<n>;`. They name writes and can be found inside any bytes, without decoding them. */

const pattern = /w:[a-z0-9.]+:\d+;/g;

export const newValueText = (life: string, n: number): string => `w:${life}:${n};`;

/** `agent0` of `w:agent0.2:17;`: every life of every copy of its store. */
export const familyOf = (value: string): string => value.slice(2, value.indexOf("."));

const whole = /^w:[a-z0-9.]+:\d+;$/;

export const isValue = (value: unknown): value is string => typeof value === "string" && whole.test(value);

const text = new TextDecoder("latin1");

export const valuesIn = (bytes: Uint8Array): readonly string[] => text.decode(bytes).match(pattern) ?? [];
