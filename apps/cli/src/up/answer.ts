/** What an HTTP request is answered with. */

import type { JsonValue } from "@context-mesh/common";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = "application/json; charset=utf-8";

export const jsonAnswer = (status: number, value: JsonValue, etag?: string): Answer => ({
  status,
  contentType: json,
  body: `${JSON.stringify(value)}\n`,
  ...(etag === undefined ? {} : { etag }),
});

/** The envelope of the command line, over HTTP. */
export const problemAnswer = (status: number, code: string, message: string, hint: string, retryable = false): Answer =>
  jsonAnswer(status, { v: 1, ok: false, error: { code, message, hint, retryable } });
