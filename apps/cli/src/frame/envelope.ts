/** The JSON envelope, one line each: `{"v":1,"ok":true,…}` or `{"v":1,"ok":false,"error":{…}}`. */

import type { JsonValue, MeshError } from "@context-mesh/common";

const version = 1;

export const dataEnvelope = (data: JsonValue, warnings?: readonly string[]): string =>
  `${JSON.stringify({ v: version, ok: true, data, ...(warnings === undefined ? {} : { warnings }) })}\n`;

/** `details` is what the caller can act on besides the message: the other value, the choices. */
export const errorEnvelope = (error: MeshError, details?: JsonValue): string => {
  const { code, message, hint, retryable } = error;
  const body = { code, message, hint, retryable, ...(details === undefined ? {} : { details }) };
  return `${JSON.stringify({ v: version, ok: false, error: body })}\n`;
};
