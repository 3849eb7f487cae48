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

const smallerOf = async (body: string | Uint8Array, level: number): Promise<Buffer | undefined> => {
  const smaller = await gzipAsync(body, { level });
  return smaller.length < Buffer.byteLength(body) * worthwhileRatio ? smaller : undefined;
};

/** Files are bytes that stay the same: each is compressed once, and well. */
const ofFiles = new WeakMap<Uint8Array, Promise<Buffer | undefined>>();

const smallerFile = (body: Uint8Array): Promise<Buffer | undefined> => {
  const known = ofFiles.get(body);
  if (known !== undefined) return known;
  const made = smallerOf(body, constants.Z_BEST_COMPRESSION);
  ofFiles.set(body, made);
  return made;
};

/** The body compressed, or undefined where the client does not take it or it does not pay. */
export const compressed = async (
  body: string | Uint8Array,
  acceptEncoding: string | undefined,
): Promise<Buffer | undefined> => {
  if (Buffer.byteLength(body) < compressBytesMin || !accepts(acceptEncoding)) return undefined;
  return typeof body === "string" ? smallerOf(body, constants.Z_BEST_SPEED) : smallerFile(body);
};
