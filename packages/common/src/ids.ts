/** Short ids in base 36. */

import type { Random } from "./random.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/** A random id of `length` base-36 characters (5.17 bits each; 12 characters are 62 bits). */
export const randomId = (random: Random, length = 12): string => {
  let id = "";
  while (id.length < length) id += alphabet[random.int(36)];
  return id;
};
