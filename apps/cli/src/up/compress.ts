/** Compression of large answers, where it pays; in the thread pool, so that the relay does not wait for it. */

import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

const gzipAsync = promisify(gzip);

/** Below this a compressed answer saves no packet worth the work. */
const compressBytesMin = 4 * 2 ** 10;
/** Compressed must be smaller than this part of the original. */
const worthwhileRatio = 0.9;

const accepts = (acceptEncoding: string | undefined): boolean =>
  (acceptEncoding ?? "").split(",").some((part) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$))?/i.test(part));

/** The body compressed, or undefined where the client does not take it or it does not pay. */
export const compressed = async (
  body: string | Uint8Array,
  acceptEncoding: string | undefined,
): Promise<Buffer | undefined> => {
  const size = Buffer.byteLength(body);
  if (size < compressBytesMin || !accepts(acceptEncoding)) return undefined;
  const smaller = await gzipAsync(body, { level: constants.Z_BEST_SPEED });
  return smaller.length < size * worthwhileRatio ? smaller : undefined;
};
