/** The one shared secret of this stage: who has it may do everything, who has not nothing. */

import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Always true without a secret. Compared in constant time. */
export const tokenCheck = (secret: string | undefined): ((token: string | undefined) => boolean) => {
  if (secret === undefined) return () => true;
  const wanted = digest(secret);
  return (token) => token !== undefined && timingSafeEqual(digest(token), wanted);
};
